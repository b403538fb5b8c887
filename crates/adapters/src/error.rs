//! The one error type of the crate: what failed, on what, why, and whether trying again can help.

use std::time::Duration;

use bellwether::market::{MissingData, MissingReason, SnapshotPart, Symbol};

/// Result with this crate's [`AdapterError`].
pub type Result<T, E = AdapterError> = std::result::Result<T, E>;

/// Why a source could not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdapterError {
    /// A file, column, date or symbol that cannot be used.
    #[error(transparent)]
    Data(#[from] bellwether::Error),
    /// A setting outside its range.
    #[error("setting `{name}` is {value}: {expected}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// The value given.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Nothing listens at the address, or it cannot be reached.
    #[error(
        "IB Gateway at {address} cannot be reached{}: {detail}; is it running, and is its API port {port}?", tried(*.attempts)
    )]
    Unreachable {
        /// Host and port.
        address: String,
        /// The port alone.
        port: u16,
        /// How often it was tried.
        attempts: u32,
        /// The system's words.
        detail: String,
    },
    /// Something accepted the connection but did not answer as an IB Gateway does.
    #[error(
        "{address} accepts connections but does not answer as an IB Gateway{}: {detail}; \
         check the port, that API clients are enabled, and that this host is trusted", tried(*.attempts)
    )]
    NoHandshake {
        /// Host and port.
        address: String,
        /// How often it was tried.
        attempts: u32,
        /// What was seen.
        detail: String,
    },
    /// Another connection holds the client id (326).
    #[error("client id {client_id} is in use at {address} (326): close the other program or choose another client id")]
    ClientIdInUse {
        /// Host and port.
        address: String,
        /// The id refused.
        client_id: i32,
    },
    /// The source answered a request with a refusal.
    #[error("{what}: {} ({detail}{})", reason.as_str(), code.map(|code| format!(", code {code}")).unwrap_or_default())]
    Refused {
        /// What was asked, and of which symbol.
        what: String,
        /// Which kind of refusal.
        reason: MissingReason,
        /// The source's code, when it gave one.
        code: Option<i32>,
        /// The source's own words.
        detail: String,
    },
    /// No answer in time: not the same as no data.
    #[error("{what}: no answer within {}", rounded(*.after))]
    Timeout {
        /// What was asked.
        what: String,
        /// How long was waited, in real time.
        after: Duration,
    },
    /// There is no connection, or it was lost; it is being made again.
    #[error("{what}: connection lost ({detail})")]
    Disconnected {
        /// What was being done.
        what: String,
        /// What was seen.
        detail: String,
    },
}

/// Nothing of a single attempt, else how many.
fn tried(attempts: u32) -> String {
    if attempts > 1 { format!(" after {attempts} attempts") } else { String::new() }
}

/// A wait as one would say it: to the tenth of a second, to the millisecond below one.
fn rounded(wait: Duration) -> String {
    let seconds = wait.as_secs_f64();
    match seconds {
        _ if seconds >= 10.0 => format!("{seconds:.0} s"),
        _ if seconds >= 1.0 => format!("{} s", (seconds * 10.0).round() / 10.0),
        _ => format!("{:.0} ms", seconds * 1_000.0),
    }
}

impl AdapterError {
    /// Which of the reasons for missing data this is.
    pub fn reason(&self) -> MissingReason {
        match self {
            Self::Data(_) | Self::Setting { .. } => MissingReason::BadData,
            Self::Unreachable { .. } | Self::NoHandshake { .. } | Self::ClientIdInUse { .. } | Self::Disconnected { .. } => {
                MissingReason::Disconnected
            }
            Self::Refused { reason, .. } => *reason,
            Self::Timeout { .. } => MissingReason::Timeout,
        }
    }

    /// Whether the same request can succeed later without anyone changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::NoHandshake { .. } | Self::Timeout { .. } | Self::Disconnected { .. } => true,
            Self::Refused { reason, .. } => {
                matches!(reason, MissingReason::Pacing | MissingReason::Timeout | MissingReason::Disconnected)
            }
            Self::Data(_) | Self::Setting { .. } | Self::ClientIdInUse { .. } => false,
        }
    }

    /// The failure as an entry in a snapshot's list of what is missing.
    pub fn into_missing(self, symbol: &Symbol, part: SnapshotPart) -> MissingData {
        MissingData { symbol: symbol.clone(), part, reason: self.reason(), detail: self.detail() }
    }

    /// The source's own words where it gave any.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Refused { code: Some(code), detail, .. } => format!("{detail} (code {code})"),
            Self::Refused { code: None, detail, .. } => detail.clone(),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_and_attempts_are_told_as_one_would_say_them() {
        let timeout = |after| AdapterError::Timeout { what: "quote of SPY".to_owned(), after }.to_string();
        assert_eq!(timeout(Duration::from_nanos(29_999_999_649)), "quote of SPY: no answer within 30 s");
        assert_eq!(timeout(Duration::from_millis(2_500)), "quote of SPY: no answer within 2.5 s");
        assert_eq!(timeout(Duration::from_secs(2)), "quote of SPY: no answer within 2 s");
        assert_eq!(timeout(Duration::from_millis(40)), "quote of SPY: no answer within 40 ms");
        let unreachable = |attempts| {
            let (address, detail) = ("here:4002".to_owned(), "refused".to_owned());
            AdapterError::Unreachable { address, port: 4002, attempts, detail }.to_string()
        };
        assert!(unreachable(1).starts_with("IB Gateway at here:4002 cannot be reached: refused;"), "{}", unreachable(1));
        assert!(unreachable(3).contains("cannot be reached after 3 attempts: refused"), "{}", unreachable(3));
    }
}
