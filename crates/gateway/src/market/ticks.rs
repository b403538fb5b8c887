//! Single ticks of the kind a client asked for, from an interval or the last before an instant.

use bellwether::market::BidAsk;
use jiff::{SignedDuration, Timestamp};

use super::Market;
use crate::{
    proto::{Tick, TickBidAsk, TickBidAskAttributes, TickLast, TickLastAttributes, TickMidPoint},
    tape::{TapeTick, TapeTrade},
};

/// The kinds of ticks there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TickKind {
    /// Trades that count.
    Last,
    /// Trades, with those that are reported but count nowhere.
    AllLast,
    /// Changes of the best bid and offer.
    BidAsk,
    /// Changes of the price half way between them.
    MidPoint,
}

impl TickKind {
    /// Reads the spelling of a stream of ticks, which minds upper and lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "Last" => Self::Last,
            "AllLast" => Self::AllLast,
            "BidAsk" => Self::BidAsk,
            "MidPoint" => Self::MidPoint,
            _ => return None,
        })
    }

    /// Reads the spelling of a history of ticks. The history of trades has all of them.
    pub(crate) fn parse_history(text: &str) -> Option<Self> {
        Some(match text {
            "TRADES" => Self::AllLast,
            "BID_ASK" => Self::BidAsk,
            "MIDPOINT" => Self::MidPoint,
            _ => return None,
        })
    }

    /// The number by which a stream of ticks names its kind.
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::Last => 1,
            Self::AllLast => 2,
            Self::BidAsk => 3,
            Self::MidPoint => 4,
        }
    }
}

/// Which ticks are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TickQuery {
    pub(crate) instrument: usize,
    pub(crate) kind: TickKind,
    /// Of bids and asks, only changes of a price.
    pub(crate) ignore_size: bool,
}

/// A tick as the wire has it, and when it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToldTick {
    pub(crate) at: Timestamp,
    pub(crate) tick: Tick,
}

/// The ticks after `from` until `until`, `until` included, in order; none during a halt.
pub(crate) fn ticks<'a>(
    market: &'a Market,
    query: TickQuery,
    from: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = ToldTick> + 'a {
    let symbol = &market.instrument(query.instrument).symbol;
    let until = market.halted_since(query.instrument, until).unwrap_or(until);
    let mut shown = match query.kind {
        TickKind::Last | TickKind::AllLast => None,
        TickKind::BidAsk | TickKind::MidPoint => market.tape().bid_ask_at(symbol, from),
    };
    market.tape().ticks(symbol, from, until).filter_map(move |tick| {
        let (at, tick) = match (tick, query.kind) {
            (TapeTick::Trade(trade), TickKind::AllLast) => (trade.at, last(&trade)),
            (TapeTick::Trade(trade), TickKind::Last) if !trade.unreported => (trade.at, last(&trade)),
            (TapeTick::BidAsk(next), TickKind::BidAsk) => {
                let prices = |quote: &BidAsk| (quote.bid, quote.ask);
                let before = shown.replace(next);
                if query.ignore_size && before.is_some_and(|before| prices(&before) == prices(&next)) {
                    return None;
                }
                (next.at, bid_ask(&next))
            }
            (TapeTick::BidAsk(next), TickKind::MidPoint) => {
                let before = shown.replace(next);
                let price = mid_point(&next)?;
                if before.and_then(|before| mid_point(&before)) == Some(price) {
                    return None;
                }
                let tick = TickMidPoint { time: Some(next.at.as_second()), price: Some(price), size: None };
                (next.at, Tick::MidPoint(tick))
            }
            _ => return None,
        };
        Some(ToldTick { at, tick })
    })
}

/// The first `count` ticks after `from` until `until`, `until` included, in order; more when several share the last one's second.
pub(crate) fn first_ticks(
    market: &Market,
    query: TickQuery,
    (from, until): (Timestamp, Timestamp),
    count: usize,
) -> Vec<ToldTick> {
    let mut found: Vec<ToldTick> = Vec::with_capacity(count);
    for tick in ticks(market, query, from, until) {
        if found.len() >= count && found.last().is_some_and(|last| last.at.as_second() != tick.at.as_second()) {
            break;
        }
        found.push(tick);
    }
    found
}

/// The last `count` ticks after `floor` until `until`, `until` included, in order; more when several share the first one's second.
pub(crate) fn last_ticks(
    market: &Market,
    query: TickQuery,
    (floor, until): (Timestamp, Timestamp),
    count: usize,
) -> Vec<ToldTick> {
    let mut reach = SignedDuration::from_mins(1);
    loop {
        let from = until.checked_sub(reach).unwrap_or(floor).max(floor);
        let mut found: Vec<ToldTick> = ticks(market, query, from, until).collect();
        // One more than wanted shows whether the first second is whole.
        if found.len() > count || from == floor {
            let mut first = found.len().saturating_sub(count);
            while first > 0 && found[first - 1].at.as_second() == found[first].at.as_second() {
                first -= 1;
            }
            if first > 0 || from == floor {
                return found.split_off(first);
            }
        }
        reach *= 2;
    }
}

fn last(trade: &TapeTrade<'_>) -> Tick {
    let attributes = TickLastAttributes { past_limit: Some(trade.past_limit), unreported: Some(trade.unreported) };
    Tick::Last(TickLast {
        time: Some(trade.at.as_second()),
        attributes: Some(attributes),
        price: Some(trade.price),
        size: Some(trade.size.to_string()),
        exchange: Some(trade.exchange.to_owned()),
        conditions: Some(trade.conditions.to_owned()),
    })
}

/// A side without a price is 0, as the wire has it.
fn bid_ask(quote: &BidAsk) -> Tick {
    let attributes = TickBidAskAttributes { bid_past_low: Some(false), ask_past_high: Some(false) };
    Tick::BidAsk(TickBidAsk {
        time: Some(quote.at.as_second()),
        attributes: Some(attributes),
        bid: Some(quote.bid.unwrap_or_default()),
        ask: Some(quote.ask.unwrap_or_default()),
        bid_size: Some(quote.bid_size.to_string()),
        ask_size: Some(quote.ask_size.to_string()),
    })
}

fn mid_point(quote: &BidAsk) -> Option<f64> {
    Some((quote.bid? + quote.ask?) / 2.0)
}
