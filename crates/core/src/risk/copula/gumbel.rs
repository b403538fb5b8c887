//! The Gumbel family.

use super::{archimedean::Archimedean, scalar::Scalar};

/// `C(u, v) = exp(−((−ln u)^θ + (−ln v)^θ)^{1/θ})`, θ ≥ 1; dependence in the upper tail.
///
/// Nelsen, *An Introduction to Copulas*, 2006, table 4.1 (4).
pub(super) struct Gumbel;

/// Of `x = −ln u` and `y = −ln v`: their sum, the sum of their logarithms, the larger logarithm, and how much smaller the other is.
#[derive(Clone, Copy)]
pub(super) struct Row {
    sum: f64,
    logs: f64,
    larger: f64,
    smaller_by: f64,
}

/// `ln (x^θ + y^θ)^{1/θ}`
#[inline]
fn log_norm<R: Scalar>(theta: R, inverse: R, row: Row) -> R {
    (theta.times(row.smaller_by).exp().ln_1p() * inverse).plus(row.larger)
}

impl Archimedean for Gumbel {
    type Row = Row;

    fn row(u: f64, v: f64) -> Row {
        let (x, y) = (-u.ln(), -v.ln());
        let (log_x, log_y) = (x.ln(), y.ln());
        Row { sum: x + y, logs: log_x + log_y, larger: log_x.max(log_y), smaller_by: -(log_x - log_y).abs() }
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Row) -> R {
        let theta = parameters[0];
        let (inverse, less, power) = (R::div(theta, theta * theta), theta.plus(-1.0), -theta.times(2.0).plus(-1.0));
        move |row| {
            let log_norm = log_norm(theta, inverse, row);
            let norm = log_norm.exp();
            (less.times(row.logs) + power * log_norm - norm + (norm + less).ln()).plus(row.sum)
        }
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0];
        (-log_norm(theta, 1.0 / theta, Self::row(u, v)).exp()).exp()
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0];
        let log_norm = log_norm(theta, 1.0 / theta, Self::row(u, v));
        let x = -u.ln();
        (x - log_norm.exp() + (theta - 1.0) * (x.ln() - log_norm)).exp()
    }

    fn kendall_tau(parameters: &[f64]) -> f64 {
        1.0 - 1.0 / parameters[0]
    }

    fn tail_dependence(parameters: &[f64]) -> [f64; 2] {
        [0.0, 2.0 - (1.0 / parameters[0]).exp2()]
    }

    fn start(tau: f64) -> Vec<f64> {
        vec![1.0 / (1.0 - tau)]
    }
}
