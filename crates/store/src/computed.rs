//! Table `computed`.

use bellwether::market::Symbol;
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Result, RunId, Store, error::Doing, instruments::symbol_of};

/// What a run computed of one symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComputedRow {
    /// The symbol.
    pub symbol: Symbol,
    /// The numbers by name, null where undefined.
    pub numbers: Value,
}

impl Store {
    /// What a run computed, by symbol.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn computed(&self, run_id: RunId) -> Result<Vec<ComputedRow>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query("SELECT symbol, numbers FROM computed WHERE run_id = $1 ORDER BY symbol", &[&run_id.0])
                    .await
                    .doing("reading what was computed")
            })
            .await?;
        rows.iter().map(|row| Ok(ComputedRow { symbol: symbol_of(row, "computed")?, numbers: row.get("numbers") })).collect()
    }

    /// Removes what runs that ended before `before` computed; the runs stay. Answers how many rows it were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_computed(&self, before: Timestamp) -> Result<u64> {
        self.retry(async || {
            self.client()
                .await?
                .execute(
                    "DELETE FROM computed USING runs
                     WHERE runs.run_id = computed.run_id AND coalesce(runs.finished_at, runs.due_at) < $1",
                    &[&before],
                )
                .await
                .doing("removing what was computed long ago")
        })
        .await
    }
}

pub(crate) async fn insert_computed(transaction: &Transaction<'_>, run_id: RunId, rows: &[ComputedRow]) -> Result<()> {
    let symbols: Vec<&str> = rows.iter().map(|row| row.symbol.as_str()).collect();
    let numbers: Vec<&Value> = rows.iter().map(|row| &row.numbers).collect();
    transaction
        .execute(
            "INSERT INTO computed (run_id, symbol, numbers) SELECT $1, * FROM unnest($2::text[], $3::jsonb[])",
            &[&run_id.0, &symbols, &numbers],
        )
        .await
        .doing("writing what was computed")?;
    Ok(())
}
