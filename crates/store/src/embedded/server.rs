//! The server itself: creating, starting and stopping it, and what its log says.

use std::{
    fs,
    os::unix::{fs::DirBuilderExt, net::UnixStream},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{
    EmbeddedConfig, EmbeddedError, NAME, Progress,
    account::Account,
    binaries::{self, Binaries},
    command, socket,
};

const PGDATA: &str = "pgdata";
const LOG: &str = "server.log";
const INITDB_LIMIT: Duration = Duration::from_secs(120);
/// Recovery after a crash may have a lot of log to replay.
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// How long a server may run without listening before we take its socket for lost.
const DEAF_LIMIT: Duration = Duration::from_secs(15);
const PS_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);
const START_ATTEMPTS: u32 = 10;
const LONGEST_LOG: u64 = 10 << 20;

/// The cluster in one data directory.
#[derive(Debug)]
pub(super) struct Server {
    data_dir: PathBuf,
    pgdata: PathBuf,
    log: PathBuf,
    socket_dir: PathBuf,
    account: Account,
    binaries: Binaries,
}

impl Server {
    /// With programs that fit the cluster, if there is one already.
    pub(super) fn prepare(data_dir: PathBuf, account: Account, config: &EmbeddedConfig) -> Result<Self, EmbeddedError> {
        let version = fs::read_to_string(data_dir.join(PGDATA).join("PG_VERSION")).ok();
        let cluster = version.and_then(|version| version.trim().parse().ok());
        let binaries = binaries::find(cluster, &account, config)?;
        Ok(Self::new(data_dir, account, binaries))
    }

    pub(super) fn new(data_dir: PathBuf, account: Account, binaries: Binaries) -> Self {
        let (pgdata, log, socket_dir) = (data_dir.join(PGDATA), data_dir.join(LOG), socket::directory(&data_dir));
        Self { data_dir, pgdata, log, socket_dir, account, binaries }
    }

    /// `postgresql://` with the socket's directory, percent-encoded, as the host.
    pub(super) fn url(&self) -> String {
        let mut host = String::new();
        for byte in self.socket_dir.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => host.push(char::from(*byte)),
                _ => host.push_str(&format!("%{byte:02X}")),
            }
        }
        format!("postgresql://{NAME}@{host}:{}/{NAME}", socket::PORT)
    }

    /// Creates the cluster if it is not there, and starts the server unless it runs. To be called in the caller's turn.
    pub(super) fn ensure_running(&self, config: &EmbeddedConfig) -> Result<(), EmbeddedError> {
        if !self.pgdata.exists() {
            (config.progress)(Progress::Creating);
            self.create()?;
        }
        socket::make_private(&self.socket_dir, &self.account)?;
        if self.accepts() {
            return Ok(());
        }
        (config.progress)(Progress::Starting);
        self.configure(&self.pgdata).map_err(|source| EmbeddedError::DataDir { path: self.pgdata.clone(), source })?;
        let started = Instant::now();
        let mut attempts = 0;
        while !self.accepts() {
            match self.postmaster() {
                // Left behind by users that were killed: it is still starting, or ending, or has lost its socket.
                Postmaster::Alive if started.elapsed() < DEAF_LIMIT => sleep(POLL),
                Postmaster::Alive => {
                    self.stop()?;
                    socket::make_private(&self.socket_dir, &self.account)?;
                }
                state => {
                    if state == Postmaster::SomebodyElse {
                        self.disown_pid_file();
                    }
                    // The socket's own lock file names a process too. The directory is ours alone, so it can just go.
                    for leftover in socket::files(&self.socket_dir) {
                        let _ = fs::remove_file(leftover);
                    }
                    attempts += 1;
                    self.start(attempts)?;
                }
            }
            if started.elapsed() > START_LIMIT {
                return Err(self.start_error());
            }
        }
        Ok(())
    }

    /// `initdb` and the database, aside; then renamed.
    fn create(&self) -> Result<(), EmbeddedError> {
        let new = self.pgdata.with_extension("new");
        let unusable = |source| EmbeddedError::DataDir { path: new.clone(), source };
        if new.exists() {
            fs::remove_dir_all(&new).map_err(unusable)?;
        }
        fs::DirBuilder::new().mode(0o700).create(&new).map_err(unusable)?;
        self.account.own(&new).map_err(unusable)?;

        let mut initdb = self.account.command(&self.binaries.program("initdb"));
        initdb.args(["--encoding=UTF8", "--locale=C", "--auth-local=peer", "--auth-host=reject", "--username", NAME]);
        initdb.arg("--pgdata").arg(&new);
        self.creating(initdb, &new)?;

        fs::write(new.join("postgresql.conf"), {
            let theirs = fs::read_to_string(new.join("postgresql.conf")).map_err(unusable)?;
            format!("{theirs}\ninclude 'bellwether.conf'\n")
        })
        .map_err(unusable)?;
        self.configure(&new).map_err(unusable)?;

        let mut single = self.account.command(&self.binaries.program("postgres"));
        single.args(["--single", "-D"]).arg(&new).arg("postgres");
        single.stdin(command::input(&format!("CREATE DATABASE {NAME}\n")).map_err(unusable)?);
        self.creating(single, &new)?;
        fs::rename(&new, &self.pgdata).map_err(unusable)
    }

    fn creating(&self, command: std::process::Command, path: &Path) -> Result<(), EmbeddedError> {
        let outcome = command::run(command, INITDB_LIMIT)?;
        if outcome.status.success() && !outcome.output.contains("ERROR:") {
            return Ok(());
        }
        let (path, output) = (path.to_owned(), outcome.output);
        Err(if is_disk_full(&output) { EmbeddedError::DiskFull { path, output } } else { EmbeddedError::Create { path, output } })
    }

    /// Writes our part of the configuration. What a person sets with ALTER SYSTEM stays and wins.
    fn configure(&self, pgdata: &Path) -> std::io::Result<()> {
        let socket_dir = self.socket_dir.display().to_string().replace('"', "\"\"").replace('\'', "''");
        let settings = format!(
            "# Written by Bellwether at every start; use ALTER SYSTEM to change settings.\n\
             listen_addresses = ''\n\
             unix_socket_directories = '\"{socket_dir}\"'\n\
             unix_socket_permissions = 0700\n\
             port = {}\n\
             max_wal_size = '2GB'\n\
             timezone = 'UTC'\n\
             log_timezone = 'UTC'\n",
            socket::PORT
        );
        let access = format!("local all {NAME} peer map={NAME}\n");
        let people = format!("{NAME} \"{}\" {NAME}\n{NAME} root {NAME}\n", self.account.name);
        for (name, content) in [("bellwether.conf", settings), ("pg_hba.conf", access), ("pg_ident.conf", people)] {
            let path = pgdata.join(name);
            fs::write(&path, content)?;
            self.account.own(&path)?;
        }
        Ok(())
    }

    fn start(&self, attempt: u32) -> Result<(), EmbeddedError> {
        self.open_log().map_err(|source| EmbeddedError::DataDir { path: self.log.clone(), source })?;
        let mut start = self.pg_ctl("start");
        start.args(["-w", "-t"]).arg(START_LIMIT.as_secs().to_string()).args(["-l", LOG]);
        let outcome = command::run(start, START_LIMIT + DEAF_LIMIT)?;
        if outcome.status.success() {
            return Ok(());
        }
        let said = command::tail(&self.log);
        // Right after a kill -9 the former server's processes may still be ending, and hold its memory.
        let passing = ["postmaster.pid\" already exists", "pre-existing shared memory block", "s another postmaster"];
        if attempt < START_ATTEMPTS && passing.iter().any(|text| said.contains(text)) {
            sleep(POLL * attempt);
            return Ok(());
        }
        Err(self.start_error())
    }

    /// Stops the server if it runs.
    ///
    /// # Errors
    /// [`EmbeddedError::Stop`].
    pub(super) fn stop(&self) -> Result<(), EmbeddedError> {
        let mut stop = self.pg_ctl("stop");
        stop.args(["-m", "fast", "-w", "-t"]).arg(STOP_LIMIT.as_secs().to_string());
        let outcome = command::run(stop, STOP_LIMIT + DEAF_LIMIT)?;
        if outcome.status.success() || self.postmaster() != Postmaster::Alive {
            // Under /tmp it would only lie about; the next start makes it again.
            let _ = fs::remove_dir(&self.socket_dir);
            return Ok(());
        }
        Err(EmbeddedError::Stop { path: self.pgdata.clone(), output: command::tail(&self.log) })
    }

    fn pg_ctl(&self, action: &str) -> std::process::Command {
        // Relative paths: pg_ctl pastes them into a shell command, where some characters of an absolute one would break it.
        let mut command = self.account.command(&self.binaries.program("pg_ctl"));
        command.arg(action).args(["-D", PGDATA]).current_dir(&self.data_dir);
        command
    }

    /// Makes the log writable for the server, and sets a long one aside.
    fn open_log(&self) -> std::io::Result<()> {
        if fs::metadata(&self.log).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
            fs::rename(&self.log, self.log.with_extension("log.1"))?;
        }
        fs::File::options().create(true).append(true).open(&self.log)?;
        self.account.own(&self.log)
    }

    /// Whether the server is ready for connections.
    fn accepts(&self) -> bool {
        let ready = self.pid_file().is_some_and(|file| file.lines().nth(7).is_some_and(|status| status.trim() == "ready"));
        ready && UnixStream::connect(socket::file(&self.socket_dir)).is_ok()
    }

    fn pid_file(&self) -> Option<String> {
        fs::read_to_string(self.pgdata.join("postmaster.pid")).ok()
    }

    fn postmaster(&self) -> Postmaster {
        let Some(pid) = self.pid_file().and_then(|file| file.lines().next()?.trim().parse::<u32>().ok()) else {
            return Postmaster::Gone;
        };
        let process = PathBuf::from(format!("/proc/{pid}"));
        let (name, is_dead) = if Path::new("/proc/self").exists() {
            // `PID (NAME) STATE …`; Z is a process that has ended and nobody has taken note of.
            let Ok(stat) = fs::read_to_string(process.join("stat")) else { return Postmaster::Gone };
            let (name, state) = stat.rsplit_once(')').unwrap_or_default();
            (name.to_owned(), state.trim_start().starts_with('Z'))
        } else {
            let mut ps = std::process::Command::new("ps");
            ps.args(["-p", &pid.to_string(), "-o", "comm="]);
            match command::run(ps, PS_LIMIT) {
                Ok(outcome) if outcome.status.success() => (outcome.output, false),
                _ => return Postmaster::Gone,
            }
        };
        // A server works in its data directory. Where that cannot be asked, its name has to do.
        let elsewhere = fs::read_link(process.join("cwd")).is_ok_and(|directory| directory != self.pgdata);
        if name.contains("postgres") && !is_dead && !elsewhere { Postmaster::Alive } else { Postmaster::SomebodyElse }
    }

    /// After a reboot, or in a container, the number in the file may be another process's by now, and Postgres would wait for that
    /// one for ever. The file itself must stay: it also leads Postgres to processes of the old server that still live.
    fn disown_pid_file(&self) {
        let Some((_, rest)) = self.pid_file().and_then(|file| file.split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())))
        else {
            return;
        };
        // If this fails Postgres will say so.
        let _ = fs::write(self.pgdata.join("postmaster.pid"), format!("{}\n{rest}", i32::MAX));
    }

    fn start_error(&self) -> EmbeddedError {
        let (path, output) = (self.pgdata.clone(), command::tail(&self.log));
        if is_disk_full(&output) {
            return EmbeddedError::DiskFull { path, output };
        }
        let said = |texts: &[&str]| texts.iter().any(|text| output.contains(text));
        let advice = if said(&["Permission denied", "wrong ownership", "invalid permissions"]) {
            "the server may not read or write its files: give the directory back to its owner, mode 0700"
        } else if said(&[
            "PANIC",
            "pg_control",
            "checkpoint record",
            "invalid page",
            "incorrect checksum",
            "could not open directory",
            "could not open file",
            "could not access",
            "not a valid",
            "incomplete startup",
            "could not load",
            "incompatible",
        ]) {
            "its files are damaged or not its own: restore the data directory from a backup, or move `pgdata` away to begin with an empty database"
        } else if said(&["shared memory", "semaphores"]) {
            "the system gave it too little shared memory: see `ipcs -lm`, or raise the container's limit"
        } else {
            "see what it says"
        };
        EmbeddedError::Start { path, advice, log: self.log.clone(), output }
    }
}

/// Who is behind `postmaster.pid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Postmaster {
    Alive,
    Gone,
    SomebodyElse,
}

fn is_disk_full(output: &str) -> bool {
    output.contains("No space left on device") || output.contains("Disk quota exceeded")
}
