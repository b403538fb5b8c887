//! The account: valid, and empty of positions.

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
