//! Another future for the same past.

use crate::{
    features::random::SplitMix,
    market::{Bar, Bars, BarsBuilder},
};

/// The bars known at `t`, and instead of the others some at other prices and volumes.
///
/// Each later bar is the true one with all prices times a factor that wanders, between a half and twice, and the volume
/// times another: the calendar of the future stays, everything that can be measured in it changes.
pub(super) fn altered(bars: &Bars, t: i64, seed: u64) -> Bars {
    let mut builder = BarsBuilder::default();
    for (number, (symbol, series)) in bars.iter().enumerate() {
        let mut random = SplitMix(seed ^ (number as u64) << 32 ^ t.cast_unsigned());
        let mut level = 1.0_f64;
        for bar in series.iter() {
            if bar.close_at <= t {
                builder.push(symbol, bar);
                continue;
            }
            level = (level * (1.0 + 0.4 * (random.unit() - 0.5))).clamp(0.5, 2.0);
            // Never the true price, even where the wandering comes back to it.
            let factor = if (level - 1.0).abs() < 0.03 { 1.03 } else { level };
            let (open, close) = (bar.open * factor, bar.close * factor);
            let volume = (bar.volume * (0.3 + 2.0 * random.unit())).round() + 1.0;
            let (high, low) = (bar.high * factor, bar.low * factor);
            let (vwap, trades) = (bar.vwap.map(|vwap| vwap * factor), bar.trades.map(|trades| trades + 1.0));
            builder.push(symbol, Bar { open, high, low, close, volume, vwap, trades, ..bar });
        }
    }
    builder.finish().0
}
