//! Subscriptions come through everything, or say what is wrong; no bar goes unaccounted for.

use std::{collections::BTreeMap, time::Duration};

use bellwether::market::{Bar, Instrument};
use bellwether_adapters::ib::{
    BarOrigin, GapOutcome, HealthChange, HealthEvent, IbSession, MarketEvent, Subscription, SubscriptionHandle, SubscriptionKind,
    SubscriptionState, roll_up,
};
use bellwether_gateway::{Farm, Fault};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast::Receiver;

use crate::market::{Simulated, at, most_traded};

/// As long as anything here may take, real time.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let holding = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, holding).await.unwrap_or_else(|_| panic!("still not so: {what}"));
}

pub(crate) fn subscribe(session: &IbSession, instrument: &Instrument, kind: SubscriptionKind) -> SubscriptionHandle {
    session.subscribe(Subscription { instrument: instrument.clone(), kind })
}

/// The symbol that trades most, so that its silence is none of its own.
pub(crate) async fn liquid(simulated: &Simulated, session: &IbSession) -> Instrument {
    session.qualify(&[most_traded(&simulated.market)]).await.instruments.remove(0)
}

/// Everything that has come and not been taken.
pub(crate) fn take(handle: &mut SubscriptionHandle) -> Vec<MarketEvent> {
    std::iter::from_fn(|| handle.try_next()).collect()
}

pub(crate) async fn next(handle: &mut SubscriptionHandle) -> MarketEvent {
    let next = tokio::time::timeout(PATIENCE, handle.next()).await;
    next.unwrap_or_else(|_| panic!("nothing comes any more: {:?}", handle.health())).expect("the session goes on")
}

/// Waits until data comes that was told after `from`.
pub(crate) async fn alive(handles: &mut [SubscriptionHandle]) {
    for handle in handles {
        take(handle);
        let is_old =
            |event: &MarketEvent| matches!(event, MarketEvent::Gap(_) | MarketEvent::Bar { origin: BarOrigin::Backfilled, .. });
        while is_old(&next(handle).await) {}
    }
}

/// The next report of a silent subscription.
async fn silent(events: &mut Receiver<HealthEvent>) -> (Timestamp, String) {
    let found = async {
        loop {
            let event = events.recv().await.unwrap();
            if let HealthChange::Subscription { state: SubscriptionState::Silent { why }, .. } = event.change {
                return (event.at, why);
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("a silent subscription is reported")
}

#[tokio::test]
async fn quotes_bars_and_minutes_come_through_whatever_ends_them() {
    let simulated = Simulated::start(at(10, 0), 40.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars, SubscriptionKind::MinuteBars];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    alive(&mut handles).await;
    let faults = simulated.gateway.faults();
    for fault in [
        Fault::KillSockets { client: None },
        Fault::RestoredDataLost,
        Fault::LiveUpdatesFailed,
        Fault::BustEvent { symbol: None },
        Fault::TruncatedFrame { client: None },
    ] {
        println!("{fault:?} at {}", simulated.clock.now());
        faults.inject(&fault).unwrap();
        alive(&mut handles).await;
    }
    let competing = Fault::CompetingSession;
    faults.inject(&competing).unwrap();
    eventually("10197 is reported", || {
        let health = session.health().subscriptions;
        health
            .iter()
            .any(|it| matches!(&it.state, SubscriptionState::Retrying { why, .. } if why.contains("logged in elsewhere")))
    })
    .await;
    faults.lift(&competing);
    alive(&mut handles).await;
    let health = session.health();
    println!("{:?}", health.counters);
    assert!(health.subscriptions.iter().all(|it| it.resubscriptions >= 2 && it.dropped == 0), "{health:?}");
    simulated.end(session).await;
}

#[tokio::test]
async fn feeds_that_a_farm_left_dead_are_found_within_ninety_seconds() {
    found_dead(|_| Fault::FarmFlap { farm: Farm::MarketData }).await;
}

#[tokio::test]
async fn feeds_that_died_without_a_word_are_found_within_ninety_seconds() {
    found_dead(|symbol| Fault::StallSymbol { symbol, client: None, persistent: false }).await;
}

async fn found_dead(fault: impl Fn(String) -> Fault) {
    let simulated = Simulated::start(at(10, 0), 10.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars];
    let mut handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    alive(&mut handles).await;
    let mut events = session.health_events();
    simulated.gateway.faults().inject(&fault(instrument.symbol.to_string())).unwrap();
    let dead_at = simulated.clock.now();
    for _ in 0..2 {
        let (found_at, why) = silent(&mut events).await;
        println!("found after {}, {why}", found_at.duration_since(dead_at));
        assert!(found_at.duration_since(dead_at) <= SignedDuration::from_secs(90), "{found_at}: {why}");
    }
    alive(&mut handles).await;
    eventually("all live again", || session.health().subscriptions.iter().all(|it| it.state == SubscriptionState::Live)).await;
    let health = session.health();
    assert!(health.counters.stale_restarts >= 2, "{:?}", health.counters);
    assert_eq!(health.counters.connections, 1, "a dead feed cost the socket");
    simulated.end(session).await;
}

#[tokio::test]
async fn a_feed_that_stays_dead_is_reported() {
    let simulated = Simulated::start(at(10, 0), 10.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let mut handles = [subscribe(&session, &instrument, SubscriptionKind::Quotes)];
    alive(&mut handles).await;
    let mut events = session.health_events();
    let stalled = Fault::StallSymbol { symbol: instrument.symbol.to_string(), client: None, persistent: true };
    simulated.gateway.faults().inject(&stalled).unwrap();
    let dead_at = simulated.clock.now();
    let (found_at, why) = silent(&mut events).await;
    assert!(found_at.duration_since(dead_at) <= SignedDuration::from_secs(90), "{found_at}: {why}");
    let oldest = session.health().oldest_silent.unwrap();
    assert_eq!(oldest.symbol, instrument.symbol);
    simulated.gateway.faults().lift(&stalled);
    alive(&mut handles).await;
    eventually("live again", || session.health().oldest_silent.is_none()).await;
    simulated.end(session).await;
}

#[tokio::test]
async fn a_market_that_is_closed_may_be_silent() {
    let simulated = Simulated::start(at(19, 59), 60.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let kinds = [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars];
    let _handles = kinds.map(|kind| subscribe(&session, &instrument, kind));
    simulated.clock.advance_to(at(20, 0));
    eventually("an hour of night", || simulated.clock.now() >= at(20, 30)).await;
    let health = session.health();
    assert_eq!((health.counters.stale_restarts, health.oldest_silent), (0, None));
    assert_eq!(health.counters.bars_lost + health.counters.bars_missing, 0);
    simulated.end(session).await;
}

#[tokio::test]
async fn every_bar_comes_is_fetched_or_is_lost_with_a_reason() {
    let simulated = Simulated::start(at(10, 0), 40.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let mut handle = subscribe(&session, &instrument, SubscriptionKind::FiveSecondBars);
    let faults = simulated.gateway.faults();
    let mut bars: BTreeMap<i64, Bar> = BTreeMap::new();
    let mut backfilled = 0;
    let mut collect = |handle: &mut SubscriptionHandle| {
        for event in take(handle) {
            if let MarketEvent::Bar { bar, origin } = event {
                assert!(bars.insert(bar.open_at, bar).is_none(), "{bar:?} came twice");
                backfilled += u64::from(origin == BarOrigin::Backfilled);
            }
        }
        bars.len()
    };
    eventually("bars", || collect(&mut handle) >= 6).await;
    for fault in [Fault::KillSockets { client: None }, Fault::FarmFlap { farm: Farm::MarketData }, Fault::RestoredDataLost] {
        faults.inject(&fault).unwrap();
        let until = simulated.clock.now() + SignedDuration::from_secs(90);
        eventually("ninety seconds", || {
            collect(&mut handle);
            simulated.clock.now() >= until
        })
        .await;
    }
    let refused = Fault::Refuse;
    faults.inject(&refused).unwrap();
    faults.inject(&Fault::KillSockets { client: None }).unwrap();
    let until = simulated.clock.now() + SignedDuration::from_secs(300);
    eventually("five minutes without a gateway", || simulated.clock.now() >= until).await;
    faults.lift(&refused);
    let until = simulated.clock.now() + SignedDuration::from_secs(120);
    let settled = |handle: &SubscriptionHandle| handle.health().bars.is_some_and(|bars| bars.missing == 0);
    eventually("every gap settled", || {
        collect(&mut handle);
        simulated.clock.now() >= until && settled(&handle)
    })
    .await;
    // Nothing more becomes due.
    simulated.clock.hold_at(Some(simulated.clock.now()));
    eventually("every bar taken", || {
        let account = handle.health().bars.unwrap();
        collect(&mut handle) as u64 == account.received + account.backfilled && account.missing == 0
    })
    .await;
    let account = handle.health().bars.unwrap();
    let gaps = session.gaps();
    println!("{account:?}");
    gaps.iter().for_each(|gap| println!("{gap}"));
    assert!(gaps.iter().all(|gap| gap.outcome != GapOutcome::Open));
    assert!(account.backfilled >= 60, "five minutes were missed: {account:?}");
    assert_eq!((account.received + account.backfilled, account.backfilled), (bars.len() as u64, backfilled));
    // Whatever came, live or not, adds up to the minutes of the tape; the first and the last are not whole.
    let all: Vec<Bar> = bars.values().copied().collect();
    let last = all.last().unwrap().close_at;
    let minutes = roll_up(&all, Timestamp::from_microsecond(last).unwrap());
    let series = simulated.market.tape.minutes().series(instrument.symbol.as_str());
    let known: Vec<Bar> = series.iter().filter(|bar| bar.open_at > all[0].open_at && bar.close_at <= last).collect();
    assert!(known.len() >= 10, "{}", known.len());
    for minute in &known {
        let lost = gaps.iter().any(|gap| {
            matches!(gap.outcome, GapOutcome::Lost { .. })
                && gap.from.as_microsecond() < minute.close_at
                && gap.until.as_microsecond() > minute.open_at
        });
        let made = minutes.iter().find(|made| made.open_at == minute.open_at);
        let same = made.is_some_and(|made| (made.open, made.high, made.low) == (minute.open, minute.high, minute.low));
        assert!(lost || same, "{minute:?} is unaccounted for; {made:?}");
    }
    simulated.end(session).await;
}

#[tokio::test]
async fn minute_bars_are_those_of_the_tape_whatever_happens() {
    let simulated = Simulated::start(at(10, 0), 30.0).await;
    let session = simulated.session().await;
    let instrument = liquid(&simulated, &session).await;
    let mut handle = subscribe(&session, &instrument, SubscriptionKind::MinuteBars);
    eventually("a first bar", || handle.health().bars.is_some_and(|bars| bars.received > 0)).await;
    simulated.gateway.faults().inject(&Fault::KillSockets { client: None }).unwrap();
    eventually("four minutes", || simulated.clock.now() >= at(10, 5)).await;
    simulated.gateway.faults().inject(&Fault::RestoredDataLost).unwrap();
    eventually("all bars", || {
        let bars = handle.health().bars.unwrap();
        simulated.clock.now() >= at(10, 8) && bars.missing == 0
    })
    .await;
    let series = simulated.market.tape.minutes().series(instrument.symbol.as_str());
    let bars: Vec<Bar> = take(&mut handle)
        .into_iter()
        .filter_map(|event| match event {
            MarketEvent::Bar { bar, .. } => Some(bar),
            _ => None,
        })
        .collect();
    assert!(bars.len() >= 6, "{}", bars.len());
    for bar in &bars {
        let row = series.open_at.binary_search(&bar.open_at).unwrap();
        let known = series.bar(row);
        assert_eq!(
            (bar.open, bar.high, bar.low, bar.close, bar.volume),
            (known.open, known.high, known.low, known.close, known.volume)
        );
    }
    simulated.end(session).await;
}

#[tokio::test]
async fn what_ib_refuses_is_said_in_words_and_tried_again_much_later() {
    let simulated = Simulated::start(at(10, 0), 60.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(2)).await.instruments;
    let faults = simulated.gateway.faults();
    let symbol = instruments[0].symbol.to_string();
    let denied = Fault::NoPermission { symbol: symbol.clone(), code: 354 };
    faults.inject(&denied).unwrap();
    let mut handles = [subscribe(&session, &instruments[0], SubscriptionKind::Quotes)];
    let refused = |handle: &SubscriptionHandle| match handle.state() {
        SubscriptionState::Refused { why, again_at } => Some((why, again_at)),
        _ => None,
    };
    eventually("the refusal", || refused(&handles[0]).is_some()).await;
    let (why, again_at) = refused(&handles[0]).unwrap();
    assert!(why.contains("354") && why.contains("Client Portal"), "{why}");
    assert!(again_at.duration_since(simulated.clock.now()) > SignedDuration::from_mins(5));
    faults.lift(&denied);
    simulated.clock.advance_to(again_at);
    alive(&mut handles).await;

    let mut other = [subscribe(&session, &instruments[1], SubscriptionKind::FiveSecondBars)];
    alive(&mut other).await;
    let delisted = Fault::Delisted { symbol: instruments[1].symbol.to_string() };
    faults.inject(&delisted).unwrap();
    eventually("the delisting", || refused(&other[0]).is_some()).await;
    let (why, _) = refused(&other[0]).unwrap();
    assert!(why.contains("delisted"), "{why}");
    let again = session.qualify(&[instruments[1].symbol.clone()]).await;
    assert_eq!(again.missing.len(), 1, "a delisted contract is looked up again");
    simulated.end(session).await;
}
