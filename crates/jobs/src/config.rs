//! `schedules.toml`: what runs when, over which symbols, and who is told.
//!
//! Every table refuses unknown keys with their line; complaints about a job name its line, those about a channel or a
//! universe its name. Secrets are not in this file: it names the environment variables or files that hold them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use bellwether::{
    market::{SessionKind, Symbol},
    risk::profile::ProfileConfig,
    scanners::{
        Scan, breakout::BreakoutConfig, custom::CustomConfig, gap::GapConfig, momentum::MomentumConfig,
        unusual_volume::UnusualVolumeConfig,
    },
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    alerts::ChannelConfig,
    computation::{Computation, FeaturesConfig, RiskConfig},
    schedule::Cron,
    sources::{SourceName, SourcesConfig},
    watch::WatchConfig,
};

/// The schedule that ships with the program: used where no file is given or found.
pub const SHIPPED: &str = include_str!("../../../schedules.toml");

/// The whole file, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub origin: String,
    /// Connection to Interactive Brokers.
    pub ib: bellwether_adapters::ib::IbConfig,
    /// Where market data comes from, in order.
    pub sources: SourcesConfig,
    /// Named lists of symbols.
    pub universes: BTreeMap<String, UniverseConfig>,
    /// Named places that alerts go to.
    pub channels: BTreeMap<String, ChannelConfig>,
    /// Who is told when live market data fails.
    pub watch: WatchConfig,
    /// The jobs, in the order of the file.
    pub jobs: Vec<Job>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    ib: bellwether_adapters::ib::IbConfig,
    #[serde(default)]
    sources: SourcesConfig,
    #[serde(default)]
    universes: BTreeMap<String, UniverseConfig>,
    #[serde(default)]
    channels: BTreeMap<String, ChannelConfig>,
    #[serde(default)]
    watch: WatchConfig,
    #[serde(default)]
    jobs: Vec<RawJob>,
}

/// A list of symbols: exactly one of the three sources.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UniverseConfig {
    /// The symbols themselves.
    #[serde(default)]
    pub symbols: Option<Vec<Symbol>>,
    /// A `.csv` or `.parquet` file with a column `symbol` (or `Symbol`), relative to the schedule's folder: a list of
    /// one's own or the members of an index.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Codes of Interactive Brokers' market scanner, such as `TOP_PERC_GAIN`, `HIGH_OPEN_GAP`, `HOT_BY_VOLUME`; at most
    /// 50 rows each.
    #[serde(default)]
    pub ib_scanner: Option<Vec<String>>,
}

/// One `[[jobs]]` table as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJob {
    name: Spanned<String>,
    kind: Spanned<String>,
    cron: Vec<Spanned<String>>,
    #[serde(default)]
    calendar: CalendarCondition,
    #[serde(default)]
    session: Option<SessionKind>,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    universe: Option<Spanned<String>>,
    #[serde(default)]
    gap: Option<GapConfig>,
    #[serde(default)]
    momentum: Option<MomentumConfig>,
    #[serde(default)]
    unusual_volume: Option<UnusualVolumeConfig>,
    #[serde(default)]
    breakout: Option<BreakoutConfig>,
    #[serde(default)]
    custom: Option<CustomConfig>,
    #[serde(default)]
    features: Option<FeaturesConfig>,
    #[serde(default)]
    risk: Option<RiskConfig>,
    #[serde(default)]
    ingest: Option<IngestConfig>,
    #[serde(default)]
    housekeeping: Option<HousekeepingConfig>,
    #[serde(default)]
    conditions: Option<ConditionsConfig>,
    #[serde(default)]
    alert: AlertPolicy,
    #[serde(default = "two_minutes")]
    timeout: SignedDuration,
    #[serde(default)]
    misfire: Misfire,
    #[serde(default)]
    overlap: Overlap,
}

fn two_minutes() -> SignedDuration {
    SignedDuration::from_mins(2)
}

/// On which days a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarCondition {
    /// Only when the exchange trades.
    #[default]
    TradingDay,
    /// Whenever the cron pattern matches.
    AnyDay,
}

/// What is sent, to whom, and when.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertPolicy {
    /// Names of channels.
    pub channels: Vec<String>,
    /// Send also when nothing was found.
    pub when_empty: bool,
    /// Tell the same channels when a run fails or was missed. (A late one tells its result.)
    pub on_failure: bool,
    /// Most hits in a message.
    pub top: usize,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        Self { channels: Vec::new(), when_empty: false, on_failure: true, top: 10 }
    }
}

/// What becomes of a due time at which the process was not running or not ready.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misfire {
    /// Run late, or not at all.
    pub policy: MisfirePolicy,
    /// How late a run may start; beyond it the due time is recorded as missed.
    pub grace: SignedDuration,
}

impl Default for Misfire {
    fn default() -> Self {
        Self { policy: MisfirePolicy::RunLate, grace: SignedDuration::from_mins(10) }
    }
}

/// See [`Misfire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MisfirePolicy {
    /// The latest due time within the grace is run late; earlier ones are recorded as missed.
    RunLate,
    /// Every one is recorded as missed.
    Skip,
}

/// What becomes of a due time while the job's previous run is still at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is recorded as skipped.
    #[default]
    Skip,
    /// It waits for the previous run, at most the job's misfire grace.
    Wait,
}

/// Settings of `ingest_bars`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// Sessions of minute bars to have in the database.
    pub minute_sessions: usize,
    /// Sessions of daily bars to have in the database.
    pub daily_sessions: usize,
    /// Only this one of the sources; without it all of them, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceName>,
}

impl Default for IngestConfig {
    fn default() -> Self {
        // Days: as many closes as the returns of a risk profile take.
        Self { minute_sessions: 20, daily_sessions: ProfileConfig::default().window + 1, source: None }
    }
}

/// Settings of `housekeeping`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HousekeepingConfig {
    /// Days that snapshots are kept; a run older than this can no longer be replayed.
    pub keep_snapshots_days: u32,
    /// Days that the newest rows of features and risk profiles are kept in table `computed`.
    pub keep_computed_days: u32,
}

impl Default for HousekeepingConfig {
    fn default() -> Self {
        Self { keep_snapshots_days: 90, keep_computed_days: 365 }
    }
}

/// Settings of `market_conditions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConditionsConfig {
    /// FRED's names of the series.
    pub series: Vec<String>,
}

impl Default for ConditionsConfig {
    fn default() -> Self {
        // Volatility; the yield curve; the policy rate; spreads of high-yield and investment-grade bonds; the dollar.
        let usual = ["VIXCLS", "DGS10", "DGS2", "T10Y2Y", "DFF", "BAMLH0A0HYM2", "BAMLC0A0CM", "DTWEXBGS"];
        Self { series: usual.map(str::to_owned).to_vec() }
    }
}

/// What a job does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// A scan over a universe.
    Scan(Scan),
    /// Features or risk profiles of a universe.
    Compute(Computation),
    /// Bars from the sources into the database.
    IngestBars(IngestConfig),
    /// Economic series into the database.
    MarketConditions(ConditionsConfig),
    /// Removes what is past keeping.
    Housekeeping(HousekeepingConfig),
}

/// A job, checked.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name: lower-case words joined by `-`.
    pub name: String,
    /// The kind as written, such as `gap_scan`.
    pub kind_name: String,
    /// What it does.
    pub kind: JobKind,
    /// When, in exchange time.
    pub cron: Vec<Cron>,
    /// On which days.
    pub calendar: CalendarCondition,
    /// Only while this part of the session lasts (early closes included).
    pub session: Option<SessionKind>,
    /// Name of the universe, for kinds that take one.
    pub universe: Option<String>,
    /// What is sent.
    pub alert: AlertPolicy,
    /// How long a run may take.
    pub timeout: SignedDuration,
    /// Late starts.
    pub misfire: Misfire,
    /// Overlapping runs.
    pub overlap: Overlap,
}

/// What is stored with a run, so that it can be made again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSettings {
    /// What the job did.
    pub kind: JobKind,
    /// Over which universe.
    pub universe: Option<String>,
    /// Whom it told.
    pub alert: AlertPolicy,
}

impl Job {
    /// The settings that decide what a run computes and whom it tells, as stored with the run.
    pub fn settings(&self) -> JobSettings {
        JobSettings { kind: self.kind.clone(), universe: self.universe.clone(), alert: self.alert.clone() }
    }
}

impl Config {
    /// Reads and checks `path`; without one, `schedules.toml` of the current folder, else the schedule that ships.
    ///
    /// # Errors
    /// Says file, line and what to write instead.
    pub fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let text = Self::text(path)?;
        match Self::file(path) {
            Some(path) => Self::parse(&text, &path.display().to_string(), path.parent()),
            None => Self::parse(&text, "the schedule that ships with bellwether", None),
        }
    }

    /// The text that [`Config::load`] reads.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn text(path: Option<&Path>) -> anyhow::Result<String> {
        match Self::file(path) {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("{}: the schedule cannot be read", path.display()))
            }
            None => Ok(SHIPPED.to_owned()),
        }
    }

    fn file(path: Option<&Path>) -> Option<&Path> {
        let beside = Path::new("schedules.toml");
        path.or_else(|| beside.exists().then_some(beside))
    }

    /// Checks a schedule. `folder` is what universe files are relative to.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, origin: &str, folder: Option<&Path>) -> anyhow::Result<Self> {
        let raw: RawFile = toml::from_str(text).map_err(|error| anyhow::anyhow!("{origin}: {error}"))?;
        let at = |span: std::ops::Range<usize>| {
            let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
            format!("{origin}:{line}")
        };
        let mut sources = raw.sources;
        sources.check(folder).with_context(|| format!("{origin}: [sources]"))?;
        let mut universes = raw.universes;
        for (name, universe) in &mut universes {
            universe.check().with_context(|| format!("{origin}: universe `{name}`"))?;
            if let (Some(file), Some(folder)) = (&mut universe.file, folder) {
                *file = folder.join(&*file);
            }
        }
        for (name, channel) in &raw.channels {
            channel.check().map_err(|error| anyhow::anyhow!("{origin}: channel `{name}`: {error}"))?;
        }
        let mut jobs: Vec<Job> = Vec::new();
        for job in raw.jobs {
            if job.enabled == Some(false) {
                continue;
            }
            let place = at(job.name.span());
            if jobs.iter().any(|known| known.name == *job.name.get_ref()) {
                bail!("{place}: job `{}` is there twice; names must differ", job.name.get_ref());
            }
            let name = job.name.get_ref().clone();
            let job = job.check(&at).with_context(|| format!("{place}: job `{name}`"))?;
            if let Some(universe) = job.universe.as_ref().filter(|universe| !universes.contains_key(*universe)) {
                bail!("{place}: job `{name}`: unknown universe `{universe}`; there are {}", list(universes.keys()));
            }
            if let JobKind::IngestBars(IngestConfig { source: Some(source), .. }) = &job.kind
                && !sources.order.contains(source)
            {
                bail!("{place}: job `{name}`: source `{}` is not in the `order` of [sources]", source.as_str());
            }
            if let Some(channel) = job.alert.channels.iter().find(|channel| !raw.channels.contains_key(*channel)) {
                bail!("{place}: job `{name}`: unknown channel `{channel}`; there are {}", list(raw.channels.keys()));
            }
            jobs.push(job);
        }
        if let Some(channel) = raw.watch.channels.iter().find(|channel| !raw.channels.contains_key(*channel)) {
            bail!("{origin}: [watch]: unknown channel `{channel}`; there are {}", list(raw.channels.keys()));
        }
        anyhow::ensure!(!raw.watch.patience.is_negative(), "{origin}: [watch]: `patience` is negative");
        Ok(Self { origin: origin.to_owned(), ib: raw.ib, sources, universes, channels: raw.channels, watch: raw.watch, jobs })
    }

    /// The jobs that scan, in the order of the file.
    pub fn scans(&self) -> impl Iterator<Item = (&Job, &Scan)> {
        self.jobs.iter().filter_map(|job| match &job.kind {
            JobKind::Scan(scan) => Some((job, scan)),
            _ => None,
        })
    }

    /// The jobs that compute features or risk profiles, in the order of the file.
    pub fn computations(&self) -> impl Iterator<Item = (&Job, &Computation)> {
        self.jobs.iter().filter_map(|job| match &job.kind {
            JobKind::Compute(computation) => Some((job, computation)),
            _ => None,
        })
    }

    /// The job called `name`.
    ///
    /// # Errors
    /// Names the jobs there are.
    pub fn job(&self, name: &str) -> anyhow::Result<&Job> {
        self.jobs.iter().find(|job| job.name == name).ok_or_else(|| {
            anyhow::anyhow!("no job `{name}` in {}; there are {}", self.origin, list(self.jobs.iter().map(|job| &job.name)))
        })
    }
}

impl UniverseConfig {
    fn check(&self) -> anyhow::Result<()> {
        let given = [self.symbols.is_some(), self.file.is_some(), self.ib_scanner.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            bail!("give exactly one of `symbols`, `file`, `ib_scanner`");
        }
        if self.symbols.as_ref().is_some_and(Vec::is_empty) {
            bail!("`symbols` is empty");
        }
        Ok(())
    }
}

impl RawJob {
    fn check(self, at: &dyn Fn(std::ops::Range<usize>) -> String) -> anyhow::Result<Job> {
        let name = self.name.get_ref().clone();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            bail!("a job's name is made of a-z, 0-9 and '-'");
        }
        if self.cron.is_empty() {
            bail!("`cron` is empty: give at least one pattern, such as \"25 9 * * MON-FRI\"");
        }
        let cron = self
            .cron
            .iter()
            .map(|pattern| Cron::parse(pattern.get_ref()).with_context(|| at(pattern.span())))
            .collect::<anyhow::Result<Vec<Cron>>>()?;
        if self.timeout <= SignedDuration::ZERO || self.misfire.grace.is_negative() {
            bail!("`timeout` must be longer than nothing, and the misfire grace not negative");
        }
        let kind_name = self.kind.get_ref().clone();
        let kind_at = at(self.kind.span());
        let tables = [
            ("gap", self.gap.is_some()),
            ("momentum", self.momentum.is_some()),
            ("unusual_volume", self.unusual_volume.is_some()),
            ("breakout", self.breakout.is_some()),
            ("custom", self.custom.is_some()),
            ("features", self.features.is_some()),
            ("risk", self.risk.is_some()),
            ("ingest", self.ingest.is_some()),
            ("housekeeping", self.housekeeping.is_some()),
            ("conditions", self.conditions.is_some()),
        ];
        let (own, kind) = match kind_name.as_str() {
            "gap_scan" => ("gap", JobKind::Scan(Scan::Gap(self.gap.unwrap_or_default()))),
            "momentum_scan" => ("momentum", JobKind::Scan(Scan::Momentum(self.momentum.unwrap_or_default()))),
            "unusual_volume_scan" => {
                ("unusual_volume", JobKind::Scan(Scan::UnusualVolume(self.unusual_volume.unwrap_or_default())))
            }
            "breakout_scan" => ("breakout", JobKind::Scan(Scan::Breakout(self.breakout.unwrap_or_default()))),
            "custom_scan" => {
                let custom = self
                    .custom
                    .with_context(|| format!("{kind_at}: a custom scan needs its `custom` table with a `condition`"))?;
                ("custom", JobKind::Scan(Scan::Custom(custom)))
            }
            "features" => ("features", JobKind::Compute(Computation::Features(self.features.unwrap_or_default()))),
            "risk_profiles" => ("risk", JobKind::Compute(Computation::RiskProfiles(self.risk.unwrap_or_default()))),
            "ingest_bars" => ("ingest", JobKind::IngestBars(self.ingest.unwrap_or_default())),
            "market_conditions" => {
                let conditions = self.conditions.unwrap_or_default();
                if conditions.series.is_empty() {
                    bail!("{kind_at}: `series` is empty: name at least one, such as \"VIXCLS\"");
                }
                ("conditions", JobKind::MarketConditions(conditions))
            }
            "housekeeping" => ("housekeeping", JobKind::Housekeeping(self.housekeeping.unwrap_or_default())),
            other => bail!(
                "{kind_at}: unknown kind `{other}`; there are gap_scan, momentum_scan, unusual_volume_scan, breakout_scan, \
                 custom_scan, features, risk_profiles, ingest_bars, market_conditions, housekeeping"
            ),
        };
        if let Some((table, _)) = tables.iter().find(|(table, given)| *given && *table != own) {
            bail!("{kind_at}: a table `{table}` does not belong to kind `{kind_name}`, which takes `{own}`");
        }
        match &kind {
            JobKind::Scan(scan) => scan.check()?,
            JobKind::Compute(computation) => computation.check().with_context(|| format!("{kind_at}: `{own}`"))?,
            _ => {}
        }
        let takes_universe = !matches!(kind, JobKind::Housekeeping(_) | JobKind::MarketConditions(_));
        if takes_universe && self.universe.is_none() {
            bail!("`universe` is missing: name one of the [universes]");
        }
        Ok(Job {
            name,
            kind_name,
            kind,
            cron,
            calendar: self.calendar,
            session: self.session,
            universe: self.universe.map(Spanned::into_inner),
            alert: self.alert,
            timeout: self.timeout,
            misfire: self.misfire,
            overlap: self.overlap,
        })
    }
}

fn list<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
