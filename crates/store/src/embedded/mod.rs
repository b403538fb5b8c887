//! A private, native Postgres cluster in the data directory.
//!
//! ```text
//! binaries   finds postgres, initdb and pg_ctl on this machine     download   fetches them once, if that is allowed
//! account    whom the server runs as                               socket     where it listens
//! lease      who uses the cluster; the last to leave stops it      server     initdb, start, stop, what its log says
//! command    runs a program with a time limit
//! ```
//!
//! **Layout.** `DATA_DIR/pgdata` is the cluster, made elsewhere and renamed into place, so it is there whole or not at all.
//! Beside it lie `server.log`, the lock files, and the socket's directory.
//!
//! **Access.** The server has no TCP port. Its socket lies in a directory that only the server's account may enter, and
//! every connection is checked by `peer` authentication: the kernel says who is at the other end, and only that account and
//! root are let in. `trust` would hang everything on the directory's permissions; with both, a mistake in one still leaves
//! the other.
//!
//! **Sharing.** Each process holds a shared lock on `users.lock`, which the kernel drops when the process dies, however it
//! dies. Whoever leaves and then gets the lock for itself alone was the last, and stops the server. If all users were killed,
//! the server stays up, and the next one takes it over.

mod account;
mod binaries;
mod command;
mod download;
mod error;
mod lease;
mod server;
mod socket;

use std::{fmt, fs, path::PathBuf, sync::Arc};

pub use download::{Consent, Progress};
pub use error::EmbeddedError;

use lease::Lease;
use server::Server;

/// The database user and database of the cluster.
pub(crate) const NAME: &str = "bellwether";

/// What the embedded cluster needs to know.
#[derive(Clone)]
pub struct EmbeddedConfig {
    /// Where the cluster lives; made if missing. One cluster for each directory.
    pub data_dir: PathBuf,
    /// Where downloaded server binaries are kept, see [`default_cache_dir`].
    pub cache_dir: PathBuf,
    /// Whether server binaries may be downloaded if this machine has none.
    pub consent: Consent,
    /// Is told of everything that takes a while.
    pub progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

impl EmbeddedConfig {
    /// A cluster in `data_dir`, with the default cache and nobody told of progress.
    pub fn new(data_dir: impl Into<PathBuf>, consent: Consent) -> Self {
        Self { data_dir: data_dir.into(), cache_dir: default_cache_dir(), consent, progress: Arc::new(|_| ()) }
    }

    /// The same, telling `progress`.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }
}

impl fmt::Debug for EmbeddedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedConfig")
            .field("data_dir", &self.data_dir)
            .field("cache_dir", &self.cache_dir)
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}

/// `$BELLWETHER_CACHE`, else the user's cache folder; for root one that other accounts can read, as the server runs under one.
pub fn default_cache_dir() -> PathBuf {
    let from_env = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(chosen) = from_env("BELLWETHER_CACHE") {
        return chosen;
    }
    if account::is_root() {
        return PathBuf::from("/var/cache/bellwether");
    }
    from_env("XDG_CACHE_HOME")
        .or_else(|| from_env("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("bellwether")
}

/// A running cluster, shared with all other processes that started one in the same data directory.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    lease: Option<Lease>,
}

impl Cluster {
    /// Starts the cluster in the data directory, or joins it if it runs. The first start creates it.
    ///
    /// # Errors
    /// [`EmbeddedError`] says which step failed and what to do about it.
    pub async fn start(config: EmbeddedConfig) -> Result<Self, EmbeddedError> {
        blocking(move || Self::start_blocking(&config)).await?
    }

    /// As [`Cluster::start`], for code that is not async.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_blocking(config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let unusable = |source| EmbeddedError::DataDir { path: config.data_dir.clone(), source };
        fs::create_dir_all(&config.data_dir).map_err(unusable)?;
        let data_dir = config.data_dir.canonicalize().map_err(unusable)?;
        let account = account::for_cluster(&data_dir)?;
        let lease = Lease::new(&data_dir)?;
        let turn = lease.turn()?;
        let server = Server::prepare(data_dir, account, config)?;
        server.ensure_running(config)?;
        let lease = lease.join()?;
        drop(turn);
        Ok(Self { server, lease: Some(lease) })
    }

    /// Where to connect: for [`crate::Store::connect`], or any client that takes a URL (`psql` included).
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Leaves the cluster; if nobody else uses it, the server is stopped.
    ///
    /// # Errors
    /// [`EmbeddedError::Stop`] when the server does not end in time.
    pub async fn stop(mut self) -> Result<(), EmbeddedError> {
        blocking(move || self.leave()).await?
    }

    fn leave(&mut self) -> Result<(), EmbeddedError> {
        let Some(lease) = self.lease.take() else { return Ok(()) };
        let turn = lease.turn()?;
        if lease.leave_is_last()? {
            self.server.stop()?;
        }
        drop(turn);
        Ok(())
    }
}

impl Drop for Cluster {
    /// Best effort; [`Cluster::stop`] says what went wrong.
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the embedded database could not be left properly");
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EmbeddedError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| EmbeddedError::Interrupted)
}
