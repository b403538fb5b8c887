use super::{
    super::test_market::{TestMarket, symbol},
    *,
};
use crate::market::{MissingData, MissingReason, SnapshotPart};

/// A gapper: closed at 10, trades `volume` a minute at the prices given from 08:00.
fn gapper(market: &mut TestMarket, name: &str, prices: &[f64], volume: f64) {
    market.stock(name).days(name, 25, 10.0, 1_000_000.0).minutes(name, "2025-01-06T08:00", prices, volume);
}

fn found(report: &ScanReport) -> Vec<&str> {
    report.hits.iter().map(|hit| hit.symbol.as_str()).collect()
}

#[test]
fn ranks_by_absolute_gap_and_carries_every_number() {
    let mut market = TestMarket::default();
    gapper(&mut market, "UP", &[11.0, 11.2, 11.5], 60_000.0);
    gapper(&mut market, "DOWN", &[8.0], 200_000.0);
    gapper(&mut market, "FLAT", &[10.1], 500_000.0);
    market.quote("UP", 11.49, 11.51).news("UP", "2025-01-06T06:40", "UP beats").news("UP", "2025-01-03T06:40", "old");
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert_eq!(found(&report), ["DOWN", "UP"]);
    let up = &report.hits[1];
    let number = |name| up.numbers.get(name);
    assert!((number("gap_pct").unwrap() - 15.0).abs() < 1e-9);
    assert_eq!(number("last"), Some(11.5));
    assert_eq!(number("prev_close"), Some(10.0));
    assert_eq!(number("premarket_volume"), Some(180_000.0));
    assert_eq!(number("premarket_dollar_volume"), Some(2_022_000.0));
    assert_eq!(number("prints"), Some(3.0));
    assert_eq!(number("premarket_high"), Some(11.5));
    assert_eq!(number("minutes_since_print"), Some(82.0), "the last minute ended at 08:03");
    assert!((number("gap_vs_prev_range").unwrap() - (11.5 - 10.2) / 0.4).abs() < 1e-9);
    assert!((number("spread_bps").unwrap() - 0.02 / 11.5 * 1e4).abs() < 1e-9);
    assert_eq!(number("typical_daily_volume"), Some(1_000_000.0));
    assert_eq!(number("premarket_rvol"), None, "no earlier minutes, no relative volume");
    assert_eq!(number("premarket_rvol_sessions"), Some(0.0));
    assert_eq!(up.headline.as_deref(), Some("UP beats"));
    assert_eq!(up.numbers.0.len(), GapNumbers::COLUMNS.len());
}

#[test]
fn only_complete_minutes_before_the_instant_count() {
    let build = || {
        let mut market = TestMarket::default();
        gapper(&mut market, "A", &[11.0, 12.0], 150_000.0);
        market
    };
    let early = scan(&build().snapshot("08:01"), &GapConfig::default()).unwrap();
    assert_eq!(early.hits[0].numbers.get("last"), Some(11.0), "the minute 08:01 is not over at 08:01");
    let later = scan(&build().snapshot("08:02"), &GapConfig::default()).unwrap();
    assert_eq!(later.hits[0].numbers.get("last"), Some(12.0));
}

#[test]
fn from_the_open_the_official_open_counts_and_the_volume_stays_premarket() {
    let mut market = TestMarket::default();
    gapper(&mut market, "A", &[11.0], 150_000.0);
    market.minutes("A", "2025-01-06T09:30", &[10.8, 12.9], 900_000.0);
    let report = scan(&market.snapshot("09:40"), &GapConfig::default()).unwrap();
    assert_eq!(report.hits[0].numbers.get("last"), Some(10.8));
    assert_eq!(report.hits[0].numbers.get("premarket_volume"), Some(150_000.0));
}

#[test]
fn every_filter_filters() {
    let snapshot = || {
        let mut market = TestMarket::default();
        gapper(&mut market, "A", &[11.0, 11.0], 60_000.0);
        market.quote("A", 10.9, 11.1);
        market.inputs.universe[0].float_shares = Some(5e6);
        market.snapshot("09:25")
    };
    let defaults = GapConfig::default();
    let hits = |config: GapConfig| scan(&snapshot(), &config).unwrap().hits.len();
    assert_eq!(hits(defaults.clone()), 1);
    assert_eq!(hits(GapConfig { min_gap_pct: 10.1, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { direction: Direction::Down, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { min_volume: 120_001.0, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { min_dollar_volume: 1_320_001.0, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { min_price: 11.01, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { max_price: 10.99, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { min_prints: 3, ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { max_spread_bps: Some(100.0), ..defaults.clone() }), 0);
    assert_eq!(hits(GapConfig { max_float_shares: Some(4e6), ..defaults }), 0);
}

#[test]
fn funds_halts_and_splits_alert_nobody_and_are_reported() {
    let mut market = TestMarket::default();
    market.etf("FUND").days("FUND", 25, 10.0, 1e6).minutes("FUND", "2025-01-06T08:00", &[12.0], 500_000.0);
    gapper(&mut market, "HALT", &[13.0], 500_000.0);
    market.halt("HALT");
    market.stock("RSPLIT").days("RSPLIT", 25, 1.0, 5e6).minutes("RSPLIT", "2025-01-06T08:00", &[10.2], 110_000.0);
    market
        .stock("KNOWN")
        .days("KNOWN", 25, 1.0, 5e6)
        .minutes("KNOWN", "2025-01-06T08:00", &[10.2], 110_000.0)
        .split("KNOWN", 0.1);
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert!(found(&report).is_empty(), "{:?}", found(&report));
    assert_eq!(report.halted, [symbol("HALT")]);
    assert_eq!(report.suspected_splits.len(), 1);
    assert_eq!((report.suspected_splits[0].symbol.as_str(), report.suspected_splits[0].ratio), ("RSPLIT", 0.1));
}

#[test]
fn a_split_is_no_gap_by_noon_either() {
    let mut market = TestMarket::default();
    market.stock("IVP").days("IVP", 25, 0.035, 10_000_000.0).minutes("IVP", "2025-01-06T09:00", &[4.0], 464_517.0);
    market.minutes("IVP", "2025-01-06T09:30", &[4.1; 150], 40_000.0);
    let report = scan(&market.snapshot("12:00"), &GapConfig::default()).unwrap();
    assert!(report.hits.is_empty());
    assert_eq!(report.suspected_splits.len(), 1);
}

#[test]
fn without_daily_bars_earlier_minutes_tell_a_split() {
    let mut market = TestMarket::default();
    market.stock("RV").minutes("RV", "2025-01-03T15:00", &[2.0; 50], 1_000_000.0);
    market.minutes("RV", "2025-01-06T09:00", &[8.0], 150_000.0);
    market.stock("BG").minutes("BG", "2025-01-03T15:00", &[2.0; 50], 1_000.0);
    market.minutes("BG", "2025-01-06T09:00", &[12.0], 15_000_000.0);
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert_eq!(found(&report), ["BG"]);
    assert_eq!(report.suspected_splits[0].symbol, symbol("RV"));
}

#[test]
fn a_known_split_leaves_the_true_gap() {
    let mut market = TestMarket::default();
    market.stock("A").days("A", 25, 1.0, 5e6).minutes("A", "2025-01-06T08:00", &[11.0], 110_000.0).split("A", 0.1);
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert!((report.hits[0].numbers.get("gap_pct").unwrap() - 10.0).abs() < 1e-9);
    assert_eq!(report.hits[0].numbers.get("prev_close"), Some(10.0));
}

#[test]
fn the_previous_close_is_the_previous_sessions_or_none() {
    // Without a daily bar of Friday, Friday's last regular minute counts: 15:59, not the auction at 16:00.
    let mut market = TestMarket::default();
    market.stock("MIN").minutes("MIN", "2025-01-03T15:58", &[19.0, 20.0, 25.0], 10.0);
    market.minutes("MIN", "2025-01-06T08:00", &[22.0], 200_000.0);
    // A daily bar of Thursday is not the previous close.
    market.stock("STALE").minutes("STALE", "2025-01-06T08:00", &[22.0], 200_000.0);
    market.stock("NONE").minutes("NONE", "2025-01-06T08:00", &[22.0], 200_000.0);
    let mut snapshot = market.snapshot("09:25");
    let mut thursday = TestMarket::default();
    thursday.days("STALE", 2, 10.0, 1.0);
    let daily = thursday.snapshot("09:25").daily;
    snapshot.daily = std::sync::Arc::new(daily.as_of(super::super::test_market::at("2025-01-02T23:00")));
    let report = scan(&snapshot, &GapConfig::default()).unwrap();
    assert_eq!(found(&report), ["MIN"]);
    assert_eq!(report.hits[0].numbers.get("prev_close"), Some(20.0));
    assert_eq!(report.no_previous_close, [symbol("NONE"), symbol("STALE")]);
}

#[test]
fn relative_volume_compares_the_same_minutes_and_says_over_how_many_sessions() {
    let mut market = TestMarket::default();
    gapper(&mut market, "A", &[11.0, 11.0], 150_000.0);
    // Two earlier sessions: one with 10,000 shares before 09:25 and a flood at 09:27, one with bars but none before 09:25.
    market.minutes("A", "2025-01-03T08:00", &[10.0], 10_000.0).minutes("A", "2025-01-03T09:27", &[10.0], 1e6);
    market.minutes("A", "2025-01-02T12:00", &[10.0], 1e6);
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert_eq!(report.hits[0].numbers.get("premarket_rvol"), Some(300_000.0 / 5_000.0));
    assert_eq!(report.hits[0].numbers.get("premarket_rvol_sessions"), Some(2.0));
}

#[test]
fn bad_data_is_reported_beside_the_hits() {
    let mut market = TestMarket::default();
    gapper(&mut market, "GOOD", &[11.0], 150_000.0);
    market.stock("BAD").missing(MissingData {
        symbol: symbol("BAD"),
        part: SnapshotPart::Today,
        reason: MissingReason::BadData,
        detail: "close is NaN".into(),
    });
    let report = scan(&market.snapshot("09:25"), &GapConfig::default()).unwrap();
    assert_eq!(found(&report), ["GOOD"]);
    assert_eq!(report.set_aside[0].symbol, symbol("BAD"));
    assert!(report.set_aside[0].reason.contains("close is NaN"));
}

#[test]
fn the_same_snapshot_gives_the_same_report_on_any_number_of_threads() {
    let mut market = TestMarket::default();
    for n in 0..300 {
        gapper(&mut market, &format!("S{n}"), &[10.0 + f64::from(n % 37) / 7.0], 150_000.0);
    }
    let snapshot = market.snapshot("09:25");
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scan(&snapshot, &GapConfig::default()).unwrap().hash())
    };
    let one = run(1);
    assert!((2..=8).all(|threads| run(threads) == one));
}

#[test]
fn a_setting_out_of_range_is_named() {
    let error = GapConfig { max_price: 0.5, ..GapConfig::default() }.check().unwrap_err().to_string();
    assert_eq!(error, "setting `max_price` is 0.5: expected at least min_price");
}
