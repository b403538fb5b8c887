//! Single ticks, books and what goes with them as the Rust client decodes them.

use ibapi::market_data::{
    historical::{HistogramEntry, TickBidAsk, TickLast, TickMidpoint},
    realtime::{BidAsk, DepthMarketDataDescription, MarketDepths, MidPoint, Trade},
};
use serde_json::json;

use super::events::{Event, event};

pub(super) fn trade(it: Trade) -> Vec<Event> {
    let flags = &it.trade_attribute;
    vec![event(
        "trade",
        json!({
            "time": it.time.unix_timestamp(), "price": it.price, "size": it.size, "exchange": it.exchange,
            "conditions": it.special_conditions, "past_limit": flags.past_limit, "unreported": flags.unreported,
        }),
    )]
}

pub(super) fn bid_ask(it: BidAsk) -> Vec<Event> {
    let flags = &it.bid_ask_attribute;
    vec![event(
        "bid_ask",
        json!({
            "time": it.time.unix_timestamp(), "bid": it.bid_price, "ask": it.ask_price, "bid_size": it.bid_size,
            "ask_size": it.ask_size, "bid_past_low": flags.bid_past_low, "ask_past_high": flags.ask_past_high,
        }),
    )]
}

pub(super) fn mid_point(it: MidPoint) -> Vec<Event> {
    vec![event("mid_point", json!({ "time": it.time.unix_timestamp(), "price": it.mid_point }))]
}

pub(super) fn past_trade(it: TickLast) -> Vec<Event> {
    let flags = &it.tick_attribute_last;
    vec![event(
        "past_trade",
        json!({
            "time": it.timestamp.unix_timestamp(), "price": it.price, "size": it.size, "exchange": it.exchange,
            "conditions": it.special_conditions, "past_limit": flags.past_limit, "unreported": flags.unreported,
        }),
    )]
}

pub(super) fn past_bid_ask(it: TickBidAsk) -> Vec<Event> {
    let flags = &it.tick_attribute_bid_ask;
    vec![event(
        "past_bid_ask",
        json!({
            "time": it.timestamp.unix_timestamp(), "bid": it.price_bid, "ask": it.price_ask, "bid_size": it.size_bid,
            "ask_size": it.size_ask, "bid_past_low": flags.bid_past_low, "ask_past_high": flags.ask_past_high,
        }),
    )]
}

pub(super) fn past_mid_point(it: TickMidpoint) -> Vec<Event> {
    vec![event("past_mid_point", json!({ "time": it.timestamp.unix_timestamp(), "price": it.price }))]
}

pub(super) fn depth(it: MarketDepths) -> Vec<Event> {
    vec![match it {
        MarketDepths::MarketDepth(it) => event(
            "depth",
            json!({
                "position": it.position, "operation": it.operation, "side": it.side, "price": it.price, "size": it.size,
            }),
        ),
        MarketDepths::MarketDepthL2(it) => event(
            "depth",
            json!({
                "position": it.position, "operation": it.operation, "side": it.side, "price": it.price, "size": it.size,
                "maker": it.market_maker, "smart": it.smart_depth,
            }),
        ),
        other => event("unforeseen", json!({ "what": format!("{other:?}") })),
    }]
}

pub(super) fn depth_exchange(it: &DepthMarketDataDescription) -> Event {
    event(
        "depth_exchange",
        json!({
            "exchange": it.exchange_name, "sec_type": it.security_type, "listing": it.listing_exchange,
            "service": it.service_data_type, "group": it.aggregated_group,
        }),
    )
}

pub(super) fn histogram(entries: &[HistogramEntry]) -> Vec<Event> {
    let told = entries.iter().map(|it| event("histogram", json!({ "price": it.price, "size": it.size })));
    told.chain([event("histogram_end", json!({}))]).collect()
}
