//! Market data lines: a market of 1,453 symbols in rotation over a hundred, and what happens when it is stopped half-way.

use std::sync::Arc;

use bellwether::market::Clock;
use bellwether_adapters::ib::{IbConfig, IbSession, MarketEvent, Priority, SubscriptionKind, SubscriptionState, with_priority};
use bellwether_gateway::{Gateway, GatewayConfig, GatewayHandle, SimClock};
use jiff::SignedDuration;

use crate::{
    market::until,
    subscriptions::{next, subscribe},
    wide_market::{today, wide_market},
};

const MARKET: usize = 1_453;

struct Wide {
    clock: Arc<SimClock>,
    gateway: GatewayHandle,
    session: Arc<IbSession>,
    instruments: Vec<bellwether::market::Instrument>,
}

impl Wide {
    async fn start(symbols: usize, rate: f64, config: IbConfig) -> Self {
        let (tape, instruments) = wide_market(symbols);
        let clock = SimClock::new(today(9, 45), rate);
        let gateway = Gateway::start(GatewayConfig::default(), tape, Arc::clone(&clock)).await.unwrap();
        let config = IbConfig { port: gateway.addr().port(), ..config };
        let session = Arc::new(IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap());
        Self { clock, gateway, session, instruments }
    }

    async fn end(self) {
        assert_eq!(self.session.lines().taken(), 0, "{:?}", self.session.lines());
        self.session.shutdown().await;
        let stats = self.gateway.stats();
        assert!(stats.violations.is_empty(), "{:?}", stats.violations);
        assert_eq!(stats.lines, 0);
        self.gateway.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_symbol_of_the_market_gets_a_quote_over_a_hundred_lines() {
    let wide = Wide::start(MARKET, 10.0, IbConfig::default()).await;
    let (first, others) = wide.instruments.split_at(100);
    assert_eq!(wide.session.rotate_quotes(first).await.quotes.len(), 100);
    let round = wide.session.rotate_quotes(&wide.instruments).await;
    println!("{} forecast, {} taken; {}", round.forecast.duration.unwrap(), round.took, round.forecast.bottleneck);
    assert_eq!((round.quotes.len(), round.missing.len()), (MARKET, 0));
    // 1,453 messages, 45 at a time.
    assert!(round.took >= SignedDuration::from_secs(30), "{}", round.took);
    assert!(round.forecast.duration.unwrap() >= SignedDuration::from_secs(30), "{:?}", round.forecast);
    assert!((1..=100).contains(&round.forecast.lines_used), "{}", round.forecast.lines_used);
    let lines = wide.session.lines();
    assert!(lines.peak <= 100 && lines.taken() == 0, "{lines:?}");

    // Whoever was asked longest ago comes first: the hundred that were asked before came last, so they are the youngest.
    let symbols = |of: &[bellwether::market::Instrument]| of.iter().map(|it| it.symbol.clone()).collect::<Vec<_>>();
    let (young, old) = (wide.session.rotation_of(&symbols(first)), wide.session.rotation_of(&symbols(others)));
    assert_eq!((young.never, old.never, old.symbols), (0, 0, MARKET - 100));
    assert!(young.oldest.unwrap().1 < old.oldest.as_ref().unwrap().1);
    // No age is beyond the round and what passed since.
    let since_last = wide.session.rotation_of(&symbols(first)).oldest.unwrap().1;
    assert!(old.oldest.unwrap().1 <= round.took + since_last);
    wide.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_come_back_from_rounds_that_are_cancelled_or_panic() {
    let wide = Wide::start(600, 2.0, IbConfig::default()).await;
    let under_way = |session: &IbSession| session.lines().taken() > 20;
    let cancelled = tokio::spawn({
        let (session, instruments) = (Arc::clone(&wide.session), wide.instruments.clone());
        async move { session.rotate_quotes(&instruments).await.quotes.len() }
    });
    until("a round under way", || under_way(&wide.session)).await;
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    until("the lines of a cancelled round", || wide.session.lines().taken() == 0).await;

    // A consumer that fails while a round and a stream of bars are its own.
    let panics = tokio::spawn({
        let (session, instruments) = (Arc::clone(&wide.session), wide.instruments.clone());
        async move {
            let mut bars = subscribe(&session, &instruments[0], SubscriptionKind::FiveSecondBars);
            tokio::select! {
                _ = session.rotate_quotes(&instruments) => {}
                bar = bars.next() => panic!("the consumer cannot take {bar:?}, as this test wants it to"),
            }
        }
    });
    assert!(panics.await.unwrap_err().is_panic());
    until("the lines of a consumer that panicked", || wide.session.lines().taken() == 0).await;
    until("the stream's end at the gateway", || wide.gateway.stats().lines == 0).await;

    // Nothing else was lost: the next round is whole.
    assert_eq!(wide.session.rotate_quotes(&wide.instruments[..150]).await.quotes.len(), 150);
    wide.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_takes_its_line_from_a_scan() {
    let config = IbConfig { market_data_lines: 10, keep_lines_free: 1, ..IbConfig::default() };
    let wide = Wide::start(40, 5.0, config).await;
    // Nine streams of a scan; the others are in rotation.
    wide.session.subscribe_quotes(&wide.instruments[..30]).await;
    until("nine streams", || wide.gateway.stats().lines == 9).await;
    until("quotes of all", || wide.session.quotes().len() == 30).await;
    assert!(wide.session.rotation().symbols >= 21);
    // Three positions: lines for their bars are found at the expense of the scan.
    let held = &wide.instruments[30..33];
    let mut streams = Vec::new();
    for instrument in held {
        let subscribed = async { subscribe(&wide.session, instrument, SubscriptionKind::FiveSecondBars) };
        streams.push(with_priority(Priority::Positions, subscribed).await);
    }
    for stream in &mut streams {
        assert!(matches!(next(stream).await, MarketEvent::Bar { .. }));
    }
    let lines = wide.session.lines();
    assert_eq!(lines.used.get(&Priority::Positions), Some(&3), "{lines:?}");
    assert!(lines.recalled >= 2 && lines.peak <= 10, "{lines:?}");
    // Those whose stream was ended are asked in turn.
    until("quotes of all again", || wide.session.quotes().len() == 30).await;
    drop(streams);
    until("their lines", || !wide.session.lines().used.contains_key(&Priority::Positions)).await;
    wide.session.shutdown().await;
    until("every line", || wide.session.lines().taken() == 0).await;
    let stats = wide.gateway.stats();
    assert!(stats.violations.is_empty(), "{:?}", stats.violations);
    wide.gateway.shutdown().await;
}

#[tokio::test]
async fn a_line_that_is_taken_is_waited_for() {
    let config = IbConfig { market_data_lines: 1, keep_lines_free: 1, ..IbConfig::default() };
    let wide = Wide::start(2, 20.0, config).await;
    let mut held = subscribe(&wide.session, &wide.instruments[0], SubscriptionKind::FiveSecondBars);
    next(&mut held).await;
    let mut waiting = subscribe(&wide.session, &wide.instruments[1], SubscriptionKind::FiveSecondBars);
    until("someone who waits", || wide.session.lines().waiting == 1).await;
    next(&mut held).await;
    assert_eq!((waiting.state(), waiting.health().events), (SubscriptionState::Subscribing, 0));
    // A while is no trouble; longer than that is, while the market is open.
    wide.clock.advance_to(wide.clock.now() + SignedDuration::from_secs(120));
    let silent = SubscriptionState::Silent { why: "waits for a market data line".to_owned() };
    until("the wait to be told", || waiting.state() == silent).await;
    drop(held);
    next(&mut waiting).await;
    until("what came to be told", || waiting.state() == SubscriptionState::Live).await;
    drop(waiting);
    until("the line", || wide.session.lines().taken() == 0 && wide.gateway.stats().lines == 0).await;
    wide.end().await;
}
