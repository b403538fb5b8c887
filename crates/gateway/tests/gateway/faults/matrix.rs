//! Every kind of fault, one after another: it ends, and the gateway is as before.

use bellwether_gateway::{Fault, FaultScript, GatewayConfig, Limits, RandomFaults};
use ibapi::prelude::*;
use jiff::SignedDuration;

use crate::{
    bench::{Bench, eventually, instant, stock},
    wire::RawClient,
};

/// A new client gets everything that a healthy gateway gives.
async fn is_healthy(bench: &Bench, id: i32) {
    let mut raw = RawClient::connect(bench, id).await;
    raw.subscribe(1, "AAPL").await;
    raw.until_price(1).await;
    drop(raw);
    let client = bench.client(id + 1).await;
    let contract = stock("AAPL");
    assert_eq!(client.contract_details(&contract).await.unwrap().len(), 1);
    let bars = client.historical_data(&contract, HistoricalBarSize::Min).duration(1.days()).fetch().await.unwrap().bars;
    assert!(bars.iter().all(|bar| (190.0..230.0).contains(&bar.close)));
    let time = client.server_time().await.unwrap().unix_timestamp();
    assert!((time - bench.clock.now().as_second()).abs() <= 1);
    client.disconnect().await;
}

/// Listening again takes the gateway a moment.
async fn listens(bench: &Bench) {
    for _ in 0..500 {
        if tokio::net::TcpStream::connect(bench.gateway.addr()).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing listens");
}

#[tokio::test]
async fn after_each_fault_the_gateway_is_healthy_again() {
    let limits = Limits { messages_per_second: 1_000, ..Limits::default() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let faults = bench.gateway.faults();
    for (index, fault) in Fault::all_examples("AAPL").into_iter().enumerate() {
        let id = 10 + 3 * index as i32;
        let mut client = RawClient::connect(&bench, id).await;
        client.subscribe(1, "AAPL").await;
        client.subscribe_bars(2, "AAPL").await;
        client.until_price(1).await;
        if fault.is_instant() {
            faults.inject(&fault).unwrap();
        } else {
            faults.inject_for(&fault, SignedDuration::from_secs(20)).unwrap();
        }
        bench.clock.advance_to(bench.clock.now() + SignedDuration::from_secs(150));
        drop(client);
        eventually(&format!("{fault:?} is over"), || faults.active().is_empty() && faults.planned() == 0).await;
        listens(&bench).await;
        is_healthy(&bench, id + 1).await;
        eventually("everybody left", || bench.gateway.stats().clients == 0).await;
        assert_eq!(bench.gateway.stats().lines, 0, "{fault:?}");
    }
}

#[tokio::test]
async fn clearing_ends_everything_at_once() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    for fault in Fault::all_examples("AAPL") {
        faults.inject(&fault).unwrap();
    }
    faults.inject_at(instant("11:00"), &Fault::Refuse, None).unwrap();
    assert!(faults.active().len() > 20 && faults.planned() > 0);
    faults.clear();
    assert_eq!((faults.active(), faults.planned()), (vec![], 0));
    listens(&bench).await;
    is_healthy(&bench, 5).await;
}

#[tokio::test]
async fn after_any_random_script_the_gateway_is_healthy_again() {
    for seed in 0..8 {
        let bench = Bench::at("10:00").await;
        let symbols = vec!["AAPL".to_owned(), "MSFT".to_owned()];
        let choice = RandomFaults { from: instant("10:00"), until: instant("10:40"), count: 25, symbols };
        let script = FaultScript::random(seed, &choice).unwrap();
        bench.gateway.run_script(&script).unwrap();
        let mut client = None;
        for half_minute in 1..=80 {
            // Whoever was cut off tries again, without patience.
            if client.is_none() && !bench.gateway.faults().active().iter().any(|active| keeps_out(&active.fault)) {
                let attempt = tokio::time::timeout(std::time::Duration::from_secs(2), bench.try_client(half_minute));
                client = attempt.await.ok().and_then(Result::ok);
                if let Some(client) = &client {
                    // Whether it is served is the fault's choice.
                    let _ = client.market_data(&stock("AAPL")).subscribe().await;
                }
            }
            bench.clock.advance_to(instant("10:00") + SignedDuration::from_secs(30 * i64::from(half_minute)));
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
            if half_minute % 16 == 0 {
                client = None;
            }
        }
        drop(client);
        eventually("all is over", || bench.gateway.faults().active().is_empty() && bench.gateway.faults().planned() == 0).await;
        listens(&bench).await;
        eventually("everybody left", || bench.gateway.stats().clients == 0).await;
        is_healthy(&bench, 500).await;
    }
}

/// Faults under which a session cannot begin.
fn keeps_out(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Refuse
            | Fault::NeverHandshake
            | Fault::WeeklyLogin
            | Fault::NightlyRestart
            | Fault::Stall { .. }
            | Fault::SlowDrip { .. }
            | Fault::FarmBroken { .. }
            | Fault::FarmConnecting { .. }
            | Fault::ConnectivityLost
            | Fault::ServerBroken
    )
}

#[tokio::test]
async fn a_script_runs_by_the_gateways_clock() {
    let bench = Bench::at("10:00").await;
    let script = r#"
        [[fault]]
        at = "2026-01-05T09:00:00"
        kind = "stall"
        for = "30m"
        [[fault]]
        at = "2026-01-05T09:59:50"
        kind = "refuse"
        for = "30s"
        [[fault]]
        after = "1m"
        kind = "weekly_login"
        for = "2m"
    "#;
    bench.gateway.run_script(&script.parse().unwrap()).unwrap();
    let faults = bench.gateway.faults();
    let kinds = || faults.active().iter().map(|active| active.fault.kind()).collect::<Vec<_>>();
    // The first is past altogether, the second half past.
    eventually("the second", || kinds() == ["refuse"]).await;
    bench.clock.advance_to(instant("10:00:20"));
    eventually("its end", || kinds().is_empty()).await;
    bench.clock.advance_to(instant("10:01"));
    eventually("the third", || kinds() == ["weekly_login"]).await;
    assert_eq!(faults.active()[0].until, Some(instant("10:03")));
    bench.clock.advance_to(instant("10:03"));
    eventually("its end", || kinds().is_empty() && faults.planned() == 0).await;
}

#[tokio::test]
async fn nonsense_is_refused_with_a_reason() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    let second = SignedDuration::from_secs(1);
    let symbol = || "AAPL".to_owned();
    for (fault, lasting, words) in [
        (Fault::SlowDrip { bytes_per_second: 0, client: None }, None, "`stall`"),
        (Fault::UnknownMessage { count: 0, client: None }, None, "not 1 to 1000"),
        (Fault::WrongPrices { symbol: symbol(), factor: f64::NAN }, None, "factor"),
        (Fault::NoPermission { symbol: symbol(), code: 1 }, None, "354"),
        (Fault::KillSockets { client: None }, Some(second), "no duration"),
        (Fault::Refuse, Some(-second), "not above 0"),
    ] {
        let problem = match lasting {
            Some(lasting) => faults.inject_for(&fault, lasting),
            None => faults.inject(&fault),
        };
        let problem = problem.unwrap_err().to_string();
        assert!(problem.contains(words) && problem.contains(&fault.kind()), "{problem}");
    }
    for _ in 0..256 {
        faults.inject(&Fault::OrdersRejected).unwrap();
    }
    assert!(faults.inject(&Fault::OrdersRejected).unwrap_err().to_string().contains("clear"));
    assert_eq!(faults.active().len(), 256);
}
