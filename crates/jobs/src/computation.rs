//! What a job computes of every symbol: features or risk profiles, as a frame. The same call serves the schedule, a run by hand, a
//! replay and a notebook.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use bellwether::{
    features::{Catalogue, Selection, compute},
    market::{
        Bars, Calendar, ContentHash, MissingData, MissingReason, Provenance, Snapshot, SnapshotPart, Symbol, Timeframe,
        TradingHours, resample,
    },
    risk::profile::{ProfileConfig, Unprofiled, profiles},
};
use bellwether_adapters::{BEHIND, DailyBars, stale_days};
use jiff::{SignedDuration, Timestamp, civil::Time};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use crate::tables::{ColumnDigest, digest_of};

/// Sessions of daily bars, and of minute bars, that features look back on unless told otherwise.
const DAILY: usize = 300;
const INTRADAY: usize = 20;
/// Sessions that bars may go back: twenty years.
const MOST_SESSIONS: usize = 5_000;
/// In a universe somebody trades more often than that.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);

/// Settings of `features`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeaturesConfig {
    /// Names and families of the catalogue separated by commas, or `all`.
    pub set: String,
    /// Length of the bars that rows are made of: `1d` of daily bars, shorter ones of minutes, those of the day so far included.
    pub timeframe: Timeframe,
    /// Earlier sessions whose bars go in, however many the source holds: 2 to 5,000 of daily bars, up to 5,000 of minutes; without it
    /// 300 of daily bars, 20 of minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<usize>,
    /// The symbol that market-relative features compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Symbol>,
}

impl Default for FeaturesConfig {
    fn default() -> Self {
        Self { set: "all".to_owned(), timeframe: Timeframe::Day1, sessions: None, benchmark: None }
    }
}

/// Settings of `risk_profiles`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskConfig {
    /// What stocks are compared with; tail dependence and diversification are of the first.
    pub benchmarks: Vec<Symbol>,
    /// The models' settings.
    pub profile: ProfileConfig,
}

impl Default for RiskConfig {
    fn default() -> Self {
        let benchmarks = ["SPY", "QQQ"].into_iter().filter_map(|symbol| Symbol::new(symbol).ok()).collect();
        Self { benchmarks, profile: ProfileConfig::default() }
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Computation {
    /// Columns of the catalogue.
    Features(FeaturesConfig),
    /// The risk of each symbol against benchmarks.
    RiskProfiles(RiskConfig),
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Computed {
    /// As of.
    pub as_of: Timestamp,
    /// Column `symbol` first; of features `open_at` and `close_at` of the bar next, with a row a bar; of profiles a row a symbol.
    pub frame: DataFrame,
    /// Symbols of the universe without a row, and why.
    pub without: Vec<Unprofiled>,
    /// What the snapshot lacked, and what was too old or too early to be used.
    pub missing: Vec<MissingData>,
    /// What came from where, when there was more than one source to choose from.
    pub provenance: Vec<Provenance>,
}

/// What was computed of how much, and of what not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComputedReport {
    /// As of.
    pub as_of: Timestamp,
    /// Rows of the frame.
    pub rows: usize,
    /// Symbols that have one.
    pub symbols: usize,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// See [`Computed::without`].
    pub without: Vec<Unprofiled>,
    /// See [`Computed::missing`].
    #[serde(default)]
    pub missing: Vec<MissingData>,
    /// See [`Computed::provenance`].
    #[serde(default)]
    pub provenance: Vec<Provenance>,
}

impl Computation {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// Says which does not.
    pub fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Features(config) => {
                Catalogue::shipped().select(&config.set)?;
                let least = if config.timeframe == Timeframe::Day1 { 2 } else { 0 };
                ensure!(
                    config.sessions.is_none_or(|sessions| (least..=MOST_SESSIONS).contains(&sessions)),
                    "`sessions` has to be {least} to {MOST_SESSIONS} where bars are of {}",
                    config.timeframe
                );
            }
            Self::RiskProfiles(RiskConfig { benchmarks, profile }) => {
                ensure!(!benchmarks.is_empty(), "`benchmarks` is empty: name one at least, such as \"SPY\"");
                let twice = benchmarks.iter().enumerate().find(|(at, symbol)| benchmarks[..*at].contains(symbol));
                if let Some((_, symbol)) = twice {
                    anyhow::bail!("`benchmarks` names {symbol} twice");
                }
                profile.check()?;
                ensure!(
                    profile.window <= MOST_SESSIONS,
                    "`window` has to be {MOST_SESSIONS} returns at most, not {}",
                    profile.window
                );
            }
        }
        Ok(())
    }

    /// Earlier sessions of minute bars that go in.
    pub fn minute_sessions(&self) -> usize {
        match self {
            Self::Features(config) if config.timeframe != Timeframe::Day1 => config.sessions.unwrap_or(INTRADAY),
            _ => 0,
        }
    }

    /// Earlier sessions of daily bars that go in.
    pub fn daily_sessions(&self) -> usize {
        match self {
            Self::Features(config) if config.timeframe == Timeframe::Day1 => config.sessions.unwrap_or(DAILY),
            Self::Features(_) => 0,
            // A return is of two closes.
            Self::RiskProfiles(config) => config.profile.window + 1,
        }
    }

    /// The kind of its jobs, as schedules write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Features(_) => "features",
            Self::RiskProfiles(_) => "risk_profiles",
        }
    }

    /// What it compares with, which has to be in the snapshot whatever the universe.
    pub fn benchmarks(&self) -> Vec<Symbol> {
        match self {
            Self::Features(config) => config.benchmark.iter().cloned().collect(),
            Self::RiskProfiles(config) => config.benchmarks.clone(),
        }
    }

    /// Computes it over what the snapshot knows. Takes processor time: not for async threads.
    ///
    /// # Errors
    /// When a benchmark is missing or behind the market, a setting is out of range, or nothing can be computed of any symbol.
    pub fn run(&self, snapshot: &Snapshot) -> anyhow::Result<Computed> {
        let as_of = snapshot.as_of;
        let mut missing = snapshot.missing.clone();
        let (frame, unfit) = match self {
            Self::Features(config) => {
                let looked_at = self.bars(config, snapshot)?;
                missing.extend(looked_at.missing);
                let features = Catalogue::shipped().select(&config.set)?;
                let mut selection = Selection::of(features).on(config.timeframe).as_of(looked_at.complete_at);
                if let Some(benchmark) = &config.benchmark {
                    selection = selection.against(benchmark.clone());
                }
                (compute(&looked_at.bars, &selection)?, Vec::new())
            }
            Self::RiskProfiles(config) => {
                let found = profiles(&snapshot.daily, &config.benchmarks, as_of, &config.profile)?;
                (found.table()?, found.unprofiled)
            }
        };
        missing.extend(self.stale_days(snapshot)?);
        missing.sort();
        missing.dedup();
        let without = self.without(&frame, unfit, snapshot, &missing)?;
        if frame.height() == 0 {
            let why = without.first().map(|one| format!("; the first: {}: {}", one.symbol, one.problem));
            anyhow::bail!("nothing could be computed of any of {} symbols{}", without.len(), why.unwrap_or_default());
        }
        Ok(Computed { as_of, frame, without, missing, provenance: snapshot.provenance.clone() })
    }

    /// The bars that features are of: no others, however many the source holds, or numbers that add up over all bars would differ.
    fn bars(&self, config: &FeaturesConfig, snapshot: &Snapshot) -> anyhow::Result<LookedAt> {
        let as_of = snapshot.as_of;
        let first_of = |sessions: usize| -> anyhow::Result<Timestamp> {
            let earlier = Calendar.sessions_before(snapshot.session, sessions)?;
            Ok(Calendar.at(earlier.first().map_or(snapshot.session, |day| day.date), Time::midnight()))
        };
        if config.timeframe == Timeframe::Day1 {
            let first = first_of(self.daily_sessions())?;
            let bars = snapshot.daily.select(|_, series| series.starting_in(first, as_of));
            return Ok(LookedAt { bars, complete_at: as_of, missing: Vec::new() });
        }
        let (cuts, missing) = delayed(snapshot, config.timeframe)?;
        if let Some(benchmark) = config.benchmark.as_ref().filter(|benchmark| cuts.contains_key(*benchmark)) {
            anyhow::bail!(
                "benchmark {benchmark} is behind the market: what is compared with it would be compared with another time"
            );
        }
        let today = snapshot.today.select(|symbol, series| cuts.get(symbol).map_or(series, |until| series.as_of(*until)));
        let newest = today.iter().filter_map(|(_, series)| series.close_at.last().copied()).max();
        let newest = newest.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        // Where nobody has traded for so long, it is the data that ends.
        let complete_at = newest.filter(|newest| as_of.duration_since(*newest) > SILENCE).unwrap_or(as_of);
        let first = first_of(self.minute_sessions())?;
        let bars = snapshot.history.merged(&today).select(|_, series| series.starting_in(first, as_of));
        Ok(LookedAt { bars, complete_at, missing })
    }

    /// Symbols whose daily bars do not reach the last close: their newest row is an older one.
    fn stale_days(&self, snapshot: &Snapshot) -> anyhow::Result<Vec<MissingData>> {
        let due = if self.daily_sessions() > 0 { DailyBars::Complete.due(snapshot.as_of)? } else { None };
        let Some(due) = due else { return Ok(Vec::new()) };
        let stale = snapshot.daily.iter().filter_map(|(symbol, series)| {
            let detail = stale_days(series, due)?;
            Some(MissingData { symbol: symbol.clone(), part: SnapshotPart::Daily, reason: MissingReason::NoData, detail })
        });
        Ok(stale.collect())
    }

    /// What was asked for and has no row in `frame`: could not be fitted, or has no bars, for the reason that the source gave.
    fn without(
        &self,
        frame: &DataFrame,
        unfit: Vec<Unprofiled>,
        snapshot: &Snapshot,
        missing: &[MissingData],
    ) -> anyhow::Result<Vec<Unprofiled>> {
        let rows: BTreeSet<&str> = frame.column("symbol")?.str()?.iter().flatten().collect();
        let looked_at: &[SnapshotPart] = match self.daily_sessions() {
            0 => &[SnapshotPart::Contract, SnapshotPart::History, SnapshotPart::Today],
            _ => &[SnapshotPart::Contract, SnapshotPart::Daily],
        };
        let known = |symbol: &Symbol| {
            [&snapshot.daily, &snapshot.history, &snapshot.today].iter().any(|bars| !bars.series(symbol.as_str()).is_empty())
        };
        let mut why: BTreeMap<&Symbol, String> = BTreeMap::new();
        for it in &snapshot.universe {
            let problem = if known(&it.symbol) { "none of its bars is over by then" } else { "no bars of it are known" };
            why.insert(&it.symbol, problem.to_owned());
        }
        // What is wrong with the contract comes before what is wrong with bars.
        for missing in missing.iter().filter(|missing| looked_at.contains(&missing.part)).rev() {
            why.insert(&missing.symbol, format!("{}: {} ({})", missing.part.as_str(), missing.reason.as_str(), missing.detail));
        }
        why.extend(unfit.iter().map(|one| (&one.symbol, one.problem.clone())));
        let without = why.into_iter().filter(|(symbol, _)| !rows.contains(symbol.as_str()));
        Ok(without.map(|(symbol, problem)| Unprofiled { symbol: symbol.clone(), problem }).collect())
    }
}

/// What features are made of.
struct LookedAt {
    bars: Bars,
    /// Bars that end by then are over.
    complete_at: Timestamp,
    /// What was left out.
    missing: Vec<MissingData>,
}

/// Symbols whose source is behind the market, and until when their minutes of the session are whole: the end of the last bar of `timeframe`
/// that was over when the source's newest word was said. Bars that end later would be made of too few minutes.
fn delayed(snapshot: &Snapshot, timeframe: Timeframe) -> anyhow::Result<(BTreeMap<Symbol, Timestamp>, Vec<MissingData>)> {
    let (mut cuts, mut missing) = (BTreeMap::new(), Vec::new());
    for source in snapshot.provenance.iter().filter(|source| source.part == SnapshotPart::Today && source.delayed) {
        let told = source.fetched_at - BEHIND;
        if told >= snapshot.as_of {
            continue;
        }
        for symbol in &source.symbols {
            let over = resample(snapshot.today.series(symbol.as_str()), timeframe, TradingHours::Regular, told)?;
            let until = over.last().map_or(Ok(Timestamp::MIN), |bar| Timestamp::from_microsecond(bar.close_at))?;
            cuts.insert(symbol.clone(), until);
            let detail = format!("{} is behind the market: bars that end after {told} are left out", source.source);
            missing.push(MissingData { symbol: symbol.clone(), part: source.part, reason: MissingReason::NoData, detail });
        }
    }
    Ok((cuts, missing))
}

impl Computed {
    /// Name of everything in it: two with one hash are the same in every bit.
    ///
    /// # Errors
    /// When a column has no canonical form.
    pub fn hash(&self) -> anyhow::Result<ContentHash> {
        let columns = self.frame.columns().iter().map(digest_of).collect::<anyhow::Result<Vec<ColumnDigest>>>()?;
        Ok(ContentHash::of_json(&(columns, &self.without)))
    }

    /// What is stored of it with a run.
    ///
    /// # Errors
    /// When the frame has no column `symbol`.
    pub fn report(&self) -> anyhow::Result<ComputedReport> {
        let Self { as_of, frame, without, missing, provenance } = self.clone();
        Ok(ComputedReport {
            as_of,
            rows: frame.height(),
            symbols: frame.column("symbol")?.n_unique()?,
            columns: frame.get_column_names().into_iter().map(ToString::to_string).collect(),
            without,
            missing,
            provenance,
        })
    }
}

impl ComputedReport {
    /// In a few words.
    pub fn summary(&self) -> String {
        let (rows, columns) = (self.rows, self.columns.len());
        let without = match self.without.len() {
            0 => String::new(),
            1 => "; 1 symbol without".to_owned(),
            count => format!("; {count} symbols without"),
        };
        format!("{rows} rows, {columns} columns{without}")
    }
}

#[cfg(test)]
#[path = "computation_tests.rs"]
mod tests;
