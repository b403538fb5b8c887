//! Single ticks of the past.

use bellwether::market::Symbol;
use ibapi::{
    market_data::{
        IgnoreSize,
        historical::{TickDecoder, TickLast, TickSubscription},
    },
    prelude::*,
};
use jiff::Timestamp;
use time::OffsetDateTime;

use crate::bench::{Bench, PATIENCE, instant, refusal, stock};

fn offset(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_second()).unwrap()
}

/// Trades from `start` (or before `end`), until the answer is over.
async fn trades(client: &Client, symbol: &str, count: i32, anchor: Result<&str, &str>) -> Result<Vec<TickLast>, Error> {
    let contract = stock(symbol);
    let request = client.historical_ticks(&contract, count).trading_hours(TradingHours::Extended);
    let request = match anchor {
        Ok(start) => request.starting(offset(instant(start))),
        Err(end) => request.ending(offset(instant(end))),
    };
    all(request.trade().await?).await
}

async fn all<T: TickDecoder<T> + Send + Unpin>(mut ticks: TickSubscription<T>) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    while let Some(item) = tokio::time::timeout(PATIENCE, ticks.next()).await.expect("an answer") {
        if let SubscriptionItem::Data(tick) = item? {
            found.push(tick);
        }
    }
    Ok(found)
}

fn seconds(tick: &TickLast) -> i64 {
    tick.timestamp.unix_timestamp()
}

#[tokio::test]
async fn pages_forward_and_backward_are_the_minutes_bars() {
    let bench = Bench::at("10:30").await;
    let client = bench.client(1).await;
    // A clock that moves on a little between the pages, for the sake of pacing.
    let mut forward: Vec<TickLast> = Vec::new();
    let mut next = instant("10:00");
    while next < instant("10:10") {
        let page = trades(&client, "AAPL", 200, Ok(&next.to_string())).await.unwrap();
        assert!((200..210).contains(&page.len()), "{}", page.len());
        next = Timestamp::from_second(seconds(page.last().unwrap()) + 1).unwrap();
        forward.extend(page);
        bench.clock.advance_to(bench.clock.now() + std::time::Duration::from_secs(3));
    }
    let mut backward: Vec<TickLast> = Vec::new();
    let mut end = instant("10:10");
    while end > instant("10:00") {
        let mut page = trades(&client, "AAPL", 200, Err(&end.to_string())).await.unwrap();
        assert!((200..210).contains(&page.len()), "{}", page.len());
        end = Timestamp::from_second(seconds(&page[0])).unwrap();
        page.extend(backward);
        backward = page;
        bench.clock.advance_to(bench.clock.now() + std::time::Duration::from_secs(3));
    }
    let within = |ticks: &[TickLast]| -> Vec<(i64, f64, Option<f64>)> {
        let range = instant("10:00").as_second()..instant("10:10").as_second();
        ticks.iter().filter(|it| range.contains(&seconds(it))).map(|it| (seconds(it), it.price, it.size)).collect()
    };
    assert_eq!(within(&forward), within(&backward));
    let bars = bench.tape.minutes().series("AAPL").starting_in(instant("10:00"), instant("10:10"));
    for bar in bars.iter() {
        let minute = bar.open_at / 1_000_000;
        let counted: Vec<&TickLast> = forward
            .iter()
            .filter(|it| (minute..minute + 60).contains(&seconds(it)) && !it.tick_attribute_last.unreported)
            .collect();
        assert_eq!(counted.len() as f64, bar.trades.unwrap());
        assert_eq!(counted.iter().filter_map(|it| it.size).sum::<f64>(), bar.volume);
        assert_eq!((counted[0].price, counted[counted.len() - 1].price), (bar.open, bar.close));
    }
}

#[tokio::test]
async fn nothing_past_the_clock_is_told_and_one_session_at_a_time() {
    let bench = Bench::at("10:00:30").await;
    let client = bench.client(1).await;
    let told = trades(&client, "MSFT", 1_000, Ok("10:00")).await.unwrap();
    let last = bench.tape.last_at(&Symbol::new("MSFT").unwrap(), instant("10:00:30")).unwrap();
    let newest = told.iter().rfind(|it| !it.tick_attribute_last.unreported).unwrap();
    assert_eq!((seconds(newest), newest.price, newest.size), (last.at.as_second(), last.price, Some(last.size)));
    assert!(told.len() < 60);
    // Before Monday's first trade is Friday, and only Friday.
    let friday = trades(&client, "MSFT", 50, Err("08:00")).await.unwrap();
    assert!(friday.iter().all(|it| seconds(it) < instant("00:00").as_second()));
    assert_eq!(trades(&client, "MSFT", 50, Ok("11:00")).await.unwrap(), [], "the future is empty");
    // Regular hours begin with the opening trade.
    let contract = stock("MSFT");
    let request = client.historical_ticks(&contract, 1).starting(offset(instant("08:00"))).trading_hours(TradingHours::Regular);
    let first = all(request.trade().await.unwrap()).await.unwrap();
    assert_eq!(seconds(&first[0]), instant("09:30").as_second());
    assert!(trades(&client, "MSFT", 1, Ok("08:00")).await.unwrap()[0].special_conditions.contains('T'));
}

#[tokio::test]
async fn quotes_and_mid_points_of_the_past() {
    let bench = Bench::at("11:00").await;
    let client = bench.client(1).await;
    let contract = stock("SPY");
    let request = || client.historical_ticks(&contract, 300).ending(offset(instant("10:30")));
    let every = all(request().bid_ask(IgnoreSize::No).await.unwrap()).await.unwrap();
    let prices = all(request().bid_ask(IgnoreSize::Yes).await.unwrap()).await.unwrap();
    let middles = all(request().mid_point().await.unwrap()).await.unwrap();
    let at_end = bench.tape.bid_ask_at(&Symbol::new("SPY").unwrap(), instant("10:29:59.999")).unwrap();
    let newest = every.last().unwrap();
    assert_eq!((Some(newest.price_bid), Some(newest.price_ask)), (at_end.bid, at_end.ask));
    assert_eq!((newest.size_bid, newest.size_ask), (Some(at_end.bid_size), Some(at_end.ask_size)));
    assert!(prices.windows(2).all(|pair| (pair[0].price_bid, pair[0].price_ask) != (pair[1].price_bid, pair[1].price_ask)));
    assert!(prices[0].timestamp < every[0].timestamp, "without changes of size the same number reaches farther back");
    assert_eq!(middles.last().unwrap().price, (newest.price_bid + newest.price_ask) / 2.0);
    assert!(middles.windows(2).all(|pair| pair[0].price != pair[1].price));
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_its_reason() {
    let bench = Bench::at("11:00").await;
    let client = bench.client(1).await;
    assert_eq!(refusal(trades(&client, "AAPL", 1_001, Ok("10:00")).await).0, 321);
    assert_eq!(refusal(trades(&client, "AAPL", 0, Ok("10:00")).await).0, 321);
    let (code, text) = refusal(trades(&client, "DARK", 10, Ok("10:00")).await);
    assert_eq!((code, text.as_str()), (10187, "Failed to request historical ticks:No market data permissions for NASDAQ STK"));
    let contract = stock("AAPL");
    assert_eq!(refusal(all(client.historical_ticks(&contract, 10).trade().await.unwrap()).await).0, 321);
    trades(&client, "AAPL", 10, Ok("10:00")).await.unwrap();
    let (code, text) = refusal(trades(&client, "AAPL", 10, Ok("10:00")).await);
    assert_eq!(code, 162);
    assert!(text.ends_with("pacing violation"), "{text}");
}
