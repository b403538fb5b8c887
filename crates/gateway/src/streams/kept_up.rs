//! Historical bars that go on: every bar that completes after the answer.

use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{BarQuery, BarSize, Market, Window, bars},
    proto::HistoricalDataUpdate,
    requests::wire_bar,
    wire::outgoing,
};

/// One historical request kept up to date.
#[derive(Debug)]
pub(crate) struct KeptUpHistory {
    query: BarQuery,
    /// Bars that start before this were sent.
    from: Timestamp,
    /// No bar completes before this.
    next: i64,
}

impl KeptUpHistory {
    /// Goes on with bars that start at `from` or later.
    pub(crate) fn new(query: BarQuery, from: Timestamp) -> Self {
        Self { query, from, next: i64::MIN }
    }
}

impl Stream for KeptUpHistory {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        let micros = now.as_microsecond();
        if micros < self.next {
            return;
        }
        let step = match self.query.size {
            BarSize::Seconds(seconds) => seconds * 1_000_000,
            _ => 60_000_000,
        };
        self.next = (micros.div_euclid(step) + 1) * step;
        for bar in bars(market, &self.query, Window { from: self.from, until: now }, now) {
            let body = HistoricalDataUpdate { req_id: Some(sink.request), bar: Some(wire_bar(&bar, self.query.size)) };
            sink.send(outgoing::HISTORICAL_DATA_UPDATE, &body);
            self.from = Timestamp::from_microsecond(bar.close_at).unwrap_or(now);
        }
    }
}
