//! The order book.

use super::Contract;

/// Asks for an order book.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MarketDepthRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) rows: Option<i32>,
    #[prost(bool, optional, tag = "4")]
    pub(crate) smart: Option<bool>,
}

/// A change of one row; operation 0 inserts, 1 updates, 2 deletes; side 0 asks, 1 bids.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MarketDepthRow {
    #[prost(int32, optional, tag = "1")]
    pub(crate) position: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) operation: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) side: Option<i32>,
    #[prost(double, optional, tag = "4")]
    pub(crate) price: Option<f64>,
    #[prost(string, optional, tag = "5")]
    pub(crate) size: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) market_maker: Option<String>,
    #[prost(bool, optional, tag = "7")]
    pub(crate) smart: Option<bool>,
}

/// One change of a book, with or without the name of who stands there: two messages, one body.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MarketDepth {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) row: Option<MarketDepthRow>,
}

/// An exchange whose book can be had.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DepthExchange {
    #[prost(string, optional, tag = "1")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) sec_type: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) listing_exchange: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) service: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) aggregated_group: Option<i32>,
}

/// The exchanges whose books can be had.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DepthExchanges {
    #[prost(message, repeated, tag = "1")]
    pub(crate) exchanges: Vec<DepthExchange>,
}
