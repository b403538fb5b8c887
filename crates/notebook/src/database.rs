//! Opening the scheduler's database.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bellwether::frames::SnapshotArchive;
use bellwether_jobs::{context::default_data_dir, schedule::Rehearsal};
use bellwether_store::{
    ConnectOptions, Run,
    blocking::Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};

use crate::error::{DataError, Result};

/// Connections a notebook needs.
const CONNECTIONS: usize = 2;

/// The scheduler's database and the snapshots beside it, to be read. Cheap to clone; clones share the connection.
///
/// ```no_run
/// use bellwether_notebook::Database;
/// let database = Database::usual()?;
/// let bars = database.bars(&["SPY", "QQQ"], "1d", "2025-01-02", "2025-06-30")?;
/// let found = database.hits("premarket-gap")?;
/// let again = database.replay("premarket-gap")?;
/// println!("{again}");
/// # let _ = (bars, found);
/// # Ok::<(), bellwether_notebook::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Database {
    place: String,
    store: Store,
    archive: SnapshotArchive,
    /// Left after the store: fields go in order.
    _server: Option<Arc<Server>>,
}

/// A Postgres of our own, for as long as the database is open.
#[derive(Debug)]
#[expect(dead_code, reason = "held for what their end does")]
enum Server {
    Cluster(Cluster),
    Rehearsal(Rehearsal),
}

impl Database {
    /// Opens a database: a `postgres://` URL, or a Bellwether data folder, whose own Postgres is started or joined if it runs. The
    /// schema is checked and never changed.
    ///
    /// That Postgres is stopped by the last program that leaves it in order. The end of a kernel is none: Jupyter kills kernels, so a server
    /// that only notebooks used runs on, and whoever uses the folder next takes it over.
    ///
    /// A run's snapshots are read from the folder's `snapshots`; for a URL from those of the usual data folder, see
    /// [`Database::with_snapshots`].
    ///
    /// # Errors
    /// When the place holds no database, it cannot be started or reached, or its schema is older or newer than this program's.
    pub fn open(place: &str) -> Result<Self> {
        let place = place.trim();
        let is_url = place.starts_with("postgres://") || place.starts_with("postgresql://");
        let folder = Path::new(place);
        if is_url || (!folder.exists() && place.contains('=')) {
            let store = Store::connect(place, options())?;
            let archive = SnapshotArchive::new(default_data_dir().join("snapshots"));
            return Ok(Self { place: store.target().to_owned(), store, archive, _server: None });
        }
        let Some(data_dir) = data_folder(folder) else {
            let problem = match folder.is_dir() {
                true => "holds no database: name the folder that `bellwether --data-dir` has, or a postgres:// URL",
                false => "is neither a folder nor a postgres:// URL",
            };
            return Err(DataError::place(shown(place), problem));
        };
        let shown = data_dir.display().to_string();
        let config = EmbeddedConfig::new(data_dir.join("postgres"), Consent::from_environment());
        let cluster = Cluster::start_blocking(&config).map_err(|source| DataError::embedded(&shown, source))?;
        let store =
            Store::connect(&cluster.url(), options()).map_err(|source| DataError::DataFolder { place: shown.clone(), source })?;
        let archive = SnapshotArchive::new(data_dir.join("snapshots"));
        Ok(Self { place: shown, store, archive, _server: Some(Arc::new(Server::Cluster(cluster))) })
    }

    /// Opens the database that `bellwether serve` would use here: that of `DATABASE_URL`, else of the data folder
    /// (`BELLWETHER_DATA_DIR`, else the user's).
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn usual() -> Result<Self> {
        match std::env::var("DATABASE_URL").ok().filter(|url| !url.trim().is_empty()) {
            Some(url) => Self::open(&url),
            None => {
                let folder = default_data_dir();
                if data_folder(&folder).is_none() {
                    let problem = "holds no database yet, and DATABASE_URL is not set: name one with Database::open, or begin with \
                                   `bellwether demo` or Market::generated";
                    return Err(DataError::place(folder.display(), problem));
                }
                Self::open(&folder.to_string_lossy())
            }
        }
    }

    /// The same database with the snapshots of another folder: where `bellwether serve --data-dir DIR` ran, `DIR/snapshots`.
    #[must_use]
    pub fn with_snapshots(mut self, folder: &str) -> Self {
        self.archive = SnapshotArchive::new(folder);
        self
    }

    /// The data folder, or `user@host:port/database`.
    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// What a rehearsal left; its database and folder go with the last clone.
    pub(crate) fn of_rehearsal(rehearsal: Rehearsal) -> Result<Self> {
        let place = rehearsal.folder().display().to_string();
        let store = Store::connect(&rehearsal.url(), options())
            .map_err(|source| DataError::DataFolder { place: place.clone(), source })?;
        let archive = SnapshotArchive::new(rehearsal.folder().join("snapshots"));
        Ok(Self { place, store, archive, _server: Some(Arc::new(Server::Rehearsal(rehearsal))) })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn archive(&self) -> &SnapshotArchive {
        &self.archive
    }

    pub(crate) fn find(&self, run: &str) -> Result<Run> {
        Ok(self.store.find_run(run)?)
    }
}

/// What may be told of a place: nothing of what could be a URL with a password.
fn shown(place: &str) -> &str {
    if place.contains("://") || place.contains('@') { "the URL given" } else { place }
}

fn options() -> ConnectOptions {
    ConnectOptions { connections: CONNECTIONS, ..ConnectOptions::default() }
}

/// The data folder at `folder`, absolute, if there is an embedded database in it.
pub(crate) fn data_folder(folder: &Path) -> Option<PathBuf> {
    folder.join("postgres").join("pgdata").is_dir().then(|| std::path::absolute(folder).ok()).flatten()
}
