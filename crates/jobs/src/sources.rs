//! `[sources]` of the schedule: where market data comes from, in which order, and how each source is reached.
//!
//! ```toml
//! [sources]
//! order = ["ib", "files", "schwab", "yahoo", "alpha_vantage"]    # default: ["ib"]
//!
//! [sources.files]
//! folder = "recorded"                            # relative to the schedule
//!
//! [sources.alpha_vantage]
//! api_key_env = "ALPHA_VANTAGE_API_KEY"
//! http = { per_minute = 5, per_day = 25 }
//!
//! [sources.fred]                                 # economic series for jobs of kind market_conditions
//! api_key_env = "FRED_API_KEY"
//! ```
//! Interactive Brokers itself is set up in `[ib]`. Each other table is described at its settings in
//! `bellwether_adapters::rest`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use bellwether::market::Clock;
use bellwether_adapters::{
    BarSource, Fallback, FileSource, MarketData, QuoteSource, Source,
    ib::IbConfig,
    rest::{
        AlphaVantageConfig, AlphaVantageSource, FredConfig, FredSource, SchwabConfig, SchwabSource, YahooConfig, YahooSource,
    },
};
use serde::{Deserialize, Serialize};

use crate::market::{Chain, IbLink, Market};

/// The sources there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum SourceName {
    /// Interactive Brokers
    Ib,
    /// A recorded folder
    Files,
    /// Yahoo's charts
    Yahoo,
    /// Alpha Vantage
    AlphaVantage,
    /// Schwab's market data
    Schwab,
}

impl SourceName {
    /// The name, as written in the schedule and kept with the data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ib => "ib",
            Self::Files => "files",
            Self::Yahoo => "yahoo",
            Self::AlphaVantage => "alpha_vantage",
            Self::Schwab => "schwab",
        }
    }
}

/// A recorded folder among the sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesConfig {
    /// The folder.
    pub folder: PathBuf,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourcesConfig {
    /// First choice first.
    pub order: Vec<SourceName>,
    /// A recorded folder.
    pub files: Option<FilesConfig>,
    /// Yahoo.
    pub yahoo: YahooConfig,
    /// Alpha Vantage.
    pub alpha_vantage: AlphaVantageConfig,
    /// Schwab.
    pub schwab: SchwabConfig,
    /// FRED.
    pub fred: FredConfig,
}

impl Default for SourcesConfig {
    fn default() -> Self {
        Self {
            order: vec![SourceName::Ib],
            files: None,
            yahoo: YahooConfig::default(),
            alpha_vantage: AlphaVantageConfig::default(),
            schwab: SchwabConfig::default(),
            fred: FredConfig::default(),
        }
    }
}

impl SourcesConfig {
    /// Checks that the settings fit together; reads no secret. `folder` is what files are relative to.
    ///
    /// # Errors
    /// Names the setting and what to write instead.
    pub(crate) fn check(&mut self, folder: Option<&Path>) -> anyhow::Result<()> {
        if self.order.is_empty() {
            bail!("`order` is empty: name at least one source, such as \"ib\"");
        }
        for (index, name) in self.order.iter().enumerate() {
            if self.order[..index].contains(name) {
                bail!("`order` names `{}` twice", name.as_str());
            }
        }
        if self.order.contains(&SourceName::Files) && self.files.is_none() {
            bail!("`order` names `files`, but there is no [sources.files] with its `folder`");
        }
        if let (Some(files), Some(folder)) = (&mut self.files, folder) {
            files.folder = folder.join(&files.folder);
        }
        for (name, http) in [
            ("yahoo", &self.yahoo.http),
            ("alpha_vantage", &self.alpha_vantage.http),
            ("schwab", &self.schwab.http),
            ("fred", &self.fred.http),
        ] {
            http.check().with_context(|| format!("[sources.{name}]"))?;
        }
        Ok(())
    }

    /// Whether the broker is all there is.
    pub fn is_only_ib(&self) -> bool {
        self.order == [SourceName::Ib]
    }

    /// Schwab's settings, with the token file in the data folder unless it names its place in full.
    pub fn schwab(&self, data_dir: &Path) -> SchwabConfig {
        SchwabConfig { token_file: data_dir.join(&self.schwab.token_file), ..self.schwab.clone() }
    }

    /// The economic series.
    ///
    /// # Errors
    /// A setting outside its range, or the key is not in the environment.
    pub fn series(&self, clock: Arc<dyn Clock>) -> anyhow::Result<FredSource> {
        FredSource::open(&self.fred, clock).context("source `fred`")
    }

    /// The market: each source is connected when it is first asked.
    ///
    /// # Errors
    /// A key that is not in the environment, a folder that cannot be read.
    pub async fn open(&self, ib: &IbConfig, clock: Arc<dyn Clock>, data_dir: &Path) -> anyhow::Result<Market> {
        let link = || IbLink::new(ib.clone(), Arc::clone(&clock));
        if self.is_only_ib() {
            return Ok(Market::Ib(Arc::new(link())));
        }
        let mut broker = None;
        let mut sources = Vec::with_capacity(self.order.len());
        for name in &self.order {
            let source = Source::new(name.as_str());
            let told = || format!("source `{}`", name.as_str());
            sources.push(match name {
                SourceName::Ib => {
                    let link = broker.insert(Arc::new(link()));
                    source.with_market(Arc::clone(link) as Arc<dyn MarketData>).with_bars(Arc::clone(link) as Arc<dyn BarSource>)
                }
                SourceName::Files => {
                    let folder = self.files.as_ref().map(|files| files.folder.clone()).with_context(told)?;
                    let files =
                        Arc::new(tokio::task::spawn_blocking(move || FileSource::open(&folder)).await?.with_context(told)?);
                    source.with_market(Arc::clone(&files) as Arc<dyn MarketData>).with_bars(files)
                }
                SourceName::Yahoo => both(source, YahooSource::open(&self.yahoo).with_context(told)?),
                SourceName::AlphaVantage => {
                    both(source, AlphaVantageSource::open(&self.alpha_vantage, Arc::clone(&clock)).with_context(told)?)
                }
                SourceName::Schwab => {
                    both(source, SchwabSource::open(&self.schwab(data_dir), Arc::clone(&clock)).with_context(told)?)
                }
            });
        }
        Ok(Market::Chain(Chain { fallback: Arc::new(Fallback::new(sources, clock)?), broker }))
    }
}

fn both<T: BarSource + QuoteSource + 'static>(source: Source, rest: T) -> Source {
    let rest = Arc::new(rest);
    source.with_bars(Arc::clone(&rest) as Arc<dyn BarSource>).with_quotes(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SourcesConfig, String> {
        let mut config: SourcesConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check(Some(Path::new("/schedules"))).map_err(|error| format!("{error:#}"))?;
        Ok(config)
    }

    #[test]
    fn the_broker_is_all_there_is_unless_told_otherwise() {
        assert!(read("").unwrap().is_only_ib());
        let config =
            read("order = ['ib', 'files', 'yahoo']\nfiles = { folder = 'recorded' }\nyahoo.http = { per_minute = 20 }").unwrap();
        assert_eq!(config.files.unwrap().folder, Path::new("/schedules/recorded"));
        assert_eq!(config.yahoo.http.per_minute, Some(20));
    }

    #[test]
    fn mistakes_are_told_with_what_to_write() {
        for (text, words) in [
            ("order = []", "at least one"),
            ("order = ['ib', 'ib']", "twice"),
            ("order = ['ib', 'files']", "[sources.files]"),
            ("order = ['ib', 'bloomberg']", "alpha_vantage"),
            ("oder = ['ib']", "unknown field `oder`"),
            ("yahoo = { api_key = 'x' }", "unknown field `api_key`"),
            ("fred = { http = { attempts = 99 } }", "http.attempts"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(words), "{text}: {told}");
        }
    }

    #[test]
    fn tokens_live_in_the_data_folder_unless_their_place_is_named_in_full() {
        let place = |text: &str| read(text).unwrap().schwab(Path::new("/data")).token_file;
        assert_eq!(place(""), Path::new("/data/schwab-token.json"));
        assert_eq!(place("schwab = { token_file = '/secret/t.json' }"), Path::new("/secret/t.json"));
    }
}
