//! Many requests at once, on clocks of several speeds: never more messages in a second than the gateway allows.

use std::time::{Duration, Instant};

use bellwether::market::{Calendar, MissingReason};
use bellwether_gateway::Farm;
use futures::{StreamExt as _, stream};

use crate::market::{SESSION, Simulated, at};

#[tokio::test]
async fn a_fast_clock_compresses_pacing_and_keeps_to_it() {
    let simulated = Simulated::start(at(9, 25), 200.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(150)).await.instruments;
    let yesterday = Calendar.previous(SESSION).unwrap();
    let began = (Instant::now(), simulated.clock.now());
    let fetches = instruments.iter().map(|it| session.minute_bars(it, yesterday.pre_open, yesterday.post_close));
    let fetched: Vec<_> = stream::iter(fetches.collect::<Vec<_>>()).buffer_unordered(60).collect().await;
    let simulated_time = simulated.clock.now().duration_since(began.1);
    println!("150 sessions of minute bars in {:?}, {simulated_time} on the clock", began.0.elapsed());
    assert!(fetched.iter().all(Result::is_ok));
    // 150 messages, the first 45 at once.
    assert!(simulated_time.as_secs() >= 2, "{simulated_time}");
    simulated.end(session).await;
}

#[tokio::test]
async fn at_the_speed_of_real_time_messages_wait() {
    let simulated = Simulated::start(at(9, 25), 1.0).await;
    let session = simulated.session().await;
    let began = Instant::now();
    session.qualify(&simulated.symbols(120)).await;
    println!("120 contracts in {:?}", began.elapsed());
    assert!(began.elapsed() >= Duration::from_secs(2));
    simulated.end(session).await;
}

#[tokio::test]
async fn no_answer_is_a_timeout_and_not_no_data() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    simulated.gateway.faults().farm(Farm::SecurityDefinition, true);
    let began = Instant::now();
    let qualified = session.qualify(&simulated.symbols(3)).await;
    assert!(qualified.instruments.is_empty());
    assert!(qualified.missing.iter().all(|missing| missing.reason == MissingReason::Timeout), "{:?}", qualified.missing);
    assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&began.elapsed()), "{:?}", began.elapsed());
    simulated.gateway.faults().farm(Farm::SecurityDefinition, false);
    assert_eq!(session.qualify(&simulated.symbols(3)).await.instruments.len(), 3);
    simulated.end(session).await;
}
