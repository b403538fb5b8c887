//! The Clayton family.

use super::{archimedean::Archimedean, scalar::Scalar};

/// `C(u, v) = (u^{−θ} + v^{−θ} − 1)^{−1/θ}`, θ > 0; dependence in the lower tail.
///
/// Nelsen, *An Introduction to Copulas*, 2006, table 4.1 (1).
pub(super) struct Clayton;

/// `ln u`, `ln v`.
#[derive(Clone, Copy)]
pub(super) struct Logs(f64, f64);

/// `ln(u^{−θ} + v^{−θ} − 1)`
fn log_sum<R: Scalar>(theta: R, Logs(u, v): Logs) -> R {
    ((-theta).times(u).exp_m1() + (-theta).times(v).exp_m1()).ln_1p()
}

impl Archimedean for Clayton {
    type Row = Logs;

    fn row(u: f64, v: f64) -> Logs {
        Logs(u.ln(), v.ln())
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Logs) -> R {
        let theta = parameters[0];
        let (more, constant) = (theta.plus(1.0), theta.ln_1p());
        let power = (theta.times(2.0).plus(1.0)) / theta;
        move |row| constant - more.times(row.0 + row.1) - power * log_sum(theta, row)
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        (-log_sum(parameters[0], Self::row(u, v)) / parameters[0]).exp()
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0];
        (-(theta + 1.0) * u.ln() - (1.0 + 1.0 / theta) * log_sum(theta, Self::row(u, v))).exp()
    }

    fn h1_inverse(parameters: &[f64], u: f64, p: f64) -> f64 {
        let theta = parameters[0];
        // v^{−θ} = 1 + u^{−θ} (p^{−θ/(1+θ)} − 1)
        let growth = (-theta / (1.0 + theta) * p.ln()).exp_m1();
        (-((-theta * u.ln()).exp() * growth).ln_1p() / theta).exp()
    }

    fn kendall_tau(parameters: &[f64]) -> f64 {
        parameters[0] / (parameters[0] + 2.0)
    }

    fn tail_dependence(parameters: &[f64]) -> [f64; 2] {
        [(-1.0 / parameters[0]).exp2(), 0.0]
    }

    fn start(tau: f64) -> Vec<f64> {
        vec![2.0 * tau / (1.0 - tau)]
    }
}
