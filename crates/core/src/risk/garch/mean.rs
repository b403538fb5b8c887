//! The conditional mean.

use std::{fmt, str::FromStr};

use crate::{Error, Result};

/// What is expected of a return before its shock.
///
/// | Name | Formula | Parameters |
/// |---|---|---|
/// | `zero` | 0 | none |
/// | `constant` | `μ` | `mu` |
/// | `ar:P` | `c + Σ φᵢ y₋ᵢ` | `Const`, `y[i]`; the first `P` returns are only regressors |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// No mean.
    Zero,
    /// One mean for all.
    Constant,
    /// An autoregression with so many lags.
    Autoregressive(usize),
}

impl FromStr for Mean {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown =
            || Error::Unknown { what: "mean", text: text.to_owned(), known: "zero, constant, ar:1 to ar:30".to_owned() };
        match text.split_once(':') {
            None if text == "zero" => Ok(Self::Zero),
            None if text == "constant" => Ok(Self::Constant),
            Some(("ar", lags)) => match lags.parse() {
                Ok(lags @ 1..=30) => Ok(Self::Autoregressive(lags)),
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("zero"),
            Self::Constant => f.write_str("constant"),
            Self::Autoregressive(lags) => write!(f, "ar:{lags}"),
        }
    }
}

impl Mean {
    /// Returns that only serve as regressors.
    pub(super) fn lags(self) -> usize {
        if let Self::Autoregressive(lags) = self { lags } else { 0 }
    }

    /// Names of the parameters.
    pub(super) fn names(self) -> Vec<String> {
        match self {
            Self::Zero => Vec::new(),
            Self::Constant => vec!["mu".to_owned()],
            Self::Autoregressive(lags) => {
                std::iter::once("Const".to_owned()).chain((1..=lags).map(|lag| format!("y[{lag}]"))).collect()
            }
        }
    }

    /// What is expected of the return after `y`.
    pub(super) fn next(self, p: &[f64], y: &[f64]) -> f64 {
        match (self, p) {
            (Self::Zero, _) | (_, []) => 0.0,
            (_, [constant, slopes @ ..]) => constant + slopes.iter().zip(y.iter().rev()).map(|(slope, y)| slope * y).sum::<f64>(),
        }
    }

    /// Writes the residuals of all returns but the first [`lags`](Self::lags).
    pub(super) fn residuals(self, p: &[f64], y: &[f64], e: &mut [f64]) {
        let lags = self.lags();
        e.copy_from_slice(&y[lags..]);
        if let [constant, slopes @ ..] = p {
            e.iter_mut().for_each(|e| *e -= constant);
            for (lag, slope) in slopes.iter().enumerate() {
                e.iter_mut().zip(&y[lags - lag - 1..]).for_each(|(e, y)| *e -= slope * y);
            }
        }
    }

    /// Writes the slopes by the parameters of slopes by the residuals.
    pub(super) fn pull_back(self, y: &[f64], by_e: &[f64], by_p: &mut [f64]) {
        let lags = self.lags();
        if let [constant, slopes @ ..] = by_p {
            *constant = -super::volatility::sum(by_e);
            for (lag, slope) in slopes.iter_mut().enumerate() {
                *slope = -by_e.iter().zip(&y[lags - lag - 1..]).map(|(by_e, y)| by_e * y).sum::<f64>();
            }
        }
    }

    /// The least-squares estimate.
    pub(super) fn least_squares(self, y: &[f64]) -> Vec<f64> {
        match self {
            Self::Zero => Vec::new(),
            Self::Constant => vec![y.iter().sum::<f64>() / y.len() as f64],
            Self::Autoregressive(lags) => {
                let regressors: Vec<Vec<f64>> = std::iter::once(vec![1.0; y.len() - lags])
                    .chain((1..=lags).map(|lag| y[lags - lag..y.len() - lag].to_vec()))
                    .collect();
                super::linear::least_squares(&regressors, &y[lags..]).unwrap_or_else(|| vec![0.0; lags + 1])
            }
        }
    }
}
