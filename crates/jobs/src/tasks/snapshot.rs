//! What a job looks at: the snapshot of its universe.

use std::ops::Range;

use anyhow::Context as _;
use bellwether::{
    frames::SnapshotArchive,
    market::{Calendar, ContentHash, Snapshot, Symbol},
    scanners::Scan,
};
use bellwether_adapters::{DailyBars, ScanRequest, UniverseRequest};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};

use super::history::earlier_bars;
use crate::{
    computation::Computation,
    config::{Job, JobKind, UniverseConfig},
    context::{Context, symbols_of_file},
    market::{IbLink, Market},
};

/// Sessions of daily bars that scans look back on.
const SCANS_DAILY: usize = 60;

/// How much of the market is to be seen.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Earlier sessions of minute bars.
    pub minute_sessions: usize,
    /// Earlier sessions of daily bars, of those that are in the database; a source of its own may give more.
    pub daily_sessions: usize,
    /// Which daily bars.
    pub daily_bars: DailyBars,
    /// Minute bars of the session so far.
    pub today: bool,
    /// Symbols besides the universe.
    pub besides: Vec<Symbol>,
    /// Quotes and headlines too.
    pub told: bool,
}

impl From<&Scan> for Wanted {
    fn from(scan: &Scan) -> Self {
        Self {
            minute_sessions: scan.history_sessions(),
            daily_sessions: SCANS_DAILY,
            daily_bars: DailyBars::Earlier,
            today: true,
            besides: Vec::new(),
            told: true,
        }
    }
}

impl From<&Computation> for Wanted {
    fn from(computation: &Computation) -> Self {
        let daily_sessions = computation.daily_sessions();
        Self {
            minute_sessions: computation.minute_sessions(),
            daily_sessions,
            daily_bars: if daily_sessions > 0 { DailyBars::Complete } else { DailyBars::Unwanted },
            today: daily_sessions == 0,
            besides: computation.benchmarks(),
            told: false,
        }
    }
}

impl Wanted {
    /// What a job of this kind looks at, if it looks at a snapshot.
    pub fn by(kind: &JobKind) -> Option<Self> {
        match kind {
            JobKind::Scan(scan) => Some(scan.into()),
            JobKind::Compute(computation) => Some(computation.into()),
            JobKind::IngestBars(_) | JobKind::MarketConditions(_) | JobKind::Housekeeping(_) => None,
        }
    }

    /// When the minute bars of earlier sessions start that are wanted at `as_of`; none where none are.
    ///
    /// # Errors
    /// Outside the exchange calendar.
    pub fn minutes_in(&self, as_of: Timestamp) -> anyhow::Result<Option<Range<Timestamp>>> {
        let session = Calendar.local_date(as_of);
        Ok(since(session, self.minute_sessions)?.map(|first| first..Calendar.at(session, Time::midnight())))
    }

    /// When the daily bars start that are wanted at `as_of`; none where none are.
    ///
    /// # Errors
    /// Outside the exchange calendar.
    pub fn days_in(&self, as_of: Timestamp) -> anyhow::Result<Option<Range<Timestamp>>> {
        let first = since(Calendar.local_date(as_of), self.daily_sessions)?;
        Ok(first.zip(self.daily_bars.due(as_of)?).map(|(first, due)| first..due))
    }

    /// `symbols` and those besides, in order, each once.
    pub fn symbols(&self, mut symbols: Vec<Symbol>) -> Vec<Symbol> {
        symbols.extend(self.besides.iter().cloned());
        symbols.sort();
        symbols.dedup();
        symbols
    }

    /// What is asked of a source that has `symbols`.
    pub fn request(&self, symbols: Vec<Symbol>) -> ScanRequest {
        let usual = ScanRequest::new(UniverseRequest::Symbols(self.symbols(symbols)), self.minute_sessions);
        ScanRequest {
            daily_bars: self.daily_bars,
            // Fewer would cost no less.
            daily_sessions: usual.daily_sessions.max(u32::try_from(self.daily_sessions).unwrap_or(u32::MAX)),
            with_today: self.today,
            with_quotes: self.told,
            with_headlines: self.told,
            ..usual
        }
    }
}

/// When the first of the `sessions` before `session` begins.
fn since(session: Date, sessions: usize) -> anyhow::Result<Option<Timestamp>> {
    Ok(Calendar.sessions_before(session, sessions)?.first().map(|day| day.pre_open))
}

/// What the market knows at `as_of` of the universe of `job`.
///
/// # Errors
/// When the universe cannot be had or the source cannot be reached; what merely lacks is in the snapshot's `missing`.
pub async fn snapshot_of(context: &Context, job: &Job, wanted: &Wanted, as_of: Timestamp) -> anyhow::Result<Snapshot> {
    let source = context.market.connected().await?;
    let request = match &context.market {
        // A recorded folder is its own universe.
        Market::Files(folder) => wanted.request(folder.symbols()),
        market => {
            let name = job.universe.as_deref().context("the job has no universe")?;
            let symbols =
                universe(context.universe(name)?, market.broker()).await.with_context(|| format!("universe `{name}`"))?;
            let request = wanted.request(symbols);
            let UniverseRequest::Symbols(symbols) = &request.symbols else { anyhow::bail!("a list of symbols was expected") };
            let earlier = earlier_bars(context, symbols, as_of, wanted).await?;
            ScanRequest { history: earlier.minutes, daily: earlier.daily, held_from: earlier.from, ..request }
        }
    };
    Ok(source.snapshot(as_of, &request).await?)
}

/// Names a snapshot, which is kept where an archive is given. Reads and writes files: not for async threads.
pub(super) fn kept(archive: Option<&SnapshotArchive>, snapshot: &Snapshot) -> anyhow::Result<ContentHash> {
    match archive {
        Some(archive) => archive.keep(snapshot).context("the snapshot could not be kept"),
        None => Ok(snapshot.hash()),
    }
}

/// The symbols of a universe, in order, each once.
async fn universe(config: &UniverseConfig, link: Option<&IbLink>) -> anyhow::Result<Vec<Symbol>> {
    let mut symbols = match config {
        UniverseConfig { symbols: Some(symbols), .. } => symbols.clone(),
        UniverseConfig { file: Some(file), .. } => symbols_of_file(file)?,
        UniverseConfig { ib_scanner: Some(codes), .. } => {
            let link = link.context("`ib_scanner` needs `ib` in the `order` of [sources]")?;
            let session = link.session().await?;
            let mut found = Vec::new();
            for code in codes {
                let instruments = session.scan_universe(code, 50).await.with_context(|| format!("scanner {code}"))?;
                found.extend(instruments.into_iter().map(|instrument| instrument.symbol));
            }
            found
        }
        _ => Vec::new(),
    };
    symbols.sort();
    symbols.dedup();
    Ok(symbols)
}
