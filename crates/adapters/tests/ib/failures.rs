//! Failures of single symbols beside the others, and of the connection.

use std::{sync::Arc, time::Duration};

use bellwether::market::{MissingReason, Snapshot, SnapshotPart};
use bellwether_adapters::{ScanRequest, UniverseRequest};

use crate::market::{Simulated, at, until};

async fn take(simulated: &Simulated, session: &bellwether_adapters::ib::IbSession, n: usize) -> Snapshot {
    let instruments = session.qualify(&simulated.symbols(n)).await.instruments;
    let daily = Arc::new(simulated.market.tape.daily().clone());
    let request = ScanRequest { daily, ..ScanRequest::new(UniverseRequest::All, 0) };
    session.snapshot_of(at(9, 25), &instruments, &request).await.unwrap()
}

#[tokio::test]
async fn one_bad_symbol_never_costs_the_others() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    let symbols = simulated.symbols(20);
    session.qualify(&symbols).await;
    let faults = simulated.gateway.faults();
    let hmds = "Historical Market Data Service error message:";
    let cases = [
        (200, "No security definition has been found for the request".to_owned(), MissingReason::UnknownContract),
        (354, "Requested market data is not subscribed.".to_owned(), MissingReason::NoPermission),
        (162, format!("{hmds}Historical data request pacing violation"), MissingReason::Pacing),
        (162, format!("{hmds}HMDS query returned no data"), MissingReason::NoData),
        (162, format!("{hmds}No market data permissions for NYSE STK"), MissingReason::NoPermission),
    ];
    for (symbol, (code, text, _)) in symbols.iter().zip(&cases) {
        faults.fail_symbol(symbol.as_str(), Some((*code, text)));
    }
    let snapshot = take(&simulated, &session, 20).await;
    for (symbol, (code, text, reason)) in symbols.iter().zip(&cases) {
        for part in [SnapshotPart::Today, SnapshotPart::Quote, SnapshotPart::Headlines] {
            let found = snapshot.missing.iter().find(|missing| missing.symbol == *symbol && missing.part == part);
            let found = found.unwrap_or_else(|| panic!("{symbol} {part:?} is not reported"));
            assert_eq!(found.reason, *reason, "{found:?}");
            assert!(found.detail.contains(text) && found.detail.contains(&code.to_string()), "{found:?}");
        }
    }
    assert_eq!(snapshot.quotes.len(), 15);
    assert!(symbols[5..].iter().all(|symbol| snapshot.quote(symbol).is_some()));
    simulated.end(session).await;
}

#[tokio::test]
async fn after_a_lost_connection_the_next_scan_connects_again() {
    let simulated = Simulated::start(at(9, 25), 5.0).await;
    let session = simulated.session().await;
    let (broken, ()) = tokio::join!(take(&simulated, &session, 100), async {
        until("requests under way", || simulated.gateway.stats().historical_requests > 10).await;
        simulated.gateway.faults().kill_sockets();
    });
    let lost = broken.missing.iter().filter(|missing| missing.reason == MissingReason::Disconnected).count();
    println!("{lost} answers lost; {} quotes", broken.quotes.len());
    let again = take(&simulated, &session, 100).await;
    let lost: Vec<_> = again.missing.iter().filter(|missing| missing.reason != MissingReason::NoData).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(again.quotes.len(), 100);
    assert!(simulated.gateway.stats().connections >= 2);
    simulated.end(session).await;
}

#[tokio::test]
async fn without_a_gateway_a_scan_ends_and_says_so() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let mut config = simulated.config();
    (config.connect_attempts, config.connect_timeout) = (2, Duration::from_millis(500));
    let session = bellwether_adapters::ib::IbSession::connect(config, Arc::clone(&simulated.clock) as Arc<_>).await.unwrap();
    take(&simulated, &session, 30).await;
    simulated.gateway.faults().refuse_connections(true);
    simulated.gateway.faults().kill_sockets();
    until("the quotes to go", || session.quotes().is_empty()).await;
    let began = std::time::Instant::now();
    simulated.clock.advance_to(at(9, 40));
    let snapshot = take(&simulated, &session, 30).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(snapshot.quotes.is_empty());
    assert!(snapshot.missing.iter().any(|missing| missing.reason == MissingReason::Disconnected), "{:?}", snapshot.missing);

    simulated.gateway.faults().refuse_connections(false);
    tokio::time::sleep(Duration::from_secs(6)).await;
    let again = take(&simulated, &session, 30).await;
    assert_eq!(again.quotes.len(), 30, "{:?}", again.missing);
    simulated.end(session).await;
}
