//! Contracts, bars, scans and headlines, against what is on the tape.

use bellwether::market::{Bar, Calendar, MissingReason, Symbol};

use crate::market::{SESSION, Simulated, at};

#[tokio::test]
async fn symbols_become_contracts_and_unknown_ones_are_named() {
    let simulated = Simulated::start(at(9, 0), 20.0).await;
    let session = simulated.session().await;
    let mut symbols = simulated.symbols(30);
    symbols.push("NOSUCH".parse().unwrap());
    let qualified = session.qualify(&symbols).await;
    assert_eq!(qualified.instruments.len(), 30);
    for instrument in &qualified.instruments {
        let known = simulated.market.tape.instrument(&instrument.symbol).unwrap();
        assert_eq!(instrument.contract_id, Some(known.contract_id));
        assert_eq!((&instrument.name, instrument.kind), (&known.name, known.kind));
        assert_eq!(instrument.primary_exchange, known.primary_exchange);
    }
    assert_eq!(qualified.missing.len(), 1);
    assert_eq!(qualified.missing[0].reason, MissingReason::UnknownContract);
    let asked = simulated.gateway.stats().messages_received;
    session.qualify(&simulated.symbols(30)).await;
    assert_eq!(simulated.gateway.stats().messages_received, asked, "known contracts are asked for again");
    simulated.end(session).await;
}

#[tokio::test]
async fn bars_are_those_of_the_tape() {
    let simulated = Simulated::start(at(10, 0), 20.0).await;
    let session = simulated.session().await;
    let tape = &simulated.market.tape;
    let qualified = session.qualify(&simulated.symbols(3)).await;
    let yesterday = Calendar.previous(SESSION).unwrap();
    for instrument in &qualified.instruments {
        let symbol = instrument.symbol.as_str();
        let minutes = session.minute_bars(instrument, yesterday.pre_open, at(10, 0)).await.unwrap();
        let known: Vec<Bar> =
            tape.minutes().series(symbol).as_of(at(10, 0)).starting_in(yesterday.pre_open, at(10, 0)).iter().collect();
        assert_eq!(minutes, known, "{symbol}");
        let days = session.daily_bars(instrument, 60, at(10, 0)).await.unwrap();
        let known: Vec<Bar> = tape.daily().series(symbol).as_of(at(10, 0)).iter().collect();
        assert_eq!(without_extras(&days), without_extras(&known[known.len() - 60..]), "{symbol}");
    }
    simulated.end(session).await;
}

/// The gateway may add what the tape does not have.
fn without_extras(bars: &[Bar]) -> Vec<Bar> {
    bars.iter().map(|bar| Bar { vwap: None, trades: None, ..*bar }).collect()
}

#[tokio::test]
async fn scans_and_headlines() {
    let simulated = Simulated::start(at(9, 25), 20.0).await;
    let session = simulated.session().await;
    let rows = session.scan_universe("TOP_PERC_GAIN", 10).await.unwrap();
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|row| row.contract_id.is_some()));
    assert!(session.scan_universe("NO_SUCH_SCAN", 10).await.is_err());

    let tape = &simulated.market.tape;
    let newest = tape.headlines_between(at(4, 0), at(9, 0)).last().expect("a headline in the morning").clone();
    let about: Symbol = newest.symbol.clone();
    let qualified = session.qualify(&[about]).await;
    let headlines = session.headlines(&qualified.instruments[0], at(4, 0), at(9, 0)).await.unwrap();
    assert!(headlines.iter().any(|headline| headline.title == newest.title && headline.source == newest.provider));
    assert!(headlines.iter().all(|headline| headline.at <= at(9, 0)));
    simulated.end(session).await;
    // A scan that is not cancelled would go on for ever.
}
