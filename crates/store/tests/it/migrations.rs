use bellwether_store::{ConnectOptions, MigrationReport, Store, StoreError, known_schema_version};

use crate::harness::{in_database, in_empty_database};

#[tokio::test]
async fn migrating_twice_changes_nothing_the_second_time() {
    in_empty_database(async |database| {
        assert!(matches!(database.store.check_schema().await, Err(StoreError::SchemaOlder { found: 0, .. })));
        let first = database.store.migrate().await.unwrap();
        assert_eq!(first.applied.len(), usize::try_from(known_schema_version()).unwrap());
        let second = database.store.migrate().await.unwrap();
        assert_eq!(second, MigrationReport { applied: vec![], version: known_schema_version() });
        database.store.check_schema().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_processes_may_migrate_at_once() {
    in_empty_database(async |database| {
        let migrations = (0..8).map(|_| async {
            let store = Store::connect(&database.url, ConnectOptions::default()).await.unwrap();
            store.migrate().await.unwrap().applied.len()
        });
        let applied = futures::future::join_all(migrations).await;
        let known = usize::try_from(known_schema_version()).unwrap();
        assert_eq!(applied.iter().filter(|count| **count == known).count(), 1, "{applied:?}");
        assert_eq!(applied.iter().filter(|count| **count == 0).count(), 7, "{applied:?}");
    })
    .await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    in_database(async |database| {
        let client = database.client().await;
        let sql = "INSERT INTO refinery_schema_history VALUES (9999, 'from_the_future', '2030-01-01T00:00:00Z', '1')";
        client.batch_execute(sql).await.unwrap();
        for error in [database.store.migrate().await.unwrap_err(), database.store.check_schema().await.unwrap_err()] {
            assert!(
                matches!(error, StoreError::SchemaNewer { found: 9999, known } if known == known_schema_version()),
                "{error}"
            );
            assert!(error.to_string().contains("upgrade Bellwether"), "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_read_only_database_is_named_as_such() {
    in_empty_database(async |database| {
        let name: String = database.client().await.query_one("SELECT current_database()", &[]).await.unwrap().get(0);
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        database.client().await.batch_execute(&sql).await.unwrap();
        let store = Store::connect(&database.url, ConnectOptions::default()).await.unwrap();
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        assert_eq!(store.schema_version().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_failing_migration_says_why() {
    in_empty_database(async |database| {
        database.client().await.batch_execute("CREATE TABLE runs ()").await.unwrap();
        let error = database.store.migrate().await.unwrap_err();
        assert!(error.to_string().contains("relation \"runs\" already exists"), "{error}");
        assert_eq!(database.store.schema_version().await.unwrap(), 2, "what came before stays");
        database.client().await.batch_execute("DROP TABLE runs").await.unwrap();
        database.store.migrate().await.unwrap();
    })
    .await;
}
