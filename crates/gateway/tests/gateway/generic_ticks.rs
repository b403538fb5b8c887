//! What a line of quotes tells only when it is asked.

use std::time::Duration;

use bellwether::market::Symbol;
use ibapi::{contracts::tick_types::TickType, market_data::realtime::TickTypes, prelude::*};

use crate::bench::{Bench, PATIENCE, instant, refused, stock};

/// Everything of one tick type, in order: prices, sizes and numbers as they are, texts parsed where they are numbers.
fn all(ticks: &[TickTypes], wanted: TickType) -> Vec<f64> {
    let value = |tick: &TickTypes| match tick {
        TickTypes::Price(tick) if tick.tick_type == wanted => Some(tick.price),
        TickTypes::Size(tick) if tick.tick_type == wanted => Some(tick.size),
        TickTypes::Generic(tick) if tick.tick_type == wanted => Some(tick.value),
        _ => None,
    };
    ticks.iter().filter_map(value).collect()
}

/// Price, size, milliseconds, volume, average price, single.
fn texts(ticks: &[TickTypes], wanted: TickType) -> Vec<(f64, f64, i64, f64, f64, bool)> {
    let read = |text: &str| {
        let fields: Vec<&str> = text.split(';').collect();
        assert_eq!(fields.len(), 6, "{text}");
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        (number(0), number(1), fields[2].parse().unwrap(), number(3), number(4), fields[5].parse().unwrap())
    };
    let text = |tick: &TickTypes| match tick {
        TickTypes::String(tick) if tick.tick_type == wanted => Some(read(&tick.value)),
        _ => None,
    };
    ticks.iter().filter_map(text).collect()
}

#[tokio::test]
async fn trades_as_text_add_up_to_the_volume() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_data(&contract).generic_ticks(&["233", "375"]).subscribe().await.unwrap();
    let mut ticks = stream.collect_for(Duration::from_millis(200)).await;
    let symbol = Symbol::new("AAPL").unwrap();
    let begun = bench.tape.volume_at(&symbol, instant("10:00"));
    for second in 1..=90 {
        bench.clock.advance_to(instant("10:00") + Duration::from_secs(second));
        ticks.extend(stream.collect_for(Duration::from_millis(15)).await);
    }
    ticks.extend(stream.collect_for(Duration::from_millis(200)).await);
    let counted = texts(&ticks, TickType::RtTrdVolume);
    let until = bench.tape.volume_at(&symbol, instant("10:01:30"));
    // The first tells the trade that was the last at the beginning.
    assert_eq!(counted[1..].iter().map(|it| it.1).sum::<f64>(), until - begun);
    assert_eq!(counted.last().unwrap().3, until);
    assert!(counted.iter().any(|it| it.5) && counted.iter().any(|it| !it.5), "some tell one trade, some several");
    assert!(counted.windows(2).all(|pair| pair[0].2 <= pair[1].2 && pair[0].3 < pair[1].3));
    let last = bench.tape.last_at(&symbol, instant("10:01:30")).unwrap();
    assert_eq!((counted.last().unwrap().0, counted.last().unwrap().2), (last.price, last.at.as_millisecond()));
    assert!(counted.iter().all(|it| (it.4 - it.0).abs() < 2.0), "the average price of the day is near the last");
    // With those that count nowhere there are more of them, and the day's volume is the same.
    let every = texts(&ticks, TickType::RtVolume);
    assert!(every.len() > counted.len());
    assert_eq!(every.last().unwrap().3, until);
}

#[tokio::test]
async fn statistics_are_those_of_the_daily_bars() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("MSFT");
    let asked = ["165", "236", "293", "294", "295", "318", "411", "456", "595", "225"];
    let mut stream = client.market_data(&contract).generic_ticks(&asked).subscribe().await.unwrap();
    let ticks = stream.collect_for(Duration::from_millis(300)).await;
    let daily = bench.tape.daily().series("MSFT").as_of(instant("10:00"));
    let year: Vec<_> = daily.iter().filter(|bar| bar.open_at >= instant("2025-01-06T05:00:00Z").as_microsecond()).collect();
    assert_eq!(all(&ticks, TickType::Low52Week), [year.iter().map(|bar| bar.low).fold(f64::MAX, f64::min)]);
    assert_eq!(all(&ticks, TickType::High52Week), [year.iter().map(|bar| bar.high).fold(f64::MIN, f64::max)]);
    assert_eq!(all(&ticks, TickType::High13Week).len() + all(&ticks, TickType::Low26Week).len(), 2);
    let volumes = &daily.volume[daily.len() - 90..];
    assert_eq!(all(&ticks, TickType::AvgVolume), [(volumes.iter().sum::<f64>() / 90.0).round()]);
    let day = bench.tape.day_at(&Symbol::new("MSFT").unwrap(), instant("10:00")).unwrap();
    let before = |minutes| {
        bench.tape.day_at(&Symbol::new("MSFT").unwrap(), instant("10:00") - jiff::SignedDuration::from_mins(minutes)).unwrap()
    };
    assert_eq!(all(&ticks, TickType::TradeCount), [day.trades]);
    assert_eq!(all(&ticks, TickType::TradeRate), [day.trades - before(1).trades]);
    assert_eq!(all(&ticks, TickType::VolumeRate), [day.volume - before(1).volume]);
    assert_eq!(all(&ticks, TickType::ShortTermVolume5Min), [day.volume - before(5).volume]);
    let last = bench.tape.last_at(&Symbol::new("MSFT").unwrap(), instant("10:00")).unwrap();
    assert_eq!(all(&ticks, TickType::LastRthTrade), [last.price]);
    let (level, shares) = (all(&ticks, TickType::Shortable), all(&ticks, TickType::ShortableShares));
    assert_eq!(level[0] > 2.5, shares[0] >= 1_000.0);
    assert!(all(&ticks, TickType::RtHistoricalVol)[0] > 0.0);
    assert_eq!(all(&ticks, TickType::AuctionPrice), [0.0; 0], "no auction at ten");
    bench.clock.advance_to(instant("15:55"));
    let ticks = stream.collect_for(Duration::from_millis(300)).await;
    let (volume, imbalance) = (all(&ticks, TickType::AuctionVolume), all(&ticks, TickType::AuctionImbalance));
    assert!(volume[0] > 0.0 && imbalance[0].abs() <= 0.2 * volume[0], "{volume:?} {imbalance:?}");
    // What stands is not told again.
    assert_eq!(all(&ticks, TickType::AvgVolume), [0.0; 0]);
}

#[tokio::test]
async fn a_halt_is_told_when_it_begins_and_when_it_ends() {
    let bench = Bench::at("17:59:50").await;
    let client = bench.client(1).await;
    let contract = stock("TINY");
    let mut stream = client.market_data(&contract).generic_ticks(&["233"]).subscribe().await.unwrap();
    let mut halted = Vec::new();
    for at in ["17:59:59", "18:00", "18:10", "18:29:59", "18:30", "18:31"] {
        bench.clock.advance_to(instant(at));
        let ticks = stream.collect_for(Duration::from_millis(150)).await;
        halted.push(all(&ticks, TickType::Halted));
        assert!(at == "17:59:59" || texts(&ticks, TickType::RtVolume).is_empty(), "nothing trades");
    }
    assert_eq!(halted, [vec![0.0], vec![1.0], vec![], vec![], vec![0.0], vec![]]);
}

#[tokio::test]
async fn frozen_data_keeps_the_last_quote_and_says_so() {
    let bench = Bench::at("19:59:59").await;
    let client = bench.client(1).await;
    let contract = stock("MSFT");
    let kinds = |ticks: &[TickTypes]| -> Vec<MarketDataType> {
        ticks.iter().filter_map(|tick| if let TickTypes::MarketDataType(kind) = tick { Some(*kind) } else { None }).collect()
    };
    let bids = |ticks: &[TickTypes]| -> Vec<f64> {
        let bid = |tick: &TickTypes| match tick {
            TickTypes::PriceSize(tick) if tick.price_tick_type == TickType::Bid => Some(tick.price),
            TickTypes::Price(tick) if tick.tick_type == TickType::Bid => Some(tick.price),
            _ => None,
        };
        ticks.iter().filter_map(bid).collect()
    };
    let mut live = client.market_data(&contract).subscribe().await.unwrap();
    let first = live.collect_for(Duration::from_millis(200)).await;
    client.switch_market_data_type(MarketDataType::Frozen).await.unwrap();
    let mut frozen = client.market_data(&contract).subscribe().await.unwrap();
    let open = frozen.collect_for(Duration::from_millis(200)).await;
    assert_eq!((kinds(&first), kinds(&open)), (vec![MarketDataType::Realtime], vec![MarketDataType::Realtime]));
    let bid = bids(&open)[0];
    assert!(bid > 400.0);
    bench.clock.advance_to(instant("20:00:01"));
    let (first, open) =
        (live.collect_for(Duration::from_millis(200)).await, frozen.collect_for(Duration::from_millis(200)).await);
    assert_eq!((kinds(&first), bids(&first)), (vec![], vec![-1.0]));
    assert_eq!((kinds(&open), bids(&open)), (vec![MarketDataType::Frozen], vec![]));
    let snapshot = client.market_data(&contract).snapshot_once(PATIENCE).await.unwrap();
    assert_eq!(bids(&snapshot), [bid]);
    // Delayed and frozen, of what is not subscribed.
    client.switch_market_data_type(MarketDataType::DelayedFrozen).await.unwrap();
    let dark = stock("DARK");
    let mut delayed = client.market_data(&dark).subscribe().await.unwrap();
    client.server_time().await.unwrap();
    bench.clock.advance_to(instant("20:16"));
    let ticks = delayed.collect_for(Duration::from_millis(300)).await;
    assert_eq!(kinds(&ticks), [MarketDataType::Delayed, MarketDataType::DelayedFrozen]);
    assert_eq!(all(&ticks, TickType::DelayedHalted), [0.0]);
}

#[tokio::test]
async fn a_snapshot_has_no_generic_ticks() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("MSFT");
    let asked = client.market_data(&contract).generic_ticks(&["233"]).snapshot().subscribe().await.unwrap();
    let (code, text) = refused(asked).await;
    assert_eq!(code, 321);
    assert!(text.ends_with("Snapshot market data subscription is not applicable to generic ticks"), "{text}");
    let (code, text) = refused(client.market_data(&contract).generic_ticks(&["9999"]).subscribe().await.unwrap()).await;
    assert_eq!(code, 321);
    assert!(text.contains("Legal ones for (STK) are: 100(Option Volume)"), "{text}");
}
