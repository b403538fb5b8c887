//! Rolling windows that are summed afresh at every row.
//!
//! A running sum would be faster, but its rounding depends on all that came before; these depend on their window alone,
//! so a NaN leaves with the bar that brought it.

/// `of` over every window of `period` values; NaN in the first `period − 1` rows, and throughout when `period` is 0.
pub(super) fn rolling(x: &[f64], period: usize, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    if period > 0 {
        for (row, window) in x.windows(period).enumerate() {
            out[row + period - 1] = of(window);
        }
    }
    out
}

/// Sum over every window.
pub(super) fn rolling_sum(x: &[f64], period: usize) -> Vec<f64> {
    rolling(x, period, |window| window.iter().sum())
}

/// Mean over every window.
pub(super) fn rolling_mean(x: &[f64], period: usize) -> Vec<f64> {
    rolling(x, period, |window| window.iter().sum::<f64>() / period as f64)
}

/// Sample variance (over n − 1) of every window; NaN for windows of one.
pub(super) fn rolling_variance(x: &[f64], period: usize) -> Vec<f64> {
    rolling(x, period, |window| {
        let mean = window.iter().sum::<f64>() / period as f64;
        window.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (period as f64 - 1.0)
    })
}

/// Highest value of every window, NaN where one is undefined.
pub(super) fn rolling_max(x: &[f64], period: usize) -> Vec<f64> {
    rolling(x, period, |window| window.iter().fold(f64::NEG_INFINITY, |a, &b| if b > a || b.is_nan() { b } else { a }))
}

/// Lowest value of every window, NaN where one is undefined.
pub(super) fn rolling_min(x: &[f64], period: usize) -> Vec<f64> {
    rolling(x, period, |window| window.iter().fold(f64::INFINITY, |a, &b| if b < a || b.is_nan() { b } else { a }))
}
