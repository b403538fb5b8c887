//! What a tape holds besides bars.

use bellwether::market::{InstrumentKind, Symbol};
use jiff::Timestamp;

/// One instrument that the gateway can be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct TapeInstrument {
    /// Ticker.
    pub symbol: Symbol,
    /// Contract id, as Interactive Brokers numbers contracts.
    pub contract_id: i32,
    /// Company or fund.
    pub name: String,
    /// Stock or fund.
    pub kind: InstrumentKind,
    /// Listing exchange, in Interactive Brokers' spelling (`NASDAQ`, `NYSE`, `ARCA`, `AMEX`).
    pub primary_exchange: String,
    /// Quoted spread in basis points of the price.
    pub spread_bps: f64,
    /// Whether the account may see its market data.
    pub subscribed: bool,
    /// Shares that trade freely.
    pub float_shares: Option<f64>,
}

/// One headline on the tape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeHeadline {
    /// Ticker it is about.
    pub symbol: Symbol,
    /// When it was published.
    pub at: Timestamp,
    /// Provider code, such as `BRFG`.
    pub provider: String,
    /// Headline.
    pub title: String,
    /// Article.
    pub body: String,
}

/// An interval, half-open, in which an instrument may not trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// Ticker.
    pub symbol: Symbol,
    /// First instant without trading.
    pub from: Timestamp,
    /// First instant with trading again.
    pub until: Timestamp,
}
