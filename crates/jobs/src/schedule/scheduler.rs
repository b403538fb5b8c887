//! The loop that makes due times into runs.
//!
//! ```text
//! start ─► take over runs whose process died ─► catch up on due times since the last one ─► wait ─► run ─► wait …
//! ```
//! Several processes may run this loop on one database: each tries to claim every due time, and the ledger's
//! `unique(job, due_at)` lets one of them have it.

use std::{collections::HashMap, sync::Arc};

use bellwether_store::RunStatus;
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::Mutex, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Runner, Timer, due_between, run_key};
use crate::{
    alerts::AlertContent,
    config::{Job, MisfirePolicy, Overlap},
};

/// A run whose process has not been heard of for this long belongs to nobody.
const DEAD_AFTER: SignedDuration = SignedDuration::from_secs(45);
/// How often orphaned runs are looked for.
const ORPHAN_CHECK: SignedDuration = SignedDuration::from_secs(30);
/// How long running tasks may take to end when the process is told to stop.
const DRAIN: std::time::Duration = std::time::Duration::from_secs(20);

/// See the module.
#[derive(Debug)]
pub struct Scheduler {
    runner: Runner,
    timer: Timer,
    /// Held while a job runs; due times of the same job wait for it or are skipped.
    busy: HashMap<String, Arc<Mutex<()>>>,
    running: JoinSet<()>,
}

impl Scheduler {
    /// A scheduler for all jobs of the runner's configuration.
    pub fn new(runner: Runner, timer: Timer) -> Self {
        let busy = runner.context().config.jobs.iter().map(|job| (job.name.clone(), Arc::default())).collect();
        Self { runner, timer, busy, running: JoinSet::new() }
    }

    /// Runs until `stop`, or until every due time up to `until` is done.
    ///
    /// # Errors
    /// When the ledger cannot be reached for longer than the store retries: the caller decides whether to start anew.
    pub async fn serve(mut self, stop: &CancellationToken, until: Option<Timestamp>) -> anyhow::Result<()> {
        let mut cursors = self.catch_up().await?;
        let mut orphans_at = self.now() + ORPHAN_CHECK;
        let jobs = self.runner.context().config.jobs.clone();
        let mut pending: HashMap<String, Timestamp> = HashMap::new();
        while !stop.is_cancelled() {
            for job in &jobs {
                if !pending.contains_key(&job.name)
                    && let Some(at) = next_due(job, cursors[&job.name])
                {
                    pending.insert(job.name.clone(), at);
                }
            }
            let Some(at) = pending.values().min().copied().filter(|at| until.is_none_or(|until| *at <= until)) else {
                // Nothing is due any more within the reach of this call.
                match until {
                    Some(_) => break,
                    None => {
                        stop.cancelled().await;
                        break;
                    }
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                waited = self.timer.wait_towards(at) => waited?,
            }
            while self.running.try_join_next().is_some() {}
            let now = self.now();
            for job in &jobs {
                let Some(due_at) = pending.get(&job.name).copied().filter(|due_at| *due_at <= now) else { continue };
                pending.remove(&job.name);
                cursors.insert(job.name.clone(), due_at);
                self.start(job, due_at, now).await?;
            }
            if now >= orphans_at {
                self.take_over_orphans().await?;
                orphans_at = self.now() + ORPHAN_CHECK;
            }
        }
        self.drain().await;
        self.timer.shutdown().await;
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.runner.context().clock.now()
    }

    /// Lets running tasks end, for a while. What is cut off stays `running` in the ledger without a heartbeat, and the
    /// next process takes it over: a stop in the middle of a scan loses nothing.
    async fn drain(&mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, all).await.is_err() {
            tracing::warn!("runs still at work after {} s are left to the next start", DRAIN.as_secs());
            self.running.abort_all();
        }
    }

    /// Starts a due time, or records why it does not run.
    async fn start(&mut self, job: &Job, due_at: Timestamp, now: Timestamp) -> anyhow::Result<()> {
        if now.duration_since(due_at) > job.misfire.grace {
            let late = SignedDuration::from_secs(now.duration_since(due_at).as_secs());
            let reason = format!("noticed {late:#} after it was due: the machine slept or its clock jumped");
            self.runner.record_unrun(job, due_at, RunStatus::Missed, &reason).await?;
            return Ok(());
        }
        let busy = Arc::clone(&self.busy[&job.name]);
        let runner = self.runner.clone();
        let job = job.clone();
        let held = Arc::clone(&busy).try_lock_owned();
        if held.is_err() && job.overlap == Overlap::Skip {
            self.runner.record_unrun(&job, due_at, RunStatus::Skipped, "the job's previous run was still at work").await?;
            return Ok(());
        }
        self.running.spawn(async move {
            let _held = match held {
                Ok(held) => held,
                Err(_) => busy.lock_owned().await,
            };
            let waited = runner.context().clock.now().duration_since(due_at);
            let done = if waited > job.misfire.grace {
                let reason = "waited for the job's previous run longer than its misfire grace";
                runner.record_unrun(&job, due_at, RunStatus::Missed, reason).await.map(|_| ())
            } else {
                runner.run_due(&job, due_at).await.map(|_| ())
            };
            if let Err(error) = done {
                tracing::error!(job = %job.name, %due_at, error = format!("{error:#}"), "the run ledger could not be written");
            }
        });
        Ok(())
    }

    /// Makes a row for every due time since the last one known, and answers where each job stands.
    ///
    /// A job that the ledger does not know starts now: what was due before it existed was never due.
    async fn catch_up(&mut self) -> anyhow::Result<HashMap<String, Timestamp>> {
        self.take_over_orphans().await?;
        let now = self.now();
        let mut cursors = HashMap::new();
        let jobs = self.runner.context().config.jobs.clone();
        for job in &jobs {
            // A due time in this very second is still to come.
            let mut cursor = now - SignedDuration::from_secs(1);
            if let Some(last) = self.runner.context().store.last_due(&job.name).await? {
                let due: Vec<Timestamp> = due_between(job, last, now).collect();
                for (index, due_at) in due.iter().enumerate() {
                    let latest = index + 1 == due.len();
                    let in_grace = now.duration_since(*due_at) <= job.misfire.grace;
                    if latest && in_grace && job.misfire.policy == MisfirePolicy::RunLate {
                        self.start(job, *due_at, now).await?;
                    } else {
                        self.runner.record_unrun(job, *due_at, RunStatus::Missed, "no process was running").await?;
                    }
                }
                cursor = now.max(last);
            }
            cursors.insert(job.name.clone(), cursor);
        }
        Ok(cursors)
    }

    /// Runs again what a dead process left behind, while that is still worth while; else ends it as failed.
    async fn take_over_orphans(&mut self) -> anyhow::Result<()> {
        let context = Arc::clone(self.runner.context());
        let now = context.clock.now();
        let dead_since = now - DEAD_AFTER;
        for run in context.store.stale_runs(dead_since).await? {
            // What this process itself has at work is not dead, however slowly the database takes its heartbeats.
            if run.instance == context.instance {
                continue;
            }
            let Some(claim) = context.store.reclaim_run(run.run_id, &context.instance, dead_since, now).await? else { continue };
            let job = context.config.jobs.iter().find(|job| job.name == run.job).cloned();
            match job {
                Some(job) if now.duration_since(run.due_at) <= job.misfire.grace && claim.attempt <= 3 => {
                    tracing::warn!(job = %job.name, due_at = %run.due_at, "taking over a run whose process died");
                    let runner = self.runner.clone();
                    let key = match run.trigger {
                        bellwether_store::Trigger::Schedule => run_key(&job.name, run.due_at),
                        bellwether_store::Trigger::Manual => run.run_id.0,
                    };
                    self.running.spawn(async move {
                        if let Err(error) = runner.run_claimed(&job, run.due_at, key, &claim).await {
                            tracing::error!(error = format!("{error:#}"), "the run ledger could not be written");
                        }
                    });
                }
                job => {
                    let reason = "its process died during the run, and it was too late to run it again";
                    let mut outcome = bellwether_store::RunOutcome::bare(RunStatus::Failed, now);
                    outcome.reason = Some(reason.to_owned());
                    if let Some(job) = job {
                        let content = AlertContent::of_failure(&job.name, run.due_at, reason);
                        outcome.alerts = self.runner.failure_alerts(&job, run_key(&run.job, run.due_at), &content);
                    }
                    context.store.finish_run(&claim, &outcome).await?;
                }
            }
        }
        Ok(())
    }
}

fn next_due(job: &Job, after: Timestamp) -> Option<Timestamp> {
    let horizon = after + SignedDuration::from_hours(24 * 366);
    due_between(job, after, horizon).next()
}
