//! Reads of table `runs`.

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{Result, Run, RunId, RunStatus, Store, StoreError, error::Doing};

const READING: &str = "reading the run ledger";

/// Which runs to list. The default is the latest 100 of all jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFilter {
    /// Only this job's.
    pub job: Option<String>,
    /// Only those with this status.
    pub status: Option<RunStatus>,
    /// Only those due at or after.
    pub from: Option<Timestamp>,
    /// Only those due before.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: i64,
}

impl Default for RunFilter {
    fn default() -> Self {
        Self { job: None, status: None, from: None, until: None, limit: 100 }
    }
}

impl Store {
    /// Runs, the latest due first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT * FROM runs
                         WHERE ($1::text IS NULL OR job = $1) AND ($2::text IS NULL OR status = $2)
                             AND ($3::timestamptz IS NULL OR due_at >= $3) AND ($4::timestamptz IS NULL OR due_at < $4)
                         ORDER BY due_at DESC, started_at DESC NULLS LAST, job, run_id LIMIT $5",
                        &[&filter.job, &filter.status.map(RunStatus::as_str), &filter.from, &filter.until, &filter.limit],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        rows.iter().map(run_of).collect()
    }

    /// One run.
    ///
    /// # Errors
    /// [`StoreError::RunNotFound`].
    pub async fn run(&self, run_id: RunId) -> Result<Run> {
        let row = self
            .retry(async || {
                self.client().await?.query_opt("SELECT * FROM runs WHERE run_id = $1", &[&run_id.0]).await.doing(READING)
            })
            .await?;
        run_of(&row.ok_or_else(|| StoreError::RunNotFound { text: run_id.to_string() })?)
    }

    /// The run a person means: `latest`, the name of a job (its latest run), or the first characters of a run's id.
    /// Due times at which nothing ran are only found by id.
    ///
    /// # Errors
    /// [`StoreError::RunNotFound`], [`StoreError::RunAmbiguous`].
    pub async fn find_run(&self, text: &str) -> Result<Run> {
        let text = text.trim();
        let not_found = || StoreError::RunNotFound { text: text.to_owned() };
        let by_job = self
            .retry(async || {
                self.client()
                    .await?
                    .query_opt(
                        "SELECT * FROM runs WHERE (job = $1 OR $1 = 'latest') AND started_at IS NOT NULL
                         ORDER BY started_at DESC, due_at DESC, job, run_id LIMIT 1",
                        &[&text],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        if let Some(row) = by_job {
            return run_of(&row);
        }
        let prefix = text.to_ascii_lowercase();
        if prefix.is_empty() || !prefix.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
            return Err(not_found());
        }
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query("SELECT * FROM runs WHERE starts_with(run_id::text, $1) ORDER BY run_id LIMIT 5", &[&prefix])
                    .await
                    .doing(READING)
            })
            .await?;
        match rows.as_slice() {
            [] => Err(not_found()),
            [row] => run_of(row),
            several => Err(StoreError::RunAmbiguous {
                text: text.to_owned(),
                matches: several.iter().map(|row| row.get::<_, Uuid>("run_id")).collect(),
            }),
        }
    }

    /// Latest due time of a job's schedule that is in the ledger.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_due(&self, job: &str) -> Result<Option<Timestamp>> {
        self.retry(async || {
            let row = self
                .client()
                .await?
                .query_one("SELECT max(due_at) FROM runs WHERE job = $1 AND trigger = 'schedule'", &[&job])
                .await
                .doing(READING)?;
            row.try_get(0).doing(READING)
        })
        .await
    }

    /// Running runs without a sign of life since `older_than`, the longest silent first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stale_runs(&self, older_than: Timestamp) -> Result<Vec<Run>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT * FROM runs WHERE status = 'running' AND heartbeat_at < $1 ORDER BY heartbeat_at, run_id",
                        &[&older_than],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        rows.iter().map(run_of).collect()
    }
}

fn run_of(row: &Row) -> Result<Run> {
    Ok(Run {
        run_id: RunId(row.get("run_id")),
        job: row.get("job"),
        kind: row.get("kind"),
        trigger: row.get::<_, &str>("trigger").parse()?,
        due_at: row.get("due_at"),
        as_of: row.get("as_of"),
        status: row.get::<_, &str>("status").parse()?,
        reason: row.get("reason"),
        instance: row.get("instance"),
        attempt: row.get("attempt"),
        started_at: row.get("started_at"),
        heartbeat_at: row.get("heartbeat_at"),
        finished_at: row.get("finished_at"),
        snapshot_hash: row.get("snapshot_hash"),
        report_hash: row.get("report_hash"),
        report: row.get("report"),
        config: row.get("config"),
        code_version: row.get("code_version"),
    })
}
