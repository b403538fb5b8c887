//! What a stock's quote line shows at an instant.

use bellwether::market::Calendar;
use jiff::Timestamp;

use super::Market;
use crate::tape::mix;

/// Quotes change at most this often, on the gateway's clock.
pub(crate) const QUOTE_INTERVAL_MICROS: i64 = 250_000;

/// Level-1 state; what is not known is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Level1 {
    pub(crate) last: Option<f64>,
    pub(crate) last_size: f64,
    /// Seconds since the epoch.
    pub(crate) last_at: i64,
    /// Absent outside trading hours.
    pub(crate) bid: Option<f64>,
    pub(crate) ask: Option<f64>,
    pub(crate) bid_size: f64,
    pub(crate) ask_size: f64,
    /// Open and extremes of the regular session.
    pub(crate) open: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) low: Option<f64>,
    /// Shares since the pre-market began.
    pub(crate) volume: f64,
    pub(crate) previous_close: Option<f64>,
    pub(crate) halted: bool,
}

impl Market {
    /// The quote line of an instrument at `now`.
    pub(crate) fn level1(&self, instrument: usize, now: Timestamp) -> Level1 {
        match self.halted_since(instrument, now) {
            Some(since) => Level1 { halted: true, ..self.traded_level1(instrument, since) },
            None => self.traded_level1(instrument, now),
        }
    }

    fn traded_level1(&self, instrument: usize, now: Timestamp) -> Level1 {
        let symbol = &self.instrument(instrument).symbol;
        let Some((quote, last)) = self.tape().quote_at(symbol, now).zip(self.tape().last_at(symbol, now)) else {
            return Level1::default();
        };
        let day = self.tape().day_at(symbol, now);
        let trading = Calendar.day_of(now).ok().flatten().is_some_and(|day| day.session_at(now).is_some());
        // Sizes move with prices, so that nothing changes while the price stands.
        let size = |side: u64| 100.0 * (1 + mix(symbol.as_str(), last.price.to_bits() ^ side) % 9) as f64;
        Level1 {
            last: quote.last,
            last_size: last.size,
            last_at: last.at.as_second(),
            bid: quote.bid.filter(|_| trading),
            ask: quote.ask.filter(|_| trading),
            bid_size: size(1),
            ask_size: size(2),
            open: day.and_then(|day| day.open),
            high: day.and_then(|day| day.high),
            low: day.and_then(|day| day.low),
            volume: quote.volume.unwrap_or_default(),
            previous_close: day.and_then(|day| day.previous_close),
            halted: quote.halted,
        }
    }
}
