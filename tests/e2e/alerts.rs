//! What was written to the outbox arrives: at once, or after the receiver has come back, and never at one that is gone.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bellwether_adapters::FileSource;
use bellwether_jobs::{
    alerts::{AlertContent, Outbox},
    clock::SystemClock,
    config::Config,
    context::Context,
    market::Market,
    schedule::RunEvent,
};
use bellwether_store::{
    AlertKind, ConnectOptions, NewAlert, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use bellwether_tests::folder;
use jiff::Timestamp;
use polars::prelude::*;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A web server that gives `answers` in turn, the last one for ever, and keeps the requests.
fn receiver(answers: &'static [&'static str]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&requests);
    std::thread::spawn(move || {
        for count in 0.. {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let (mut request, mut buffer) = (String::new(), [0; 8192]);
            while !whole(&request) {
                let read = stream.read(&mut buffer).unwrap();
                request.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            kept.lock().unwrap().push(request);
            let answer = answers[count.min(answers.len() - 1)];
            stream.write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
        }
    });
    (port, requests)
}

fn whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    header(head, "content-length").is_some_and(|length| body.len() >= length.parse().unwrap())
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn schedule(busy: u16, gone: u16) -> Config {
    let text = format!(
        r#"
[channels.mail]
kind = "email"
transport = "file"
folder = "outbox"
from = "a@b.example"
to = ["c@d.example"]
[channels.busy]
kind = "webhook"
format = "slack"
url = "http://127.0.0.1:{busy}/"
[channels.gone]
kind = "webhook"
format = "generic"
url = "http://127.0.0.1:{gone}/"
"#
    );
    Config::parse(&text, "test", None).unwrap()
}

/// One recorded minute, so that there is a market at all.
fn market(folder: &Path) -> Market {
    let ts =
        Int64Chunked::from_slice("ts".into(), &[1_773_321_840_000]).into_datetime(TimeUnit::Milliseconds, None).into_series();
    let one = [10.0];
    let mut frame =
        df!("symbol" => ["AAA"], "open" => one, "high" => one, "low" => one, "close" => one, "volume" => [5.0]).unwrap();
    frame.with_column(ts.into_column()).unwrap();
    bellwether::frames::write_parquet(&folder.join("bars.parquet"), &mut frame).unwrap();
    Market::Files(Arc::new(FileSource::open(folder).unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_arrive_once_wherever_they_can() {
    let folder = folder();
    let cluster = Cluster::start(EmbeddedConfig::new(folder.path().join("postgres"), Consent::Granted)).await.unwrap();
    let store = Store::connect(&cluster.url(), ConnectOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let (busy, busy_requests) = receiver(&["503 Busy", "200 OK"]);
    let (gone, gone_requests) = receiver(&["410 Gone"]);
    let market = market(folder.path());
    let context = Arc::new(Context::new(schedule(busy, gone), store.clone(), Arc::new(SystemClock), market, folder.path()));
    let mut events = context.events.subscribe();

    let due_at: Timestamp = "2026-03-12T13:25:00Z".parse().unwrap();
    let content = AlertContent::of_failure("premarket-gap", due_at, "gateway not reachable at 127.0.0.1:4002");
    let alert = |channel: &str, kind| NewAlert {
        alert_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, channel.as_bytes()),
        channel: channel.to_owned(),
        kind,
        subject: content.subject.clone(),
        payload: serde_json::to_value(&content).unwrap(),
        created_at: Timestamp::now(),
    };
    let alerts = [alert("mail", AlertKind::Email), alert("busy", AlertKind::Webhook), alert("gone", AlertKind::Webhook)];
    assert_eq!(store.enqueue_alerts(&alerts).await.unwrap(), 3);
    assert_eq!(store.enqueue_alerts(&alerts).await.unwrap(), 0, "the same alert is the same row");

    let outbox = Outbox::new(Arc::clone(&context), folder.path()).unwrap();
    let stop = CancellationToken::new();
    let settled = async {
        while store.pending_alerts_count().await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.cancel();
    };
    tokio::time::timeout(Duration::from_secs(60), async { tokio::join!(outbox.run(&stop), settled) }).await.unwrap();

    let mails: Vec<_> = std::fs::read_dir(folder.path().join("outbox")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = std::fs::read_to_string(&mails[0]).unwrap();
    assert!(mail.contains(&format!("Message-ID: <{}@bellwether>", alerts[0].alert_id)), "{mail}");

    let requests = busy_requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 2, "refused once, then taken");
    assert_eq!(header(&requests[0], "idempotency-key"), Some(alerts[1].alert_id.to_string().as_str()));
    assert_eq!(requests[0], requests[1], "every attempt is the same request");
    assert_eq!(gone_requests.lock().unwrap().len(), 1, "a receiver that is gone is not asked again");

    let mut outcomes = std::collections::BTreeMap::new();
    while let Ok(event) = events.try_recv() {
        if let RunEvent::Alert { channel, detail, .. } = event {
            outcomes.insert(channel, detail);
        }
    }
    assert!(outcomes["mail"].is_ok() && outcomes["busy"].is_ok(), "{outcomes:?}");
    assert!(outcomes["gone"].as_ref().unwrap_err().contains("410"), "{outcomes:?}");
    drop((outbox, context, store));
    cluster.stop().await.unwrap();
}
