//! Volatility of returns and of ranges, annualised by a factor: bars a year, 252 for daily ones.
//!
//! Volatilities are standard deviations a year as fractions (0.2 is 20 %). Windows are summed afresh, so a row depends on its
//! window alone. A `period` of 0 gives NaN throughout, of 1 where a sample variance is taken.

use super::windows::{rolling_mean, rolling_variance};

fn annual(variance: Vec<f64>, bars_per_year: f64) -> Vec<f64> {
    variance.into_iter().map(|value| (value * bars_per_year).sqrt()).collect()
}

/// `f(open, high, low, close)` of the logarithms of each bar.
fn of_logs(bars: [&[f64]; 4], f: impl Fn(f64, f64, f64, f64) -> f64) -> Vec<f64> {
    let [open, high, low, close] = bars;
    (0..close.len()).map(|t| f(open[t].ln(), high[t].ln(), low[t].ln(), close[t].ln())).collect()
}

/// `ln x_t − ln y_{t−1}`, NaN in the first row.
fn log_change(x: &[f64], y: &[f64]) -> Vec<f64> {
    (0..x.len()).map(|t| if t == 0 { f64::NAN } else { x[t].ln() - y[t - 1].ln() }).collect()
}

/// Close-to-close volatility: sample standard deviation (over n − 1) of `period` log returns. Look-back `period`.
/// ```text
/// √(N · var(ln(close_t / close_{t−1})))
/// ```
pub fn realised(close: &[f64], period: usize, bars_per_year: f64) -> Vec<f64> {
    annual(rolling_variance(&log_change(close, close), period), bars_per_year)
}

/// Parkinson's estimator from high and low. Look-back `period − 1`.
/// ```text
/// √(N · mean((ln high − ln low)²) / (4 ln 2))
/// ```
///
/// # References
/// M. Parkinson, *The extreme value method for estimating the variance of the rate of return*, Journal of Business 53, 1980.
pub fn parkinson(high: &[f64], low: &[f64], period: usize, bars_per_year: f64) -> Vec<f64> {
    let each: Vec<f64> = (0..high.len()).map(|t| (high[t].ln() - low[t].ln()).powi(2) / (4.0 * std::f64::consts::LN_2)).collect();
    annual(rolling_mean(&each, period), bars_per_year)
}

/// Garman and Klass's estimator, without the overnight gap. Look-back `period − 1`.
/// ```text
/// √(N · mean(½ (h − l)² − (2 ln 2 − 1)(c − o)²)),   o, h, l, c logarithms
/// ```
///
/// # References
/// M. Garman and M. Klass, *On the estimation of security price volatilities*, Journal of Business 53, 1980.
pub fn garman_klass(open: &[f64], high: &[f64], low: &[f64], close: &[f64], period: usize, bars_per_year: f64) -> Vec<f64> {
    let weight = 2.0 * std::f64::consts::LN_2 - 1.0;
    let each = of_logs([open, high, low, close], |o, h, l, c| 0.5 * (h - l).powi(2) - weight * (c - o).powi(2));
    annual(rolling_mean(&each, period), bars_per_year)
}

fn rogers_satchell_variance(open: &[f64], high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
    let each = of_logs([open, high, low, close], |o, h, l, c| (h - c) * (h - o) + (l - c) * (l - o));
    rolling_mean(&each, period)
}

/// Rogers and Satchell's estimator, free of drift, without the overnight gap. Look-back `period − 1`.
/// ```text
/// √(N · mean((h − c)(h − o) + (l − c)(l − o)))
/// ```
///
/// # References
/// L. Rogers and S. Satchell, *Estimating variance from high, low and closing prices*, Annals of Applied Probability 1, 1991.
pub fn rogers_satchell(open: &[f64], high: &[f64], low: &[f64], close: &[f64], period: usize, bars_per_year: f64) -> Vec<f64> {
    annual(rogers_satchell_variance(open, high, low, close, period), bars_per_year)
}

/// Yang and Zhang's estimator: overnight gap, open to close and Rogers–Satchell together. Look-back `period`.
/// ```text
/// √(N · (var(o_t − c_{t−1}) + k var(c_t − o_t) + (1 − k) RS)),   k = 0.34 / (1.34 + (n + 1)/(n − 1))
/// ```
///
/// # References
/// D. Yang and Q. Zhang, *Drift-independent volatility estimation*, Journal of Business 73, 2000.
pub fn yang_zhang(open: &[f64], high: &[f64], low: &[f64], close: &[f64], period: usize, bars_per_year: f64) -> Vec<f64> {
    let n = period as f64;
    let k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));
    let overnight = rolling_variance(&log_change(open, close), period);
    let day = rolling_variance(&of_logs([open, high, low, close], |o, _, _, c| c - o), period);
    let range = rogers_satchell_variance(open, high, low, close, period);
    let total = (0..close.len()).map(|t| overnight[t] + k * day[t] + (1.0 - k) * range[t]).collect();
    annual(total, bars_per_year)
}
