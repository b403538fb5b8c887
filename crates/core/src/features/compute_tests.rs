use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    features::{
        Catalogue, ColumnRule, Family, Feature, FeatureCache, LiveFeatures, LookBack, NewestRow, Scaler, Selection, View,
        compute, example_bars,
    },
    market::{AsOfRows, Bars, Timeframe},
};

fn close(view: &View<'_>) -> Vec<f64> {
    view.close().to_vec()
}

fn numbers(frame: &polars::prelude::DataFrame, column: &str) -> Vec<Option<f64>> {
    frame.column(column).unwrap().f64().unwrap().iter().collect()
}

#[test]
fn undefined_is_null_and_rows_are_those_of_the_bars() {
    let bars = example_bars::daily(&["AAA", "BBB"], 30);
    let selection = Selection::of(Catalogue::shipped().select("sma_20, returns").unwrap());
    let frame = compute(&bars, &selection).unwrap();
    assert_eq!(frame.get_column_names(), ["symbol", "open_at", "close_at", "sma_20", "returns"]);
    assert_eq!(frame.height(), 60);
    let sma = numbers(&frame, "sma_20");
    assert!(sma[..19].iter().all(Option::is_none) && sma[30..49].iter().all(Option::is_none));
    let series = bars.series("BBB");
    let mean = series.close[10..30].iter().sum::<f64>() / 20.0;
    assert!((sma[59].unwrap() - mean).abs() < 1e-9);
    assert_eq!(numbers(&frame, "returns")[31], Some(series.close[1] / series.close[0] - 1.0));
}

#[test]
fn longer_bars_are_joined_as_they_were_known() {
    let bars = example_bars::minutes(&["AAA"], 3);
    let selection = Selection::of(vec![Feature::new("own", close)]).joined(Timeframe::Min30, vec![Feature::new("longer", close)]);
    let frame = compute(&bars, &selection).unwrap();
    let (own, longer) = (numbers(&frame, "own"), numbers(&frame, "longer_30m"));
    let series = bars.series("AAA");
    let minute = 60_000_000;
    for row in 0..series.len() {
        let until = series.close_at[row].div_euclid(30 * minute) * 30 * minute;
        // The last minute of the half hour that was complete, of the regular session: 09:30 is a whole half hour.
        let day = series.open_at.iter().zip(series.close).filter(|(open_at, _)| {
            let local = jiff::Timestamp::from_microsecond(**open_at).unwrap().to_zoned(crate::market::new_york());
            **open_at < until && local.time() >= jiff::civil::time(9, 30, 0, 0)
        });
        assert_eq!(longer[row], day.map(|(_, close)| *close).next_back(), "row {row}");
        assert_eq!(own[row], Some(series.close[row]));
    }
}

#[test]
fn a_half_hour_is_complete_when_it_is_over_not_when_its_last_minute_was_traded() {
    let bars = example_bars::minutes(&["AAA"], 1);
    let series = bars.series("AAA");
    let ten = series.open_at.iter().position(|open_at| {
        let local = jiff::Timestamp::from_microsecond(*open_at).unwrap().to_zoned(crate::market::new_york());
        local.time() == jiff::civil::time(10, 0, 0, 0)
    });
    let (ten, half_past) = (ten.unwrap(), series.open_at[ten.unwrap()] + 30 * 60_000_000);
    let until = |rows: usize| bars.select(|_, series| series.slice(0..rows));
    let thinly_traded = until(ten + 27);
    let half_hours = Selection::of(vec![Feature::new("close", close)]).on(Timeframe::Min30);
    assert_eq!(compute(&thinly_traded, &half_hours).unwrap().height(), 1);
    let as_of = |micros: i64| half_hours.clone().as_of(jiff::Timestamp::from_microsecond(micros).unwrap());
    assert_eq!(compute(&thinly_traded, &as_of(half_past - 1)).unwrap().height(), 1);
    let made = compute(&thinly_traded, &as_of(half_past)).unwrap();
    assert_eq!(numbers(&made, "close")[1], Some(series.close[ten + 26]));
    // What came later changes nothing.
    assert_eq!(compute(&until(ten + 40), &as_of(half_past)).unwrap().height(), 2);
}

#[test]
fn threads_make_no_difference() {
    let bars = example_bars::daily(&["AAA", "BBB", "CCC", "DDD", "SPY"], 260);
    let selection = Selection::of(Catalogue::shipped().features().to_vec()).against("SPY".parse().unwrap());
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| compute(&bars, &selection).unwrap())
    };
    assert!(on(1).equals_missing(&on(3)));
}

/// Last prices of `SPY` as known at each bar of `AAA`.
fn beside(bars: &Bars) -> Vec<f64> {
    let (own, other) = (bars.series("AAA"), bars.series("SPY"));
    AsOfRows::new(other.close_at, own.close_at).unwrap().take(other.close).unwrap()
}

#[test]
fn the_newest_row_is_the_last_of_all() {
    let features = Catalogue::shipped().features();
    let mut newest = NewestRow::of(features);
    for bars in [example_bars::daily(&["AAA", "SPY"], 400), example_bars::minutes(&["AAA", "SPY"], 2)] {
        let selection = Selection::of(features.to_vec()).against("SPY".parse().unwrap());
        let frame = compute(&bars, &selection).unwrap();
        let benchmark = beside(&bars);
        let rows = benchmark.len();
        let newest = newest.compute(bars.series("AAA"), Some(&benchmark)).unwrap();
        for (feature, value) in features.iter().zip(newest) {
            let column = numbers(&frame, feature.name());
            let last = column[rows - 1].unwrap_or(f64::NAN);
            let scale = column[..rows].iter().flatten().fold(1e-12_f64, |largest, value| largest.max(value.abs()));
            let same = last.is_nan() && value.is_nan() || (last - value).abs() <= 1e-9 * scale;
            assert!(same, "{}: {value}, not {last}", feature.name());
        }
    }
    let none = Bars::default();
    assert!(newest.compute(none.series("AAA"), None).unwrap().iter().all(|value| value.is_nan()));
}

#[test]
fn bar_by_bar_is_as_over_the_whole_to_the_last_bit() {
    let own = Feature::new("own", |view: &View<'_>| {
        let mean = |row: usize| if row < 2 { f64::NAN } else { view.close()[row - 2..=row].iter().sum::<f64>() / 3.0 };
        (0..view.len()).map(mean).collect()
    })
    .look_back(LookBack::Bars(3));
    let catalogue = Catalogue::shipped().clone().with(own).unwrap();
    let features = catalogue.features();
    let daily = (example_bars::daily(&["AAA", "SPY"], 400), false);
    let minutes = (example_bars::minutes(&["AAA", "SPY"], 3), true);
    for ((bars, intraday), with_benchmark) in
        [(&daily, true), (&daily, false), (&minutes, true)].map(|(it, with)| (it.clone(), with))
    {
        let selection = Selection::of(features.to_vec());
        let selection = if with_benchmark { selection.against("SPY".parse().unwrap()) } else { selection };
        let frame = compute(&bars, &selection).unwrap();
        let columns: Vec<_> = features.iter().map(|feature| numbers(&frame, feature.name())).collect();
        let mut live = LiveFeatures::of(features, intraday);
        let benchmark = beside(&bars);
        for (row, bar) in bars.series("AAA").iter().enumerate() {
            let told = live.push(bar, with_benchmark.then(|| benchmark[row])).unwrap();
            for ((feature, column), told) in features.iter().zip(&columns).zip(told) {
                let whole = column[row];
                let same = told.is_nan() && whole.is_none() || whole.is_some_and(|whole| whole.to_bits() == told.to_bits());
                assert!(same, "{} row {row}: {told} bar by bar, {whole:?} over the whole", feature.name());
            }
        }
    }
}

#[test]
fn what_is_remembered_is_what_would_be_computed() {
    let counted = Arc::new(AtomicUsize::new(0));
    let counting = |name: &str, factor: f64| {
        let counted = Arc::clone(&counted);
        Feature::new(name, move |view: &View<'_>| {
            counted.fetch_add(1, Ordering::Relaxed);
            view.close().iter().map(|close| factor * close).collect()
        })
    };
    let bars = example_bars::daily(&["AAA", "BBB"], 300);
    let mut features = Catalogue::shipped().select("momentum").unwrap();
    features.push(counting("own", 1.0));
    let selection = Selection::of(features.clone());
    let cache = FeatureCache::with_capacity(1 << 24);
    let computed = || counted.swap(0, Ordering::Relaxed);
    let whole = compute(&bars, &selection).unwrap();
    computed();
    for times in [2, 0] {
        assert!(cache.compute(&bars, &selection).unwrap().equals_missing(&whole));
        assert_eq!(computed(), times);
    }
    // One symbol has one bar less, one feature is new, and one is another under the same name.
    let shorter = bars.select(|symbol, series| if symbol.as_str() == "BBB" { series.slice(0..299) } else { series });
    features.pop();
    features.extend([counting("own", 2.0), counting("another", 3.0)]);
    let other = Selection::of(features);
    assert!(cache.compute(&shorter, &other).unwrap().equals_missing(&compute(&shorter, &other).unwrap()));
    assert_eq!(computed(), 2 * 4);
    // With longer bars beside them.
    let minutes = example_bars::minutes(&["AAA"], 2);
    let joined = Selection::of(Vec::new()).joined(Timeframe::Min30, Catalogue::shipped().select("rsi_14").unwrap());
    for _ in 0..2 {
        assert!(cache.compute(&minutes, &joined).unwrap().equals_missing(&compute(&minutes, &joined).unwrap()));
    }
    let small = FeatureCache::with_capacity(3 * 300 * 8);
    assert!(small.compute(&bars, &selection).unwrap().equals_missing(&whole));
    assert!(small.bytes() <= 3 * 300 * 8);
}

#[test]
fn every_feature_can_be_scaled_as_the_catalogue_says() {
    let features = Catalogue::shipped().features();
    let bars = example_bars::daily(&["AAA", "SPY"], 600);
    let frame = compute(&bars, &Selection::of(features.to_vec()).against("SPY".parse().unwrap())).unwrap();
    let columns: Vec<Vec<f64>> = features
        .iter()
        .map(|feature| numbers(&frame, feature.name())[..600].iter().map(|value| value.unwrap_or(f64::NAN)).collect())
        .collect();
    let defined = |(feature, column): &(&Feature, &Vec<f64>)| !feature.about().intraday && column.iter().any(|x| x.is_finite());
    let (features, columns): (Vec<&Feature>, Vec<&[f64]>) =
        features.iter().zip(&columns).filter(defined).map(|(feature, column)| (feature, column.as_slice())).unzip();
    let rules: Vec<ColumnRule> = features.iter().map(|feature| ColumnRule::from(*feature)).collect();
    let training: Vec<usize> = (0..500).collect();
    let scaler = Scaler::fit(&rules, &columns, &training).unwrap();
    let scaled = scaler.transform(&columns).unwrap();
    assert_eq!(scaled.rows, (199..600).collect::<Vec<_>>(), "the longest look-back of a level");
    for (feature, column) in features.iter().zip(&scaled.columns) {
        assert!(column.iter().all(|value| value.is_finite()), "{}", feature.name());
    }
}

#[test]
fn what_cannot_be_computed_says_why() {
    let bars = example_bars::daily(&["AAA"], 30);
    let error = |selection: &Selection| compute(&bars, selection).unwrap_err().to_string();
    let twice = Selection::of(vec![Feature::new("one", close), Feature::new("one", close)]);
    assert!(error(&twice).contains("selected twice"));
    let short = Selection::of(vec![Feature::new("short", |_: &View<'_>| vec![1.0])]);
    assert!(error(&short).contains("answered 1 values for 30 bars"));
    let against = Selection::of(vec![Feature::new("one", close)]).against("SPY".parse().unwrap());
    assert!(error(&against).contains("SPY is not among the bars"));
    let minutes = Selection::of(vec![Feature::new("one", close)]).on(Timeframe::Min5);
    assert!(error(&minutes).contains("needs minute bars"));
    let catalogue = Catalogue::shipped();
    assert!(catalogue.get("rsi14").unwrap_err().to_string().contains("rsi_14"));
    assert!(catalogue.clone().with(Feature::new("rsi_14", close)).is_err());
    assert!(catalogue.clone().with(Feature::new("Mine", close)).is_err());
    assert!(catalogue.clone().with(Feature::new("mine_1d", close)).is_err());
}

#[test]
fn the_catalogue_is_what_was_asked_for() {
    let catalogue = Catalogue::shipped();
    let count = |family: Family| catalogue.features().iter().filter(|it| it.about().family == family).count();
    assert!(catalogue.features().len() >= 120, "{}", catalogue.features().len());
    let indicators = count(Family::Trend) + count(Family::Momentum) + count(Family::Volatility);
    assert!(indicators >= 50, "{indicators} technical indicators");
    assert!(count(Family::PriceStatistics) >= 10 && count(Family::Volume) >= 10);
    for name in [
        "returns",
        "log_returns",
        "high_low_pct",
        "close_open_pct",
        "sma_5",
        "sma_10",
        "sma_20",
        "ema_5",
        "ema_10",
        "ema_20",
        "volatility_20",
        "atr_14",
        "volume_ratio",
        "volume_price_trend",
        "rsi_14",
        "macd",
        "macd_signal",
        "macd_diff",
        "bb_position",
        "momentum_score",
        "rvol",
        "percent_change",
        "trend_flag",
        "ema_12",
        "stoch_k",
        "bb_upper",
        "bb_lower",
        "obv",
        "volume_sma_20",
    ] {
        assert!(catalogue.get(name).is_ok(), "{name}");
    }
    for feature in catalogue.features() {
        let about = feature.about();
        assert!(!about.formula.is_empty() && about.look_back != LookBack::Bars(0), "{about:?}");
        assert!(about.family != Family::Own, "{about:?}");
    }
    assert_eq!(catalogue.table().unwrap().height(), catalogue.features().len());
    // No family lost a feature to a name that was taken.
    let mut names: Vec<&str> = catalogue.features().iter().map(Feature::name).collect();
    names.dedup();
    assert_eq!(names.len(), super::super::catalogue::listed());
}
