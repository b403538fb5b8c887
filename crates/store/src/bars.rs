//! Table `bars`.

use std::{collections::BTreeSet, pin::pin};

use bellwether::market::{Bar, BarFault, Bars, BarsBuilder, Symbol, Timeframe};
use deadpool_postgres::Transaction;
use futures::{SinkExt, TryStreamExt};
use jiff::Timestamp;
use tokio_postgres::error::SqlState;

use crate::{
    Result, Store,
    copy::{COLUMNS, Rows},
    error::Doing,
    instruments::symbol_of,
    partitions::month_of,
};

const WRITING: &str = "writing bars";
const READING: &str = "reading bars";

/// What is stored of one symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct BarCoverage {
    /// The symbol.
    pub symbol: Symbol,
    /// Number of bars.
    pub bars: i64,
    /// Start of the first.
    pub first_open_at: Timestamp,
    /// End of the last.
    pub last_close_at: Timestamp,
}

/// Who gave one symbol's stored bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarOrigin {
    /// The symbol.
    pub symbol: Symbol,
    /// Names of the sources, in order: more than one where several brought in parts.
    pub sources: Vec<String>,
    /// When the last of them was brought in; `None` where that was not kept yet.
    pub written_at: Option<Timestamp>,
}

impl Store {
    /// Writes bars, all or none; a bar that is already there is replaced. Answers how many were new or
    /// changed something.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn write_bars(&self, bars: &Bars, timeframe: Timeframe, source: &str) -> Result<u64> {
        let months: BTreeSet<_> = bars.iter().flat_map(|(_, series)| months_of(series.open_at)).collect();
        if months.is_empty() {
            return Ok(0);
        }
        self.retry(async || {
            self.ensure_partitions(&months).await?;
            // Straight into the table is several times faster, but must not meet a bar that is already there: look first, and
            // if another writer still comes between, merge after all.
            if !self.overlaps(bars, timeframe).await? {
                match self.copy_bars(bars, timeframe, source, Way::Straight).await {
                    Err(error) if error.sql_state() == Some(SqlState::UNIQUE_VIOLATION.code()) => {}
                    other => return other,
                }
            }
            self.copy_bars(bars, timeframe, source, Way::Merged).await
        })
        .await
    }

    /// Whether any symbol has a stored bar between its first and its last new one.
    async fn overlaps(&self, bars: &Bars, timeframe: Timeframe) -> Result<bool> {
        let (mut symbols, mut first, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (symbol, series) in bars.iter() {
            symbols.push(symbol.as_str());
            first.push(instant(series.open_at[0]));
            last.push(instant(series.open_at[series.len() - 1]));
        }
        let row = self
            .client()
            .await?
            .query_one(
                "SELECT EXISTS (SELECT FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS new (symbol, first, last),
                     LATERAL (SELECT FROM bars WHERE bars.symbol = new.symbol AND timeframe = $4
                         AND open_at BETWEEN new.first AND new.last AND open_at BETWEEN $5 AND $6 LIMIT 1) AS stored)",
                &[&symbols, &first, &last, &timeframe.as_str(), &first.iter().min(), &last.iter().max()],
            )
            .await
            .doing(WRITING)?;
        Ok(row.get(0))
    }

    async fn copy_bars(&self, bars: &Bars, timeframe: Timeframe, source: &str, way: Way) -> Result<u64> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.doing(WRITING)?;
        let limit = format!("SET LOCAL statement_timeout = {}", self.options().bulk_timeout.as_millis());
        transaction.batch_execute(&limit).await.doing(WRITING)?;
        let written = match way {
            Way::Straight => copy_rows(&transaction, "bars", bars, timeframe, source).await?,
            Way::Merged => {
                transaction.batch_execute("CREATE TEMP TABLE new_bars (LIKE bars) ON COMMIT DROP").await.doing(WRITING)?;
                copy_rows(&transaction, "new_bars", bars, timeframe, source).await?;
                let merge = format!(
                    "INSERT INTO bars AS stored ({COLUMNS}) SELECT {COLUMNS} FROM new_bars ORDER BY symbol, open_at
                     ON CONFLICT (symbol, timeframe, open_at) DO UPDATE SET
                         close_at = excluded.close_at, open = excluded.open, high = excluded.high, low = excluded.low,
                         close = excluded.close, volume = excluded.volume, vwap = excluded.vwap, trades = excluded.trades,
                         source = excluded.source, written_at = excluded.written_at
                     WHERE (stored.close_at, stored.open, stored.high, stored.low, stored.close, stored.volume, stored.vwap,
                             stored.trades, stored.source)
                         IS DISTINCT FROM (excluded.close_at, excluded.open, excluded.high, excluded.low, excluded.close,
                             excluded.volume, excluded.vwap, excluded.trades, excluded.source)"
                );
                transaction.execute(&merge, &[]).await.doing(WRITING)?
            }
        };
        transaction.commit().await.doing(WRITING)?;
        Ok(written)
    }

    /// The bars of `symbols` that opened at or after `from` and had closed by `until`: none that was not known then.
    ///
    /// A symbol whose stored rows cannot be bars (edited by hand, say) is left out and named among the faults.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read_bars(
        &self,
        symbols: &[Symbol],
        timeframe: Timeframe,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(Bars, Vec<BarFault>)> {
        let names: Vec<&str> = symbols.iter().map(Symbol::as_str).collect();
        self.retry(async || {
            let mut client = self.client().await?;
            let transaction = client.transaction().await.doing(READING)?;
            let limit = format!("SET LOCAL statement_timeout = {}", self.options().bulk_timeout.as_millis());
            transaction.batch_execute(&limit).await.doing(READING)?;
            let mut rows = pin!(
                transaction
                    .query_raw(
                        // The bound on open_at is implied by the one on close_at, but only it spares whole partitions.
                        "SELECT symbol, open_at, close_at, open, high, low, close, volume, vwap, trades FROM bars
                         WHERE symbol = ANY($1::text[]) AND timeframe = $2 AND open_at >= $3 AND open_at < $4 AND close_at <= $4
                         ORDER BY symbol, open_at",
                        [&names as &(dyn tokio_postgres::types::ToSql + Sync), &timeframe.as_str(), &from, &until],
                    )
                    .await
                    .doing(READING)?
            );
            let mut builder = BarsBuilder::default();
            let mut symbol: Option<Symbol> = None;
            while let Some(row) = rows.try_next().await.doing(READING)? {
                if symbol.as_ref().is_none_or(|symbol| symbol.as_str() != row.get::<_, &str>(0)) {
                    symbol = Some(symbol_of(&row, "bars")?);
                }
                let bar = Bar {
                    open_at: row.get::<_, Timestamp>(1).as_microsecond(),
                    close_at: row.get::<_, Timestamp>(2).as_microsecond(),
                    open: row.get(3),
                    high: row.get(4),
                    low: row.get(5),
                    close: row.get(6),
                    volume: row.get(7),
                    vwap: row.get(8),
                    trades: row.get(9),
                };
                if let Some(symbol) = &symbol {
                    builder.push(symbol, bar);
                }
            }
            Ok(builder.finish())
        })
        .await
    }

    /// Who gave the bars that [`Store::read_bars`] reads with the same arguments, in order of symbol.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn bar_origins(
        &self,
        symbols: &[Symbol],
        timeframe: Timeframe,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<BarOrigin>> {
        let names: Vec<&str> = symbols.iter().map(Symbol::as_str).collect();
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT symbol, array_agg(DISTINCT source ORDER BY source) AS sources, max(written_at) AS written_at
                         FROM bars WHERE symbol = ANY($1::text[]) AND timeframe = $2 AND open_at >= $3 AND open_at < $4
                             AND close_at <= $4 GROUP BY symbol ORDER BY symbol",
                        &[&names, &timeframe.as_str(), &from, &until],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        let origins = rows.iter().map(|row| {
            Ok(BarOrigin { symbol: symbol_of(row, "bars")?, sources: row.get("sources"), written_at: row.get("written_at") })
        });
        origins.collect()
    }

    /// What is stored of each symbol at this timeframe, in order of symbol.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn bar_coverage(&self, timeframe: Timeframe) -> Result<Vec<BarCoverage>> {
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT symbol, count(*) AS bars, min(open_at) AS first_open_at, max(close_at) AS last_close_at
                         FROM bars WHERE timeframe = $1 GROUP BY symbol ORDER BY symbol",
                        &[&timeframe.as_str()],
                    )
                    .await
                    .doing(READING)
            })
            .await?;
        let coverage = rows.iter().map(|row| {
            Ok(BarCoverage {
                symbol: symbol_of(row, "bars")?,
                bars: row.get("bars"),
                first_open_at: row.get("first_open_at"),
                last_close_at: row.get("last_close_at"),
            })
        });
        coverage.collect()
    }
}

#[derive(Clone, Copy)]
enum Way {
    Straight,
    Merged,
}

async fn copy_rows(to: &Transaction<'_>, table: &str, bars: &Bars, timeframe: Timeframe, source: &str) -> Result<u64> {
    let sink = to.copy_in(&format!("COPY {table} ({COLUMNS}) FROM STDIN (FORMAT binary)")).await.doing(WRITING)?;
    let mut sink = pin!(sink);
    let mut rows = Rows::new(timeframe, source);
    for (symbol, series) in bars.iter() {
        for row in 0..series.len() {
            if let Some(chunk) = rows.push(symbol, &series, row) {
                sink.send(chunk).await.doing(WRITING)?;
            }
        }
    }
    sink.send(rows.finish()).await.doing(WRITING)?;
    sink.finish().await.doing(WRITING)
}

/// The months of ascending instants, each day looked at once.
fn months_of(open_at: &[i64]) -> BTreeSet<jiff::civil::Date> {
    const DAY: i64 = 86_400_000_000;
    open_at.chunk_by(|a, b| a.div_euclid(DAY) == b.div_euclid(DAY)).map(|day| month_of(day[0])).collect()
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
