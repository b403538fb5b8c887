//! What is left in the residuals that a model should have explained.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::linear::least_squares;
use crate::{Error, Result};

/// A statistic, and how likely a larger one is when there is nothing to find.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TestResult {
    /// The statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: usize,
    /// Probability of a larger one under the null hypothesis.
    pub p_value: f64,
}

impl TestResult {
    /// A statistic that follows a χ² distribution under the null hypothesis.
    pub(in crate::risk) fn chi_squared(statistic: f64, degrees_of_freedom: usize) -> Self {
        let law = ChiSquared::new(degrees_of_freedom as f64).expect("positive degrees of freedom");
        Self { statistic, degrees_of_freedom, p_value: law.sf(statistic.max(0.0)) }
    }
}

/// Whether the first `lags` autocorrelations `ρ` are all zero (Ljung & Box 1978).
///
/// ```text
/// Q = n (n + 2) Σ ρₖ² / (n − k),   χ² with as many degrees of freedom as lags
/// ```
///
/// Of standardised residuals it tells what the mean missed, of their squares what the volatility missed.
///
/// # Errors
/// [`Error::Setting`] when there are fewer values than three times the lags, or they do not vary.
pub fn ljung_box(values: &[f64], lags: usize) -> Result<TestResult> {
    check(values, lags)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let total: f64 = deviations.iter().map(|deviation| deviation * deviation).sum();
    let of_lag = |lag: usize| {
        let rho = deviations.iter().zip(&deviations[lag..]).map(|(a, b)| a * b).sum::<f64>() / total;
        rho * rho / (n - lag as f64)
    };
    Ok(TestResult::chi_squared(n * (n + 2.0) * (1..=lags).map(of_lag).sum::<f64>(), lags))
}

/// Whether squares can be predicted from the `lags` squares before (Engle's Lagrange-multiplier test, 1982).
///
/// ```text
/// e² on a constant and its lags;   LM = n R²,   χ² with as many degrees of freedom as lags
/// ```
///
/// # Errors
/// [`Error::Setting`] when there are fewer values than three times the lags, or they do not vary.
pub fn arch_lm(values: &[f64], lags: usize) -> Result<TestResult> {
    check(values, lags)?;
    let squares: Vec<f64> = values.iter().map(|value| value * value).collect();
    let y = &squares[lags..];
    let n = y.len() as f64;
    let regressors: Vec<Vec<f64>> = std::iter::once(vec![1.0; y.len()])
        .chain((1..=lags).map(|lag| squares[lags - lag..squares.len() - lag].to_vec()))
        .collect();
    let coefficients = least_squares(&regressors, y).ok_or_else(|| setting("squares that vary", "constant".to_owned()))?;
    let mean = y.iter().sum::<f64>() / n;
    let fitted =
        |t: usize| coefficients.iter().zip(&regressors).map(|(coefficient, column)| coefficient * column[t]).sum::<f64>();
    let unexplained: f64 = y.iter().enumerate().map(|(t, y)| (y - fitted(t)).powi(2)).sum();
    let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    Ok(TestResult::chi_squared(n * (1.0 - unexplained / total), lags))
}

fn check(values: &[f64], lags: usize) -> Result<()> {
    if lags == 0 || values.len() < 3 * lags || values.len() < 10 {
        return Err(setting("1 to a third of the number of values", format!("{lags} with {} values", values.len())));
    }
    if values.iter().any(|value| !value.is_finite()) || values.iter().all(|value| *value == values[0]) {
        return Err(setting("values that are numbers and vary", "something else".to_owned()));
    }
    Ok(())
}

fn setting(expected: &'static str, value: String) -> Error {
    Error::Setting { name: "lags of a residual test", value, expected }
}
