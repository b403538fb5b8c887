//! Level-1 streams and five-second bars.

use super::Contract;

/// Asks for a stream or a snapshot of ticks.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MarketDataRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(crate) generic_ticks: Option<String>,
    #[prost(bool, optional, tag = "4")]
    pub(crate) snapshot: Option<bool>,
    #[prost(bool, optional, tag = "5")]
    pub(crate) regulatory_snapshot: Option<bool>,
}

/// Chooses live, frozen or delayed data for later requests.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct MarketDataTypeRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) kind: Option<i32>,
}

/// The kind of data that a request gets.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct MarketDataType {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) kind: Option<i32>,
}

/// A price and, for bid, ask and last, its size.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickPrice {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(crate) price: Option<f64>,
    #[prost(string, optional, tag = "4")]
    pub(crate) size: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) attributes: Option<i32>,
}

/// A size.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickSize {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) tick: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(crate) size: Option<String>,
}

/// A number.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TickGeneric {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(crate) value: Option<f64>,
}

/// A text.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickString {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) tick: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(crate) value: Option<String>,
}

/// Price increment and permissions of a stream.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickRequestParameters {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) bbo_exchange: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub(crate) snapshot_permissions: Option<i32>,
}

/// Asks for five-second bars.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RealTimeBarsRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) bar_size: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(crate) what_to_show: Option<String>,
    #[prost(bool, optional, tag = "5")]
    pub(crate) use_rth: Option<bool>,
}

/// One five-second bar, stamped at its start.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RealTimeBar {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) time: Option<i64>,
    #[prost(double, optional, tag = "3")]
    pub(crate) open: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) high: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(crate) low: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(crate) close: Option<f64>,
    #[prost(string, optional, tag = "7")]
    pub(crate) volume: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(crate) wap: Option<String>,
    #[prost(int32, optional, tag = "9")]
    pub(crate) count: Option<i32>,
}
