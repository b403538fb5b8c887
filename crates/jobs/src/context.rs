//! What every task is given: nothing in a task reaches for the world by itself.

use std::{path::PathBuf, sync::Arc};

use bellwether::{
    frames::SnapshotArchive,
    market::{Clock, Symbol},
};
use bellwether_store::Store;
use tokio::sync::{Mutex, Notify, broadcast};

use crate::{
    config::{Config, UniverseConfig},
    contracts::StoredContracts,
    market::Market,
    schedule::RunEvent,
    tasks::HistoryCache,
};

/// The injected services.
#[derive(Debug)]
pub struct Context {
    /// The schedule.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The clock: the system's, or a simulated one.
    pub clock: Arc<dyn Clock>,
    /// Where market data comes from.
    pub market: Market,
    /// Where snapshots are kept.
    pub archive: SnapshotArchive,
    /// Name of this process, unique among those that share the database.
    pub instance: String,
    /// Bars of earlier sessions, read once a day.
    pub history: Mutex<HistoryCache>,
    /// What happens, for whoever watches.
    pub events: broadcast::Sender<RunEvent>,
    /// Everything told is marked as of a simulated market.
    pub rehearsal: bool,
    /// Rung when the outbox has something new.
    pub outbox_bell: Notify,
}

impl Context {
    /// Puts the services together.
    pub fn new(config: Config, store: Store, clock: Arc<dyn Clock>, market: Market, data_dir: &std::path::Path) -> Self {
        if let Some(link) = market.broker() {
            link.keep_contracts(Arc::new(StoredContracts::new(store.clone(), Arc::clone(&clock))));
        }
        Self {
            config,
            store,
            clock,
            market,
            archive: SnapshotArchive::new(data_dir.join("snapshots")),
            instance: instance_name(),
            history: Mutex::default(),
            rehearsal: false,
            events: broadcast::channel(1024).0,
            outbox_bell: Notify::new(),
        }
    }

    /// The universe called `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn universe(&self, name: &str) -> anyhow::Result<&UniverseConfig> {
        self.config.universes.get(name).ok_or_else(|| anyhow::anyhow!("no universe `{name}` in {}", self.config.origin))
    }
}

/// The symbols that a universe file lists.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn symbols_of_file(path: &std::path::Path) -> anyhow::Result<Vec<Symbol>> {
    let table = bellwether::frames::read_table(path)?;
    let column = table
        .get_column_names()
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case("symbol") || name.eq_ignore_ascii_case("ticker"))
        .cloned()
        .ok_or_else(|| anyhow::anyhow!("{}: no column `symbol`", path.display()))?;
    let texts = table.column(&column)?.str()?.clone();
    let symbols = texts.iter().flatten().map(|text| Ok(Symbol::new(text)?)).collect::<anyhow::Result<Vec<Symbol>>>()?;
    anyhow::ensure!(!symbols.is_empty(), "{}: lists no symbol", path.display());
    Ok(symbols)
}

fn instance_name() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}-{}-{}", host.trim(), std::process::id(), &uuid::Uuid::new_v4().simple().to_string()[..6])
}

/// Where data lives when no folder is named: `$BELLWETHER_DATA_DIR`, else the platform's place for a user's data.
///
/// Root's home is closed to the account that the embedded database must run under, so root gets `/var/lib/bellwether`.
pub fn default_data_dir() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = variable("BELLWETHER_DATA_DIR") {
        return folder;
    }
    match variable("HOME") {
        Some(home) if home == std::path::Path::new("/root") => PathBuf::from("/var/lib/bellwether"),
        Some(home) => variable("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("bellwether"),
        None => PathBuf::from("/var/lib/bellwether"),
    }
}
