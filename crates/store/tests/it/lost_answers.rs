//! The worst moment to lose a connection: the server has done it, and the answer never arrives.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bellwether_store::{ConnectOptions, RunOutcome, RunStatus, Store, Unrun};
use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::config::Host;

use crate::{
    harness::{Database, at, in_database},
    runs::{alert, hit, new_run},
};

/// A store whose connections pass through us. The first answer to a message that contains `marker` is swallowed, and the
/// connection cut. The counter says how often that has happened.
async fn through_relay(database: &Database, marker: &'static str) -> (Store, Arc<AtomicUsize>) {
    let config: tokio_postgres::Config = database.url.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let password = config.get_password().map(|word| format!(":{}", String::from_utf8_lossy(word))).unwrap_or_default();
    let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
    let url = format!("postgresql://{user}{password}@{}/{name}?sslmode=disable", listener.local_addr().unwrap());
    let cuts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&cuts);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let port = config.get_ports().first().copied().unwrap_or(5432);
            let counter = Arc::clone(&counter);
            match config.get_hosts()[0].clone() {
                Host::Tcp(host) => {
                    let server = TcpStream::connect((host, port)).await.unwrap();
                    tokio::spawn(relay(client, server, marker, counter));
                }
                Host::Unix(directory) => {
                    let server = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await.unwrap();
                    tokio::spawn(relay(client, server, marker, counter));
                }
            }
        }
    });
    (Store::connect(&url, ConnectOptions::default()).await.unwrap(), cuts)
}

async fn relay(
    mut client: TcpStream,
    mut server: impl AsyncReadExt + AsyncWriteExt + Unpin,
    marker: &str,
    cuts: Arc<AtomicUsize>,
) {
    let (mut question, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut armed = false;
    loop {
        tokio::select! {
            length = client.read(&mut question) => match length {
                Ok(length) if length > 0 => {
                    let found = question[..length].windows(marker.len()).any(|window| window == marker.as_bytes());
                    armed |= found && cuts.load(Ordering::SeqCst) == 0;
                    server.write_all(&question[..length]).await.unwrap();
                }
                _ => return,
            },
            length = server.read(&mut answer) => match length {
                Ok(length) if length > 0 && armed => {
                    cuts.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                Ok(length) if length > 0 => client.write_all(&answer[..length]).await.unwrap(),
                _ => return,
            },
        }
    }
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_still_ours() {
    in_database(async |database| {
        let (store, cuts) = through_relay(database, "the-instance").await;
        let claim = store.claim_run(&new_run("gaps", "2026-03-02T14:25:00Z", "the-instance")).await.unwrap();
        assert_eq!((cuts.load(Ordering::SeqCst), store.retries()), (1, 1));
        assert_eq!(store.run(claim.expect("won").run_id).await.unwrap().instance, "the-instance");
        assert_eq!(database.count("SELECT count(*) FROM runs").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_ending_whose_answer_is_lost_is_written_once() {
    in_database(async |database| {
        let claim = database.store.claim_run(&new_run("gaps", "2026-03-02T14:25:00Z", "i")).await.unwrap().unwrap();
        let (store, cuts) = through_relay(database, "COMMIT").await;
        let outcome = RunOutcome {
            hits: vec![hit(1, "AAPL")],
            alerts: vec![alert("a")],
            ..RunOutcome::bare(RunStatus::Succeeded, at("2026-03-02T14:25:09Z"))
        };
        store.finish_run(&claim, &outcome).await.unwrap();
        assert_eq!((cuts.load(Ordering::SeqCst), store.retries()), (1, 1));
        assert_eq!(store.hits(claim.run_id).await.unwrap().len(), 1);
        assert_eq!(store.alerts_of(claim.run_id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_missed_due_time_whose_answer_is_lost_counts_as_recorded() {
    in_database(async |database| {
        let (store, cuts) = through_relay(database, "COMMIT").await;
        let unrun = Unrun {
            job: "gaps".to_owned(),
            kind: "gap_scan".to_owned(),
            due_at: at("2026-03-03T14:25:00Z"),
            status: RunStatus::Missed,
            reason: "the machine was off".to_owned(),
            instance: "i".to_owned(),
            recorded_at: at("2026-03-03T18:00:00Z"),
            alerts: vec![alert("missed")],
        };
        assert!(store.record_unrun(&unrun).await.unwrap());
        assert_eq!(cuts.load(Ordering::SeqCst), 1);
        assert_eq!(database.count("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM alerts)").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_whose_answer_is_lost_is_settled_once() {
    in_database(async |database| {
        database.store.enqueue_alerts(&[alert("a")]).await.unwrap();
        let now = at("2026-03-02T14:26:00Z");
        let claimed = database.store.claim_alerts("w", 1, now, SignedDuration::from_secs(60)).await.unwrap().remove(0);
        let (store, cuts) = through_relay(database, "COMMIT").await;
        store.alert_delivered(&claimed, now, None).await.unwrap();
        assert_eq!(cuts.load(Ordering::SeqCst), 1);
        assert_eq!(database.count("SELECT count(*) FROM deliveries").await, 1);
    })
    .await;
}
