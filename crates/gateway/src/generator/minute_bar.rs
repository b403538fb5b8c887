//! One minute's bar from the price at its two ends.

use bellwether::market::Bar;
use rand::rngs::StdRng;

use super::random::{normal, open_unit};

/// What is known of a minute before its bar is drawn. Prices in any unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Minute {
    /// Start, microseconds.
    pub(super) open_at: i64,
    /// Price at the start and at the end.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Standard deviation of the log price over the minute.
    pub(super) sigma: f64,
    /// Quoted spread as a fraction of the price.
    pub(super) spread: f64,
    pub(super) trades: f64,
    pub(super) volume: f64,
}

const MICROS: i64 = 60_000_000;

/// Draws the bar, not yet rounded.
///
/// Open and close bounce within the spread. A single trade gives a flat bar at the price of the end. The extremes are those of a
/// Brownian bridge between open and close,
///
/// ```text
/// high = (o + c + sqrt((c − o)² − 2 s² ln U)) / 2,   s = to · sigma · sqrt((n − 1) / (n + 4)),   U uniform on (0, 1]
/// ```
/// and the same downwards, with `s` smaller when `n` trades are few.
pub(super) fn draw(minute: &Minute, rng: &mut StdRng) -> Bar {
    let bounce = |rng: &mut StdRng| 1.0 + 0.5 * minute.spread * normal(rng).clamp(-1.0, 1.0);
    let close = minute.to * bounce(rng);
    let open = if minute.trades <= 1.0 { close } else { minute.from * bounce(rng) };
    let s = minute.to * minute.sigma * ((minute.trades - 1.0).max(0.0) / (minute.trades + 4.0)).sqrt();
    let mut reach = || ((close - open) * (close - open) - 2.0 * s * s * open_unit(rng).ln()).max(0.0).sqrt();
    let high = 0.5 * (open + close + reach());
    let low = 0.5 * (open + close - reach());
    Bar {
        open_at: minute.open_at,
        close_at: minute.open_at + MICROS,
        open,
        high: high.max(open).max(close),
        low: low.min(open).min(close).max(0.5 * open.min(close)),
        close,
        volume: minute.volume,
        vwap: None,
        trades: Some(minute.trades),
    }
}

/// Scales the prices, rounds them to cents (at least one), and puts the VWAP at the mean of the four.
pub(super) fn settle(bar: Bar, scale: f64) -> Bar {
    let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(|price| cents(price * scale));
    let vwap = ((open + high + low + close) * 2_500.0).round() / 10_000.0;
    Bar { open, high, low, close, vwap: Some(vwap), ..bar }
}

/// To the cent, at least one.
pub(super) fn cents(price: f64) -> f64 {
    ((price * 100.0).round() / 100.0).max(0.01)
}

/// A session's daily bar: prices of the regular session, volume of the whole day, trades likewise. `None` without a regular print.
pub(super) fn daily_of(minutes: &[Bar], open_at: i64, close_at: i64) -> Option<Bar> {
    let regular = || minutes.iter().filter(|bar| (open_at..close_at).contains(&bar.open_at));
    let first = regular().next()?;
    let last = regular().next_back()?;
    let high = regular().map(|bar| bar.high).fold(first.high, f64::max);
    let low = regular().map(|bar| bar.low).fold(first.low, f64::min);
    let shares: f64 = regular().map(|bar| bar.volume).sum();
    let traded: f64 = regular().map(|bar| bar.vwap.unwrap_or(bar.close) * bar.volume).sum();
    Some(Bar {
        open_at,
        close_at,
        open: first.open,
        high,
        low,
        close: last.close,
        volume: minutes.iter().map(|bar| bar.volume).sum(),
        vwap: (shares > 0.0).then(|| ((traded / shares) * 10_000.0).round() / 10_000.0),
        trades: Some(minutes.iter().filter_map(|bar| bar.trades).sum()),
    })
}
