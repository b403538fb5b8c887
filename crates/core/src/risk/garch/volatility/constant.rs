//! One variance for all: what the clustering is measured against, and the parametric law of a return.

use super::{Axis, Observed, Process, Recent, sum};

/// A variance that does not change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constant;

impl Process for Constant {
    fn names(&self) -> Vec<String> {
        vec!["sigma2".to_owned()]
    }

    fn variances(&self, p: &[f64], _: &[f64], _: &[f64], s: &mut [f64], _: &mut Vec<f64>) {
        s.fill(p[0]);
    }

    fn pull_back(&self, _: &[f64], _: &[f64], _: Observed<'_>, adjoint: &mut [f64], _: &mut [f64], by_p: &mut [f64]) {
        by_p[0] = sum(adjoint);
    }

    /// `ln(σ² / v)`
    fn axes(&self) -> Vec<Axis> {
        vec![Axis { lower: -30.0, upper: 30.0, scale: 0.05 }]
    }

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        vec![vec![vec![0.0]]]
    }

    fn parameters(&self, x: &[f64], v: f64) -> Vec<f64> {
        vec![x[0].exp() * v]
    }

    fn on_axes(&self, x: &[f64], v: f64, by_p: &[f64]) -> Vec<f64> {
        vec![by_p[0] * x[0].exp() * v]
    }

    fn sizes(&self, p: &[f64], _: f64) -> Vec<f64> {
        p.to_vec()
    }

    fn complaint(&self, p: &[f64]) -> Option<String> {
        (p[0] <= 0.0).then(|| format!("sigma2 is {}, and must be positive", p[0]))
    }

    fn edges(&self, _: &[f64]) -> Vec<String> {
        Vec::new()
    }

    fn memory(&self) -> usize {
        0
    }

    fn next(&self, p: &[f64], _: &Recent) -> f64 {
        p[0]
    }

    fn observe(&self, _: &mut Recent, _: f64, _: f64) {}

    fn expected(&self, p: &[f64], _: &Recent, horizon: usize) -> Option<Vec<f64>> {
        Some(vec![p[0]; horizon])
    }

    fn unconditional(&self, p: &[f64]) -> Option<f64> {
        Some(p[0])
    }
}
