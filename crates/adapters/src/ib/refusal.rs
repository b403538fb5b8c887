//! What the library's errors and IB's codes mean to us, and what to do about them.
//!
//! Five answers are never confused: asked too often (it comes later), no permission (someone has to subscribe), a competing
//! session (someone has to log out), no data (there is none), no answer in time (nothing is known).

use std::time::Duration;

use bellwether::market::{MissingData, MissingReason};
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

/// Another session of the same user has the market data.
const COMPETING_SESSION: i32 = 10197;
/// The gateway's own trouble ended a stream: live updates failed, a bust event.
const ENDED_BY_GATEWAY: [i32; 2] = [10182, 10225];

/// Which kind of refusal an error code is. 162, 321, 366, 420 and 10xxx say several things in one code: their texts tell
/// them apart.
pub(super) fn reason(code: i32, text: &str) -> MissingReason {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match code {
        // No security definition; the security is not available or allowed; no contract by that description.
        200 | 203 => MissingReason::UnknownContract,
        COMPETING_SESSION => MissingReason::CompetingSession,
        // Not subscribed; API subscription missing; partly; delayed not enabled; no depth; no news subscription;
        // tick-by-tick not permitted.
        354 | 10089 | 10090 | 10091 | 10168 | 10186 | 10187 | 10092 | 10276 | 10357 => MissingReason::NoPermission,
        // Message rate; lines; depth; tick-by-tick; scanners; open historical requests.
        100 | 101 | 309 | 10190 | 10094 | 322 | 10338 | 10339 => MissingReason::Pacing,
        502 | 503 | 504 | 507 | 1100 | 1300 | 2103 | 2105 | 2110 | 2157 => MissingReason::Disconnected,
        code if ENDED_BY_GATEWAY.contains(&code) => MissingReason::Disconnected,
        10172 | 10277 => MissingReason::NoData,
        _ if says(&["pacing", "simultaneous", "max number", "max rate", "too many"]) => MissingReason::Pacing,
        _ if says(&["competing", "different ip address"]) => MissingReason::CompetingSession,
        _ if says(&["permission", "not subscribed", "subscription"]) => MissingReason::NoPermission,
        _ if says(&["timed out", "timeout"]) => MissingReason::Timeout,
        _ if says(&["disconnect", "connection", "cancelled", "not connected"]) => MissingReason::Disconnected,
        _ if says(&["no data", "no head time stamp", "no items retrieved", "no market data available"]) => MissingReason::NoData,
        _ => MissingReason::BadData,
    }
}

/// Whether the same request can succeed soon without anyone doing anything.
pub(super) fn passes(error: &AdapterError) -> bool {
    match error {
        AdapterError::Refused { reason: MissingReason::CompetingSession, .. } => true,
        // A frame that could not be decoded is one frame.
        AdapterError::Refused { reason: MissingReason::BadData, code: None, .. } => true,
        other => other.is_retryable(),
    }
}

/// A refusal in words that say what to do about it; `exchange` is the listing exchange, for refusals that name none.
pub(super) fn advice(error: &AdapterError, exchange: &str) -> String {
    let said = error.detail();
    let AdapterError::Refused { reason, detail, .. } = error else { return said };
    match remedy(*reason, detail, exchange) {
        Some(remedy) => format!("{said}: {remedy}"),
        None => said,
    }
}

/// What to do about something that is missing, when there is something to be done; `exchange` is the listing exchange.
pub fn remedy_of(missing: &MissingData, exchange: &str) -> Option<String> {
    remedy(missing.reason, &missing.detail, exchange)
}

fn remedy(reason: MissingReason, detail: &str, exchange: &str) -> Option<String> {
    let remedy = match reason {
        MissingReason::CompetingSession => {
            "the same user is logged in elsewhere (TWS, the mobile app, Client Portal) with market data; log out there, or use \
             another user here"
                .to_owned()
        }
        MissingReason::NoPermission => {
            let told = exchange_in(detail);
            let exchange = told.as_deref().unwrap_or(exchange);
            let missing = match network(exchange) {
                Some(network) => format!("the subscription {network}"),
                None if exchange.is_empty() => "a market data subscription".to_owned(),
                None => format!("a subscription for {exchange}"),
            };
            format!(
                "the account lacks {missing}; enable it in IB's Client Portal under Settings > Market Data \
                 Subscriptions, and acknowledge market data use by API there"
            )
        }
        MissingReason::Pacing => "asked too often; it is asked again later".to_owned(),
        MissingReason::UnknownContract => "delisted, renamed or ambiguous; look the symbol up again".to_owned(),
        _ => return None,
    };
    Some(remedy)
}

/// The exchange that a refusal names: `… permissions for NYSE STK`, `….AAPL NASDAQ.NMS/TOP/ALL`.
fn exchange_in(text: &str) -> Option<String> {
    let exchange = |word: &str| word.split('/').next().unwrap_or(word).trim_end_matches(['.', ',', ';']).to_owned();
    let named = match text.split_once("permissions for ") {
        Some((_, rest)) => rest.split_whitespace().next(),
        None => text.split_whitespace().rfind(|word| word.contains("/TOP") || word.contains("/DEEP")),
    };
    named
        .map(exchange)
        .filter(|name| name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.'))
}

/// Whether an exchange keeps the hours of US stocks.
pub(super) fn is_us_exchange(exchange: &str) -> bool {
    network(exchange).is_some()
}

/// IB's name for the subscription that covers a US exchange.
fn network(exchange: &str) -> Option<&'static str> {
    match exchange.split('.').next().unwrap_or(exchange) {
        "NYSE" => Some("NYSE (Network A/CTA)"),
        "ARCA" | "AMEX" | "BATS" | "IEX" | "NYSENAT" => Some("NYSE American, BATS, ARCA, IEX and Regional Exchanges (Network B)"),
        "NASDAQ" | "ISLAND" | "NMS" | "SCM" | "UTP" => Some("NASDAQ (Network C/UTP)"),
        "PINK" | "OTC" | "OTCBB" => Some("OTC Markets"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i32, text: &str) -> AdapterError {
        let notice = Notice {
            request_id: None,
            code,
            message: text.to_owned(),
            error_time: None,
            advanced_order_reject_json: String::new(),
        };
        refusal("quotes of AAPL", Duration::ZERO, Error::Notice(notice))
    }

    #[test]
    fn one_code_four_answers() {
        let hmds = |text: &str| reason(162, &format!("Historical Market Data Service error message:{text}"));
        assert_eq!(hmds("Historical data request pacing violation"), MissingReason::Pacing);
        assert_eq!(hmds("HMDS query returned no data: AAPL@SMART Trades"), MissingReason::NoData);
        assert_eq!(hmds("No market data permissions for NYSE STK"), MissingReason::NoPermission);
        assert_eq!(hmds("HMDS server disconnect occurred.  Attempting reconnection..."), MissingReason::Disconnected);
        assert_eq!(hmds("API historical data query cancelled: 7"), MissingReason::Disconnected);
        assert_eq!(hmds("Trading TWS session is connected from a different IP address"), MissingReason::CompetingSession);
    }

    #[test]
    fn codes() {
        let of = |codes: &[i32], expected| {
            codes.iter().for_each(|code| assert_eq!(reason(*code, "in words that say nothing"), expected, "{code}"));
        };
        of(&[200, 203], MissingReason::UnknownContract);
        of(&[354, 10089, 10090, 10091, 10168, 10186], MissingReason::NoPermission);
        of(&[10197], MissingReason::CompetingSession);
        of(&[100, 101, 309, 322, 10190], MissingReason::Pacing);
        of(&[504, 1100, 1300, 2103, 2110, 10182, 10225], MissingReason::Disconnected);
        of(&[321, 9_999], MissingReason::BadData);
        assert_eq!(reason(420, "Invalid Real-time Query:No market data permissions for ISLAND STK"), MissingReason::NoPermission);
        assert_eq!(reason(420, "Invalid Real-time Query:Historical data request pacing violation"), MissingReason::Pacing);
    }

    #[test]
    fn a_timeout_is_not_no_data_and_a_lost_socket_is_neither() {
        let of = |error| refusal("bars of AAPL", Duration::from_secs(5), error);
        assert_eq!(of(Error::Timeout).reason(), MissingReason::Timeout);
        assert_eq!(of(Error::ConnectionReset).reason(), MissingReason::Disconnected);
        assert!(of(Error::ConnectionFailed).is_retryable());
        assert!(!of(Error::Parse(0, "x".into(), "y".into())).is_retryable());
    }

    #[test]
    fn a_missing_subscription_is_named() {
        let api = "Requested market data requires additional subscription for API. See link in 'Market Data Connections' dialog \
                   for more details.Delayed market data is available.AAPL NASDAQ.NMS/TOP/ALL";
        let text = advice(&refused(10089, api), "");
        assert!(text.contains("NASDAQ (Network C/UTP)") && text.contains("Client Portal"), "{text}");
        let text =
            advice(&refused(162, "Historical Market Data Service error message:No market data permissions for NYSE STK"), "");
        assert!(text.contains("NYSE (Network A/CTA)"), "{text}");
        let text = advice(&refused(354, "Requested market data is not subscribed."), "ARCA");
        assert!(text.contains("Network B"), "{text}");
        let text = advice(&refused(354, "Requested market data is not subscribed."), "TSEJ");
        assert!(text.contains("a subscription for TSEJ"), "{text}");
    }

    #[test]
    fn another_session_is_no_missing_subscription() {
        for error in [
            refused(10197, "No market data during competing live session"),
            refused(
                162,
                "Historical Market Data Service error message:Trading TWS session is connected from a different IP address",
            ),
        ] {
            let text = advice(&error, "ARCA");
            assert!(text.contains("log out there") && !text.contains("subscription"), "{text}");
            assert!(!error.to_string().contains("subscription") && error.to_string().contains("logged in elsewhere"), "{error}");
        }
    }

    #[test]
    fn what_passes_by_itself() {
        assert!(passes(&refused(10197, "No market data during competing live session")));
        assert!(passes(&refused(101, "Max number of tickers has been reached")));
        assert!(passes(&refused(10182, "Failed to request live updates (disconnected).")));
        assert!(!passes(&refused(354, "Requested market data is not subscribed.")));
        assert!(!passes(&refused(200, "No security definition has been found for the request")));
    }
}
