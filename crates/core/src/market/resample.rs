//! Longer bars from minute bars.

use jiff::Timestamp;

use super::{Bar, Series};

const MINUTE: i64 = 60_000_000;

/// Bars of `minutes` minutes from minute bars, aligned to whole multiples of `minutes` since the epoch (so 5-minute bars
/// start at :00, :05 …, and 30-minute bars at :00 and :30, in New York as in UTC).
///
/// Only bars that are complete at `as_of` are made: one whose interval ends later does not exist yet. An interval without
/// any minute bar gives no bar. `vwap` is volume-weighted, with the close standing in for minutes that have none; `trades`
/// is the sum when every minute has a count.
pub fn resample_minutes(minutes: Series<'_>, length: u32, as_of: Timestamp) -> Vec<Bar> {
    let width = i64::from(length) * MINUTE;
    let mut bars: Vec<Bar> = Vec::with_capacity(minutes.len() / length.max(1) as usize + 1);
    let mut traded = 0.0;
    for minute in minutes.as_of(as_of).iter() {
        let open_at = minute.open_at.div_euclid(width) * width;
        let price = minute.vwap.unwrap_or(minute.close);
        match bars.last_mut().filter(|bar| bar.open_at == open_at) {
            Some(bar) => {
                bar.high = bar.high.max(minute.high);
                bar.low = bar.low.min(minute.low);
                bar.close = minute.close;
                bar.volume += minute.volume;
                bar.trades = bar.trades.zip(minute.trades).map(|(sum, more)| sum + more);
                traded += price * minute.volume;
                bar.vwap = (bar.volume > 0.0).then(|| traded / bar.volume);
            }
            None => {
                traded = price * minute.volume;
                bars.push(Bar { open_at, close_at: open_at + width, vwap: (minute.volume > 0.0).then_some(price), ..minute });
            }
        }
    }
    let now = as_of.as_microsecond();
    while bars.last().is_some_and(|bar| bar.close_at > now) {
        bars.pop();
    }
    bars
}

#[cfg(test)]
#[path = "resample_tests.rs"]
mod tests;
