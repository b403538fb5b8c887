//! Historical bars that go on: every bar that completes after the answer, and about every five seconds the one that is running.

use bellwether::market::Bar;
use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{BarQuery, BarSize, Market, Window, bars, running},
    proto::HistoricalDataUpdate,
    requests::{Stamp, wire_bar},
    wire::outgoing,
};

/// How often the running bar is told, on the gateway's clock.
const RUNNING_EVERY_MICROS: i64 = 5_000_000;

/// One historical request kept up to date.
#[derive(Debug)]
pub(crate) struct KeptUpHistory {
    query: BarQuery,
    stamp: Stamp,
    /// Bars that start before this were sent.
    from: Timestamp,
    /// Nothing is told before this.
    next: i64,
    /// The running bar as last told.
    told: Option<Bar>,
}

impl KeptUpHistory {
    /// Goes on with bars that start at `from` or later.
    pub(crate) fn new(query: BarQuery, stamp: Stamp, from: Timestamp) -> Self {
        Self { query, stamp, from, next: i64::MIN, told: None }
    }

    fn tell(&self, bar: &Bar, sink: &Sink<'_>) {
        let body = HistoricalDataUpdate { req_id: Some(sink.request), bar: Some(wire_bar(bar, self.query.size, self.stamp)) };
        sink.send(outgoing::HISTORICAL_DATA_UPDATE, &body);
    }
}

impl Stream for KeptUpHistory {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        let micros = now.as_microsecond();
        if micros < self.next {
            return;
        }
        let step = match self.query.size {
            BarSize::Seconds(seconds) => RUNNING_EVERY_MICROS.min(seconds * 1_000_000),
            _ => RUNNING_EVERY_MICROS,
        };
        self.next = (micros.div_euclid(step) + 1) * step;
        // A bar that is complete is told once more, as it is to stay, before the one after it.
        let complete = bars(market, &self.query, Window { from: self.from, until: now }, now);
        let from = self.from.as_microsecond();
        for bar in complete.into_iter().filter(|bar| bar.open_at >= from) {
            self.tell(&bar, sink);
            self.from = Timestamp::from_microsecond(bar.close_at).unwrap_or(now);
        }
        let running = running(market, &self.query, now);
        if running != self.told {
            running.iter().for_each(|bar| self.tell(bar, sink));
            self.told = running;
        }
    }
}
