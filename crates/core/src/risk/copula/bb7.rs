//! The BB7 family, Joe and Clayton in one.

use super::{
    archimedean::Archimedean,
    scalar::{Scalar, ln_1m_exp},
};
use crate::risk::special::quadrature::integrate;

/// `C(u, v) = 1 − (1 − ((1 − (1−u)^θ)^{−δ} + (1 − (1−v)^θ)^{−δ} − 1)^{−1/δ})^{1/θ}`, θ ≥ 1, δ > 0; dependence in both tails.
///
/// Joe, *Dependence Modeling with Copulas*, 2014, section 4.20.
pub(super) struct Bb7;

/// `ln(1 − u)`, `ln(1 − v)`.
#[derive(Clone, Copy)]
pub(super) struct Logs(f64, f64);

/// For `x` and `y`, the logarithms of `1 − (1−u)^θ` and of that of `v`: `ln (x^{−δ} + y^{−δ} − 1)^{−1/δ}`.
#[inline]
fn log_inner<R: Scalar>(delta: R, x: R, y: R) -> R {
    -((-(delta * x)).exp_m1() + (-(delta * y)).exp_m1()).ln_1p() / delta
}

impl Archimedean for Bb7 {
    type Row = Logs;

    fn row(u: f64, v: f64) -> Logs {
        Logs((-u).ln_1p(), (-v).ln_1p())
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Logs) -> R {
        let (theta, delta) = (parameters[0], parameters[1]);
        let (less, more) = (theta.plus(-1.0), delta.plus(1.0));
        let outer = -theta.times(2.0).plus(-1.0) / theta;
        let inner = delta.times(2.0).plus(1.0);
        let level = theta * more;
        move |Logs(u, v)| {
            let (x, y) = (ln_1m_exp(theta.times(u)), ln_1m_exp(theta.times(v)));
            let log_w = log_inner(delta, x, y);
            let rest = -log_w.exp_m1();
            less.times(u + v) - more * (x + y) + inner * log_w + outer * rest.ln() + (less * log_w.exp() + level * rest).ln()
        }
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        let (theta, delta, Logs(u, v)) = (parameters[0], parameters[1], Self::row(u, v));
        let log_w = log_inner(delta, ln_1m_exp(theta * u), ln_1m_exp(theta * v));
        -(ln_1m_exp(log_w) / theta).exp_m1()
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let (theta, delta, Logs(u, v)) = (parameters[0], parameters[1], Self::row(u, v));
        let x = ln_1m_exp(theta * u);
        let log_w = log_inner(delta, x, ln_1m_exp(theta * v));
        ((theta - 1.0) * u - (1.0 - 1.0 / theta) * ln_1m_exp(log_w) + (1.0 + delta) * (log_w - x)).exp()
    }

    /// `1 − 4/(θδ) ∫₀¹ (x − x^{1+δ}) s^{1−θ} ds` with `x = 1 − s^θ`
    fn kendall_tau(parameters: &[f64]) -> f64 {
        let (theta, delta) = (parameters[0], parameters[1]);
        let integral = integrate(1.0, |s, to_one| {
            let log = if s < 0.5 { s.ln() } else { (-to_one).ln_1p() };
            let x = ln_1m_exp(theta * log);
            // x − x^{1+δ} = −x (x^δ − 1)
            -((1.0 - theta) * log + x).exp() * (delta * x).exp_m1()
        });
        1.0 - 4.0 / (theta * delta) * integral
    }

    fn tail_dependence(parameters: &[f64]) -> [f64; 2] {
        [(-1.0 / parameters[1]).exp2(), 2.0 - (1.0 / parameters[0]).exp2()]
    }

    fn start(tau: f64) -> Vec<f64> {
        // Half of the way by either parameter.
        vec![(1.0 - 0.5 * tau).powf(-1.5), tau / (1.0 - 0.5 * tau)]
    }
}
