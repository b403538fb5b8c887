//! The seams between the scheduler and a market: one question and one snapshot, or one symbol's bars, quotes, a series.

use std::sync::Arc;

use async_trait::async_trait;
use bellwether::market::{Bar, Bars, Calendar, Provenance, Quote, Series, Snapshot, Symbol};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;

use crate::error::Result;

/// Sessions of a year.
const YEAR: u32 = 252;
/// Who is behind the market is so by no more.
pub const BEHIND: SignedDuration = SignedDuration::from_mins(20);

/// Which symbols a scan looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniverseRequest {
    /// These.
    Symbols(Vec<Symbol>),
    /// All that the source holds. A live session holds none of its own: it answers with the symbols of
    /// [`ScanRequest::history`] and [`ScanRequest::daily`].
    All,
    /// The rows of one of IB's own scans, such as `TOP_PERC_GAIN`. A recorded folder has none: it answers with all.
    IbScanner {
        /// IB's scan code.
        code: String,
        /// Most rows, 1 to 50.
        rows: u32,
    },
}

/// Which daily bars are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DailyBars {
    /// None.
    Unwanted,
    /// Those of the sessions before this one: what its prices are compared with.
    Earlier,
    /// The session's own too, once it is over.
    Complete,
}

impl DailyBars {
    /// The close that daily bars reach when they are up to date at `as_of`; none where none are wanted.
    ///
    /// ```
    /// use bellwether_adapters::DailyBars;
    /// let after_the_close: jiff::Timestamp = "2026-03-10T20:05:00Z".parse().unwrap();
    /// assert_eq!(DailyBars::Complete.due(after_the_close)?.unwrap().to_string(), "2026-03-10T20:00:00Z");
    /// assert_eq!(DailyBars::Earlier.due(after_the_close)?.unwrap().to_string(), "2026-03-09T20:00:00Z");
    /// # Ok::<(), bellwether_adapters::AdapterError>(())
    /// ```
    ///
    /// # Errors
    /// Outside the exchange calendar.
    pub fn due(self, as_of: Timestamp) -> Result<Option<Timestamp>> {
        let session = Calendar.local_date(as_of);
        let own = match self {
            Self::Unwanted => return Ok(None),
            Self::Earlier => None,
            Self::Complete => Calendar.day(session)?.map(|day| day.close).filter(|close| *close <= as_of),
        };
        match own {
            Some(close) => Ok(Some(close)),
            None => Ok(Some(Calendar.previous(session)?.close)),
        }
    }
}

/// Daily bars reach the close `due`.
pub(crate) fn reaches(held: Series<'_>, due: Timestamp) -> bool {
    held.close_at.last().is_some_and(|last| *last >= due.as_microsecond())
}

/// Why daily bars will not do, if there are any: the close `due` is not among them.
pub fn stale_days(held: Series<'_>, due: Timestamp) -> Option<String> {
    let last = Timestamp::from_microsecond(*held.close_at.last()?).ok().filter(|_| !reaches(held, due))?;
    let (last, due) = (Calendar.local_date(last), Calendar.local_date(due));
    Some(format!("the last daily bar is of {last}: that of {due} is not there"))
}

/// What one scan, or another job, needs to know.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// Which symbols.
    pub symbols: UniverseRequest,
    /// How many sessions before this one the minute bars of history go back.
    pub history_sessions: usize,
    /// Minute bars of earlier sessions that are already held. A recorded folder uses its own instead.
    pub history: Arc<Bars>,
    /// Daily bars that are already held. A recorded folder uses its own instead.
    pub daily: Arc<Bars>,
    /// Where the bars that are already held came from. A single source has no use for it.
    pub held_from: Vec<Provenance>,
    /// Which daily bars are wanted.
    pub daily_bars: DailyBars,
    /// How many of them are fetched of a symbol whose held ones are not up to date.
    pub daily_sessions: u32,
    /// Minute bars of the session so far are wanted.
    pub with_today: bool,
    /// Quotes are wanted.
    pub with_quotes: bool,
    /// Headlines are wanted.
    pub with_headlines: bool,
}

impl ScanRequest {
    /// A scan's usual request, quotes and headlines included, by one who holds no bars yet.
    pub fn new(symbols: UniverseRequest, history_sessions: usize) -> Self {
        Self {
            symbols,
            history_sessions,
            history: Arc::default(),
            daily: Arc::default(),
            held_from: Vec::new(),
            daily_bars: DailyBars::Earlier,
            daily_sessions: YEAR,
            with_today: true,
            with_quotes: true,
            with_headlines: true,
        }
    }
}

/// A source of snapshots.
#[async_trait]
pub trait MarketData: Send + Sync {
    /// What the source knows at `as_of`. A symbol that fails is reported in the snapshot's `missing`, beside the others.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError) when no snapshot can be had at all, for example without a connection.
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot>;
}

/// A source of one symbol's bars. Bars come back oldest first, each complete when it was asked for.
#[async_trait]
pub trait BarSource: Send + Sync {
    /// The minute bars that start in `[from, until)` and end by `until`, extended hours included where the source has them.
    ///
    /// # Errors
    /// Which of the ways of not answering it was; an answer without a single bar is [`MissingReason::NoData`].
    ///
    /// [`MissingReason::NoData`]: bellwether::market::MissingReason::NoData
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>>;

    /// The last `sessions` daily bars of the regular session that were complete at `end`.
    ///
    /// # Errors
    /// As [`BarSource::minute_bars`].
    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>>;

    /// The bars of the running session may be behind the market, by [`BEHIND`] at most.
    fn bars_delayed(&self) -> bool {
        false
    }
}

/// A quote, and whether it may be behind the market.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcedQuote {
    /// The quote.
    pub quote: Quote,
    /// The source says that it is behind, or does not say that it is not.
    pub delayed: bool,
}

/// A source of quotes of the present.
#[async_trait]
pub trait QuoteSource: Send + Sync {
    /// One answer for each symbol, in the order asked for.
    async fn quotes(&self, symbols: &[Symbol]) -> Vec<Result<SourcedQuote>>;
}

/// One number of an economic series, and when it could be known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Observation {
    /// The day or period that it speaks of, by its first day.
    pub date: Date,
    /// From when on it was public. A number is never used before.
    pub known_at: Timestamp,
    /// The number, in the series' own unit.
    pub value: f64,
}

/// A source of economic series.
#[async_trait]
pub trait SeriesSource: Send + Sync {
    /// The observations of `id` that were known at `as_of`, each in the revision known then, oldest first. How far back
    /// they go is the source's to say.
    ///
    /// # Errors
    /// As [`BarSource::minute_bars`].
    async fn series(&self, id: &str, as_of: Timestamp) -> Result<Vec<Observation>>;
}

/// The instant from which headlines matter to a scan at `as_of`: the start of the previous session's pre-market.
///
/// # Errors
/// Outside the exchange calendar.
pub(crate) fn headlines_since(as_of: Timestamp) -> Result<Timestamp> {
    Ok(Calendar.previous(Calendar.local_date(as_of))?.pre_open)
}
