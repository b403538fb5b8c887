//! On sessions made here: half-days, thin history, the future. On real ones: calibration out of sample.

use jiff::civil::date;
use polars::prelude::{DataType, TimeUnit};

use super::*;
use crate::{
    features::minute_of_session,
    market::{Bar, BarsBuilder, Calendar, TradingDay},
    test_data::{shared, table},
};

const MINUTE: i64 = 60_000_000;

fn bar(open_at: i64, volume: f64) -> Bar {
    let close_at = open_at + MINUTE;
    Bar { open_at, close_at, open: 10.0, high: 10.0, low: 10.0, close: 10.0, volume, vwap: None, trades: None }
}

/// The last `n` trading days before 20 December 2025; the day after Thanksgiving, a half-day, is the sixteenth from the end.
fn days(n: usize) -> Vec<TradingDay> {
    Calendar.sessions_before(date(2025, 12, 20), n).unwrap()
}

/// Volumes of a made-up market: regular minutes trade `level` with a U shape and noise, one pre-market minute in seven a tenth.
fn market(symbols: &[(&str, f64, usize)], days: &[TradingDay]) -> Bars {
    let mut builder = BarsBuilder::default();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    for (name, level, sessions) in symbols {
        let symbol = Symbol::new(name).unwrap();
        for day in &days[days.len() - sessions..] {
            let last = minute_of_session(day, day.close).unwrap();
            let size = (0.4 * (draw() - 0.5)).exp();
            for minute in 0..last {
                let regular = minute >= 330;
                if !regular && minute % 7 != 0 {
                    continue;
                }
                let shape = if regular { 1.0 + ((minute as f64 - 525.0) / 195.0).powi(2) } else { 0.1 };
                let noise = (draw() + draw() + draw() - 1.5).exp();
                let volume = (level * size * shape * noise).round().max(1.0);
                builder.push(&symbol, bar(day.pre_open.as_microsecond() + minute as i64 * MINUTE, volume));
            }
        }
    }
    builder.finish().0
}

fn after(days: &[TradingDay]) -> Timestamp {
    days.last().unwrap().post_close
}

#[test]
fn expects_what_was_usual_and_tells_nothing_of_the_unknown() {
    let days = days(12);
    let bars = market(&[("AAA", 5_000.0, 12), ("BBB", 800.0, 12), ("NEW", 800.0, 4)], &days);
    let curves = VolumeCurvesConfig::default().fit(&bars, after(&days)).unwrap();
    assert_eq!(curves.report().thin, [Symbol::new("NEW").unwrap()]);
    assert_eq!(curves.report().symbols, 2);
    assert_eq!((curves.report().sessions.len(), curves.report().half_days_left_out), (12, 0));
    assert!(curves.reading("NEW", 400, 1.0).is_none() && curves.tracker("NEW").is_none());
    assert!(curves.reading("AAA", 960, 1.0).is_none() && curves.reading("ZZZ", 400, 1.0).is_none());

    let daily: f64 = bars.series("AAA").volume.iter().sum::<f64>() / 12.0;
    let close = curves.reading("AAA", 959, 2.0 * daily).unwrap();
    assert!((close.expected / daily - 1.0).abs() < 1e-9 && (close.relative - 2.0).abs() < 1e-9);
    let (lower, upper) = (close.lower.unwrap(), close.upper.unwrap());
    assert!(lower < daily && daily < upper && upper < 1.5 * daily, "{lower} {upper}");
    let expected: Vec<f64> = (0..960).map(|minute| curves.reading("AAA", minute, 0.0).unwrap().expected).collect();
    assert!(expected.windows(2).all(|pair| pair[1] >= pair[0]));
    let noon = bars.series("AAA").iter().filter(|bar| {
        let day = Calendar.day_of(Timestamp::from_microsecond(bar.open_at).unwrap()).unwrap().unwrap();
        bar.open_at < day.pre_open.as_microsecond() + 480 * MINUTE
    });
    let noon = noon.map(|bar| bar.volume).sum::<f64>() / 12.0;
    assert!((expected[479] / noon - 1.0).abs() < 0.05, "{} {noon}", expected[479]);
}

#[test]
fn half_days_change_nothing_and_end_the_curve() {
    let all = days(20);
    let half: Vec<&TradingDay> = all.iter().filter(|day| day.early_close.is_some()).collect();
    assert_eq!(half.len(), 1, "28 November 2025 is among them");
    let bars = market(&[("AAA", 5_000.0, 20), ("BBB", 800.0, 20)], &all);
    let without = bars.select(|_, series| series);
    let mut builder = BarsBuilder::default();
    for (symbol, series) in without.iter() {
        let outside = |bar: &Bar| {
            let at = Timestamp::from_microsecond(bar.open_at).unwrap();
            half[0].session_at(at).is_none()
        };
        series.iter().filter(outside).for_each(|bar| builder.push(symbol, bar));
    }
    let config = VolumeCurvesConfig::default();
    let (with, without) = (config.fit(&bars, after(&all)).unwrap(), config.fit(&builder.finish().0, after(&all)).unwrap());
    assert_eq!(with, without);
    assert_eq!((with.report().sessions.len(), with.report().half_days_left_out), (19, 1));
    assert_eq!(minute_of_session(half[0], half[0].post_close), None);
}

#[test]
fn knows_only_sessions_that_were_over() {
    let all = days(12);
    let bars = market(&[("AAA", 5_000.0, 12), ("BBB", 800.0, 12)], &all);
    let config = VolumeCurvesConfig { least_bars: 300, ..Default::default() };
    let then = config.fit(&bars, all[9].open).unwrap();
    let past = config.fit(&bars.as_of(all[8].post_close), all[9].open).unwrap();
    assert_eq!(then, past);
    assert_eq!(then.report().sessions.last(), Some(&all[8].date));
    // The bound of a bar is the same whatever that bar and those after it trade.
    let series = bars.series("AAA");
    let readings = then.bar_readings("AAA", series, &all[10]);
    let mut tracker = then.tracker("AAA").unwrap();
    for (row, seen) in readings.iter().enumerate() {
        let mut other = tracker.clone();
        let told = then.observe(&mut other, seen.minute, seen.volume * 50.0).unwrap();
        assert_eq!((told.upper, told.typical), (seen.upper, seen.typical), "bar {row}");
        assert_eq!(then.observe(&mut tracker, seen.minute, seen.volume), Some(*seen));
        assert_eq!(then.observe(&mut tracker, seen.minute, seen.volume), None, "the same bar twice");
    }
    assert!(readings.iter().filter(|reading| reading.upper.is_some()).count() > 300);
    // A half hour of 540 bars is too little for the default.
    let careful = VolumeCurvesConfig::default().fit(&bars, all[9].open).unwrap();
    assert!(careful.bar_readings("AAA", series, &all[10]).iter().all(|reading| reading.upper.is_none()));
    assert!(careful.report().slots.iter().all(|slot| slot.share_above.is_none()));
}

#[test]
fn a_thousandfold_symbol_reads_the_same_and_threads_change_nothing() {
    let all = days(12);
    let symbols = [("AAA", 5_000.0, 12), ("BBB", 800.0, 12), ("CCC", 90_000.0, 9)];
    let bars = market(&symbols, &all);
    let config = VolumeCurvesConfig { least_bars: 300, ..Default::default() };
    let curves = config.fit(&bars, after(&all)).unwrap();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let once = alone.install(|| config.fit(&bars, after(&all)).unwrap());
    assert_eq!(serde_json::to_string(&curves).unwrap(), serde_json::to_string(&once).unwrap());
    let back: VolumeCurves = serde_json::from_str(&serde_json::to_string(&curves).unwrap()).unwrap();
    assert_eq!(back, curves);

    let mut builder = BarsBuilder::default();
    for (symbol, series) in bars.iter() {
        series.iter().for_each(|bar| builder.push(symbol, Bar { volume: bar.volume * 1_000.0, ..bar }));
    }
    let larger = builder.finish().0;
    let scaled = config.fit(&larger, after(&all)).unwrap();
    let (one, two) = (curves.reading("BBB", 500, 7e4).unwrap(), scaled.reading("BBB", 500, 7e7).unwrap());
    assert!((one.relative - two.relative).abs() < 1e-9 && (one.upper.unwrap() * 1e3 / two.upper.unwrap() - 1.0).abs() < 1e-9);
    let (one, two) =
        (curves.bar_readings("CCC", bars.series("CCC"), &all[11]), scaled.bar_readings("CCC", larger.series("CCC"), &all[11]));
    assert!(one.iter().zip(&two).all(|(a, b)| (a.upper.unwrap_or(1.0) * 1e3 / b.upper.unwrap_or(1e3) - 1.0).abs() < 1e-6));
}

#[test]
fn settings_and_bars_that_cannot_be_used_are_named() {
    let said = |config: VolumeCurvesConfig| config.check().unwrap_err().to_string();
    assert!(said(VolumeCurvesConfig { level: 1.0, ..Default::default() }).contains("`level` is 1"));
    assert!(said(VolumeCurvesConfig { min_sessions: 21, ..Default::default() }).contains("`min_sessions` is 21"));
    let mut builder = BarsBuilder::default();
    let day = &days(1)[0];
    let open_at = day.open.as_microsecond();
    builder.push(&Symbol::new("AAA").unwrap(), Bar { close_at: open_at + 5 * MINUTE, ..bar(open_at, 100.0) });
    let error = VolumeCurvesConfig::default().fit(&builder.finish().0, after(&days(1))).unwrap_err().to_string();
    assert!(error.contains("bars of AAA") && error.contains("1-minute bars"), "{error}");
    let none = VolumeCurvesConfig::default().fit(&Bars::default(), after(&days(1))).unwrap();
    assert_eq!(none.report().symbols, 0);
}

fn january(folder: &std::path::Path) -> Bars {
    let table = table(&folder.join("us_minute_2025_01/bars.parquet"));
    let symbols = table.column("symbol").unwrap().str().unwrap().clone();
    let at = table.column("ts").unwrap().cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap();
    let at = at.datetime().unwrap().physical().clone();
    let volume = table.column("volume").unwrap().cast(&DataType::Float64).unwrap();
    let volume = volume.f64().unwrap();
    let mut builder = BarsBuilder::default();
    let mut known: Option<Symbol> = None;
    for row in 0..table.height() {
        let name = symbols.get(row).unwrap();
        let symbol = known.take().filter(|symbol| symbol.as_str() == name).unwrap_or_else(|| Symbol::new(name).unwrap());
        builder.push(&symbol, bar(at.get(row).unwrap(), volume.get(row).unwrap()));
        known = Some(symbol);
    }
    builder.finish().0
}

#[test]
fn bounds_hold_out_of_sample_on_a_real_month() {
    let Some(data) = shared() else { return };
    let bars = january(&data);
    let days = Calendar.sessions_before(date(2025, 2, 1), 20).unwrap();
    assert_eq!((days[0].date, days[19].date), (date(2025, 1, 2), date(2025, 1, 31)));
    let curves = VolumeCurvesConfig::default().fit(&bars, days[9].post_close).unwrap();
    assert_eq!(curves.report().sessions.len(), 10);

    let calibration = curves.calibration(&bars, &days[10..]);
    println!("New York | bars    above 95 % | learnt | cumulative outside 5 to 95 %, day-ahead");
    let mut out_of_range = Vec::new();
    for (slot, learnt) in calibration.iter().zip(&curves.report().slots) {
        let (hour, minute) = (4 + slot.from_minute / 60, slot.from_minute % 60);
        let percent = |share: Option<f64>| share.map_or(f64::NAN, |share| 100.0 * share);
        let (bar, day) = (percent(slot.bars.share()), percent(slot.days.share()));
        println!(
            "{hour:02}:{minute:02}    | {:6}  {bar:5.2} %    | {:5.2}  | {:4}  {day:5.2} %",
            slot.bars.seen,
            percent(learnt.share_above),
            slot.days.seen
        );
        assert_eq!(slot.bars.seen > 0, learnt.bars >= curves.config().least_bars, "a bound where there are enough bars");
        if slot.bars.seen > 0 && !(4.0..=6.0).contains(&bar) {
            out_of_range.push(format!("{hour:02}:{minute:02} {bar:.2} %"));
        }
    }
    println!("outside 5 ± 1 %: {out_of_range:?}");
    // The aim is none. 09:00 is a few bars above.
    assert!(out_of_range.len() <= 1, "{out_of_range:?}");
    assert!(calibration.iter().filter(|slot| slot.bars.seen > 0).count() >= 26);
    assert!(calibration.iter().filter_map(|slot| slot.bars.share()).all(|share| (0.035..=0.065).contains(&share)));
}
