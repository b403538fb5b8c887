//! The broker as one source among others: a real session with the simulated gateway, which then goes down.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Clock, MissingReason, Snapshot, SnapshotPart, Symbol};
use bellwether_adapters::{
    BarSource, Fallback, MarketData, ScanRequest, Source, UniverseRequest,
    ib::{IbConfig, IbSession},
    rest::{YahooConfig, YahooSource},
};
use bellwether_gateway::{
    Gateway, GatewayConfig, SimClock,
    generator::{MarketSpec, generate},
};
use jiff::civil::date;

use crate::{
    fallback::charts,
    server::{Server, at, quick},
};

const AS_OF: &str = "2025-01-06T14:25:00Z";

fn sources(snapshot: &Snapshot, symbol: &Symbol) -> Vec<(String, Vec<MissingReason>)> {
    let of = |part| snapshot.source_of(symbol, part).unwrap_or_else(|| panic!("{symbol}: {:?}", snapshot.missing));
    let told = [SnapshotPart::Today, SnapshotPart::Daily].map(of);
    told.iter().map(|it| (it.source.clone(), it.instead_of.iter().map(|passed| passed.reason).collect())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_is_taken_while_it_is_there_and_replaced_when_it_goes() {
    let spec = MarketSpec { symbols: 40, history_sessions: 2, session: date(2025, 1, 6), ..MarketSpec::default() };
    let tape = Arc::new(generate(&spec).unwrap().tape);
    let clock = SimClock::new(at(AS_OF), 1.0);
    let gateway = Gateway::start(GatewayConfig::default(), Arc::clone(&tape), Arc::clone(&clock)).await.unwrap();
    let config = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
    let session = Arc::new(IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap());
    let server = Server::start(|_, request| charts(request)).await;
    let yahoo = YahooConfig { base_url: server.url.clone(), http: quick(), ..YahooConfig::default() };
    let broker = Source::new("ib")
        .with_market(Arc::clone(&session) as Arc<dyn MarketData>)
        .with_bars(Arc::clone(&session) as Arc<dyn BarSource>);
    let second = Source::new("yahoo").with_bars(Arc::new(YahooSource::open(&yahoo).unwrap()));
    let fallback = Fallback::new(vec![broker, second], Arc::clone(&clock) as Arc<dyn Clock>).unwrap();

    // Those that trade before the open, and one that the gateway does not list.
    let from = at("2025-01-06T09:00:00Z");
    let mut known = Vec::new();
    for instrument in tape.instruments().iter().filter(|instrument| instrument.subscribed) {
        if known.len() < 3 && BarSource::minute_bars(&*session, &instrument.symbol, from, at(AS_OF)).await.is_ok() {
            known.push(instrument.symbol.clone());
        }
    }
    assert_eq!(known.len(), 3);
    let stranger = Symbol::new("NOTLISTED").unwrap();
    let mut symbols = known.clone();
    symbols.push(stranger.clone());
    let request =
        ScanRequest { with_quotes: false, with_headlines: false, ..ScanRequest::new(UniverseRequest::Symbols(symbols), 0) };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request).await.unwrap();
    for symbol in &known {
        assert!(sources(&snapshot, symbol).iter().all(|(source, passed)| source == "ib" && passed.is_empty()), "{symbol}");
        assert!(snapshot.today.series(symbol.as_str()).close.iter().all(|close| *close != 31.0));
    }
    let unknown = sources(&snapshot, &stranger);
    assert!(
        unknown.iter().all(|(source, passed)| source == "yahoo" && *passed == [MissingReason::UnknownContract]),
        "{unknown:?}"
    );
    assert!(snapshot.missing.is_empty(), "{:?}", snapshot.missing);
    let bars = fallback.daily_bars(&known[0], 2, at(AS_OF)).await.unwrap();
    assert_eq!((bars.source.as_str(), bars.value.len()), ("ib", 2));

    gateway.shutdown().await;
    // Until the session has noticed, it answers what it remembers.
    let noticed = async {
        while session.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noticed).await.unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request).await.unwrap();
    for symbol in &known {
        let told = sources(&snapshot, symbol);
        assert!(told.iter().all(|(source, passed)| source == "yahoo" && *passed == [MissingReason::Disconnected]), "{told:?}");
        assert!(
            snapshot.today.series(symbol.as_str()).close.iter().all(|close| *close == 31.0),
            "nothing of the broker's is left"
        );
    }
    session.shutdown().await;
}
