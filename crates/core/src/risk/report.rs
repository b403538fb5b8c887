//! Whether a fit may be believed.

use serde::Serialize;

/// How a search for parameters went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitReport {
    /// Whether the search ended at a maximum of the likelihood.
    pub converged: bool,
    /// Steps of the search.
    pub iterations: u64,
    /// Evaluations of the likelihood, with its gradient where there is one.
    pub evaluations: u64,
    /// Parameters, and sums of them, that ended on the edge of what is allowed: their standard errors mean nothing.
    pub at_bound: Vec<String>,
    /// What a reader of the numbers should know: the scale of the data, an outlier that carries the fit.
    pub notes: Vec<String>,
}
