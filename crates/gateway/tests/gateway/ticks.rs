//! Single ticks as they come.

use bellwether::market::Symbol;
use bellwether_gateway::Violation;
use ibapi::{
    market_data::{IgnoreSize, realtime},
    prelude::*,
};
use prost::Message;

use crate::{
    bench::{Bench, PATIENCE, instant, refused, stock},
    wire::{ErrorSeen, Id, Named, RawClient, named, read},
};

/// What comes until there are `count`.
pub(crate) async fn take<T>(
    stream: &mut (impl StreamExt<Item = Result<SubscriptionItem<T>, Error>> + Unpin),
    count: usize,
) -> Vec<T> {
    let mut taken = Vec::new();
    while taken.len() < count {
        match tokio::time::timeout(PATIENCE, stream.next()).await {
            Ok(Some(Ok(SubscriptionItem::Data(item)))) => taken.push(item),
            other => panic!("{} of {count}: {:?}", taken.len(), other.map(|it| it.map(|it| it.map(|_| ())))),
        }
    }
    taken
}

#[tokio::test]
async fn trades_of_a_minute_are_its_bar() {
    let bench = Bench::at("09:59:59.999").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut last = client.tick_by_tick(&contract, 0).last().await.unwrap();
    let mut all = client.tick_by_tick(&contract, 0).all_last().await.unwrap();
    client.server_time().await.unwrap();
    // In steps of seven seconds, then of minutes.
    for at in ["10:00:07", "10:00:14", "10:00:59", "10:05:00"] {
        bench.clock.advance_to(instant(at));
    }
    bench.clock.advance_to(instant("10:09:59.999"));
    let bars = bench.tape.minutes().series("AAPL").starting_in(instant("10:00"), instant("10:10"));
    let expected: f64 = bars.iter().filter_map(|bar| bar.trades).sum();
    let trades = take(&mut last, expected as usize).await;
    for bar in bars.iter() {
        let of_bar: Vec<_> =
            trades.iter().filter(|it| (bar.open_at..bar.close_at).contains(&(it.time.unix_timestamp() * 1_000_000))).collect();
        assert_eq!(of_bar.len(), bar.trades.unwrap() as usize);
        assert_eq!((of_bar[0].price, of_bar[of_bar.len() - 1].price), (bar.open, bar.close));
        let (low, high) = of_bar.iter().fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(it.price), high.max(it.price)));
        assert_eq!((low, high), (bar.low, bar.high));
        assert_eq!(of_bar.iter().map(|it| it.size).sum::<f64>(), bar.volume);
    }
    assert!(trades.iter().all(|it| !it.trade_attribute.unreported && it.special_conditions.is_empty()));
    assert!(trades.windows(2).all(|pair| pair[0].time <= pair[1].time));

    // All trades are the same ones, and a few that count nowhere.
    let (mut counted, mut odd_lots) = (Vec::new(), 0);
    while counted.len() < trades.len() {
        let next = take(&mut all, 1).await.remove(0);
        match next.trade_attribute.unreported {
            true => odd_lots += 1,
            false => counted.push((next.time, next.price, next.size)),
        }
    }
    assert!((5..100).contains(&odd_lots), "{odd_lots}");
    assert_eq!(counted, trades.iter().map(|it| (it.time, it.price, it.size)).collect::<Vec<_>>());
}

#[tokio::test]
async fn bids_and_asks_end_where_the_tape_is_and_mid_points_lie_between() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("MSFT");
    let mut every = client.tick_by_tick(&contract, 0).bid_ask(IgnoreSize::No).await.unwrap();
    let mut prices = client.tick_by_tick(&contract, 0).bid_ask(IgnoreSize::Yes).await.unwrap();
    let mut middles = client.tick_by_tick(&contract, 0).mid_point().await.unwrap();
    client.server_time().await.unwrap();
    bench.clock.advance_to(instant("10:03:30"));
    let expected = bench.tape.bid_ask_at(&Symbol::new("MSFT").unwrap(), instant("10:03:30")).unwrap();
    let is_last = |it: &realtime::BidAsk| {
        it.time.unix_timestamp() == expected.at.as_second()
            && (Some(it.bid_price), Some(it.ask_price)) == (expected.bid, expected.ask)
    };
    let mut told = take(&mut every, 1).await;
    while !told.last().is_some_and(|it| is_last(it) && (it.bid_size, it.ask_size) == (expected.bid_size, expected.ask_size)) {
        told.extend(take(&mut every, 1).await);
    }
    let mut changes: Vec<(f64, f64)> = Vec::new();
    let before = bench.tape.bid_ask_at(&Symbol::new("MSFT").unwrap(), instant("10:00")).unwrap();
    let mut shown = (before.bid.unwrap(), before.ask.unwrap());
    for it in &told {
        if (it.bid_price, it.ask_price) != shown {
            shown = (it.bid_price, it.ask_price);
            changes.push(shown);
        }
    }
    assert!(told.len() > changes.len() && changes.len() > 40, "{} quotes, {} prices", told.len(), changes.len());
    let ignoring: Vec<(f64, f64)> =
        take(&mut prices, changes.len()).await.iter().map(|it| (it.bid_price, it.ask_price)).collect();
    assert_eq!(ignoring, changes);
    let mut expected: Vec<f64> = vec![(before.bid.unwrap() + before.ask.unwrap()) / 2.0];
    expected.extend(changes.iter().map(|(bid, ask)| (bid + ask) / 2.0));
    expected.dedup();
    let told: Vec<f64> = take(&mut middles, expected.len() - 1).await.iter().map(|it| it.mid_point).collect();
    assert_eq!(told, expected[1..]);
}

#[tokio::test]
async fn three_streams_of_ticks_are_the_most() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let (apple, dark) = (stock("AAPL"), stock("DARK"));
    let (code, text) = refused(client.tick_by_tick(&dark, 0).last().await.unwrap()).await;
    assert_eq!((code, text.as_str()), (10189, "Failed to request tick-by-tick data:No market data permissions for NASDAQ STK"));
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(client.tick_by_tick(&apple, 0).last().await.unwrap());
    }
    client.server_time().await.unwrap();
    assert_eq!(refused(client.tick_by_tick(&apple, 0).mid_point().await.unwrap()).await.0, 10190);
    assert_eq!(bench.gateway.stats().violations[&Violation::TickByTick], 1);
    streams.remove(0).cancel().await;
    client.server_time().await.unwrap();
    let mut again = client.tick_by_tick(&apple, 0).mid_point().await.unwrap();
    client.server_time().await.unwrap();
    bench.clock.advance_to(instant("10:00:30"));
    assert!(take(&mut again, 1).await[0].mid_point > 200.0);
}

#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(int32, tag = "1")]
    id: i32,
    #[prost(message, optional, tag = "2")]
    contract: Option<Named>,
    #[prost(string, tag = "3")]
    kind: String,
    #[prost(int32, tag = "4")]
    count: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Trade {
    #[prost(int64, tag = "1")]
    time: i64,
    #[prost(double, tag = "3")]
    price: f64,
    #[prost(string, tag = "4")]
    size: String,
}

#[derive(Clone, PartialEq, Message)]
struct Before {
    #[prost(int32, tag = "1")]
    id: i32,
    #[prost(message, repeated, tag = "2")]
    ticks: Vec<Trade>,
    #[prost(bool, tag = "3")]
    done: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Told {
    #[prost(int32, tag = "1")]
    id: i32,
    #[prost(int32, tag = "2")]
    kind: i32,
    #[prost(message, optional, tag = "3")]
    trade: Option<Trade>,
}

#[tokio::test]
async fn ticks_of_before_come_first_when_they_are_asked_for() {
    let bench = Bench::at("10:00:30").await;
    let mut raw = RawClient::connect(&bench, 9).await;
    let mut request = Request { id: 5, contract: Some(named("AAPL")), kind: "Last".to_owned(), count: 100 };
    raw.send(97, &request).await;
    let first = raw.frame().await.unwrap();
    let before: Before = read(&first);
    assert_eq!((first.0, before.id, before.done), (98, 5, true));
    assert!((100..104).contains(&before.ticks.len()), "more only to complete a second: {}", before.ticks.len());
    let last = bench.tape.last_at(&Symbol::new("AAPL").unwrap(), instant("10:00:30")).unwrap();
    let newest = before.ticks.last().unwrap();
    assert_eq!((newest.time, newest.price, newest.size.parse()), (last.at.as_second(), last.price, Ok(last.size)));
    bench.clock.advance_to(instant("10:00:40"));
    let next = raw.until(|seen| seen.0 == 99).await;
    let next: Told = read(&next[0]);
    assert_eq!((next.id, next.kind), (5, 1));
    assert!(next.trade.unwrap().time >= newest.time);

    request = Request { id: 6, kind: "last".to_owned(), ..request };
    raw.send(97, &request).await;
    raw.send(98, &Id { id: Some(77) }).await;
    let seen = raw.so_far().await;
    let errors = seen.iter().filter(|seen| seen.0 == 4).map(read::<ErrorSeen>).map(|it| (it.id, it.code));
    assert_eq!(errors.collect::<Vec<_>>(), [(Some(6), Some(321)), (Some(77), Some(10191))]);
    assert!(bench.gateway.stats().violations.is_empty());
}
