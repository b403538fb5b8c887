//! Five-second bars, and minute bars made of them.

use bellwether::market::{Bar, BarsBuilder, Symbol, resample_minutes};
use ibapi::market_data::realtime;
use jiff::Timestamp;

use super::wire;
use crate::error::Result;

const SECONDS: i64 = 1_000_000;

/// The bar, unless a price in it is a sentinel or no price.
pub(super) fn checked(what: &str, bar: &realtime::Bar) -> Result<Bar> {
    let bad = |name: &str, value: f64| super::bars::bad(what, format!("{name} is {value} in the bar of {}", bar.date));
    let price = |name: &str, value: f64| wire::price(value).ok_or_else(|| bad(name, value));
    let open_at = bar.date.unix_timestamp().saturating_mul(SECONDS);
    Ok(Bar {
        open_at,
        close_at: open_at + 5 * SECONDS,
        open: price("open", bar.open)?,
        high: price("high", bar.high)?,
        low: price("low", bar.low)?,
        close: price("close", bar.close)?,
        volume: wire::count(bar.volume).ok_or_else(|| bad("volume", bar.volume))?,
        vwap: wire::price(bar.wap),
        trades: wire::count(f64::from(bar.count)),
    })
}

/// Minute bars from shorter bars of one symbol, oldest first: those whose minute was over at `as_of`.
///
/// Bars without volume are the last price repeated; a minute of only such bars gives no bar, as in the recorded data.
/// `vwap` is volume-weighted, with the close standing in where a bar has none; `trades` is the sum when every bar has a
/// count.
pub fn roll_up(bars: &[Bar], as_of: Timestamp) -> Vec<Bar> {
    let mut builder = BarsBuilder::default();
    let symbol = Symbol::unreadable();
    builder.extend(&symbol, bars.iter().filter(|bar| bar.volume > 0.0).copied());
    // What cannot be a bar is set aside, as everywhere.
    let (bars, _) = builder.finish();
    resample_minutes(bars.series(symbol.as_str()), 1, as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five(second: i64, price: f64, volume: f64) -> Bar {
        let open_at = second * SECONDS;
        let bar = Bar {
            open_at,
            close_at: open_at + 5 * SECONDS,
            open: price,
            high: price,
            low: price,
            close: price,
            volume,
            vwap: None,
            trades: Some(1.0),
        };
        Bar { high: price + 0.5, low: price - 0.5, ..bar }
    }

    #[test]
    fn only_traded_and_finished_minutes_become_bars() {
        let bars = [five(0, 10.0, 100.0), five(5, 10.0, 0.0), five(55, 13.0, 300.0), five(60, 12.0, 0.0), five(120, 11.0, 50.0)];
        let at = |second| Timestamp::from_second(second).unwrap();
        let minutes = roll_up(&bars, at(179));
        assert_eq!(minutes.len(), 1);
        let first = minutes[0];
        assert_eq!((first.open_at, first.close_at), (0, 60 * SECONDS));
        assert_eq!((first.open, first.high, first.low, first.close), (10.0, 13.5, 9.5, 13.0));
        assert_eq!((first.volume, first.trades, first.vwap), (400.0, Some(2.0), Some(12.25)));
        assert_eq!(roll_up(&bars, at(180)).len(), 2);
        assert!(roll_up(&bars, at(59)).is_empty());
    }
}
