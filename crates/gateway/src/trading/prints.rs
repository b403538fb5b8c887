//! What the tape traded: the one place where orders look at the market.

use bellwether::market::BidAsk;
use jiff::Timestamp;

use crate::{market::Market, tape::TapeTick};

const SECOND: i64 = 1_000_000;

/// One trade that counts in last price and volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Print {
    pub(crate) instrument: usize,
    pub(crate) at: Timestamp,
    pub(crate) price: f64,
    pub(crate) shares: f64,
}

impl Print {
    pub(crate) fn minute(&self) -> i64 {
        self.at.as_microsecond().div_euclid(60 * SECOND)
    }

    /// Whether it is in the last second of its minute.
    pub(crate) fn ends_minute(&self) -> bool {
        self.at.as_microsecond().rem_euclid(60 * SECOND) >= 59 * SECOND
    }

    /// The bid and offer that it leaves behind.
    pub(crate) fn bid_ask(&self, market: &Market) -> Option<BidAsk> {
        market.tape().bid_ask_at(&market.instrument(self.instrument).symbol, self.at)
    }
}

/// Adds what `instrument` traded after `from` and until `until` to `prints`, oldest first. Halts that are not on the tape hide
/// what it trades meanwhile.
pub(crate) fn collect(market: &Market, instrument: usize, from: Timestamp, until: Timestamp, prints: &mut Vec<Print>) {
    let trades = market.tape().ticks(&market.instrument(instrument).symbol, from, until).filter_map(|tick| match tick {
        TapeTick::Trade(trade) if !trade.unreported => {
            Some(Print { instrument, at: trade.at, price: trade.price, shares: trade.size })
        }
        _ => None,
    });
    let halted = market.halted_since(instrument, until);
    prints.extend(trades.filter(|print| halted.is_none_or(|since| print.at < since)));
}
