//! Ticks and books that were recorded, told again.

use std::{collections::BTreeMap, time::Duration};

use bellwether::market::{BidAsk, BookOperation, BookSide, DepthUpdate, Symbol, Tick, Trade};
use bellwether_gateway::GatewayConfig;
use ibapi::{
    contracts::tick_types::TickType,
    market_data::{
        IgnoreSize, SmartDepth,
        realtime::{MarketDepths, TickTypes},
    },
    prelude::*,
};
use time::OffsetDateTime;

use crate::{
    bench::{Bench, PATIENCE, instant, stock, tape},
    ticks::take,
};

fn apple() -> Symbol {
    Symbol::new("AAPL").unwrap()
}

fn trade(at: &str, price: f64, size: f64, unreported: bool) -> Tick {
    let conditions = if unreported { "I" } else { "" }.to_owned();
    Tick::Trade(Trade { at: instant(at), price, size, exchange: "IEX".to_owned(), conditions, past_limit: false, unreported })
}

fn quote(at: &str, bid: f64, ask: f64) -> Tick {
    Tick::BidAsk(BidAsk { at: instant(at), bid: Some(bid), ask: Some(ask), bid_size: 700.0, ask_size: 300.0 })
}

/// Prices that no generated tick has: the bars are around 210.
fn ticks() -> Vec<Tick> {
    vec![
        quote("10:00:10", 250.1, 250.3),
        trade("10:00:11", 250.2, 40.0, false),
        trade("10:00:12.25", 250.25, 7.0, true),
        quote("10:00:12.5", 250.2, 250.4),
        trade("10:00:12.5", 250.35, 60.0, false),
        trade("10:00:15", 250.3, 100.0, false),
    ]
}

fn change(at: &str, side: BookSide, position: usize, operation: BookOperation, price: f64, size: f64) -> DepthUpdate {
    DepthUpdate { at: instant(at), side, position, operation, price, size, market_maker: Some("IEX".to_owned()) }
}

fn updates() -> Vec<DepthUpdate> {
    use BookOperation::{Delete, Insert, Update};
    vec![
        change("10:00:10", BookSide::Bid, 0, Insert, 250.1, 700.0),
        change("10:00:10", BookSide::Ask, 0, Insert, 250.3, 300.0),
        change("10:00:10", BookSide::Bid, 1, Insert, 250.0, 100.0),
        change("10:00:11", BookSide::Bid, 0, Update, 250.1, 660.0),
        // Of a row that the recording never had.
        change("10:00:11", BookSide::Ask, 7, Update, 251.0, 100.0),
        change("10:00:12", BookSide::Bid, 0, Delete, 0.0, 0.0),
        change("10:00:20", BookSide::Ask, 0, Update, 250.3, 500.0),
    ]
}

async fn bench(now: &str) -> Bench {
    let tape = tape().with_ticks(BTreeMap::from([(apple(), ticks())]), BTreeMap::from([(apple(), updates())])).unwrap();
    Bench::playing(now, GatewayConfig::default(), tape).await
}

#[tokio::test]
async fn recorded_ticks_are_told_instead_of_generated_ones() {
    let bench = bench("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut last = client.tick_by_tick(&contract, 0).last().await.unwrap();
    let mut all = client.tick_by_tick(&contract, 0).all_last().await.unwrap();
    let mut quotes = client.tick_by_tick(&contract, 0).bid_ask(IgnoreSize::No).await.unwrap();
    client.server_time().await.unwrap();
    bench.clock.advance_to(instant("10:00:30"));
    let told: Vec<_> = take(&mut last, 12).await.into_iter().map(|it| (it.price, it.size)).collect();
    let from = told.iter().position(|(price, _)| *price > 249.0).expect("recorded ones");
    assert_eq!(told[from..from + 3], [(250.2, 40.0), (250.35, 60.0), (250.3, 100.0)]);
    assert!(from > 3 && told[from + 3..].iter().all(|(price, _)| *price < 249.0), "{told:?}");
    let odd = loop {
        let next = take(&mut all, 1).await.remove(0);
        if next.price == 250.25 {
            break next;
        }
    };
    assert!(odd.trade_attribute.unreported && odd.special_conditions == "I" && odd.exchange == "IEX");
    let seen = loop {
        let next = take(&mut quotes, 1).await.remove(0);
        if next.bid_price > 249.0 {
            break next;
        }
    };
    assert_eq!((seen.bid_price, seen.ask_price, seen.bid_size, seen.ask_size), (250.1, 250.3, 700.0, 300.0));
    // The past is the same.
    let start = OffsetDateTime::from_unix_timestamp(instant("10:00:10").as_second()).unwrap();
    let mut past = client.historical_ticks(&contract, 4).starting(start).trade().await.unwrap();
    let mut prices = Vec::new();
    while let Some(item) = tokio::time::timeout(PATIENCE, past.next()).await.unwrap() {
        if let SubscriptionItem::Data(tick) = item.unwrap() {
            prices.push(tick.price);
        }
    }
    assert_eq!(prices[..4], [250.2, 250.25, 250.35, 250.3]);
}

#[tokio::test]
async fn quotes_and_volumes_follow_the_recording() {
    let bench = bench("10:00:09").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).generic_ticks(&["375"]).subscribe().await.unwrap();
    stream.collect_for(Duration::from_millis(200)).await;
    let before = bench.tape.day_at(&apple(), instant("10:00:09.999999")).unwrap();
    let (mut bids, mut texts) = (Vec::new(), Vec::new());
    for at in ["10:00:10", "10:00:11", "10:00:12.5", "10:00:15"] {
        bench.clock.advance_to(instant(at));
        for tick in stream.collect_for(Duration::from_millis(150)).await {
            match tick {
                TickTypes::PriceSize(tick) if tick.price_tick_type == TickType::Bid => bids.push((tick.price, tick.size)),
                TickTypes::String(tick) if tick.tick_type == TickType::RtTrdVolume => texts.push(tick.value),
                _ => {}
            }
        }
    }
    assert_eq!(bids, [(250.1, 700.0), (250.2, 700.0)]);
    let fields: Vec<Vec<&str>> = texts.iter().map(|text| text.split(';').collect()).collect();
    let of = |text: &[&str]| (text[0].parse::<f64>().unwrap(), text[1].parse::<f64>().unwrap(), text[3].parse::<f64>().unwrap());
    let recorded: Vec<_> = fields.iter().map(|text| of(text)).filter(|text| text.0 > 249.0).collect();
    let volume = before.volume;
    assert_eq!(recorded, [(250.2, 40.0, volume + 40.0), (250.35, 60.0, volume + 100.0), (250.3, 100.0, volume + 200.0)]);
    let day = bench.tape.day_at(&apple(), instant("10:00:15")).unwrap();
    assert_eq!((day.high, day.trades), (Some(250.35), before.trades + 3.0));
    // Afterwards the bars tell again, and nothing is taken back.
    let after = bench.tape.day_at(&apple(), instant("10:00:16")).unwrap();
    assert!(after.volume >= day.volume && after.high == day.high);
    assert!(bench.tape.last_at(&apple(), instant("10:00:16")).unwrap().price < 249.0);
}

#[tokio::test]
async fn a_recorded_book_is_told_change_by_change() {
    let bench = bench("10:00:10").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut deep = client.market_depth(&contract, 10).smart_depth(SmartDepth::Yes).subscribe().await.unwrap();
    let mut shallow = client.market_depth(&contract, 1).smart_depth(SmartDepth::Yes).subscribe().await.unwrap();
    let read = |change: MarketDepths| match change {
        MarketDepths::MarketDepthL2(it) => (it.side, it.position, it.operation, it.price, it.size, it.market_maker),
        other => panic!("{other:?}"),
    };
    let row = |side, position, operation, price, size| (side, position, operation, price, size, "IEX".to_owned());
    let first: Vec<_> = take(&mut deep, 3).await.into_iter().map(read).collect();
    assert_eq!(first, [row(1, 0, 0, 250.1, 700.0), row(1, 1, 0, 250.0, 100.0), row(0, 0, 0, 250.3, 300.0)]);
    take(&mut shallow, 2).await;
    bench.clock.advance_to(instant("10:00:13"));
    let then: Vec<_> = take(&mut deep, 2).await.into_iter().map(read).collect();
    assert_eq!(then, [row(1, 0, 1, 250.1, 660.0), row(1, 0, 2, 0.0, 0.0)]);
    // Who wants one row gets what it has come to.
    let then: Vec<_> = take(&mut shallow, 2).await.into_iter().map(read).collect();
    assert_eq!(then, [row(1, 0, 2, 0.0, 0.0), row(1, 0, 0, 250.0, 100.0)]);
    // When the recording is over the generated book takes its place.
    bench.clock.advance_to(instant("10:00:21"));
    let mut prices = Vec::new();
    while prices.len() < 20 {
        let change = read(take(&mut deep, 1).await.remove(0));
        if change.2 == 0 {
            prices.push(change.3);
        }
    }
    assert!(prices.iter().all(|price| *price < 249.0), "{prices:?}");
}

#[test]
fn a_recording_of_a_stranger_or_out_of_order_is_refused() {
    let stranger = BTreeMap::from([(Symbol::new("NOSUCH").unwrap(), ticks())]);
    let problem = tape().with_ticks(stranger, BTreeMap::new()).unwrap_err().to_string();
    assert!(problem.contains("NOSUCH has recorded ticks but is not an instrument"), "{problem}");
    let mut backwards = updates();
    backwards.reverse();
    let problem = tape().with_ticks(BTreeMap::new(), BTreeMap::from([(apple(), backwards)])).unwrap_err().to_string();
    assert!(problem.contains("not in order of time"), "{problem}");
}
