//! What came from where: kept with the data, so that a number can always be traced to the source that gave it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MissingReason, SnapshotPart, Symbol};

/// Sources that one line tells of.
const MOST_TOLD: usize = 3;

/// One table of some symbols, and the source that gave all of it.
///
/// Within one symbol's table sources are never mixed; where stored bars were brought in by several, `source` names them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Which table.
    pub part: SnapshotPart,
    /// Name of the source, such as `ib` or `yahoo`; `database:ib` for what was brought in earlier.
    pub source: String,
    /// When it was had; of many symbols, the last.
    pub fetched_at: Timestamp,
    /// The source says that it is behind the market, or does not say that it is not.
    pub delayed: bool,
    /// The symbols, in order.
    pub symbols: Vec<Symbol>,
    /// Sources that were to be preferred, and why they did not give it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead_of: Vec<PassedOver>,
}

/// A source that was asked and did not answer, or was not asked because it had just failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PassedOver {
    /// Its name.
    pub source: String,
    /// Which kind of failure.
    pub reason: MissingReason,
    /// Its own words.
    pub detail: String,
}

/// The answer about one symbol's table, before answers are gathered into [`Provenance`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Which symbol.
    pub symbol: Symbol,
    /// See [`Provenance::part`].
    pub part: SnapshotPart,
    /// See [`Provenance::source`].
    pub source: String,
    /// When it was had.
    pub fetched_at: Timestamp,
    /// See [`Provenance::delayed`].
    pub delayed: bool,
    /// See [`Provenance::instead_of`].
    pub instead_of: Vec<PassedOver>,
}

impl Provenance {
    /// Gathers answers that differ in nothing but symbol and time: one entry for each part, source and reason, in order.
    ///
    /// ```
    /// use bellwether::market::{Answered, Provenance, SnapshotPart, Symbol};
    /// let answer = |symbol: &str| Answered {
    ///     symbol: Symbol::new(symbol).unwrap(),
    ///     part: SnapshotPart::Daily,
    ///     source: "yahoo".to_owned(),
    ///     fetched_at: "2025-01-06T14:25:00Z".parse().unwrap(),
    ///     delayed: false,
    ///     instead_of: Vec::new(),
    /// };
    /// let gathered = Provenance::gather(vec![answer("MSFT"), answer("AAPL")]);
    /// assert_eq!(gathered.len(), 1);
    /// assert_eq!(gathered[0].symbols[0].as_str(), "AAPL");
    /// ```
    pub fn gather(mut answers: Vec<Answered>) -> Vec<Self> {
        answers.sort_by(|a, b| a.key().cmp(&b.key()).then_with(|| a.symbol.cmp(&b.symbol)));
        let same = answers.chunk_by(|a, b| a.key() == b.key());
        same.map(|answers| {
            let first = &answers[0];
            Self {
                part: first.part,
                source: first.source.clone(),
                fetched_at: answers.iter().map(|answer| answer.fetched_at).max().unwrap_or(first.fetched_at),
                delayed: first.delayed,
                symbols: answers.iter().map(|answer| answer.symbol.clone()).collect(),
                instead_of: first.instead_of.clone(),
            }
        })
        .collect()
    }
}

/// What did not come from the first choice, or late, in one short line; `None` when all did.
///
/// ```
/// use bellwether::market::{MissingReason, PassedOver, Provenance, SnapshotPart, Symbol, other_sources};
/// let entry = |part| Provenance {
///     part,
///     source: "yahoo".to_owned(),
///     fetched_at: "2025-01-06T14:25:00Z".parse().unwrap(),
///     delayed: part == SnapshotPart::Today,
///     symbols: vec![Symbol::new("AAPL").unwrap(), Symbol::new("MSFT").unwrap()],
///     instead_of: vec![PassedOver { source: "ib".to_owned(), reason: MissingReason::Disconnected, detail: String::new() }],
/// };
/// let told = other_sources(&[entry(SnapshotPart::Daily), entry(SnapshotPart::Today)]);
/// assert_eq!(told.unwrap(), "yahoo (delayed) instead of ib (connection lost): 2 symbols");
/// assert_eq!(other_sources(&[]), None);
/// ```
pub fn other_sources(entries: &[Provenance]) -> Option<String> {
    /// A source, and the first that it stands in for.
    type Instead<'a> = (&'a str, Option<(&'a str, MissingReason)>);
    let mut told: BTreeMap<Instead<'_>, (bool, BTreeSet<&Symbol>)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.delayed || !entry.instead_of.is_empty()) {
        let first = entry.instead_of.first().map(|passed| (passed.source.as_str(), passed.reason));
        let (delayed, symbols) = told.entry((&entry.source, first)).or_default();
        *delayed |= entry.delayed;
        symbols.extend(&entry.symbols);
    }
    let lines = told.iter().map(|((source, first), (delayed, symbols))| {
        let late = if *delayed { " (delayed)" } else { "" };
        let first = first.map(|(first, reason)| format!(" instead of {first} ({})", reason.as_str())).unwrap_or_default();
        let count = if symbols.len() == 1 { "1 symbol".to_owned() } else { format!("{} symbols", symbols.len()) };
        format!("{source}{late}{first}: {count}")
    });
    let mut lines: Vec<String> = lines.collect();
    if lines.len() > MOST_TOLD {
        let more = lines.len() - MOST_TOLD;
        lines.truncate(MOST_TOLD);
        lines.push(format!("and {more} more"));
    }
    (!lines.is_empty()).then(|| lines.join("; "))
}

impl Answered {
    fn key(&self) -> (SnapshotPart, &str, bool, &[PassedOver]) {
        (self.part, &self.source, self.delayed, &self.instead_of)
    }
}
