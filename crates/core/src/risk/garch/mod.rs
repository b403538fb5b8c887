//! Volatility that clusters: the GARCH family.
//!
//! A [`Specification`] joins a [`Mean`], a [`Volatility`] and a [`Distribution`], in any combination:
//!
//! ```text
//! y = mean + e,   e = √s z,   s from the recursion of the volatility,   z from the distribution
//! ```
//!
//! [`Specification::fit`] finds the parameters of largest likelihood; [`Specification::at`] takes given ones. Either is a
//! [`Fitted`], which tells volatilities, forecasts, draws paths and measures the tail. Returns may be in any unit: nothing
//! but the unit of what comes out depends on it. Percent is customary.
//!
//! ```
//! use bellwether::risk::garch::Specification;
//!
//! let model: Specification = "constant garch t".parse()?;
//! let simulated = model.simulate(&[0.05, 0.05, 0.08, 0.9, 6.0], 1_500, 7)?;
//! let fitted = model.fit(&simulated.returns)?;
//! assert!(fitted.report.as_ref().is_some_and(|report| report.converged));
//! assert!((fitted.parameter("beta[1]").unwrap() - 0.9).abs() < 0.1);
//! let tomorrow = fitted.tail_risk(0.01)?;
//! assert!(tomorrow.expected_shortfall > tomorrow.value_at_risk);
//! # Ok::<(), bellwether::Error>(())
//! ```

mod density;
mod diagnostics;
mod distribution;
mod fit;
mod forecast;
mod har;
mod likelihood;
mod linear;
mod mean;
mod simulate;
mod standard_errors;
mod volatility;

use std::{fmt, str::FromStr};

pub use self::{
    diagnostics::{TestResult, arch_lm, ljung_box},
    distribution::Distribution,
    fit::{Fitted, MIN_OBSERVATIONS, Parameter},
    forecast::{Forecast, Innovations, Paths, TailRisk},
    har::{Har, HarFit},
    mean::Mean,
    simulate::Simulated,
    volatility::Volatility,
};
pub(in crate::risk) use self::{
    fit::outlier,
    forecast::{Walk, check_draws, check_level},
};
use crate::{Error, Result};

/// A model of returns: mean, volatility and distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Specification {
    /// What is expected of the next return.
    pub mean: Mean,
    /// The recursion of the variance.
    pub volatility: Volatility,
    /// The law of the shocks.
    pub distribution: Distribution,
}

impl Default for Specification {
    /// Constant mean, GARCH(1,1), Student's t.
    fn default() -> Self {
        Self { mean: Mean::Constant, volatility: Volatility::GARCH, distribution: Distribution::StudentT }
    }
}

/// `constant garch t`: the three by name.
impl FromStr for Specification {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            [mean, volatility, distribution] => {
                Ok(Self { mean: mean.parse()?, volatility: volatility.parse()?, distribution: distribution.parse()? })
            }
            _ => Err(Error::Unknown {
                what: "model",
                text: text.to_owned(),
                known: "a mean, a volatility and a distribution, as in `constant garch t`".to_owned(),
            }),
        }
    }
}

impl fmt::Display for Specification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} mean and {} shocks", self.volatility, self.mean, self.distribution)
    }
}

impl Specification {
    /// Names of all parameters, in order: of the mean, of the volatility, of the distribution.
    ///
    /// # Errors
    /// [`Error::Setting`] on orders outside their range.
    pub fn parameter_names(&self) -> Result<Vec<String>> {
        let shapes = self.distribution.shapes().iter().map(|shape| shape.name.to_owned());
        Ok(self.mean.names().into_iter().chain(self.volatility.process()?.names()).chain(shapes).collect())
    }

    /// What is wrong with this model or these data.
    fn problem(&self, problem: impl Into<String>) -> Error {
        Error::Fit { what: self.to_string(), problem: problem.into() }
    }
}
