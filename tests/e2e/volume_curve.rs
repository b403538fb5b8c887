//! `bellwether volume-curve`: the curve of a symbol and how its bounds did, over a file of minute bars.

use std::path::Path;

use bellwether::{
    frames::write_parquet,
    market::{Bar, BarsBuilder, Calendar, Symbol},
};
use bellwether_tests::{Said, folder, run};

const MINUTE: i64 = 60_000_000;

/// Eight symbols over sixteen sessions: every regular minute trades, one pre-market minute in thirty does. NEW has two sessions.
fn bars(path: &Path) {
    let mut builder = BarsBuilder::default();
    let days = Calendar.sessions_before(jiff::civil::date(2026, 3, 7), 16).unwrap();
    for (number, name) in ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "NEW"].into_iter().enumerate() {
        let symbol = Symbol::new(name).unwrap();
        for (session, day) in days.iter().enumerate().skip(if name == "NEW" { 14 } else { 0 }) {
            for minute in (0..330).step_by(30).chain(330..720) {
                let wave = |speed: f64| (speed * (minute + 97 * session + 31 * number) as f64).sin();
                let volume = (1_000.0 * (number + 1) as f64 * (0.5 * wave(1.7) + 0.3 * wave(0.31)).exp()).round();
                let open_at = day.pre_open.as_microsecond() + minute as i64 * MINUTE;
                let close_at = open_at + MINUTE;
                let price = 10.0;
                let bar = Bar {
                    open_at,
                    close_at,
                    open: price,
                    high: price,
                    low: price,
                    close: price,
                    volume,
                    vwap: None,
                    trades: None,
                };
                builder.push(&symbol, bar);
            }
        }
    }
    write_parquet(path, &mut builder.finish().0.to_frame().unwrap()).unwrap();
}

fn curve(data: &Path, symbol: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["volume-curve", "--bars", "bars.parquet", "--symbol", symbol];
    arguments.extend(more);
    run(data, &arguments)
}

#[test]
fn the_curve_and_its_trial_are_told_and_few_bars_bound_nothing() {
    let data = folder();
    bars(&data.path().join("bars.parquet"));
    let said = curve(data.path(), "BBB", &["--json"]);
    assert!(said.ok, "{}", said.err);
    let told = said.json();
    assert_eq!((told["sessions"].as_array().unwrap().len(), told["symbols"].as_u64()), (16, Some(8)));
    assert_eq!(told["thin"][0], "NEW");
    let (points, trial) = (told["curve"].as_array().unwrap(), &told["trial"]);
    let until = |time: &str| points.iter().find(|point| point["until"] == time).unwrap();
    let expected: Vec<f64> = points.iter().map(|point| point["expected"].as_f64().unwrap()).collect();
    assert!(points.len() == 32 && expected.windows(2).all(|pair| pair[0] <= pair[1]), "{expected:?}");
    // 8 symbols' 16 sessions of 30 minutes are bars enough; one bar in a pre-market half hour is not.
    let (noon, early) = (until("12:00"), until("08:00"));
    assert_eq!((noon["bars"].as_u64(), noon["bars_enough"].as_bool()), (Some(3_840), Some(true)));
    assert_eq!((early["bars"].as_u64(), early["bars_enough"].as_bool()), (Some(128), Some(false)));
    assert_eq!((noon["n"].as_u64(), noon["enough"].as_bool()), (Some(128), Some(true)));
    let number = |field: &str| noon[field].as_f64().unwrap();
    assert!(number("lower") < number("median") && number("median") < number("upper"), "{noon}");

    assert_eq!((trial["learnt_from"].as_u64(), trial["tried_on"].as_array().unwrap().len()), (Some(8), 8));
    let slots = trial["slots"].as_array().unwrap();
    let early = slots.iter().find(|slot| slot["until"] == "08:00").unwrap();
    assert!(early["share_of_bars"].is_null() && early["bars"]["seen"] == 0, "{early}");
    let noon = slots.iter().find(|slot| slot["until"] == "12:00").unwrap();
    assert!(noon["share_of_bars"].is_null(), "1,920 bars of the eight sessions learnt from are too few: {noon}");
    assert!((0.0..0.5).contains(&noon["share_of_days"].as_f64().unwrap()), "{noon}");
    // Learnt from thirteen sessions there are enough, and the share is near 5 %.
    let told = curve(data.path(), "BBB", &["--json", "--tried-on", "3"]).json();
    let noon = told["trial"]["slots"].as_array().unwrap().iter().find(|slot| slot["until"] == "12:00").unwrap().clone();
    assert_eq!(noon["bars"]["seen"].as_u64(), Some(8 * 3 * 30));
    assert!((0.01..0.12).contains(&noon["share_of_bars"].as_f64().unwrap()), "{noon}");

    let shown = curve(data.path(), "BBB", &[]);
    assert!(shown.ok && shown.out.contains("not enough data") && shown.out.contains("tried on"), "{}", shown.out);
}

#[test]
fn symbols_without_a_curve_are_told_why() {
    let data = folder();
    bars(&data.path().join("bars.parquet"));
    let unknown = curve(data.path(), "ZZZ", &[]);
    assert!(!unknown.ok && unknown.err.contains("no bars of ZZZ") && unknown.err.contains("AAA"), "{}", unknown.err);
    let thin = curve(data.path(), "NEW", &[]);
    assert!(!thin.ok && thin.err.contains("NEW has 2 full sessions") && thin.err.contains("needs 5"), "{}", thin.err);
    let level = curve(data.path(), "AAA", &["--level", "1.5"]);
    assert!(!level.ok && level.err.contains("`level` is 1.5"), "{}", level.err);
}
