//! Parameters of a pair copula by maximum likelihood.

use super::{
    archimedean::Archimedean,
    bb1::Bb1,
    bb7::Bb7,
    clayton::Clayton,
    family::{Family, Rotation},
    frank::Frank,
    gumbel::Gumbel,
    joe::Joe,
    newton::{Peak, maximise, maximise_correlation},
    observations::{check_columns, inside},
    pair::{PairCopula, check_rotation, with_family},
    scalar::{Curve, Scalar, Slopes},
    student_fit,
};
use crate::{
    Result,
    risk::{
        FitReport,
        optimise::{Domain, minimise},
        special::normal::normal_quantile,
    },
};

/// A pair copula fitted to data.
#[derive(Debug, Clone)]
pub struct BivariateFit {
    /// The copula itself.
    pub copula: PairCopula,
    /// Its family.
    pub family: Family,
    /// Its rotation.
    pub rotation: Rotation,
    /// Its parameters, in the order of [`Family::parameter_names`].
    pub parameters: Vec<f64>,
    /// Log-likelihood of the data.
    pub log_likelihood: f64,
    /// Akaike's criterion, `2k − 2 ln L`.
    pub aic: f64,
    /// Schwarz's criterion, `k ln n − 2 ln L`.
    pub bic: f64,
    /// Rows of the data.
    pub rows: usize,
    /// How the search ended.
    pub report: FitReport,
}

impl BivariateFit {
    fn new(copula: PairCopula, log_likelihood: f64, rows: usize, report: FitReport) -> Self {
        let parameters = copula.parameters().to_vec();
        let count = parameters.len() as f64;
        Self {
            family: copula.family(),
            rotation: copula.rotation(),
            parameters,
            log_likelihood,
            aic: 2.0 * count - 2.0 * log_likelihood,
            bic: count * (rows as f64).ln() - 2.0 * log_likelihood,
            rows,
            report,
            copula,
        }
    }

    /// The same fit for the variables in the other order.
    pub(super) fn exchanged(self) -> Self {
        let copula = self.copula.exchanged();
        Self { rotation: copula.rotation(), copula, ..self }
    }
}

/// Fits one family at one rotation to probabilities strictly between 0 and 1, by maximum likelihood.
///
/// ```
/// use bellwether::risk::copula::{Family, PairCopula, Rotation, fit};
///
/// let [u, v] = PairCopula::new(Family::Clayton, Rotation::R180, &[2.0])?.simulate(2_000, 1);
/// let found = fit(Family::Clayton, Rotation::R180, &u, &v)?;
/// assert!(found.report.converged && (found.parameters[0] - 2.0).abs() < 0.2);
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # Errors
/// [`Error::Copula`](crate::Error::Copula) where a column is too short, constant, or holds anything else than such probabilities, and where the family
/// is its own rotation.
pub fn fit(family: Family, rotation: Rotation, u: &[f64], v: &[f64]) -> Result<BivariateFit> {
    check_columns(&[u, v])?;
    check_rotation(family, rotation)?;
    Ok(Sample::new(u, v).fit(family, rotation))
}

/// The copula with given parameters as though it had been fitted: its likelihood, and criteria that count the parameters.
///
/// # Errors
/// As [`fit()`] and [`PairCopula::new`].
pub fn at_parameters(family: Family, rotation: Rotation, parameters: &[f64], u: &[f64], v: &[f64]) -> Result<BivariateFit> {
    check_columns(&[u, v])?;
    let copula = PairCopula::new(family, rotation, parameters)?;
    let log_likelihood = copula.log_likelihood(u, v)?;
    let report = FitReport { at_bound: at_bound(family, parameters), ..closed_form() };
    Ok(BivariateFit::new(copula, log_likelihood, u.len(), report))
}

/// Names of the parameters that lie on a bound.
fn at_bound(family: Family, parameters: &[f64]) -> Vec<String> {
    let named = family.parameter_names().iter().zip(parameters).zip(family.bounds());
    named
        .filter(|((_, value), [low, high])| {
            let near = 1e-6 * (high - low);
            **value - low <= near || high - **value <= near
        })
        .map(|((name, _), _)| (*name).to_owned())
        .collect()
}

fn report(converged: bool, iterations: u64, evaluations: u64) -> FitReport {
    FitReport { converged, iterations, evaluations, at_bound: Vec::new(), notes: Vec::new() }
}

/// Of what needs no search.
pub(super) fn closed_form() -> FitReport {
    report(true, 0, 1)
}

/// Data that fits of several families share.
pub(super) struct Sample {
    u: Vec<f64>,
    v: Vec<f64>,
    scores: [Vec<f64>; 2],
    /// Correlation of an elliptical copula with the data's rank correlation.
    rho: f64,
}

impl Sample {
    pub(super) fn new(u: &[f64], v: &[f64]) -> Self {
        let [u, v] = [u, v].map(|column| column.iter().map(|&p| inside(p)).collect::<Vec<f64>>());
        let rho = 2.0 * (std::f64::consts::FRAC_PI_6 * correlation(&u, &v)).sin();
        let scores = [&u, &v].map(|column| column.iter().map(|&p| normal_quantile(p)).collect());
        Self { u, v, scores, rho: rho.clamp(-0.99, 0.99) }
    }

    /// Kendall's tau of a Gaussian copula with the data's rank correlation, which is near enough to start from.
    fn rough_tau(&self) -> f64 {
        std::f64::consts::FRAC_2_PI * self.rho.asin()
    }

    pub(super) fn fit(&self, family: Family, rotation: Rotation) -> BivariateFit {
        let rows = self.u.len();
        let tau = if rotation.is_negative() { -self.rough_tau() } else { self.rough_tau() };
        // The families that only know positive dependence start from a little of it where there is none.
        let tau = if family == Family::Frank { tau } else { tau.clamp(0.02, 0.95) };
        let (parameters, log_likelihood, report) = with_family!(family, Kind => self.archimedean::<Kind>(family, rotation, tau),
            Family::Independence => (Vec::new(), 0.0, closed_form()),
            Family::Gaussian => self.gaussian(),
            Family::StudentT => self.student(),
        );
        let report = FitReport { at_bound: at_bound(family, &parameters), ..report };
        BivariateFit::new(PairCopula::trusted(family, rotation, &parameters), log_likelihood, rows, report)
    }

    fn gaussian(&self) -> (Vec<f64>, f64, FitReport) {
        let rows = self.u.len() as f64;
        let scores = self.scores[0].iter().zip(&self.scores[1]);
        let (squares, products) =
            scores.fold((0.0, 0.0), |(squares, products), (x, y)| (squares + x * x + y * y, products + x * y));
        let function = |rho: f64| {
            let rest = (1.0 - rho) * (1.0 + rho);
            // −n/2 ln(1−ρ²) − (ρ²S − 2ρP)/(2(1−ρ²))
            let value = -0.5 * rows * rest.ln() - rho * (rho * squares - 2.0 * products) / (2.0 * rest);
            let bent = (1.0 + rho * rho) * products - rho * squares;
            let first = rows * rho / rest + bent / (rest * rest);
            let second = rows * (1.0 + rho * rho) / (rest * rest)
                + (2.0 * rho * products - squares) / (rest * rest)
                + 4.0 * rho * bent / (rest * rest * rest);
            Curve { value, first, second }
        };
        let peak = maximise_correlation(function, self.rho, 1e-6);
        (vec![peak.at], function(peak.at).value, searched(peak))
    }

    fn student(&self) -> (Vec<f64>, f64, FitReport) {
        let scores = [self.scores[0].as_slice(), &self.scores[1]];
        let peak = student_fit::fit(scores, self.rho, Family::StudentT.bounds()[1]);
        let log_likelihood = student_fit::log_likelihood(scores, peak.rho, peak.degrees);
        let report = report(peak.converged, peak.iterations, peak.evaluations);
        (vec![peak.rho, peak.degrees], log_likelihood, report)
    }

    fn archimedean<K: Archimedean>(&self, family: Family, rotation: Rotation, tau: f64) -> (Vec<f64>, f64, FitReport) {
        let [first, second] = rotation.turned();
        let turn = |p: f64, turned: bool| if turned { 1.0 - p } else { p };
        let rows: Vec<K::Row> = self.u.iter().zip(&self.v).map(|(&u, &v)| K::row(turn(u, first), turn(v, second))).collect();
        let (parameters, report) = match family.bounds() {
            [bounds] => one_parameter::<K>(&rows, *bounds, K::start(tau)[0]),
            bounds => two_parameters::<K>(&rows, bounds, K::start(tau)),
        };
        let log_likelihood = sum::<K, f64>(&rows, &parameters, 0.0);
        (parameters, log_likelihood, report)
    }
}

fn searched(peak: Peak) -> FitReport {
    report(peak.converged, peak.iterations, peak.iterations + 1)
}

/// The log-likelihood.
fn sum<K: Archimedean, R: Scalar>(rows: &[K::Row], parameters: &[R], zero: R) -> R {
    let density = K::log_density(parameters);
    rows.iter().fold(zero, |sum, &row| sum + density(row))
}

fn one_parameter<K: Archimedean>(rows: &[K::Row], bounds: [f64; 2], start: f64) -> (Vec<f64>, FitReport) {
    let function = |theta: f64| sum::<K, Curve>(rows, &[Curve::variable(theta)], Curve::default());
    let peak = maximise(function, start, bounds, 1e-5);
    (vec![peak.at], searched(peak))
}

fn two_parameters<K: Archimedean>(rows: &[K::Row], bounds: &[[f64; 2]], mut start: Vec<f64>) -> (Vec<f64>, FitReport) {
    let [lower, upper] = [0, 1].map(|end| bounds.iter().map(|bound| bound[end]).collect::<Vec<f64>>());
    for (value, [low, high]) in start.iter_mut().zip(bounds) {
        *value = value.clamp(low + 1e-3, high - 1e-3);
    }
    let scale = 1.0 / rows.len() as f64;
    let function = |at: &[f64], slopes: &mut [f64]| {
        let variables = [Slopes::variable(at[0], 0), Slopes::variable(at[1], 1)];
        let found = sum::<K, Slopes>(rows, &variables, Slopes::default());
        slopes.copy_from_slice(&found.slopes.map(|slope| -scale * slope));
        -scale * found.value
    };
    let found = minimise(function, &start, &Domain { lower, upper, scale: vec![1.0; 2] });
    let report = report(found.converged, found.iterations, found.evaluations);
    (found.at, report)
}

/// Pearson's correlation; 0 where it is undefined.
pub(crate) fn correlation(u: &[f64], v: &[f64]) -> f64 {
    let rows = u.len() as f64;
    let [mean_u, mean_v] = [u, v].map(|column| column.iter().sum::<f64>() / rows);
    let mut sums = [0.0; 3];
    for (u, v) in u.iter().zip(v) {
        let (u, v) = (u - mean_u, v - mean_v);
        sums[0] += u * u;
        sums[1] += u * v;
        sums[2] += v * v;
    }
    let spread = (sums[0] * sums[2]).sqrt();
    if spread > 0.0 { (sums[1] / spread).clamp(-1.0, 1.0) } else { 0.0 }
}
