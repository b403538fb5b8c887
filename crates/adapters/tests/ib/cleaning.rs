//! What is wrong stays outside, is counted, and never ends a subscription in silence.

use std::sync::Arc;

use bellwether::market::{Clock, MissingReason, SnapshotPart, Tick};
use bellwether_adapters::{
    ScanRequest, UniverseRequest,
    ib::{
        GapOutcome, HealthChange, IbConfig, IbSession, MarketEvent, SubscriptionHandle, SubscriptionKind, SubscriptionState,
        TickKind,
    },
};
use bellwether_gateway::Fault;
use jiff::SignedDuration;

use crate::{
    market::{Simulated, at, market, market_with_jump, most_traded},
    subscriptions::{alive, eventually, liquid, next, subscribe, take},
};

/// The last prices told since the last look.
fn lasts(handle: &mut SubscriptionHandle) -> Vec<f64> {
    let last = |event| match event {
        MarketEvent::Quote(quote) => quote.last,
        MarketEvent::Bar { bar, .. } => Some(bar.close),
        MarketEvent::Tick(Tick::Trade(trade)) => Some(trade.price),
        _ => None,
    };
    take(handle).into_iter().filter_map(last).collect()
}

#[tokio::test]
async fn prices_that_cannot_be_are_never_told_and_end_the_connection_once() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    // One price is no measure.
    for _ in 0..3 {
        alive(&mut handles).await;
    }
    let symbol = instrument.symbol.as_str();
    let tape = simulated.market.tape.minutes();
    let sane = tape.series(symbol).as_of(at(10, 0)).last().unwrap().close;
    let mut events = session.health_events();
    let wrong = Fault::WrongPrices { symbol: symbol.to_owned(), factor: 3.0 };
    simulated.gateway.faults().inject(&wrong).unwrap();
    let mut told = Vec::new();
    eventually("the distrust", || {
        handles.iter_mut().for_each(|handle| told.extend(lasts(handle)));
        session.health().counters.desyncs > 0
    })
    .await;
    eventually("held back and said so", || {
        handles.iter_mut().for_each(|handle| told.extend(lasts(handle)));
        let health = session.health().subscriptions;
        health.iter().any(|it| matches!(&it.state, SubscriptionState::Silent { why } if why.contains("held back")))
    })
    .await;
    simulated.gateway.faults().lift(&wrong);
    alive(&mut handles).await;
    eventually("all live again", || session.health().oldest_silent.is_none()).await;
    handles.iter_mut().for_each(|handle| told.extend(lasts(handle)));
    let wild: Vec<&f64> = told.iter().filter(|price| **price > 1.5 * sane || **price < sane / 1.5).collect();
    assert!(wild.is_empty(), "told {wild:?}, though {symbol} is at {sane}");
    let health = session.health();
    assert!(
        (1..=2).contains(&health.counters.desyncs),
        "each symbol's stream may end the connection once: {:?}",
        health.counters
    );
    assert!(health.counters.impossible_prices > 0);
    let mut desync = 0;
    while let Ok(event) = events.try_recv() {
        desync += u64::from(matches!(event.change, HealthChange::Desync { .. }));
    }
    assert_eq!(desync, health.counters.desyncs);
    simulated.end(session).await;
}

#[tokio::test]
async fn prices_after_a_halt_are_believed_by_everyone_who_follows_the_symbol() {
    let simulated = Simulated::start(at(9, 45), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let symbol = instrument.symbol.to_string();
    let mut quotes = subscribe(&session, &instrument, SubscriptionKind::Quotes);
    let mut bars = subscribe(&session, &instrument, SubscriptionKind::FiveSecondBars);
    alive(std::slice::from_mut(&mut quotes)).await;
    let before = loop {
        if let MarketEvent::Bar { bar, .. } = next(&mut bars).await {
            break bar.close;
        }
    };
    let faults = simulated.gateway.faults();
    let halted = Fault::Halted { symbol: symbol.clone() };
    faults.inject(&halted).unwrap();
    eventually("the halt", || is_halted(&mut quotes)).await;
    // It comes back at nearly twice the price: what a stock in play does.
    faults.inject(&Fault::WrongPrices { symbol, factor: 1.8 }).unwrap();
    faults.lift(&halted);
    let after = loop {
        if let MarketEvent::Bar { bar, .. } = next(&mut bars).await
            && bar.close > 1.5 * before
        {
            break bar.close;
        }
    };
    assert!(after < 2.2 * before, "{after} after {before}");
    assert_eq!(session.health().counters.desyncs, 0, "nobody's connection was touched");
    simulated.end(session).await;
}

#[tokio::test]
async fn a_price_that_jumps_without_a_halt_is_believed_once_history_tells_of_it_too() {
    // Before the open nothing is halted, and news doubles a price within a second.
    let symbol = most_traded(&market());
    let simulated = Simulated::start_with(market_with_jump(&symbol, at(10, 2), 1.9), at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars, SubscriptionKind::MinuteBars];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    alive(&mut handles).await;
    let before = simulated.market.tape.minutes().series(symbol.as_str()).as_of(at(10, 1)).last().unwrap().close;
    let jumped = |price: &f64| (1.6 * before..2.2 * before).contains(price);
    for handle in &mut handles {
        eventually("the new price", || lasts(handle).iter().any(jumped)).await;
    }
    eventually("all live", || session.health().oldest_silent.is_none()).await;
    assert_eq!(session.health().counters.desyncs, 0, "nobody's connection was touched");
    assert!(session.health().counters.impossible_prices > 0, "it was held back at first");
    eventually("what was held back", || session.gaps().iter().all(|gap| matches!(gap.outcome, GapOutcome::Backfilled))).await;
    simulated.end(session).await;
}

/// Whether the last quote that came says that trading is halted.
fn is_halted(quotes: &mut SubscriptionHandle) -> bool {
    take(quotes).into_iter().any(|event| matches!(event, MarketEvent::Quote(quote) if quote.halted))
}

#[tokio::test]
async fn sentinels_become_absent_values() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars, SubscriptionKind::TickByTick(TickKind::Last)];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    alive(&mut handles).await;
    let sentinels = Fault::Sentinels { symbol: instrument.symbol.to_string() };
    simulated.gateway.faults().inject(&sentinels).unwrap();
    let mut told = Vec::new();
    let until = simulated.clock.now() + SignedDuration::from_secs(60);
    eventually("a minute of sentinels", || {
        handles.iter_mut().for_each(|handle| told.extend(take(handle)));
        simulated.clock.now() >= until
    })
    .await;
    simulated.gateway.faults().lift(&sentinels);
    alive(&mut handles).await;
    assert!(session.health().counters.sentinels > 0);
    let plausible = |price: f64| price > 0.0 && price < 100_000.0;
    for event in &told {
        let prices: Vec<Option<f64>> = match event {
            MarketEvent::Quote(quote) => vec![quote.bid, quote.ask, quote.last],
            MarketEvent::Bar { bar, .. } => vec![Some(bar.open), Some(bar.high), Some(bar.low), Some(bar.close), bar.vwap],
            MarketEvent::Tick(Tick::Trade(trade)) => vec![Some(trade.price)],
            _ => Vec::new(),
        };
        assert!(prices.iter().flatten().all(|price| plausible(*price)), "{event:?}");
    }
    simulated.end(session).await;
}

#[tokio::test]
async fn what_comes_twice_is_told_once_and_what_comes_late_is_counted() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let mut bars = subscribe(&session, &instrument, SubscriptionKind::FiveSecondBars);
    let mut quotes = subscribe(&session, &instrument, SubscriptionKind::TickByTick(TickKind::BidAsk));
    let faults = simulated.gateway.faults();
    let twice = Fault::DuplicateTicks { symbol: None };
    faults.inject(&twice).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut last = None;
    eventually("bars and quotes", || {
        for event in take(&mut bars) {
            if let MarketEvent::Bar { bar, .. } = event {
                assert!(seen.insert(bar.open_at), "{bar:?} came twice");
            }
        }
        for event in take(&mut quotes) {
            assert_ne!(Some(&event), last.as_ref(), "told twice");
            last = Some(event);
        }
        seen.len() >= 10 && last.is_some()
    })
    .await;
    assert!(session.health().counters.duplicates_dropped >= 10, "{:?}", session.health().counters);
    faults.lift(&twice);
    faults.inject(&Fault::OutOfOrderTicks { symbol: None }).unwrap();
    eventually("something late", || {
        seen.extend(take(&mut bars).into_iter().filter_map(|event| match event {
            MarketEvent::Bar { bar, .. } => Some(bar.open_at),
            _ => None,
        }));
        session.health().counters.late_ticks > 0
    })
    .await;
    faults.clear();
    eventually("all bars accounted for", || bars.health().bars.is_some_and(|account| account.missing == 0)).await;
    simulated.end(session).await;
}

#[tokio::test]
async fn bytes_out_of_step_end_the_connection_and_nothing_else() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::TickByTick(TickKind::AllLast), SubscriptionKind::Depth { rows: 5 }];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    alive(&mut handles).await;
    let faults = simulated.gateway.faults();
    for (round, fault) in
        [Fault::Desync { bytes: 4, client: None }, Fault::UnknownMessage { count: 20, client: None }].into_iter().enumerate()
    {
        faults.inject(&fault).unwrap();
        eventually("another connection", || session.health().counters.connections == round as u64 + 2).await;
        alive(&mut handles).await;
    }
    assert!(session.health().counters.desyncs >= 1);
    session.with_recent_ticks(&instrument.symbol, |ticks| {
        assert!(!ticks.is_empty() && ticks.is_sorted_by_key(|tick| tick.at), "{} ticks", ticks.len());
    });
    simulated.end(session).await;
}

#[tokio::test]
async fn delayed_quotes_are_marked_wherever_they_go() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let config = IbConfig { delayed_quotes: true, ..simulated.config() };
    let session = IbSession::connect(config, Arc::clone(&simulated.clock) as Arc<dyn Clock>).await.unwrap();
    let tape = &simulated.market.tape;
    let denied = tape.instruments().iter().find(|instrument| !instrument.subscribed).expect("a symbol without a subscription");
    let symbols = [denied.symbol.clone(), simulated.symbols(1).remove(0)];
    let instruments = session.qualify(&symbols).await.instruments;
    let mut quotes = subscribe(&session, &instruments[0], SubscriptionKind::Quotes);
    let delayed = loop {
        match quotes.next().await {
            Some(MarketEvent::Quote(quote)) if quote.last.is_some() => break quote.delayed,
            Some(_) => {}
            None => panic!("{:?}", quotes.health()),
        }
    };
    assert!(delayed);
    let daily = Arc::new(tape.daily().clone());
    let request = ScanRequest { daily, with_headlines: false, ..ScanRequest::new(UniverseRequest::All, 0) };
    let snapshot = session.snapshot_of(at(10, 0), &instruments, &request).await.unwrap();
    assert!(snapshot.quote(&symbols[0]).unwrap().delayed);
    assert!(!snapshot.quote(&symbols[1]).unwrap().delayed);
    let told = &snapshot.provenance;
    assert_eq!((told.len(), told[0].part, told[0].symbols.as_slice()), (1, SnapshotPart::Quote, &symbols[..1]));
    simulated.end(session).await;
}

#[tokio::test]
async fn an_ambiguous_symbol_is_reported_with_its_candidates() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let symbol = simulated.symbols(1).remove(0);
    simulated.gateway.faults().inject(&Fault::Ambiguous { symbol: symbol.to_string() }).unwrap();
    let qualified = session.qualify(std::slice::from_ref(&symbol)).await;
    assert_eq!(qualified.missing.len(), 1, "{qualified:?}");
    let missing = &qualified.missing[0];
    assert_eq!(missing.reason, MissingReason::UnknownContract);
    assert!(missing.detail.contains("several contracts fit") && missing.detail.contains("USD"), "{}", missing.detail);
    assert_eq!(missing.detail.matches("contract ").count(), 2, "{}", missing.detail);
    simulated.end(session).await;
}
