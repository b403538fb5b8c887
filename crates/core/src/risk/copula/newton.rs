//! The maximum of a log-likelihood in one parameter whose two derivatives are known.

use super::scalar::Curve;

/// Where the search ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peak {
    pub(super) at: f64,
    pub(super) iterations: u64,
    pub(super) converged: bool,
}

const MOST_STEPS: u64 = 100;

/// Finds the highest point between two bounds: Newton's method on the slope, in a bracket that shrinks around its change of sign.
///
/// It ends when a step is smaller than `tolerance`; being of Newton's, it then is exact to about the square of that.
pub(super) fn maximise(mut function: impl FnMut(f64) -> Curve, start: f64, [lower, upper]: [f64; 2], tolerance: f64) -> Peak {
    let (mut low, mut high) = (lower, upper);
    // Whether the ends of the bracket are bounds that have not been looked at.
    let (mut low_open, mut high_open) = (true, true);
    let mut at = start.clamp(lower, upper);
    for iteration in 1..=MOST_STEPS {
        let here = function(at);
        let slope = here.first;
        if slope.is_nan() {
            return Peak { at, iterations: iteration, converged: false };
        }
        // At a bound with the slope pointing out, nothing better is inside.
        if slope == 0.0 || (at == lower && slope < 0.0) || (at == upper && slope > 0.0) {
            return Peak { at, iterations: iteration, converged: true };
        }
        if slope > 0.0 {
            (low, low_open) = (at, false);
        } else {
            (high, high_open) = (at, false);
        }
        let step = -here.first / here.second;
        let next = at + step;
        let next = if here.second < 0.0 && next > low && next < high {
            next
        } else if slope > 0.0 && high_open {
            high
        } else if slope < 0.0 && low_open {
            low
        } else {
            0.5 * (low + high)
        };
        let moved = (next - at).abs();
        at = next;
        if moved <= tolerance * at.abs().max(0.1) && at != lower && at != upper {
            return Peak { at, iterations: iteration, converged: true };
        }
    }
    Peak { at, iterations: MOST_STEPS, converged: false }
}

/// Correlations nearer to ±1 are not sought.
const MOST_CORRELATION: f64 = 1.0 - 1e-6;

/// [`maximise`] for a function of a correlation, given with its derivatives by it: searched for as Fisher's `z = artanh ρ`, in which
/// one step is as long near ±1 as near 0.
pub(super) fn maximise_correlation(mut function: impl FnMut(f64) -> Curve, start: f64, tolerance: f64) -> Peak {
    let by_z = |z: f64| {
        let rho = z.tanh();
        let Curve { value, first, second } = function(rho);
        let rest = (1.0 - rho) * (1.0 + rho);
        Curve { value, first: first * rest, second: (second * rest - 2.0 * rho * first) * rest }
    };
    let most = MOST_CORRELATION.atanh();
    let peak = maximise(by_z, start.clamp(-MOST_CORRELATION, MOST_CORRELATION).atanh(), [-most, most], tolerance);
    Peak { at: peak.at.tanh().clamp(-MOST_CORRELATION, MOST_CORRELATION), ..peak }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_minus_linear(x: f64) -> Curve {
        Curve { value: x.ln() - x / 3.0, first: 1.0 / x - 1.0 / 3.0, second: -1.0 / (x * x) }
    }

    #[test]
    fn inside_and_on_bounds() {
        let inside = maximise(log_minus_linear, 0.01, [1e-6, 100.0], 1e-7);
        assert!(inside.converged && (inside.at - 3.0).abs() < 1e-10 && inside.iterations < 20, "{inside:?}");
        let low = maximise(log_minus_linear, 7.0, [5.0, 100.0], 1e-7);
        assert!(low.converged && low.at == 5.0, "{low:?}");
        let high = maximise(log_minus_linear, 0.5, [0.1, 2.0], 1e-7);
        assert!(high.converged && high.at == 2.0, "{high:?}");
        let correlation = |rho: f64| Curve { value: 0.0, first: 0.999 - rho, second: -1.0 };
        let near_one = maximise_correlation(correlation, 0.2, 1e-7);
        assert!(near_one.converged && (near_one.at - 0.999).abs() < 1e-10, "{near_one:?}");
        assert!(!maximise(|_| Curve { value: 0.0, first: f64::NAN, second: 0.0 }, 1.0, [0.0, 2.0], 1e-7).converged);
    }
}
