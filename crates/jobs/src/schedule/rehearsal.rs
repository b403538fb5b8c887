//! What a scheduler would have left: jobs run at given instants over a recorded market, into a database of their own.
//!
//! Everything is the real thing, ledger and transactions included: the embedded Postgres, [`Runner`], the tasks. Only the clock is
//! simulated, and nothing is delivered: what a run wants to tell stays pending in the outbox.

use std::{
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::Context as _;
use bellwether::market::Clock;
use bellwether_adapters::FileSource;
use bellwether_gateway::SimClock;
use bellwether_store::{
    ConnectOptions, RunStatus, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use jiff::{SignedDuration, Timestamp};

use super::{Runner, due_between};
use crate::{config::Config, context::Context, market::Market};

/// A database in a temporary folder, and the snapshots beside it; both go with this value.
#[derive(Debug)]
pub struct Rehearsal {
    // Fields go in order: the server, its folder, who looks after both.
    cluster: Cluster,
    folder: tempfile::TempDir,
    /// Runs that failed, and why.
    pub failed: Vec<String>,
    _keeper: Keeper,
}

impl Rehearsal {
    /// Runs each of `jobs` as of each of `whens`, in order of time, over what `source` recorded: all its symbols, whatever the job's
    /// universe. An instant at which the schedule has the job due is run as due, any other as by hand; one that comes twice is run
    /// once. A run that fails is in the ledger and in [`Rehearsal::failed`]. Blocks, and is not for async code.
    ///
    /// # Errors
    /// When the schedule has no such job, or the database cannot be started or written.
    pub fn of(config: Config, source: Arc<FileSource>, jobs: &[&str], whens: &[Timestamp]) -> anyhow::Result<Self> {
        let jobs = jobs.iter().map(|name| config.job(name).cloned()).collect::<anyhow::Result<Vec<_>>>()?;
        let mut whens = whens.to_vec();
        whens.sort_unstable();
        whens.dedup();
        let folder = tempfile::Builder::new()
            .prefix("bellwether-rehearsal-")
            // Under root the server has an account of its own, which has to get in.
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir()
            .context("no temporary folder for the rehearsal's database")?;
        let keeper = Keeper::of(folder.path())?;
        let cluster = Cluster::start_blocking(&EmbeddedConfig::new(folder.path().join("postgres"), Consent::from_environment()))?;
        // Stands still while a run is at work: the same rehearsal leaves the same times.
        let clock = SimClock::new(whens.first().copied().unwrap_or(Timestamp::UNIX_EPOCH), 0.0);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let mut failed = Vec::new();
        runtime.block_on(async {
            let store = Store::connect(&cluster.url(), ConnectOptions::default()).await?;
            store.migrate().await?;
            let shared = Arc::clone(&clock) as Arc<dyn Clock>;
            let runner = Runner::new(Arc::new(Context::new(config, store, shared, Market::Files(source), folder.path())));
            for when in whens {
                clock.advance_to(when);
                for job in &jobs {
                    let just_before = when - SignedDuration::from_secs(1);
                    let status = match due_between(job, just_before, when).any(|due| due == when) {
                        true => runner.run_due(job, when).await?,
                        false => Some(runner.run_by_hand(job, when).await?.1),
                    };
                    if status == Some(RunStatus::Failed) {
                        failed.push(format!("{} as of {when} failed", job.name));
                    }
                }
            }
            anyhow::Ok(())
        })?;
        Ok(Self { cluster, folder, failed, _keeper: keeper })
    }

    /// Where to connect.
    pub fn url(&self) -> String {
        self.cluster.url()
    }

    /// The data folder: `snapshots` is in it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A process that outlives this one, however it ends: notebooks' kernels are killed, and nobody else would stop the server and
/// remove its folder.
#[derive(Debug)]
struct Keeper(Child);

impl Keeper {
    /// Standard input ends with this process or with this value. After an orderly end the folder is gone already.
    const SCRIPT: &str = "cat >/dev/null
pid=$(head -n 1 \"$1/postgres/pgdata/postmaster.pid\" 2>/dev/null) && kill -INT \"$pid\" && \
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"$pid\" 2>/dev/null || break; sleep 0.5; done
rm -rf \"$1\"";

    fn of(folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", Self::SCRIPT, "bellwether-rehearsal"]).arg(folder).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A kernel is killed with its whole group.
        command.process_group(0);
        Ok(Self(command.spawn().context("no process to look after the rehearsal's database")?))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Not worth a word: everything is gone already.
        let _ = self.0.wait();
    }
}
