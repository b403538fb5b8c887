//! Shape and moments of bars and returns.

use super::{
    entry::entries,
    rolling::{correlation, deviation, each, excess_kurtosis, mean, percent_off, ratio, rolling, skewness},
};
use crate::{
    features::{Family, Feature, LookBack, LookBack::Bars, Unit, View},
    indicators::statistics,
};

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::PriceStatistics);
    vec![
        entry("returns", Unit::Ratio, Bars(2), "close / previous close - 1", Box::new(|view| view.returns()[0].clone())),
        entry("log_returns", Unit::Log, Bars(2), "ln(close / previous close)", Box::new(|view| view.log_returns()[0].clone())),
        entry(
            "close_open_pct",
            Unit::Percent,
            Bars(1),
            "100 (close / open - 1)",
            Box::new(|view| percent_off(view.close(), view.open())),
        ),
        entry(
            "body_to_range",
            Unit::Ratio,
            Bars(1),
            "|close - open| / (high - low)",
            Box::new(|view| of_range(view, &each(view.close(), view.open(), |close, open| (close - open).abs()))),
        ),
        entry(
            "upper_shadow_to_range",
            Unit::Ratio,
            Bars(1),
            "(high - max(open, close)) / (high - low)",
            Box::new(|view| {
                let top = each(view.open(), view.close(), f64::max);
                of_range(view, &each(view.high(), &top, |high, top| high - top))
            }),
        ),
        entry(
            "lower_shadow_to_range",
            Unit::Ratio,
            Bars(1),
            "(min(open, close) - low) / (high - low)",
            Box::new(|view| {
                let bottom = each(view.open(), view.close(), f64::min);
                of_range(view, &each(&bottom, view.low(), |bottom, low| bottom - low))
            }),
        ),
        entry(
            "close_location",
            Unit::Ratio,
            Bars(1),
            "(close - low) / (high - low)",
            Box::new(|view| of_range(view, &each(view.close(), view.low(), |close, low| close - low))),
        ),
        entry(
            "return_mean_20",
            Unit::Ratio,
            Bars(21),
            "mean of 20 returns",
            Box::new(|view| rolling(&view.returns()[0], 20, mean)),
        ),
        entry(
            "return_zscore_20",
            Unit::Deviations,
            Bars(21),
            "(return - mean) / deviation of 20 returns",
            Box::new(|view| rolling(&view.returns()[0], 20, last_deviations)),
        ),
        entry(
            "close_zscore_20",
            Unit::Deviations,
            Bars(20),
            "(close - mean) / deviation of 20 closes",
            Box::new(|view| rolling(view.close(), 20, last_deviations)),
        ),
        entry(
            "sharpe_20",
            Unit::Ratio,
            Bars(21),
            "mean / deviation of 20 returns, a bar",
            Box::new(|view| rolling(&view.returns()[0], 20, |window| ratio(mean(window), deviation(window)))),
        )
        .source("Sharpe 1966"),
        entry(
            "skewness_20",
            Unit::Ratio,
            Bars(21),
            "third standardised moment of 20 returns",
            Box::new(|view| rolling(&view.returns()[0], 20, skewness)),
        ),
        entry(
            "kurtosis_20",
            Unit::Ratio,
            Bars(21),
            "fourth standardised moment of 20 returns, less 3",
            Box::new(|view| rolling(&view.returns()[0], 20, excess_kurtosis)),
        ),
        entry(
            "autocorrelation_20",
            Unit::Ratio,
            Bars(22),
            "correlation of 20 returns with those one bar before",
            Box::new(|view| rolling(&view.returns()[0], 21, |window| correlation(&window[..20], &window[1..]))),
        ),
        entry(
            "percent_rank_60",
            Unit::Percent,
            Bars(61),
            "share of the 60 closes before that were lower",
            Box::new(|view| {
                let below = |window: &[f64]| window[..60].iter().filter(|close| **close < window[60]).count();
                rolling(view.close(), 61, |window| 100.0 * below(window) as f64 / 60.0)
            }),
        ),
        entry(
            "high_20_distance_pct",
            Unit::Percent,
            Bars(20),
            "100 (close / highest high of 20 - 1)",
            Box::new(|view| percent_off(view.close(), &statistics::max(view.high(), 20))),
        ),
        entry(
            "low_20_distance_pct",
            Unit::Percent,
            Bars(20),
            "100 (close / lowest low of 20 - 1)",
            Box::new(|view| percent_off(view.close(), &statistics::min(view.low(), 20))),
        ),
        entry(
            "high_250_distance_pct",
            Unit::Percent,
            Bars(250),
            "100 (close / highest high of 250 - 1)",
            Box::new(|view| percent_off(view.close(), &statistics::max(view.high(), 250))),
        ),
        entry(
            "up_bars_10",
            Unit::Count,
            Bars(11),
            "rising bars among the last 10",
            Box::new(|view| {
                rolling(&view.returns()[0], 10, |window| window.iter().filter(|change| **change > 0.0).count() as f64)
            }),
        ),
        entry(
            "streak",
            Unit::Count,
            LookBack::All,
            "closes in a row that rose; negative where they fell",
            Box::new(|view| {
                let next = |streak: &mut f64, change: &f64| {
                    *streak = match () {
                        () if *change > 0.0 => streak.max(0.0) + 1.0,
                        () if *change < 0.0 => streak.min(0.0) - 1.0,
                        () => 0.0,
                    };
                    Some(if change.is_nan() { f64::NAN } else { *streak })
                };
                view.returns()[0].iter().scan(0.0, next).collect()
            }),
        ),
    ]
}

/// A part of each bar's range; undefined where it has none.
fn of_range(view: &View<'_>, part: &[f64]) -> Vec<f64> {
    let range = each(view.high(), view.low(), |high, low| high - low);
    each(part, &range, ratio)
}

/// How many deviations the last of a window is off its mean.
fn last_deviations(window: &[f64]) -> f64 {
    ratio(window[window.len() - 1] - mean(window), deviation(window))
}
