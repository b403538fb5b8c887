//! Connection, clock, accounts list and errors.

/// First message after the handshake.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct StartApi {
    #[prost(int32, optional, tag = "1")]
    pub(crate) client_id: Option<i32>,
}

/// A body that only names a request: every cancel, every end marker.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct RequestId {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
}

/// A body without fields.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Empty {}

/// Accounts the session may see, separated by commas.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ManagedAccounts {
    #[prost(string, optional, tag = "1")]
    pub(crate) accounts: Option<String>,
}

/// The first order id that is free.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct NextValidId {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
}

/// The gateway's time, seconds.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct CurrentTime {
    #[prost(int64, optional, tag = "1")]
    pub(crate) seconds: Option<i64>,
}

/// The gateway's time, milliseconds.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct CurrentTimeMillis {
    #[prost(int64, optional, tag = "1")]
    pub(crate) milliseconds: Option<i64>,
}

/// An error or notice; id -1 when it concerns no request.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ErrorMessage {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) time_ms: Option<i64>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) code: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(crate) text: Option<String>,
}

/// What is known of the user: the broker under whose name the account is.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct UserInfo {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) white_branding_id: Option<String>,
}
