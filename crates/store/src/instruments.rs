//! Table `instruments`.

use bellwether::market::{Instrument, InstrumentKind, Symbol};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;

use crate::{Result, Store, StoreError, error::Doing};

impl Store {
    /// Adds or updates instruments, all or none. What is unknown in `instruments` (an empty name, no contract id, …) keeps
    /// its stored value. A symbol that comes twice counts once, the last time. Answers how many rows were written.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn upsert_instruments(&self, instruments: &[Instrument], updated_at: Timestamp) -> Result<u64> {
        let by_symbol: std::collections::BTreeMap<&str, &Instrument> =
            instruments.iter().map(|instrument| (instrument.symbol.as_str(), instrument)).collect();
        let column = |field: fn(&Instrument) -> &str| by_symbol.values().map(|i| field(i)).collect::<Vec<_>>();
        let symbols = column(|i| i.symbol.as_str());
        let names = column(|i| &i.name);
        let kinds = column(|i| i.kind.as_str());
        let exchanges = column(|i| &i.primary_exchange);
        let contracts: Vec<Option<i32>> = by_symbol.values().map(|i| i.contract_id).collect();
        let floats: Vec<Option<f64>> = by_symbol.values().map(|i| i.float_shares).collect();
        self.retry(async || {
            self.client()
                .await?
                .execute(
                    "INSERT INTO instruments AS known (symbol, name, kind, primary_exchange, contract_id, float_shares, updated_at)
                     SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float8[])
                     ON CONFLICT (symbol) DO UPDATE SET
                         name = coalesce(nullif(excluded.name, ''), known.name),
                         kind = excluded.kind,
                         primary_exchange = coalesce(nullif(excluded.primary_exchange, ''), known.primary_exchange),
                         contract_id = coalesce(excluded.contract_id, known.contract_id),
                         float_shares = coalesce(excluded.float_shares, known.float_shares),
                         updated_at = excluded.updated_at",
                    &[&symbols, &names, &kinds, &exchanges, &contracts, &floats, &updated_at],
                )
                .await
                .doing("writing instruments")
        })
        .await
    }

    /// All instruments, in order of symbol.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn instruments(&self) -> Result<Vec<Instrument>> {
        let rows = self
            .retry(async || {
                self.client().await?.query("SELECT * FROM instruments ORDER BY symbol", &[]).await.doing("reading instruments")
            })
            .await?;
        rows.iter().map(instrument).collect()
    }

    /// The stored instrument, if its contract was looked up less than `at_most` before `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn qualified_instrument(
        &self,
        symbol: &Symbol,
        now: Timestamp,
        at_most: SignedDuration,
    ) -> Result<Option<Instrument>> {
        let since = now.saturating_sub(at_most).unwrap_or(Timestamp::MIN);
        let row = self
            .retry(async || {
                self.client()
                    .await?
                    .query_opt(
                        "SELECT * FROM instruments WHERE symbol = $1 AND contract_id IS NOT NULL AND qualified_at >= $2",
                        &[&symbol.as_str(), &since],
                    )
                    .await
                    .doing("reading an instrument")
            })
            .await?;
        row.as_ref().map(instrument).transpose()
    }

    /// Keeps a contract as looked up at `now`; `None` forgets the one that is kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn qualify_instrument(&self, symbol: &Symbol, contract: Option<&Instrument>, now: Timestamp) -> Result<()> {
        if let Some(instrument) = contract {
            self.upsert_instruments(std::slice::from_ref(instrument), now).await?;
        }
        let at = contract.map(|_| now);
        self.retry(async || {
            self.client()
                .await?
                .execute("UPDATE instruments SET qualified_at = $2 WHERE symbol = $1", &[&symbol.as_str(), &at])
                .await
                .doing("writing an instrument")
                .map(drop)
        })
        .await
    }
}

fn instrument(row: &Row) -> Result<Instrument> {
    let kind: &str = row.get("kind");
    Ok(Instrument {
        symbol: symbol_of(row, "instruments")?,
        name: row.get("name"),
        kind: [InstrumentKind::Stock, InstrumentKind::Etf]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| StoreError::Value { table: "instruments", column: "kind", found: format!("`{kind}`") })?,
        primary_exchange: row.get("primary_exchange"),
        contract_id: row.get("contract_id"),
        float_shares: row.get("float_shares"),
    })
}

/// The row's column `symbol`.
pub(crate) fn symbol_of(row: &Row, table: &'static str) -> Result<Symbol> {
    let text: &str = row.get("symbol");
    Symbol::new(text).map_err(|_| StoreError::Value { table, column: "symbol", found: format!("`{text}`") })
}
