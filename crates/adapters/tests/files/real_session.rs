//! The pre-market of 2025-01-06, as recorded, through the folder source and the gap scan.

use std::path::Path;

use bellwether::{
    frames::{read_table, write_parquet},
    market::{Calendar, Snapshot},
    scanners::{Hit, gap},
};
use bellwether_adapters::{FileSource, SnapshotRequest};
use jiff::civil::{date, time};
use polars::prelude::IntoLazy as _;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn as _, NewChunkedArray as _, StringChunked, col, lit};

use crate::shared::shared;

const COLUMNS: [&str; 7] = ["symbol", "ts", "open", "high", "low", "close", "volume"];

/// The large names' minutes of January and the movers' minutes of the January events, in one folder with the daily bars.
fn session_folder(folder: &Path) -> Option<()> {
    let large = shared("us_minute_2025_01")?.join("bars.parquet");
    let movers = shared("us_gappers_minute")?.join("bars.parquet");
    let daily = shared("us_daily_2023_2025")?.join("all_symbols_2024-10_2025-01.parquet");
    let days = |year, month| lit((date(year, month, 1) - date(1970, 1, 1)).get_days()).cast(DataType::Date);
    let event = || col("event_date").cast(DataType::Date);
    let movers = read_table(&movers).unwrap().lazy();
    let january = movers.filter(event().gt_eq(days(2025, 1))).filter(event().lt(days(2025, 2))).collect().unwrap();
    let mut bars = read_table(&large).unwrap().select(COLUMNS).unwrap();
    let january = january.select(COLUMNS).unwrap();
    let types = bars.schema().clone();
    let same_type = |column: &Column| column.cast(types.get(column.name()).unwrap()).unwrap();
    let january = DataFrame::new(january.height(), january.columns().iter().map(same_type).collect()).unwrap();
    bars.vstack_mut(&january).unwrap();
    write_parquet(&folder.join("bars.parquet"), &mut bars).unwrap();
    write_parquet(&folder.join("daily.parquet"), &mut read_table(&daily).unwrap()).unwrap();
    // One of the large names is a fund, and nothing in the bars says so.
    let symbols = StringChunked::from_slice("symbol".into(), &["FUBO"]).into_column();
    let names = StringChunked::from_slice("name".into(), &["fuboTV Inc."]).into_column();
    write_parquet(&folder.join("instruments.parquet"), &mut DataFrame::new(1, vec![symbols, names]).unwrap()).unwrap();
    Some(())
}

fn number(hit: &Hit, name: &str) -> f64 {
    hit.numbers.get(name).unwrap_or_else(|| panic!("{name} of {}", hit.symbol))
}

#[test]
fn the_gap_scan_finds_the_movers_of_2025_01_06() {
    let folder = tempfile::tempdir().unwrap();
    if session_folder(folder.path()).is_none() {
        return;
    }
    let began = std::time::Instant::now();
    let source = FileSource::open(folder.path()).unwrap();
    println!("{} minute and {} daily bars in {:?}", source.minutes().len(), source.daily().len(), began.elapsed());
    assert!(source.faults().is_empty(), "{:?}", source.faults());

    let as_of = Calendar.at(date(2025, 1, 6), time(9, 25, 0, 0));
    let began = std::time::Instant::now();
    let snapshot: Snapshot = source.snapshot(as_of, &SnapshotRequest { symbols: None, history_sessions: 20 }).unwrap();
    println!("snapshot of {} symbols in {:?}", snapshot.universe.len(), began.elapsed());
    assert_eq!(snapshot.missing, []);
    assert!(snapshot.today.iter().all(|(_, series)| series.close_at.iter().all(|at| *at <= as_of.as_microsecond())));
    assert!(snapshot.history.iter().all(|(_, series)| series.close_at.last().unwrap() < &as_of.as_microsecond()));

    let report = gap::scan(&snapshot, &gap::GapConfig::default()).unwrap();
    let found: Vec<&str> = report.hits.iter().map(|hit| hit.symbol.as_str()).collect();
    assert_eq!(found, ["RHE", "FUBO", "MEGL", "SPRC", "ARBE", "KITT", "PATH", "MU", "SMCI", "UBER", "TSM"]);
    let rhe = &report.hits[0];
    assert_eq!(number(rhe, "last"), 4.67);
    assert!((number(rhe, "gap_pct") - 201.29).abs() < 0.005, "{}", number(rhe, "gap_pct"));
    assert_eq!(number(rhe, "premarket_volume"), 11_455_877.0);
    assert_eq!(report.hits[1].name, "fuboTV Inc.");
    let suspected: Vec<&str> = report.suspected_splits.iter().map(|split| split.symbol.as_str()).collect();
    assert_eq!(suspected, ["CMCT", "IDAI"]);
    assert!(snapshot.universe.iter().any(|instrument| instrument.symbol.as_str() == "RGF"));
    assert!(snapshot.today.series("RGF").is_empty());
}

#[test]
fn every_recorded_symbol_passes_the_door() {
    let Some(movers) = shared("us_gappers_minute") else { return };
    // No daily.csv: there a symbol's bars repeat for each of its events.
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(movers.join("bars.parquet"), folder.path().join("bars.parquet")).unwrap();
    let source = FileSource::open(folder.path()).unwrap();
    assert!(source.faults().is_empty(), "{:?}", source.faults());
    assert!(source.minutes().iter().all(|(_, series)| series.trades.iter().all(|trades| *trades >= 1.0)));
}

#[test]
fn a_lean_folder_is_a_source() {
    let Some(lean) = shared("lean_us") else { return };
    let source = FileSource::open(&lean).unwrap();
    for fault in source.faults() {
        println!("{fault:?}");
    }
    assert!(source.minutes().symbols().iter().any(|symbol| symbol.as_str() == "AAPL"));
    assert!(!source.daily().is_empty());
}
