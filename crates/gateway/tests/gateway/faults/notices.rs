//! Faults of the connection to the servers and of farms: what is told, and what streams.

use bellwether_gateway::{Farm, Fault};
use jiff::SignedDuration;

use crate::{
    bench::{Bench, eventually, instant},
    wire::{ERROR, ErrorSeen, Id, RawClient, about, codes, read},
};

/// A client with a line on AAPL (1) and one on MSFT (2), both alive.
async fn two_lines(bench: &Bench) -> RawClient {
    let mut client = RawClient::connect(bench, 1).await;
    client.subscribe(1, "AAPL").await;
    client.subscribe(2, "MSFT").await;
    client.until_price(2).await;
    client.so_far().await;
    client
}

/// Frames until a notice with `code` on no request.
async fn until_code(client: &mut RawClient, code: i32) -> Vec<(i32, Vec<u8>)> {
    client.until(|seen| seen.0 == ERROR && read::<ErrorSeen>(seen).code == Some(code)).await
}

#[tokio::test]
async fn each_notice_is_told_with_its_code_and_the_end_of_what_lasts_too() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    let faults = bench.gateway.faults();
    let half_a_minute = SignedDuration::from_secs(30);
    for (fault, expected) in [
        (Fault::ConnectivityLost, vec![1100, 1102]),
        (Fault::ServerBroken, vec![2110, 1102]),
        (Fault::RestoredDataLost, vec![1101]),
        (Fault::RestoredDataKept, vec![1102]),
        (Fault::FarmBroken { farm: Farm::MarketData }, vec![2103, 2104]),
        (Fault::FarmBroken { farm: Farm::Historical }, vec![2105, 2106]),
        (Fault::FarmBroken { farm: Farm::SecurityDefinition }, vec![2157, 2158]),
        (Fault::FarmConnecting { farm: Farm::Europe }, vec![2119, 2104]),
        (Fault::FarmInactive { farm: Farm::MarketData }, vec![2108]),
        (Fault::FarmInactive { farm: Farm::Historical }, vec![2107]),
        (Fault::FarmOk { farm: Farm::Cash }, vec![2104]),
    ] {
        if fault.is_instant() {
            faults.inject(&fault).unwrap();
        } else {
            faults.inject_for(&fault, half_a_minute).unwrap();
            bench.clock.advance_to(bench.clock.now() + half_a_minute);
        }
        let seen = until_code(&mut client, *expected.last().unwrap()).await;
        assert_eq!(codes(&seen), expected, "{fault:?}");
    }
    eventually("nothing is left", || faults.active().is_empty() && faults.planned() == 0).await;
}

#[tokio::test]
async fn what_is_due_before_a_fault_arrives_and_what_falls_into_it_does_not() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    client.subscribe_bars(1, "AAPL").await;
    client.so_far().await;
    let lost = SignedDuration::from_secs(60);
    bench.gateway.faults().inject_at(instant("10:01"), &Fault::ConnectivityLost, Some(lost)).unwrap();
    // One leap over the whole outage.
    bench.clock.advance_to(instant("10:03"));
    let mut seen = until_code(&mut client, 1102).await;
    while about(&seen, 1).len() < 24 {
        seen.push(client.frame().await.unwrap());
    }
    let before: Vec<_> = seen.iter().take_while(|seen| seen.0 != ERROR).cloned().collect();
    assert_eq!(about(&before, 1).len(), 12);
    assert_eq!(codes(&seen), [1100, 1102]);
    let start = |seen: &(i32, Vec<u8>)| read::<crate::wire::BarSeen>(seen).time.unwrap();
    let starts: Vec<i64> = about(&seen, 1).iter().map(start).collect();
    let second = |text| instant(text).as_second();
    assert_eq!((starts[0], starts[11], starts[12]), (second("10:00"), second("10:00:55"), second("10:02")));
}

#[tokio::test]
async fn farms_fail_apart() {
    let bench = Bench::at("10:00").await;
    let mut client = two_lines(&bench).await;
    let faults = bench.gateway.faults();
    for (farm, flows) in [(Farm::Europe, true), (Farm::Historical, true), (Farm::MarketData, false)] {
        faults.inject(&Fault::FarmBroken { farm }).unwrap();
        bench.clock.advance_to(bench.clock.now() + SignedDuration::from_mins(1));
        if flows {
            client.until_price(2).await;
        }
        faults.inject(&Fault::FarmOk { farm }).unwrap();
        let seen = client.so_far().await;
        if !flows {
            assert_eq!(about(&seen[..seen.len() - 1], 2).len(), 0);
        }
    }
}

#[tokio::test]
async fn after_a_flap_the_farm_is_ok_and_its_streams_are_dead() {
    let bench = Bench::at("10:00").await;
    let mut client = two_lines(&bench).await;
    let faults = bench.gateway.faults();
    faults.inject(&Fault::FarmFlap { farm: Farm::MarketData }).unwrap();
    bench.clock.advance_to(instant("10:00:05"));
    let seen = until_code(&mut client, 2104).await;
    assert_eq!(codes(&seen), [2103, 2104]);

    // A line asked for again lives, the other stays dead.
    client.send(2, &Id { id: Some(2) }).await;
    client.subscribe(3, "MSFT").await;
    client.until_price(3).await;
    client.so_far().await;
    bench.clock.advance_to(instant("10:30"));
    let mut seen = client.until_price(3).await;
    seen.extend(client.so_far().await);
    seen.pop();
    assert_eq!(about(&seen, 1).len(), 0);
    assert_eq!(faults.active().len(), 1);
    client.send(2, &Id { id: Some(1) }).await;
    eventually("nobody clings to a dead stream", || faults.active().is_empty()).await;
}

#[tokio::test]
async fn a_stalled_symbol_is_silent_alone_and_only_for_those_who_had_it() {
    let bench = Bench::at("10:00").await;
    let mut client = two_lines(&bench).await;
    let mut other = two_lines_of(&bench, 2).await;
    let faults = bench.gateway.faults();
    let fault = Fault::StallSymbol { symbol: "AAPL".to_owned(), client: Some(1), persistent: false };
    faults.inject_for(&fault, SignedDuration::from_mins(10)).unwrap();
    bench.clock.advance_to(instant("10:01"));
    let mut seen = client.until_price(2).await;
    seen.extend(client.so_far().await);
    seen.pop();
    assert_eq!((about(&seen, 1).len(), codes(&seen)), (0, vec![]));
    other.until_price(1).await;
    client.subscribe(3, "AAPL").await;
    client.until_price(3).await;
    bench.clock.advance_to(instant("10:10"));
    bench.clock.advance_to(instant("10:11"));
    client.until_price(1).await;

    let fault = Fault::StallSymbol { symbol: "AAPL".to_owned(), client: None, persistent: true };
    faults.inject(&fault).unwrap();
    other.so_far().await;
    other.subscribe(3, "AAPL").await;
    other.subscribe(4, "MSFT").await;
    let seen = other.until_price(4).await;
    assert!(about(&seen, 3).iter().all(|seen| seen.0 != crate::wire::TICK_PRICE));
    assert!(faults.lift(&fault));
    bench.clock.advance_to(instant("10:12"));
    other.until_price(3).await;
}

async fn two_lines_of(bench: &Bench, id: i32) -> RawClient {
    let mut client = RawClient::connect(bench, id).await;
    client.subscribe(1, "AAPL").await;
    client.subscribe(2, "MSFT").await;
    client.until_price(2).await;
    client.so_far().await;
    client
}

#[tokio::test]
async fn streams_end_with_the_code_of_what_ended_them() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    let codes_of = |seen: &[(i32, Vec<u8>)]| {
        let errors = seen.iter().filter(|seen| seen.0 == ERROR).map(read::<ErrorSeen>);
        errors.map(|error| (error.id.unwrap(), error.code.unwrap())).collect::<Vec<_>>()
    };
    let mut client = two_lines(&bench).await;
    client.subscribe_bars(3, "AAPL").await;
    client.subscribe_bars(4, "MSFT").await;
    client.so_far().await;
    faults.inject(&Fault::BustEvent { symbol: Some("MSFT".to_owned()) }).unwrap();
    assert_eq!(codes_of(&client.so_far().await), [(4, 10225)]);
    faults.inject(&Fault::LiveUpdatesFailed).unwrap();
    assert_eq!(codes_of(&client.so_far().await), [(3, 10182)]);
    assert_eq!(bench.gateway.stats().lines, 2);
    faults.inject_for(&Fault::CompetingSession, SignedDuration::from_mins(1)).unwrap();
    assert_eq!(codes_of(&client.so_far().await), [(1, 10197), (2, 10197)]);
    assert_eq!(bench.gateway.stats().lines, 0);
    client.subscribe(5, "AAPL").await;
    assert_eq!(codes_of(&client.so_far().await), [(5, 10197)]);
    bench.clock.advance_to(instant("10:01"));
    eventually("it is over", || faults.active().is_empty()).await;
    client.subscribe(6, "AAPL").await;
    client.until_price(6).await;
}
