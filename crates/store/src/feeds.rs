//! Tables `feed_status` and `feed_gaps`: how live market data is, and what it did not deliver.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Row;

use crate::{Result, Store, StoreError, error::Doing, run::named};

/// How a market data session is, as its process last said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedStatus {
    /// Which session: unique among all that write to this database.
    pub name: String,
    /// The process.
    pub instance: String,
    /// When it said so.
    pub at: Timestamp,
    /// What it said.
    pub health: Value,
}

/// What became of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapOutcome {
    /// Nothing yet.
    Open,
    /// Fetched afterwards.
    Filled,
    /// Not to be had.
    Lost,
}

named!(GapOutcome, "feed_gaps", "outcome", Open = "open", Filled = "filled", Lost = "lost");

/// An interval that a live feed did not deliver.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedGap {
    /// Which session.
    pub feed: String,
    /// Ticker.
    pub symbol: String,
    /// Kind of subscription.
    pub kind: String,
    /// First instant that lacks.
    pub from_at: Timestamp,
    /// First instant after it that does not.
    pub until_at: Timestamp,
    /// What became of it.
    pub outcome: GapOutcome,
    /// Why it is lost; empty otherwise.
    pub reason: String,
    /// Bars fetched afterwards.
    pub bars: i32,
    /// When this was last written.
    pub noted_at: Timestamp,
}

impl Store {
    /// Replaces what is known of one session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_feed_status(&self, status: &FeedStatus) -> Result<()> {
        let FeedStatus { name, instance, at, health } = status;
        self.retry(async || {
            self.client()
                .await?
                .execute(
                    "INSERT INTO feed_status (name, instance, at, health) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, at = excluded.at, health = excluded.health",
                    &[name, instance, at, health],
                )
                .await
                .doing("writing the state of market data")
                .map(drop)
        })
        .await
    }

    /// All sessions that wrote here and are not forgotten, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feed_statuses(&self) -> Result<Vec<FeedStatus>> {
        let rows = self
            .retry(async || {
                let client = self.client().await?;
                client.query("SELECT * FROM feed_status ORDER BY name", &[]).await.doing("reading the state of market data")
            })
            .await?;
        let status = |row: &Row| FeedStatus {
            name: row.get("name"),
            instance: row.get("instance"),
            at: row.get("at"),
            health: row.get("health"),
        };
        Ok(rows.iter().map(status).collect())
    }

    /// Forgets sessions that have said nothing since `before`: their process is gone, or goes by another name now. How many
    /// those were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_feed_statuses(&self, before: Timestamp) -> Result<u64> {
        self.retry(async || {
            let client = self.client().await?;
            client.execute("DELETE FROM feed_status WHERE at < $1", &[&before]).await.doing("pruning the state of market data")
        })
        .await
    }

    /// Writes gaps down; one that is known already is brought up to date.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_feed_gaps(&self, gaps: &[FeedGap]) -> Result<()> {
        self.retry(async || {
            let mut client = self.client().await?;
            let transaction = client.transaction().await.doing("writing gaps of market data")?;
            for gap in gaps {
                transaction
                    .execute(
                        "INSERT INTO feed_gaps (feed, symbol, kind, from_at, until_at, outcome, reason, bars, noted_at)
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                         ON CONFLICT (feed, symbol, kind, from_at) DO UPDATE SET until_at = excluded.until_at,
                             outcome = excluded.outcome, reason = excluded.reason, bars = excluded.bars, noted_at = excluded.noted_at",
                        &[
                            &gap.feed,
                            &gap.symbol,
                            &gap.kind,
                            &gap.from_at,
                            &gap.until_at,
                            &gap.outcome.as_str(),
                            &gap.reason,
                            &gap.bars,
                            &gap.noted_at,
                        ],
                    )
                    .await
                    .doing("writing gaps of market data")?;
            }
            transaction.commit().await.doing("writing gaps of market data")
        })
        .await
    }

    /// Gaps that begin in `[from, until)`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feed_gaps(&self, from: Timestamp, until: Timestamp) -> Result<Vec<FeedGap>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT * FROM feed_gaps WHERE from_at >= $1 AND from_at < $2 ORDER BY from_at, feed, symbol, kind",
                        &[&from, &until],
                    )
                    .await
                    .doing("reading gaps of market data")
            })
            .await?;
        let gap = |row: &Row| {
            Ok(FeedGap {
                feed: row.get("feed"),
                symbol: row.get("symbol"),
                kind: row.get("kind"),
                from_at: row.get("from_at"),
                until_at: row.get("until_at"),
                outcome: row.get::<_, &str>("outcome").parse()?,
                reason: row.get("reason"),
                bars: row.get("bars"),
                noted_at: row.get("noted_at"),
            })
        };
        rows.iter().map(gap).collect()
    }
}
