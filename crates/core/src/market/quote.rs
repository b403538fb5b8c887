//! The best bid and offer as last seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Symbol;

/// Level-1 state of one symbol at one instant. Absent prices are `None`, never a sentinel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// Ticker.
    pub symbol: Symbol,
    /// When it was last updated.
    pub at: Timestamp,
    /// Best bid, USD.
    pub bid: Option<f64>,
    /// Best offer, USD.
    pub ask: Option<f64>,
    /// Last trade, USD.
    pub last: Option<f64>,
    /// Shares traded since the session's start.
    pub volume: Option<f64>,
    /// Trading is halted.
    pub halted: bool,
    /// The prices are delayed, mostly by fifteen minutes. Left out of what is written when they are not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delayed: bool,
}

impl Quote {
    /// Quoted spread in basis points of the mid price: `10_000 · (ask − bid) / ((ask + bid) / 2)`.
    ///
    /// `None` without both sides, or when the market is crossed.
    pub fn spread_bps(&self) -> Option<f64> {
        let (bid, ask) = (self.bid?, self.ask?);
        (bid > 0.0 && ask >= bid).then(|| 20_000.0 * (ask - bid) / (ask + bid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_delayed_quotes_are_written_as_such() {
        let text =
            r#"{"symbol":"AAPL","at":"2026-03-10T13:30:00Z","bid":1.0,"ask":null,"last":null,"volume":null,"halted":false}"#;
        let live: Quote = serde_json::from_str(text).unwrap();
        assert!(!live.delayed);
        assert_eq!(serde_json::to_string(&live).unwrap(), text, "quotes that are not delayed would change every snapshot's hash");
        let delayed = serde_json::to_string(&Quote { delayed: true, ..live }).unwrap();
        assert!(delayed.ends_with(r#","delayed":true}"#), "{delayed}");
        assert!(serde_json::from_str::<Quote>(&delayed).unwrap().delayed);
    }
}
