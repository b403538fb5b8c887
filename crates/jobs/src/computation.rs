//! What a job computes of every symbol: features or risk profiles, as a frame. The same call serves the schedule, a run by hand, a
//! replay and a notebook.

use anyhow::Context as _;
use bellwether::{
    features::{Catalogue, Selection, compute},
    market::{Bars, Calendar, ContentHash, Snapshot, Symbol, Timeframe},
    risk::profile::{ProfileConfig, Unprofiled, profiles},
};
use jiff::{Timestamp, civil::Time};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::tables::{ColumnDigest, digest_of};

/// Sessions of daily bars, and of minute bars, that features look back on unless told otherwise.
const DAILY: usize = 300;
const INTRADAY: usize = 20;

/// Settings of `features`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeaturesConfig {
    /// Names and families of the catalogue separated by commas, or `all`.
    pub set: String,
    /// Length of the bars that rows are made of: `1d` of daily bars, shorter ones of minutes, those of the day so far included.
    pub timeframe: Timeframe,
    /// Earlier sessions whose bars go in, however many the source holds; without it 300 of daily bars, 20 of minutes.
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
    /// Symbols without a row, and why.
    pub without: Vec<Unprofiled>,
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
                anyhow::ensure!(
                    config.timeframe != Timeframe::Day1 || config.sessions != Some(0),
                    "`sessions = 0` leaves no daily bar to compute features of"
                );
            }
            Self::RiskProfiles(config) => {
                anyhow::ensure!(!config.benchmarks.is_empty(), "`benchmarks` is empty: name one at least, such as \"SPY\"");
                config.profile.check()?;
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
    /// When a benchmark is missing, a setting is out of range, or nothing can be computed of any symbol.
    pub fn run(&self, snapshot: &Snapshot) -> anyhow::Result<Computed> {
        let as_of = snapshot.as_of;
        let computed = match self {
            Self::Features(config) => {
                let bars = self.bars(config, snapshot)?;
                let mut selection = Selection::of(Catalogue::shipped().select(&config.set)?).on(config.timeframe);
                if let Some(benchmark) = &config.benchmark {
                    selection = selection.against(benchmark.clone());
                }
                let barless = snapshot.universe.iter().filter(|it| bars.series(it.symbol.as_str()).is_empty());
                let without = barless
                    .map(|it| Unprofiled {
                        symbol: it.symbol.clone(),
                        problem: format!("no bars to make {} of", config.timeframe),
                    })
                    .collect();
                Computed { as_of, frame: compute(&bars, &selection)?, without }
            }
            Self::RiskProfiles(config) => {
                let found = profiles(&snapshot.daily, &config.benchmarks, as_of, &config.profile)?;
                Computed { as_of, frame: found.table()?, without: found.unprofiled }
            }
        };
        if computed.frame.height() == 0 {
            let why = computed.without.first().map(|one| format!("; the first: {}: {}", one.symbol, one.problem));
            anyhow::bail!("nothing could be computed of any of {} symbols{}", snapshot.universe.len(), why.unwrap_or_default());
        }
        Ok(computed)
    }

    /// The bars that features are of: no others, however many the source holds, or numbers that add up over all bars would differ.
    fn bars(&self, config: &FeaturesConfig, snapshot: &Snapshot) -> anyhow::Result<Bars> {
        let session = Calendar.local_date(snapshot.as_of);
        let (bars, sessions) = match config.timeframe {
            Timeframe::Day1 => (snapshot.daily.as_of(snapshot.as_of), self.daily_sessions()),
            _ => (snapshot.history.merged(&snapshot.today).as_of(snapshot.as_of), self.minute_sessions()),
        };
        let midnight = |day| Calendar.at(day, Time::midnight());
        let first = Calendar.sessions_before(session, sessions)?.first().map_or(session, |day| day.date);
        Ok(bars.select(|_, series| series.starting_in(midnight(first), snapshot.as_of)))
    }
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

    /// What is stored of it with a run: what was computed of how much, and of what not.
    pub fn report(&self) -> anyhow::Result<Value> {
        let symbols = self.frame.column("symbol").context("no column `symbol`")?.n_unique()?;
        let columns: Vec<&str> = self.frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
        let (rows, without) = (self.frame.height(), &self.without);
        Ok(json!({ "as_of": self.as_of, "rows": rows, "symbols": symbols, "columns": columns, "without": without }))
    }

    /// In a few words.
    pub fn summary(&self) -> String {
        let (rows, columns) = (self.frame.height(), self.frame.width());
        let without = match self.without.len() {
            0 => String::new(),
            1 => "; 1 symbol without".to_owned(),
            count => format!("; {count} symbols without"),
        };
        format!("{rows} rows, {columns} columns{without}")
    }
}
