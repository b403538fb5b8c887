//! Opens what commands need: the database, the market, the schedule.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use bellwether::market::{Clock, Symbol};
use bellwether_adapters::FileSource;
use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig, Progress},
};
use jiff::{SignedDuration, Timestamp};

use super::Global;
pub(super) use crate::times::time_of;
use crate::{
    config::Config,
    context::{default_data_dir, symbols_of_file},
    market::Market,
};

impl Global {
    /// The schedule.
    pub(super) fn schedule(&self) -> anyhow::Result<Config> {
        Config::load(self.config.as_deref())
    }

    /// The data folder, made if need be.
    pub(super) fn data_dir(&self) -> anyhow::Result<PathBuf> {
        let folder = self.data_dir.clone().unwrap_or_else(default_data_dir);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the data folder {} cannot be made; choose another with --data-dir", folder.display()))?;
        Ok(std::path::absolute(&folder)?)
    }

    fn consent(&self, by_default: Consent) -> Consent {
        if self.allow_download {
            Consent::Granted
        } else if self.no_download {
            Consent::Refused
        } else {
            match Consent::from_environment() {
                Consent::Granted => Consent::Granted,
                _ => by_default,
            }
        }
    }

    /// The embedded cluster in the data folder.
    pub(super) async fn cluster(&self, by_default: Consent) -> anyhow::Result<Cluster> {
        let config = EmbeddedConfig::new(self.data_dir()?.join("postgres"), self.consent(by_default)).with_progress(told);
        Ok(Cluster::start(config).await?)
    }

    /// The database: `DATABASE_URL`'s, else an embedded cluster of the data folder's own; migrated.
    pub(super) async fn database(&self) -> anyhow::Result<Database> {
        let (cluster, url) = match std::env::var("DATABASE_URL").ok().filter(|url| !url.trim().is_empty()) {
            Some(url) => (None, url),
            None => {
                let cluster = self.cluster(Consent::Refused).await?;
                let url = cluster.url();
                (Some(cluster), url)
            }
        };
        let store = Store::connect(&url, ConnectOptions::default()).await?;
        store.migrate().await?;
        Ok(Database { store, cluster })
    }
}

fn told(progress: Progress) {
    // A start takes a moment and is no news; a download or a new cluster is.
    if progress != Progress::Starting {
        eprintln!("{progress}");
    }
}

/// An open database, and the cluster behind it when it is our own.
pub(super) struct Database {
    pub(super) store: Store,
    cluster: Option<Cluster>,
}

impl Database {
    /// Leaves the database; the last to leave an embedded one stops it.
    pub(super) async fn close(self) {
        let Self { store, cluster } = self;
        drop(store);
        if let Some(cluster) = cluster
            && let Err(error) = cluster.stop().await
        {
            tracing::warn!(%error, "the embedded database could not be stopped");
        }
    }
}

/// A recorded folder as the market.
pub(super) async fn folder(path: PathBuf) -> anyhow::Result<Market> {
    let source = tokio::task::spawn_blocking(move || FileSource::open(&path)).await??;
    Ok(Market::Files(Arc::new(source)))
}

/// The market that the schedule names, each source connected when first asked.
pub(super) async fn market(config: &Config, clock: Arc<dyn Clock>, data_dir: &std::path::Path) -> anyhow::Result<Market> {
    config.sources.open(&config.ib, clock, data_dir).await
}

/// The symbols named, or those of a universe that names its own.
pub(super) fn symbols(config: &Config, named: Option<Vec<Symbol>>, universe: Option<&str>) -> anyhow::Result<Vec<Symbol>> {
    match (named, universe) {
        (Some(symbols), _) => Ok(symbols),
        (None, Some(name)) => match config.universes.get(name).map(|universe| (&universe.symbols, &universe.file)) {
            Some((Some(symbols), _)) => Ok(symbols.clone()),
            Some((None, Some(file))) => symbols_of_file(file),
            Some((None, None)) => anyhow::bail!("universe `{name}` is a market scanner; name symbols or a file"),
            None => anyhow::bail!("no universe `{name}` in {}", config.origin),
        },
        (None, None) => anyhow::bail!("name --symbols A,B,… or a --universe of the schedule"),
    }
}

/// Reads a length of time, such as `90s`, `5m` or `6h30m`.
pub(super) fn span_of(text: &str) -> Result<SignedDuration, String> {
    text.parse().map_err(|_| format!("`{text}` is not a length of time; write 90s, 5m or 6h30m"))
}

/// `09:25 ET`, of an instant.
pub(super) fn wall_clock(at: Timestamp) -> String {
    at.to_zoned(bellwether::market::new_york()).strftime("%H:%M").to_string()
}

/// `2025-01-06 09:25 EST`, of an instant.
pub(super) fn local_time(at: Timestamp) -> String {
    at.to_zoned(bellwether::market::new_york()).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}
