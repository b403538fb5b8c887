//! Faults, as clients meet them.

mod data;
mod matrix;
mod notices;
mod sockets;

use std::time::Duration;

use bellwether_gateway::{Connectivity, Farm};
use ibapi::prelude::*;

use crate::bench::{Bench, PATIENCE, eventually, instant, refusal, stock};

#[tokio::test]
async fn killed_sockets_reach_the_client() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).subscribe().await.unwrap();
    bench.gateway.faults().refuse_connections(true);
    bench.gateway.faults().kill_sockets();
    let end = tokio::time::timeout(PATIENCE, async {
        loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                end => return end.map(|end| end.map(|_| ())),
            }
        }
    });
    assert!(matches!(end.await.unwrap(), Some(Err(Error::ConnectionReset)) | None));
    assert_eq!(bench.gateway.stats().lines, 0);
    assert!(bench.try_client(2).await.is_err());
    bench.gateway.faults().refuse_connections(false);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(bench.client(2).await.server_time().await.is_ok());
}

#[tokio::test]
async fn a_gateway_that_never_answers_leaves_the_handshake_open() {
    let bench = Bench::at("10:00").await;
    bench.gateway.faults().never_handshake(true);
    let address = bench.gateway.addr().to_string();
    let connecting = Client::connect(&address, 1);
    assert!(tokio::time::timeout(Duration::from_millis(300), connecting).await.is_err());
    bench.gateway.faults().never_handshake(false);
    assert!(bench.client(1).await.server_time().await.is_ok());
}

#[tokio::test]
async fn a_stalled_gateway_says_nothing_until_released() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    bench.gateway.faults().stall(true);
    let time = client.server_time();
    tokio::pin!(time);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut time).await.is_err());
    bench.gateway.faults().stall(false);
    assert!(time.await.is_ok());
}

#[tokio::test]
async fn lost_connectivity_stops_streams_and_1101_forgets_them() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut notices = client.notice_stream().unwrap();
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).subscribe().await.unwrap();
    assert!(!stream.collect_for(Duration::from_millis(200)).await.is_empty());
    let faults = bench.gateway.faults();

    faults.connectivity(Connectivity::Lost);
    bench.clock.advance_to(instant("10:01"));
    assert!(stream.collect_for(Duration::from_millis(200)).await.is_empty());
    faults.connectivity(Connectivity::RestoredDataKept);
    bench.clock.advance_to(instant("10:02"));
    assert!(!stream.collect_for(Duration::from_millis(200)).await.is_empty());
    faults.connectivity(Connectivity::Lost);
    faults.connectivity(Connectivity::RestoredDataLost);
    bench.clock.advance_to(instant("10:03"));
    assert!(stream.collect_for(Duration::from_millis(200)).await.is_empty());
    assert_eq!(bench.gateway.stats().lines, 0);

    faults.farm(Farm::MarketData, true);
    faults.farm(Farm::MarketData, false);
    let mut codes = Vec::new();
    while let Ok(Some(notice)) = tokio::time::timeout(Duration::from_millis(200), notices.next()).await {
        codes.push(notice.code);
    }
    let told: Vec<i32> = codes.into_iter().skip_while(|code| *code != 1100).collect();
    assert_eq!(told, [1100, 1102, 1100, 1101, 2103, 2104]);
}

#[tokio::test]
async fn a_failing_symbol_fails_alone() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    bench.gateway.faults().fail_symbol("AAPL", Some((10197, "No market data during competing live session")));
    assert_eq!(refusal(client.contract_details(&stock("AAPL")).await).0, 10197);
    assert!(client.contract_details(&stock("MSFT")).await.is_ok());
    bench.gateway.faults().fail_symbol("AAPL", None);
    assert!(client.contract_details(&stock("AAPL")).await.is_ok());
    eventually("served", || bench.gateway.stats().messages_received >= 3).await;
}
