use std::time::Duration;

use bellwether_gateway::{GatewayConfig, Limits, Violation};
use ibapi::{Client, prelude::*};

use crate::bench::{Bench, PATIENCE, eventually, instant, refusal, refused, stock};

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
async fn minute_bars_are_not_paced() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    for _ in 0..10 {
        let request = client.historical_data(&contract, HistoricalBarSize::Min).duration(1.days());
        assert!(request.fetch().await.is_ok());
    }
    assert_eq!(bench.gateway.stats().historical_requests, 10);
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
