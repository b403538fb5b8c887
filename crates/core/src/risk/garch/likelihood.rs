//! The log-likelihood of a model at given parameters, with its gradient.

use super::{
    Specification,
    density::{self, Slopes},
    volatility::{Observed, Process, Recent},
};
use crate::Result;

/// The returns, the model, and room for one evaluation.
pub(super) struct Likelihood<'a> {
    pub(super) model: Specification,
    pub(super) process: Box<dyn Process>,
    /// Parameters of the mean, of the variance, of the shape.
    pub(super) counts: [usize; 3],
    pub(super) returns: &'a [f64],
    /// What stands before the first residual: of the residuals of the least-squares mean, whatever the parameters.
    pub(super) past: Vec<f64>,
    /// The variance of those residuals.
    pub(super) unit: f64,
    /// The least-squares mean.
    pub(super) mean_start: Vec<f64>,
}

/// Arrays of one evaluation.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrays {
    pub(super) residuals: Vec<f64>,
    pub(super) variances: Vec<f64>,
    /// Slopes of the log-likelihood by the variances; worked on by [`Likelihood::evaluate`].
    pub(super) by_variance: Vec<f64>,
    /// Slopes by the residuals; after [`Likelihood::evaluate`] also through the variances.
    pub(super) by_residual: Vec<f64>,
    notes: Vec<f64>,
}

impl Arrays {
    fn observed(&self) -> Observed<'_> {
        Observed { e: &self.residuals, s: &self.variances, notes: &self.notes }
    }
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(model: Specification, returns: &'a [f64]) -> Result<Self> {
        let process = model.volatility.process()?;
        let mean_start = model.mean.least_squares(returns);
        let mut residuals = vec![0.0; returns.len() - model.mean.lags()];
        model.mean.residuals(&mean_start, returns, &mut residuals);
        let unit = residuals.iter().map(|e| e * e).sum::<f64>() / residuals.len() as f64;
        let past = process.past(&residuals);
        let counts = [model.mean.names().len(), process.names().len(), model.distribution.shapes().len()];
        Ok(Self { model, process, counts, returns, past, unit, mean_start })
    }

    /// Observations that have a density.
    pub(super) fn count(&self) -> usize {
        self.returns.len() - self.model.mean.lags()
    }

    /// The parameters of the mean, of the variance, of the shape.
    pub(super) fn split<'p>(&self, parameters: &'p [f64]) -> (&'p [f64], &'p [f64], &'p [f64]) {
        let (mean, rest) = parameters.split_at(self.counts[0]);
        let (variance, shape) = rest.split_at(self.counts[1]);
        (mean, variance, shape)
    }

    /// Residuals and their variances.
    pub(super) fn filter(&self, parameters: &[f64], arrays: &mut Arrays) {
        let (mean, variance, _) = self.split(parameters);
        let n = self.count();
        arrays.residuals.resize(n, 0.0);
        arrays.variances.resize(n, 0.0);
        self.model.mean.residuals(mean, self.returns, &mut arrays.residuals);
        self.process.variances(variance, &self.past, &arrays.residuals, &mut arrays.variances, &mut arrays.notes);
    }

    /// What the end of the residuals leaves behind for the variances that follow.
    pub(super) fn recent(&self, arrays: &Arrays) -> Recent {
        let from = self.count() - self.process.memory().min(self.count());
        Recent {
            residuals: arrays.residuals[from..].to_vec(),
            variances: arrays.variances[from..].to_vec(),
            past: self.process.kept(&self.past).to_vec(),
        }
    }

    /// The log-likelihood; its slopes by the shape go to `by_shape`, those of the density by variances and residuals to `arrays`. Not a
    /// number where the variances are none.
    pub(super) fn density(&self, parameters: &[f64], by_shape: &mut [f64], arrays: &mut Arrays) -> f64 {
        self.filter(parameters, arrays);
        let (_, _, shape) = self.split(parameters);
        let n = self.count();
        arrays.by_variance.resize(n, 0.0);
        arrays.by_residual.resize(n, 0.0);
        let observed = (arrays.residuals.as_slice(), arrays.variances.as_slice());
        let slopes = Slopes { variance: &mut arrays.by_variance, residual: &mut arrays.by_residual, shape: by_shape };
        density::log_likelihood(self.model.distribution, shape, observed, self.unit, slopes)
    }

    /// By what power a difference in where the recursion began grows a step, in the last evaluation.
    pub(super) fn growth(&self, parameters: &[f64], arrays: &Arrays) -> f64 {
        let (_, variance, _) = self.split(parameters);
        self.process.growth(variance, arrays.observed())
    }

    /// The log-likelihood; its gradient goes to `gradient`.
    pub(super) fn evaluate(&self, parameters: &[f64], gradient: &mut [f64], arrays: &mut Arrays) -> f64 {
        let (by_mean, rest) = gradient.split_at_mut(self.counts[0]);
        let (by_process, by_shape) = rest.split_at_mut(self.counts[1]);
        let value = self.density(parameters, by_shape, arrays);
        if value.is_finite() {
            let (_, variance, _) = self.split(parameters);
            let observed = Observed { e: &arrays.residuals, s: &arrays.variances, notes: &arrays.notes };
            let by_e = &mut arrays.by_residual;
            self.process.pull_back(variance, &self.past, observed, &mut arrays.by_variance, by_e, by_process);
            self.model.mean.pull_back(self.returns, by_e, by_mean);
        }
        value
    }
}
