//! The order book.

use bellwether::market::Symbol;
use bellwether_gateway::Violation;
use ibapi::{
    market_data::{
        SmartDepth,
        realtime::{MarketDepthL2, MarketDepths},
    },
    prelude::*,
};

use crate::{
    bench::{Bench, instant, refused, stock},
    ticks::take,
};

/// A book as a client keeps it: (price, size, market maker), best first.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    /// Asks and bids, as the wire numbers them.
    sides: [Vec<(f64, f64, String)>; 2],
    deepest: usize,
    operations: [usize; 3],
}

impl Kept {
    fn apply(&mut self, change: &MarketDepthL2) {
        let rows = &mut self.sides[change.side as usize];
        let position = change.position as usize;
        let row = (change.price, change.size, change.market_maker.clone());
        match change.operation {
            0 => rows.insert(position, row),
            1 => rows[position] = row,
            2 => drop(rows.remove(position)),
            other => panic!("operation {other}"),
        }
        self.operations[change.operation as usize] += 1;
        self.deepest = self.deepest.max(rows.len());
    }

    fn assert_is_a_book(&self) {
        let [asks, bids] = &self.sides;
        assert!(asks.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{asks:?}");
        assert!(bids.windows(2).all(|pair| pair[0].0 >= pair[1].0), "{bids:?}");
        assert!(bids[0].0 < asks[0].0);
        assert!(asks.iter().chain(bids).all(|row| row.1 >= 100.0 && row.0 > 0.0));
    }

    /// Best price of a side and all shares at it.
    fn best(&self, side: usize) -> (f64, f64) {
        let best = self.sides[side][0].0;
        (best, self.sides[side].iter().filter(|row| row.0 == best).map(|row| row.1).sum())
    }
}

fn by_exchange(change: MarketDepths) -> MarketDepthL2 {
    match change {
        MarketDepths::MarketDepthL2(change) => change,
        other => panic!("{other:?} names no exchange"),
    }
}

#[tokio::test]
async fn a_smart_book_follows_the_best_bid_and_offer() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_depth(&contract, 10).smart_depth(SmartDepth::Yes).subscribe().await.unwrap();
    let mut kept = Kept::default();
    take(&mut stream, 20).await.into_iter().map(by_exchange).for_each(|change| kept.apply(&change));
    assert_eq!(kept.operations, [20, 0, 0]);
    let symbol = Symbol::new("AAPL").unwrap();
    for at in ["10:00", "10:00:03", "10:00:20", "10:01", "10:07:30"] {
        bench.clock.advance_to(instant(at));
        let best = bench.tape.bid_ask_at(&symbol, instant(at)).unwrap();
        let expected = ((best.bid.unwrap(), best.bid_size), (best.ask.unwrap(), best.ask_size));
        // The last change of a look is on the asks, or there is none: read until both sides are as they must be.
        while (kept.best(1), kept.best(0)) != expected || kept.sides.iter().any(|side| side.len() != 10) {
            kept.apply(&by_exchange(take(&mut stream, 1).await.remove(0)));
        }
        // What is left of this look.
        for change in stream.collect_for(std::time::Duration::from_millis(200)).await {
            kept.apply(&by_exchange(change));
        }
        kept.assert_is_a_book();
        assert_eq!((kept.best(1), kept.best(0)), expected, "{at}");
        let exchanges: std::collections::BTreeSet<&str> = kept.sides.iter().flatten().map(|row| row.2.as_str()).collect();
        assert!(exchanges.len() > 3 && !exchanges.contains(""), "{exchanges:?}");
    }
    assert_eq!(kept.deepest, 10, "no book is ever deeper than asked for");
    assert!(kept.operations.iter().all(|count| *count > 5), "{:?}", kept.operations);
}

#[tokio::test]
async fn one_exchange_has_one_row_a_price_and_names_nobody() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let arca = Contract::stock("AAPL").on_exchange("ARCA").build();
    let mut stream = client.market_depth(&arca, 5).subscribe().await.unwrap();
    let mut prices = [Vec::new(), Vec::new()];
    for change in take(&mut stream, 10).await {
        match change {
            MarketDepths::MarketDepth(change) => prices[change.side as usize].push(change.price),
            other => panic!("{other:?}"),
        }
    }
    let best = bench.tape.bid_ask_at(&Symbol::new("AAPL").unwrap(), instant("10:00")).unwrap();
    assert_eq!((Some(prices[0][0]), Some(prices[1][0])), (best.ask, best.bid));
    assert!(prices[0].windows(2).all(|pair| pair[0] < pair[1]) && prices[1].windows(2).all(|pair| pair[0] > pair[1]));
    // There is no book of SMART but the smart one.
    let smart = stock("AAPL");
    assert_eq!(refused(client.market_depth(&smart, 5).subscribe().await.unwrap()).await.0, 10092);
}

#[tokio::test]
async fn after_hours_the_book_is_empty() {
    let bench = Bench::at("19:59:59").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.market_depth(&contract, 5).smart_depth(SmartDepth::Yes).subscribe().await.unwrap();
    let mut kept = Kept::default();
    take(&mut stream, 10).await.into_iter().map(by_exchange).for_each(|change| kept.apply(&change));
    bench.clock.advance_to(instant("20:00"));
    take(&mut stream, 10).await.into_iter().map(by_exchange).for_each(|change| kept.apply(&change));
    assert_eq!(kept.sides, [Vec::new(), Vec::new()]);
}

#[tokio::test]
async fn three_books_are_the_most() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let (apple, dark) = (stock("AAPL"), stock("DARK"));
    let open = async |contract: &Contract, rows| {
        client.market_depth(contract, rows).smart_depth(SmartDepth::Yes).subscribe().await.unwrap()
    };
    assert_eq!(refused(open(&dark, 5).await).await.0, 354);
    assert_eq!(refused(open(&apple, 0).await).await.0, 321);
    let mut books = Vec::new();
    for _ in 0..3 {
        let mut book = open(&apple, 5).await;
        take(&mut book, 1).await;
        books.push(book);
    }
    let (code, text) = refused(open(&apple, 5).await).await;
    assert_eq!((code, text.as_str()), (309, "Max number (3) of market depth requests has been reached"));
    assert_eq!(bench.gateway.stats().violations[&Violation::MarketDepth], 1);
    books.remove(0).cancel().await;
    client.server_time().await.unwrap();
    take(&mut open(&apple, 5).await, 10).await;
    let exchanges = client.market_depth_exchanges().await.unwrap();
    assert!(exchanges.iter().any(|it| it.exchange_name == "ARCA" && it.security_type == "STK"));
}
