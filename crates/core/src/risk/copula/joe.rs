//! The Joe family.

use statrs::function::gamma::digamma;

use super::{archimedean::Archimedean, scalar::Scalar};

/// `C(u, v) = 1 − (x^θ + y^θ − x^θ y^θ)^{1/θ}` with `x = 1 − u`, `y = 1 − v`, θ ≥ 1; dependence in the upper tail.
///
/// Nelsen, *An Introduction to Copulas*, 2006, table 4.1 (6).
pub(super) struct Joe;

/// Of `x = 1 − u` and `y = 1 − v`: the sum of their logarithms, the larger one, and how much smaller the other is.
#[derive(Clone, Copy)]
pub(super) struct Row {
    logs: f64,
    larger: f64,
    smaller_by: f64,
}

/// `ln (x^θ + y^θ − x^θ y^θ)`
#[inline]
fn log_sum<R: Scalar>(theta: R, row: Row) -> R {
    let larger = theta.times(row.larger);
    larger + (theta.times(row.smaller_by).exp() * -larger.exp_m1()).ln_1p()
}

impl Archimedean for Joe {
    type Row = Row;

    fn row(u: f64, v: f64) -> Row {
        let (x, y) = ((-u).ln_1p(), (-v).ln_1p());
        Row { logs: x + y, larger: x.max(y), smaller_by: -(x - y).abs() }
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Row) -> R {
        let theta = parameters[0];
        let less = theta.plus(-1.0);
        let power = -theta.times(2.0).plus(-1.0) / theta;
        move |row| {
            let log_sum = log_sum(theta, row);
            power * log_sum + less.times(row.logs) + (less + log_sum.exp()).ln()
        }
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        -(log_sum(parameters[0], Self::row(u, v)) / parameters[0]).exp_m1()
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0];
        let log_sum = log_sum(theta, Self::row(u, v));
        let power = (theta - 1.0) * (-u).ln_1p() - (1.0 - 1.0 / theta) * log_sum;
        -power.exp() * (theta * (-v).ln_1p()).exp_m1()
    }

    /// `1 − (y−1)(ψ(y) − ψ(2))/(y−2)` with `y = 2/θ + 1`
    fn kendall_tau(parameters: &[f64]) -> f64 {
        let y = 2.0 / parameters[0] + 1.0;
        let beyond = y - 2.0;
        let slope = if beyond.abs() < 1e-4 {
            // ψ'(2) + ψ''(2)/2 · (y−2)
            0.644_934_066_848_226_4 - 0.202_056_903_159_594_3 * beyond * 2.0
        } else {
            (digamma(y) - digamma(2.0)) / beyond
        };
        1.0 - (y - 1.0) * slope
    }

    fn tail_dependence(parameters: &[f64]) -> [f64; 2] {
        [0.0, 2.0 - (1.0 / parameters[0]).exp2()]
    }

    fn start(tau: f64) -> Vec<f64> {
        vec![(1.0 - tau).powf(-1.5)]
    }
}
