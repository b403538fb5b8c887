//! Volume against price, by TA-Lib's definitions.
//!
//! Volume is in shares. See the [module](super) for warm-up, undefined input and parameters outside their range.

use super::{engine::kernels, trend::Average};

kernels! {
    /// On-balance volume (Granville, 1963), in shares: volume added when the close rises, taken away when it falls.
    /// No look-back; the first value is the first volume.
    obv = OBV(close, volume) -> Vec<f64>;
    /// Chaikin accumulation and distribution line, in shares. No look-back; a bar without range adds nothing.
    /// ```text
    /// AD_t = AD_{t−1} + volume ((close − low) − (high − close)) / (high − low)
    /// ```
    accumulation_distribution = AD(high, low, close, volume) -> Vec<f64>;
    /// Chaikin oscillator, in shares: fast less slow exponential average of the accumulation line. Look-back `slow − 1`.
    chaikin_oscillator = ADOSC(high, low, close, volume; fast: usize, slow: usize) -> Vec<f64>;
    /// Elder's force index: exponential average of close change times volume, in USD · shares. Look-back `period`.
    force_index = EFI(close, volume; period: usize) -> Vec<f64>;
    /// Market facilitation index (Williams): range per share traded, in USD. No look-back.
    market_facilitation = MARKETFI(high, low, volume) -> Vec<f64>;
    /// Negative volume index (Dysart, 1936): follows the close on days of falling volume. No look-back.
    negative_volume_index = NVI(close, volume) -> Vec<f64>;
    /// Positive volume index (Dysart, 1936): follows the close on days of rising volume. No look-back.
    positive_volume_index = PVI(close, volume) -> Vec<f64>;
    /// Price volume trend: running sum of volume times relative close change, in shares. No look-back.
    price_volume_trend = PVT(close, volume) -> Vec<f64>;
    /// Percentage volume oscillator: `100 (fast − slow) / slow` of averages of the volume.
    percentage_volume_oscillator = PVO(volume; fast: usize, slow: usize, kind: Average) -> Vec<f64>;
    /// Volume over the mean of the `period` bars before it. Look-back `period`.
    relative_volume = RVOL(volume; period: usize) -> Vec<f64>;
    /// Volume-weighted average price over the whole series, never reset; [`session`](super::session) has those of a day.
    running_vwap = VWAP(high, low, close, volume) -> Vec<f64>;
    /// Williams' accumulation and distribution, in USD: sum of the close's distance to the true low or high. No look-back.
    williams_accumulation = WAD(high, low, close) -> Vec<f64>;
}
