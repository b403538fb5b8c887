//! Quotes: streamed as far as the lines go, asked in turn beyond.

use std::time::Duration;

use bellwether::market::{Quote, Symbol};
use bellwether_adapters::ib::{IbSession, Priority, SubscriptionState, with_priority};
use bellwether_gateway::Fault;
use jiff::SignedDuration;

use crate::market::{Simulated, at, until};

#[tokio::test]
async fn sixty_symbols_stream() {
    let simulated = Simulated::start(at(9, 45), 10.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(60)).await.instruments;
    session.subscribe_quotes(&instruments).await;
    // A quote begins with its first price; the other ticks follow.
    let is_whole = |quote: &Quote| quote.spread_bps().is_some() && quote.last.is_some() && quote.volume.is_some();
    until("60 whole quotes", || session.quotes().iter().filter(|quote| is_whole(quote)).count() == 60).await;
    assert_eq!(simulated.gateway.stats().lines, 60);
    let before = session.quotes();
    until("quotes that move", || session.quotes() != before).await;
    simulated.end(session).await;
}

#[tokio::test]
async fn a_hundred_and_fifty_symbols_take_turns_within_the_lines() {
    let simulated = Simulated::start(at(9, 45), 10.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(150)).await.instruments;
    session.subscribe_quotes(&instruments).await;
    let mut most = 0;
    for _ in 0..500 {
        most = most.max(simulated.gateway.stats().lines);
        if session.quotes().len() == instruments.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(session.quotes().len(), instruments.len());
    assert_eq!(most, 90, "lines used");
    // The last ones do not stream; their quotes are renewed all the same.
    let last = &instruments.last().unwrap().symbol;
    let first_at = session.quotes().into_iter().find(|quote| quote.symbol == *last).unwrap().at;
    until("another turn", || session.quotes().into_iter().any(|quote| quote.symbol == *last && quote.at > first_at)).await;
    // What an alert names streams, at the expense of another.
    let streams = |symbol: &Symbol| session.health().subscriptions.iter().any(|it| it.symbol == *symbol);
    assert!(!streams(last));
    with_priority(Priority::Alerts, session.subscribe_quotes(&instruments[149..])).await;
    until("a stream of its own", || streams(last)).await;
    // A scan that asks for it again takes nothing from it.
    session.subscribe_quotes(&instruments).await;
    until("ninety streams", || session.health().subscriptions.len() == 90).await;
    assert!(streams(last));
    simulated.end(session).await;
}

#[tokio::test]
async fn streams_are_opened_again_after_the_gateway_lost_them() {
    use bellwether_gateway::Connectivity;
    let simulated = Simulated::start(at(9, 45), 10.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(60)).await.instruments;
    session.subscribe_quotes(&instruments).await;
    until("60 quotes", || session.quotes().len() == 60).await;
    simulated.gateway.faults().connectivity(Connectivity::Lost);
    simulated.gateway.faults().connectivity(Connectivity::RestoredDataLost);
    until("60 lines again", || simulated.gateway.stats().lines == 60).await;
    until("60 quotes again", || session.quotes().len() == 60).await;
    simulated.end(session).await;
}

/// The state of a symbol's subscription to quotes.
fn state_of(session: &IbSession, symbol: &Symbol) -> Option<SubscriptionState> {
    session.health().subscriptions.into_iter().find(|it| it.symbol == *symbol).map(|it| it.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_a_second_login_ended_come_back_by_themselves() {
    let simulated = Simulated::start(at(9, 45), 60.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(20)).await.instruments;
    session.subscribe_quotes(&instruments).await;
    until("20 quotes", || session.quotes().len() == 20).await;
    simulated.gateway.faults().inject_for(&Fault::CompetingSession, SignedDuration::from_secs(15)).unwrap();
    // What is followed does not vanish from the session's health meanwhile.
    let retrying = |state| matches!(state, SubscriptionState::Retrying { why, .. } if why.contains("10197"));
    until("20 named refusals", || {
        let health = session.health().subscriptions;
        health.len() == 20 && health.into_iter().any(|it| retrying(it.state))
    })
    .await;
    until("20 lines again", || simulated.gateway.stats().lines == 20).await;
    until("20 live streams", || {
        let health = session.health().subscriptions;
        health.len() == 20 && health.iter().all(|it| it.state == SubscriptionState::Live)
    })
    .await;
    let before = session.quotes();
    until("quotes that move", || {
        let now = session.quotes();
        now.len() == 20 && now.iter().zip(&before).filter(|(now, before)| now.at > before.at).count() > 10
    })
    .await;
    simulated.end(session).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_symbol_is_asked_for_again_when_someone_wants_it_and_otherwise_much_later() {
    let simulated = Simulated::start(at(9, 45), 60.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(3)).await.instruments;
    let symbols: Vec<Symbol> = instruments.iter().map(|it| it.symbol.clone()).collect();
    session.subscribe_quotes(&instruments).await;
    until("3 quotes", || session.quotes().len() == 3).await;
    let denied = |symbol: &Symbol| Fault::NoPermission { symbol: symbol.to_string(), code: 354 };
    for symbol in &symbols[..2] {
        simulated.gateway.faults().inject(&denied(symbol)).unwrap();
    }
    let again_at = |symbol| match state_of(&session, symbol) {
        Some(SubscriptionState::Refused { again_at, why }) => {
            assert!(why.contains("354"), "{why}");
            Some(again_at)
        }
        _ => None,
    };
    until("two refusals that are named", || symbols[..2].iter().all(|symbol| again_at(symbol).is_some())).await;
    assert_eq!(state_of(&session, &symbols[2]), Some(SubscriptionState::Live), "the others go on");
    let recheck = again_at(&symbols[0]).unwrap();
    // However often it is wanted, it is asked for no more often than the backoff allows: after 5, 10, 20 and 40 seconds.
    let until_then = simulated.clock.now() + SignedDuration::from_secs(60);
    while simulated.clock.now() < until_then {
        session.subscribe_quotes(&instruments[..1]).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asked = session.health().subscriptions.into_iter().find(|it| it.symbol == symbols[0]).unwrap().resubscriptions;
    assert!((1..=5).contains(&asked), "{asked} times");
    for symbol in &symbols[..2] {
        simulated.gateway.faults().lift(&denied(symbol));
    }
    let long_enough = simulated.clock.now() + SignedDuration::from_mins(6);
    assert!(long_enough < recheck);
    simulated.clock.advance_to(long_enough);
    session.subscribe_quotes(&instruments[..1]).await;
    until("the first", || state_of(&session, &symbols[0]) == Some(SubscriptionState::Live)).await;
    assert!(again_at(&symbols[1]).is_some(), "nobody asked for the second");
    simulated.clock.advance_to(recheck.max(again_at(&symbols[1]).unwrap()));
    until("the second", || state_of(&session, &symbols[1]) == Some(SubscriptionState::Live)).await;
    until("3 quotes again", || session.quotes().len() == 3).await;
    simulated.end(session).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_urgent_while_it_streams_holds_its_line_as_such_until_the_next_day() {
    let simulated = Simulated::start(at(9, 45), 60.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(3)).await.instruments;
    session.subscribe_quotes(&instruments).await;
    until("3 quotes", || session.quotes().len() == 3).await;
    let held = |priority| session.lines().used.get(&priority).copied().unwrap_or_default();
    assert_eq!((held(Priority::Scans), held(Priority::Alerts)), (3, 0));
    with_priority(Priority::Alerts, session.subscribe_quotes(&instruments[..1])).await;
    until("an urgent line", || (held(Priority::Scans), held(Priority::Alerts)) == (2, 1)).await;
    until("3 live streams", || simulated.gateway.stats().lines == 3).await;
    // The next day it is like any other.
    simulated.clock.advance_to(at(9, 45) + SignedDuration::from_hours(24));
    session.subscribe_quotes(&instruments[1..]).await;
    until("no urgent line", || (held(Priority::Scans), held(Priority::Alerts)) == (3, 0)).await;
    simulated.end(session).await;
}
