//! What a scan found, and what it set aside.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::json;

use super::{Numbers, view};
use crate::market::{
    Calendar, ContentHash, Instrument, MissingData, MissingReason, Provenance, Snapshot, SnapshotPart, SuspectedSplit, Symbol,
};

/// One symbol that a scan found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// 1 is best.
    pub rank: u32,
    /// Ticker.
    pub symbol: Symbol,
    /// Company name, empty when unknown.
    pub name: String,
    /// Trend word of a momentum hit: `strong`, `up`, `flat`, `down`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<&'static str>,
    /// Newest headline of the last day, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// All numbers that made it a hit.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// A symbol that was not ranked, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SetAside {
    /// Ticker.
    pub symbol: Symbol,
    /// Why, in words.
    pub reason: String,
}

/// The outcome of one scan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScanReport {
    /// Kind of scan.
    pub scan: &'static str,
    /// The instant it speaks of.
    pub as_of: Timestamp,
    /// New York date of that instant.
    pub session: Date,
    /// Why there was no session that day, when there was none: nothing is measured then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<&'static str>,
    /// How many symbols were looked at.
    pub considered: usize,
    /// What was found, best first.
    pub hits: Vec<Hit>,
    /// Jumps that look like splits; they alert nobody.
    pub suspected_splits: Vec<SuspectedSplit>,
    /// Symbols that passed the filters but are halted.
    pub halted: Vec<Symbol>,
    /// Symbols without a previous close.
    pub no_previous_close: Vec<Symbol>,
    /// Symbols that could not be measured.
    pub set_aside: Vec<SetAside>,
    /// What the snapshot lacked.
    pub missing: Vec<MissingData>,
    /// What came from where, when there was more than one source to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provenance: Vec<Provenance>,
}

impl ScanReport {
    pub(super) fn new(scan: &'static str, snapshot: &Snapshot) -> Self {
        let mut set_aside: Vec<SetAside> = snapshot
            .missing
            .iter()
            .filter(|missing| missing.reason == MissingReason::BadData && missing.part == SnapshotPart::Today)
            .map(|missing| SetAside {
                symbol: missing.symbol.clone(),
                reason: format!("{}: {}", missing.part.as_str(), missing.detail),
            })
            .collect();
        set_aside.sort();
        Self {
            scan,
            as_of: snapshot.as_of,
            session: snapshot.session,
            closed: Calendar.closure(snapshot.session).ok().flatten().map(|closure| closure.reason),
            considered: snapshot.universe.len(),
            hits: Vec::new(),
            suspected_splits: Vec::new(),
            halted: Vec::new(),
            no_previous_close: Vec::new(),
            set_aside,
            missing: snapshot.missing.clone(),
            provenance: snapshot.provenance.clone(),
        }
    }

    /// Numbers the hits from 1 and keeps the first `limit`.
    pub(super) fn rank(
        mut self,
        snapshot: &Snapshot,
        ranked: Vec<(&Instrument, Numbers, Option<&'static str>)>,
        limit: usize,
    ) -> Self {
        self.hits = ranked
            .into_iter()
            .take(limit)
            .zip(1..)
            .map(|((instrument, numbers, trend), rank)| Hit {
                rank,
                symbol: instrument.symbol.clone(),
                name: instrument.name.clone(),
                trend,
                headline: view::headline(snapshot, instrument).map(str::to_owned),
                numbers,
            })
            .collect();
        self
    }

    /// Hash of the whole report: two runs that agree on it agree on every bit.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of_json(self)
    }

    /// The momentum scan's rows under the names that downstream pipelines expect:
    /// `results: [{symbol, score, rsi, rvol, percentChange, trend, price, volume}]`.
    pub fn momentum_results(&self) -> serde_json::Value {
        let results: Vec<serde_json::Value> = self
            .hits
            .iter()
            .map(|hit| {
                let number = |name| hit.numbers.get(name);
                json!({
                    "symbol": hit.symbol, "score": number("score"), "rsi": number("rsi"), "rvol": number("rvol"),
                    "percentChange": number("change_pct"), "trend": hit.trend, "price": number("last"), "volume": number("volume"),
                })
            })
            .collect();
        json!({ "results": results })
    }
}
