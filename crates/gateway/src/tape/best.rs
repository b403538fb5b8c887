//! The best bid and offer that belong to a price.

use bellwether::market::BidAsk;
use jiff::Timestamp;

use super::cents;

/// Best bid and offer around a price.
///
/// ```text
/// half = price · spread_bps / 20_000
/// bid  = price − half, rounded down to the cent, at least 0.01 below the price
/// ask  = price + half, rounded up to the cent, at least 0.01 above the bid
/// ```
pub(crate) fn around(price: f64, spread_bps: f64) -> (f64, f64) {
    let half = price * spread_bps / 20_000.0;
    // A millionth of a cent keeps a price that is whole cents from being moved by its binary representation.
    let bid = (((price - half) * 100.0 + 1e-6).floor() / 100.0).min(cents(price - 0.01)).max(0.01);
    let ask = ((price + half) * 100.0 - 1e-6).ceil() / 100.0;
    (bid, ask.max(cents(bid + 0.01)))
}

/// The best bid and offer after a trade: around its price, with 100 to 900 shares on each side as `salt` says.
pub(crate) fn after_trade(at: Timestamp, price: f64, spread_bps: f64, salt: u64) -> BidAsk {
    let (bid, ask) = around(price, spread_bps);
    let shares = |bits: u64| 100.0 * (1 + bits % 9) as f64;
    BidAsk { at, bid: Some(bid), ask: Some(ask), bid_size: shares(salt & 0xFFFF), ask_size: shares(salt >> 16 & 0xFFFF) }
}
