//! The BB1 family, Clayton and Gumbel in one.

use super::{
    archimedean::Archimedean,
    scalar::{Scalar, ln_sum_exp},
};

/// `C(u, v) = (1 + ((u^{−θ} − 1)^δ + (v^{−θ} − 1)^δ)^{1/δ})^{−1/θ}`, θ ≥ 0, δ ≥ 1; dependence in both tails.
///
/// Joe, *Dependence Modeling with Copulas*, 2014, section 4.17.
pub(super) struct Bb1;

/// At θ = 0 stands the Gumbel copula, of which this is indistinguishable.
const SMALLEST: f64 = 1e-10;

/// `ln u`, `ln v`.
#[derive(Clone, Copy)]
pub(super) struct Logs(f64, f64);

fn first<R: Scalar>(parameters: &[R]) -> R {
    let theta = parameters[0];
    if theta.value() < SMALLEST { theta.plus(SMALLEST - theta.value()) } else { theta }
}

/// `ln(u^{−θ} − 1)`, for the logarithm of `u`.
#[inline]
fn log_excess<R: Scalar>(theta: R, log: f64) -> R {
    (-theta).times(log).exp_m1().ln()
}

impl Archimedean for Bb1 {
    type Row = Logs;

    fn row(u: f64, v: f64) -> Logs {
        Logs(u.ln(), v.ln())
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Logs) -> R {
        let (theta, delta) = (first(parameters), parameters[1]);
        let outer = theta.times(2.0).plus(1.0) / theta;
        let (less, more) = (delta.plus(-1.0), theta.plus(1.0));
        let power = -delta.times(2.0).plus(-1.0);
        let (level, growth) = (theta * less, (theta * delta).plus(1.0));
        move |Logs(u, v)| {
            let (x, y) = (log_excess(theta, u), log_excess(theta, v));
            let log_sum = ln_sum_exp(delta * x, delta * y) / delta;
            let sum = log_sum.exp();
            less * (x + y) + power * log_sum + (level + growth * sum).ln() - outer * sum.ln_1p() - more.times(u + v)
        }
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        let (theta, delta) = (first(parameters), parameters[1]);
        let sum = ln_sum_exp(delta * log_excess(theta, u.ln()), delta * log_excess(theta, v.ln())) / delta;
        (-sum.exp().ln_1p() / theta).exp()
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let (theta, delta) = (first(parameters), parameters[1]);
        let x = log_excess(theta, u.ln());
        let sum = ln_sum_exp(delta * x, delta * log_excess(theta, v.ln())) / delta;
        ((delta - 1.0) * (x - sum) - (1.0 / theta + 1.0) * sum.exp().ln_1p() - (theta + 1.0) * u.ln()).exp()
    }

    fn kendall_tau(parameters: &[f64]) -> f64 {
        1.0 - 2.0 / (parameters[1] * (parameters[0] + 2.0))
    }

    fn tail_dependence(parameters: &[f64]) -> [f64; 2] {
        [(-1.0 / (first(parameters) * parameters[1])).exp2(), 2.0 - (1.0 / parameters[1]).exp2()]
    }

    fn start(tau: f64) -> Vec<f64> {
        // Half of the way by either parameter.
        let theta = 0.5 * tau / (1.0 - tau);
        vec![theta, 2.0 / ((1.0 - tau) * (theta + 2.0))]
    }
}
