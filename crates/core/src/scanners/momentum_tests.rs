use proptest::prelude::*;

use super::{super::test_market::TestMarket, *};

fn ingredients() -> impl Strategy<Value = ScoreIngredients> {
    let optional = |range: std::ops::Range<f64>| prop::option::of(range);
    (-20.0_f64..40.0, -20.0_f64..40.0, optional(0.01..60.0), optional(0.0..100.0), optional(-9.0..9.0), -20.0_f64..=0.0).prop_map(
        |(change_pct, change_from_open_pct, rvol, rsi, vwap_distance_pct, high_distance_pct)| ScoreIngredients {
            change_pct,
            change_from_open_pct,
            rvol,
            rsi,
            vwap_distance_pct,
            high_distance_pct,
        },
    )
}

proptest! {
    #[test]
    fn score_is_bounded_and_rises_with_every_ingredient(x in ingredients(), more in 0.01_f64..5.0) {
        let base = score(&x);
        prop_assert!((0.0..=100.0).contains(&base));
        let raised = [
            ScoreIngredients { change_pct: x.change_pct + more, ..x },
            ScoreIngredients { change_from_open_pct: x.change_from_open_pct + more, ..x },
            ScoreIngredients { rvol: x.rvol.map(|rvol| rvol + more), ..x },
            ScoreIngredients { rsi: x.rsi.map(|rsi| rsi + more), ..x },
            ScoreIngredients { vwap_distance_pct: x.vwap_distance_pct.map(|d| d + more), ..x },
            ScoreIngredients { high_distance_pct: x.high_distance_pct + more, ..x },
        ];
        for other in raised {
            prop_assert!(score(&other) >= base, "{other:?}");
        }
        let higher = ScoreIngredients { change_pct: x.change_pct + more, change_from_open_pct: x.change_from_open_pct + more, ..x };
        if base < 99.9 && x.change_pct < 15.0 {
            prop_assert!(score(&higher) > base);
        }
    }
}

/// Rises from 10 by `slope` a minute from 09:30 on, with minutes of three earlier sessions behind it.
fn runner(market: &mut TestMarket, name: &str, slope: f64, volume: f64) {
    market.stock(name).days(name, 25, 10.0, 1e6);
    for day in ["2024-12-31", "2025-01-02", "2025-01-03"] {
        let flat: Vec<f64> = (0..60).map(|minute| 10.0 + 0.02 * f64::from(minute % 3)).collect();
        market.minutes(name, &format!("{day}T09:30"), &flat, 1_000.0);
    }
    let prices: Vec<f64> = (0..30).map(|minute| 10.0 + slope * f64::from(minute)).collect();
    market.minutes(name, "2025-01-06T09:30", &prices, volume);
}

#[test]
fn leaders_come_first_with_rank_trend_and_the_pipelines_names() {
    let mut market = TestMarket::default();
    runner(&mut market, "LEAD", 0.04, 9_000.0);
    runner(&mut market, "SLOW", 0.005, 4_000.0);
    runner(&mut market, "SINK", -0.03, 9_000.0);
    let report = scan(&market.snapshot("10:00"), &MomentumConfig::default()).unwrap();
    let order: Vec<&str> = report.hits.iter().map(|hit| hit.symbol.as_str()).collect();
    assert_eq!(order, ["LEAD", "SLOW", "SINK"]);
    let lead = &report.hits[0];
    assert_eq!(lead.trend, Some("strong"));
    assert_eq!(report.hits[2].trend, Some("down"));
    assert_eq!(lead.numbers.get("rvol"), Some(9.0));
    assert_eq!(lead.numbers.get("rvol_sessions"), Some(3.0));
    assert_eq!(lead.numbers.get("score_rank"), Some(1.0));
    assert!((lead.numbers.get("change_pct").unwrap() - 11.6).abs() < 1e-9);
    assert_eq!(lead.numbers.get("high_distance_pct"), Some(0.0));
    assert!(lead.numbers.get("rsi").unwrap() > 80.0);
    let json = report.momentum_results();
    let first = &json["results"][0];
    for field in ["symbol", "score", "rsi", "rvol", "percentChange", "trend"] {
        assert!(!first[field].is_null(), "{field}");
    }
}

#[test]
fn nothing_after_the_instant_is_seen() {
    let build = |extra: bool| {
        let mut market = TestMarket::default();
        runner(&mut market, "A", 0.04, 9_000.0);
        if extra {
            market.minutes("A", "2025-01-06T10:00", &[99.0, 1.0], 9e9);
        }
        scan(&market.snapshot("10:00"), &MomentumConfig::default()).unwrap().hash()
    };
    assert_eq!(build(false), build(true));
}

#[test]
fn a_half_finished_five_minute_bar_does_not_move_the_rsi() {
    let rsi = |clock: &str| {
        let mut market = TestMarket::default();
        runner(&mut market, "A", 0.04, 9_000.0);
        scan(&market.snapshot(clock), &MomentumConfig::default()).unwrap().hits[0].numbers.get("rsi").unwrap()
    };
    assert_eq!(rsi("09:55").to_bits(), rsi("09:59").to_bits());
    assert_ne!(rsi("09:55").to_bits(), rsi("10:00").to_bits());
}

#[test]
fn a_symbol_without_minutes_or_close_is_no_hit() {
    let mut market = TestMarket::default();
    market.stock("QUIET").days("QUIET", 25, 10.0, 1e6);
    market.stock("NEW").minutes("NEW", "2025-01-06T09:30", &[10.0; 10], 1e5);
    let report = scan(&market.snapshot("10:00"), &MomentumConfig::default()).unwrap();
    assert!(report.hits.is_empty());
    assert_eq!(report.no_previous_close.len(), 1);
}

#[test]
fn unusual_volume_and_breakouts_are_found() {
    use super::super::{breakout, unusual_volume};
    let mut market = TestMarket::default();
    runner(&mut market, "LOUD", 0.04, 9_000.0);
    runner(&mut market, "USUAL", 0.001, 1_000.0);
    let snapshot = market.snapshot("10:00");
    let volume =
        unusual_volume::scan(&snapshot, &unusual_volume::UnusualVolumeConfig { min_volume: 0.0, ..Default::default() }).unwrap();
    assert_eq!(volume.hits.len(), 1);
    assert_eq!(volume.hits[0].numbers.get("session_rvol"), Some(9.0));
    let high = breakout::scan(&snapshot, &breakout::BreakoutConfig { min_volume: 0.0, ..Default::default() }).unwrap();
    assert_eq!(high.hits.len(), 1);
    assert_eq!(high.hits[0].symbol.as_str(), "LOUD");
    assert!((high.hits[0].numbers.get("prior_high").unwrap() - 10.2).abs() < 1e-9);
    assert_eq!(high.hits[0].numbers.get("prior_high_days"), Some(20.0));
    let narrow = breakout::BreakoutConfig { min_volume: 0.0, max_range_pct: Some(3.0), ..Default::default() };
    assert!(breakout::scan(&snapshot, &narrow).unwrap().hits.is_empty(), "the range was 4 %");
}
