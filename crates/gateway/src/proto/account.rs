//! The account: its values, positions and profits.

use super::Contract;

/// Asks for account values.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountSummaryRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) group: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) tags: Option<String>,
}

/// One account value.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountSummary {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) tag: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) value: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) currency: Option<String>,
}

/// Starts or stops account updates.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountUpdatesRequest {
    #[prost(bool, optional, tag = "1")]
    pub(crate) subscribe: Option<bool>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
}

/// One account value of the update stream.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountValue {
    #[prost(string, optional, tag = "1")]
    pub(crate) key: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) value: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) currency: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) account: Option<String>,
}

/// When the account was last updated.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountUpdateTime {
    #[prost(string, optional, tag = "1")]
    pub(crate) time: Option<String>,
}

/// End of the first account download.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountDownloadEnd {
    #[prost(string, optional, tag = "1")]
    pub(crate) account: Option<String>,
}

/// One line of the portfolio in the update stream.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PortfolioValue {
    #[prost(message, optional, tag = "1")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "2")]
    pub(crate) position: Option<String>,
    #[prost(double, optional, tag = "3")]
    pub(crate) market_price: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) market_value: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(crate) average_cost: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(crate) unrealized: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(crate) realized: Option<f64>,
    #[prost(string, optional, tag = "8")]
    pub(crate) account: Option<String>,
}

/// Asks for account values, or for positions, by account and model.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MultiRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) model: Option<String>,
}

/// One account value of a stream by account and model.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AccountUpdateMulti {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) model: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) key: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) value: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) currency: Option<String>,
}

/// A position; the quantity is a text.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Position {
    #[prost(string, optional, tag = "1")]
    pub(crate) account: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "3")]
    pub(crate) position: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(crate) average_cost: Option<f64>,
}

/// A position of a stream by account and model.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PositionMulti {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(message, optional, tag = "3")]
    pub(crate) contract: Option<Contract>,
    #[prost(string, optional, tag = "4")]
    pub(crate) position: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(crate) average_cost: Option<f64>,
    #[prost(string, optional, tag = "6")]
    pub(crate) model: Option<String>,
}

/// Asks for the profit of the account.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProfitRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) model: Option<String>,
}

/// Asks for the profit of one position.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProfitSingleRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) model: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub(crate) con_id: Option<i32>,
}

/// The profit of the account.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Profit {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(double, optional, tag = "2")]
    pub(crate) daily: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(crate) unrealized: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) realized: Option<f64>,
}

/// The profit of one position.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProfitSingle {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) position: Option<String>,
    #[prost(double, optional, tag = "3")]
    pub(crate) daily: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) unrealized: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(crate) realized: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(crate) value: Option<f64>,
}
