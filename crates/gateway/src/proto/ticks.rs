//! Single ticks, as they come and from the past.

use super::Contract;

/// Asks for a stream of single ticks.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickByTickRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(crate) kind: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub(crate) count: Option<i32>,
    #[prost(bool, optional, tag = "5")]
    pub(crate) ignore_size: Option<bool>,
}

/// One tick; kind 1 and 2 are trades, 3 is a bid and ask, 4 a midpoint.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickByTickData {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) kind: Option<i32>,
    #[prost(oneof = "Tick", tags = "3, 4, 5")]
    pub(crate) tick: Option<Tick>,
}

/// What a tick tells.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Tick {
    #[prost(message, tag = "3")]
    Last(TickLast),
    #[prost(message, tag = "4")]
    BidAsk(TickBidAsk),
    #[prost(message, tag = "5")]
    MidPoint(TickMidPoint),
}

/// What is special about a trade.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TickLastAttributes {
    #[prost(bool, optional, tag = "1")]
    pub(crate) past_limit: Option<bool>,
    #[prost(bool, optional, tag = "2")]
    pub(crate) unreported: Option<bool>,
}

/// A trade, epoch seconds.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickLast {
    #[prost(int64, optional, tag = "1")]
    pub(crate) time: Option<i64>,
    #[prost(message, optional, tag = "2")]
    pub(crate) attributes: Option<TickLastAttributes>,
    #[prost(double, optional, tag = "3")]
    pub(crate) price: Option<f64>,
    #[prost(string, optional, tag = "4")]
    pub(crate) size: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) conditions: Option<String>,
}

/// What is special about a bid and ask.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TickBidAskAttributes {
    #[prost(bool, optional, tag = "1")]
    pub(crate) bid_past_low: Option<bool>,
    #[prost(bool, optional, tag = "2")]
    pub(crate) ask_past_high: Option<bool>,
}

/// A best bid and offer, epoch seconds.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickBidAsk {
    #[prost(int64, optional, tag = "1")]
    pub(crate) time: Option<i64>,
    #[prost(message, optional, tag = "2")]
    pub(crate) attributes: Option<TickBidAskAttributes>,
    #[prost(double, optional, tag = "3")]
    pub(crate) bid: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) ask: Option<f64>,
    #[prost(string, optional, tag = "5")]
    pub(crate) bid_size: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) ask_size: Option<String>,
}

/// A midpoint, epoch seconds.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickMidPoint {
    #[prost(int64, optional, tag = "1")]
    pub(crate) time: Option<i64>,
    #[prost(double, optional, tag = "2")]
    pub(crate) price: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub(crate) size: Option<String>,
}

/// Asks for ticks of the past.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalTicksRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(crate) start: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) end: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) count: Option<i32>,
    #[prost(string, optional, tag = "6")]
    pub(crate) what_to_show: Option<String>,
    #[prost(bool, optional, tag = "7")]
    pub(crate) use_rth: Option<bool>,
    #[prost(bool, optional, tag = "8")]
    pub(crate) ignore_size: Option<bool>,
}

/// Midpoints of the past.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalMidPoints {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) ticks: Vec<TickMidPoint>,
    #[prost(bool, optional, tag = "3")]
    pub(crate) done: Option<bool>,
}

/// Bids and asks of the past.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalBidAsks {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) ticks: Vec<TickBidAsk>,
    #[prost(bool, optional, tag = "3")]
    pub(crate) done: Option<bool>,
}

/// Trades of the past.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalLasts {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) ticks: Vec<TickLast>,
    #[prost(bool, optional, tag = "3")]
    pub(crate) done: Option<bool>,
}
