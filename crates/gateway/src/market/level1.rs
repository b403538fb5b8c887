//! What a stock's quote line shows at an instant.

use bellwether::market::Calendar;
use jiff::Timestamp;

use super::Market;
use crate::tape::Moment;

/// Quotes change at most this often, on the gateway's clock.
pub(crate) const QUOTE_INTERVAL_MICROS: i64 = 250_000;

/// Level-1 state; what is not known is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Level1 {
    pub(crate) last: Option<f64>,
    pub(crate) last_size: f64,
    /// Seconds since the epoch.
    pub(crate) last_at: i64,
    pub(crate) last_milliseconds: i64,
    /// Whether the market is open, pre- and post-market included.
    pub(crate) trading: bool,
    /// Outside trading hours those that stood last.
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
    /// Trades since the pre-market began.
    pub(crate) trades: f64,
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
        let Some(moment) = self.tape().moment(instrument, now) else { return Level1::default() };
        let trading = Calendar.day_of(now).ok().flatten().is_some_and(|day| day.session_at(now).is_some());
        let Moment { last, best, day, halted } = moment;
        Level1 {
            last: Some(last.price),
            last_size: last.size,
            last_at: last.at.as_second(),
            last_milliseconds: last.at.as_millisecond(),
            trading,
            bid: best.bid,
            ask: best.ask,
            bid_size: best.bid_size,
            ask_size: best.ask_size,
            open: day.open,
            high: day.high,
            low: day.low,
            volume: day.volume,
            trades: day.trades,
            previous_close: day.previous_close,
            halted,
        }
    }
}
