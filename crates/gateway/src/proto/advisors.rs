//! What advisors' accounts have: families of accounts and soft dollar tiers.

/// An account and the family that it belongs to; empty when it belongs to none.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FamilyCode {
    #[prost(string, optional, tag = "1")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) code: Option<String>,
}

/// The families of the session's accounts.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FamilyCodes {
    #[prost(message, repeated, tag = "1")]
    pub(crate) codes: Vec<FamilyCode>,
}

/// The soft dollar tiers of the session; there are none here.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct SoftDollarTiers {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
}
