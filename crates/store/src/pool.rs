//! The store: a pool of connections to one database.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use tokio_postgres::error::SqlState;

use crate::{
    Result, RetryPolicy, StoreError,
    error::{Doing, io_cause},
    target::Target,
    tls,
};

/// Oldest PostgreSQL that is supported.
const REQUIRED_MAJOR: u32 = 14;

/// How to use a database.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `connections` | 8 | most connections open at once | 1 and up |
/// | `connect_timeout` | 10 s | to reach and enter the server | > 0 |
/// | `wait_timeout` | 30 s | for a free connection of the pool | > 0 |
/// | `statement_timeout` | 30 s | for one statement, kept by the server | > 0 |
/// | `bulk_timeout` | 10 min | for one statement that moves many rows, and for a migration | > 0 |
/// | `retry` | 6 tries | after a lost connection | see [`RetryPolicy`] |
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Most connections open at once.
    pub connections: usize,
    /// To reach and enter the server.
    pub connect_timeout: Duration,
    /// For a free connection.
    pub wait_timeout: Duration,
    /// For one statement.
    pub statement_timeout: Duration,
    /// For one statement that moves many rows.
    pub bulk_timeout: Duration,
    /// After a lost connection.
    pub retry: RetryPolicy,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            connect_timeout: Duration::from_secs(10),
            wait_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(30),
            bulk_timeout: Duration::from_secs(600),
            retry: RetryPolicy::default(),
        }
    }
}

/// One database. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    target: String,
    options: ConnectOptions,
    retries: AtomicU64,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("target", &self.inner.target).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects to the database at `url` and checks that the server is one that is supported. Changes nothing there;
    /// see [`Store::migrate`].
    ///
    /// `url` is a `postgresql://` URL or libpq's `key=value` pairs, over TCP or a Unix socket. `sslmode` may be `disable`,
    /// `prefer` (default) or `require`, which verifies the certificate against `sslrootcert=FILE` or the system's roots.
    ///
    /// # Errors
    /// [`StoreError::InvalidUrl`], [`StoreError::RootCertificates`], [`StoreError::Connect`], [`StoreError::Timeout`] and
    /// [`StoreError::ServerTooOld`].
    pub async fn connect(url: &str, options: ConnectOptions) -> Result<Self> {
        let mut target = Target::parse(url)?;
        let name = target.name();
        let connector = tls::connector(&target)?;
        target.config.connect_timeout(options.connect_timeout).keepalives_idle(Duration::from_secs(30));
        if target.config.get_application_name().is_none() {
            target.config.application_name("bellwether");
        }
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(target.config, connector, manager_config);
        // A statement, not a start-up parameter: connection poolers refuse the latter.
        let limits = format!("SET statement_timeout = {}", options.statement_timeout.as_millis());
        let pool = Pool::builder(manager)
            .max_size(options.connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(options.wait_timeout))
            .create_timeout(Some(options.connect_timeout))
            .recycle_timeout(Some(options.connect_timeout))
            .post_create(Hook::async_fn(move |client, _| {
                let limits = limits.clone();
                Box::pin(async move { client.batch_execute(&limits).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|error| StoreError::InvalidUrl { problem: error.to_string() })?;
        let store = Self { inner: Arc::new(Inner { pool, target: name, options, retries: AtomicU64::new(0) }) };
        store.check_server().await?;
        Ok(store)
    }

    async fn check_server(&self) -> Result<()> {
        let doing = "asking for the server's version";
        let row = self
            .client()
            .await?
            .query_one("SELECT current_setting('server_version_num')::int, current_setting('server_version')", &[])
            .await
            .doing(doing)?;
        let (number, found): (i32, String) = (row.try_get(0).doing(doing)?, row.try_get(1).doing(doing)?);
        if number / 10_000 < REQUIRED_MAJOR.cast_signed() {
            return Err(StoreError::ServerTooOld { target: self.target().to_owned(), found, required: REQUIRED_MAJOR });
        }
        Ok(())
    }

    /// A connection of the pool, returned to it when dropped.
    pub(crate) async fn client(&self) -> Result<Object> {
        let options = self.options();
        let timeout = |doing, after| StoreError::Timeout { doing, target: self.target().to_owned(), after };
        self.inner.pool.get().await.map_err(|error| match error {
            PoolError::Backend(source) | PoolError::PostCreateHook(HookError::Backend(source)) => self.cannot_connect(source),
            PoolError::Timeout(TimeoutType::Wait) => timeout("waiting for a free connection", options.wait_timeout),
            // The other cases (closed pool, hook message) cannot arise: nobody closes this pool, and its hook has no message.
            _ => timeout("connecting", options.connect_timeout),
        })
    }

    fn cannot_connect(&self, source: tokio_postgres::Error) -> StoreError {
        let advice = match source.code() {
            Some(code) if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                "check the user name and password in the URL, and the server's pg_hba.conf"
            }
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "create the database first, or correct its name in the URL",
            Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => {
                "raise max_connections on the server, or close other clients"
            }
            Some(_) => "the server refused; see its log",
            None => match io_cause(&source).map(std::io::Error::kind) {
                Some(std::io::ErrorKind::InvalidData) => {
                    "the server's certificate was not accepted: name its authority with sslrootcert=FILE in the URL"
                }
                Some(_) => "is the server running, and are host and port right?",
                None => "check host, port and sslmode in the URL",
            },
        };
        StoreError::Connect { target: self.target().to_owned(), advice, source }
    }

    /// `user@host:port/database`, for messages.
    pub fn target(&self) -> &str {
        &self.inner.target
    }

    /// How often an operation was tried again after a lost connection, since this store was made.
    pub fn retries(&self) -> u64 {
        self.inner.retries.load(Ordering::Relaxed)
    }

    pub(crate) fn options(&self) -> &ConnectOptions {
        &self.inner.options
    }

    pub(crate) fn retry_counter(&self) -> &AtomicU64 {
        &self.inner.retries
    }
}
