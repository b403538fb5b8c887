//! What can go wrong between Bellwether and its database.

use std::{path::PathBuf, time::Duration};

use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::embedded::EmbeddedError;

/// Result with a [`StoreError`].
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a database operation failed. Texts never contain a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL cannot be read.
    #[error("the database URL is not usable: {problem}; expected postgresql://USER:PASSWORD@HOST:5432/DATABASE?sslmode=require")]
    InvalidUrl {
        /// What is wrong with it.
        problem: String,
    },
    /// No usable root certificates.
    #[error(
        "cannot use the root certificates in {path}: {problem}; sslrootcert must name a PEM file of the authority that signed the server's certificate"
    )]
    RootCertificates {
        /// File, or `the system's store`.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection.
    #[error("cannot connect to {target}: {}; {advice}", describe(source))]
    Connect {
        /// `user@host:port/database`.
        target: String,
        /// What to do.
        advice: &'static str,
        /// The driver's error.
        source: tokio_postgres::Error,
    },
    /// A wait ended without result.
    #[error(
        "{doing} at {target} took longer than {after:?}; see whether the server is overloaded or unreachable, or raise the timeout"
    )]
    Timeout {
        /// What was waited for.
        doing: &'static str,
        /// `user@host:port/database`.
        target: String,
        /// The limit.
        after: Duration,
    },
    /// The server is older than supported.
    #[error(
        "{target} runs PostgreSQL {found}, Bellwether needs {required} or later; upgrade the server or leave the URL out to use the embedded database"
    )]
    ServerTooOld {
        /// `user@host:port/database`.
        target: String,
        /// Its version.
        found: String,
        /// Oldest supported major version.
        required: u32,
    },
    /// The database takes no writes.
    #[error("{target} is read-only ({why}); connect to the primary server, or to a database that accepts writes")]
    ReadOnly {
        /// `user@host:port/database`.
        target: String,
        /// How that was noticed.
        why: &'static str,
    },
    /// A later Bellwether has migrated this database.
    #[error(
        "the database schema is version {found}, this program knows only up to {known}; upgrade Bellwether, or restore a backup made before the upgrade"
    )]
    SchemaNewer {
        /// Version in the database.
        found: i32,
        /// Latest version in this program.
        known: i32,
    },
    /// The database has not been migrated yet.
    #[error("the database schema is version {found}, this program needs {known}; run `bellwether db migrate`")]
    SchemaOlder {
        /// Version in the database, 0 when empty.
        found: i32,
        /// Latest version in this program.
        known: i32,
    },
    /// A migration could not be applied.
    #[error("cannot migrate {target}: {problem}; nothing of the failed migration was kept")]
    Migration {
        /// `user@host:port/database`.
        target: String,
        /// What failed.
        problem: String,
        /// The migration library's error.
        source: Box<refinery::Error>,
    },
    /// A statement failed.
    #[error("{doing} failed: {}{}", describe(source), statement_advice(source))]
    Statement {
        /// What was being done.
        doing: &'static str,
        /// The driver's error.
        source: tokio_postgres::Error,
    },
    /// A stored value cannot be what its column says.
    #[error(
        "{table}.{column} holds {found}, which this program cannot read; it was written by other means or by a later version"
    )]
    Value {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The value.
        found: String,
    },
    /// No run answers to this name.
    #[error(
        "no run matches `{text}`; give `latest`, a job's name, or the first characters of a run's id (`bellwether db runs` lists them)"
    )]
    RunNotFound {
        /// What was asked for.
        text: String,
    },
    /// Several runs answer to this prefix.
    #[error("`{text}` matches more than one run ({}); give more characters", join(matches))]
    RunAmbiguous {
        /// What was asked for.
        text: String,
        /// Some of the matches.
        matches: Vec<Uuid>,
    },
    /// The run is not running under this claim any more.
    #[error(
        "run {run_id} is no longer ours: we hold attempt {attempt} as `{instance}`, the ledger says {found}; nothing was written"
    )]
    RunNotOurs {
        /// The run.
        run_id: Uuid,
        /// Who we are.
        instance: String,
        /// The attempt we claimed.
        attempt: i32,
        /// What the ledger says.
        found: String,
    },
    /// A run cannot end like that.
    #[error("run status `{status}` cannot be used for {doing}")]
    RunStatus {
        /// The status.
        status: &'static str,
        /// The operation.
        doing: &'static str,
    },
    /// The alert is not claimed by this worker any more.
    #[error(
        "alert {alert_id} is no longer claimed by `{worker}` for attempt {attempt}; another worker took it over, nothing was written"
    )]
    AlertNotClaimed {
        /// The alert.
        alert_id: Uuid,
        /// Who we are.
        worker: String,
        /// The attempt we claimed.
        attempt: i32,
    },
    /// The embedded cluster.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The blocking face could not start its runtime.
    #[error("cannot start the runtime behind the blocking store: {0}")]
    Runtime(#[source] std::io::Error),
}

impl StoreError {
    /// Whether the same call may succeed if repeated soon: a lost or refused connection, a restart, a deadlock.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { source, .. } | Self::Statement { source, .. } => is_transient(source),
            Self::Timeout { .. } => true,
            _ => false,
        }
    }

    /// The SQLSTATE, when the server refused a statement.
    pub fn sql_state(&self) -> Option<&str> {
        match self {
            Self::Connect { source, .. } | Self::Statement { source, .. } => source.code().map(SqlState::code),
            _ => None,
        }
    }
}

/// Says what was being done when the driver failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T> Doing<T> for Result<T, tokio_postgres::Error> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|source| StoreError::Statement { doing, source })
    }
}

fn is_transient(error: &tokio_postgres::Error) -> bool {
    if let Some(code) = error.code() {
        let class = &code.code()[..2];
        return class == "08"
            || *code == SqlState::ADMIN_SHUTDOWN
            || *code == SqlState::CRASH_SHUTDOWN
            || *code == SqlState::CANNOT_CONNECT_NOW
            || *code == SqlState::TOO_MANY_CONNECTIONS
            || *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::T_R_DEADLOCK_DETECTED;
    }
    error.is_closed() || io_cause(error).is_some_and(|io| io.kind() != std::io::ErrorKind::InvalidData)
}

/// The I/O error underneath, if that is what it was. A TLS refusal is `InvalidData` and does not get better by repeating.
pub(crate) fn io_cause(error: &tokio_postgres::Error) -> Option<&std::io::Error> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

/// The driver's error in full: its own text says only its kind.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        let detail = db.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        return format!("{}{detail} [{}]", db.message(), db.code().code());
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        cause = error.source();
    }
    text
}

fn statement_advice(error: &tokio_postgres::Error) -> &'static str {
    match error.code() {
        Some(code) if *code == SqlState::DISK_FULL => {
            "; the database's disk is full: free space there, nothing of this was written"
        }
        Some(code) if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::UNDEFINED_COLUMN => {
            "; the schema is not the one this program expects: run `bellwether db migrate`"
        }
        Some(code) if *code == SqlState::QUERY_CANCELED => {
            "; it ran into the statement timeout: ask for less at once, or raise it"
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => "; the database user lacks the right to do this",
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => "; the database is read-only: connect to the primary",
        _ => "",
    }
}

fn join(ids: &[Uuid]) -> String {
    ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ")
}
