//! What the library's errors mean to us.

use std::time::Duration;

use bellwether::market::MissingReason;
use ibapi::{Error, Notice};

use crate::error::AdapterError;

/// What an error of the library says about the request `what`, after waiting for `waited`.
pub(super) fn refusal(what: &str, waited: Duration, error: Error) -> AdapterError {
    let what = what.to_owned();
    match error {
        Error::Notice(notice) => refused(what, &notice),
        Error::Timeout => AdapterError::Timeout { what, after: waited },
        Error::ConnectionReset
        | Error::ConnectionFailed
        | Error::ConnectionRejected(_)
        | Error::ClientIdInUse { .. }
        | Error::Shutdown
        | Error::Cancelled
        | Error::InvalidFrame(_)
        | Error::UnexpectedEndOfStream
        | Error::EndOfStream
        | Error::Io(_) => AdapterError::Disconnected { what, detail: error.to_string() },
        other => AdapterError::Refused { what, reason: MissingReason::BadData, code: None, detail: other.to_string() },
    }
}

fn refused(what: String, notice: &Notice) -> AdapterError {
    let reason = reason(notice.code, &notice.message);
    AdapterError::Refused { what, reason, code: Some(notice.code), detail: notice.message.clone() }
}

/// Which kind of refusal an error code is. 162 says several things in one code: its text tells them apart.
pub(super) fn reason(code: i32, text: &str) -> MissingReason {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match code {
        200 | 203 => MissingReason::UnknownContract,
        // 10186, 10187, 10168: no subscription, delayed data not enabled; 10197: another session has the data.
        354 | 420 | 10089 | 10090 | 10168 | 10186 | 10187 | 10197 => MissingReason::NoPermission,
        100 | 101 => MissingReason::Pacing,
        504 | 1100 | 1300 | 2103 | 2105 | 2157 => MissingReason::Disconnected,
        10172 => MissingReason::NoData,
        _ if says(&["pacing", "simultaneous"]) => MissingReason::Pacing,
        _ if says(&["permission", "not subscribed", "subscription"]) => MissingReason::NoPermission,
        _ if says(&["disconnect", "connection", "cancelled"]) => MissingReason::Disconnected,
        _ if says(&["no data", "no head time stamp", "no items retrieved"]) => MissingReason::NoData,
        _ => MissingReason::BadData,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_four_answers() {
        let hmds = |text: &str| reason(162, &format!("Historical Market Data Service error message:{text}"));
        assert_eq!(hmds("Historical data request pacing violation"), MissingReason::Pacing);
        assert_eq!(hmds("HMDS query returned no data: AAPL@SMART Trades"), MissingReason::NoData);
        assert_eq!(hmds("No market data permissions for NYSE STK"), MissingReason::NoPermission);
        assert_eq!(hmds("HMDS server disconnect occurred.  Attempting reconnection..."), MissingReason::Disconnected);
    }

    #[test]
    fn codes() {
        assert_eq!(reason(200, "No security definition has been found for the request"), MissingReason::UnknownContract);
        assert_eq!(reason(354, "Requested market data is not subscribed."), MissingReason::NoPermission);
        assert_eq!(reason(101, "Max number of tickers has been reached"), MissingReason::Pacing);
        assert_eq!(reason(321, "Error validating request"), MissingReason::BadData);
    }

    #[test]
    fn a_timeout_is_not_no_data_and_a_lost_socket_is_neither() {
        let of = |error| refusal("bars of AAPL", Duration::from_secs(5), error);
        assert_eq!(of(Error::Timeout).reason(), MissingReason::Timeout);
        assert_eq!(of(Error::ConnectionReset).reason(), MissingReason::Disconnected);
        assert!(of(Error::ConnectionFailed).is_retryable());
        assert!(!of(Error::Parse(0, "x".into(), "y".into())).is_retryable());
    }
}
