//! Live market data that fails is told and shown, and so is its end: real gateway, real database, the program's own `status`.

use std::{sync::Arc, time::Duration};

use bellwether::market::Clock;
use bellwether_adapters::ib::{IbConfig, IbSession};
use bellwether_gateway::{
    Farm, Gateway, GatewayConfig, SimClock,
    generator::{MarketSpec, generate},
};
use bellwether_jobs::{
    alerts::AlertContent,
    config::Config,
    context::Context,
    market::{IbLink, Market},
    watch::watch,
};
use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use bellwether_tests::{folder, run};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

const SCHEDULE: &str = r#"
[channels.mail]
kind = "email"
transport = "file"
folder = "outbox"
from = "a@b.example"
to = ["c@d.example"]
[watch]
channels = ["mail"]
"#;

/// What was told so far, oldest first.
async fn told(store: &Store, now: Timestamp) -> Vec<AlertContent> {
    // A lease of no length: they can be claimed again.
    let alerts = store.claim_alerts("test", 100, now, SignedDuration::ZERO).await.unwrap();
    let mut contents: Vec<AlertContent> =
        alerts.into_iter().map(|alert| serde_json::from_value(alert.payload).unwrap()).collect();
    contents.sort_by_key(|content| content.as_of);
    contents
}

/// Waits until something told satisfies `wanted`.
async fn wait_for(store: &Store, clock: &SimClock, wanted: impl Fn(&AlertContent) -> bool) -> AlertContent {
    for _ in 0..600 {
        if let Some(content) = told(store, clock.now()).await.into_iter().find(&wanted) {
            return content;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not told within a minute: {:?}", told(store, clock.now()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_and_a_broken_farm_are_told_once_and_so_is_their_end() {
    let data = folder();
    let cluster = Cluster::start(EmbeddedConfig::new(data.path().join("postgres"), Consent::Granted)).await.unwrap();
    let store = Store::connect(&cluster.url(), ConnectOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let market = generate(&MarketSpec { symbols: 13, history_sessions: 2, ..MarketSpec::default() }).unwrap();
    let start: Timestamp = "2026-03-10T14:00:00Z".parse().unwrap();
    let clock = SimClock::new(start, 60.0);
    let gateway = Gateway::start(GatewayConfig::default(), Arc::new(market.tape), Arc::clone(&clock)).await.unwrap();
    let config = Config::parse(SCHEDULE, "test", None).unwrap();
    let ib = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
    let link = IbLink::new(ib.clone(), Arc::clone(&clock) as Arc<dyn Clock>);
    let context =
        Context::new(config, store.clone(), Arc::clone(&clock) as Arc<dyn Clock>, Market::Ib(Arc::new(link)), data.path());
    let session = Arc::new(IbSession::start(ib, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap());
    let context = Arc::new(context);
    let stop = CancellationToken::new();
    let watching = tokio::spawn({
        let (context, session, stop) = (Arc::clone(&context), Arc::clone(&session), stop.clone());
        async move { watch(&context, &session, &stop).await }
    });

    gateway.faults().farm(Farm::MarketData, true);
    let broken = wait_for(&store, &clock, |content| content.subject.contains("farm")).await;
    assert!(broken.subject.starts_with("Market data:") && broken.subject.contains("is broken"), "{}", broken.subject);
    gateway.faults().farm(Farm::MarketData, false);
    wait_for(&store, &clock, |content| content.subject.contains("well again") && content.subject.contains("farm")).await;

    gateway.faults().refuse_connections(true);
    gateway.faults().kill_sockets();
    let lost = wait_for(&store, &clock, |content| content.subject.contains("no connection")).await;
    assert!(lost.as_of.duration_since(lost.due_at) >= SignedDuration::from_secs(90), "not before it has lasted");
    let shown = run(data.path(), &["status", "--since", "99999h"]);
    assert!(!shown.ok && shown.out.contains("not connected"), "{}{}", shown.out, shown.err);
    gateway.faults().refuse_connections(false);
    wait_for(&store, &clock, |content| content.subject.contains("well again") && content.subject.contains("no connection")).await;

    stop.cancel();
    watching.await.unwrap();
    let all = told(&store, clock.now()).await;
    assert_eq!(all.len(), 4, "each once: {:?}", all.iter().map(|content| &content.subject).collect::<Vec<_>>());
    let statuses = store.feed_statuses().await.unwrap();
    assert_eq!(statuses.len(), 1);
    assert_eq!(statuses[0].health["problem"], "closed", "its last word");
    let shown = run(data.path(), &["status", "--json"]).json();
    assert_eq!(shown["feeds"][0]["running"], false, "that process' clock was years away");
    session.shutdown().await;
    gateway.shutdown().await;
    drop((context, store));
    cluster.stop().await.unwrap();
}
