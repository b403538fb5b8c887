//! Five-second bars, cut from minute bars so that twelve of them add up to the minute.

use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{BarQuery, Market, Window, bars},
    proto::RealTimeBar,
    wire::outgoing,
};

const LENGTH_MICROS: i64 = 5_000_000;

/// One stream of five-second bars.
#[derive(Debug)]
pub(crate) struct FiveSecondBars {
    query: BarQuery,
    /// Bars that start before this were sent, or began before the subscription.
    from: Timestamp,
}

impl FiveSecondBars {
    pub(crate) fn new(query: BarQuery, now: Timestamp) -> Self {
        Self { query, from: now }
    }
}

impl Stream for FiveSecondBars {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if now.as_microsecond() - self.from.as_microsecond() < LENGTH_MICROS {
            return;
        }
        for bar in bars(market, &self.query, Window { from: self.from, until: now }, now) {
            let body = RealTimeBar {
                req_id: Some(sink.request),
                time: Some(bar.open_at.div_euclid(1_000_000)),
                open: Some(bar.open),
                high: Some(bar.high),
                low: Some(bar.low),
                close: Some(bar.close),
                volume: Some(bar.volume.to_string()),
                wap: Some(bar.vwap.map_or_else(|| "-1".to_owned(), |vwap| vwap.to_string())),
                count: Some(bar.trades.map_or(-1, |trades| trades as i32)),
            };
            sink.send(outgoing::REAL_TIME_BAR, &body);
        }
        let begun = now.as_microsecond().div_euclid(LENGTH_MICROS) * LENGTH_MICROS;
        self.from = Timestamp::from_microsecond(begun).unwrap_or(now).max(self.from);
    }
}
