//! Several sources in order: a broker that is not there, a recorded folder, services over HTTP.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use bellwether::market::{
    Bar, BarsBuilder, Calendar, MissingReason, Provenance, Snapshot, SnapshotPart, Symbol, TradingDay, other_sources,
};
use bellwether_adapters::{
    AdapterError, BarSource, DailyBars, Fallback, FileSource, MarketData, QuoteSource, ScanRequest, Source, UniverseRequest,
    ib::{IbConfig, IbSession},
    rest::{HttpConfig, YahooConfig, YahooSource},
};
use jiff::{SignedDuration, Timestamp, civil::date};

use crate::{
    server::{Reply, Request, Server, at, lines, quick, standing},
    yahoo::{chart, days, minutes},
};

/// A Monday before the open.
const AS_OF: &str = "2025-01-06T14:25:00Z";

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn symbols(texts: &[&str]) -> Vec<Symbol> {
    texts.iter().map(|text| symbol(text)).collect()
}

fn request(symbols: Vec<Symbol>) -> ScanRequest {
    ScanRequest { with_quotes: false, with_headlines: false, ..ScanRequest::new(UniverseRequest::Symbols(symbols), 0) }
}

/// A broker whose gateway is down: connected anew whenever it is asked.
struct Down(IbConfig);

impl Down {
    async fn new() -> Arc<Self> {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        Arc::new(Self(IbConfig { port: free, connect_attempts: 1, ..IbConfig::default() }))
    }
}

#[async_trait]
impl MarketData for Down {
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> bellwether_adapters::Result<Snapshot> {
        MarketData::snapshot(&IbSession::connect(self.0.clone(), standing(AS_OF)).await?, as_of, request).await
    }
}

/// A folder with minutes of today and daily bars, of the symbols and days given.
fn folder(path: &Path, minutes: &[(&str, f64)], daily: &[(&str, &str)]) -> Arc<FileSource> {
    let minutes = minutes.iter().flat_map(|(symbol, price)| {
        (0..5).map(move |minute| format!("{symbol},2025-01-06T14:1{minute}:00Z,{price},{price},{price},{price},500"))
    });
    std::fs::write(path.join("bars.csv"), lines("symbol,ts,open,high,low,close,volume", minutes)).unwrap();
    let daily = daily.iter().map(|(symbol, day)| format!("{symbol},{day},20,20,20,20,90000"));
    std::fs::write(path.join("daily.csv"), lines("symbol,date,open,high,low,close,volume", daily)).unwrap();
    Arc::new(FileSource::open(path).unwrap())
}

fn files(path: &Path, minutes: &[(&str, f64)], daily: &[(&str, &str)]) -> Source {
    let files = folder(path, minutes, daily);
    Source::new("files").with_market(Arc::clone(&files) as Arc<dyn MarketData>).with_bars(files)
}

fn yahoo(server: &Server, http: HttpConfig) -> Source {
    let config = YahooConfig { base_url: server.url.clone(), http, ..YahooConfig::default() };
    let yahoo = Arc::new(YahooSource::open(&config).unwrap());
    Source::new("yahoo").with_bars(Arc::clone(&yahoo) as Arc<dyn BarSource>).with_quotes(yahoo as Arc<dyn QuoteSource>)
}

/// Serves every symbol but `NONE`.
pub(crate) fn charts(request: &Request) -> Reply {
    match (request.path.rsplit('/').next().unwrap(), request.asked("interval"), request.asked("range")) {
        ("NONE", ..) => {
            Reply::text(404, r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}"#)
        }
        (name, "1m", "1d") => Reply::json(&chart(name, "1m", &[(at("2025-01-06T14:24:00Z").as_second(), Some(31.5))])),
        (_, "1m", _) => Reply::json(&minutes(request, 31.0)),
        _ => Reply::json(&days(request, 30.0)),
    }
}

fn came_from<'a>(snapshot: &'a Snapshot, name: &str, part: SnapshotPart) -> Option<&'a Provenance> {
    snapshot.source_of(&symbol(name), part)
}

fn passed(provenance: &Provenance) -> Vec<(&str, MissingReason)> {
    provenance.instead_of.iter().map(|passed| (passed.source.as_str(), passed.reason)).collect()
}

#[tokio::test]
async fn each_table_of_each_symbol_comes_from_the_first_that_has_it_and_says_so() {
    let server = Server::start(|_, request| charts(request)).await;
    let recorded = tempfile::tempdir().unwrap();
    let sources = vec![
        Source::new("ib").with_market(Down::new().await),
        files(recorded.path(), &[("AAPL", 21.0)], &[("AAPL", "2025-01-02"), ("AAPL", "2025-01-03")]),
        yahoo(&server, quick()),
    ];
    let fallback = Fallback::new(sources, standing(AS_OF)).unwrap();
    let request = ScanRequest { with_quotes: true, with_headlines: true, ..request(symbols(&["AAPL", "MSFT", "NONE"])) };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request).await.unwrap();

    let universe: Vec<&str> = snapshot.universe.iter().map(|instrument| instrument.symbol.as_str()).collect();
    assert_eq!(universe, ["AAPL", "MSFT"]);
    assert_eq!(snapshot.today.series("AAPL").close, [21.0; 5], "only the folder's");
    assert_eq!(snapshot.today.series("MSFT").len(), 325, "04:00 to 09:25");
    assert_eq!(snapshot.daily.series("MSFT").close, [30.0, 30.0]);

    let gone = ("ib", MissingReason::Disconnected);
    for part in [SnapshotPart::Daily, SnapshotPart::Today] {
        let apple = came_from(&snapshot, "AAPL", part).unwrap();
        assert_eq!((apple.source.as_str(), apple.delayed, passed(apple)), ("files", false, vec![gone]));
        let microsoft = came_from(&snapshot, "MSFT", part).unwrap();
        assert_eq!((microsoft.source.as_str(), microsoft.delayed), ("yahoo", part == SnapshotPart::Today));
        assert_eq!(passed(microsoft), [gone, ("files", MissingReason::UnknownContract)]);
    }
    let quote = came_from(&snapshot, "AAPL", SnapshotPart::Quote).unwrap();
    assert_eq!((quote.source.as_str(), quote.delayed), ("yahoo", true));
    assert_eq!(snapshot.quote(&symbol("AAPL")).unwrap().last, Some(31.5));
    assert_eq!(came_from(&snapshot, "AAPL", SnapshotPart::Headlines).unwrap().source, "files");

    let lacks = |name: &str, part| snapshot.missing.iter().find(|it| it.symbol == symbol(name) && it.part == part).unwrap();
    let none = lacks("NONE", SnapshotPart::Contract);
    assert_eq!(none.reason, MissingReason::Disconnected, "the first choice might have known it");
    for words in ["ib: connection lost", "files: unknown", "yahoo: unknown", "No data found"] {
        assert!(none.detail.contains(words), "{words}: {}", none.detail);
    }
    assert_eq!(lacks("MSFT", SnapshotPart::Headlines).reason, MissingReason::Disconnected);
    let told = other_sources(&snapshot.provenance).unwrap();
    assert!(told.contains("files instead of ib (connection lost): 1 symbol"), "{told}");
    assert!(told.contains("yahoo (delayed) instead of ib (connection lost): 2 symbols"), "{told}");
}

#[tokio::test]
async fn a_flawed_table_is_mended_whole_or_kept_with_its_flaw() {
    let recorded = tempfile::tempdir().unwrap();
    let rows = [("AAPL", 21.0), ("AAPL", 22.0), ("MSFT", 5.0)];
    folder(recorded.path(), &rows, &[("AAPL", "2025-01-03"), ("MSFT", "2025-01-03")]);
    // Two different rows at each minute of AAPL are no bars; one that follows is.
    let text = std::fs::read_to_string(recorded.path().join("bars.csv")).unwrap();
    std::fs::write(recorded.path().join("bars.csv"), text + "AAPL,2025-01-06T14:20:00Z,23,23,23,23,1\n").unwrap();
    let flawed = || Source::new("files").with_market(Arc::new(FileSource::open(recorded.path()).unwrap()));
    let server = Server::start(|_, request| charts(request)).await;
    let fallback = Fallback::new(vec![flawed(), yahoo(&server, quick())], standing(AS_OF)).unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(symbols(&["AAPL", "MSFT"]))).await.unwrap();
    assert_eq!(came_from(&snapshot, "AAPL", SnapshotPart::Today).unwrap().source, "yahoo");
    assert!(snapshot.today.series("AAPL").close.iter().all(|close| *close == 31.0), "nothing of the folder is mixed in");
    assert_eq!(came_from(&snapshot, "MSFT", SnapshotPart::Today).unwrap().source, "files");
    assert!(snapshot.missing.is_empty(), "{:?}", snapshot.missing);

    let broken = Server::start(|_, _| Reply::text(500, "")).await;
    let fallback = Fallback::new(vec![flawed(), yahoo(&broken, quick())], standing(AS_OF)).unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(symbols(&["AAPL", "MSFT"]))).await.unwrap();
    assert_eq!(snapshot.today.series("AAPL").close, [23.0], "the sound row");
    assert_eq!(came_from(&snapshot, "AAPL", SnapshotPart::Today).unwrap().source, "files");
    assert_eq!(snapshot.missing[0].reason, MissingReason::BadData);
}

#[tokio::test]
async fn a_folder_of_another_month_is_no_previous_close() {
    let recorded = tempfile::tempdir().unwrap();
    let old = |day: &str| files(recorded.path(), &[("AAPL", 21.0)], &[("AAPL", day)]);
    let server = Server::start(|_, request| charts(request)).await;
    let fallback = Fallback::new(vec![old("2024-12-02"), yahoo(&server, quick())], standing(AS_OF)).unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(symbols(&["AAPL"]))).await.unwrap();
    let daily = came_from(&snapshot, "AAPL", SnapshotPart::Daily).unwrap();
    assert_eq!((daily.source.as_str(), passed(daily)), ("yahoo", vec![("files", MissingReason::NoData)]));
    assert_eq!(came_from(&snapshot, "AAPL", SnapshotPart::Today).unwrap().source, "files", "today's are today's");

    let fallback = Fallback::new(vec![old("2024-12-02")], standing(AS_OF)).unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(symbols(&["AAPL"]))).await.unwrap();
    assert!(snapshot.daily.is_empty());
    assert!(snapshot.missing[0].detail.contains("2024-12-02"), "{:?}", snapshot.missing);

    // A session or few behind is better than nothing, and told.
    let fallback = Fallback::new(vec![old("2025-01-02")], standing(AS_OF)).unwrap();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(symbols(&["AAPL"]))).await.unwrap();
    assert_eq!(snapshot.daily.len(), 1);
    assert_eq!((snapshot.missing[0].part, snapshot.missing[0].reason), (SnapshotPart::Daily, MissingReason::NoData));
}

#[tokio::test]
async fn a_dead_source_costs_a_few_waits_and_not_one_for_each_symbol() {
    let dead = Server::start(|_, _| Reply::Hang).await;
    let alive = Server::start(|_, request| charts(request)).await;
    let short = HttpConfig { timeout: Duration::from_millis(100), attempts: 1, ..quick() };
    let second = {
        let config = YahooConfig { base_url: alive.url.clone(), http: quick(), ..YahooConfig::default() };
        Source::new("second").with_bars(Arc::new(YahooSource::open(&config).unwrap()))
    };
    let fallback = Fallback::new(vec![yahoo(&dead, short), second], standing(AS_OF)).unwrap();
    let names: Vec<Symbol> = (0..40).map(|n| symbol(&format!("S{n}"))).collect();
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request(names.clone())).await.unwrap();
    assert_eq!(snapshot.today.symbols().len(), 40);
    assert_eq!(dead.requests().len(), 3);
    let first = came_from(&snapshot, "S39", SnapshotPart::Today).unwrap();
    assert_eq!((first.source.as_str(), passed(first)), ("second", vec![("yahoo", MissingReason::Timeout)]));

    let bars = fallback.daily_bars(&names[0], 5, at(AS_OF)).await.unwrap();
    assert_eq!((bars.source.as_str(), bars.instead_of.len(), bars.value.len()), ("second", 1, 2));
    assert_eq!(dead.requests().len(), 3, "still left out");
}

#[tokio::test]
async fn one_symbol_s_bars_come_with_their_source() {
    let recorded = tempfile::tempdir().unwrap();
    let server = Server::start(|_, request| charts(request)).await;
    let sources = vec![files(recorded.path(), &[("AAPL", 21.0)], &[("AAPL", "2025-01-03")]), yahoo(&server, quick())];
    let fallback = Fallback::new(sources, standing(AS_OF)).unwrap();
    let (from, until) = (at("2025-01-06T14:10:00Z"), at("2025-01-06T14:12:30Z"));
    let bars = fallback.minute_bars(&symbol("AAPL"), from, until).await.unwrap();
    assert_eq!((bars.source.as_str(), bars.value.len(), bars.fetched_at), ("files", 2, at(AS_OF)));
    let bars = fallback.minute_bars(&symbol("MSFT"), from, until).await.unwrap();
    assert_eq!((bars.source.as_str(), bars.delayed, bars.instead_of[0].reason), ("yahoo", true, MissingReason::UnknownContract));
    let missing = fallback.daily_bars(&symbol("NONE"), 5, until).await.unwrap_err();
    assert!(missing.detail.contains("files:") && missing.detail.contains("yahoo:"), "{}", missing.detail);
    let only = fallback.only("yahoo").unwrap();
    assert_eq!(only.minute_bars(&symbol("AAPL"), from, until).await.unwrap().source, "yahoo");
    assert!(fallback.only("ib").is_none());
}

#[tokio::test]
async fn what_is_held_is_used_while_it_is_new_and_keeps_its_origin() {
    let bars = |days: &[TradingDay]| {
        let mut builder = BarsBuilder::default();
        for day in days {
            let (open_at, close_at) = (day.open.as_microsecond(), day.close.as_microsecond());
            let bar =
                Bar { open_at, close_at, open: 9.0, high: 9.0, low: 9.0, close: 9.0, volume: 1.0, vwap: None, trades: None };
            builder.push(&symbol("AAPL"), bar);
        }
        Arc::new(builder.finish().0)
    };
    let sessions = Calendar.sessions_before(date(2025, 1, 6), 3).unwrap();
    let held_from = vec![Provenance {
        part: SnapshotPart::Daily,
        source: "database:ib+yahoo".to_owned(),
        fetched_at: at("2025-01-04T01:30:00Z"),
        delayed: false,
        symbols: symbols(&["AAPL"]),
        instead_of: Vec::new(),
    }];
    let server = Server::start(|_, request| charts(request)).await;
    let fallback = Fallback::new(vec![yahoo(&server, quick())], standing(AS_OF)).unwrap();
    let held = ScanRequest { daily: bars(&sessions), held_from, ..request(symbols(&["AAPL"])) };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &held).await.unwrap();
    assert_eq!(snapshot.daily.series("AAPL").close, [9.0; 3]);
    let daily = came_from(&snapshot, "AAPL", SnapshotPart::Daily).unwrap();
    assert_eq!((daily.source.as_str(), daily.fetched_at), ("database:ib+yahoo", at("2025-01-04T01:30:00Z")));

    // What is not wanted is not asked for.
    let asked = server.requests().len();
    let nothing = ScanRequest { daily_bars: DailyBars::Unwanted, with_today: false, ..held.clone() };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &nothing).await.unwrap();
    assert_eq!((snapshot.daily.len(), snapshot.today.len(), snapshot.missing.len()), (0, 0, 0));
    assert_eq!(server.requests().len(), asked);

    // The last session is not there: a source is asked, and what is held is neither mixed in nor blamed.
    let stale = ScanRequest { daily: bars(&sessions[..2]), ..held };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &stale).await.unwrap();
    assert_eq!(snapshot.daily.series("AAPL").close, [30.0, 30.0]);
    let daily = came_from(&snapshot, "AAPL", SnapshotPart::Daily).unwrap();
    assert_eq!((daily.source.as_str(), daily.instead_of.len()), ("yahoo", 0));
}

/// What Yahoo calls the day's bar just after the close is the price of a while ago.
#[tokio::test]
async fn a_day_is_over_for_who_is_behind_the_market_when_its_end_is_known() {
    let server = Server::start(|_, request| {
        let opens = ["2025-01-02T14:30:00Z", "2025-01-03T14:30:00Z", "2025-01-06T14:30:00Z"];
        let rows: Vec<(i64, Option<f32>)> = opens.iter().map(|open| (at(open).as_second(), Some(30.0))).collect();
        Reply::json(&chart(request.path.rsplit('/').next().unwrap(), "1d", &rows))
    })
    .await;
    let request = ScanRequest { daily_bars: DailyBars::Complete, with_today: false, ..request(symbols(&["AAPL"])) };
    let just_after = "2025-01-06T21:05:00Z";
    for (now, days, told) in [(just_after, 2, 1), ("2025-01-06T21:30:00Z", 3, 0)] {
        let fallback = Fallback::new(vec![yahoo(&server, quick())], standing(now)).unwrap();
        let snapshot = MarketData::snapshot(&fallback, at(just_after), &request).await.unwrap();
        assert_eq!((snapshot.daily.series("AAPL").len(), snapshot.missing.len()), (days, told), "asked at {now}");
    }
}

#[tokio::test]
async fn quotes_of_now_are_not_given_for_the_past() {
    let server = Server::start(|_, request| charts(request)).await;
    let later = at(AS_OF) + SignedDuration::from_hours(2);
    let fallback = Fallback::new(vec![yahoo(&server, quick())], standing(&later.to_string())).unwrap();
    let request = ScanRequest { with_quotes: true, ..request(symbols(&["AAPL"])) };
    let snapshot = MarketData::snapshot(&fallback, at(AS_OF), &request).await.unwrap();
    assert!(snapshot.quotes.is_empty());
    assert!(snapshot.missing[0].detail.contains("present"), "{:?}", snapshot.missing);
}

#[tokio::test]
async fn wrong_questions_and_wrong_orders_are_refused() {
    let server = Server::start(|_, request| charts(request)).await;
    assert!(Fallback::new(Vec::new(), standing(AS_OF)).is_err());
    let twice = vec![yahoo(&server, quick()), yahoo(&server, quick())];
    assert!(Fallback::new(twice, standing(AS_OF)).unwrap_err().to_string().contains("yahoo"));
    let fallback = Fallback::new(vec![yahoo(&server, quick())], standing(AS_OF)).unwrap();
    let all = ScanRequest { symbols: UniverseRequest::All, ..request(Vec::new()) };
    let error = MarketData::snapshot(&fallback, at(AS_OF), &all).await.unwrap_err();
    assert!(matches!(error, AdapterError::Setting { .. }), "{error}");
    let error = MarketData::snapshot(&fallback, at("1990-01-02T14:25:00Z"), &request(symbols(&["AAPL"]))).await.unwrap_err();
    assert!(error.to_string().contains("outside"), "{error}");
}
