//! Shapes a folder may have, and what is said about those it may not.

use std::path::Path;

use bellwether::market::{InstrumentKind, MissingReason, SnapshotPart, Symbol};
use bellwether_adapters::{FileSource, MarketData, ScanRequest, SnapshotRequest, UniverseRequest};
use jiff::Timestamp;

const BARS: &str = "symbol,ts,open,high,low,close,volume,vwap\n\
    AAPL,2025-01-06T14:25:00Z,10,11,9,10.5,1000,10.2\n\
    AAPL,2025-01-06T14:24:00Z,10,11,9,10,500,\n\
    AAPL,2025-01-06T14:24:00Z,10,11,9,10,500,\n\
    MSFT,2025-01-03T20:59:00Z,20,21,19,20,700,20\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn problem(folder: &Path) -> String {
    FileSource::open(folder).map(drop).unwrap_err().to_string()
}

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn rows_in_any_order_with_repeats_become_intervals() {
    let folder = folder(&[("bars.csv", BARS)]);
    let source = FileSource::open(folder.path()).unwrap();
    let apple = source.minutes().series("AAPL");
    assert_eq!(apple.len(), 2);
    assert_eq!(apple.bar(0).open_at, at("2025-01-06T14:24:00Z").as_microsecond());
    assert_eq!(apple.bar(0).close_at, at("2025-01-06T14:25:00Z").as_microsecond());
    assert_eq!((apple.bar(0).vwap, apple.bar(1).vwap), (None, Some(10.2)));
    // At 14:25:30 the bar that began at 14:25 is not known yet.
    let request = SnapshotRequest { symbols: None, history_sessions: 1 };
    let snapshot = source.snapshot(at("2025-01-06T14:25:30Z"), &request).unwrap();
    assert_eq!((snapshot.today.len(), snapshot.history.len(), snapshot.universe.len()), (1, 1, 2));
    let none = SnapshotRequest { symbols: None, history_sessions: 0 };
    assert!(source.snapshot(at("2025-01-06T14:25:30Z"), &none).unwrap().history.is_empty());
}

#[test]
fn lists_describe_the_symbols() {
    let folder = folder(&[
        ("bars.csv", BARS),
        ("daily.csv", "symbol,date,open,high,low,close,volume\nAAPL,2025-01-03,9,10,8,9.5,100000\nIBM,2025-01-03,9,10,8,9.5,1\n"),
        (
            "instruments.csv",
            "symbol,name,kind,exchange,float_shares\nAAPL,Apple Inc.,stock,NASDAQ,15000000000\nMSFT,A fund,ETF,,\n",
        ),
        (
            "headlines.csv",
            "symbol,at,source,title\nAAPL,2025-01-06T13:00:00Z,DJ,Now\nAAPL,2025-01-06T15:00:00Z,DJ,Later\nAAPL,2024-01-06T13:00:00Z,DJ,Old\n",
        ),
        ("splits.csv", "symbol,ex_date,ratio\nAAPL,2025-01-06,4\nMSFT,2025-02-06,2\n"),
    ]);
    let source = FileSource::open(folder.path()).unwrap();
    let request = SnapshotRequest { symbols: Some(symbols(&["AAPL", "MSFT", "IBM", "NOSUCH"])), history_sessions: 1 };
    let snapshot = source.snapshot(at("2025-01-06T14:26:00Z"), &request).unwrap();
    let apple = &snapshot.universe[0];
    assert_eq!((apple.name.as_str(), apple.primary_exchange.as_str(), apple.float_shares), ("Apple Inc.", "NASDAQ", Some(15e9)));
    assert_eq!(
        snapshot.universe.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [InstrumentKind::Stock, InstrumentKind::Stock, InstrumentKind::Etf]
    );
    let day = snapshot.daily.series("AAPL").bar(0);
    assert_eq!(
        (day.open_at, day.close_at),
        (at("2025-01-03T14:30:00Z").as_microsecond(), at("2025-01-03T21:00:00Z").as_microsecond())
    );
    assert_eq!(snapshot.headlines.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Now"]);
    assert_eq!(snapshot.splits.len(), 1);
    let missing: Vec<_> = snapshot.missing.iter().map(|it| (it.symbol.as_str(), it.part, it.reason)).collect();
    assert_eq!(
        missing,
        [("IBM", SnapshotPart::Today, MissingReason::NoData), ("NOSUCH", SnapshotPart::Contract, MissingReason::UnknownContract)]
    );
}

#[test]
fn a_poisoned_symbol_is_reported_beside_the_others() {
    let rows = "symbol,ts,open,high,low,close,volume\n\
        GOOD,2025-01-06T14:25:00Z,10,11,9,10.5,1000\n\
        NANS,2025-01-06T14:25:00Z,NaN,11,9,10,1000\n\
        HIGH,2025-01-06T14:25:00Z,10,9,8,10,1000\n\
        TWICE,2025-01-06T14:25:00Z,10,11,9,10,1000\n\
        TWICE,2025-01-06T14:25:00Z,10,11,9,10,1001\n\
        WHEN,,10,11,9,10,1000\n";
    let daily = "symbol,date,open,high,low,close,volume\nGOOD,2025-01-09,9,10,8,9.5,1\nGOOD,2025-01-08,9,10,8,9.5,1\n";
    let folder = folder(&[("bars.csv", rows), ("daily.csv", daily)]);
    let source = FileSource::open(folder.path()).unwrap();
    let request = SnapshotRequest { symbols: None, history_sessions: 3 };
    let snapshot = source.snapshot(at("2025-01-10T14:26:00Z"), &request).unwrap();
    assert_eq!(source.minutes().symbols(), symbols(&["GOOD"]));
    let bad: Vec<&str> = snapshot.missing.iter().map(|missing| missing.symbol.as_str()).collect();
    assert_eq!(bad, ["GOOD", "HIGH", "NANS", "TWICE", "WHEN"]);
    assert!(snapshot.missing.iter().all(|missing| missing.reason == MissingReason::BadData));
    // The exchange was closed on 2025-01-09, a Thursday.
    assert!(snapshot.missing[0].detail.contains("2025-01-09"), "{}", snapshot.missing[0].detail);
    assert_eq!(snapshot.daily.series("GOOD").len(), 1);
}

#[test]
fn what_cannot_be_read_is_named() {
    assert!(problem(Path::new("/no/such/folder")).contains("is not a folder"));
    assert!(problem(folder(&[]).path()).contains("holds neither bars.parquet"));
    let missing = problem(folder(&[("bars.csv", "symbol,ts,open,high,low,close\nA,2025-01-06T14:25:00Z,1,1,1,1\n")]).path());
    assert!(missing.contains("bars.csv") && missing.contains("`volume`"), "{missing}");
    let unstamped = problem(folder(&[("bars.csv", "symbol,open,high,low,close,volume\nA,1,1,1,1,1\n")]).path());
    assert!(unstamped.contains("`ts`") && unstamped.contains("is missing"), "{unstamped}");
    let kind =
        problem(folder(&[("bars.csv", "symbol,ts,open,high,low,close,volume\nA,2025-01-06T14:25:00Z,1,1,1,x,1\n")]).path());
    assert!(kind.contains("`close`") && kind.contains("expected numbers"), "{kind}");
    let number = problem(folder(&[("bars.csv", "symbol,ts,open,high,low,close,volume\nA,17,1,1,1,1,1\n")]).path());
    assert!(number.contains("`ts`") && number.contains("expected timestamps"), "{number}");
    let split = problem(folder(&[("bars.csv", BARS), ("splits.csv", "symbol,ex_date,ratio\nAAPL,2025-01-06,0\n")]).path());
    assert!(split.contains("splits.csv") && split.contains("`ratio`"), "{split}");
}

#[test]
fn damaged_parquet_is_an_error_that_names_the_file() {
    use bellwether::frames::{read_table, write_parquet};
    let good = folder(&[("source.csv", BARS)]);
    let path = good.path().join("bars.parquet");
    write_parquet(&path, &mut read_table(&good.path().join("source.csv")).unwrap()).unwrap();
    assert_eq!(FileSource::open(good.path()).unwrap().minutes().len(), 3);
    let bytes = std::fs::read(&path).unwrap();
    for kept in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..kept]).unwrap();
        let problem = problem(good.path());
        assert!(problem.contains("bars.parquet") && problem.contains("not a readable Parquet file"), "{kept}: {problem}");
    }
    std::fs::write(&path, "symbol,ts\n".repeat(200)).unwrap();
    assert!(problem(good.path()).contains("not a readable Parquet file"));
}

#[tokio::test]
async fn the_scheduler_sees_the_same_as_the_notebook() {
    let folder = folder(&[("bars.csv", BARS)]);
    let source = FileSource::open(folder.path()).unwrap();
    let as_of = at("2025-01-06T14:26:00Z");
    let request = ScanRequest::new(UniverseRequest::All, 2);
    let seen = MarketData::snapshot(&source, as_of, &request).await.unwrap();
    let called = source.snapshot(as_of, &SnapshotRequest { symbols: None, history_sessions: 2 }).unwrap();
    assert_eq!(seen.hash(), called.hash());
}
