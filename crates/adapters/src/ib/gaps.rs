//! Bars that did not come live, each fetched afterwards or recorded as lost with a reason.

use std::fmt;

use bellwether::market::Symbol;
use jiff::Timestamp;
use serde::Serialize;

/// A run of consecutive bars of one subscription that did not come live.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Which symbol.
    pub symbol: Symbol,
    /// Which bars, such as `five-second bars`.
    pub kind: &'static str,
    /// Start of the first.
    pub from: Timestamp,
    /// End of the last.
    pub until: Timestamp,
    /// How many.
    pub bars: u64,
    /// What became of them.
    pub outcome: GapOutcome,
}

/// What became of missed bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum GapOutcome {
    /// They are being fetched.
    Open,
    /// They were fetched afterwards and delivered, marked as such.
    Backfilled,
    /// They will not come.
    Lost {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, kind, from, until, bars, outcome } = self;
        write!(f, "{bars} {kind} of {symbol} from {from} to {until} ")?;
        match outcome {
            GapOutcome::Open => f.write_str("are being fetched"),
            GapOutcome::Backfilled => f.write_str("came late and were fetched"),
            GapOutcome::Lost { reason } => write!(f, "are lost: {reason}"),
        }
    }
}
