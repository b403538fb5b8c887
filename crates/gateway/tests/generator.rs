//! The generated market: what is true of real markets is true of it, and the planted stories are what they say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{collections::BTreeSet, sync::LazyLock};

use bellwether::market::{Calendar, InstrumentKind, Series, SessionKind, SplitEvidence, Symbol, TradingDay, suspect_split};
use bellwether_gateway::{
    GatewayError, Tape,
    generator::{GeneratedMarket, MarketSpec, Story, StoryKind, generate},
};
use jiff::{
    Timestamp,
    civil::{Date, date, time},
};

const SESSION: Date = date(2026, 3, 10);

static MARKET: LazyLock<GeneratedMarket> = LazyLock::new(|| generate(&MarketSpec::default()).unwrap());

/// The planted stocks and the two funds alone, for three seeds.
static STORIES: LazyLock<Vec<GeneratedMarket>> = LazyLock::new(|| (1..=3).map(|seed| small(seed, 13, 20)).collect());

fn small(seed: u64, symbols: usize, history_sessions: usize) -> GeneratedMarket {
    generate(&MarketSpec { seed, symbols, history_sessions, session: SESSION }).unwrap()
}

fn day() -> TradingDay {
    Calendar.day(SESSION).unwrap().unwrap()
}

/// A New York time of day on the session day.
fn at(hour: i8, minute: i8) -> Timestamp {
    Calendar.at(SESSION, time(hour, minute, 0, 0))
}

fn minutes<'a>(tape: &'a Tape, symbol: &str) -> Series<'a> {
    tape.minutes().series(symbol)
}

fn previous_close(tape: &Tape, symbol: &str) -> f64 {
    tape.daily().series(symbol).as_of(day().pre_open).last().unwrap().close
}

/// Gap and volume that a scan at `t` sees in complete bars.
fn seen(tape: &Tape, symbol: &str, t: Timestamp) -> Option<(f64, f64)> {
    let known = minutes(tape, symbol).starting_in(day().pre_open, t).as_of(t);
    Some((known.last()?.close / previous_close(tape, symbol) - 1.0, known.volume.iter().sum()))
}

fn story(market: &GeneratedMarket, kind: StoryKind) -> &Story {
    market.story.iter().find(|story| story.kind == kind).unwrap()
}

fn log_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn central_moment(values: &[f64], power: i32) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / values.len() as f64
}

fn kurtosis(values: &[f64]) -> f64 {
    central_moment(values, 4) / central_moment(values, 2).powi(2)
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let covariance = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / a.len() as f64;
    covariance / (central_moment(a, 2) * central_moment(b, 2)).sqrt()
}

/// Symbols without a story.
fn ordinary(market: &GeneratedMarket) -> Vec<&Symbol> {
    let planted: BTreeSet<&Symbol> = market.story.iter().map(|story| &story.symbol).collect();
    let all = market.tape.instruments().iter().map(|instrument| &instrument.symbol);
    all.filter(|symbol| !planted.contains(symbol)).collect()
}

/// Daily closes of the history, without the session day.
fn closes<'a>(market: &'a GeneratedMarket, symbol: &Symbol) -> &'a [f64] {
    market.tape.daily().series(symbol.as_str()).as_of(day().pre_open).close
}

#[test]
fn the_same_seed_gives_the_same_market_and_another_seed_another() {
    let (first, second, other) = (small(5, 18, 2), small(5, 18, 2), small(6, 18, 2));
    assert_eq!(first.tape.minutes(), second.tape.minutes());
    assert_eq!(first.tape.daily(), second.tape.daily());
    assert_eq!(first.tape.headlines(), second.tape.headlines());
    assert_eq!(first.tape.instruments(), second.tape.instruments());
    assert_eq!(first.story, second.story);
    assert_ne!(first.tape.minutes(), other.tape.minutes());
}

#[test]
fn a_larger_market_contains_the_smaller_one() {
    let (few, many) = (small(5, 16, 1), small(5, 22, 1));
    for (symbol, series) in few.tape.minutes().iter() {
        assert!(series.iter().eq(many.tape.minutes().series(symbol.as_str()).iter()), "{symbol}");
        assert_eq!(few.tape.instrument(symbol), many.tape.instrument(symbol));
    }
}

#[test]
fn the_default_market_has_what_was_ordered() {
    let tape = &MARKET.tape;
    let stocks = tape.instruments().iter().filter(|instrument| instrument.kind == InstrumentKind::Stock).count();
    assert_eq!((stocks, tape.instruments().len()), (60, 63));
    let calendar = Calendar;
    let first = calendar.sessions_before(SESSION, 21).unwrap()[0].pre_open;
    for instrument in tape.instruments() {
        let symbol = instrument.symbol.as_str();
        let (minutes, daily) = (minutes(tape, symbol), tape.daily().series(symbol));
        assert_eq!(daily.len(), 253, "{symbol}");
        let dates: BTreeSet<Date> =
            minutes.iter().map(|bar| calendar.local_date(Timestamp::from_microsecond(bar.open_at).unwrap())).collect();
        assert_eq!(dates.len(), 22, "{symbol}");
        assert!(minutes.open_at[0] >= first.as_microsecond());
        let close = previous_close(tape, symbol);
        assert!((2.0..=500.0).contains(&close), "{symbol} closes at {close}");
    }
}

#[test]
fn bars_are_whole_cents_and_shares_and_consistent() {
    let whole = |value: f64| (value - value.round()).abs() < 1e-6;
    for bars in [MARKET.tape.minutes(), MARKET.tape.daily()] {
        for (symbol, series) in bars.iter() {
            for bar in series.iter() {
                assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close), "{symbol} {bar:?}");
                assert!([bar.open, bar.high, bar.low, bar.close].iter().all(|price| whole(price * 100.0)), "{symbol} {bar:?}");
                assert!(bar.volume >= 1.0 && whole(bar.volume), "{symbol} {bar:?}");
                assert!(bar.trades.is_some_and(|trades| trades >= 1.0 && trades <= bar.volume), "{symbol} {bar:?}");
                assert!(bar.vwap.is_some_and(|vwap| vwap >= bar.low - 1e-4 && vwap <= bar.high + 1e-4), "{symbol} {bar:?}");
            }
        }
    }
}

#[test]
fn minutes_exist_only_in_sessions_across_holidays_and_half_days() {
    // 27 November 2025 is Thanksgiving, the 28th a half day; daylight saving ended on the 2nd.
    let session = date(2025, 12, 1);
    let spec = MarketSpec { seed: 2, symbols: 14, session, history_sessions: 21 };
    let market = generate(&spec).unwrap();
    let calendar = Calendar;
    let mut dates = BTreeSet::new();
    for (symbol, series) in market.tape.minutes().iter() {
        for (open_at, close_at) in series.open_at.iter().zip(series.close_at) {
            let [open, close] = [open_at, close_at].map(|micros| Timestamp::from_microsecond(*micros).unwrap());
            let day = calendar.day_of(open).unwrap().unwrap_or_else(|| panic!("{symbol} trades at {open}, when XNYS does not"));
            assert!(open >= day.pre_open && close <= day.post_close && close_at - open_at == 60_000_000, "{symbol} {open}");
            dates.insert(day.date);
        }
    }
    assert!(!dates.contains(&date(2025, 11, 27)) && dates.contains(&date(2025, 11, 28)));
    assert_eq!(dates.len(), 22);
    let half = calendar.day(date(2025, 11, 28)).unwrap().unwrap();
    let spy = minutes(&market.tape, "SPY");
    assert_eq!(spy.starting_in(half.open, half.close).len(), 210, "SPY prints in every minute of the half day");
    let daily = market.tape.daily().series("SPY");
    let row = daily.open_at.iter().position(|open_at| *open_at == half.open.as_microsecond()).unwrap();
    assert_eq!(daily.close_at[row], half.close.as_microsecond());
}

#[test]
fn a_half_day_can_be_the_session_and_a_holiday_cannot() {
    let spec = |session| MarketSpec { seed: 2, symbols: 13, session, history_sessions: 1 };
    let market = generate(&spec(date(2025, 11, 28))).unwrap();
    assert_eq!(market.story.len(), 14);
    let refused = |spec: &MarketSpec| match generate(spec) {
        Err(GatewayError::Setting { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&spec(date(2025, 11, 27))), "session");
    assert_eq!(refused(&MarketSpec { symbols: 12, ..MarketSpec::default() }), "symbols");
    assert_eq!(refused(&MarketSpec { history_sessions: 2_001, ..MarketSpec::default() }), "history_sessions");
}

#[test]
fn daily_bars_are_the_minutes_of_the_regular_session_with_the_volume_of_the_day() {
    let tape = &MARKET.tape;
    for session in Calendar.sessions_before(SESSION, 21).unwrap().into_iter().chain([day()]) {
        for (symbol, daily) in tape.daily().iter() {
            let row = daily.open_at.binary_search(&session.open.as_microsecond()).unwrap();
            let daily = daily.bar(row);
            let all = minutes(tape, symbol.as_str()).starting_in(session.pre_open, session.post_close);
            let regular = all.starting_in(session.open, session.close);
            assert_eq!(daily.close_at, session.close.as_microsecond());
            assert_eq!((Some(&daily.open), Some(&daily.close)), (regular.open.first(), regular.close.last()), "{symbol}");
            assert_eq!(daily.high, regular.high.iter().copied().fold(0.0, f64::max), "{symbol}");
            assert_eq!(daily.low, regular.low.iter().copied().fold(f64::MAX, f64::min), "{symbol}");
            assert_eq!(daily.volume, all.volume.iter().sum::<f64>(), "{symbol}");
            // The closing auction, at 16:00, is at the official close.
            let auction = all.starting_in(session.close, session.post_close).bar(0);
            assert_eq!((auction.open_at, auction.open, auction.close), (daily.close_at, daily.close, daily.close));
        }
    }
}

#[test]
fn volume_is_u_shaped_and_extended_hours_are_thin() {
    let tape = &MARKET.tape;
    let [mut open, mut noon, mut close, mut pre, mut auction, mut total] = [0.0; 6];
    for session in Calendar.sessions_before(SESSION, 21).unwrap() {
        let later = |minutes: i64| session.open + jiff::SignedDuration::from_mins(minutes);
        for symbol in ordinary(&MARKET) {
            let all = minutes(tape, symbol.as_str()).starting_in(session.pre_open, session.post_close);
            let sum = |from, until| all.starting_in(from, until).volume.iter().sum::<f64>();
            let day = sum(session.pre_open, session.post_close);
            open += sum(session.open, later(30)) / day;
            noon += sum(later(180), later(210)) / day;
            close += sum(later(360), later(390)) / day;
            auction += sum(session.close, later(391)) / day;
            pre += sum(session.pre_open, session.open) / day;
            total += 1.0;
        }
    }
    let [open, noon, close, pre, auction] = [open, noon, close, pre, auction].map(|sum| sum / total);
    assert!(open > 2.5 * noon && close > 2.5 * noon, "{open} {noon} {close}");
    assert!((0.11..0.19).contains(&auction), "{auction}");
    assert!((0.006..0.03).contains(&pre), "{pre}");
}

#[test]
fn large_caps_print_in_most_premarket_minutes_and_small_caps_in_few() {
    let tape = &MARKET.tape;
    let share = |symbol: &Symbol| minutes(tape, symbol.as_str()).starting_in(day().pre_open, day().open).len() as f64 / 330.0;
    let typical = |symbol: &Symbol| mean(tape.daily().series(symbol.as_str()).volume);
    let (mut large, mut little) = (Vec::new(), Vec::new());
    for symbol in ordinary(&MARKET) {
        match typical(symbol) {
            volume if volume > 8e6 => large.push(share(symbol)),
            volume if volume < 4e5 => little.push(share(symbol)),
            _ => {}
        }
    }
    assert!(large.len() > 5 && little.len() > 5, "{} {}", large.len(), little.len());
    assert!(large.iter().all(|share| *share > 0.5), "{large:?}");
    assert!(mean(&little) < 0.15 && little.iter().all(|share| *share < 0.3), "{little:?}");
}

#[test]
fn returns_have_fat_tails() {
    let daily: Vec<f64> = ordinary(&MARKET).into_iter().map(|symbol| kurtosis(&log_returns(closes(&MARKET, symbol)))).collect();
    let fat = daily.iter().filter(|value| **value > 3.0).count();
    assert!(fat as f64 > 0.8 * daily.len() as f64 && mean(&daily) > 4.0, "{fat} of {}, mean {}", daily.len(), mean(&daily));
    // Minutes at noon, where the profile is flat, so that it is not the profile that makes the tails.
    let session = Calendar.previous(SESSION).unwrap();
    let from = Calendar.at(session.date, time(11, 30, 0, 0));
    let until = Calendar.at(session.date, time(14, 30, 0, 0));
    let noon = log_returns(minutes(&MARKET.tape, "SPY").starting_in(from, until).close);
    assert!(kurtosis(&noon) > 3.0, "{}", kurtosis(&noon));
}

#[test]
fn volatility_clusters_and_returns_do_not() {
    let (mut squared, mut plain) = (Vec::new(), Vec::new());
    for seed in 0..10 {
        let market = small(seed, 30, 0);
        for symbol in ordinary(&market) {
            let returns = log_returns(closes(&market, symbol));
            let squares: Vec<f64> = returns.iter().map(|value| value * value).collect();
            squared.push(correlation(&squares[1..], &squares[..squares.len() - 1]));
            plain.push(correlation(&returns[1..], &returns[..returns.len() - 1]));
        }
    }
    assert!(mean(&squared) > 0.05, "{}", mean(&squared));
    assert!(mean(&plain).abs() < 0.02, "{}", mean(&plain));
    assert!(mean(&squared) > 4.0 * mean(&plain).abs());
}

#[test]
fn stocks_move_with_the_market_and_gap_overnight() {
    let spy = log_returns(closes(&MARKET, &Symbol::new("SPY").unwrap()));
    let qqq = log_returns(closes(&MARKET, &Symbol::new("QQQ").unwrap()));
    assert!(correlation(&spy, &qqq) > 0.8);
    let (mut with_market, mut overnight) = (Vec::new(), Vec::new());
    for symbol in ordinary(&MARKET).into_iter().filter(|symbol| !["SPY", "QQQ"].contains(&symbol.as_str())) {
        with_market.push(correlation(&spy, &log_returns(closes(&MARKET, symbol))));
        let daily = MARKET.tape.daily().series(symbol.as_str());
        let gaps: Vec<f64> = (1..daily.len()).map(|row| (daily.open[row] / daily.close[row - 1]).ln()).collect();
        overnight.push(central_moment(&gaps, 2) / central_moment(&log_returns(daily.close), 2));
    }
    assert!((0.25..0.75).contains(&mean(&with_market)), "{}", mean(&with_market));
    assert!((0.2..0.55).contains(&mean(&overnight)), "{}", mean(&overnight));
}

#[test]
fn planted_gaps_have_the_stated_numbers() {
    // Symbol, gap at 08:00, 09:00 and 09:25 in percent.
    let planned = [
        ("KVRA", [15.5, 19.8, 23.1]),
        ("BIOZ", [11.5, 14.5, 12.1]),
        ("NQTR", [22.0, 52.0, 38.0]),
        ("TRLQ", [-10.0, -14.5, -17.1]),
        ("WNDZ", [0.2, 4.8, 6.1]),
        ("FDLR", [9.4, 1.5, 0.8]),
        ("HVLQ", [14.0, 27.0, 34.0]),
        ("XBTQ", [5.0, 7.2, 8.2]),
        ("NSBX", [11.0, 13.1, 14.1]),
    ];
    for (market, seed) in STORIES.iter().zip(1..) {
        for (symbol, gaps) in planned {
            for (gap, t) in gaps.into_iter().zip([at(8, 0), at(9, 0), at(9, 25)]) {
                let (found, _) = seen(&market.tape, symbol, t).unwrap();
                let tolerance = if gap > 13.0 { 2.5 } else { 1.2 };
                assert!(
                    (100.0 * found - gap).abs() < tolerance,
                    "seed {seed}: {symbol} at {t}: {:.2} % for {gap} %",
                    100.0 * found
                );
            }
            let (gap, volume) = seen(&market.tape, symbol, at(9, 25)).unwrap();
            assert!(volume >= 300_000.0, "seed {seed}: {symbol} trades {volume} before 09:25");
            let told = market.story.iter().find(|story| story.symbol.as_str() == symbol).unwrap();
            assert_eq!((told.gap_at_0925, told.premarket_volume), (Some(gap), volume));
            assert!(told.text.contains(&format!("{:+.1} %", 100.0 * gap)), "{}", told.text);
        }
        let (_, volume) = seen(&market.tape, "NQTR", at(9, 25)).unwrap();
        assert!(volume > 3.0 * mean(market.tape.daily().series("NQTR").as_of(day().pre_open).volume), "seed {seed}: {volume}");
    }
}

#[test]
fn the_three_scans_differ_and_find_nothing_that_was_not_planted() {
    for seed in 1..=4 {
        let market = small(seed, 60, 0);
        let scan = |t| -> BTreeSet<&str> {
            let gapped = |symbol: &&Symbol| {
                seen(&market.tape, symbol.as_str(), t).is_some_and(|(gap, volume)| gap.abs() >= 0.04 && volume >= 100_000.0)
            };
            market.tape.minutes().symbols().iter().filter(gapped).map(Symbol::as_str).collect()
        };
        let [early, late, last] = [scan(at(8, 0)), scan(at(9, 0)), scan(at(9, 25))];
        assert_eq!(last, BTreeSet::from(["BIOZ", "HVLQ", "KVRA", "NQTR", "NSBX", "TRLQ", "WNDZ", "XBTQ"]), "seed {seed}");
        assert!(early.contains("FDLR") && !late.contains("FDLR"), "seed {seed}");
        assert!(!early.contains("WNDZ") && late.contains("WNDZ"), "seed {seed}");
        for symbol in ordinary(&market) {
            for (hour, minute) in [(8, 0), (9, 0), (9, 25), (9, 30)] {
                let gap = seen(&market.tape, symbol.as_str(), at(hour, minute)).map_or(0.0, |(gap, _)| gap);
                assert!(gap.abs() < 0.03, "seed {seed}: {symbol} gaps {gap} at {hour}:{minute}");
            }
        }
    }
}

#[test]
fn some_gappers_fade_and_some_run_after_the_open() {
    let change = |symbol: &str| {
        let daily = MARKET.tape.daily().series(symbol).last().unwrap();
        daily.close / daily.open - 1.0
    };
    assert!(change("KVRA") > 0.04, "{}", change("KVRA"));
    assert!(change("BIOZ") < -0.05, "{}", change("BIOZ"));
    assert!(change("NQTR") < -0.10, "{}", change("NQTR"));
    let typical = mean(MARKET.tape.daily().series("KVRA").as_of(day().pre_open).volume);
    assert!(MARKET.tape.daily().series("KVRA").last().unwrap().volume > 3.0 * typical);
}

#[test]
fn splits_are_quiet_jumps_without_news() {
    for (kind, ratio) in [(StoryKind::ReverseSplit, 0.1), (StoryKind::ForwardSplit, 4.0)] {
        let story = story(&MARKET, kind);
        let symbol = story.symbol.as_str();
        let mut volumes = MARKET.tape.daily().series(symbol).as_of(day().pre_open).volume.to_vec();
        volumes.sort_by(f64::total_cmp);
        let last = minutes(&MARKET.tape, symbol).as_of(at(9, 25)).last().unwrap();
        let evidence = SplitEvidence {
            prev_close: previous_close(&MARKET.tape, symbol),
            price: last.close,
            volume: story.premarket_volume,
            typical_daily_volume: Some(volumes[volumes.len() / 2]),
        };
        let (found, _) = suspect_split(&evidence).unwrap_or_else(|| panic!("{symbol} is not suspected: {evidence:?}"));
        assert_eq!(found, ratio, "{symbol}");
        let jump = evidence.price / evidence.prev_close * ratio;
        assert!((jump - 1.0).abs() < 0.02, "{symbol}: {jump}");
        assert!(MARKET.tape.headlines().iter().all(|headline| headline.symbol != story.symbol), "{symbol} has news");
    }
    assert!(story(&MARKET, StoryKind::ReverseSplit).premarket_volume <= 1_000.0);
}

#[test]
fn the_halted_stock_does_not_print_in_its_halt() {
    let story = story(&MARKET, StoryKind::HaltedGapper);
    let tape = &MARKET.tape;
    let series = minutes(tape, story.symbol.as_str());
    assert!(series.starting_in(at(9, 12), at(10, 5)).is_empty());
    assert!(!series.starting_in(at(9, 5), at(9, 12)).is_empty());
    assert_eq!(series.starting_in(at(10, 5), at(10, 30)).len(), 25, "every minute after the resumption");
    let halted = |hour, minute| tape.halted_at(&story.symbol, at(hour, minute));
    assert_eq!([halted(9, 11), halted(9, 12), halted(9, 25), halted(10, 4), halted(10, 5)], [false, true, true, true, false]);
    let quote = tape.quote_at(&story.symbol, at(9, 25)).unwrap();
    assert!(quote.halted && quote.at < at(9, 12));
    assert!(tape.instruments().iter().filter(|instrument| tape.halted_at(&instrument.symbol, at(9, 25))).count() == 1);
}

#[test]
fn the_illiquid_gap_is_three_prints_and_seven_hundred_shares() {
    let story = story(&MARKET, StoryKind::IlliquidGap);
    let before = minutes(&MARKET.tape, story.symbol.as_str()).starting_in(day().pre_open, day().open);
    assert_eq!((before.len(), before.volume.iter().sum::<f64>()), (3, 700.0));
    assert!(before.trades.iter().sum::<f64>() == 3.0);
    assert!((story.gap_at_0925.unwrap() - 0.09).abs() < 0.005);
}

#[test]
fn the_fund_is_a_fund_and_one_stock_is_not_subscribed() {
    let tape = &MARKET.tape;
    let fund = tape.instrument(&story(&MARKET, StoryKind::FundGap).symbol).unwrap();
    assert_eq!(fund.kind, InstrumentKind::Etf);
    let closed: Vec<&Symbol> =
        tape.instruments().iter().filter(|instrument| !instrument.subscribed).map(|instrument| &instrument.symbol).collect();
    assert_eq!(closed, [&story(&MARKET, StoryKind::NotSubscribed).symbol]);
}

#[test]
fn the_leader_climbs_steadily_on_several_times_its_volume() {
    for (market, seed) in STORIES.iter().zip(1..) {
        let symbol = story(market, StoryKind::MomentumLeader).symbol.as_str();
        let series = minutes(&market.tape, symbol);
        let (gap, _) = seen(&market.tape, symbol, at(9, 30)).unwrap();
        assert!(gap.abs() < 0.015, "seed {seed}: {gap}");
        let climb = series.starting_in(at(9, 35), at(11, 0));
        assert!(climb.close[climb.len() - 1] / climb.open[0] > 1.06, "seed {seed}");
        let fives: Vec<f64> = climb.close.chunks(5).map(|chunk| chunk[chunk.len() - 1]).collect();
        let rising = fives.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert!(rising * 5 >= (fives.len() - 1) * 4, "seed {seed}: {rising} of {}", fives.len() - 1);
        for (hour, minute) in [(10, 0), (10, 30), (11, 0)] {
            let usual: Vec<f64> = Calendar
                .sessions_before(SESSION, 20)
                .unwrap()
                .into_iter()
                .map(|session| {
                    let until = Calendar.at(session.date, time(hour, minute, 0, 0));
                    series.starting_in(session.open, until).volume.iter().sum()
                })
                .collect();
            let relative = series.starting_in(day().open, at(hour, minute)).volume.iter().sum::<f64>() / mean(&usual);
            assert!(relative > 3.0, "seed {seed}: {relative} at {hour}:{minute}");
        }
    }
}

#[test]
fn the_breakout_passes_its_sixty_day_high_on_volume_and_stays_above() {
    for (market, seed) in STORIES.iter().zip(1..) {
        let symbol = story(market, StoryKind::Breakout).symbol.as_str();
        let daily = market.tape.daily().series(symbol).as_of(day().pre_open);
        let high = daily.high[daily.len() - 60..].iter().copied().fold(0.0, f64::max);
        let series = minutes(&market.tape, symbol);
        let before = series.starting_in(day().pre_open, at(10, 15));
        assert!(before.high.iter().all(|price| *price < high), "seed {seed}: too early");
        let after = series.starting_in(at(10, 25), day().close);
        assert!(after.low.iter().all(|price| *price > high), "seed {seed}: falls back under {high}");
        assert!(high / previous_close(&market.tape, symbol) < 1.12, "seed {seed}: the high is out of reach");
        let push = series.starting_in(at(10, 18), at(11, 0)).volume.iter().sum::<f64>();
        let usual: Vec<f64> = Calendar
            .sessions_before(SESSION, 20)
            .unwrap()
            .into_iter()
            .map(|session| {
                let [from, until] = [(10, 18), (11, 0)].map(|(hour, minute)| Calendar.at(session.date, time(hour, minute, 0, 0)));
                series.starting_in(from, until).volume.iter().sum()
            })
            .collect();
        assert!(push > 3.0 * mean(&usual), "seed {seed}: {push} against {}", mean(&usual));
    }
}

#[test]
fn news_comes_with_the_stories_and_before_their_moves() {
    let tape = &MARKET.tape;
    assert!(tape.headlines().is_sorted_by_key(|headline| headline.at));
    for story in MARKET.story.iter().filter(|story| story.kind == StoryKind::Gapper) {
        let news: Vec<_> = tape.headlines().iter().filter(|headline| headline.symbol == story.symbol).collect();
        assert!(
            !news.is_empty() && news.iter().all(|headline| headline.at > day().pre_open && headline.at < at(9, 25)),
            "{}",
            story.symbol
        );
        let (quiet, _) = seen(tape, story.symbol.as_str(), news[0].at).unwrap_or_default();
        assert!(quiet.abs() < 0.025, "{} moves {quiet} before its news", story.symbol);
    }
    let routine = tape.headlines().iter().filter(|headline| headline.at < day().pre_open).count();
    assert!(routine > 10, "{routine}");
    let odd = tape.headlines().iter().find(|headline| {
        headline.title.is_empty() || headline.body.contains("{}") || headline.body.contains('\n') || headline.body.contains("  ")
    });
    assert!(odd.is_none(), "{odd:?}");
}

#[test]
fn quotes_agree_with_bars_in_every_session_kind() {
    let tape = &MARKET.tape;
    for (hour, minute) in [(8, 30), (11, 7), (17, 45)] {
        let t = at(hour, minute);
        for instrument in tape.instruments() {
            let known = minutes(tape, instrument.symbol.as_str()).as_of(t).last().unwrap();
            let quote = tape.quote_at(&instrument.symbol, t - jiff::SignedDuration::from_micros(1)).unwrap();
            assert_eq!(quote.last, Some(known.close), "{} at {t}", instrument.symbol);
            let (bid, ask) = (quote.bid.unwrap(), quote.ask.unwrap());
            assert!(bid < ask && bid <= known.close && ask >= known.close);
            let volume = minutes(tape, instrument.symbol.as_str()).starting_in(day().pre_open, t).volume.iter().sum::<f64>();
            assert_eq!(quote.volume, Some(volume));
        }
    }
    assert_eq!(day().session_at(at(17, 45)), Some(SessionKind::Post));
}
