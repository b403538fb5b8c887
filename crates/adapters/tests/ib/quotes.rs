//! Quotes: streamed as far as the lines go, asked in turn beyond.

use std::time::Duration;

use bellwether::market::{Quote, Symbol};
use bellwether_adapters::ib::{Priority, with_priority};

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
