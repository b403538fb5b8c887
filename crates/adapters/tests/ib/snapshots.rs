//! The whole market as of an instant.

use std::sync::Arc;

use bellwether::{
    market::{Bars, MissingReason, SnapshotPart},
    scanners::gap,
};
use bellwether_adapters::{DailyBars, MarketData, ScanRequest, UniverseRequest};

use crate::market::{SESSION, Simulated, at};

fn request(simulated: &Simulated, symbols: UniverseRequest) -> ScanRequest {
    ScanRequest {
        history: Arc::new(simulated.market.tape.minutes().clone()),
        daily: Arc::new(simulated.market.tape.daily().clone()),
        ..ScanRequest::new(symbols, 2)
    }
}

#[tokio::test]
async fn a_snapshot_holds_what_the_tape_showed_and_nothing_later() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    let symbols = simulated.symbols(60);
    let request = request(&simulated, UniverseRequest::Symbols(symbols.clone()));
    let began = std::time::Instant::now();
    let snapshot = MarketData::snapshot(&session, at(9, 25), &request).await.unwrap();
    println!("60 symbols: {:?}, {:?}", began.elapsed(), snapshot.missing);
    assert_eq!(snapshot.session, SESSION);
    assert_eq!(snapshot.universe.len(), 60);
    let tape = &simulated.market.tape;
    let wanted = |bars: &Bars, from, until| {
        bars.select(|symbol, series| match symbols.contains(symbol) {
            true => series.starting_in(from, until).as_of(at(9, 25)),
            false => series.slice(0..0),
        })
    };
    assert_eq!(*snapshot.today, wanted(tape.minutes(), at(4, 0), at(9, 25)));
    assert_eq!(*snapshot.history, wanted(tape.minutes(), jiff::Timestamp::MIN, at(0, 0)));
    assert_eq!(*snapshot.daily, wanted(tape.daily(), jiff::Timestamp::MIN, at(0, 0)));
    assert_eq!(snapshot.quotes.len(), 60);
    assert!(snapshot.headlines.iter().all(|headline| headline.at <= at(9, 25) && symbols.contains(&headline.symbol)));
    assert!(snapshot.missing.iter().all(|missing| missing.reason == MissingReason::NoData), "{:?}", snapshot.missing);
    assert!(!gap::scan(&snapshot, &gap::GapConfig::default()).unwrap().hits.is_empty());

    // A second scan fetches only the minutes since.
    simulated.clock.advance_to(at(9, 29));
    let bars_before = simulated.gateway.stats().historical_bars;
    let later = MarketData::snapshot(&session, at(9, 29), &request).await.unwrap();
    let fetched = simulated.gateway.stats().historical_bars - bars_before;
    assert_eq!(later.today.len(), {
        let until = |bars: &Bars| {
            bars.select(|s, series| {
                if symbols.contains(s) { series.starting_in(at(4, 0), at(9, 29)).as_of(at(9, 29)) } else { series.slice(0..0) }
            })
        };
        until(tape.minutes()).len()
    });
    assert!(fetched < 60 * 7, "{fetched} bars fetched again");
    simulated.end(session).await;
}

#[tokio::test]
async fn daily_bars_that_are_not_held_are_fetched() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    let symbols = simulated.symbols(5);
    let request = ScanRequest {
        daily: Arc::default(),
        history: Arc::default(),
        ..request(&simulated, UniverseRequest::Symbols(symbols.clone()))
    };
    let snapshot = MarketData::snapshot(&session, at(9, 25), &request).await.unwrap();
    for symbol in &symbols {
        let known = simulated.market.tape.daily().series(symbol.as_str()).as_of(at(9, 25)).last().unwrap();
        assert_eq!(snapshot.daily.series(symbol.as_str()).last().unwrap().close, known.close);
    }
    let no_history = snapshot.missing.iter().filter(|missing| missing.part == SnapshotPart::History).count();
    assert_eq!(no_history, 5);
    simulated.end(session).await;
}

#[tokio::test]
async fn what_is_not_wanted_is_not_asked_for() {
    let simulated = Simulated::start(at(16, 30), 30.0).await;
    let session = simulated.session().await;
    let symbols = simulated.symbols(3);
    let request = ScanRequest {
        with_quotes: false,
        with_headlines: false,
        with_today: false,
        daily_bars: DailyBars::Unwanted,
        ..ScanRequest::new(UniverseRequest::Symbols(symbols.clone()), 0)
    };
    let nothing = MarketData::snapshot(&session, at(16, 30), &request).await.unwrap();
    assert_eq!((nothing.universe.len(), nothing.today.len(), nothing.daily.len()), (3, 0, 0));
    assert_eq!(nothing.missing, []);
    assert_eq!(simulated.gateway.stats().historical_bars, 0);

    // After the close, who looks at sessions before this one holds all; who wants the day's own bar has to ask.
    let daily = Arc::new(simulated.market.tape.daily().as_of(at(0, 0)));
    let earlier = ScanRequest { daily, daily_bars: DailyBars::Earlier, ..request };
    let held = MarketData::snapshot(&session, at(16, 30), &earlier).await.unwrap();
    assert_eq!(simulated.gateway.stats().historical_bars, 0);
    let complete = ScanRequest { daily_bars: DailyBars::Complete, ..earlier };
    let fetched = MarketData::snapshot(&session, at(16, 30), &complete).await.unwrap();
    for symbol in symbols.iter().map(|symbol| symbol.as_str()) {
        assert_eq!(held.daily.series(symbol).last().unwrap().close_at, at(16, 0).as_microsecond() - 86_400_000_000);
        assert_eq!(fetched.daily.series(symbol).last().unwrap().close_at, at(16, 0).as_microsecond());
    }
    // Once is enough, whatever else is wanted.
    let asked = simulated.gateway.stats().historical_bars;
    MarketData::snapshot(&session, at(16, 30), &complete).await.unwrap();
    assert_eq!(simulated.gateway.stats().historical_bars, asked);
    simulated.end(session).await;
}

#[tokio::test]
async fn a_scan_of_ib_is_a_universe() {
    let simulated = Simulated::start(at(9, 25), 30.0).await;
    let session = simulated.session().await;
    let scanner = UniverseRequest::IbScanner { code: "TOP_PERC_GAIN".to_owned(), rows: 20 };
    let snapshot = MarketData::snapshot(&session, at(9, 25), &request(&simulated, scanner)).await.unwrap();
    assert_eq!(snapshot.universe.len(), 20);
    simulated.end(session).await;
}
