//! A fresh database for each test.

use std::{
    os::unix::fs::PermissionsExt,
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
};

use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use futures::FutureExt;
use jiff::Timestamp;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// One test's database.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) store: Store,
}

impl Database {
    /// A connection past the store's pool, for looking behind the scenes.
    pub(crate) async fn client(&self) -> Client {
        client(&self.url).await
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

/// Runs `test` in a migrated database, and drops that afterwards, come what may.
pub(crate) async fn in_database(test: impl AsyncFnOnce(&Database)) {
    in_empty_database(async |database| {
        database.store.migrate().await.unwrap();
        test(database).await;
    })
    .await;
}

/// Runs `test` in a database without tables.
pub(crate) async fn in_empty_database(test: impl AsyncFnOnce(&Database)) {
    let (server, cluster) = match std::env::var("BELLWETHER_TEST_DATABASE_URL") {
        Ok(url) => (url, None),
        Err(_) => {
            let cluster = Cluster::start(shared_cluster()).await.unwrap();
            (cluster.url(), Some(cluster))
        }
    };
    let admin = client(&server).await;
    let name = format!("bellwether_test_{}", Uuid::new_v4().simple());
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let url = with_database(&server, &name);
    let store = Store::connect(&url, ConnectOptions::default()).await.unwrap();
    let database = Database { url, store };
    let outcome = AssertUnwindSafe(test(&database)).catch_unwind().await;
    drop(database);
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Some(cluster) = cluster {
        cluster.stop().await.unwrap();
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// All tests, and all runs of them, share this cluster; the last to leave stops it.
fn shared_cluster() -> EmbeddedConfig {
    let path = std::env::temp_dir().join("bellwether-store-tests");
    std::fs::create_dir_all(&path).unwrap();
    EmbeddedConfig::new(path, Consent::Granted)
}

/// A directory that the server's account can enter.
pub(crate) fn open_directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

pub(crate) fn embedded(directory: &Path) -> EmbeddedConfig {
    EmbeddedConfig::new(directory, Consent::Granted)
}

pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// `url` with another database.
pub(crate) fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let (server, _) = base.rsplit_once('/').unwrap();
    format!("{server}/{name}{query}")
}

/// Where the server's programs are, as the cluster chose them.
pub(crate) fn program_of(pgdata: &Path) -> PathBuf {
    let pid = std::fs::read_to_string(pgdata.join("postmaster.pid")).unwrap();
    std::fs::read_link(format!("/proc/{}/exe", pid.lines().next().unwrap())).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
