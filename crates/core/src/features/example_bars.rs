//! Bars for examples and tests: prices that wander, the same each time.

use jiff::{Timestamp, civil::date};

use crate::market::{Bar, Bars, BarsBuilder, Calendar, Symbol};

/// A fixed pseudo-random number in [0, 1).
fn unit(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as f64 / (1_u64 << 31) as f64
}

fn bar(state: &mut u64, last: &mut f64, (open_at, close_at): (Timestamp, Timestamp), volatility: f64) -> Bar {
    let open = *last * (1.0 + 0.3 * volatility * (unit(state) - 0.5));
    let close = open * (1.0 + volatility * (unit(state) - 0.5));
    let high = open.max(close) * (1.0 + 0.5 * volatility * unit(state));
    let low = open.min(close) * (1.0 - 0.5 * volatility * unit(state));
    *last = close;
    Bar {
        open_at: open_at.as_microsecond(),
        close_at: close_at.as_microsecond(),
        open,
        high,
        low,
        close,
        volume: (1e4 + 9e4 * unit(state)).round(),
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
        let (mut state, mut last) = (7 + 13 * number as u64, 50.0);
        for day in &days {
            builder.push(&symbol, bar(&mut state, &mut last, (day.open, day.close), 0.04));
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
        let (mut state, mut last) = (3 + 17 * number as u64, 80.0);
        for day in &days {
            for minute in -30..90 {
                let open_at = day.open + minute.minutes();
                // Some minutes have no trade.
                if unit(&mut state) > 0.05 {
                    builder.push(&symbol, bar(&mut state, &mut last, (open_at, open_at + 1.minute()), 0.002));
                }
            }
        }
    }
    builder.finish().0
}
