//! Gaussian and t copulas of several variables.

use rand::Rng as _;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};
use rand_distr::{ChiSquared, Distribution as _, StandardNormal};

use super::{
    correlation_matrix::CorrelationMatrix,
    family::Family,
    fit::{closed_form, correlation},
    kendall::kendall_tau,
    observations::{check_columns, check_pairs, data, inside},
    pair::{correlation_of_tau, student_tails},
};
use crate::{
    Result,
    risk::{
        FitReport,
        optimise::minimise_scalar,
        special::{
            log_product::LogProduct,
            normal::{normal_cdf, normal_quantile},
            student::{StudentQuantiles, log_normalisation, student_cdf},
        },
    },
};

/// A Gaussian or t copula of two variables or more.
#[derive(Debug, Clone, PartialEq)]
pub struct EllipticalCopula {
    correlation: CorrelationMatrix,
    /// Of a t copula.
    degrees: Option<f64>,
}

/// An elliptical copula fitted to data.
#[derive(Debug, Clone)]
pub struct EllipticalFit {
    /// The copula itself.
    pub copula: EllipticalCopula,
    /// Log-likelihood of the data.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Rows of the data.
    pub rows: usize,
    /// How the search for the degrees of freedom ended.
    pub report: FitReport,
}

impl EllipticalCopula {
    /// The Gaussian copula with this correlation matrix.
    pub fn gaussian(correlation: CorrelationMatrix) -> Self {
        Self { correlation, degrees: None }
    }

    /// The t copula with this correlation matrix and number of degrees of freedom.
    ///
    /// # Errors
    /// [`Error::Copula`](crate::Error::Copula) unless the degrees of freedom are from 2 to 50.
    pub fn student(correlation: CorrelationMatrix, degrees: f64) -> Result<Self> {
        Family::StudentT.check(&[0.0, degrees])?;
        Ok(Self { correlation, degrees: Some(degrees) })
    }

    /// Gaussian or t.
    pub fn family(&self) -> Family {
        if self.degrees.is_some() { Family::StudentT } else { Family::Gaussian }
    }

    /// The correlation matrix.
    pub fn correlation(&self) -> &CorrelationMatrix {
        &self.correlation
    }

    /// Degrees of freedom of a t copula.
    pub fn degrees_of_freedom(&self) -> Option<f64> {
        self.degrees
    }

    /// The coefficient of tail dependence of two of the variables, both low or, the same, both high.
    pub fn tail_dependence(&self, i: usize, j: usize) -> f64 {
        let rho = self.correlation.rows()[i][j];
        self.degrees.map_or(0.0, |degrees| if i == j { 1.0 } else { student_tails(rho, degrees).0 })
    }

    /// Logarithms of the density, a row each.
    ///
    /// # Errors
    /// [`Error::Copula`](crate::Error::Copula) where the columns are not as many as the variables, differ in length or hold something that is not a probability.
    pub fn log_density(&self, columns: &[&[f64]]) -> Result<Vec<f64>> {
        let size = self.correlation.size();
        if columns.len() != size {
            return Err(data(format!("{} columns, but the copula joins {size} variables", columns.len())));
        }
        columns.iter().try_for_each(|column| check_pairs(columns[0], column))?;
        let scores = normal_scores(columns);
        Ok(match self.degrees {
            None => gaussian_rows(&self.correlation, &scores),
            Some(degrees) => student_rows(&self.correlation, degrees, &scores),
        })
    }

    /// The sum of [`EllipticalCopula::log_density`]; errors as there.
    pub fn log_likelihood(&self, columns: &[&[f64]]) -> Result<f64> {
        Ok(self.log_density(columns)?.iter().sum())
    }

    /// `rows` independent draws, a column for each variable; the same for the same seed.
    pub fn simulate(&self, rows: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let size = self.correlation.size();
        // Degrees of freedom were checked to be positive.
        let chi_squared = self.degrees.and_then(|degrees| Some((degrees, ChiSquared::new(degrees).ok()?)));
        let mut columns = vec![Vec::with_capacity(rows); size];
        for _ in 0..rows {
            let normal: Vec<f64> = (0..size).map(|_| generator.sample(StandardNormal)).collect();
            let correlated = self.correlation.correlated(&normal);
            let stretch = chi_squared.map(|(degrees, law)| (degrees, (degrees / law.sample(&mut generator)).sqrt()));
            for (column, x) in columns.iter_mut().zip(correlated) {
                column
                    .push(inside(stretch.map_or_else(|| normal_cdf(x), |(degrees, stretch)| student_cdf(stretch * x, degrees))));
            }
        }
        columns
    }
}

impl EllipticalFit {
    fn new(copula: EllipticalCopula, log_likelihood: f64, rows: usize, report: FitReport) -> Self {
        let size = copula.correlation.size();
        let count = (size * (size - 1) / 2 + usize::from(copula.degrees.is_some())) as f64;
        Self {
            copula,
            log_likelihood,
            aic: 2.0 * count - 2.0 * log_likelihood,
            bic: count * (rows as f64).ln() - 2.0 * log_likelihood,
            rows,
            report,
        }
    }
}

/// The Gaussian copula with the correlations of normal scores, which differ little from those of highest likelihood.
///
/// # Errors
/// [`Error::Copula`](crate::Error::Copula) for data as in [`fit()`](super::fit()).
pub fn fit_gaussian(columns: &[&[f64]]) -> Result<EllipticalFit> {
    check_columns(columns)?;
    let scores = normal_scores(columns);
    let rows = columns[0].len();
    let correlation = CorrelationMatrix::nearest(by_pairs(columns.len(), |i, j| correlation(&scores[i], &scores[j])));
    let log_likelihood = gaussian_rows(&correlation, &scores).iter().sum();
    Ok(EllipticalFit::new(EllipticalCopula::gaussian(correlation), log_likelihood, rows, closed_form()))
}

/// The t copula with correlations `sin(πτ/2)` from Kendall's tau of each pair, and the degrees of freedom of highest likelihood,
/// or those that are given.
///
/// # Errors
/// [`Error::Copula`](crate::Error::Copula) for data as in [`fit()`](super::fit()), and for degrees of freedom outside of 2 to 50.
///
/// # References
/// McNeil, Frey and Embrechts, *Quantitative Risk Management*, 2015, section 7.5.3.
pub fn fit_student(columns: &[&[f64]], degrees: Option<f64>) -> Result<EllipticalFit> {
    check_columns(columns)?;
    let scores = normal_scores(columns);
    let rows = columns[0].len();
    let tau = |i: usize, j: usize| correlation_of_tau(kendall_tau(columns[i], columns[j]));
    let correlation = CorrelationMatrix::nearest(by_pairs(columns.len(), tau));
    let log_likelihood = |degrees: f64| student_sum(&correlation, degrees, &scores);
    let (degrees, report) = match degrees {
        Some(degrees) => (degrees, closed_form()),
        None => {
            let [fewest, most] = Family::StudentT.bounds()[1];
            let found = minimise_scalar(|x| -log_likelihood(x.exp()), [fewest.ln(), most.ln()], 1e-5);
            // A search inside never quite reaches its ends.
            let end =
                [fewest, most].into_iter().find(|end| (found.at - end.ln()).abs() < 0.05 && -log_likelihood(*end) <= found.value);
            let report = FitReport {
                converged: found.converged,
                iterations: found.iterations,
                evaluations: found.evaluations,
                at_bound: end.iter().map(|_| "nu".to_owned()).collect(),
                notes: Vec::new(),
            };
            (end.unwrap_or(found.at.exp()), report)
        }
    };
    Ok(EllipticalFit::new(EllipticalCopula::student(correlation.clone(), degrees)?, log_likelihood(degrees), rows, report))
}

/// The likelihood of data under a given copula, with criteria that count its parameters.
///
/// # Errors
/// As [`fit_gaussian`] and [`EllipticalCopula::log_density`].
pub fn elliptical_at(copula: EllipticalCopula, columns: &[&[f64]]) -> Result<EllipticalFit> {
    check_columns(columns)?;
    let log_likelihood = copula.log_likelihood(columns)?;
    Ok(EllipticalFit::new(copula, log_likelihood, columns[0].len(), closed_form()))
}

/// Kendall's tau of each pair of columns.
///
/// # Errors
/// [`Error::Copula`](crate::Error::Copula) for data as in [`fit()`](super::fit()).
pub fn kendall_matrix(columns: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
    check_columns(columns)?;
    Ok(by_pairs(columns.len(), |i, j| kendall_tau(columns[i], columns[j])))
}

/// A symmetric matrix with ones on its diagonal.
fn by_pairs(size: usize, of: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let below: Vec<Vec<f64>> = (0..size).map(|i| (0..i).map(|j| of(j, i)).collect()).collect();
    let entry = |i: usize, j: usize| if i == j { 1.0 } else { below[i.max(j)][i.min(j)] };
    (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
}

fn normal_scores(columns: &[&[f64]]) -> Vec<Vec<f64>> {
    columns.iter().map(|column| column.iter().map(|&p| normal_quantile(inside(p))).collect()).collect()
}

fn gaussian_rows(correlation: &CorrelationMatrix, scores: &[Vec<f64>]) -> Vec<f64> {
    let constant = -0.5 * correlation.log_determinant();
    let mut room = vec![0.0; scores.len()];
    let of = |x: &[f64]| constant - 0.5 * (correlation.distance(x, &mut room) - x.iter().map(|x| x * x).sum::<f64>());
    over_rows(scores, of)
}

/// The part of a t copula's log-density that does not depend on the row.
fn student_constant(correlation: &CorrelationMatrix, degrees: f64) -> f64 {
    use statrs::function::gamma::ln_gamma;
    let size = correlation.size() as f64;
    let joint = ln_gamma(0.5 * (degrees + size)) - ln_gamma(0.5 * degrees) - 0.5 * size * (degrees * std::f64::consts::PI).ln();
    joint - 0.5 * correlation.log_determinant() - size * log_normalisation(degrees)
}

fn student_rows(correlation: &CorrelationMatrix, degrees: f64, scores: &[Vec<f64>]) -> Vec<f64> {
    let (constant, size) = (student_constant(correlation, degrees), scores.len() as f64);
    let table = StudentQuantiles::new(degrees);
    let mut room = vec![0.0; scores.len()];
    let mut x = room.clone();
    over_rows(scores, |row| {
        x.iter_mut().zip(row).for_each(|(x, &score)| *x = table.at(score));
        let mut margins = LogProduct::default();
        x.iter().for_each(|x| margins.multiply(1.0 + x * x / degrees));
        let joint = (correlation.distance(&x, &mut room) / degrees).ln_1p();
        constant - 0.5 * (degrees + size) * joint + 0.5 * (degrees + 1.0) * margins.log()
    })
}

/// The sum of [`student_rows`], a column after the other and with few logarithms.
fn student_sum(correlation: &CorrelationMatrix, degrees: f64, scores: &[Vec<f64>]) -> f64 {
    let (rows, size) = (scores[0].len(), scores.len() as f64);
    let table = StudentQuantiles::new(degrees);
    let mut margins = LogProduct::default();
    let quantiles = |column: &Vec<f64>| -> Vec<f64> {
        let quantile = |&score: &f64| {
            let x = table.at(score);
            margins.multiply(degrees + x * x);
            x
        };
        column.iter().map(quantile).collect()
    };
    let columns: Vec<Vec<f64>> = scores.iter().map(quantiles).collect();
    let mut distances = vec![0.0; rows];
    let mut uncorrelated = vec![0.0; rows];
    for weights in correlation.whitening() {
        uncorrelated.fill(0.0);
        for (column, weight) in columns.iter().zip(weights) {
            uncorrelated.iter_mut().zip(column).for_each(|(sum, x)| *sum += weight * x);
        }
        distances.iter_mut().zip(&uncorrelated).for_each(|(sum, z)| *sum += z * z);
    }
    let mut joint = LogProduct::default();
    distances.iter().for_each(|distance| joint.multiply(degrees + distance));
    let rows = rows as f64;
    let joint = joint.log() - rows * degrees.ln();
    let margins = margins.log() - rows * size * degrees.ln();
    rows * student_constant(correlation, degrees) - 0.5 * (degrees + size) * joint + 0.5 * (degrees + 1.0) * margins
}

fn over_rows(columns: &[Vec<f64>], mut of: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let mut row = vec![0.0; columns.len()];
    (0..columns[0].len())
        .map(|index| {
            row.iter_mut().zip(columns).for_each(|(value, column)| *value = column[index]);
            of(&row)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::copula::{PairCopula, Rotation};

    fn matrix() -> CorrelationMatrix {
        CorrelationMatrix::new(vec![vec![1.0, 0.6, 0.2], vec![0.6, 1.0, -0.3], vec![0.2, -0.3, 1.0]]).unwrap()
    }

    fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
        columns.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn two_variables_are_a_pair_copula() {
        let two = CorrelationMatrix::new(vec![vec![1.0, -0.4], vec![-0.4, 1.0]]).unwrap();
        let u = [0.01, 0.2, 0.5, 0.93];
        let v = [0.3, 0.001, 0.6, 0.95];
        for (copula, family, parameters) in [
            (EllipticalCopula::gaussian(two.clone()), Family::Gaussian, vec![-0.4]),
            (EllipticalCopula::student(two, 4.5).unwrap(), Family::StudentT, vec![-0.4, 4.5]),
        ] {
            let pair = PairCopula::new(family, Rotation::R0, &parameters).unwrap();
            for (a, b) in copula.log_density(&[&u, &v]).unwrap().iter().zip(pair.log_density(&u, &v).unwrap()) {
                assert!((a - b).abs() < 1e-12, "{family}: {a} {b}");
            }
            let (a, b) = (copula.tail_dependence(0, 1), pair.tail_dependence().lower_lower);
            assert!((a - b).abs() < 1e-15);
        }
    }

    #[test]
    fn what_was_simulated_is_found_again() {
        let truth = EllipticalCopula::student(matrix(), 4.0).unwrap();
        let columns = truth.simulate(4_000, 3);
        assert_eq!(truth.simulate(4_000, 3), columns);
        let found = fit_student(&slices(&columns), None).unwrap();
        let again = found.copula.log_likelihood(&slices(&columns)).unwrap();
        assert!((found.log_likelihood - again).abs() < 1e-10 * again.abs(), "{} {again}", found.log_likelihood);
        assert!(found.report.converged && (found.copula.degrees_of_freedom().unwrap() - 4.0).abs() < 0.5, "{found:?}");
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            assert!((found.copula.correlation().rows()[i][j] - matrix().rows()[i][j]).abs() < 0.05);
        }
        let gaussian = fit_gaussian(&slices(&EllipticalCopula::gaussian(matrix()).simulate(4_000, 4))).unwrap();
        assert!((gaussian.copula.correlation().rows()[0][1] - 0.6).abs() < 0.03);
        assert!(fit_student(&slices(&columns), Some(60.0)).unwrap_err().to_string().contains("nu is 60"));
    }
}
