//! The heterogeneous autoregression of realised variance.

use super::{
    fit::Parameter,
    linear::{Matrix, gram, inverse, product},
};
use crate::{Error, Result};

/// HAR-RV: tomorrow's realised variance from the last day's, the last week's mean and the last month's mean.
///
/// ```text
/// RV = const + d RV₋₁ + w mean(RV₋₁ … RV₋₅) + m mean(RV₋₁ … RV₋₂₂)
/// ```
///
/// Fitted by least squares; robust standard errors are Newey & West's with Bartlett weights over 22 lags.
///
/// # References
/// Corsi (2009), *A simple approximate long-memory model of realized volatility*, Journal of Financial Econometrics 7.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Har;

/// Days of each mean.
const SPANS: [usize; 3] = [1, 5, 22];
/// Lags of the standard errors.
const LAGS: usize = 22;
const NAMES: [&str; 4] = ["const", "d", "w", "m"];

/// A fitted heterogeneous autoregression.
#[derive(Debug, Clone)]
pub struct HarFit {
    /// `const`, `d`, `w`, `m`.
    pub parameters: Vec<Parameter>,
    /// Days explained: all but the first 22.
    pub observations: usize,
    /// Sum of squared residuals.
    pub sum_of_squares: f64,
    /// Share of the variance that is explained.
    pub r_squared: f64,
    /// Logarithm of the likelihood under normal errors of one variance.
    pub log_likelihood: f64,
    /// What is expected of each explained day.
    pub expected: Vec<f64>,
    newest: Vec<f64>,
}

impl Har {
    /// Fits a series of realised variances, in time order.
    ///
    /// # Errors
    /// [`Error::Fit`] when a value is not a number or negative, when there are fewer than 100, or when they do not vary.
    pub fn fit(self, realised: &[f64]) -> Result<HarFit> {
        let problem = |problem: String| Error::Fit { what: "HAR-RV".to_owned(), problem };
        if let Some(row) = realised.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
            return Err(problem(format!("value {} is {}: realised variances are numbers from 0 up", row + 1, realised[row])));
        }
        let longest = SPANS[2];
        if realised.len() < super::MIN_OBSERVATIONS {
            return Err(problem(format!("{} days are too few: {} at least are needed", realised.len(), super::MIN_OBSERVATIONS)));
        }
        let y = &realised[longest..];
        let mean_before = |t: usize, span: usize| realised[t - span..t].iter().sum::<f64>() / span as f64;
        let columns: Vec<Vec<f64>> = std::iter::once(vec![1.0; y.len()])
            .chain(SPANS.iter().map(|span| (longest..realised.len()).map(|t| mean_before(t, *span)).collect()))
            .collect();
        let inverse = inverse(&gram(&columns)).ok_or_else(|| problem("the variances do not vary".to_owned()))?;
        let moments: Vec<f64> = columns.iter().map(|column| column.iter().zip(y).map(|(x, y)| x * y).sum()).collect();
        let values: Vec<f64> = inverse.iter().map(|row| row.iter().zip(&moments).map(|(a, b)| a * b).sum()).collect();
        let expected: Vec<f64> =
            (0..y.len()).map(|t| values.iter().zip(&columns).map(|(value, column)| value * column[t]).sum()).collect();
        let residuals: Vec<f64> = y.iter().zip(&expected).map(|(y, expected)| y - expected).collect();
        let n = y.len() as f64;
        let sum_of_squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
        let mean = y.iter().sum::<f64>() / n;
        let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
        let robust = newey_west(&columns, &residuals, &inverse);
        let classic = sum_of_squares / (n - 4.0);
        let parameters = (0..4).map(|at| Parameter {
            name: NAMES[at].to_owned(),
            value: values[at],
            std_err_robust: Some(robust[at][at].sqrt()),
            std_err_classic: Some((classic * inverse[at][at]).sqrt()),
        });
        Ok(HarFit {
            parameters: parameters.collect(),
            observations: y.len(),
            sum_of_squares,
            r_squared: 1.0 - sum_of_squares / total,
            log_likelihood: -0.5 * n * ((2.0 * std::f64::consts::PI * sum_of_squares / n).ln() + 1.0),
            expected,
            newest: realised[realised.len() - longest..].to_vec(),
        })
    }
}

impl HarFit {
    /// Expected realised variances of the next `horizon` days: each is a regressor of those after it.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut known = self.newest.clone();
        for _ in 0..horizon {
            let means = SPANS.iter().map(|span| known[known.len() - span..].iter().sum::<f64>() / *span as f64);
            let slopes = self.parameters[1..].iter().map(|parameter| parameter.value);
            known.push(self.parameters[0].value + means.zip(slopes).map(|(mean, slope)| mean * slope).sum::<f64>());
        }
        known.split_off(SPANS[2])
    }

    /// Akaike's criterion of the four coefficients.
    pub fn aic(&self) -> f64 {
        8.0 - 2.0 * self.log_likelihood
    }

    /// The Bayesian criterion of the four coefficients.
    pub fn bic(&self) -> f64 {
        4.0 * (self.observations as f64).ln() - 2.0 * self.log_likelihood
    }
}

/// `(XᵀX)⁻¹ (Γ₀ + Σ (1 − l / 23) (Γₗ + Γₗᵀ)) (XᵀX)⁻¹` with `Γₗ = Σ eₜ eₜ₋ₗ xₜ xₜ₋ₗᵀ`.
fn newey_west(columns: &[Vec<f64>], residuals: &[f64], inverse: &Matrix) -> Matrix {
    let scores: Vec<Vec<f64>> = columns.iter().map(|column| column.iter().zip(residuals).map(|(x, e)| x * e).collect()).collect();
    let mut spread = gram(&scores);
    for lag in 1..=LAGS {
        let weight = 1.0 - lag as f64 / (LAGS as f64 + 1.0);
        for i in 0..scores.len() {
            for j in 0..scores.len() {
                let covariance: f64 = scores[i][lag..].iter().zip(&scores[j]).map(|(now, before)| now * before).sum();
                spread[i][j] += weight * covariance;
                spread[j][i] += weight * covariance;
            }
        }
    }
    product(&product(inverse, &spread), inverse)
}
