//! Table `market_conditions`.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Result, Store, error::Doing};

/// The market as a whole at one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MarketConditions {
    /// The instant.
    pub as_of: Timestamp,
    /// SPY against its previous close, percent.
    pub spy_change_pct: Option<f64>,
    /// QQQ against its previous close, percent.
    pub qqq_change_pct: Option<f64>,
    /// Share of the universe that is up, 0 to 1.
    pub breadth: Option<f64>,
    /// Whatever else was measured.
    pub details: Value,
}

impl Store {
    /// Conditions in `[from, until)`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn market_conditions(&self, from: Timestamp, until: Timestamp) -> Result<Vec<MarketConditions>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query("SELECT * FROM market_conditions WHERE as_of >= $1 AND as_of < $2 ORDER BY as_of", &[&from, &until])
                    .await
                    .doing("reading market conditions")
            })
            .await?;
        let conditions = rows.iter().map(|row| MarketConditions {
            as_of: row.get("as_of"),
            spy_change_pct: row.get("spy_change_pct"),
            qqq_change_pct: row.get("qqq_change_pct"),
            breadth: row.get("breadth"),
            details: row.get("details"),
        });
        Ok(conditions.collect())
    }
}

/// What was measured of an instant is added to what is known of it: several jobs measure different things at one time.
pub(crate) async fn upsert_conditions(transaction: &Transaction<'_>, conditions: &MarketConditions) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO market_conditions (as_of, spy_change_pct, qqq_change_pct, breadth, details) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (as_of) DO UPDATE SET
                 spy_change_pct = coalesce(excluded.spy_change_pct, market_conditions.spy_change_pct),
                 qqq_change_pct = coalesce(excluded.qqq_change_pct, market_conditions.qqq_change_pct),
                 breadth = coalesce(excluded.breadth, market_conditions.breadth),
                 details = market_conditions.details || excluded.details",
            &[
                &conditions.as_of,
                &conditions.spy_change_pct,
                &conditions.qqq_change_pct,
                &conditions.breadth,
                &conditions.details,
            ],
        )
        .await
        .doing("writing market conditions")?;
    Ok(())
}
