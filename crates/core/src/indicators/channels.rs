//! Channels and stops that TA-Lib lacks or defines otherwise: Keltner around the close, Donchian, Ichimoku, Supertrend.
//!
//! All in USD. A `period` of 0 gives NaN throughout.

use super::{
    trend::{Bands, ema},
    volatility::atr,
    windows::{rolling_max, rolling_min},
};

/// Keltner channel around the exponential average of the close.
/// ```text
/// middle = EMA_n(close),   upper, lower = middle ± k · ATR_m   (Wilder's ATR)
/// ```
/// Look-back: `period − 1` for the middle, the longer of that and `atr_period` for the bands. Periods below 2 of the average
/// and below 1 of the range give NaN.
///
/// # References
/// C. Keltner, 1960, in the form of L. Raschke. TA-Lib's `KC` is around the typical price:
/// [`keltner_typical`](super::trend::keltner_typical).
pub fn keltner(high: &[f64], low: &[f64], close: &[f64], period: usize, atr_period: usize, multiplier: f64) -> Bands {
    let middle = ema(close, period);
    let range = atr(high, low, close, atr_period);
    let band = |side: f64| middle.iter().zip(&range).map(|(m, a)| m + side * multiplier * a).collect();
    Bands { upper: band(1.0), lower: band(-1.0), middle }
}

/// Donchian channel, the current bar included: highest high and lowest low of `period` bars, and their middle.
/// Look-back `period − 1`.
///
/// # References
/// R. Donchian, 1960s.
pub fn donchian(high: &[f64], low: &[f64], period: usize) -> Bands {
    let (upper, lower) = (rolling_max(high, period), rolling_min(low, period));
    let middle = upper.iter().zip(&lower).map(|(u, l)| (u + l) / 2.0).collect();
    Bands { upper, middle, lower }
}

/// Ichimoku lines, in USD.
#[derive(Debug, Clone, PartialEq)]
pub struct Ichimoku {
    /// Conversion line.
    pub tenkan: Vec<f64>,
    /// Base line.
    pub kijun: Vec<f64>,
    /// Leading span A, at the bar that determines it.
    pub span_a_raw: Vec<f64>,
    /// Leading span B, at the bar that determines it.
    pub span_b_raw: Vec<f64>,
    /// Leading span A as it is drawn: determined `kijun` bars before.
    pub span_a_shifted: Vec<f64>,
    /// Leading span B as it is drawn: determined `kijun` bars before.
    pub span_b_shifted: Vec<f64>,
}

/// Ichimoku's lines. The lagging span is left out: it draws today's close in the past, which looks ahead.
/// ```text
/// line(n) = (highest high + lowest low of n bars) / 2
/// tenkan = line(tenkan),  kijun = line(kijun),  span A = (tenkan + kijun)/2,  span B = line(senkou)
/// ```
/// Look-back `period − 1` of each line, `kijun` more for the shifted spans.
///
/// # References
/// G. Hosoda, 1969.
pub fn ichimoku(high: &[f64], low: &[f64], tenkan: usize, kijun: usize, senkou: usize) -> Ichimoku {
    let line = |period| donchian(high, low, period).middle;
    let shifted = |values: &[f64]| -> Vec<f64> {
        std::iter::repeat_n(f64::NAN, kijun).chain(values.iter().copied()).take(values.len()).collect()
    };
    let (tenkan_line, kijun_line, span_b_raw) = (line(tenkan), line(kijun), line(senkou));
    let span_a_raw: Vec<f64> = tenkan_line.iter().zip(&kijun_line).map(|(t, k)| (t + k) / 2.0).collect();
    Ichimoku {
        span_a_shifted: shifted(&span_a_raw),
        span_b_shifted: shifted(&span_b_raw),
        tenkan: tenkan_line,
        kijun: kijun_line,
        span_a_raw,
        span_b_raw,
    }
}

/// Supertrend, in USD but for the direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Supertrend {
    /// The stop: the lower band in an upward trend, the upper in a downward one.
    pub value: Vec<f64>,
    /// 1 up, −1 down.
    pub direction: Vec<f64>,
    /// Upper band, which only falls until the close breaks it.
    pub final_upper: Vec<f64>,
    /// Lower band, which only rises until the close breaks it.
    pub final_lower: Vec<f64>,
}

/// Supertrend: bands at `multiplier` ATR around the middle of the bar that ratchet with the trend.
/// ```text
/// basic = (high + low)/2 ± k ATR_n
/// upper_t = basic⁺ if basic⁺ < upper_{t−1} or close_{t−1} > upper_{t−1}, else upper_{t−1};   lower likewise
/// up turns down when close < lower, down turns up when close > upper; the first defined bar is up
/// ```
/// Look-back `period`. Equal to TA-Lib's `SUPERTREND`, which gives no bands and the direction 0 in the look-back.
///
/// # References
/// O. Seban, 2009.
pub fn supertrend(high: &[f64], low: &[f64], close: &[f64], period: usize, multiplier: f64) -> Supertrend {
    let range = atr(high, low, close, period);
    let undefined = || vec![f64::NAN; close.len()];
    let mut out = Supertrend { value: undefined(), direction: undefined(), final_upper: undefined(), final_lower: undefined() };
    let mut before: Option<(f64, f64, f64)> = None;
    for t in 0..close.len() {
        if range[t].is_nan() {
            continue;
        }
        let middle = (high[t] + low[t]) / 2.0;
        let (mut upper, mut lower, mut direction) = (middle + multiplier * range[t], middle - multiplier * range[t], 1.0);
        if let Some((upper_before, lower_before, direction_before)) = before {
            if !(upper < upper_before || close[t - 1] > upper_before) {
                upper = upper_before;
            }
            if !(lower > lower_before || close[t - 1] < lower_before) {
                lower = lower_before;
            }
            direction = match direction_before > 0.0 {
                true if close[t] < lower => -1.0,
                true => 1.0,
                false if close[t] > upper => 1.0,
                false => -1.0,
            };
        }
        out.final_upper[t] = upper;
        out.final_lower[t] = lower;
        out.direction[t] = direction;
        out.value[t] = if direction > 0.0 { lower } else { upper };
        before = Some((upper, lower, direction));
    }
    out
}
