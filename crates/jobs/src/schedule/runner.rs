//! One run of one job: claimed in the ledger, kept alive by heartbeats, bounded in time, ended in one transaction.

use std::{sync::Arc, time::Duration};

use bellwether::{market::Clock, scanners::ScanReport};
use bellwether_store::{NewAlert, NewRun, RunClaim, RunOutcome, RunStatus, Trigger, Unrun};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    alerts::AlertContent,
    clock::sleep_until,
    config::Job,
    context::Context,
    tasks::{self, TaskOutcome},
};

/// A run that starts later than this after its due time is recorded as late.
const LATE_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// How often a run says that it is alive, on the clock; in real time no more often than [`LEAST_BEAT`].
const HEARTBEAT: SignedDuration = SignedDuration::from_secs(5);
const LEAST_BEAT: Duration = Duration::from_millis(10);
/// However fast a simulated clock runs, a task gets this much real time.
const LEAST_REAL_TIMEOUT: Duration = Duration::from_secs(60);

/// What happened to a run, for whoever watches.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// It has begun.
    Started {
        /// The job.
        job: String,
        /// Its due time.
        due_at: Timestamp,
    },
    /// It has ended.
    Ended {
        /// The job.
        job: String,
        /// Its due time.
        due_at: Timestamp,
        /// How it ended.
        status: RunStatus,
        /// Why, unless it succeeded.
        reason: Option<String>,
        /// What a scan found.
        report: Option<Arc<ScanReport>>,
        /// In words, for tasks that are no scans.
        summary: String,
        /// How long it took, in real time.
        took: Duration,
    },
    /// Nothing more comes: for watchers that outlive what they watch.
    End,
    /// An alert has reached its channel, or has been given up.
    Alert {
        /// The channel.
        channel: String,
        /// What it said.
        subject: String,
        /// What the receiver answered, or why it was given up.
        detail: Result<String, String>,
    },
}

/// The name of a run for ever: the same due time of the same job always gives the same alert ids.
pub fn run_key(job: &str, due_at: Timestamp) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("bellwether/{job}/{due_at}").as_bytes())
}

/// Runs jobs.
#[derive(Debug, Clone)]
pub struct Runner {
    context: Arc<Context>,
}

impl Runner {
    /// A runner with these services.
    pub fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// The services.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Claims and runs a due time; `None` when another process has it already.
    ///
    /// # Errors
    /// Only when the ledger cannot be written; a failing task is recorded, not returned.
    pub async fn run_due(&self, job: &Job, due_at: Timestamp) -> anyhow::Result<Option<RunStatus>> {
        match self.claim(job, due_at, Trigger::Schedule).await? {
            Some(claim) => self.run_claimed(job, due_at, run_key(&job.name, due_at), &claim).await.map(Some),
            None => Ok(None),
        }
    }

    /// Runs a job by hand, as of `as_of`.
    ///
    /// # Errors
    /// As [`Runner::run_due`].
    pub async fn run_by_hand(&self, job: &Job, as_of: Timestamp) -> anyhow::Result<(RunClaim, RunStatus)> {
        let claim = self
            .claim(job, as_of, Trigger::Manual)
            .await?
            .ok_or_else(|| anyhow::anyhow!("the database refused a run by hand of `{}`", job.name))?;
        let status = self.run_claimed(job, as_of, claim.run_id.0, &claim).await?;
        Ok((claim, status))
    }

    async fn claim(&self, job: &Job, due_at: Timestamp, trigger: Trigger) -> anyhow::Result<Option<RunClaim>> {
        let context = &self.context;
        let run = NewRun {
            job: job.name.clone(),
            kind: job.kind_name.clone(),
            trigger,
            due_at,
            as_of: Some(due_at),
            instance: context.instance.clone(),
            started_at: context.clock.now(),
            config: Some(serde_json::to_value(job.settings())?),
            code_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        };
        Ok(context.store.claim_run(&run).await?)
    }

    /// Runs what is claimed already: by [`Runner::run_due`], or taken over from a process that died.
    ///
    /// # Errors
    /// As [`Runner::run_due`].
    pub async fn run_claimed(&self, job: &Job, due_at: Timestamp, key: Uuid, claim: &RunClaim) -> anyhow::Result<RunStatus> {
        let context = &self.context;
        let started = context.clock.now();
        let watch = std::time::Instant::now();
        tracing::info!(job = %job.name, %due_at, run_id = %claim.run_id, attempt = claim.attempt, "run started");
        context.events.send(RunEvent::Started { job: job.name.clone(), due_at }).ok();
        let outcome = self.attempt(job, due_at, key, claim, started).await;
        let finished_at = context.clock.now();
        let late = started.duration_since(due_at) > LATE_AFTER;
        let (status, reason, summary, report, record) = match outcome {
            Ok(TaskOutcome {
                snapshot_hash,
                report_hash,
                report,
                stored_report,
                hits,
                computed,
                alerts,
                conditions,
                summary,
            }) => {
                let status = if late { RunStatus::Late } else { RunStatus::Succeeded };
                let reason = late.then(|| format!("started {:#} after it was due", rounded(started.duration_since(due_at))));
                let record = RunOutcome {
                    status,
                    reason: reason.clone(),
                    finished_at,
                    snapshot_hash,
                    report_hash,
                    report: stored_report,
                    hits,
                    computed,
                    alerts,
                    conditions,
                };
                (status, reason, summary, report, record)
            }
            Err(error) => {
                let reason = format!("{error:#}");
                let mut record = RunOutcome::bare(RunStatus::Failed, finished_at);
                record.reason = Some(reason.clone());
                record.alerts = self.failure_alerts(job, key, &AlertContent::of_failure(&job.name, due_at, &reason));
                (RunStatus::Failed, Some(reason), String::new(), None, record)
            }
        };
        context.store.finish_run(claim, &record).await?;
        if !record.alerts.is_empty() {
            context.outbox_bell.notify_one();
        }
        let took = watch.elapsed();
        match &reason {
            Some(reason) => {
                tracing::warn!(job = %job.name, %due_at, status = %status, reason, took_ms = took.as_millis(), "run ended")
            }
            None => tracing::info!(job = %job.name, %due_at, status = %status, took_ms = took.as_millis(), "run ended"),
        }
        let job = job.name.clone();
        context.events.send(RunEvent::Ended { job, due_at, status, reason, report, summary, took }).ok();
        Ok(status)
    }

    /// The task itself, in a task of its own so that a panic ends the run and nothing else.
    async fn attempt(
        &self,
        job: &Job,
        due_at: Timestamp,
        key: Uuid,
        claim: &RunClaim,
        started: Timestamp,
    ) -> anyhow::Result<TaskOutcome> {
        let context = Arc::clone(&self.context);
        let owned = job.clone();
        let run_id = claim.run_id;
        let mut work = tokio::spawn(async move { tasks::run(&context, &owned, due_at, key, run_id).await });
        let clock: &dyn Clock = &*self.context.clock;
        let timeout = async {
            tokio::join!(
                sleep_until(clock, started + job.timeout),
                tokio::time::sleep(LEAST_REAL_TIMEOUT.min(positive(job.timeout)))
            );
        };
        tokio::pin!(timeout);
        loop {
            let beat = clock.wall_until(clock.now() + HEARTBEAT).clamp(LEAST_BEAT, positive(HEARTBEAT));
            tokio::select! {
                ended = &mut work => {
                    return ended.unwrap_or_else(|error| Err(match error.try_into_panic() {
                        Ok(panic) => anyhow::anyhow!("panicked: {}", panic_text(&*panic)),
                        Err(error) => anyhow::anyhow!("was cancelled: {error}"),
                    }));
                }
                () = &mut timeout => {
                    work.abort();
                    anyhow::bail!("not done within its timeout of {:#}", job.timeout);
                }
                () = tokio::time::sleep(beat) => {
                    if let Err(error) = self.context.store.heartbeat(claim, clock.now()).await {
                        tracing::warn!(job = %job.name, %error, "the run's heartbeat could not be written");
                    }
                }
            }
        }
    }

    /// What the channels of a job are told when a run fails or was missed, if they want to know.
    pub fn failure_alerts(&self, job: &Job, key: Uuid, content: &AlertContent) -> Vec<NewAlert> {
        if job.alert.on_failure { tasks::failure_alerts(&self.context, job, key, content) } else { Vec::new() }
    }

    /// Records a due time that did not run, once; answers whether this call wrote it.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn record_unrun(&self, job: &Job, due_at: Timestamp, status: RunStatus, reason: &str) -> anyhow::Result<bool> {
        let context = &self.context;
        let unrun = Unrun {
            job: job.name.clone(),
            kind: job.kind_name.clone(),
            due_at,
            status,
            reason: reason.to_owned(),
            instance: context.instance.clone(),
            recorded_at: context.clock.now(),
            alerts: match status {
                RunStatus::Missed => {
                    let content = AlertContent::of_missed(&job.name, due_at, reason);
                    self.failure_alerts(job, run_key(&job.name, due_at), &content)
                }
                _ => Vec::new(),
            },
        };
        let written = context.store.record_unrun(&unrun).await?;
        if written {
            tracing::warn!(job = %job.name, %due_at, status = %status, reason, "due time did not run");
            let ended = RunEvent::Ended {
                job: job.name.clone(),
                due_at,
                status,
                reason: Some(reason.to_owned()),
                report: None,
                summary: String::new(),
                took: Duration::ZERO,
            };
            context.events.send(ended).ok();
        }
        Ok(written)
    }
}

fn rounded(duration: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(duration.as_secs())
}

fn positive(duration: SignedDuration) -> Duration {
    duration.try_into().unwrap_or_default()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
