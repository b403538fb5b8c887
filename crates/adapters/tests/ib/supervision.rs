//! The connection comes back by itself, dead peers are noticed, and farms are not sockets.

use std::{sync::Arc, time::Duration};

use bellwether::market::Clock;
use bellwether_adapters::{
    AdapterError,
    ib::{FarmKind, FarmState, HealthChange, HealthEvent, IbConfig, IbSession, SessionHealth, Severity, SocketHealth},
};
use bellwether_gateway::{Connectivity, Farm};
use jiff::SignedDuration;
use tokio::sync::broadcast::Receiver;

use crate::market::{Simulated, at, until};

fn is_up(session: &IbSession) -> bool {
    matches!(session.health().socket, SocketHealth::Connected { .. })
}

/// The next change that `wanted` picks, within 20 s of real time.
async fn change<T>(
    events: &mut Receiver<HealthEvent>,
    what: &str,
    wanted: impl Fn(&HealthChange) -> Option<T>,
) -> (HealthEvent, T) {
    let found = async {
        loop {
            let event = events.recv().await.unwrap();
            if let Some(found) = wanted(&event.change) {
                return (event, found);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.unwrap_or_else(|_| panic!("never heard of: {what}"))
}

fn lost(change: &HealthChange) -> Option<String> {
    match change {
        HealthChange::Disconnected { why } => Some(why.clone()),
        _ => None,
    }
}

fn connected(change: &HealthChange) -> Option<u32> {
    match change {
        HealthChange::Connected { failed_attempts, .. } => Some(*failed_attempts),
        _ => None,
    }
}

#[tokio::test]
async fn a_killed_socket_is_replaced_without_anyone_asking() {
    let simulated = Simulated::start(at(9, 25), 10.0).await;
    let session = simulated.session().await;
    let before = session.health();
    assert_eq!((before.counters.connections, before.counters.reconnects), (1, 0));
    assert!(before.server_version.unwrap() >= 213);
    let mut events = session.health_events();
    for round in 1..=3 {
        simulated.gateway.faults().kill_sockets();
        let (event, why) = change(&mut events, "the loss", lost).await;
        assert_eq!(event.change.severity(), Severity::Alarm);
        assert!(why.contains("closed"), "{why}");
        change(&mut events, "the new connection", connected).await;
        session.server_time().await.unwrap();
        assert_eq!(session.health().counters.reconnects, round);
    }
    simulated.end(session).await;
}

#[tokio::test]
async fn a_peer_that_falls_silent_is_noticed_within_ninety_seconds() {
    let simulated = Simulated::start(at(9, 25), 20.0).await;
    let session = simulated.session().await;
    let mut events = session.health_events();
    simulated.gateway.faults().stall(true);
    let silent_at = simulated.clock.now();
    let (event, why) = change(&mut events, "the loss", lost).await;
    assert!(event.at.duration_since(silent_at) <= SignedDuration::from_secs(90), "noticed at {}", event.at);
    assert!(why.contains("does not answer"), "{why}");
    assert_eq!(session.health().counters.missed_heartbeats, 1);
    simulated.gateway.faults().stall(false);
    change(&mut events, "the new connection", connected).await;
    session.server_time().await.unwrap();
    simulated.end(session).await;
}

#[tokio::test]
async fn during_an_outage_requests_fail_at_once_and_say_since_when() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(50)).await.instruments;
    let mut events = session.health_events();
    simulated.gateway.faults().refuse_connections(true);
    simulated.gateway.faults().kill_sockets();
    let (event, _) = change(&mut events, "the loss", lost).await;
    until("a failed attempt", || matches!(session.health().socket, SocketHealth::Down { .. })).await;
    let began = std::time::Instant::now();
    for instrument in &instruments {
        let error = session.minute_bars(instrument, at(9, 0), at(9, 20)).await.unwrap_err();
        assert!(matches!(error, AdapterError::Disconnected { .. }), "{error:?}");
        assert!(error.to_string().contains(&event.at.to_string()), "{error} does not say since when");
    }
    assert!(began.elapsed() < Duration::from_secs(2), "50 requests took {:?}", began.elapsed());
    let SocketHealth::Down { since, .. } = session.health().socket else { panic!("{:?}", session.health().socket) };
    assert_eq!(since, event.at);
    simulated.gateway.faults().refuse_connections(false);
    change(&mut events, "the new connection", connected).await;
    session.server_time().await.unwrap();
    simulated.end(session).await;
}

#[tokio::test]
async fn a_session_may_start_before_its_gateway() {
    let simulated = Simulated::start(at(9, 0), 10.0).await;
    // A gateway hears of faults once it listens.
    drop(tokio::net::TcpStream::connect(simulated.gateway.addr()).await.unwrap());
    until("a gateway that listens", || simulated.gateway.stats().connections == 1).await;
    simulated.gateway.faults().refuse_connections(true);
    let session = IbSession::start(simulated.config(), Arc::clone(&simulated.clock) as Arc<dyn Clock>).await.unwrap();
    let mut events = session.health_events();
    let failed = |change: &HealthChange| match change {
        HealthChange::AttemptFailed { attempts, why, .. } => Some((*attempts, why.clone())),
        _ => None,
    };
    let (_, (_, why)) = change(&mut events, "a failed attempt", failed).await;
    assert!(why.contains("cannot be reached"), "{why}");
    assert!(session.server_time().await.is_err());
    simulated.gateway.faults().refuse_connections(false);
    let (_, failed) = change(&mut events, "the connection", connected).await;
    assert!(failed >= 1);
    assert_eq!(session.health().counters.reconnects, 0, "a first connection is no reconnection");
    session.server_time().await.unwrap();
    simulated.end(session).await;
}

#[tokio::test]
async fn a_gateway_that_never_shakes_hands_is_asked_ever_more_rarely() {
    let simulated = Simulated::start(at(9, 0), 100.0).await;
    let config = IbConfig { connect_timeout: Duration::from_millis(100), ..simulated.config() };
    let session = IbSession::connect(config, Arc::clone(&simulated.clock) as Arc<dyn Clock>).await.unwrap();
    let mut events = session.health_events();
    simulated.gateway.faults().never_handshake(true);
    simulated.gateway.faults().kill_sockets();
    for expected in 1..=6 {
        let failed = |change: &HealthChange| match change {
            HealthChange::AttemptFailed { attempts, why, .. } => Some((*attempts, why.clone())),
            _ => None,
        };
        let (_, (attempts, why)) = change(&mut events, "a failed attempt", failed).await;
        assert_eq!(attempts, expected);
        assert!(why.contains("does not answer as an IB Gateway"), "{why}");
    }
    simulated.gateway.faults().never_handshake(false);
    change(&mut events, "the connection", connected).await;
    let health = session.health();
    // Each attempt is one connection, and one more to see whether anything listens at all.
    let made = simulated.gateway.stats().connections;
    assert!(made <= 2 * (health.counters.failed_attempts + health.counters.connections), "{made} connections, {health:?}");
    session.server_time().await.unwrap();
    session.shutdown().await;
    simulated.gateway.shutdown().await;
}

#[tokio::test]
async fn a_client_id_in_use_is_waited_out_and_reported() {
    let simulated = Simulated::start(at(9, 0), 20.0).await;
    let first = simulated.session().await;
    let second = IbSession::start(simulated.config(), Arc::clone(&simulated.clock) as Arc<dyn Clock>).await.unwrap();
    until("two refusals", || second.health().counters.failed_attempts >= 2).await;
    let SocketHealth::Down { why, attempts, .. } = second.health().socket else { panic!("{:?}", second.health().socket) };
    assert!(why.contains("326") && why.contains("client id 17"), "{why}");
    assert!(attempts >= 2);
    assert!(is_up(&first), "the first session suffered");
    first.shutdown().await;
    until("the second session", || is_up(&second)).await;
    second.server_time().await.unwrap();
    let stats = simulated.gateway.stats();
    assert_eq!(stats.connections, second.health().counters.failed_attempts + 2, "one connection an attempt");
    second.shutdown().await;
    simulated.gateway.shutdown().await;
}

#[tokio::test]
async fn farms_and_servers_come_and_go_on_the_same_socket() {
    let simulated = Simulated::start(at(9, 25), 20.0).await;
    let session = simulated.session().await;
    let faults = simulated.gateway.faults();
    let farm = |health: &SessionHealth, kind| health.farms.iter().find(|farm| farm.kind == kind).cloned();
    until("the farms", || session.health().farms.len() == 3).await;
    assert_eq!(farm(&session.health(), FarmKind::MarketData).unwrap().name, "usfarm");
    faults.farm(Farm::MarketData, true);
    faults.farm(Farm::Historical, true);
    let state = |kind| farm(&session.health(), kind).unwrap().state;
    until("broken farms", || {
        state(FarmKind::MarketData) == FarmState::Broken && state(FarmKind::Historical) == FarmState::Broken
    })
    .await;
    assert_eq!(state(FarmKind::SecurityDefinition), FarmState::Ok);
    faults.farm(Farm::MarketData, false);
    until("the farm to be well", || state(FarmKind::MarketData) == FarmState::Ok).await;
    faults.connectivity(Connectivity::Lost);
    until("1100", || session.health().servers_lost_since.is_some()).await;
    faults.connectivity(Connectivity::RestoredDataKept);
    until("1102", || session.health().servers_lost_since.is_none()).await;
    let health = session.health();
    assert_eq!((health.counters.connections, simulated.gateway.stats().connections), (1, 1), "a farm cost the socket");
    let json = serde_json::to_value(&health).unwrap();
    assert_eq!((&json["socket"]["state"], &json["farms"][0]["state"]), (&"connected".into(), &"ok".into()));
    simulated.end(session).await;
}

#[tokio::test]
async fn a_connection_that_is_being_made_again_is_waited_for() {
    let simulated = Simulated::start(at(9, 45), 10.0).await;
    let session = simulated.session().await;
    let faults = simulated.gateway.faults();
    faults.refuse_connections(true);
    faults.kill_sockets();
    until("the loss", || !is_up(&session)).await;
    // Waited for in vain, no longer than was asked.
    assert!(!session.wait_for_connection(Duration::from_secs(1)).await);
    let waiting = session.wait_for_connection(Duration::from_secs(3_600));
    let (there, ()) = tokio::join!(waiting, async { faults.refuse_connections(false) });
    assert!(there && session.server_time().await.is_ok());
    simulated.end(session).await;
}
