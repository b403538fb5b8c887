//! Volume-weighted average price.

use crate::market::Series;

/// Volume-weighted average price of `bars`, USD: `Σ pᵢ vᵢ / Σ vᵢ`, with each bar's own vwap for `pᵢ` where the source gives
/// it, else its typical price `(high + low + close) / 3`. `None` when nothing traded.
pub fn session_vwap(bars: Series<'_>) -> Option<f64> {
    let (mut traded, mut volume) = (0.0, 0.0);
    for row in 0..bars.len() {
        let price = match bars.vwap[row] {
            vwap if vwap.is_nan() => (bars.high[row] + bars.low[row] + bars.close[row]) / 3.0,
            vwap => vwap,
        };
        traded += price * bars.volume[row];
        volume += bars.volume[row];
    }
    (volume > 0.0).then(|| traded / volume)
}
