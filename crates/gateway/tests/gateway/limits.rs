use std::time::Duration;

use bellwether_gateway::{GatewayConfig, Limits, Violation};
use ibapi::{Client, prelude::*};

use crate::{
    bench::{Bench, PATIENCE, eventually, instant, refusal, refused, stock},
    wire::{ErrorSeen, Named, RawClient, codes, named, read},
};

#[tokio::test]
async fn the_hundred_and_first_line_is_refused() {
    // The rate of messages is another test's.
    let limits = Limits { messages_per_second: 1_000, ..Limits::default() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut lines = Vec::new();
    for filler in 0..100 {
        let contract = stock(&format!("F{filler:03}"));
        lines.push(client.market_data(&contract).subscribe().await.unwrap());
    }
    eventually("all lines are taken", || bench.gateway.stats().lines == 100).await;
    let contract = stock("AAPL");
    assert_eq!(refused(client.market_data(&contract).subscribe().await.unwrap()).await.0, 101);
    assert_eq!(bench.gateway.stats().violations[&Violation::MarketDataLines], 1);
    lines.pop();
    eventually("a line is free", || bench.gateway.stats().lines == 99).await;
    client.market_data(&contract).snapshot_once(PATIENCE).await.unwrap();
}

async fn small_bars(client: &Client, symbol: &str, seconds: i32) -> Result<usize, Error> {
    let contract = stock(symbol);
    let request = client.historical_data(&contract, HistoricalBarSize::Sec5).duration(seconds.seconds());
    Ok(request.fetch().await?.bars.len())
}

#[tokio::test]
async fn small_bars_are_paced_by_the_gateways_clock() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    assert_eq!(small_bars(&client, "AAPL", 600).await.unwrap(), 120);
    let (code, text) = refusal(small_bars(&client, "AAPL", 600).await);
    assert_eq!(code, 162);
    assert!(text.ends_with("Historical data request pacing violation"), "{text}");
    assert_eq!(small_bars(&client, "MSFT", 600).await.unwrap(), 120);
    bench.clock.advance_to(instant("10:00:15"));
    assert!(small_bars(&client, "AAPL", 600).await.is_ok());
    assert_eq!(bench.gateway.stats().violations[&Violation::HistoricalPacing], 1);
}

#[tokio::test]
async fn minute_bars_are_paced_only_against_repetition() {
    let bench = Bench::with("10:00", GatewayConfig { limits: unhurried(), ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let minutes = async |symbol: &str, hours: i32| {
        let contract = stock(symbol);
        client.historical_data(&contract, HistoricalBarSize::Min).duration((hours * 3_600).seconds()).fetch().await.map(|_| ())
    };
    for symbol in ["AAPL", "MSFT", "SPY", "TINY", "BRK B"] {
        for hours in 1..=5 {
            minutes(symbol, hours).await.unwrap();
        }
        assert!(refusal(minutes(symbol, 6).await).1.ends_with("pacing violation"), "a sixth on one contract");
    }
    // Seventy-five are more than sixty in ten minutes.
    for (second, hours) in [(2, 6), (4, 11)] {
        bench.clock.advance_to(instant("10:00") + Duration::from_secs(second));
        for symbol in ["AAPL", "MSFT", "SPY", "TINY", "BRK B"] {
            for hours in hours..hours + 5 {
                minutes(symbol, hours).await.unwrap();
            }
        }
    }
    bench.clock.advance_to(instant("10:00:14"));
    assert!(refusal(minutes("AAPL", 1).await).1.ends_with("pacing violation"), "identical");
    bench.clock.advance_to(instant("10:00:15"));
    minutes("AAPL", 1).await.unwrap();
    assert_eq!(bench.gateway.stats().violations[&Violation::HistoricalPacing], 6);
}

/// No limit on messages: that one is another test's.
fn unhurried() -> Limits {
    Limits { messages_per_second: 1_000, ..Limits::default() }
}

#[tokio::test]
async fn small_requests_share_sixty_in_ten_minutes() {
    let bench = Bench::with("10:00", GatewayConfig { limits: unhurried(), ..GatewayConfig::default() }).await;
    let (one, two) = (bench.client(1).await, bench.client(2).await);
    // Twenty of bid and ask count forty; where there is no data, the request counts all the same.
    for filler in 0..20 {
        let contract = stock(&format!("F{filler:03}"));
        let request = one.historical_data(&contract, HistoricalBarSize::Sec5).duration(60.seconds());
        let (_, text) = refusal(request.what_to_show(HistoricalWhatToShow::BidAsk).fetch().await);
        assert!(text.contains("returned no data"), "{text}");
    }
    // Twenty five-second streams of another client make sixty.
    let mut raw = RawClient::connect(&bench, 3).await;
    for filler in 0..20 {
        raw.subscribe_bars(filler, &format!("F{filler:03}")).await;
    }
    assert!(codes(&raw.so_far().await).is_empty());
    raw.subscribe_bars(20, "AAPL").await;
    assert_eq!(codes(&raw.so_far().await), [420]);
    assert!(refusal(small_bars(&two, "AAPL", 600).await).1.ends_with("pacing violation"));
    bench.clock.advance_to(instant("10:10"));
    assert!(small_bars(&two, "AAPL", 600).await.is_ok());
    assert_eq!(bench.gateway.stats().violations[&Violation::HistoricalPacing], 2);
}

#[tokio::test]
async fn fifty_historical_requests_may_be_open() {
    let bench = Bench::with("10:00", GatewayConfig { limits: unhurried(), ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut open = Vec::new();
    for filler in 0..51 {
        let contract = stock(&format!("F{filler:03}"));
        let request = client.historical_data(&contract, HistoricalBarSize::Min).duration(1.days());
        open.push(request.what_to_show(HistoricalWhatToShow::Trades).stream().await);
    }
    eventually("one is too many", || bench.gateway.stats().violations.get(&Violation::OpenHistorical) == Some(&1)).await;
    let mut raw = RawClient::connect(&bench, 2).await;
    let kept_up = History {
        id: Some(9),
        contract: Some(named("AAPL")),
        bar_size: Some("1 min".to_owned()),
        duration: Some("1 D".to_owned()),
        what_to_show: Some("TRADES".to_owned()),
        keep_up_to_date: Some(true),
    };
    raw.send(20, &kept_up).await;
    let seen = raw.so_far().await;
    assert_eq!(codes(&seen), [322]);
    assert!(read::<ErrorSeen>(&seen[0]).text.unwrap().ends_with("Only 50 simultaneous API historical data requests allowed."));
    drop(open);
    eventually("all are cancelled", || bench.gateway.stats().violations[&Violation::OpenHistorical] == 2).await;
}

#[derive(Clone, PartialEq, prost::Message)]
struct History {
    #[prost(int32, optional, tag = "1")]
    id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    contract: Option<Named>,
    #[prost(string, optional, tag = "4")]
    bar_size: Option<String>,
    #[prost(string, optional, tag = "5")]
    duration: Option<String>,
    #[prost(string, optional, tag = "7")]
    what_to_show: Option<String>,
    #[prost(bool, optional, tag = "9")]
    keep_up_to_date: Option<bool>,
}

#[tokio::test]
async fn lines_are_shared_by_all_clients_and_go_with_their_connection() {
    let limits = Limits { market_data_lines: 3, ..unhurried() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let (mut one, mut two) = (RawClient::connect(&bench, 1).await, RawClient::connect(&bench, 2).await);
    one.subscribe(1, "AAPL").await;
    one.subscribe_bars(2, "AAPL").await;
    one.so_far().await;
    two.subscribe(1, "MSFT").await;
    two.subscribe(2, "AAPL").await;
    assert_eq!(codes(&two.so_far().await), [101]);
    drop(one);
    eventually("the lines are free", || bench.gateway.stats().lines == 1).await;
    two.subscribe(3, "AAPL").await;
    assert!(codes(&two.so_far().await).is_empty());
}

#[tokio::test]
async fn connections_beyond_the_most_are_closed_at_once() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let (mut one, two) = (RawClient::connect(&bench, 1).await, RawClient::connect(&bench, 2).await);
    let mut third = RawClient { socket: tokio::net::TcpStream::connect(bench.gateway.addr()).await.unwrap() };
    assert_eq!(third.rest().await, b"");
    assert_eq!(bench.gateway.stats().violations[&Violation::Connections], 1);
    one.so_far().await;
    drop(two);
    eventually("a place is free", || bench.gateway.stats().clients == 1).await;
    RawClient::connect(&bench, 3).await;
}

#[tokio::test]
async fn without_limits_nothing_is_refused() {
    let bench = Bench::with("10:00", GatewayConfig { limits: Limits::none(), ..GatewayConfig::default() }).await;
    let mut raw = RawClient::connect(&bench, 1).await;
    for filler in 0..110 {
        raw.subscribe(filler, &format!("F{filler:03}")).await;
        raw.subscribe_bars(200 + filler, &format!("F{filler:03}")).await;
    }
    assert!(codes(&raw.so_far().await).is_empty());
    assert_eq!(bench.gateway.stats().lines, 220);
    let client = bench.client(2).await;
    for _ in 0..10 {
        assert!(small_bars(&client, "AAPL", 600).await.is_ok());
    }
    assert!(bench.gateway.stats().violations.is_empty());
}

#[tokio::test]
async fn long_durations_need_long_bars() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    for (size, duration, allowed) in [
        (HistoricalBarSize::Min, 1.days(), true),
        (HistoricalBarSize::Min, 1.weeks(), false),
        (HistoricalBarSize::Min3, 1.weeks(), true),
        (HistoricalBarSize::Min5, 1.months(), false),
        (HistoricalBarSize::Min30, 1.months(), true),
        (HistoricalBarSize::Hour, 1.years(), false),
        (HistoricalBarSize::Day, 1.years(), true),
    ] {
        let outcome = client.historical_data(&contract, size).duration(duration).fetch().await;
        match allowed {
            true => assert!(outcome.is_ok(), "{size} over {duration}: {outcome:?}"),
            false => assert_eq!(refusal(outcome).0, 321, "{size} over {duration}"),
        }
    }
}

#[tokio::test]
async fn too_many_messages_bring_a_notice_and_in_the_end_a_disconnect() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut notices = client.notice_stream().unwrap();
    for second in 0..4 {
        bench.clock.advance_to(instant("10:00") + Duration::from_secs(second));
        for _ in 0..51 {
            // Only the sending matters; answers to some are errors.
            let _ = client.switch_market_data_type(MarketDataType::Realtime).await;
        }
        let before = bench.gateway.stats().violations.get(&Violation::MessageRate).copied().unwrap_or_default();
        eventually("the excess is seen", || {
            bench.gateway.stats().violations.get(&Violation::MessageRate).copied().unwrap_or_default() > before.saturating_sub(1)
        })
        .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut codes = Vec::new();
    while let Ok(Some(notice)) = tokio::time::timeout(Duration::from_millis(300), notices.next()).await {
        if matches!(notice.code, 0 | 100) {
            codes.push(notice.code);
        }
    }
    assert_eq!(codes, [0, 100, 100, 100]);
    eventually("disconnected", || bench.gateway.stats().connections > 1 || bench.gateway.stats().clients == 0).await;
}

#[tokio::test]
async fn ten_scanners_are_the_most() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let wanted = ibapi::scanner::ScannerSubscription { scan_code: Some("MOST_ACTIVE".to_owned()), ..Default::default() };
    let mut active = Vec::new();
    for _ in 0..10 {
        active.push(client.scanner_subscription(&wanted, &[]).await.unwrap());
    }
    eventually("ten are active", || bench.gateway.stats().scanners == 10).await;
    let mut eleventh = client.scanner_subscription(&wanted, &[]).await.unwrap();
    let answer = tokio::time::timeout(PATIENCE, eleventh.next()).await.unwrap().unwrap();
    assert_eq!(refusal(answer).0, 162);
}
