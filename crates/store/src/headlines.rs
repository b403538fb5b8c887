//! Table `headlines`.

use bellwether::market::{Headline, Symbol};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Result, Store, error::Doing, instruments::symbol_of};

/// A headline and what the table knows besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHeadline {
    /// Hash of its content: the same story is one row.
    pub headline_id: String,
    /// The headline.
    pub headline: Headline,
    /// Where to read on.
    pub url: Option<String>,
}

impl Store {
    /// Writes headlines; those already there are left as they are. Answers how many were new.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn insert_headlines(&self, headlines: &[StoredHeadline]) -> Result<u64> {
        let column = |field: fn(&StoredHeadline) -> &str| headlines.iter().map(field).collect::<Vec<_>>();
        let ids = column(|row| &row.headline_id);
        let symbols = column(|row| row.headline.symbol.as_str());
        let sources = column(|row| &row.headline.source);
        let titles = column(|row| &row.headline.title);
        let published: Vec<Timestamp> = headlines.iter().map(|row| row.headline.at).collect();
        let urls: Vec<Option<&str>> = headlines.iter().map(|row| row.url.as_deref()).collect();
        self.retry(async || {
            self.client()
                .await?
                .execute(
                    "INSERT INTO headlines (headline_id, symbol, published_at, source, title, url)
                     SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
                     ON CONFLICT (headline_id) DO NOTHING",
                    &[&ids, &symbols, &published, &sources, &titles, &urls],
                )
                .await
                .doing("writing headlines")
        })
        .await
    }

    /// Headlines published in `[from, until)`, oldest first; of all symbols when `symbols` is empty.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn headlines(&self, symbols: &[Symbol], from: Timestamp, until: Timestamp) -> Result<Vec<StoredHeadline>> {
        let symbols: Vec<&str> = symbols.iter().map(Symbol::as_str).collect();
        let rows = self
            .retry(async || {
                self.client()
                    .await?
                    .query(
                        "SELECT * FROM headlines WHERE published_at >= $2 AND published_at < $3
                             AND (cardinality($1::text[]) = 0 OR symbol = ANY($1))
                         ORDER BY published_at, headline_id",
                        &[&symbols, &from, &until],
                    )
                    .await
                    .doing("reading headlines")
            })
            .await?;
        let headlines = rows.iter().map(|row| {
            Ok(StoredHeadline {
                headline_id: row.get("headline_id"),
                headline: Headline {
                    symbol: symbol_of(row, "headlines")?,
                    at: row.get("published_at"),
                    source: row.get("source"),
                    title: row.get("title"),
                },
                url: row.get("url"),
            })
        });
        headlines.collect()
    }
}
