//! What can go wrong with the embedded cluster.

use std::{io, path::PathBuf, time::Duration};

/// Why the embedded cluster could not be started, joined or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The data directory cannot be used.
    #[error("cannot use the data directory {path}: {source}; choose one that this user can write to")]
    DataDir {
        /// The directory, or what in it.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The data directory belongs to somebody else.
    #[error(
        "the database in {path} belongs to user {owner}, this process runs as {user}; run as {owner}, or choose another data directory"
    )]
    Owner {
        /// The directory.
        path: PathBuf,
        /// Its owner's id.
        owner: u32,
        /// Ours.
        user: u32,
    },
    /// Root may not run Postgres, and no other account is there.
    #[error(
        "Postgres refuses to run as root, and there is neither an account `postgres` nor `nobody` to run it as; add one (`useradd --system postgres`), or run Bellwether as an ordinary user"
    )]
    NoAccount,
    /// The server's account cannot reach a path.
    #[error(
        "Postgres refuses to run as root, so it runs as `{account}`, which cannot reach {path}; choose a directory outside /root that others may enter (such as /var/lib/bellwether), or run Bellwether as an ordinary user"
    )]
    Unreachable {
        /// The path.
        path: PathBuf,
        /// The account.
        account: String,
    },
    /// There are no server binaries, and none may be downloaded.
    #[error("no PostgreSQL server programs (postgres, initdb, pg_ctl) were found{wanted}; {advice}")]
    NoBinaries {
        /// ` of version N`, when only that would do.
        wanted: String,
        /// What to install on this platform.
        advice: String,
    },
    /// The binaries that were found cannot open this cluster.
    #[error(
        "the database in {path} was made by PostgreSQL {cluster}, but only {found} was found; install PostgreSQL {cluster} (or set BELLWETHER_PG_BIN to its bin directory), or move the data over with pg_dump and pg_restore"
    )]
    Version {
        /// The cluster.
        path: PathBuf,
        /// Its major version.
        cluster: u32,
        /// What was found.
        found: String,
    },
    /// A download failed.
    #[error("cannot download PostgreSQL: {problems}; {advice}")]
    Download {
        /// What each way said.
        problems: String,
        /// What to do instead.
        advice: String,
    },
    /// A program could not be run.
    #[error("cannot run {program}: {source}")]
    Program {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A program took too long.
    #[error("{program} did not end within {after:?} and was stopped; is the machine overloaded, or the disk stuck?{output}")]
    Timeout {
        /// The program.
        program: PathBuf,
        /// The limit.
        after: Duration,
        /// The last it said.
        output: String,
    },
    /// The cluster could not be created.
    #[error("cannot create the database in {path}: initdb said:\n{output}")]
    Create {
        /// The directory.
        path: PathBuf,
        /// The last lines of its output.
        output: String,
    },
    /// The server does not start.
    #[error("the database server in {path} does not start; {advice}. The end of its log ({log}):\n{output}")]
    Start {
        /// The cluster.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        output: String,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {path} is full; free some space and start again. Nothing that was committed is lost. The end of the log:\n{output}"
    )]
    DiskFull {
        /// The cluster.
        path: PathBuf,
        /// The last lines of the log.
        output: String,
    },
    /// The server does not stop.
    #[error("the database server in {path} does not stop; the end of its log:\n{output}")]
    Stop {
        /// The cluster.
        path: PathBuf,
        /// The last lines of the log.
        output: String,
    },
    /// Another process starts or stops the cluster for too long.
    #[error(
        "waited {after:?} for another process to finish starting or stopping the database in {path}; if none does, end the process that holds {path}/turn.lock"
    )]
    Busy {
        /// The data directory.
        path: PathBuf,
        /// The limit.
        after: Duration,
    },
    /// Somebody else put something where the socket has to be.
    #[error(
        "{path} is not a directory of our own that nobody else may enter; remove it, or choose a shorter data directory so that the socket fits into it"
    )]
    SocketDir {
        /// The path.
        path: PathBuf,
    },
    /// The process is shutting down.
    #[error("starting or stopping the database was interrupted: the program is shutting down")]
    Interrupted,
}
