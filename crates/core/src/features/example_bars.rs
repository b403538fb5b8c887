//! Bars for examples and tests: prices that wander, the same each time.

use jiff::{Timestamp, civil::date};

use super::random::SplitMix;
use crate::market::{Bar, Bars, BarsBuilder, Calendar, Symbol};

fn bar(random: &mut SplitMix, last: &mut f64, (open_at, close_at): (Timestamp, Timestamp), volatility: f64) -> Bar {
    let open = *last * (1.0 + 0.3 * volatility * (random.unit() - 0.5));
    let close = open * (1.0 + volatility * (random.unit() - 0.5));
    let high = open.max(close) * (1.0 + 0.5 * volatility * random.unit());
    let low = open.min(close) * (1.0 - 0.5 * volatility * random.unit());
    *last = close;
    Bar {
        open_at: open_at.as_microsecond(),
        close_at: close_at.as_microsecond(),
        open,
        high,
        low,
        close,
        volume: (1e4 + 9e4 * random.unit()).round(),
        vwap: None,
        trades: None,
    }
}

/// Daily bars of the last `sessions` sessions before 2026.
pub(super) fn daily(symbols: &[&str], sessions: usize) -> Bars {
    let days = Calendar.sessions_before(date(2026, 1, 1), sessions).unwrap_or_default();
    let mut builder = BarsBuilder::default();
    for (number, name) in symbols.iter().enumerate() {
        let Ok(symbol) = Symbol::new(name) else { continue };
        let (mut random, mut last) = (SplitMix(7 + 13 * number as u64), 50.0);
        for day in &days {
            builder.push(&symbol, bar(&mut random, &mut last, (day.open, day.close), 0.04));
        }
    }
    builder.finish().0
}

/// Minute bars of `sessions` sessions from 09:00 to 10:59 of New York.
#[cfg(test)]
pub(super) fn minutes(symbols: &[&str], sessions: usize) -> Bars {
    use jiff::ToSpan as _;
    let days = Calendar.sessions_before(date(2025, 12, 1), sessions).unwrap_or_default();
    let mut builder = BarsBuilder::default();
    for (number, name) in symbols.iter().enumerate() {
        let Ok(symbol) = Symbol::new(name) else { continue };
        let (mut random, mut last) = (SplitMix(3 + 17 * number as u64), 80.0);
        for day in &days {
            for minute in -30..90 {
                let open_at = day.open + minute.minutes();
                // Some minutes have no trade.
                if random.unit() > 0.05 {
                    builder.push(&symbol, bar(&mut random, &mut last, (open_at, open_at + 1.minute()), 0.002));
                }
            }
        }
    }
    builder.finish().0
}
