//! Table `runs`: claiming, keeping and ending runs. Reads are in [`crate::run_queries`].
//!
//! ```text
//! claim_run ──► running ──heartbeat…──► finish_run: succeeded | late | failed | skipped
//!                  │  no heartbeat for too long
//!                  └─► reclaim_run by anyone: running, attempt + 1; the former holder's claim is void
//! record_unrun ──► skipped | missed
//! ```

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    NewRun, Result, RunClaim, RunId, RunOutcome, RunStatus, Store, StoreError, Unrun, alerts::insert_alerts,
    computed::insert_computed, conditions::upsert_conditions, error::Doing, hits::insert_hits,
};

impl Store {
    /// Claims a run. `None` when the schedule's run of this job and due time is already in the ledger, whoever put it there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn claim_run(&self, new: &NewRun) -> Result<Option<RunClaim>> {
        // Drawn once: if the answer to a successful claim is lost, the next attempt finds its own id and knows it has won.
        let run_id = RunId(Uuid::new_v4());
        let claimed = self
            .retry(async || {
                let doing = "claiming a run";
                let client = self.client().await?;
                let inserted = client
                    .execute(
                        "INSERT INTO runs (run_id, job, kind, trigger, due_at, as_of, status, instance, started_at, heartbeat_at,
                             config, code_version)
                         VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $8, $9, $10) ON CONFLICT DO NOTHING",
                        &[
                            &run_id.0,
                            &new.job,
                            &new.kind,
                            &new.trigger.as_str(),
                            &new.due_at,
                            &new.as_of,
                            &new.instance,
                            &new.started_at,
                            &new.config,
                            &new.code_version,
                        ],
                    )
                    .await
                    .doing(doing)?;
                if inserted == 1 {
                    return Ok(true);
                }
                let ours = client.query_opt("SELECT FROM runs WHERE run_id = $1", &[&run_id.0]).await.doing(doing)?;
                Ok(ours.is_some())
            })
            .await?;
        Ok(claimed.then(|| RunClaim { run_id, instance: new.instance.clone(), attempt: 1 }))
    }

    /// Says that the run is still at work.
    ///
    /// # Errors
    /// [`StoreError::RunNotOurs`] when another instance has taken it over: stop working on it.
    pub async fn heartbeat(&self, claim: &RunClaim, now: Timestamp) -> Result<()> {
        self.retry(async || {
            let client = self.client().await?;
            let updated = client
                .execute(
                    "UPDATE runs SET heartbeat_at = $4 WHERE run_id = $1 AND instance = $2 AND attempt = $3 AND status = 'running'",
                    &[&claim.run_id.0, &claim.instance, &claim.attempt, &now],
                )
                .await
                .doing("recording a heartbeat")?;
            if updated == 1 { Ok(()) } else { Err(not_ours(&client, claim).await?) }
        })
        .await
    }

    /// Ends a run: status, report, hits, what was computed, alerts to send and market conditions in one transaction.
    ///
    /// # Errors
    /// [`StoreError::RunNotOurs`] when the run is not running under this claim any more; nothing is written then.
    /// [`StoreError::RunStatus`] for a status that is no ending.
    pub async fn finish_run(&self, claim: &RunClaim, outcome: &RunOutcome) -> Result<()> {
        if matches!(outcome.status, RunStatus::Running | RunStatus::Missed) {
            return Err(StoreError::RunStatus { status: outcome.status.as_str(), doing: "ending a run" });
        }
        self.retry(async || self.finish_run_once(claim, outcome).await).await
    }

    async fn finish_run_once(&self, claim: &RunClaim, outcome: &RunOutcome) -> Result<()> {
        let doing = "ending a run";
        let mut client = self.client().await?;
        let transaction = client.transaction().await.doing(doing)?;
        let updated = transaction
            .execute(
                "UPDATE runs SET status = $4, reason = $5, finished_at = $6, heartbeat_at = $6, snapshot_hash = $7,
                     report_hash = $8, report = $9
                 WHERE run_id = $1 AND instance = $2 AND attempt = $3 AND status = 'running'",
                &[
                    &claim.run_id.0,
                    &claim.instance,
                    &claim.attempt,
                    &outcome.status.as_str(),
                    &outcome.reason,
                    &outcome.finished_at,
                    &outcome.snapshot_hash,
                    &outcome.report_hash,
                    &outcome.report,
                ],
            )
            .await
            .doing(doing)?;
        if updated == 0 {
            return if already_ended(&transaction, claim, outcome).await? {
                Ok(())
            } else {
                Err(not_ours(transaction.client(), claim).await?)
            };
        }
        insert_hits(&transaction, claim.run_id, &outcome.hits).await?;
        insert_computed(&transaction, claim.run_id, &outcome.computed).await?;
        insert_alerts(&transaction, Some(claim.run_id), &outcome.alerts).await?;
        if let Some(conditions) = &outcome.conditions {
            upsert_conditions(&transaction, conditions).await?;
        }
        transaction.commit().await.doing(doing)
    }

    /// Records that nothing ran at a due time, and what people shall be told of it. `false`, and nothing written, when the
    /// ledger already has a row for it.
    ///
    /// # Errors
    /// [`StoreError::RunStatus`] for a status other than `Skipped` and `Missed`.
    pub async fn record_unrun(&self, unrun: &Unrun) -> Result<bool> {
        if !matches!(unrun.status, RunStatus::Skipped | RunStatus::Missed) {
            return Err(StoreError::RunStatus { status: unrun.status.as_str(), doing: "recording that nothing ran" });
        }
        let run_id = RunId(Uuid::new_v4());
        self.retry(async || {
            let doing = "recording that nothing ran";
            let mut client = self.client().await?;
            let transaction = client.transaction().await.doing(doing)?;
            let inserted = transaction
                .execute(
                    "INSERT INTO runs (run_id, job, kind, trigger, due_at, status, reason, instance, finished_at)
                     VALUES ($1, $2, $3, 'schedule', $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                    &[
                        &run_id.0,
                        &unrun.job,
                        &unrun.kind,
                        &unrun.due_at,
                        &unrun.status.as_str(),
                        &unrun.reason,
                        &unrun.instance,
                        &unrun.recorded_at,
                    ],
                )
                .await
                .doing(doing)?;
            if inserted == 0 {
                let ours = transaction.query_opt("SELECT FROM runs WHERE run_id = $1", &[&run_id.0]).await.doing(doing)?;
                return Ok(ours.is_some());
            }
            insert_alerts(&transaction, Some(run_id), &unrun.alerts).await?;
            transaction.commit().await.doing(doing)?;
            Ok(true)
        })
        .await
    }

    /// Takes over a run that has given no sign of life since `stale_before`. `None` when it has, has ended, or another
    /// instance was faster.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn reclaim_run(
        &self,
        run_id: RunId,
        instance: &str,
        stale_before: Timestamp,
        now: Timestamp,
    ) -> Result<Option<RunClaim>> {
        // Not tried again: after a lost answer nobody could tell this takeover from another of the same name. The run then
        // merely goes stale once more.
        let row = self
            .client()
            .await?
            .query_opt(
                "UPDATE runs SET instance = $2, attempt = attempt + 1, started_at = $4, heartbeat_at = $4
                 WHERE run_id = $1 AND status = 'running' AND heartbeat_at < $3 RETURNING attempt",
                &[&run_id.0, &instance, &stale_before, &now],
            )
            .await
            .doing("taking over a run")?;
        Ok(row.map(|row| RunClaim { run_id, instance: instance.to_owned(), attempt: row.get(0) }))
    }
}

/// Whether this very outcome was already written: the answer to its commit was lost and this is the next attempt.
async fn already_ended(transaction: &Transaction<'_>, claim: &RunClaim, outcome: &RunOutcome) -> Result<bool> {
    let row = transaction
        .query_opt(
            "SELECT FROM runs WHERE run_id = $1 AND instance = $2 AND attempt = $3 AND status = $4 AND finished_at = $5
                 AND report_hash IS NOT DISTINCT FROM $6",
            &[
                &claim.run_id.0,
                &claim.instance,
                &claim.attempt,
                &outcome.status.as_str(),
                &outcome.finished_at,
                &outcome.report_hash,
            ],
        )
        .await
        .doing("ending a run")?;
    Ok(row.is_some())
}

async fn not_ours(client: &tokio_postgres::Client, claim: &RunClaim) -> Result<StoreError> {
    let row = client
        .query_opt("SELECT status, instance, attempt FROM runs WHERE run_id = $1", &[&claim.run_id.0])
        .await
        .doing("asking who holds a run")?;
    let found = row.map_or("there is no such run".to_owned(), |row| {
        let (status, instance, attempt): (&str, &str, i32) = (row.get(0), row.get(1), row.get(2));
        format!("{status}, attempt {attempt} by `{instance}`")
    });
    Ok(StoreError::RunNotOurs { run_id: claim.run_id.0, instance: claim.instance.clone(), attempt: claim.attempt, found })
}
