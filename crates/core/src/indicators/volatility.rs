//! How far prices move in a bar, by TA-Lib's definitions; estimators of variance are in [`range_volatility`](super::range_volatility).
//!
//! See the [module](super) for warm-up, undefined input and parameters outside their range.

use super::engine::kernels;

kernels! {
    /// True range (Wilder, 1978), in USD. Look-back 1: the first bar has no previous close.
    /// ```text
    /// TR_t = max(high_t, close_{t−1}) − min(low_t, close_{t−1})
    /// ```
    true_range = TRANGE(high, low, close) -> Vec<f64>;
    /// Average true range (Wilder, 1978), in USD. Look-back `period`; the first value is the mean of the first `period` ranges.
    /// ```text
    /// ATR_t = ((n − 1) ATR_{t−1} + TR_t) / n
    /// ```
    atr = ATR(high, low, close; period: usize) -> Vec<f64>;
    /// Average true range in percent of the close. Look-back `period`.
    natr = NATR(high, low, close; period: usize) -> Vec<f64>;
    /// Average of high less low, in USD. Look-back `period − 1`.
    average_range = ADR(high, low; period: usize) -> Vec<f64>;
    /// Chaikin's volatility: percent change over `change` bars of the exponential average of high less low.
    chaikin_volatility = CVI(high, low; period: usize, change: usize) -> Vec<f64>;
    /// Mass index (Dorsey, 1992): sum over `slow` bars of the ratio of the single to the double exponential average of the range.
    mass_index = MASSI(high, low; fast: usize, slow: usize) -> Vec<f64>;
    /// Relative volatility index (Dorsey, 1993), 0 to 100: relative strength of standard deviations.
    relative_volatility_index = RVI(x; period: usize, deviation: usize) -> Vec<f64>;
}
