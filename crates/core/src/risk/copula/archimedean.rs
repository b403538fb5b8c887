//! What the one- and two-parameter Archimedean families have in common.

use super::scalar::Scalar;

/// A family at rotation 0, exchangeable in its two arguments, which lie strictly between 0 and 1.
pub(super) trait Archimedean {
    /// What a log-density needs of an observation, whatever the parameters.
    type Row: Copy + Send + Sync;

    /// See [`Archimedean::Row`].
    fn row(u: f64, v: f64) -> Self::Row;

    /// The log-density as a function of the observation.
    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Self::Row) -> R;

    /// `C(u, v)`
    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64;

    /// `∂C/∂u`, the distribution function of the second variable where the first is `u`.
    fn h1(parameters: &[f64], u: f64, v: f64) -> f64;

    /// The `v` with `h1(u, v) = p`.
    fn h1_inverse(parameters: &[f64], u: f64, p: f64) -> f64 {
        let density = Self::log_density(parameters);
        invert(|v| (Self::h1(parameters, u, v), density(Self::row(u, v)).exp()), p)
    }

    /// Kendall's tau.
    fn kendall_tau(parameters: &[f64]) -> f64;

    /// Lower and upper tail dependence.
    fn tail_dependence(parameters: &[f64]) -> [f64; 2];

    /// Parameters to start a search from, for data with this (positive) Kendall's tau.
    fn start(tau: f64) -> Vec<f64>;
}

/// Values of the inverse are not sought nearer to 0 and 1 than this.
const EDGE: f64 = 1e-14;
const MOST_STEPS: usize = 200;

/// The `v` at which an increasing function, given with its derivative, is `p`: Newton's method on the log-odds of `v`, in a bracket.
fn invert(function: impl Fn(f64) -> (f64, f64), p: f64) -> f64 {
    let odds = |v: f64| (v / (1.0 - v)).ln();
    let probability = |t: f64| if t < 0.0 { t.exp() / (1.0 + t.exp()) } else { 1.0 / (1.0 + (-t).exp()) };
    let (mut low, mut high) = (odds(EDGE), -odds(EDGE));
    let mut t = odds(p.clamp(EDGE, 1.0 - EDGE));
    for _ in 0..MOST_STEPS {
        let v = probability(t);
        let (value, slope) = function(v);
        if value < p {
            low = t;
        } else {
            high = t;
        }
        let step = (value - p) / (slope * v * (1.0 - v));
        let next = t - step;
        if step.abs() < 1e-14 * t.abs().max(1.0) || high - low < 1e-14 {
            break;
        }
        t = if next > low && next < high { next } else { 0.5 * (low + high) };
    }
    probability(t)
}
