//! Every single tick, none of them skipped.

use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{Market, TickQuery, ticks},
    proto::TickByTickData,
    wire::outgoing,
};

/// One stream of single ticks.
#[derive(Debug)]
pub(crate) struct TickByTick {
    query: TickQuery,
    /// Ticks until then were sent, or came before the subscription.
    seen: Timestamp,
}

impl TickByTick {
    pub(crate) fn new(query: TickQuery, now: Timestamp) -> Self {
        Self { query, seen: now }
    }
}

impl Stream for TickByTick {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if now <= self.seen {
            return;
        }
        let from = std::mem::replace(&mut self.seen, now);
        if sink.muted {
            return;
        }
        let kind = Some(self.query.kind.number());
        for told in ticks(market, self.query, from, now) {
            sink.send(outgoing::TICK_BY_TICK, &TickByTickData { req_id: Some(sink.request), kind, tick: Some(told.tick) });
        }
    }
}
