//! Shape and moments of bars and returns.

use super::{entry::entries, momentum::returns};
use crate::{
    features::{
        Family, Feature, LookBack,
        LookBack::Bars,
        Unit,
        formula::{Formula, close, columnwise, high, low, map, mean_and_square, moments, open, pair_moments, ratio, windowed},
    },
    indicators::Kernel,
};

/// How many deviations a value is off the mean of the last 20.
pub(super) fn last_deviations(x: Formula) -> Formula {
    let [mean, squares] = mean_and_square(x.clone(), 20);
    map([x, mean, squares], |[x, mean, squares]| ratio(x - mean, (squares / 19.0).sqrt()))
}

/// The highest high, or the lowest low, of so many bars.
fn highest(n: usize) -> Formula {
    let [highest] = windowed([high()], Kernel::max(n));
    highest
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::PriceStatistics);
    let [mean, second, third, fourth] = moments(returns(), 20);
    let [lowest] = windowed([low()], Kernel::min(20));
    let [_, _, before, now, both] = pair_moments(returns().lag(1), returns(), 20);
    let correlation = map([before, now, both], |[xx, yy, xy]| ratio(xy, (xx * yy).sqrt()).clamp(-1.0, 1.0));
    let rank = columnwise([close()], 61, |x| {
        let below = |window: &[f64]| window[..60].iter().filter(|close| **close < window[60]).count();
        let ranks = x[0].windows(61).map(|window| 100.0 * below(window) as f64 / 60.0);
        std::iter::repeat_n(f64::NAN, x[0].len().min(60)).chain(ranks).collect()
    });
    let rises = returns().map(|change| if change.is_nan() { change } else { f64::from(u8::from(change > 0.0)) });
    let streak = returns().scan(0.0, |streak, change| {
        let next = match () {
            () if change > 0.0 => streak.max(0.0) + 1.0,
            () if change < 0.0 => streak.min(0.0) - 1.0,
            () => 0.0,
        };
        (next, if change.is_nan() { f64::NAN } else { next })
    });
    vec![
        entry("returns", Unit::Ratio, Bars(2), "close / previous close - 1", returns()),
        entry("log_returns", Unit::Log, Bars(2), "ln(close / previous close)", returns().map(f64::ln_1p)),
        entry("close_open_pct", Unit::Percent, Bars(1), "100 (close / open - 1)", close().percent_off(open())),
        entry(
            "body_to_range",
            Unit::Ratio,
            Bars(1),
            "|close - open| / (high - low)",
            of_range(map([close(), open()], |[close, open]| (close - open).abs())),
        ),
        entry(
            "upper_shadow_to_range",
            Unit::Ratio,
            Bars(1),
            "(high - max(open, close)) / (high - low)",
            of_range(map([high(), open(), close()], |[high, open, close]| high - open.max(close))),
        ),
        entry(
            "lower_shadow_to_range",
            Unit::Ratio,
            Bars(1),
            "(min(open, close) - low) / (high - low)",
            of_range(map([low(), open(), close()], |[low, open, close]| open.min(close) - low)),
        ),
        entry("close_location", Unit::Ratio, Bars(1), "(close - low) / (high - low)", of_range(close() - low())),
        entry("return_mean_20", Unit::Ratio, Bars(21), "mean of 20 returns", mean.clone()),
        entry(
            "return_zscore_20",
            Unit::Deviations,
            Bars(21),
            "(return - mean) / deviation of 20 returns",
            last_deviations(returns()),
        ),
        entry("close_zscore_20", Unit::Deviations, Bars(20), "(close - mean) / deviation of 20 closes", last_deviations(close())),
        entry(
            "sharpe_20",
            Unit::Ratio,
            Bars(21),
            "mean / deviation of 20 returns, a bar",
            map([mean, second.clone()], |[mean, squares]| ratio(mean, (squares / 19.0).sqrt())),
        )
        .source("Sharpe 1966"),
        entry(
            "skewness_20",
            Unit::Ratio,
            Bars(21),
            "third standardised moment of 20 returns",
            map([second.clone(), third], |[second, third]| {
                let variance = second / 20.0;
                ratio(third / 20.0, variance * variance.sqrt())
            }),
        ),
        entry(
            "kurtosis_20",
            Unit::Ratio,
            Bars(21),
            "fourth standardised moment of 20 returns, less 3",
            map([second, fourth], |[second, fourth]| ratio(20.0 * fourth, second * second) - 3.0),
        ),
        entry("autocorrelation_20", Unit::Ratio, Bars(22), "correlation of 20 returns with those one bar before", correlation),
        entry("percent_rank_60", Unit::Percent, Bars(61), "share of the 60 closes before that were lower", rank),
        entry(
            "high_20_distance_pct",
            Unit::Percent,
            Bars(20),
            "100 (close / highest high of 20 - 1)",
            close().percent_off(highest(20)),
        ),
        entry("low_20_distance_pct", Unit::Percent, Bars(20), "100 (close / lowest low of 20 - 1)", close().percent_off(lowest)),
        entry(
            "high_250_distance_pct",
            Unit::Percent,
            Bars(250),
            "100 (close / highest high of 250 - 1)",
            close().percent_off(highest(250)),
        ),
        entry("up_bars_10", Unit::Count, Bars(11), "rising bars among the last 10", rises.sum(10)),
        entry("streak", Unit::Count, LookBack::All, "closes in a row that rose; negative where they fell", streak),
    ]
}

/// A part of each bar's range; undefined where it has none.
fn of_range(part: Formula) -> Formula {
    part.over(high() - low())
}
