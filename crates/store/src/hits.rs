//! Table `scan_hits`.

use bellwether::market::Symbol;
use deadpool_postgres::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Result, RunId, Store, error::Doing, instruments::symbol_of};

/// One line of a scan's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HitRow {
    /// Place in the result, 1 is best.
    pub rank: i32,
    /// The symbol.
    pub symbol: Symbol,
    /// `long` or `short`, when the scan says.
    pub side: Option<String>,
    /// The scan's score.
    pub score: Option<f64>,
    /// Gap from the previous close, percent.
    pub gap_pct: Option<f64>,
    /// Last price, USD.
    pub last: Option<f64>,
    /// Previous close, USD.
    pub prev_close: Option<f64>,
    /// Shares traded so far.
    pub volume: Option<f64>,
    /// All numbers that made it a hit.
    pub numbers: Value,
}

impl Store {
    /// A run's hits, best first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn hits(&self, run_id: RunId) -> Result<Vec<HitRow>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query("SELECT * FROM scan_hits WHERE run_id = $1 ORDER BY rank", &[&run_id.0])
                    .await
                    .doing("reading hits")
            })
            .await?;
        let hits = rows.iter().map(|row| {
            Ok(HitRow {
                rank: row.get("rank"),
                symbol: symbol_of(row, "scan_hits")?,
                side: row.get("side"),
                score: row.get("score"),
                gap_pct: row.get("gap_pct"),
                last: row.get("last"),
                prev_close: row.get("prev_close"),
                volume: row.get("volume"),
                numbers: row.get("numbers"),
            })
        });
        hits.collect()
    }
}

pub(crate) async fn insert_hits(transaction: &Transaction<'_>, run_id: RunId, hits: &[HitRow]) -> Result<()> {
    let number = |field: fn(&HitRow) -> Option<f64>| hits.iter().map(field).collect::<Vec<_>>();
    let ranks: Vec<i32> = hits.iter().map(|hit| hit.rank).collect();
    let symbols: Vec<&str> = hits.iter().map(|hit| hit.symbol.as_str()).collect();
    let sides: Vec<Option<&str>> = hits.iter().map(|hit| hit.side.as_deref()).collect();
    let numbers: Vec<&Value> = hits.iter().map(|hit| &hit.numbers).collect();
    transaction
        .execute(
            "INSERT INTO scan_hits (run_id, rank, symbol, side, score, gap_pct, last, prev_close, volume, numbers)
             SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
                 $9::float8[], $10::jsonb[])",
            &[
                &run_id.0,
                &ranks,
                &symbols,
                &sides,
                &number(|hit| hit.score),
                &number(|hit| hit.gap_pct),
                &number(|hit| hit.last),
                &number(|hit| hit.prev_close),
                &number(|hit| hit.volume),
                &numbers,
            ],
        )
        .await
        .doing("writing hits")?;
    Ok(())
}
