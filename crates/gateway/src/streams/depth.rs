//! The order book, as changes of its rows.

use bellwether::market::{BookOperation, BookSide, DepthUpdate};
use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{
    market::{Book, BookQuery, Market, apply, book, changes},
    proto::{MarketDepth, MarketDepthRow},
    tape::{Interval, RecordedDepth},
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
    recorded: Option<Recorded>,
}

/// How far a recorded book has been told.
#[derive(Debug)]
struct Recorded {
    /// First event of the interval, by which it is known.
    from: i64,
    /// The whole book, also where fewer rows are shown.
    whole: Book,
    seen: usize,
}

impl Depth {
    pub(crate) fn new(query: BookQuery) -> Self {
        Self { query, slot: None, shown: Book::default(), recorded: None }
    }

    /// Tells what was recorded since the last look: change by change where the client wants all the rows there are, else what the
    /// rows it wants have come to.
    fn recorded(&mut self, depth: &RecordedDepth, interval: &Interval, now: Timestamp, sink: &Sink<'_>) {
        let updates = depth.until(interval, now);
        let going_on = self.recorded.take().filter(|recorded| recorded.from == interval.from);
        let one_by_one = going_on.is_some() && self.query.rows >= depth.deepest;
        let mut recorded = going_on.unwrap_or_else(|| Recorded { from: interval.from, whole: Book::default(), seen: 0 });
        for update in &updates[recorded.seen.min(updates.len())..] {
            let named = self.query.by_exchange.then(|| update.market_maker.clone()).flatten();
            let update = DepthUpdate { market_maker: named, ..update.clone() };
            // A recording that began in the middle may change rows that it never had.
            if apply(&mut recorded.whole, &update) && one_by_one {
                self.tell(update, sink);
            }
        }
        recorded.seen = updates.len();
        let mut next = recorded.whole.clone();
        next.bids.truncate(self.query.rows);
        next.asks.truncate(self.query.rows);
        if !one_by_one {
            for change in changes(&self.shown, &next, now) {
                self.tell(change, sink);
            }
        }
        self.shown = next;
        self.recorded = Some(recorded);
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
        if sink.muted {
            self.recorded = None;
            return;
        }
        let depth = market.tape().recorded_depth(self.query.instrument);
        if let Some((depth, interval)) = depth.and_then(|depth| Some((depth, depth.interval_at(now)?))) {
            self.slot = None;
            return self.recorded(depth, interval, now, sink);
        }
        self.recorded = None;
        if self.slot.replace(slot) == Some(slot) {
            return;
        }
        let next = book(market, self.query, now);
        for change in changes(&self.shown, &next, now) {
            self.tell(change, sink);
        }
        self.shown = next;
    }
}
