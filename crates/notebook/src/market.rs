//! A market to look at: generated, recorded, or stored.

use std::{path::Path, sync::Arc};

use bellwether::{
    market::{Bars, Calendar, Headline, Instrument, Snapshot, Symbol, Timeframe, TradingHours, resample_all},
    scanners::{Scan, ScanReport},
};
use bellwether_adapters::{FileSource, record::Recorder};
use bellwether_gateway::generator::{MarketSpec, Story};
use bellwether_jobs::{market::generated_source, schedule::Rehearsal, tasks::Wanted};
use jiff::{Timestamp, civil::Date};
use polars::prelude::DataFrame;

use crate::{
    Database,
    columns::{counts, frame, instants, numbers, texts},
    database::data_folder,
    error::{DataError, Result},
    scheduled::{schedule, scheduled_computation},
    snapshots,
    tables::headline_columns,
    words::{self, interval, tell},
};

/// A market: bars, headlines, and what a scan would see at any instant. The same methods whatever is behind it, so that a notebook
/// changes from generated to real data by one line at its top.
///
/// ```
/// use bellwether_notebook::{Market, hits_of_report, scheduled_scan};
/// // Or: Market::open("recordings/2025-01")?, or Market::open("postgres://…")?
/// let market = Market::generated_on(7, 20, "2026-03-10", 3)?;
/// let bars = market.bars(&["SPY"], "1d", "2026-01-01", "2026-03-10")?;
/// let report = market.scan(&scheduled_scan("premarket-gap")?, "2026-03-10 09:25")?;
/// let hits = hits_of_report(&report)?;
/// assert!(bars.height() > 40 && hits.height() > 0);
/// # Ok::<(), bellwether_notebook::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Market {
    source: Source,
    story: Vec<Story>,
}

#[derive(Debug, Clone)]
enum Source {
    Folder(Arc<FileSource>),
    Database(Box<Database>),
}

impl Market {
    /// A market that never was, the same for the same seed: `symbols` stocks (13 to 17,636) and a few funds, a year of daily bars, 21
    /// sessions of minute bars before Tuesday 2026-03-10 and that day itself, with stories in it that [`Market::stories`] tells.
    ///
    /// What a generated folder does not know, as recorded folders do not: halts, and symbols that an account may not see. The
    /// simulated gateway shows both.
    ///
    /// # Errors
    /// When `symbols` is outside its range.
    pub fn generated(seed: u64, symbols: usize) -> Result<Self> {
        Self::of_spec(MarketSpec { seed, symbols, ..MarketSpec::default() })
    }

    /// As [`Market::generated`], with another day of stories and another number of sessions (0 to 2,000) with minute bars before it.
    ///
    /// # Errors
    /// When a number is outside its range, or `session` is no trading day from 1999 to 2035.
    pub fn generated_on(seed: u64, symbols: usize, session: &str, history_sessions: usize) -> Result<Self> {
        let day: Date =
            session.trim().parse().map_err(|_| DataError::Time(format!("`{session}` is not a day; write 2026-03-10")))?;
        Self::of_spec(MarketSpec { seed, symbols, session: day, history_sessions })
    }

    fn of_spec(spec: MarketSpec) -> Result<Self> {
        let (source, story) = generated_source(&spec)?;
        Ok(Self { source: Source::Folder(Arc::new(source)), story })
    }

    /// Opens what is at `place`: a recorded folder (`bars.parquet` or `.csv`, `daily.parquet`, …, as `bellwether run --source` takes
    /// it), a Bellwether data folder, or a `postgres://` URL.
    ///
    /// # Errors
    /// When nothing of these is there, or it cannot be read.
    pub fn open(place: &str) -> Result<Self> {
        let folder = Path::new(place);
        let source = match folder.is_dir() && data_folder(folder).is_none() {
            true => {
                let source = FileSource::open(folder)?;
                for fault in source.faults() {
                    eprintln!("{place}: {} is left out in {}: {}", fault.symbol, fault.part.as_str(), fault.detail);
                }
                Source::Folder(Arc::new(source))
            }
            false => Source::Database(Box::new(Database::open(place)?)),
        };
        Ok(Self { source, story: Vec::new() })
    }

    /// The database that is open already, as a market.
    pub fn of(database: &Database) -> Self {
        Self { source: Source::Database(Box::new(database.clone())), story: Vec::new() }
    }

    /// Where it comes from: a folder, a database, or the seed.
    pub fn place(&self) -> String {
        match &self.source {
            Source::Folder(source) => source.folder().display().to_string(),
            Source::Database(database) => database.place(),
        }
    }

    /// The symbols with minute bars, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn symbols(&self) -> Result<Vec<String>> {
        Ok(match &self.source {
            Source::Folder(source) => source.symbols().iter().map(Symbol::to_string).collect(),
            Source::Database(database) => database.named_or_all(&[], Timeframe::Min1)?.iter().map(Symbol::to_string).collect(),
        })
    }

    /// The last day with minute bars, such as `2026-03-10`.
    ///
    /// # Errors
    /// When the database cannot be read, or there are no minute bars.
    pub fn last_session(&self) -> Result<String> {
        let last = match &self.source {
            Source::Folder(source) => {
                let ends = source.minutes().iter().filter_map(|(_, series)| series.open_at.last().copied());
                ends.max().and_then(|at| Timestamp::from_microsecond(at).ok())
            }
            Source::Database(database) => {
                let coverage = database.store().bar_coverage(Timeframe::Min1)?;
                // A bar ends in its own session, but the last of a day may end on the stroke of midnight.
                coverage.iter().map(|row| row.last_close_at).max().map(|at| at - jiff::SignedDuration::from_micros(1))
            }
        };
        let last = last.ok_or_else(|| DataError::place(self.place(), "holds no minute bars"))?;
        Ok(Calendar.local_date(last).to_string())
    }

    /// The newest `count` sessions of the exchange up to the last with minute bars, oldest first, such as `2026-03-09`, `2026-03-10`.
    ///
    /// # Errors
    /// As [`Market::last_session`], and when they reach back beyond the exchange calendar.
    pub fn sessions(&self, count: usize) -> Result<Vec<String>> {
        let last = self.last_session()?;
        let day: Date = last.parse().map_err(|_| DataError::Time(format!("`{last}` is not a day")))?;
        let mut sessions: Vec<String> =
            Calendar.sessions_before(day, count.saturating_sub(1))?.iter().map(|day| day.date.to_string()).collect();
        if count > 0 {
            sessions.push(last);
        }
        Ok(sessions)
    }

    /// What is known of each symbol besides its prices. Columns: `symbol`, `name`, `kind` (`stock` or `etf`), `exchange`,
    /// `float_shares`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn instruments(&self) -> Result<DataFrame> {
        let rows = match &self.source {
            Source::Folder(source) => source.symbols().iter().map(|symbol| source.instrument(symbol)).collect(),
            Source::Database(database) => database.store().instruments()?,
        };
        let text = |name: &str, of: fn(&Instrument) -> String| texts(name, rows.iter().map(|row| Some(of(row))));
        frame(
            "instruments",
            vec![
                text("symbol", |row| row.symbol.to_string()),
                text("name", |row| row.name.clone()),
                text("kind", |row| row.kind.as_str().to_owned()),
                text("exchange", |row| row.primary_exchange.clone()),
                numbers("float_shares", rows.iter().map(|row| row.float_shares)),
            ],
        )
    }

    /// Which bars there are. Columns: `timeframe`, `symbol`, `bars` (how many), `first_open_at`, `last_close_at`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn coverage(&self) -> Result<DataFrame> {
        let source = match &self.source {
            Source::Folder(source) => source,
            Source::Database(database) => return database.coverage(),
        };
        let minutes = source.minutes().iter().map(|row| (Timeframe::Min1, row));
        let rows: Vec<_> = minutes.chain(source.daily().iter().map(|row| (Timeframe::Day1, row))).collect();
        let at = |micros: Option<&i64>| micros.and_then(|micros| Timestamp::from_microsecond(*micros).ok());
        frame(
            "coverage",
            vec![
                texts("timeframe", rows.iter().map(|(timeframe, _)| Some(timeframe.to_string()))),
                texts("symbol", rows.iter().map(|(_, (symbol, _))| Some(symbol.to_string()))),
                counts("bars", rows.iter().map(|(_, (_, series))| series.len() as i64)),
                instants("first_open_at", rows.iter().map(|(_, (_, series))| at(series.open_at.first()))),
                instants("last_close_at", rows.iter().map(|(_, (_, series))| at(series.close_at.last()))),
            ],
        )
    }

    /// Bars that opened at or after `from` and had closed by `until`: columns as of [`Database::bars`]. `1m` and `1d` as they are,
    /// minutes with the extended hours; `5m`, `30m`, `1h` and `6h` are made of the minutes of the regular session.
    ///
    /// # Errors
    /// When an argument cannot be read, or the database cannot.
    pub fn bars(&self, symbols: &[&str], timeframe: &str, from: &str, until: &str) -> Result<DataFrame> {
        Ok(self.read_bars(symbols, timeframe, from, until)?.to_frame()?)
    }

    /// As [`Market::bars`], in the form that features, indicators and scans take.
    ///
    /// # Errors
    /// As [`Market::bars`].
    pub fn read_bars(&self, symbols: &[&str], timeframe: &str, from: &str, until: &str) -> Result<Bars> {
        let ((start, end), timeframe) = (interval(from, until)?, timeframe.parse::<Timeframe>()?);
        let kept = if timeframe == Timeframe::Day1 { timeframe } else { Timeframe::Min1 };
        let bars = match &self.source {
            Source::Folder(source) => {
                let named = words::symbols(symbols)?;
                let bars = if kept == Timeframe::Day1 { source.daily() } else { source.minutes() };
                bars.select(|symbol, series| match named.is_empty() || named.contains(symbol) {
                    true => series.as_of(end).starting_in(start, end),
                    false => series.slice(0..0),
                })
            }
            Source::Database(database) => database.read_bars(symbols, kept.as_str(), from, until)?,
        };
        if kept == timeframe {
            return Ok(bars);
        }
        let (longer, faults) = resample_all(&bars, timeframe, TradingHours::Regular, end);
        tell(&self.place(), &faults);
        Ok(longer)
    }

    /// Headlines published from `from` until `until`, oldest first. Columns: `symbol`, `at`, `source`, `title`; of a database also
    /// `url`.
    ///
    /// # Errors
    /// When an argument cannot be read, or the database cannot.
    pub fn headlines(&self, symbols: &[&str], from: &str, until: &str) -> Result<DataFrame> {
        let source = match &self.source {
            Source::Folder(source) => source,
            Source::Database(database) => return database.headlines(symbols, from, until),
        };
        let (named, (from, until)) = (words::symbols(symbols)?, interval(from, until)?);
        let wanted = |it: &&Headline| it.at >= from && it.at < until && (named.is_empty() || named.contains(&it.symbol));
        let mut rows: Vec<&Headline> = source.headlines().iter().filter(wanted).collect();
        rows.sort_by_key(|headline| headline.at);
        frame("headlines", headline_columns(rows.into_iter()))
    }

    /// What was planted in a generated market; empty for any other. Columns: `symbol`; `kind` (`gapper`, `faded_gapper`,
    /// `reverse_split`, …); `gap_pct` (last price before 09:25 over the raw previous close, percent, null without a print);
    /// `premarket_volume` (shares from 04:00 to 09:25); `text` (a sentence).
    ///
    /// # Errors
    /// When polars refuses the columns.
    pub fn stories(&self) -> Result<DataFrame> {
        let rows = &self.story;
        frame(
            "stories",
            vec![
                texts("symbol", rows.iter().map(|story| Some(story.symbol.to_string()))),
                texts("kind", rows.iter().map(|story| Some(snake_case(&format!("{:?}", story.kind))))),
                numbers("gap_pct", rows.iter().map(|story| story.gap_at_0925.map(|gap| 100.0 * gap))),
                numbers("premarket_volume", rows.iter().map(|story| Some(story.premarket_volume))),
                texts("text", rows.iter().map(|story| Some(story.text.clone()))),
            ],
        )
    }

    /// What `scan` would see at `when`, all symbols with minute bars included: bit for bit the snapshot of
    /// `bellwether run JOB --source FOLDER --as-of WHEN`. Of a database it is made of what is stored; what a run of the past
    /// really saw is [`Database::snapshot`].
    ///
    /// # Errors
    /// When `when` cannot be read or is outside the exchange calendar, or the database cannot be read.
    pub fn snapshot_for(&self, scan: &Scan, when: &str) -> Result<Snapshot> {
        self.snapshot_of(&Wanted::from(scan), when)
    }

    fn snapshot_of(&self, wanted: &Wanted, when: &str) -> Result<Snapshot> {
        let as_of = words::time(when)?;
        match &self.source {
            Source::Folder(source) => snapshots::of_folder(source, as_of, wanted),
            Source::Database(database) => snapshots::of_database(database, as_of, wanted),
        }
    }

    /// What the scans that ship would see at `when`: [`Market::snapshot_for`] with 20 sessions of minute bars.
    ///
    /// # Errors
    /// As [`Market::snapshot_for`].
    pub fn snapshot_at(&self, when: &str) -> Result<Snapshot> {
        self.snapshot_for(&Scan::Gap(Default::default()), when)
    }

    /// Runs `scan` as of `when`.
    ///
    /// # Errors
    /// As [`Market::snapshot_for`], and when a setting of the scan is out of range.
    pub fn scan(&self, scan: &Scan, when: &str) -> Result<ScanReport> {
        Ok(scan.run(&self.snapshot_for(scan, when)?)?)
    }

    /// What a job of the schedule that computes features or risk profiles would compute as of `when`, with the job's settings: see
    /// [`crate::compute_scheduled`].
    ///
    /// # Errors
    /// As [`Market::snapshot_for`] and [`crate::compute_scheduled`].
    pub fn compute(&self, job: &str, when: &str) -> Result<DataFrame> {
        let wanted = Wanted::from(&scheduled_computation(job)?);
        crate::compute_scheduled(job, &self.snapshot_of(&wanted, when)?)
    }

    /// What a scheduler would have left, had it run `jobs` of the schedule at `whens` on this market: a database of its own in a
    /// temporary folder, which goes with the last clone of the value. The jobs, the run ledger, hits, kept snapshots and alerts are
    /// the scheduler's own, only its clock is simulated, and stands still while a run is at work, so that but for the ids of runs the
    /// same rehearsal leaves the same rows; nothing is sent, alerts stay `pending`. A time at which the schedule has a job
    /// due is a run of trigger `schedule`, any other one by hand. Scans see every symbol of the market.
    ///
    /// The schedule is that of [`crate::scheduled_scan`]. Takes a few seconds, most of them for the database. A run that fails is told
    /// below the cell and is in [`Database::runs`] with the reason.
    ///
    /// # Errors
    /// When the schedule has no such job, a time cannot be read, the market is a database, or Postgres cannot be started here.
    pub fn rehearse(&self, jobs: &[&str], whens: &[&str]) -> Result<Database> {
        let Source::Folder(source) = &self.source else {
            return Err(DataError::place(self.place(), "is a database; only a generated or recorded market can be rehearsed on"));
        };
        let whens = whens.iter().map(|when| words::time(when)).collect::<Result<Vec<_>>>()?;
        let rehearsal = Rehearsal::of(schedule()?, Arc::clone(source), jobs, &whens)?;
        for failed in &rehearsal.failed {
            eprintln!("{failed}: the reason is in runs()");
        }
        Database::of_rehearsal(rehearsal)
    }

    /// Writes the market as a recorded folder, for [`Market::open`], `bellwether run --source`, `bellwether demo --replay` and
    /// `bellwether gateway --replay`.
    ///
    /// # Errors
    /// When `folder` is not empty or cannot be written, or behind the market is a database.
    pub fn save(&self, folder: &str) -> Result<()> {
        let Source::Folder(source) = &self.source else {
            return Err(DataError::place(self.place(), "is a database; only a generated or recorded market can be saved"));
        };
        if Path::new(folder).read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(DataError::place(folder, "is not empty; name a folder that is not there yet"));
        }
        let mut recorder = Recorder::open(Path::new(folder))?;
        let symbols = source.symbols();
        recorder.instruments(&symbols.iter().map(|symbol| source.instrument(symbol)).collect::<Vec<_>>());
        for (symbol, series) in source.minutes().iter() {
            recorder.minute_bars(symbol, &series.iter().collect::<Vec<_>>())?;
        }
        let daily: Vec<_> = source.daily().iter().map(|(symbol, series)| (symbol, series.iter().collect::<Vec<_>>())).collect();
        recorder.daily_bars(daily.iter().map(|(symbol, bars)| (*symbol, &**bars)))?;
        recorder.headlines(source.headlines())?;
        for (symbol, ticks) in source.ticks() {
            recorder.ticks(symbol, ticks)?;
        }
        for (symbol, updates) in source.depth() {
            recorder.depth(symbol, updates)?;
        }
        recorder.flush()?;
        Ok(())
    }
}

/// `FadedGapper` as `faded_gapper`.
fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}
