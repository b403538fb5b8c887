//! Faults of connections.

use bellwether_gateway::{Farm, Fault};
use ibapi::prelude::*;
use jiff::SignedDuration;
use tokio::net::TcpStream;

use crate::{
    bench::{Bench, PATIENCE, eventually, instant},
    wire::{ERROR, ErrorSeen, Id, RawClient, TIME, codes, read},
};

#[tokio::test]
async fn one_client_can_be_cut_alone() {
    let bench = Bench::at("10:00").await;
    let (mut one, mut two) = (RawClient::connect(&bench, 1).await, RawClient::connect(&bench, 2).await);
    bench.gateway.faults().inject(&Fault::KillSockets { client: Some(1) }).unwrap();
    assert_eq!(one.rest().await, b"");
    assert_eq!(two.so_far().await.len(), 1);
    assert_eq!(bench.gateway.faults().active(), []);
}

#[tokio::test]
async fn a_half_open_connection_keeps_its_client_id_until_the_gateway_notices() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 7).await;
    client.subscribe(1, "AAPL").await;
    client.until_price(1).await;
    bench.gateway.faults().inject(&Fault::HalfOpen { client: Some(7) }).unwrap();
    eventually("the gateway's end is dead", || bench.gateway.faults().active().len() == 1).await;
    assert!(matches!(bench.try_client(7).await, Err(Error::ClientIdInUse { client_id: 7 })));
    // Its line stays taken too.
    assert_eq!(bench.gateway.stats().lines, 1);
    bench.clock.advance_to(instant("10:01:59"));
    assert!(matches!(bench.try_client(7).await, Err(Error::ClientIdInUse { client_id: 7 })));

    bench.clock.advance_to(instant("10:02"));
    eventually("the gateway notices", || bench.gateway.stats().clients == 0).await;
    assert_eq!(bench.gateway.stats().lines, 0);
    assert!(bench.client(7).await.server_time().await.is_ok());
    // The peer of the dead connection has learnt nothing.
    while let Ok(byte) = tokio::time::timeout(std::time::Duration::from_millis(200), client.frame()).await {
        assert_ne!(byte.unwrap().0, ERROR);
    }
    client.send(TIME, &Id::default()).await;
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn one_client_can_be_stalled_alone() {
    let bench = Bench::at("10:00").await;
    let (mut one, mut two) = (RawClient::connect(&bench, 1).await, RawClient::connect(&bench, 2).await);
    bench.gateway.faults().inject_for(&Fault::Stall { client: Some(1) }, SignedDuration::from_secs(30)).unwrap();
    one.send(TIME, &Id::default()).await;
    assert_eq!(two.so_far().await.len(), 1);
    assert!(one.is_silent().await);
    bench.clock.advance_to(instant("10:00:30"));
    assert_eq!(one.frame().await.unwrap().0, TIME);
}

#[tokio::test]
async fn a_slow_line_drips_by_the_gateways_clock() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    bench.gateway.faults().inject(&Fault::SlowDrip { bytes_per_second: 4, client: None }).unwrap();
    client.send(TIME, &Id::default()).await;
    eventually("the request came", || bench.gateway.stats().messages_received > 0).await;
    assert!(client.is_silent().await);
    // An answer of 14 bytes takes more than three seconds.
    let mut got = [0; 64];
    let mut count = 0;
    for second in 1..=4 {
        bench.clock.advance_to(instant(&format!("10:00:0{second}")));
        let wanted = (second * 4).min(14);
        while count < wanted {
            let read = tokio::io::AsyncReadExt::read(&mut client.socket, &mut got[count..]);
            count += tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        }
        assert_eq!(count, wanted);
    }
    assert_eq!(got[4..8], [0, 0, 0, 249]);
}

#[tokio::test]
async fn a_truncated_frame_ends_the_connection_in_its_middle() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    bench.gateway.faults().inject(&Fault::TruncatedFrame { client: None }).unwrap();
    let rest = client.rest().await;
    let announced = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
    assert!(rest.len() > 8 && rest.len() < announced, "{} of {announced}", rest.len());
    eventually("the client is gone", || bench.gateway.stats().clients == 0).await;
}

#[tokio::test]
async fn lost_bytes_shift_every_later_frame() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    let faults = bench.gateway.faults();
    faults.inject(&Fault::Desync { bytes: 4, client: None }).unwrap();
    for _ in 0..40 {
        faults.inject(&Fault::FarmOk { farm: Farm::MarketData }).unwrap();
    }
    // The first frame swallows the length of the second; from then on ids are taken for lengths.
    let first = client.frame().await.unwrap();
    assert_eq!(first.0, ERROR);
    let second = client.frame().await.unwrap();
    assert_eq!(second.1.len(), 200);
    assert_ne!(second.0, ERROR);
}

#[tokio::test]
async fn unknown_messages_are_noticed_one_by_one() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut notices = client.notice_stream().unwrap();
    bench.gateway.faults().inject(&Fault::UnknownMessage { count: 5, client: Some(1) }).unwrap();
    let mut unknown = 0;
    while unknown < 5 {
        let notice = tokio::time::timeout(PATIENCE, notices.next()).await.unwrap().unwrap();
        unknown += i32::from(notice.code == -5);
    }
    assert!(client.server_time().await.is_ok());
}

#[tokio::test]
async fn a_nightly_restart_follows_its_sequence() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    bench.gateway.faults().inject(&Fault::NightlyRestart).unwrap();
    for at in ["10:00:05", "10:00:10", "10:00:20", "10:00:30", "10:00:35"] {
        bench.clock.advance_to(instant(at));
    }
    let seen = client.until(|seen| read::<ErrorSeen>(seen).code == Some(2103)).await;
    let mut told = codes(&seen);
    while told.iter().filter(|code| **code == 2103).count() < 2 {
        told.extend(codes(&[client.frame().await.unwrap()]));
    }
    assert_eq!(told, [2103, 2104, 1100, 1100, 1100, 2103]);

    bench.clock.advance_to(instant("10:00:40"));
    assert_eq!(client.rest().await, b"");
    let mut refused = false;
    for _ in 0..500 {
        refused |= TcpStream::connect(bench.gateway.addr()).await.is_err();
        if refused {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(refused);
    bench.clock.advance_to(instant("10:02:45"));
    let mut early = None;
    for _ in 0..500 {
        early = TcpStream::connect(bench.gateway.addr()).await.ok();
        if early.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut early = RawClient { socket: early.expect("accepted") };
    tokio::io::AsyncWriteExt::write_all(&mut early.socket, b"API\0\0\0\0\x09v213..225").await.unwrap();
    assert!(early.is_silent().await);
    bench.clock.advance_to(instant("10:03"));
    let mut client = RawClient::connect(&bench, 1).await;
    assert_eq!(client.so_far().await.len(), 1);
    assert_eq!(bench.gateway.faults().active(), []);
}

#[tokio::test]
async fn after_the_weekly_logout_there_is_no_session_before_login() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    let faults = bench.gateway.faults();
    faults.inject(&Fault::WeeklyLogin).unwrap();
    assert_eq!(client.rest().await, b"");
    let mut waiting = RawClient::greet(&bench, 1).await;
    assert!(waiting.is_silent().await);
    faults.inject(&Fault::Login).unwrap();
    assert_eq!(waiting.frame().await.unwrap().0, 9);

    faults.inject_for(&Fault::WeeklyLogin, SignedDuration::from_mins(5)).unwrap();
    waiting.rest().await;
    let mut waiting = RawClient::greet(&bench, 1).await;
    assert!(waiting.is_silent().await);
    bench.clock.advance_to(instant("10:05"));
    assert_eq!(waiting.frame().await.unwrap().0, 9);
}
