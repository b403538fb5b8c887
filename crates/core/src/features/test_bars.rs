//! Bars that tests make up.

use crate::market::{Bar, Bars, BarsBuilder, Symbol};

const MINUTE: i64 = 60_000_000;

/// Minute bars of `A` from 2026-01-05 09:30 New York on, each with a high and a low half a per cent around its close.
pub(super) fn minutes(close: &[f64]) -> Bars {
    from_prices(&close.iter().map(|close| [*close, close * 1.005, close * 0.995, *close]).collect::<Vec<_>>())
}

/// Minute bars of `A` with the given open, high, low and close.
pub(super) fn from_prices(prices: &[[f64; 4]]) -> Bars {
    let first = "2026-01-05T14:30:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let mut builder = BarsBuilder::default();
    for (row, [open, high, low, close]) in prices.iter().copied().enumerate() {
        let open_at = first + row as i64 * MINUTE;
        let (close_at, volume, vwap, trades) = (open_at + MINUTE, 100.0, None, None);
        builder.push(&Symbol::new("A").unwrap(), Bar { open_at, close_at, open, high, low, close, volume, vwap, trades });
    }
    let (bars, faults) = builder.finish();
    assert_eq!(faults, [], "test bars are sound");
    bars
}
