//! The complete input of one decision, as of one instant.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Bars, Calendar, ContentHash, Headline, Instrument, Provenance, Quote, Split, Symbol};

/// A table of a snapshot, as named in reports of what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotPart {
    /// The contract itself.
    Contract,
    /// Daily bars.
    Daily,
    /// Minute bars of earlier sessions.
    History,
    /// Minute bars of this session.
    Today,
    /// Quotes.
    Quote,
    /// Headlines.
    Headlines,
}

impl SnapshotPart {
    /// Plain words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Daily => "daily bars",
            Self::History => "minute bars of earlier sessions",
            Self::Today => "minute bars of this session",
            Self::Quote => "quote",
            Self::Headlines => "headlines",
        }
    }
}

/// Why something is missing: different answers that call for different acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// The source refused because it was asked too often.
    Pacing,
    /// The account has no subscription for it.
    NoPermission,
    /// The source has none.
    NoData,
    /// No answer in time. This is not the same as no data.
    Timeout,
    /// The source does not know the symbol, or knows several.
    UnknownContract,
    /// The connection was lost.
    Disconnected,
    /// What came cannot be used.
    BadData,
    /// The user is logged in elsewhere, and the data goes there.
    CompetingSession,
}

impl MissingReason {
    /// Plain words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pacing => "refused: asked too often",
            Self::NoPermission => "no market data subscription",
            Self::NoData => "no data",
            Self::Timeout => "no answer in time",
            Self::UnknownContract => "unknown or ambiguous symbol",
            Self::Disconnected => "connection lost",
            Self::BadData => "bad data",
            Self::CompetingSession => "the same user is logged in elsewhere and takes the market data",
        }
    }
}

/// One thing that a snapshot lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingData {
    /// Which symbol.
    pub symbol: Symbol,
    /// Which table.
    pub part: SnapshotPart,
    /// Why.
    pub reason: MissingReason,
    /// The source's own words.
    pub detail: String,
}

/// Everything that a scan or prediction may look at, and what it lacks. Immutable; its [`Snapshot::hash`] names it for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The instant of the decision: nothing later is in here.
    pub as_of: Timestamp,
    /// New York date of `as_of`.
    pub session: Date,
    /// The symbols considered, ordered by ticker.
    pub universe: Vec<Instrument>,
    /// Daily bars (raw prices, regular session), known by `as_of`.
    pub daily: Arc<Bars>,
    /// Minute bars of earlier sessions, extended hours included.
    pub history: Arc<Bars>,
    /// Minute bars of this session that were complete at `as_of`, extended hours included.
    pub today: Arc<Bars>,
    /// Last quotes.
    pub quotes: Vec<Quote>,
    /// Headlines published by `as_of`, newest first.
    pub headlines: Vec<Headline>,
    /// Known splits with an ex-date not after this session.
    pub splits: Vec<Split>,
    /// What could not be had, and why.
    pub missing: Vec<MissingData>,
    /// What came from where, when there was more than one source to choose from.
    pub provenance: Vec<Provenance>,
}

/// What a source found, before it is cut to an instant.
#[derive(Debug, Clone, Default)]
pub struct SnapshotInputs {
    /// The symbols asked for.
    pub universe: Vec<Instrument>,
    /// Daily bars.
    pub daily: Arc<Bars>,
    /// Minute bars of earlier sessions.
    pub history: Arc<Bars>,
    /// Minute bars of this session.
    pub today: Arc<Bars>,
    /// Quotes.
    pub quotes: Vec<Quote>,
    /// Headlines.
    pub headlines: Vec<Headline>,
    /// Splits.
    pub splits: Vec<Split>,
    /// What could not be had.
    pub missing: Vec<MissingData>,
    /// What came from where.
    pub provenance: Vec<Provenance>,
}

impl Snapshot {
    /// Cuts `inputs` to what was known at `as_of` and puts every table in its canonical order.
    ///
    /// Bars are cut on `close_at`, headlines on publication, splits on the ex-date. Quotes carry their own time: they are
    /// taken while the snapshot is made, moments after `as_of`, and their time says so.
    pub fn new(as_of: Timestamp, inputs: SnapshotInputs) -> Self {
        let session = Calendar.local_date(as_of);
        let midnight = Calendar.at(session, jiff::civil::Time::midnight());
        let cut = |bars: Arc<Bars>, from: Option<Timestamp>, until: Timestamp| {
            let inside = bars.iter().all(|(_, series)| {
                series.close_at.last().is_none_or(|last| *last <= until.as_microsecond())
                    && from.is_none_or(|from| series.open_at.first().is_none_or(|first| *first >= from.as_microsecond()))
            });
            if inside {
                return bars;
            }
            Arc::new(bars.select(|_, series| {
                let known = series.as_of(until);
                from.map_or(known, |from| known.starting_in(from, Timestamp::MAX))
            }))
        };
        let SnapshotInputs {
            mut universe,
            daily,
            history,
            today,
            mut quotes,
            mut headlines,
            mut splits,
            mut missing,
            provenance,
        } = inputs;
        universe.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        universe.dedup_by(|a, b| a.symbol == b.symbol);
        quotes.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        headlines.retain(|headline| headline.at <= as_of);
        headlines.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.symbol.cmp(&b.symbol)).then_with(|| a.title.cmp(&b.title)));
        splits.retain(|split| split.ex_date <= session);
        splits.sort_by(|a, b| a.symbol.cmp(&b.symbol).then(a.ex_date.cmp(&b.ex_date)));
        missing.sort();
        missing.dedup();
        Self {
            as_of,
            session,
            universe,
            daily: cut(daily, None, as_of),
            history: cut(history, None, midnight.min(as_of)),
            today: cut(today, Some(midnight), as_of),
            quotes,
            headlines,
            splits,
            missing,
            provenance,
        }
    }

    /// The quote of one symbol, if there is one.
    pub fn quote(&self, symbol: &Symbol) -> Option<&Quote> {
        self.quotes.binary_search_by(|quote| quote.symbol.cmp(symbol)).ok().map(|index| &self.quotes[index])
    }

    /// Where one table of one symbol came from; `None` when there was but one source.
    pub fn source_of(&self, symbol: &Symbol, part: SnapshotPart) -> Option<&Provenance> {
        self.provenance.iter().find(|entry| entry.part == part && entry.symbols.binary_search(symbol).is_ok())
    }

    /// The newest headline about one symbol.
    pub fn headline(&self, symbol: &Symbol) -> Option<&Headline> {
        self.headlines.iter().find(|headline| headline.symbol == *symbol)
    }

    /// The small tables and the hashes of the large ones: what is stored beside the bars, and what the hash covers.
    pub fn manifest(&self) -> SnapshotManifest {
        SnapshotManifest {
            as_of: self.as_of,
            session: self.session,
            daily: ContentHash::of_bars(&self.daily),
            history: ContentHash::of_bars(&self.history),
            today: ContentHash::of_bars(&self.today),
            universe: self.universe.clone(),
            quotes: self.quotes.clone(),
            headlines: self.headlines.clone(),
            splits: self.splits.clone(),
            missing: self.missing.clone(),
            provenance: self.provenance.clone(),
        }
    }

    /// The name of this snapshot for ever: the hash of its manifest.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of_json(&self.manifest())
    }
}

/// A snapshot with its bar tables replaced by their hashes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotManifest {
    /// See [`Snapshot::as_of`].
    pub as_of: Timestamp,
    /// See [`Snapshot::session`].
    pub session: Date,
    /// Hash of the daily bars.
    pub daily: ContentHash,
    /// Hash of the minute bars of earlier sessions.
    pub history: ContentHash,
    /// Hash of the minute bars of this session.
    pub today: ContentHash,
    /// See [`Snapshot::universe`].
    pub universe: Vec<Instrument>,
    /// See [`Snapshot::quotes`].
    pub quotes: Vec<Quote>,
    /// See [`Snapshot::headlines`].
    pub headlines: Vec<Headline>,
    /// See [`Snapshot::splits`].
    pub splits: Vec<Split>,
    /// See [`Snapshot::missing`].
    pub missing: Vec<MissingData>,
    /// See [`Snapshot::provenance`]. Left out when empty: snapshots of one source keep the names they always had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provenance: Vec<Provenance>,
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
