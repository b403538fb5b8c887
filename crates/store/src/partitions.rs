//! The monthly partitions of `bars`.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{Result, Store, error::Doing};

/// Key of the advisory lock under which partitions are made: "bw_parts" in ASCII.
const LOCK: i64 = 0x62_77_5f_70_61_72_74_73;

/// First day of the UTC month of an instant in microseconds since the epoch.
pub(crate) fn month_of(micros: i64) -> Date {
    let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

impl Store {
    /// Makes the partitions of `months` that are missing. Its own transaction, finished before the rows come, so that no
    /// writer holds the table's lock while it copies.
    pub(crate) async fn ensure_partitions(&self, months: &BTreeSet<Date>) -> Result<()> {
        let doing = "making the month's partition of bars";
        let mut client = self.client().await?;
        if missing(&client, months).await?.is_empty() {
            return Ok(());
        }
        let transaction = client.transaction().await.doing(doing)?;
        // Two writers may come to a new month at once: CREATE TABLE IF NOT EXISTS alone can fail on the catalog's unique index.
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.doing(doing)?;
        for month in missing(transaction.client(), months).await? {
            let (name, next) = (name_of(month), month.saturating_add(1.month()));
            // Made aside and attached: PARTITION OF would lock out readers of all bars.
            transaction
                .batch_execute(&format!(
                    "CREATE TABLE {name} (LIKE bars INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
                     ALTER TABLE bars ATTACH PARTITION {name} FOR VALUES FROM ('{month}T00:00:00Z') TO ('{next}T00:00:00Z')"
                ))
                .await
                .doing(doing)?;
        }
        transaction.commit().await.doing(doing)
    }
}

async fn missing(client: &tokio_postgres::Client, months: &BTreeSet<Date>) -> Result<Vec<Date>> {
    let names: Vec<String> = months.iter().map(|month| name_of(*month)).collect();
    let rows = client
        .query(
            "SELECT child.relname FROM pg_inherits
             JOIN pg_class child ON child.oid = inhrelid
             WHERE inhparent = 'bars'::regclass AND child.relname = ANY($1::text[])",
            &[&names],
        )
        .await
        .doing("looking for the partitions of bars")?;
    let present: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok(months.iter().filter(|month| !present.contains(&name_of(**month))).copied().collect())
}

fn name_of(month: Date) -> String {
    format!("bars_y{:04}m{:02}", month.year(), month.month())
}
