//! Rows a second for a million minute bars: written new, written again, read; and how fast the server takes the same rows
//! when nothing of ours is in the way (`generate_series` into a table of the same shape).
//!
//! `cargo bench -p bellwether-store --bench copy_bars`, against `BELLWETHER_TEST_DATABASE_URL` (an empty database) or an
//! embedded cluster.

#![allow(clippy::unwrap_used, reason = "a benchmark ends where it fails")]

use std::{os::unix::fs::PermissionsExt, time::Instant};

use bellwether::market::{Bar, BarsBuilder, Symbol, Timeframe};
use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use jiff::Timestamp;

const SYMBOLS: i64 = 500;
const BARS: i64 = 2000;
const MINUTE: i64 = 60_000_000;

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (url, cluster) = match std::env::var("BELLWETHER_TEST_DATABASE_URL") {
        Ok(url) => (url, None),
        Err(_) => {
            let config = EmbeddedConfig::new(directory.path(), Consent::from_environment());
            let cluster = Cluster::start(config).await.unwrap();
            (cluster.url(), Some(cluster))
        }
    };
    let store = Store::connect(&url, ConnectOptions::default()).await.unwrap();
    store.migrate().await.unwrap();

    let start: Timestamp = "2026-03-02T14:30:00Z".parse().unwrap();
    let mut builder = BarsBuilder::default();
    for n in 0..SYMBOLS {
        let symbol = Symbol::new(&format!("S{n:04}")).unwrap();
        builder.extend(
            &symbol,
            (0..BARS).map(|row| {
                let open_at = start.as_microsecond() + row * MINUTE;
                let price = 50.0 + (row as f64 / 100.0).sin();
                Bar {
                    open_at,
                    close_at: open_at + MINUTE,
                    open: price,
                    high: price + 0.1,
                    low: price - 0.1,
                    close: price + 0.05,
                    volume: 1000.0,
                    vwap: Some(price),
                    trades: None,
                }
            }),
        );
    }
    let (bars, _) = builder.finish();
    let until: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();

    let began = Instant::now();
    store.write_bars(&bars, Timeframe::Min1, "bench").await.unwrap();
    report("write, all new", began);
    let began = Instant::now();
    store.write_bars(&bars, Timeframe::Min1, "bench").await.unwrap();
    report("write again, no change", began);
    let began = Instant::now();
    store.write_bars(&bars, Timeframe::Min1, "other").await.unwrap();
    report("write again, all changed", began);
    let began = Instant::now();
    let (back, _) = store.read_bars(bars.symbols(), Timeframe::Min1, start, until).await.unwrap();
    report("read", began);
    assert_eq!(back.len(), bars.len());
    let began = Instant::now();
    store.bar_coverage(Timeframe::Min1).await.unwrap();
    report("coverage", began);

    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE peer (LIKE bars INCLUDING ALL)").await.unwrap();
    let began = Instant::now();
    let peer = format!(
        "INSERT INTO peer SELECT 'S' || to_char(s, 'FM0000'), '1m', t, t + interval '1 minute', 50, 51, 49, 50, 1000, 50, NULL, 'bench'
         FROM generate_series(1, {SYMBOLS}) s, generate_series('2026-03-02Z'::timestamptz, '2026-03-02Z'::timestamptz + interval '{} minutes', '1 minute') t",
        BARS - 1
    );
    client.batch_execute(&peer).await.unwrap();
    report("peer: the server alone", began);
    client.batch_execute("DROP TABLE peer").await.unwrap();
    drop(store);
    if let Some(cluster) = cluster {
        cluster.stop().await.unwrap();
    }
}

fn report(what: &str, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    println!("{what:<28}{:>10.0} rows/s  ({seconds:.2} s)", (SYMBOLS * BARS) as f64 / seconds);
}
