//! What happens between bars: single trades, changes of the best bid and offer, and changes of the order book.
//!
//! None of them names its symbol: they are kept by symbol. Times are those of the event, with the resolution of their
//! source (IB tells whole seconds); the order in which they are kept is the order in which they came.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One event of the tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tick {
    /// A trade.
    Trade(Trade),
    /// The best bid and offer, after a change.
    BidAsk(BidAsk),
}

impl Tick {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Trade(trade) => trade.at,
            Self::BidAsk(quote) => quote.at,
        }
    }
}

/// A trade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// When it was made.
    pub at: Timestamp,
    /// Price, USD.
    pub price: f64,
    /// Shares.
    pub size: f64,
    /// Where it was made, in the source's spelling; empty when not told.
    pub exchange: String,
    /// Sale conditions, in the source's spelling; empty when none.
    pub conditions: String,
    /// The price is outside the limit bands.
    pub past_limit: bool,
    /// Reported, but not part of the last price, high, low or volume: odd lots, late reports and the like.
    pub unreported: bool,
}

/// The best bid and offer. A side without a price is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BidAsk {
    /// When it changed.
    pub at: Timestamp,
    /// Best bid, USD.
    pub bid: Option<f64>,
    /// Best offer, USD.
    pub ask: Option<f64>,
    /// Shares at the bid.
    pub bid_size: f64,
    /// Shares at the offer.
    pub ask_size: f64,
}

/// One change of an order book, as a market depth feed tells it: rows are numbered from 0, the best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DepthUpdate {
    /// When it came.
    pub at: Timestamp,
    /// Which half of the book.
    pub side: BookSide,
    /// Row, 0 the best.
    pub position: usize,
    /// What happens to the row.
    pub operation: BookOperation,
    /// Price, USD; meaningless for a deletion.
    pub price: f64,
    /// Shares; meaningless for a deletion.
    pub size: f64,
    /// Market maker or exchange, where the feed names one.
    pub market_maker: Option<String>,
}

/// A half of the order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookSide {
    /// Who wants to buy.
    Bid,
    /// Who wants to sell.
    Ask,
}

/// What happens to a row of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookOperation {
    /// A new row; those below move down.
    Insert,
    /// The row changes.
    Update,
    /// The row goes; those below move up.
    Delete,
}
