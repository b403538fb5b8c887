//! Tables `alerts` and `deliveries`: the outbox.
//!
//! ```text
//! insert (with a run's results) ──► pending ──claim_alerts──► leased to one worker, attempts + 1
//!     alert_delivered ──► delivered     alert_retry ──► pending, later     alert_dead ──► dead
//!     lease runs out  ──► claimable by any worker
//! ```
//! An [`Alert`] is also the claim: worker and attempt together make it void once another worker has taken over.

use std::{fmt, str::FromStr};

use deadpool_postgres::Transaction;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{Result, RunId, Store, StoreError, error::Doing, run::named};

const READING: &str = "reading the outbox";

/// How an alert travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// By mail.
    Email,
    /// By HTTP.
    Webhook,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// To be delivered.
    Pending,
    /// Delivered.
    Delivered,
    /// Given up.
    Dead,
}

named!(AlertKind, "alerts", "kind", Email = "email", Webhook = "webhook");
named!(AlertStatus, "alerts", "status", Pending = "pending", Delivered = "delivered", Dead = "dead");

/// Something to tell people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAlert {
    /// Stable name, chosen by the caller: the same alert written again is the same row.
    pub alert_id: Uuid,
    /// Where to, as named in the configuration.
    pub channel: String,
    /// How it travels.
    pub kind: AlertKind,
    /// One line.
    pub subject: String,
    /// What is needed to render it.
    pub payload: Value,
    /// Now.
    pub created_at: Timestamp,
}

/// One row of the outbox. As answered by [`Store::claim_alerts`] it is also the right to settle that attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// Stable name.
    pub alert_id: Uuid,
    /// The run that wants it told, if that is still in the ledger.
    pub run_id: Option<RunId>,
    /// Where to.
    pub channel: String,
    /// How it travels.
    pub kind: AlertKind,
    /// One line.
    pub subject: String,
    /// What is needed to render it.
    pub payload: Value,
    /// Where it stands.
    pub status: AlertStatus,
    /// Attempts so far, one under way included.
    pub attempts: i32,
    /// When to try next.
    pub next_attempt_at: Timestamp,
    /// Who holds or last held it.
    pub claimed_by: Option<String>,
    /// Until when nobody else may take it.
    pub claimed_until: Option<Timestamp>,
    /// What the last failed attempt said.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
}

/// Which alerts to list. The default is the latest 100 of all channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only those of this run.
    pub run_id: Option<RunId>,
    /// Only those to this channel.
    pub channel: Option<String>,
    /// Only those with this status.
    pub status: Option<AlertStatus>,
    /// Only those written at or after.
    pub from: Option<Timestamp>,
    /// Only those written before.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: i64,
}

impl Default for AlertFilter {
    fn default() -> Self {
        Self { run_id: None, channel: None, status: None, from: None, until: None, limit: 100 }
    }
}

impl Store {
    /// Alerts, the latest written first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>> {
        let run_id = filter.run_id.map(|run_id| run_id.0);
        let status = filter.status.map(AlertStatus::as_str);
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT * FROM alerts
                         WHERE ($1::uuid IS NULL OR run_id = $1) AND ($2::text IS NULL OR channel = $2)
                             AND ($3::text IS NULL OR status = $3) AND ($4::timestamptz IS NULL OR created_at >= $4)
                             AND ($5::timestamptz IS NULL OR created_at < $5)
                         ORDER BY created_at DESC, alert_id LIMIT $6",
                        &[&run_id, &filter.channel, &status, &filter.from, &filter.until, &filter.limit],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        rows.iter().map(alert_of).collect()
    }

    /// Writes alerts that belong to no run. Those already there are left as they are; answers how many were new.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn enqueue_alerts(&self, alerts: &[NewAlert]) -> Result<u64> {
        self.retry(async || {
            let mut client = self.client().await?;
            let transaction = client.transaction().await.doing("writing alerts")?;
            let written = insert_alerts(&transaction, None, alerts).await?;
            transaction.commit().await.doing("writing alerts")?;
            Ok(written)
        })
        .await
    }

    /// Takes up to `limit` alerts that are due at `now` and nobody else holds, the longest due first, and keeps them for
    /// `lease`. The attempt counts from here, so an alert that kills its worker cannot be tried for ever.
    ///
    /// # Errors
    /// When the database cannot be written. If only the answer was lost, the alerts come again after the lease.
    pub async fn claim_alerts(&self, worker: &str, limit: i64, now: Timestamp, lease: SignedDuration) -> Result<Vec<Alert>> {
        let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
        let rows = self
            .client()
            .await?
            .query(
                "WITH due AS (
                     SELECT alert_id FROM alerts
                     WHERE status = 'pending' AND next_attempt_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3)
                     ORDER BY next_attempt_at, created_at, alert_id LIMIT $2 FOR UPDATE SKIP LOCKED)
                 UPDATE alerts SET claimed_by = $1, claimed_until = $4, attempts = attempts + 1
                 FROM due WHERE alerts.alert_id = due.alert_id RETURNING alerts.*",
                &[&worker, &limit, &now, &until],
            )
            .await
            .doing("claiming alerts")?;
        let mut alerts = rows.iter().map(alert_of).collect::<Result<Vec<_>>>()?;
        alerts.sort_by_key(|alert| (alert.next_attempt_at, alert.created_at, alert.alert_id));
        Ok(alerts)
    }

    /// The alert has arrived.
    ///
    /// # Errors
    /// [`StoreError::AlertNotClaimed`] when another worker has taken it over.
    pub async fn alert_delivered(&self, alert: &Alert, now: Timestamp, detail: Option<&str>) -> Result<()> {
        let next_attempt_at = alert.next_attempt_at;
        self.settle(alert, Settlement { now, status: AlertStatus::Delivered, next_attempt_at, detail }).await
    }

    /// The attempt failed; try again at `next_attempt_at`.
    ///
    /// # Errors
    /// [`StoreError::AlertNotClaimed`] when another worker has taken it over.
    pub async fn alert_retry(&self, alert: &Alert, now: Timestamp, next_attempt_at: Timestamp, error: &str) -> Result<()> {
        self.settle(alert, Settlement { now, status: AlertStatus::Pending, next_attempt_at, detail: Some(error) }).await
    }

    /// The attempt failed and there will be no other.
    ///
    /// # Errors
    /// [`StoreError::AlertNotClaimed`] when another worker has taken it over.
    pub async fn alert_dead(&self, alert: &Alert, now: Timestamp, error: &str) -> Result<()> {
        let next_attempt_at = alert.next_attempt_at;
        self.settle(alert, Settlement { now, status: AlertStatus::Dead, next_attempt_at, detail: Some(error) }).await
    }

    async fn settle(&self, alert: &Alert, settlement: Settlement<'_>) -> Result<()> {
        self.retry(async || self.settle_once(alert, &settlement).await).await
    }

    async fn settle_once(&self, alert: &Alert, settlement: &Settlement<'_>) -> Result<()> {
        let doing = "settling an alert";
        let delivered = settlement.status == AlertStatus::Delivered;
        let mut client = self.client().await?;
        let transaction = client.transaction().await.doing(doing)?;
        let updated = transaction
            .execute(
                "UPDATE alerts SET status = $4, claimed_until = NULL, next_attempt_at = $5, last_error = coalesce($6, last_error),
                     delivered_at = $7
                 WHERE alert_id = $1 AND claimed_by = $2 AND attempts = $3 AND status = 'pending' AND claimed_until IS NOT NULL",
                &[
                    &alert.alert_id,
                    &alert.claimed_by,
                    &alert.attempts,
                    &settlement.status.as_str(),
                    &settlement.next_attempt_at,
                    &settlement.detail.filter(|_| !delivered),
                    &delivered.then_some(settlement.now),
                ],
            )
            .await
            .doing(doing)?;
        if updated == 0 {
            // Perhaps this very settlement was written and only the answer lost.
            let settled = transaction
                .query_opt(
                    "SELECT FROM alerts JOIN deliveries USING (alert_id)
                     WHERE alert_id = $1 AND claimed_by = $2 AND attempts = $3 AND attempt = $3 AND ok = $4 AND at = $5",
                    &[&alert.alert_id, &alert.claimed_by, &alert.attempts, &delivered, &settlement.now],
                )
                .await
                .doing(doing)?;
            return settled.map(|_| ()).ok_or_else(|| StoreError::AlertNotClaimed {
                alert_id: alert.alert_id,
                worker: alert.claimed_by.clone().unwrap_or_default(),
                attempt: alert.attempts,
            });
        }
        transaction
            .execute(
                "INSERT INTO deliveries (alert_id, attempt, at, ok, detail) VALUES ($1, $2, $3, $4, $5)",
                &[&alert.alert_id, &alert.attempts, &settlement.now, &delivered, &settlement.detail],
            )
            .await
            .doing(doing)?;
        transaction.commit().await.doing(doing)
    }

    /// How many alerts wait to be delivered.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pending_alerts_count(&self) -> Result<i64> {
        self.retry(async || {
            let sql = "SELECT count(*) FROM alerts WHERE status = 'pending'";
            self.client().await?.query_one(sql, &[]).await.doing(READING)?.try_get(0).doing(READING)
        })
        .await
    }

    /// A run's alerts, in the order written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn alerts_of(&self, run_id: RunId) -> Result<Vec<Alert>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query("SELECT * FROM alerts WHERE run_id = $1 ORDER BY created_at, alert_id", &[&run_id.0])
                    .await
                    .doing(READING)
            })
            .await?;
        rows.iter().map(alert_of).collect()
    }
}

/// How an attempt went.
struct Settlement<'a> {
    now: Timestamp,
    /// The alert's status from now on.
    status: AlertStatus,
    next_attempt_at: Timestamp,
    detail: Option<&'a str>,
}

pub(crate) async fn insert_alerts(transaction: &Transaction<'_>, run_id: Option<RunId>, alerts: &[NewAlert]) -> Result<u64> {
    let mut written = 0;
    for alert in alerts {
        written += transaction
            .execute(
                "INSERT INTO alerts (alert_id, run_id, channel, kind, subject, payload, next_attempt_at, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (alert_id) DO NOTHING",
                &[
                    &alert.alert_id,
                    &run_id.map(|run_id| run_id.0),
                    &alert.channel,
                    &alert.kind.as_str(),
                    &alert.subject,
                    &alert.payload,
                    &alert.created_at,
                ],
            )
            .await
            .doing("writing alerts")?;
    }
    Ok(written)
}

fn alert_of(row: &Row) -> Result<Alert> {
    Ok(Alert {
        alert_id: row.get("alert_id"),
        run_id: row.get::<_, Option<Uuid>>("run_id").map(RunId),
        channel: row.get("channel"),
        kind: row.get::<_, &str>("kind").parse()?,
        subject: row.get("subject"),
        payload: row.get("payload"),
        status: row.get::<_, &str>("status").parse()?,
        attempts: row.get("attempts"),
        next_attempt_at: row.get("next_attempt_at"),
        claimed_by: row.get("claimed_by"),
        claimed_until: row.get("claimed_until"),
        last_error: row.get("last_error"),
        created_at: row.get("created_at"),
        delivered_at: row.get("delivered_at"),
    })
}
