//! What is traded, and the search for it.

/// An instrument as a client describes it, or as the gateway knows it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Contract {
    #[prost(int32, optional, tag = "1")]
    pub(crate) con_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) symbol: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) sec_type: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(crate) primary_exchange: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(crate) currency: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub(crate) local_symbol: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(crate) trading_class: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(crate) description: Option<String>,
}

/// Everything known of an instrument.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ContractDetails {
    #[prost(string, optional, tag = "1")]
    pub(crate) market_name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) min_tick: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) order_types: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) valid_exchanges: Option<String>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) price_magnifier: Option<i32>,
    #[prost(string, optional, tag = "7")]
    pub(crate) long_name: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(crate) time_zone: Option<String>,
    #[prost(string, optional, tag = "13")]
    pub(crate) trading_hours: Option<String>,
    #[prost(string, optional, tag = "14")]
    pub(crate) liquid_hours: Option<String>,
    #[prost(int32, optional, tag = "18")]
    pub(crate) aggregated_group: Option<i32>,
    #[prost(string, optional, tag = "21")]
    pub(crate) market_rule_ids: Option<String>,
    #[prost(string, optional, tag = "23")]
    pub(crate) stock_type: Option<String>,
    #[prost(string, optional, tag = "24")]
    pub(crate) min_size: Option<String>,
    #[prost(string, optional, tag = "25")]
    pub(crate) size_increment: Option<String>,
    #[prost(string, optional, tag = "26")]
    pub(crate) suggested_size_increment: Option<String>,
}

/// Asks for the details of all instruments that fit.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ContractRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
}

/// One instrument that fits.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ContractData {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(crate) details: Option<ContractDetails>,
}

/// Asks for symbols that start like a text.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SymbolsRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) pattern: Option<String>,
}

/// One symbol found.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SymbolMatch {
    #[prost(message, optional, tag = "1")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) derivative_types: Vec<String>,
}

/// The symbols found.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SymbolSamples {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) matches: Vec<SymbolMatch>,
}

/// Asks for a table of price increments.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct MarketRuleRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) rule_id: Option<i32>,
}

/// The increment from a price upwards.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct PriceIncrement {
    #[prost(double, optional, tag = "1")]
    pub(crate) low_edge: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub(crate) increment: Option<f64>,
}

/// A table of price increments.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MarketRule {
    #[prost(int32, optional, tag = "1")]
    pub(crate) rule_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) increments: Vec<PriceIncrement>,
}

/// Asks for the exchanges behind the letters of a best bid and offer.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SmartComponentsRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) bbo_exchange: Option<String>,
}

/// An exchange and its letter.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SmartComponent {
    #[prost(int32, optional, tag = "1")]
    pub(crate) bit: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) letter: Option<String>,
}

/// The exchanges behind the letters.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SmartComponents {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) components: Vec<SmartComponent>,
}
