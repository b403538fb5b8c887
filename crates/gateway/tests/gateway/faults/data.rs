//! Faults in what is sent, and of single symbols.

use bellwether_gateway::{Fault, GatewayConfig, Limits, Repetition};
use ibapi::prelude::*;
use jiff::SignedDuration;

use crate::{
    bench::{Bench, eventually, instant, refusal, stock},
    wire::{
        About, BarSeen, ERROR, ErrorSeen, Id, Named, REAL_TIME_BAR, RawClient, Seen, TICK_GENERIC, TICK_PRICE, TickSeen, about,
        codes, named, read,
    },
};

fn apple() -> String {
    "AAPL".to_owned()
}

fn prices(seen: &[Seen], request: i32) -> Vec<f64> {
    let ticks = about(seen, request).into_iter().filter(|seen| seen.0 == TICK_PRICE);
    ticks.map(|seen| read::<TickSeen>(&seen).value.unwrap()).collect()
}

/// Ticks of AAPL (1) and MSFT (2) during an hour, quarter by quarter.
async fn an_hour(bench: &Bench) -> Vec<Seen> {
    let mut client = RawClient::connect(bench, 1).await;
    client.subscribe(1, "AAPL").await;
    client.subscribe(2, "MSFT").await;
    let mut seen = client.until_price(2).await;
    for minute in 1..60 {
        bench.clock.advance_to(instant(&format!("10:{minute:02}")));
        seen.extend(client.until_price(2).await);
    }
    seen.extend(client.so_far().await);
    seen.pop();
    seen
}

#[tokio::test]
async fn sentinels_are_in_the_ticks_of_their_symbol_only() {
    let bench = Bench::at("10:00").await;
    bench.gateway.faults().inject(&Fault::Sentinels { symbol: apple() }).unwrap();
    let seen = an_hour(&bench).await;
    let bad = prices(&seen, 1);
    assert!(bad.iter().any(|price| price.is_nan()) && bad.contains(&f64::MAX) && bad.contains(&-1.0) && bad.contains(&0.0));
    assert!(bad.iter().any(|price| (205.0..225.0).contains(price)), "no good ones between");
    let sizes: Vec<String> = about(&seen, 1)
        .iter()
        .filter(|seen| seen.0 == TICK_PRICE)
        .map(|seen| read::<TickSeen>(seen).size.unwrap_or_default())
        .collect();
    assert!(sizes.iter().any(|size| size == "2147483647") && sizes.iter().any(|size| size == "9223372036854775807"));
    assert!(prices(&seen, 2).iter().all(|price| (395.0..410.0).contains(price)));
}

#[tokio::test]
async fn sentinels_are_in_bars_too() {
    let bench = Bench::at("10:00").await;
    bench.gateway.faults().inject(&Fault::Sentinels { symbol: apple() }).unwrap();
    let client = bench.client(1).await;
    let bars = client.historical_data(&stock("AAPL"), HistoricalBarSize::Min).duration(1.days()).fetch().await.unwrap().bars;
    assert!(bars.iter().any(|bar| bar.close == f64::MAX) && bars.iter().any(|bar| bar.open.is_nan()));
    let clean = client.historical_data(&stock("MSFT"), HistoricalBarSize::Min).duration(1.days()).fetch().await.unwrap().bars;
    assert!(clean.iter().all(|bar| (395.0..410.0).contains(&bar.close)));
}

#[tokio::test]
async fn wrong_prices_are_off_by_their_factor_everywhere() {
    let limits = Limits { repetition: Repetition::Allowed, ..Limits::default() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let closes = async |symbol: &str| {
        let bars = client.historical_data(&stock(symbol), HistoricalBarSize::Min).duration(1.days()).fetch().await.unwrap().bars;
        bars.into_iter().map(|bar| bar.close).collect::<Vec<_>>()
    };
    let (right, other) = (closes("AAPL").await, closes("MSFT").await);
    let fault = Fault::WrongPrices { symbol: apple(), factor: 3.0 };
    bench.gateway.faults().inject(&fault).unwrap();
    let wrong = closes("AAPL").await;
    assert_eq!(wrong.len(), right.len());
    assert!(wrong.iter().zip(&right).all(|(wrong, right)| (wrong / right - 3.0).abs() < 1e-9));
    assert_eq!(closes("MSFT").await, other);
    let mut raw = RawClient::connect(&bench, 2).await;
    raw.subscribe(1, "AAPL").await;
    raw.subscribe_bars(2, "AAPL").await;
    let mut seen = raw.so_far().await;
    bench.clock.advance_to(instant("10:01"));
    seen.extend(raw.until(|seen| seen.0 == REAL_TIME_BAR).await);
    assert!(prices(&seen, 1).iter().all(|price| (600.0..680.0).contains(price)), "{:?}", prices(&seen, 1));
    assert!((600.0..680.0).contains(&read::<BarSeen>(seen.last().unwrap()).close.unwrap()));
    assert!(bench.gateway.faults().lift(&fault));
    assert_eq!(closes("AAPL").await[..right.len()], right);
}

#[tokio::test]
async fn a_clock_that_jumped_is_off_wherever_it_shows() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    client.subscribe_bars(1, "AAPL").await;
    for (by, shown) in [(SignedDuration::from_mins(7), "10:07"), (SignedDuration::from_mins(-7), "09:53")] {
        bench.gateway.faults().inject(&Fault::ClockJump { by }).unwrap();
        let seen = client.so_far().await;
        let time = read::<BarSeen>(seen.last().unwrap());
        // The time is the body's only field.
        assert_eq!(i64::from(time.id.unwrap()), instant(shown).as_second());
        client.subscribe(99, "NOSUCH").await;
        let seen = client.until(|seen| seen.0 == ERROR).await;
        assert_eq!(read::<ErrorSeen>(seen.last().unwrap()).time_ms.unwrap(), instant(shown).as_millisecond());
        bench.gateway.faults().clear();
    }
    bench.gateway.faults().inject(&Fault::ClockJump { by: SignedDuration::from_mins(-7) }).unwrap();
    bench.clock.advance_to(instant("10:00:05"));
    let seen = client.until(|seen| seen.0 == REAL_TIME_BAR).await;
    assert_eq!(read::<BarSeen>(seen.last().unwrap()).time.unwrap(), instant("09:53").as_second());
}

#[tokio::test]
async fn ticks_come_twice_or_in_the_wrong_order() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    let mut client = RawClient::connect(&bench, 1).await;
    client.subscribe_bars(1, "AAPL").await;
    client.so_far().await;
    let next = async |client: &mut RawClient, until: &str, count: usize| {
        bench.clock.advance_to(instant(until));
        let mut starts = Vec::new();
        while starts.len() < count {
            let frame = client.frame().await.unwrap();
            starts
                .extend((frame.0 == REAL_TIME_BAR).then(|| read::<BarSeen>(&frame).time.unwrap() - instant("10:00").as_second()));
        }
        starts
    };
    faults.inject(&Fault::DuplicateTicks { symbol: Some(apple()) }).unwrap();
    assert_eq!(next(&mut client, "10:00:15", 6).await, [0, 0, 5, 5, 10, 10]);
    faults.clear();
    faults.inject(&Fault::OutOfOrderTicks { symbol: None }).unwrap();
    assert_eq!(next(&mut client, "10:00:35", 4).await, [20, 15, 30, 25]);
    // One without a second waits for the end of the fault, not for ever.
    bench.clock.advance_to(instant("10:00:40"));
    assert!(client.is_silent().await);
    faults.clear();
    assert_eq!(next(&mut client, "10:00:40", 1).await, [35]);
    assert_eq!(next(&mut client, "10:00:50", 2).await, [40, 45]);
}

#[tokio::test]
async fn a_halted_symbol_says_so_and_stands_still() {
    let bench = Bench::at("10:00").await;
    let mut client = RawClient::connect(&bench, 1).await;
    client.subscribe(1, "AAPL").await;
    client.subscribe_bars(2, "AAPL").await;
    client.subscribe(3, "MSFT").await;
    client.until_price(3).await;
    client.so_far().await;
    bench.clock.advance_to(instant("10:00:01"));
    let halt = SignedDuration::from_mins(5);
    bench.gateway.faults().inject_for(&Fault::Halted { symbol: apple() }, halt).unwrap();
    bench.clock.advance_to(instant("10:03"));
    let halted = |value: f64| move |seen: &Seen| seen.0 == TICK_GENERIC && read::<TickSeen>(seen).value == Some(value);
    client.until(halted(1.0)).await;
    client.until_price(3).await;
    bench.clock.advance_to(instant("10:04"));
    let mut seen = client.until_price(3).await;
    seen.extend(client.so_far().await);
    seen.pop();
    assert_eq!((about(&seen, 1).len(), about(&seen, 2).len()), (0, 0));
    // Who comes now is told of the halt and shown the last quote.
    client.subscribe(4, "AAPL").await;
    let seen = client.until(halted(1.0)).await;
    assert_eq!(prices(&seen, 4).len(), 1);
    bench.clock.advance_to(instant("10:05:02"));
    client.until(|seen| halted(0.0)(seen) && read::<TickSeen>(seen).id == Some(1)).await;
    bench.clock.advance_to(instant("10:06"));
    client.until_price(1).await;
}

#[tokio::test]
async fn a_delisted_symbol_is_unknown_from_then_on() {
    let bench = Bench::at("10:00").await;
    let mut raw = RawClient::connect(&bench, 2).await;
    raw.subscribe(1, "AAPL").await;
    raw.until_price(1).await;
    raw.so_far().await;
    let fault = Fault::Delisted { symbol: apple() };
    bench.gateway.faults().inject(&fault).unwrap();
    assert_eq!(codes(&raw.so_far().await), [200]);
    assert_eq!(bench.gateway.stats().lines, 0);
    let client = bench.client(1).await;
    assert_eq!(refusal(client.contract_details(&stock("AAPL")).await).0, 200);
    let history = client.historical_data(&stock("AAPL"), HistoricalBarSize::Min).duration(1.days()).fetch().await;
    assert_eq!(refusal(history).0, 200);
    assert!(client.contract_details(&stock("MSFT")).await.is_ok());
    assert!(bench.gateway.faults().lift(&fault));
    assert!(client.contract_details(&stock("AAPL")).await.is_ok());
}

#[tokio::test]
async fn an_ambiguous_symbol_has_two_contracts_and_must_be_named_in_full() {
    let bench = Bench::at("10:00").await;
    bench.gateway.faults().inject(&Fault::Ambiguous { symbol: apple() }).unwrap();
    let client = bench.client(1).await;
    let found = client.contract_details(&stock("AAPL")).await.unwrap();
    let ids: Vec<i32> = found.iter().map(|details| details.contract.contract_id).collect();
    let exchanges: Vec<String> = found.iter().map(|details| details.contract.primary_exchange.to_string()).collect();
    assert_eq!((ids, exchanges), (vec![1_000, 900_001_000], vec!["NASDAQ".to_owned(), "VALUE".to_owned()]));
    assert_eq!(client.contract_details(&stock("MSFT")).await.unwrap().len(), 1);

    let mut raw = RawClient::connect(&bench, 2).await;
    raw.subscribe(1, "AAPL").await;
    assert_eq!(codes(&raw.so_far().await), [200]);
    let full =
        [Named { con_id: Some(1_000), ..named("AAPL") }, Named { primary_exchange: Some("NASDAQ".to_owned()), ..named("AAPL") }];
    for (request, contract) in (2..).zip(full) {
        raw.send(1, &About { id: Some(request), contract: Some(contract) }).await;
        raw.until_price(request).await;
    }
}

#[tokio::test]
async fn a_missing_permission_is_told_in_the_words_of_each_service() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    let mut raw = RawClient::connect(&bench, 2).await;
    raw.subscribe(1, "AAPL").await;
    raw.until_price(1).await;
    raw.so_far().await;
    for (request, code) in (10..).zip([354, 10089, 10168]) {
        faults.inject(&Fault::NoPermission { symbol: apple(), code }).unwrap();
        // The present stream ends with the first.
        assert_eq!(codes(&raw.so_far().await), if code == 354 { vec![354] } else { vec![] });
        raw.subscribe(request, "AAPL").await;
        assert_eq!(codes(&raw.so_far().await), [code]);
        faults.clear();
    }
    faults.inject(&Fault::NoPermission { symbol: apple(), code: 354 }).unwrap();
    raw.subscribe_bars(20, "AAPL").await;
    assert_eq!(codes(&raw.so_far().await), [420]);
    let client = bench.client(1).await;
    let history = client.historical_data(&stock("AAPL"), HistoricalBarSize::Min).duration(1.days()).fetch().await;
    let (code, text) = refusal(history);
    assert!(code == 162 && text.contains("No market data permissions"), "{code} {text}");
    assert!(client.contract_details(&stock("AAPL")).await.is_ok());
}

#[tokio::test]
async fn orders_are_rejected_and_open_orders_hang_after_a_cancelled_summary() {
    let bench = Bench::at("10:00").await;
    let faults = bench.gateway.faults();
    let mut raw = RawClient::connect(&bench, 2).await;
    faults.inject(&Fault::OrdersRejected).unwrap();
    raw.send(3, &About { id: Some(5), contract: Some(named("AAPL")) }).await;
    let seen = raw.so_far().await;
    assert_eq!(codes(&seen), [201]);
    faults.clear();

    const OPEN_ORDERS: i32 = 5;
    const CANCEL_SUMMARY: i32 = 63;
    let answers = |seen: &[Seen]| seen.iter().filter(|seen| seen.0 == 53).count();
    faults.inject(&Fault::AccountSummaryHang).unwrap();
    raw.send(OPEN_ORDERS, &Id::default()).await;
    assert_eq!(answers(&raw.so_far().await), 1);
    raw.send(CANCEL_SUMMARY, &Id { id: Some(9) }).await;
    raw.send(OPEN_ORDERS, &Id::default()).await;
    assert_eq!(answers(&raw.so_far().await), 0);
    faults.clear();
    eventually("clear", || faults.active().is_empty()).await;
    raw.send(OPEN_ORDERS, &Id::default()).await;
    assert_eq!(answers(&raw.so_far().await), 1);
}
