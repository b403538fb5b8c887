//! The order book, as changes of its rows.

use bellwether::market::{BookOperation, BookSide, DepthUpdate};
use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{Book, BookQuery, Market, book, changes},
    proto::{MarketDepth, MarketDepthRow},
    wire::outgoing,
};

/// A book is looked at this often, on the gateway's clock.
const INTERVAL_MICROS: i64 = 100_000;

/// One subscription to a book.
#[derive(Debug)]
pub(crate) struct Depth {
    query: BookQuery,
    slot: Option<i64>,
    shown: Book,
}

impl Depth {
    pub(crate) fn new(query: BookQuery) -> Self {
        Self { query, slot: None, shown: Book::default() }
    }

    fn tell(&self, change: DepthUpdate, sink: &Sink<'_>) {
        let deleted = change.operation == BookOperation::Delete;
        let row = MarketDepthRow {
            position: i32::try_from(change.position).ok(),
            operation: Some(match change.operation {
                BookOperation::Insert => 0,
                BookOperation::Update => 1,
                BookOperation::Delete => 2,
            }),
            side: Some(i32::from(change.side == BookSide::Bid)),
            price: Some(if deleted { 0.0 } else { change.price }),
            size: Some(if deleted { "0".to_owned() } else { change.size.to_string() }),
            market_maker: change.market_maker,
            smart: Some(self.query.by_exchange),
        };
        let id = if self.query.by_exchange { outgoing::MARKET_DEPTH_L2 } else { outgoing::MARKET_DEPTH };
        sink.send(id, &MarketDepth { req_id: Some(sink.request), row: Some(row) });
    }
}

impl Stream for Depth {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        let slot = now.as_microsecond().div_euclid(INTERVAL_MICROS);
        // What a client is not told it must not be thought to know: a muted book stays as it was shown.
        if sink.muted || self.slot.replace(slot) == Some(slot) {
            return;
        }
        let next = book(market, self.query, now);
        for change in changes(&self.shown, &next, now) {
            self.tell(change, sink);
        }
        self.shown = next;
    }
}
