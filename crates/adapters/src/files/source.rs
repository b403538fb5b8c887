//! A folder, read once, answering for any instant.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bellwether::{
    Error,
    market::{
        Bars, Calendar, DepthUpdate, Headline, Instrument, MissingData, MissingReason, Series, Snapshot, SnapshotInputs,
        SnapshotPart, Split, Symbol, Tick,
    },
};
use jiff::{SignedDuration, Timestamp, civil::Time};

use super::{
    bars::{self, BarsRead},
    lists,
    table::Table,
    ticks::{self, EventsRead},
};
use crate::{
    error::Result,
    market_data::{DailyBars, MarketData, ScanRequest, UniverseRequest, headlines_since},
};

/// Which part of a folder a snapshot is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRequest {
    /// Which symbols; `None` for every symbol with minute bars.
    pub symbols: Option<Vec<Symbol>>,
    /// How many sessions before this one the minute bars of history go back.
    pub history_sessions: usize,
}

/// What a folder holds, for one that is held in memory.
#[derive(Debug, Clone, Default)]
pub struct FolderTables {
    /// Minute bars; their symbols are the universe.
    pub minutes: Bars,
    /// Raw daily bars.
    pub daily: Bars,
    /// What is known of symbols besides prices.
    pub instruments: Vec<Instrument>,
    /// Headlines.
    pub headlines: Vec<Headline>,
    /// Known splits.
    pub splits: Vec<Split>,
}

/// A folder of recorded data.
#[derive(Debug, Clone)]
pub struct FileSource {
    folder: PathBuf,
    minutes: BarsRead,
    daily: BarsRead,
    instruments: BTreeMap<Symbol, Instrument>,
    headlines: Vec<Headline>,
    splits: Vec<Split>,
    ticks: EventsRead<Tick>,
    depth: EventsRead<DepthUpdate>,
}

impl FileSource {
    /// Reads the whole folder.
    ///
    /// # Errors
    /// [`AdapterError::Data`](crate::AdapterError::Data) naming the file, and the column where it is one, when there are
    /// no minute bars, or a file is damaged, lacks a column or has it in another type.
    pub fn open(folder: &Path) -> Result<Self> {
        let minutes = Table::find(folder, &["bars", "minute_trade"])?.ok_or_else(|| {
            let problem = match folder.is_dir() {
                true => "holds neither bars.parquet, bars.csv nor minute_trade.parquet",
                false => "is not a folder",
            };
            Error::file(folder, problem)
        })?;
        let minutes = bars::minute_bars(minutes)?;
        let daily = Table::find(folder, &["daily", "daily_raw"])?.map(bars::daily_bars).transpose()?.unwrap_or_default();
        let list = |name| Table::find(folder, &[name]);
        Ok(Self {
            folder: folder.to_owned(),
            minutes,
            daily,
            instruments: list("instruments")?.as_ref().map(lists::instruments).transpose()?.unwrap_or_default(),
            headlines: list("headlines")?.as_ref().map(lists::headlines).transpose()?.unwrap_or_default(),
            splits: list("splits")?.as_ref().map(lists::splits).transpose()?.unwrap_or_default(),
            ticks: list("ticks")?.as_ref().map(ticks::ticks).transpose()?.unwrap_or_default(),
            depth: list("depth")?.as_ref().map(ticks::depth).transpose()?.unwrap_or_default(),
        })
    }

    /// The same without a disk: answers as a folder called `name` with these tables would.
    pub fn in_memory(name: &str, tables: FolderTables) -> Self {
        let read = |bars| BarsRead { bars, ..BarsRead::default() };
        Self {
            folder: PathBuf::from(name),
            minutes: read(tables.minutes),
            daily: read(tables.daily),
            instruments: tables.instruments.into_iter().map(|it| (it.symbol.clone(), it)).collect(),
            headlines: tables.headlines,
            splits: tables.splits,
            ticks: EventsRead::default(),
            depth: EventsRead::default(),
        }
    }

    /// The folder it was read from.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All minute bars.
    pub fn minutes(&self) -> &Bars {
        &self.minutes.bars
    }

    /// All daily bars.
    pub fn daily(&self) -> &Bars {
        &self.daily.bars
    }

    /// Headlines, in the order of the file.
    pub fn headlines(&self) -> &[Headline] {
        &self.headlines
    }

    /// Recorded trades and changes of the best bid and offer, each symbol's in order of time.
    pub fn ticks(&self) -> &BTreeMap<Symbol, Vec<Tick>> {
        &self.ticks.events
    }

    /// Recorded changes of order books, each symbol's in order of time.
    pub fn depth(&self) -> &BTreeMap<Symbol, Vec<DepthUpdate>> {
        &self.depth.events
    }

    /// What was left out while reading, one report for each symbol and table.
    pub fn faults(&self) -> Vec<MissingData> {
        let mut faults = self.minutes.left_out(SnapshotPart::History, Timestamp::MIN, Timestamp::MAX);
        faults.extend(self.daily.left_out(SnapshotPart::Daily, Timestamp::MIN, Timestamp::MAX));
        faults.extend(self.minutes.misplaced.iter().chain(&self.daily.misplaced).cloned());
        faults.extend(self.ticks.left_out.iter().chain(&self.depth.left_out).cloned());
        faults
    }

    /// The symbols that minute bars are recorded for, those whose rows were all left out included.
    pub fn symbols(&self) -> Vec<Symbol> {
        let misplaced = self.minutes.misplaced.iter().map(|report| &report.symbol);
        let left_out = self.minutes.faults.iter().map(|fault| &fault.symbol).chain(misplaced);
        self.minutes.bars.symbols().iter().chain(left_out).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What is known of `symbol` besides its prices.
    pub fn instrument(&self, symbol: &Symbol) -> Instrument {
        self.instruments.get(symbol).cloned().unwrap_or_else(|| Instrument::stock(symbol.clone()))
    }

    /// What the folder's list of instruments says, in order of symbol.
    pub fn instruments(&self) -> Vec<Instrument> {
        self.instruments.values().cloned().collect()
    }

    /// What was known at `as_of`.
    ///
    /// # Errors
    /// [`AdapterError::Data`](crate::AdapterError::Data) when `as_of` is outside the exchange calendar.
    pub fn snapshot(&self, as_of: Timestamp, request: &SnapshotRequest) -> Result<Snapshot> {
        let session = Calendar.local_date(as_of);
        let midnight = Calendar.at(session, Time::midnight());
        let earlier = Calendar.sessions_before(session, request.history_sessions)?;
        let from = earlier.first().map_or(midnight, |day| Calendar.at(day.date, Time::midnight()));

        let recorded = self.symbols();
        let (universe, mut missing) = match &request.symbols {
            None => (recorded.clone(), Vec::new()),
            Some(symbols) => self.known(symbols, &recorded),
        };
        let chosen: BTreeSet<&Symbol> = universe.iter().collect();
        let of_universe = |bars: &Bars, cut: &dyn Fn(Series<'_>) -> std::ops::Range<usize>| {
            Arc::new(bars.select(|symbol, series| match chosen.contains(symbol) {
                true => series.slice(cut(series)),
                false => series.slice(0..0),
            }))
        };
        let history = of_universe(&self.minutes.bars, &|series| rows(series, from, midnight.min(as_of)));
        let today = of_universe(&self.minutes.bars, &|series| rows(series, midnight, as_of));
        let daily = of_universe(&self.daily.bars, &|series| rows(series, Timestamp::MIN, as_of));

        // What is damaged later than this instant is not known yet; what lies before the bars looked at does not matter.
        let known = as_of - SignedDuration::from_mins(1) + SignedDuration::from_nanos(1);
        let left_out = [
            self.minutes.left_out(SnapshotPart::Today, midnight, known),
            self.minutes.left_out(SnapshotPart::History, from, midnight.min(known)),
            self.daily.left_out(SnapshotPart::Daily, Timestamp::MIN, midnight),
            self.minutes.misplaced.clone(),
            self.daily.misplaced.clone(),
        ];
        missing.extend(left_out.into_iter().flatten().filter(|report| chosen.contains(&report.symbol)));
        let since = headlines_since(as_of)?;
        let current = |headline: &&Headline| (since..=as_of).contains(&headline.at) && chosen.contains(&headline.symbol);
        let inputs = SnapshotInputs {
            universe: universe.iter().map(|symbol| self.instrument(symbol)).collect(),
            daily,
            history,
            today,
            quotes: Vec::new(),
            headlines: self.headlines.iter().filter(current).cloned().collect(),
            splits: self.splits.iter().filter(|split| chosen.contains(&split.symbol)).cloned().collect(),
            missing,
            provenance: Vec::new(),
        };
        Ok(Snapshot::new(as_of, inputs))
    }

    /// What was known at `as_of`, as far as `request` wants it.
    ///
    /// # Errors
    /// As [`FileSource::snapshot`].
    pub fn snapshot_for(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot> {
        let symbols = match &request.symbols {
            UniverseRequest::Symbols(symbols) => Some(symbols.clone()),
            UniverseRequest::All | UniverseRequest::IbScanner { .. } => None,
        };
        let mut snapshot = self.snapshot(as_of, &SnapshotRequest { symbols, history_sessions: request.history_sessions })?;
        let (with_today, with_daily) = (request.with_today, request.daily_bars != DailyBars::Unwanted);
        if !request.with_headlines {
            snapshot.headlines.clear();
        }
        if !with_today {
            snapshot.today = Arc::default();
        }
        if !with_daily {
            snapshot.daily = Arc::default();
        }
        snapshot.missing.retain(|missing| match missing.part {
            SnapshotPart::Today => with_today,
            SnapshotPart::Daily => with_daily,
            _ => true,
        });
        Ok(snapshot)
    }

    /// Those of `symbols` that the folder knows, and a report of the others.
    fn known(&self, symbols: &[Symbol], recorded: &[Symbol]) -> (Vec<Symbol>, Vec<MissingData>) {
        let mut known = Vec::with_capacity(symbols.len());
        let mut missing = Vec::new();
        let mut report = |symbol: &Symbol, part, reason, detail: String| {
            missing.push(MissingData { symbol: symbol.clone(), part, reason, detail });
        };
        for symbol in symbols {
            let folder = self.folder.display();
            if recorded.binary_search(symbol).is_ok() {
                known.push(symbol.clone());
            } else if self.instruments.contains_key(symbol) || !self.daily.bars.series(symbol.as_str()).is_empty() {
                known.push(symbol.clone());
                let detail = format!("{folder} has no minute bars of it");
                report(symbol, SnapshotPart::Today, MissingReason::NoData, detail);
            } else {
                let detail = format!("{folder} does not know it");
                report(symbol, SnapshotPart::Contract, MissingReason::UnknownContract, detail);
            }
        }
        (known, missing)
    }
}

/// The rows that start at or after `from` and are known at `until`.
fn rows(series: Series<'_>, from: Timestamp, until: Timestamp) -> std::ops::Range<usize> {
    let end = series.as_of(until).len();
    let start = series.open_at.partition_point(|open_at| *open_at < from.as_microsecond());
    start.min(end)..end
}

#[async_trait]
impl MarketData for FileSource {
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot> {
        self.snapshot_for(as_of, request)
    }
}
