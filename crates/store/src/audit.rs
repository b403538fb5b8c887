//! Table `audit`: append-only and hash-chained.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{Result, Store, error::Doing};

/// Key of the advisory lock under which rows are appended: "bw_audit" in ASCII.
const LOCK: i64 = 0x62_77_5f_61_75_64_69_74;

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Its number; numbers rise, with gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// With which particulars.
    pub detail: Value,
    /// Hash of the row before, empty for the first.
    pub prev_hash: String,
    /// SHA-256 over `prev_hash`, time, actor, action and detail.
    pub hash: String,
}

impl Store {
    /// Appends a row. Not tried again after a lost connection, for it could then be there twice.
    ///
    /// # Errors
    /// When the database cannot be written; the action that needs this row must not go ahead then.
    pub async fn append_audit(&self, at: Timestamp, actor: &str, action: &str, detail: &Value) -> Result<AuditEntry> {
        let doing = "appending to the audit";
        let mut client = self.client().await?;
        let transaction = client.transaction().await.doing(doing)?;
        // Each hash takes in the one before, so appends must come one after another.
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.doing(doing)?;
        let row = transaction
            .query_one(
                "WITH last AS (SELECT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') AS hash)
                 INSERT INTO audit (at, actor, action, detail, prev_hash, hash)
                 SELECT $1, $2, $3, $4, last.hash, audit_hash(last.hash, $1, $2, $3, $4) FROM last RETURNING *",
                &[&at, &actor, &action, detail],
            )
            .await
            .doing(doing)?;
        transaction.commit().await.doing(doing)?;
        Ok(entry(&row))
    }

    /// The latest rows, oldest of them first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, limit: i64) -> Result<Vec<AuditEntry>> {
        let sql = "SELECT * FROM (SELECT * FROM audit ORDER BY seq DESC LIMIT $1) AS latest ORDER BY seq";
        let rows = self.retry(async || self.client().await?.query(sql, &[&limit]).await.doing("reading the audit")).await?;
        Ok(rows.iter().map(entry).collect())
    }

    /// Checks the whole chain. Answers the number of the first row that was altered, or whose predecessor was altered or
    /// removed; `None` when all is well. Rows cut off at the end cannot be noticed from within: compare the last hash with
    /// one kept elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_audit(&self) -> Result<Option<i64>> {
        self.retry(async || {
            let row = self
                .client()
                .await?
                .query_one(
                    "SELECT min(seq) FROM (
                         SELECT *, lag(hash, 1, '') OVER (ORDER BY seq) AS hash_before FROM audit) AS chain
                     WHERE prev_hash <> hash_before OR hash <> audit_hash(prev_hash, at, actor, action, detail)",
                    &[],
                )
                .await
                .doing("checking the audit")?;
            row.try_get(0).doing("checking the audit")
        })
        .await
    }
}

fn entry(row: &tokio_postgres::Row) -> AuditEntry {
    AuditEntry {
        seq: row.get("seq"),
        at: row.get("at"),
        actor: row.get("actor"),
        action: row.get("action"),
        detail: row.get("detail"),
        prev_hash: row.get("prev_hash"),
        hash: row.get("hash"),
    }
}
