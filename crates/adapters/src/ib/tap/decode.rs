//! Ticks out of their frames.
//!
//! Level-1 ticks become the library's own [`TickTypes`], so that a quote is made of them by the same code whichever way
//! they came; single trades and changes of the best bid and offer become [`Tick`]s.

use bellwether::market::{BidAsk, Tick, Trade};
use ibapi::{
    contracts::tick_types::TickType,
    market_data::realtime::{TickAttribute, TickGeneric, TickPrice, TickPriceSize, TickSize, TickString, TickTypes},
};
use jiff::Timestamp;

use super::fields::{Fields, Value};
use crate::ib::wire;

const TICK_PRICE: i32 = 1;
const TICK_SIZE: i32 = 2;
const TICK_GENERIC: i32 = 45;
const TICK_STRING: i32 = 46;
const TICK_BY_TICK: i32 = 99;

/// What a lane holds.
#[derive(Debug)]
pub(crate) enum Tapped {
    /// A change of a quote.
    Level1(TickTypes),
    /// A trade, or a change of the best bid and offer.
    Tick(Tick),
}

/// Whether messages with this id are ticks.
pub(super) fn is_tick(id: i32) -> bool {
    matches!(id, TICK_PRICE | TICK_SIZE | TICK_GENERIC | TICK_STRING | TICK_BY_TICK)
}

/// The tick in a body and the request that it answers; `None` when the body is damaged or holds another kind of tick.
pub(super) fn tick(id: i32, body: &[u8]) -> Option<(i32, Tapped)> {
    if id == TICK_BY_TICK {
        return tick_by_tick(body);
    }
    let (mut request, mut kind, mut number, mut text, mut mask) = (0, TickType::Unknown, None, None, 0);
    for field in Fields(body) {
        match field? {
            (1, value) => request = value.int32()?,
            (2, value) => kind = TickType::from(value.int32()?),
            (3, Value::Fixed64(bytes)) => number = Some(f64::from_le_bytes(bytes)),
            (3 | 4, value @ Value::Bytes(_)) => text = Some(value),
            (5, value) => mask = value.int()?,
            _ => {}
        }
    }
    let tick = match id {
        TICK_PRICE => {
            let size = match text {
                Some(text) => Some(text.decimal()?),
                None => None,
            };
            price(kind, number.unwrap_or_default(), size, mask)
        }
        TICK_SIZE => TickTypes::Size(TickSize { tick_type: kind, size: text.map_or(Some(0.0), Value::decimal)? }),
        TICK_GENERIC => TickTypes::Generic(TickGeneric { tick_type: kind, value: number.unwrap_or_default() }),
        _ => TickTypes::String(TickString { tick_type: kind, value: text.map_or(Some(""), Value::text)?.to_owned() }),
    };
    Some((request, Tapped::Level1(tick)))
}

fn price(tick_type: TickType, price: f64, size: Option<f64>, mask: i64) -> TickTypes {
    let attributes = TickAttribute { can_auto_execute: mask & 1 != 0, past_limit: mask & 2 != 0, pre_open: mask & 4 != 0 };
    let size_tick_type = match tick_type {
        TickType::Bid => Some(TickType::BidSize),
        TickType::Ask => Some(TickType::AskSize),
        TickType::Last => Some(TickType::LastSize),
        TickType::DelayedBid => Some(TickType::DelayedBidSize),
        TickType::DelayedAsk => Some(TickType::DelayedAskSize),
        TickType::DelayedLast => Some(TickType::DelayedLastSize),
        _ => None,
    };
    match size_tick_type.zip(size) {
        Some((size_tick_type, size)) => {
            TickTypes::PriceSize(TickPriceSize { price_tick_type: tick_type, price, attributes, size_tick_type, size })
        }
        None => TickTypes::Price(TickPrice { tick_type, price, attributes }),
    }
}

fn tick_by_tick(body: &[u8]) -> Option<(i32, Tapped)> {
    let mut request = 0;
    let mut tick = None;
    for field in Fields(body) {
        match field? {
            (1, value) => request = value.int32()?,
            (3, value) => tick = Some(Tick::Trade(trade(value.message()?)?)),
            (4, value) => tick = Some(Tick::BidAsk(bid_ask(value.message()?)?)),
            _ => {}
        }
    }
    Some((request, Tapped::Tick(tick?)))
}

fn trade(fields: Fields<'_>) -> Option<Trade> {
    let (mut exchange, mut conditions) = (String::new(), String::new());
    let mut trade = (0, 0.0, 0.0, false, false);
    for field in fields {
        match field? {
            (1, value) => trade.0 = value.int()?,
            (2, value) => {
                for attribute in value.message()? {
                    match attribute? {
                        (1, value) => trade.3 = value.flag()?,
                        (2, value) => trade.4 = value.flag()?,
                        _ => {}
                    }
                }
            }
            (3, value) => trade.1 = value.double()?,
            (4, value) => trade.2 = value.decimal()?,
            (5, value) => value.text()?.clone_into(&mut exchange),
            (6, value) => value.text()?.clone_into(&mut conditions),
            _ => {}
        }
    }
    let (seconds, price, size, past_limit, unreported) = trade;
    let at = Timestamp::from_second(seconds).ok()?;
    Some(Trade { at, price, size, exchange, conditions, past_limit, unreported })
}

fn bid_ask(fields: Fields<'_>) -> Option<BidAsk> {
    let mut quote = BidAsk { at: Timestamp::UNIX_EPOCH, bid: None, ask: None, bid_size: 0.0, ask_size: 0.0 };
    for field in fields {
        match field? {
            (1, value) => quote.at = Timestamp::from_second(value.int()?).ok()?,
            (3, value) => quote.bid = wire::price(value.double()?),
            (4, value) => quote.ask = wire::price(value.double()?),
            (5, value) => quote.bid_size = value.decimal()?,
            (6, value) => quote.ask_size = value.decimal()?,
            _ => {}
        }
    }
    Some(quote)
}
