//! Risk profiles of stocks against benchmarks.

use bellwether::{
    market::{Bar, Bars, BarsBuilder, Symbol},
    risk::{
        garch::Specification,
        profile::{Profile, ProfileCache, ProfileConfig, Profiles, VolatilityRegime, profiles},
    },
};
use jiff::Timestamp;
use rayon::ThreadPoolBuilder;

const DAY: i64 = 86_400_000_000;
const FIRST: i64 = 1_500_000_000_000_000;

fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

fn simulate(model: &str, parameters: &[f64], count: usize, seed: u64) -> Vec<f64> {
    model.parse::<Specification>().unwrap().simulate(parameters, count, seed).unwrap().returns
}

/// When the bar of a day is known.
fn known(day: usize) -> Timestamp {
    Timestamp::from_microsecond(FIRST + day as i64 * DAY + 23_400_000_000).unwrap()
}

/// Daily bars whose closes returned these percents, without the days that `skip` names.
fn add(builder: &mut BarsBuilder, name: &str, returns: &[f64], skip: impl Fn(usize) -> bool) {
    let mut close = 50.0;
    for day in 0..=returns.len() {
        if day > 0 {
            close *= 1.0 + returns[day - 1] / 100.0;
        }
        let open_at = FIRST + day as i64 * DAY;
        let bar = Bar {
            open_at,
            close_at: open_at + 23_400_000_000,
            open: close,
            high: close * 1.01,
            low: close * 0.99,
            close,
            volume: 1e6,
            vwap: None,
            trades: None,
        };
        if !skip(day) {
            builder.push(&symbol(name), bar);
        }
    }
}

/// SPY, QQQ that follows it closely, one stock that does, one that does not, and some that cannot be profiled.
fn universe() -> Bars {
    let days = 800;
    let market = simulate("constant garch t", &[0.04, 0.02, 0.08, 0.9, 6.0], days, 1);
    let beside = |part: f64, own: f64, seed: u64| -> Vec<f64> {
        let noise = simulate("constant garch t", &[0.0, 0.05, 0.08, 0.87, 5.0], days, seed);
        market.iter().zip(noise).map(|(market, noise)| part * market + own * noise).collect()
    };
    let mut builder = BarsBuilder::default();
    let all = |_: usize| false;
    add(&mut builder, "SPY", &market, all);
    add(&mut builder, "QQQ", &beside(1.2, 0.2, 2), all);
    add(&mut builder, "CLOSE", &beside(1.0, 0.4, 3), all);
    add(&mut builder, "ALONE", &beside(0.0, 2.0, 4), all);
    add(&mut builder, "GAPPY", &beside(1.0, 0.6, 5), |day| day % 9 == 4);
    add(&mut builder, "YOUNG", &beside(1.0, 0.6, 6)[..60], |_| false);
    add(&mut builder, "STALE", &vec![0.0; days], all);
    builder.finish().0
}

fn benchmarks() -> [Symbol; 2] {
    ["SPY", "QQQ"].map(symbol)
}

fn of<'a>(found: &'a Profiles, name: &str) -> &'a Profile {
    found.profiles.iter().find(|profile| profile.symbol.as_str() == name).unwrap_or_else(|| panic!("{:?}", found.unprofiled))
}

fn profiled(bars: &Bars, as_of: Timestamp) -> Profiles {
    profiles(bars, &benchmarks(), as_of, &ProfileConfig::default()).unwrap()
}

#[test]
fn a_profile_says_what_was_put_in() {
    let found = profiled(&universe(), known(800));
    let (close, alone) = (of(&found, "CLOSE"), of(&found, "ALONE"));
    assert!(close.correlations[0] > 0.8 && alone.correlations[0].abs() < 0.15, "{close:?} {alone:?}");
    assert!(close.tail_dependence_lower > 0.3 && alone.tail_dependence_lower < 0.15, "{close:?} {alone:?}");
    for profile in &found.profiles {
        let [low, high] = profile.forecast_interval;
        assert!(low < profile.forecast_volatility && profile.forecast_volatility < high, "{profile:?}");
        assert!((profile.annualized_vol - profile.forecast_volatility * 252_f64.sqrt()).abs() < 1e-12);
        assert_eq!(profile.diversification_benefit, 1.0 - profile.correlations[0].abs());
        assert_eq!(profile.tail_dependence_lower, profile.tail_dependence_upper);
        assert!(profile.risk_score.is_some_and(|score| (1..=10).contains(&score)));
        assert_eq!(profile.known_at, known(800));
    }
    let spy = of(&found, "SPY");
    assert_eq!((spy.correlations[0], spy.tail_dependence_lower, spy.diversification_benefit), (1.0, 1.0, 0.0));
    assert!(spy.correlations[1] > 0.9);
    assert_eq!(of(&found, "GAPPY").observations, 711, "days without a bar are no returns of zero");
    assert!(!found.calibrated, "five stocks have no deciles");
    assert_eq!(found.table().unwrap().height(), 5);
}

#[test]
fn stocks_without_a_profile_are_told_beside_the_others() {
    let found = profiled(&universe(), known(800));
    let told: Vec<(&str, &str)> = found.unprofiled.iter().map(|stock| (stock.symbol.as_str(), stock.problem.as_str())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].0 == "STALE" && told[0].1.contains("do not vary"), "{told:?}");
    assert!(told[1].0 == "YOUNG" && told[1].1.contains("60 returns are too few"), "{told:?}");
}

#[test]
fn nothing_known_later_changes_a_number() {
    let bars = universe();
    let found = profiled(&bars, known(700));
    assert_eq!(found, profiled(&bars.as_of(known(700)), known(700)));
    assert_ne!(of(&found, "CLOSE").forecast_volatility, of(&profiled(&bars, known(701)), "CLOSE").forecast_volatility);
    // A bar is known at its end: a moment before, it is not.
    let before = Timestamp::from_microsecond(known(701).as_microsecond() - 1).unwrap();
    assert_eq!(of(&profiled(&bars, before), "CLOSE"), of(&found, "CLOSE"));
}

#[test]
fn the_rest_of_the_universe_and_the_threads_change_nothing() {
    let bars = universe();
    let found = profiled(&bars, known(800));
    let few = bars.select(|symbol, series| if symbol.as_str() == "ALONE" { series.slice(0..0) } else { series });
    assert_eq!(of(&found, "CLOSE"), of(&profiled(&few, known(800)), "CLOSE"));
    for threads in [1, 3] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(found, pool.install(|| profiled(&bars, known(800))));
    }
}

#[test]
fn a_storm_makes_the_regime_high() {
    let calm = simulate("constant constant normal", &[0.0, 1.0], 700, 8);
    let mut stormy = calm.clone();
    // Storms that last, long before what the regime compares with; and one that has just begun.
    for days in [60..110, 250..300, 685..700] {
        stormy[days].iter_mut().for_each(|value| *value *= 4.0);
    }
    let mut builder = BarsBuilder::default();
    add(&mut builder, "SPY", &simulate("constant constant normal", &[0.0, 1.0], 700, 9), |_| false);
    add(&mut builder, "CALM", &calm, |_| false);
    add(&mut builder, "STORM", &stormy, |_| false);
    let found = profiles(&builder.finish().0, &[symbol("SPY")], known(700), &ProfileConfig::default()).unwrap();
    assert_eq!(of(&found, "CALM").vol_regime, VolatilityRegime::Normal);
    assert_eq!(of(&found, "STORM").vol_regime, VolatilityRegime::High, "{:?}", of(&found, "STORM"));
}

#[test]
fn a_day_is_fitted_once() {
    let bars = universe();
    let mut cache = ProfileCache::default();
    let ask = |cache: &mut ProfileCache, bars: &Bars, day| {
        cache.profiles(bars, &benchmarks(), known(day), &ProfileConfig::default()).unwrap()
    };
    let first = ask(&mut cache, &bars, 800);
    assert_eq!((&first, cache.fits()), (&profiled(&bars, known(800)), 7));
    assert_eq!((ask(&mut cache, &bars, 800), cache.fits()), (first, 7));
    assert_eq!((ask(&mut cache, &bars, 799), cache.fits()), (profiled(&bars, known(799)), 14), "another day");
    let fewer = bars.select(|symbol, series| if symbol.as_str() == "CLOSE" { series.slice(5..series.len()) } else { series });
    let changed = ask(&mut cache, &fewer, 799);
    assert_eq!((changed, cache.fits()), (profiled(&fewer, known(799)), 15), "only what changed");
}

#[test]
fn what_cannot_be_compared_is_named() {
    let bars = universe();
    let refused =
        |benchmarks: &[Symbol], config: ProfileConfig| profiles(&bars, benchmarks, known(800), &config).unwrap_err().to_string();
    let usual = ProfileConfig::default();
    assert!(refused(&[symbol("IWM")], usual.clone()).contains("benchmark IWM has no bar known by"));
    assert!(refused(&[], usual.clone()).contains("benchmark at least"));
    assert!(refused(&[symbol("STALE")], usual.clone()).contains("benchmark STALE cannot be modelled"));
    assert!(refused(&benchmarks(), ProfileConfig { window: 10, ..usual.clone() }).contains("`window` is 10"));
    assert!(refused(&benchmarks(), ProfileConfig { horizon: 0, ..usual.clone() }).contains("`horizon` is 0"));
    assert!(refused(&benchmarks(), ProfileConfig { coverage: 1.0, ..usual }).contains("`coverage` is 1"));
}
