use std::{collections::HashMap, time::Duration};

use bellwether::market::Symbol;
use ibapi::{contracts::tick_types::TickType, market_data::realtime::TickTypes, prelude::*};

use crate::bench::{Bench, PATIENCE, eventually, instant, refused, stock};

/// The latest value of each tick type.
fn latest(ticks: &[TickTypes]) -> HashMap<String, f64> {
    let mut latest = HashMap::new();
    let mut put = |kind: &TickType, value: f64| latest.insert(format!("{kind:?}"), value);
    for tick in ticks {
        match tick {
            TickTypes::Price(tick) => put(&tick.tick_type, tick.price),
            TickTypes::Size(tick) => put(&tick.tick_type, tick.size),
            TickTypes::Generic(tick) => put(&tick.tick_type, tick.value),
            TickTypes::PriceSize(tick) => {
                put(&tick.price_tick_type, tick.price);
                put(&tick.size_tick_type, tick.size)
            }
            TickTypes::String(tick) => put(&tick.tick_type, tick.value.parse().unwrap_or(f64::NAN)),
            _ => None,
        };
    }
    latest
}

#[track_caller]
fn assert_quote(bench: &Bench, name: &str, at: &str, got: &HashMap<String, f64>) {
    let symbol = Symbol::new(name).unwrap();
    let quote = bench.tape.quote_at(&symbol, instant(at)).unwrap();
    let day = bench.tape.day_at(&symbol, instant(at)).unwrap();
    let expected = [
        ("Bid", quote.bid),
        ("Ask", quote.ask),
        ("Last", quote.last),
        ("Volume", quote.volume),
        ("Open", day.open),
        ("High", day.high),
        ("Low", day.low),
        ("Close", day.previous_close),
        ("Halted", Some(0.0)),
    ];
    for (tick, value) in expected {
        assert!(value.is_some(), "the tape has no {tick}");
        assert_eq!(got.get(tick).copied(), value, "{tick}");
    }
}

#[tokio::test]
async fn under_a_fast_clock_the_last_quote_is_the_tapes() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).generic_ticks(&["233"]).subscribe().await.unwrap();
    bench.clock.hold_at(Some(instant("10:05:07")));
    bench.clock.set_rate(500.0);
    // Reading meanwhile: the client library loses what 1,024 later frames overtake.
    let mut ticks = Vec::new();
    while bench.clock.now() < instant("10:05:07") {
        ticks.extend(stream.collect_for(Duration::from_millis(50)).await);
    }
    ticks.extend(stream.collect_for(Duration::from_millis(300)).await);
    assert!(ticks.len() > 50, "only {} ticks", ticks.len());
    assert_quote(&bench, "AAPL", "10:05:07", &latest(&ticks));
    let volumes: Vec<f64> = ticks
        .iter()
        .filter_map(|tick| match tick {
            TickTypes::Size(tick) if tick.tick_type == TickType::Volume => Some(tick.size),
            _ => None,
        })
        .collect();
    assert!(volumes.windows(2).all(|pair| pair[0] < pair[1]), "{volumes:?}");
    let trades = ticks.iter().filter(|tick| matches!(tick, TickTypes::String(tick) if tick.tick_type == TickType::RtVolume));
    assert!(trades.count() > 10);
    // A clock that stands still has nothing new.
    assert!(stream.collect_for(Duration::from_millis(100)).await.is_empty());
}

#[tokio::test]
async fn what_stands_is_not_repeated() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).subscribe().await.unwrap();
    assert!(!stream.collect_for(Duration::from_millis(200)).await.is_empty());
    // The tape trades once a second: two quote intervals later nothing has changed.
    bench.clock.advance_to(instant("10:00") + Duration::from_millis(600));
    assert!(stream.collect_for(Duration::from_millis(200)).await.is_empty());
    bench.clock.advance_to(instant("10:00:05"));
    let ticks = stream.collect_for(Duration::from_millis(200)).await;
    assert!(!ticks.is_empty());
    assert!(!latest(&ticks).contains_key("Close"), "the previous close cannot change: {ticks:?}");
}

#[tokio::test]
async fn a_snapshot_is_the_whole_quote_and_ends() {
    let bench = Bench::at("11:11:11").await;
    let client = bench.client(1).await;
    let ticks = client.market_data(&stock("MSFT")).snapshot_once(PATIENCE).await.unwrap();
    assert_quote(&bench, "MSFT", "11:11:11", &latest(&ticks));
    assert_eq!(bench.gateway.stats().lines, 0);
}

#[tokio::test]
async fn outside_trading_hours_there_is_no_bid() {
    let bench = Bench::at("21:00").await;
    let client = bench.client(1).await;
    let ticks = latest(&client.market_data(&stock("MSFT")).snapshot_once(PATIENCE).await.unwrap());
    assert_eq!((ticks["Bid"], ticks["BidSize"]), (-1.0, 0.0));
    assert!(ticks["Last"] > 400.0);
}

#[tokio::test]
async fn a_halt_is_told() {
    let bench = Bench::at("18:10").await;
    let client = bench.client(1).await;
    let ticks = latest(&client.market_data(&stock("TINY")).snapshot_once(PATIENCE).await.unwrap());
    assert_eq!(ticks["Halted"], 1.0);
}

#[tokio::test]
async fn without_a_subscription_live_data_is_refused_and_delayed_data_lags() {
    let bench = Bench::at("11:00").await;
    let client = bench.client(1).await;
    let contract = stock("DARK");
    assert_eq!(refused(client.market_data(&contract).subscribe().await.unwrap()).await.0, 354);
    client.switch_market_data_type(MarketDataType::Delayed).await.unwrap();
    let mut stream = client.market_data(&contract).subscribe().await.unwrap();
    let ticks = latest(&stream.collect_for(Duration::from_millis(300)).await);
    let symbol = Symbol::new("DARK").unwrap();
    let then = bench.tape.quote_at(&symbol, instant("10:45")).unwrap();
    assert_eq!(ticks.get("DelayedLast").copied(), then.last);
    assert_ne!(then.last, bench.tape.quote_at(&symbol, instant("11:00")).unwrap().last);
    assert!(!ticks.contains_key("Last"));
}

#[tokio::test]
async fn a_cancelled_line_is_free_again() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let stream = client.market_data(&contract).subscribe().await.unwrap();
    eventually("the line is taken", || bench.gateway.stats().lines == 1).await;
    stream.cancel().await;
    eventually("the line is free", || bench.gateway.stats().lines == 0).await;
}
