//! Money flow and price impact that TA-Lib lacks or defines otherwise.

use super::windows::{rolling_mean, rolling_sum};

/// Chaikin money flow, −1 to 1, over windows that are summed afresh; NaN where nothing traded (TA-Lib's `CMF` gives 0 there).
/// ```text
/// CMF = Σ m v / Σ v,   m = ((close − low) − (high − close)) / (high − low), 0 for a bar without range
/// ```
/// Look-back `period − 1`.
///
/// # References
/// M. Chaikin, 1980s.
pub fn chaikin_money_flow(high: &[f64], low: &[f64], close: &[f64], volume: &[f64], period: usize) -> Vec<f64> {
    let flow: Vec<f64> = (0..close.len())
        .map(|t| {
            let range = high[t] - low[t];
            if range == 0.0 { 0.0 } else { ((close[t] - low[t]) - (high[t] - close[t])) / range * volume[t] }
        })
        .collect();
    let (flow, traded) = (rolling_sum(&flow, period), rolling_sum(volume, period));
    flow.iter().zip(&traded).map(|(f, v)| f / v).collect()
}

/// Amihud's illiquidity: mean of absolute simple return per million USD traded.
/// ```text
/// ILLIQ = 10⁶ · mean over n bars of |close_t / close_{t−1} − 1| / (close_t volume_t)
/// ```
/// Look-back `period`; NaN for every window that holds a bar without volume.
///
/// # References
/// Y. Amihud, *Illiquidity and stock returns*, Journal of Financial Markets 5, 2002.
pub fn amihud(close: &[f64], volume: &[f64], period: usize) -> Vec<f64> {
    let impact: Vec<f64> = (0..close.len())
        .map(|t| match t {
            0 => f64::NAN,
            _ if volume[t] > 0.0 => (close[t] / close[t - 1] - 1.0).abs() / (close[t] * volume[t]),
            _ => f64::NAN,
        })
        .collect();
    rolling_mean(&impact, period).into_iter().map(|mean| mean * 1e6).collect()
}
