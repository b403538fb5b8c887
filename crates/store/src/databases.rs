//! A fresh database in place of an old one, for programs that begin anew each time.

use std::time::Duration;

use crate::{Result, Store, StoreError, error::Doing, target::Target, tls};

/// Longest wait for the statements here.
const LIMIT: Duration = Duration::from_secs(30);

/// Makes the database that `url` names empty: the old one is kept under its name with `_previous`, replacing what was
/// kept before.
///
/// # Errors
/// When another program is connected to it, or the account may not create databases.
pub async fn renew_database(url: &str) -> Result<()> {
    let mut target = Target::parse(url)?;
    let shown = target.name();
    let connector = tls::connector(&target)?;
    let name = target.config.get_dbname().unwrap_or(crate::embedded::NAME).to_owned();
    target.config.dbname("postgres").connect_timeout(LIMIT);
    let connected = target.config.connect(connector).await;
    let (client, connection) = connected.map_err(|source| StoreError::Connect {
        target: shown,
        advice: "is another program starting or stopping the server?",
        source,
    })?;
    let connection = tokio::spawn(connection);
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let (now, previous) = (quoted(&name), quoted(&format!("{name}_previous")));
    let doing = "setting the old database aside";
    client.batch_execute(&format!("SET statement_timeout = {}", LIMIT.as_millis())).await.doing(doing)?;
    // A call that was cut off between the two may have left none.
    let there = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.doing(doing)?.is_some();
    if there {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {previous}")).await.doing(doing)?;
        client.batch_execute(&format!("ALTER DATABASE {now} RENAME TO {previous}")).await.doing(doing)?;
    }
    client.batch_execute(&format!("CREATE DATABASE {now}")).await.doing(doing)?;
    drop(client);
    // Its end is the server's; there is nothing left to wait for.
    connection.abort();
    Ok(())
}

impl Store {
    /// The server's clock, to be compared with this machine's. Nothing else here reads it.
    ///
    /// # Errors
    /// [`StoreError::Connect`], [`StoreError::Timeout`] and [`StoreError::Statement`].
    pub async fn server_clock(&self) -> Result<jiff::Timestamp> {
        let doing = "reading the server's clock";
        let row = self.client().await?.query_one("SELECT clock_timestamp()", &[]).await.doing(doing)?;
        row.try_get(0).doing(doing)
    }
}
