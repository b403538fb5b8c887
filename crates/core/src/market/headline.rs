//! News items as received.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Symbol;

/// One headline linked to one symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// Ticker it is about.
    pub symbol: Symbol,
    /// When it was published.
    pub at: Timestamp,
    /// Provider code.
    pub source: String,
    /// The text.
    pub title: String,
}
