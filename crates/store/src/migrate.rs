//! The schema: applying migrations, and refusing a schema that is not this program's.

use std::time::Duration;

use deadpool_postgres::Object;

use crate::{Result, Store, StoreError, error::Doing};

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Key of the advisory lock under which migrations run: "bellweth" in ASCII.
const LOCK: i64 = 0x62_65_6c_6c_77_65_74_68;

/// What [`Store::migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// Migrations applied now, in order; empty when there was nothing to do.
    pub applied: Vec<String>,
    /// Version of the schema afterwards.
    pub version: i32,
}

/// Latest schema version that this program knows.
pub fn known_schema_version() -> i32 {
    embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

impl Store {
    /// Brings the schema up to date. Safe to call at every start and from several processes at once.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`], [`StoreError::SchemaNewer`] (nothing is changed), [`StoreError::Migration`], and
    /// [`StoreError::Timeout`] when another process migrates for longer than the bulk timeout.
    pub async fn migrate(&self) -> Result<MigrationReport> {
        self.refuse_read_only().await?;
        let mut client = self.client().await?;
        self.lock_schema(&client).await?;
        let outcome = self.migrate_locked(&mut client).await;
        // The lock belongs to the session. If it cannot be given back the session must go, not return to the pool.
        if client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.is_err()
            || client.batch_execute(&set_timeout(self.options().statement_timeout)).await.is_err()
        {
            drop(Object::take(client));
        }
        outcome
    }

    async fn lock_schema(&self, client: &Object) -> Result<()> {
        let limit = self.options().bulk_timeout;
        let waiting = async {
            loop {
                let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await.doing("locking the schema")?;
                if row.get(0) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(limit, waiting).await.unwrap_or_else(|_| {
            Err(StoreError::Timeout {
                doing: "waiting for another process's migration",
                target: self.target().to_owned(),
                after: limit,
            })
        })
    }

    async fn migrate_locked(&self, client: &mut Object) -> Result<MigrationReport> {
        let known = known_schema_version();
        let found = applied_version(client).await?;
        if found > known {
            return Err(StoreError::SchemaNewer { found, known });
        }
        client.batch_execute(&set_timeout(self.options().bulk_timeout)).await.doing("preparing the migration")?;
        let connection: &mut tokio_postgres::Client = client;
        let report = embedded::migrations::runner().run_async(connection).await.map_err(|source| {
            let problem = match source.kind() {
                refinery::error::Kind::Connection(what, cause) => match cause.downcast_ref::<tokio_postgres::Error>() {
                    Some(cause) => format!("{what}: {}", crate::error::describe(cause)),
                    None => format!("{what}: {cause}"),
                },
                other => other.to_string(),
            };
            StoreError::Migration { target: self.target().to_owned(), problem, source: Box::new(source) }
        })?;
        let applied: Vec<String> = report.applied_migrations().iter().map(ToString::to_string).collect();
        if !applied.is_empty() {
            tracing::info!(target = self.target(), ?applied, "schema migrated");
        }
        Ok(MigrationReport { applied, version: known })
    }

    async fn refuse_read_only(&self) -> Result<()> {
        let doing = "asking whether the database takes writes";
        let row = self
            .client()
            .await?
            .query_one("SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean", &[])
            .await
            .doing(doing)?;
        let refuse = |why| Err(StoreError::ReadOnly { target: self.target().to_owned(), why });
        if row.try_get(0).doing(doing)? {
            return refuse("it is a standby server");
        }
        if row.try_get(1).doing(doing)? {
            return refuse("default_transaction_read_only is on");
        }
        Ok(())
    }

    /// Version of the schema in the database, 0 when it has none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn schema_version(&self) -> Result<i32> {
        applied_version(&*self.client().await?).await
    }

    /// Checks that the schema is exactly this program's, changing nothing: for those who only read.
    ///
    /// # Errors
    /// [`StoreError::SchemaNewer`], [`StoreError::SchemaOlder`].
    pub async fn check_schema(&self) -> Result<()> {
        let (found, known) = (self.schema_version().await?, known_schema_version());
        match found.cmp(&known) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(StoreError::SchemaNewer { found, known }),
            std::cmp::Ordering::Less => Err(StoreError::SchemaOlder { found, known }),
        }
    }
}

async fn applied_version(client: &tokio_postgres::Client) -> Result<i32> {
    let doing = "reading the schema's version";
    let there = client.query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[]).await.doing(doing)?;
    if !there.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client.query_one("SELECT coalesce(max(version), 0) FROM refinery_schema_history", &[]).await.doing(doing)?;
    row.try_get(0).doing(doing)
}

fn set_timeout(limit: Duration) -> String {
    format!("SET statement_timeout = {}", limit.as_millis())
}
