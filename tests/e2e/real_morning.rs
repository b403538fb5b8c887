//! Monday 2025-01-06 on real data: by file and through the gateway, the same eleven gappers.

use std::sync::Arc;

use bellwether::{
    market::{Calendar, Clock, Symbol},
    scanners::gap::{self, GapConfig},
};
use bellwether_adapters::{
    FileSource, MarketData, ScanRequest, UniverseRequest,
    ib::{IbConfig, IbSession},
};
use bellwether_gateway::{Gateway, GatewayConfig, SimClock, Tape, TapeInstrument};
use bellwether_tests::{folder, january_2025, run};

const EXPECTED: [&str; 11] = ["RHE", "FUBO", "MEGL", "SPRC", "ARBE", "KITT", "PATH", "MU", "SMCI", "UBER", "TSM"];

#[test]
fn the_default_scan_at_0925_finds_exactly_the_eleven() {
    let Some(january) = january_2025() else { return };
    let data = folder();
    let dir = january.to_str().unwrap();
    let said = run(data.path(), &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T09:25", "--json"]);
    assert!(said.ok, "{}", said.err);
    let json = said.json();
    let hits = json["hits"].as_array().unwrap();
    let mut found: Vec<&str> = hits.iter().map(|hit| hit["symbol"].as_str().unwrap()).collect();
    assert_eq!(found[0], "RHE");
    let rhe = &hits[0];
    assert_eq!(rhe["last"], 4.67);
    assert_eq!(rhe["prev_close"], 1.55);
    assert_eq!(rhe["premarket_volume"], 11_455_877);
    assert_eq!(rhe["prints"], 122);
    assert!((rhe["gap_pct"].as_f64().unwrap() - 201.29).abs() < 0.005);
    found.sort_unstable();
    let mut expected = EXPECTED;
    expected.sort_unstable();
    assert_eq!(found, expected);
    let splits: Vec<&str> = json["suspected_splits"].as_array().unwrap().iter().map(|s| s["symbol"].as_str().unwrap()).collect();
    assert_eq!(splits, ["CMCT", "IDAI"]);
    let text = run(data.path(), &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T14:25:00Z"]);
    assert!(text.out.contains("11 hits") && text.out.contains("CMCT") && text.out.contains("+201.3 %"), "{}", text.out);
}

#[test]
fn on_closed_days_nothing_is_found() {
    let Some(january) = january_2025() else { return };
    let data = folder();
    for day in ["2025-01-09", "2025-01-20"] {
        let as_of = format!("{day}T09:25");
        let said =
            run(data.path(), &["run", "premarket-gap", "--source", january.to_str().unwrap(), "--as-of", &as_of, "--json"]);
        assert!(said.ok, "{}", said.err);
        assert_eq!(said.json()["hits"].as_array().unwrap().len(), 0, "{day}");
    }
}

/// The same morning over TCP: recorded minutes in the gateway, `ibapi` at the other end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_the_gateway_the_scan_is_the_same() {
    let Some(january) = january_2025() else { return };
    let source = Arc::new(tokio::task::spawn_blocking(|| FileSource::open(january).unwrap()).await.unwrap());
    let as_of = Calendar.at(jiff::civil::date(2025, 1, 6), jiff::civil::time(9, 25, 0, 0));
    // The session's gappers and as many others as make a hundred symbols.
    let symbols: Vec<Symbol> = source.symbols().into_iter().take(90).chain(EXPECTED.map(|s| Symbol::new(s).unwrap())).collect();
    let mut symbols = symbols;
    symbols.extend(["CMCT", "IDAI"].map(|s| Symbol::new(s).unwrap()));
    symbols.sort();
    symbols.dedup();
    let request = |history: Arc<bellwether::market::Bars>, daily: Arc<bellwether::market::Bars>| ScanRequest {
        history,
        daily,
        with_quotes: false,
        with_headlines: false,
        ..ScanRequest::new(UniverseRequest::Symbols(symbols.clone()), 2)
    };
    let by_file = MarketData::snapshot(&*source, as_of, &request(Arc::default(), Arc::default())).await.unwrap();
    let instruments = symbols
        .iter()
        .zip(1..)
        .map(|(symbol, contract_id)| TapeInstrument {
            symbol: symbol.clone(),
            contract_id,
            name: symbol.to_string(),
            kind: bellwether::market::InstrumentKind::Stock,
            primary_exchange: "NASDAQ".into(),
            spread_bps: 5.0,
            subscribed: true,
            float_shares: None,
        })
        .collect();
    let wanted = |bars: &bellwether::market::Bars| {
        bars.select(|symbol, series| if symbols.contains(symbol) { series } else { series.slice(0..0) })
    };
    let tape = Tape::new(instruments, wanted(source.minutes()), wanted(source.daily()), Vec::new(), Vec::new()).unwrap();
    let clock = SimClock::new(as_of, 60.0);
    clock.hold_at(Some(as_of + jiff::SignedDuration::from_secs(55)));
    let gateway = Gateway::start(GatewayConfig::default(), Arc::new(tape), Arc::clone(&clock)).await.unwrap();
    let config = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
    let session = IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    let snapshot =
        MarketData::snapshot(&session, as_of, &request(Arc::clone(&by_file.history), Arc::clone(&by_file.daily))).await.unwrap();
    let over_tcp = gap::scan(&snapshot, &GapConfig::default()).unwrap();
    let direct = gap::scan(&by_file, &GapConfig::default()).unwrap();
    assert_eq!(over_tcp.hits.len(), 11, "{:?}", snapshot.missing);
    for (a, b) in over_tcp.hits.iter().zip(&direct.hits) {
        assert_eq!(a.symbol, b.symbol);
        for (name, value) in &b.numbers.0 {
            // The wire carries no trade counts of the recording and volumes as whole shares; everything else is the same bits.
            if !matches!(*name, "premarket_dollar_volume" | "trades" | "float_shares") {
                assert_eq!(a.numbers.get(name), *value, "{} {name}", a.symbol);
            }
        }
    }
    assert_eq!(over_tcp.suspected_splits, direct.suspected_splits);
    assert_eq!(gateway.stats().violations.values().sum::<u64>(), 0, "{:?}", gateway.stats());
    session.shutdown().await;
    gateway.shutdown().await;
}
