//! Session-aware bars: alignment, the weeks in which clocks change, half-days, missing minutes, and no look at the future.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;

use super::*;
use crate::market::{AsOfRows, BarsBuilder, new_york};

const SEEN: Timestamp = Timestamp::MAX;
/// Fridays and Mondays around both switches of 2026, and the half-day of 2025 with its neighbours, a holiday among them.
const DAYS: [Date; 7] = [
    date(2026, 3, 6),
    date(2026, 3, 9),
    date(2026, 10, 30),
    date(2026, 11, 2),
    date(2025, 11, 26),
    date(2025, 11, 27),
    date(2025, 11, 28),
];

fn at(day: Date, clock: Time) -> i64 {
    Calendar.at(day, clock).as_microsecond()
}

fn minute(day: Date, clock: Time, close: f64, volume: f64) -> Bar {
    let open_at = at(day, clock);
    let (open, vwap, trades) = (close, Some(close), Some(3.0));
    Bar { open_at, close_at: open_at + MINUTE, open, high: close + 0.5, low: close - 0.5, close, volume, vwap, trades }
}

/// All minutes of `days`, 04:00 to 20:00 New York, but those that `keep` refuses; the price counts them.
fn minutes(days: &[Date], keep: impl Fn(usize) -> bool) -> Bars {
    let mut builder = BarsBuilder::default();
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    for (count, (day, minute_of_day)) in sorted.into_iter().flat_map(|day| (240_i16..1200).map(move |m| (day, m))).enumerate() {
        if keep(count) {
            let clock = time((minute_of_day / 60) as i8, (minute_of_day % 60) as i8, 0, 0);
            builder.push(&name("A"), minute(day, clock, 100.0 + count as f64, 10.0 + (count % 7) as f64));
        }
    }
    builder.finish().0
}

fn name(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// New York start and end of each bar, without the date.
fn clocks(bars: &[Bar]) -> Vec<String> {
    let clock = |at: i64| micros(at).to_zoned(new_york()).strftime("%H:%M").to_string();
    bars.iter().map(|bar| format!("{}-{}", clock(bar.open_at), clock(bar.close_at))).collect()
}

#[test]
fn bars_begin_with_the_session_and_end_with_it_also_around_clock_changes() {
    for day in [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2)] {
        let bars = minutes(&[day], |_| true);
        let of = |to, hours| clocks(&resample(bars.series("A"), to, hours, SEEN).unwrap());
        assert_eq!(
            of(Timeframe::Hour1, TradingHours::Regular),
            ["09:30-10:30", "10:30-11:30", "11:30-12:30", "12:30-13:30", "13:30-14:30", "14:30-15:30", "15:30-16:00"],
            "{day}"
        );
        assert_eq!(of(Timeframe::Hour6, TradingHours::Regular), ["09:30-15:30", "15:30-16:00"], "{day}");
        assert_eq!(of(Timeframe::Hour6, TradingHours::Extended), ["04:00-10:00", "10:00-16:00", "16:00-20:00"], "{day}");
        assert_eq!(of(Timeframe::Day1, TradingHours::Regular), ["09:30-16:00"], "{day}");
        assert_eq!(of(Timeframe::Day1, TradingHours::Extended), ["04:00-20:00"], "{day}");
        assert_eq!(of(Timeframe::Min5, TradingHours::Regular).len(), 78, "{day}");
        assert_eq!(of(Timeframe::Min30, TradingHours::Extended).len(), 32, "{day}");
    }
}

#[test]
fn a_half_day_ends_at_one_and_a_holiday_has_no_bars() {
    let bars = minutes(&[date(2025, 11, 27), date(2025, 11, 28)], |_| true);
    let of = |to, hours| clocks(&resample(bars.series("A"), to, hours, SEEN).unwrap());
    assert_eq!(of(Timeframe::Hour1, TradingHours::Regular), ["09:30-10:30", "10:30-11:30", "11:30-12:30", "12:30-13:00"]);
    assert_eq!(of(Timeframe::Hour6, TradingHours::Regular), ["09:30-13:00"]);
    assert_eq!(of(Timeframe::Day1, TradingHours::Regular), ["09:30-13:00"]);
    assert_eq!(of(Timeframe::Hour6, TradingHours::Extended), ["04:00-10:00", "10:00-16:00", "16:00-17:00"]);
    assert_eq!(of(Timeframe::Min1, TradingHours::Regular).len(), 210);
}

#[test]
fn a_bar_holds_its_own_minutes_and_a_quiet_interval_gives_none() {
    let day = date(2025, 11, 26);
    let mut builder = BarsBuilder::default();
    builder.push(&name("A"), minute(day, time(9, 29, 0, 0), 9.0, 900.0));
    builder.push(&name("A"), minute(day, time(9, 31, 0, 0), 10.0, 100.0));
    builder.push(&name("A"), Bar { vwap: None, ..minute(day, time(9, 58, 0, 0), 12.0, 300.0) });
    builder.push(&name("A"), Bar { trades: None, volume: 0.0, ..minute(day, time(11, 0, 0, 0), 11.0, 0.0) });
    builder.push(&name("A"), minute(day, time(16, 0, 0, 0), 20.0, 5000.0));
    let bars = builder.finish().0;
    let made = resample(bars.series("A"), Timeframe::Min30, TradingHours::Regular, SEEN).unwrap();
    assert_eq!(clocks(&made), ["09:30-10:00", "11:00-11:30"]);
    let first = made[0];
    assert_eq!((first.open, first.high, first.low, first.close), (10.0, 12.5, 9.5, 12.0));
    assert_eq!((first.volume, first.vwap, first.trades), (400.0, Some(11.5), Some(6.0)));
    assert_eq!((made[1].vwap, made[1].trades), (None, None), "nothing traded, nobody counted");
}

#[test]
fn bars_that_fill_their_interval_stay_as_they_are() {
    let bars = minutes(&DAYS, |count| count % 5 != 0);
    let extended = resample(bars.series("A"), Timeframe::Min1, TradingHours::Extended, SEEN).unwrap();
    let trading: Vec<Bar> = bars
        .series("A")
        .iter()
        .filter(|bar| {
            let day = Calendar.day_of(micros(bar.open_at)).unwrap();
            day.is_some_and(|day| day.session_at(micros(bar.open_at)).is_some())
        })
        .collect();
    assert_eq!(extended, trading);
    let day = date(2025, 11, 28);
    let daily =
        Bar { open_at: at(day, time(9, 30, 0, 0)), close_at: at(day, time(13, 0, 0, 0)), ..minute(day, Time::MIN, 5.0, 1.0) };
    let mut builder = BarsBuilder::default();
    builder.push(&name("A"), daily);
    let bars = builder.finish().0;
    assert_eq!(resample(bars.series("A"), Timeframe::Day1, TradingHours::Regular, SEEN).unwrap(), [daily]);
}

#[test]
fn days_cannot_be_divided_into_hours() {
    let day = date(2025, 11, 26);
    let regular = (at(day, time(9, 30, 0, 0)), at(day, time(16, 0, 0, 0)));
    let midnight = (at(day, time(0, 0, 0, 0)), at(date(2025, 11, 27), time(0, 0, 0, 0)));
    let evening = (at(day, time(20, 0, 0, 0)), at(date(2025, 11, 28), time(20, 0, 0, 0)));
    let fails = |(open_at, close_at): (i64, i64), to: Timeframe| {
        let mut builder = BarsBuilder::default();
        builder.push(&name("A"), Bar { open_at, close_at, ..minute(day, Time::MIN, 5.0, 1.0) });
        let bars = builder.finish().0;
        resample(bars.series("A"), to, TradingHours::Regular, SEEN).unwrap_err().to_string()
    };
    let error = fails(regular, Timeframe::Hour6);
    assert!(error.contains("2025-11-26T20:30:00Z, where a 6h bar begins or ends"), "{error}");
    assert!(fails(midnight, Timeframe::Day1).contains("cannot be divided"));
    assert!(fails(evening, Timeframe::Day1).contains("cannot be divided"));
}

#[test]
fn one_symbol_that_cannot_be_made_costs_the_others_nothing() {
    let mut builder = BarsBuilder::default();
    let day = date(2025, 11, 26);
    for symbol in ["A", "C"] {
        builder.extend(&name(symbol), minutes(&DAYS, |_| true).series("A").iter());
    }
    builder.push(&name("B"), Bar { close_at: at(day, time(16, 0, 0, 0)), ..minute(day, time(9, 30, 0, 0), 5.0, 1.0) });
    builder.push(&name("D"), minute(date(1990, 1, 3), time(9, 30, 0, 0), 5.0, 1.0));
    let bars = builder.finish().0;
    let (made, faults) = resample_all(&bars, Timeframe::Hour1, TradingHours::Regular, SEEN);
    assert_eq!(made.symbols(), [name("A"), name("C")]);
    let alone = resample(bars.series("A"), Timeframe::Hour1, TradingHours::Regular, SEEN).unwrap();
    assert_eq!(made.series("C").iter().collect::<Vec<_>>(), alone);
    assert_eq!(faults.iter().map(|fault| fault.symbol.as_str()).collect::<Vec<_>>(), ["B", "D"]);
    assert!(faults[1].problem.contains("1990-01-03 is outside the exchange calendar"), "{}", faults[1].problem);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = pool.install(|| resample_all(&bars, Timeframe::Hour1, TradingHours::Regular, SEEN));
        assert_eq!(again, (made.clone(), faults.clone()));
    }
}

#[test]
fn no_bars_make_no_bars() {
    let none = Bars::default();
    assert_eq!(resample(none.series("A"), Timeframe::Day1, TradingHours::Regular, SEEN).unwrap(), []);
    assert_eq!(resample_all(&none, Timeframe::Day1, TradingHours::Regular, SEEN), (Bars::default(), Vec::new()));
}

/// The same bars by another road: each minute is put into its slot by New York's wall clock, without the calendar's instants.
fn by_wall_clock(bars: Series<'_>, to: Timeframe, hours: TradingHours) -> Vec<(String, f64, f64, f64, f64, f64)> {
    let mut slots: BTreeMap<(Date, i64), Vec<Bar>> = BTreeMap::new();
    for bar in bars.iter() {
        let local = micros(bar.open_at).to_zoned(new_york());
        let half = local.date() == date(2025, 11, 28);
        let (start, end) = match (hours, half) {
            (TradingHours::Regular, false) => (570, 960),
            (TradingHours::Regular, true) => (570, 780),
            (TradingHours::Extended, false) => (240, 1200),
            (TradingHours::Extended, true) => (240, 1020),
        };
        let clock = i64::from(local.hour()) * 60 + i64::from(local.minute());
        if local.date() != date(2025, 11, 27) && (start..end).contains(&clock) {
            let slot = (clock - start) / to.minutes().min(end - start);
            slots.entry((local.date(), slot)).or_default().push(bar);
        }
    }
    let told = |((date, slot), bars): (&(Date, i64), &Vec<Bar>)| {
        let high = bars.iter().map(|bar| bar.high).fold(f64::MIN, f64::max);
        let low = bars.iter().map(|bar| bar.low).fold(f64::MAX, f64::min);
        let volume = bars.iter().map(|bar| bar.volume).sum();
        (format!("{date} {slot}"), bars[0].open, high, low, bars[bars.len() - 1].close, volume)
    };
    slots.iter().map(told).collect()
}

fn timeframe() -> impl Strategy<Value = (Timeframe, TradingHours)> {
    let hours = prop_oneof![Just(TradingHours::Regular), Just(TradingHours::Extended)];
    (prop::sample::select(Timeframe::ALL.to_vec()), hours)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn minutes_land_where_the_wall_clock_says((to, hours) in timeframe(), holes in 1_usize..400, salt in 0_usize..1000) {
        let bars = minutes(&DAYS, |count| (count * 7919 + salt) % 400 >= holes);
        let made = resample(bars.series("A"), to, hours, SEEN).unwrap();
        let expected = by_wall_clock(bars.series("A"), to, hours);
        prop_assert_eq!(made.len(), expected.len());
        for (bar, (slot, open, high, low, close, volume)) in made.iter().zip(expected) {
            prop_assert_eq!((bar.open, bar.high, bar.low, bar.close), (open, high, low, close), "{}", slot);
            prop_assert_eq!(bar.volume, volume, "{}", slot);
            prop_assert!(bar.vwap.is_none_or(|vwap| vwap >= low && vwap <= high), "{}", slot);
            prop_assert!(bar.open_at < bar.close_at);
        }
        prop_assert!(made.windows(2).all(|pair| pair[0].close_at <= pair[1].open_at));
    }

    #[test]
    fn what_is_known_later_changes_no_bar_and_no_joined_row(
        (to, hours) in timeframe(), holes in 0_usize..300, day in 0_usize..7, clock in 0_i8..24, past in 0_i8..60, altered in 1.5_f64..3.0,
    ) {
        let bars = minutes(&DAYS, |count| count * 7919 % 400 >= holes);
        let series = bars.series("A");
        let now = micros(at(DAYS[day], time(clock, past, 0, 0)));
        let whole = resample(series, to, hours, SEEN).unwrap();
        let known: Vec<Bar> = whole.iter().copied().filter(|bar| bar.close_at <= now.as_microsecond()).collect();
        prop_assert_eq!(&resample(series, to, hours, now).unwrap(), &known);

        // The future altered: every minute that is not known yet has another price.
        let mut builder = BarsBuilder::default();
        for bar in series.iter() {
            let factor = if bar.close_at <= now.as_microsecond() { 1.0 } else { altered };
            let (open, high, low, close) = (bar.open * factor, bar.high * factor, bar.low * factor, bar.close * factor);
            builder.push(&name("A"), Bar { open, high, low, close, ..bar });
        }
        let other = builder.finish().0;
        let closes = |bars: &Bars| {
            let made = resample(bars.series("A"), to, hours, SEEN).unwrap();
            let close_at: Vec<i64> = made.iter().map(|bar| bar.close_at).collect();
            let close: Vec<f64> = made.iter().map(|bar| bar.close).collect();
            AsOfRows::new(&close_at, bars.series("A").close_at).unwrap().take(&close).unwrap()
        };
        let (before, after) = (closes(&bars), closes(&other));
        for row in 0..series.as_of(now).len() {
            prop_assert_eq!(before[row].to_bits(), after[row].to_bits(), "row {}", row);
        }
    }
}
