//! Several sources in order of preference, and what came from where.
//!
//! ```text
//! Fallback          sources in the order of the settings
//!   ├─ snapshot     a scan's input: for every symbol and table the first source that has all of it
//!   │    └─ gather  what is still open, what was answered by whom, why the others did not
//!   ├─ one symbol   its minute or daily bars, for whoever brings bars into the database
//!   └─ health       a source that does not answer at all is asked once, not once for each symbol
//! ```
//! One symbol's table comes from one source: two are never mixed in it. Any failure of a source can be mended by the next
//! (it may know the symbol, have the permission, be awake); when all fail, the first source's reason is the one that
//! counts, and the words of all are told.

mod gather;
mod health;
mod snapshot;

use std::sync::Arc;

use bellwether::market::{Bar, Clock, MissingData, PassedOver, SnapshotPart, Symbol};
use jiff::Timestamp;

use crate::{
    error::{AdapterError, Result},
    market_data::{BarSource, MarketData, QuoteSource},
};
use health::Health;

/// One source and what it can be asked for.
pub struct Source {
    name: String,
    market: Option<Arc<dyn MarketData>>,
    bars: Option<Arc<dyn BarSource>>,
    quotes: Option<Arc<dyn QuoteSource>>,
    health: Health,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("health", &self.health).finish_non_exhaustive()
    }
}

impl Source {
    /// A source that can be asked for nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), market: None, bars: None, quotes: None, health: Health::default() }
    }

    /// It answers for a whole universe at a time; its bars and quotes are then not asked for one by one in a scan.
    pub fn with_market(self, market: Arc<dyn MarketData>) -> Self {
        Self { market: Some(market), ..self }
    }

    /// It has bars of one symbol.
    pub fn with_bars(self, bars: Arc<dyn BarSource>) -> Self {
        Self { bars: Some(bars), ..self }
    }

    /// It has quotes.
    pub fn with_quotes(self, quotes: Arc<dyn QuoteSource>) -> Self {
        Self { quotes: Some(quotes), ..self }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Fallback {
    sources: Vec<Arc<Source>>,
    clock: Arc<dyn Clock>,
}

/// Something, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// What was had.
    pub value: T,
    /// Name of the source.
    pub source: String,
    /// When it was had.
    pub fetched_at: Timestamp,
    /// It may be behind the market.
    pub delayed: bool,
    /// Sources that were to be preferred, and why they did not give it.
    pub instead_of: Vec<PassedOver>,
}

impl Fallback {
    /// Sources in order of preference.
    ///
    /// # Errors
    /// There is none, or two have the same name.
    pub fn new(sources: Vec<Source>, clock: Arc<dyn Clock>) -> Result<Self> {
        let setting = |value: String, expected| Err(AdapterError::Setting { name: "sources", value, expected });
        if sources.is_empty() {
            return setting("empty".to_owned(), "expected at least one source");
        }
        for (index, source) in sources.iter().enumerate() {
            if sources[..index].iter().any(|earlier| earlier.name == source.name) {
                return setting(source.name.clone(), "expected each source once");
            }
        }
        Ok(Self { sources: sources.into_iter().map(Arc::new).collect(), clock })
    }

    /// The source called `name` alone; `None` when there is none.
    pub fn only(&self, name: &str) -> Option<Self> {
        let source = self.sources.iter().find(|source| source.name == name)?;
        Some(Self { sources: vec![Arc::clone(source)], clock: Arc::clone(&self.clock) })
    }

    /// The names, in order of preference.
    pub fn names(&self) -> Vec<&str> {
        self.sources.iter().map(|source| source.name.as_str()).collect()
    }

    /// See [`BarSource::minute_bars`]: from the first source that has any.
    ///
    /// # Errors
    /// What is missing and why, in the words of every source.
    pub async fn minute_bars(
        &self,
        symbol: &Symbol,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Sourced<Vec<Bar>>, MissingData> {
        self.first(symbol, Wanted::Minutes(from, until)).await
    }

    /// See [`BarSource::daily_bars`]: from the first source that has any.
    ///
    /// # Errors
    /// As [`Fallback::minute_bars`].
    pub async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Sourced<Vec<Bar>>, MissingData> {
        self.first(symbol, Wanted::Days(sessions, end)).await
    }

    async fn first(&self, symbol: &Symbol, wanted: Wanted) -> Result<Sourced<Vec<Bar>>, MissingData> {
        let mut instead_of = Vec::new();
        for source in &self.sources {
            let Some(bars) = &source.bars else { continue };
            let ((reason, detail), _) = match source.health.ask(false, wanted.of(&**bars, symbol)).await {
                Ok(value) => {
                    return Ok(Sourced {
                        value,
                        source: source.name.clone(),
                        fetched_at: self.clock.now(),
                        delayed: bars.bars_delayed(),
                        instead_of,
                    });
                }
                Err(why) => why,
            };
            instead_of.push(PassedOver { source: source.name.clone(), reason, detail });
        }
        Err(missing_everywhere(symbol, wanted.part(), &instead_of))
    }
}

/// Bars of one symbol: minutes from and until, or a number of days and their end.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Minutes(Timestamp, Timestamp),
    Days(u32, Timestamp),
}

impl Wanted {
    async fn of(self, source: &dyn BarSource, symbol: &Symbol) -> Result<Vec<Bar>> {
        match self {
            Self::Minutes(from, until) => source.minute_bars(symbol, from, until).await,
            Self::Days(sessions, end) => source.daily_bars(symbol, sessions, end).await,
        }
    }

    fn part(self) -> SnapshotPart {
        match self {
            Self::Minutes(..) => SnapshotPart::History,
            Self::Days(..) => SnapshotPart::Daily,
        }
    }
}

/// What is missing when no source had it: the first source's reason, everyone's words.
fn missing_everywhere(symbol: &Symbol, part: SnapshotPart, tried: &[PassedOver]) -> MissingData {
    let reason = tried.first().map_or(bellwether::market::MissingReason::NoData, |first| first.reason);
    let detail = match tried {
        [] => "no source has such data".to_owned(),
        [one] => format!("{}: {}", one.source, one.detail),
        many => {
            let told = many.iter().map(|over| format!("{}: {} ({})", over.source, over.reason.as_str(), over.detail));
            told.collect::<Vec<_>>().join("; ")
        }
    };
    MissingData { symbol: symbol.clone(), part, reason, detail }
}
