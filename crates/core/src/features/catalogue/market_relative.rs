//! Against a benchmark series, as it was known at each bar's close. Null without one.

use super::{entry::entries, momentum::returns};
use crate::features::{
    Family, Feature,
    LookBack::Bars,
    Unit,
    formula::{Formula, benchmark, close, map, pair_moments, ratio},
};

/// Returns of the benchmark from row to row.
fn benchmark_returns() -> Formula {
    map([benchmark(), benchmark().lag(1)], |[now, before]| now / before - 1.0)
}

/// `mean of the benchmark's returns, mean of the own, xx, yy, xy` of the last `n`.
fn returns_of_both(n: usize) -> [Formula; 5] {
    pair_moments(benchmark_returns(), returns(), n)
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::MarketRelative);
    let mut all = Vec::new();
    for (name, n) in [
        ("relative_return_1_pct", 1),
        ("relative_return_5_pct", 5),
        ("relative_return_20_pct", 20),
        ("relative_return_60_pct", 60),
    ] {
        let words = format!("100 (return - return of the benchmark) over {n} bars");
        let inputs = [close(), close().lag(n), benchmark(), benchmark().lag(n)];
        let formula = map(inputs, |[own, own_before, other, other_before]| 100.0 * (own / own_before - other / other_before));
        all.push(entry(name, Unit::Percent, Bars(n + 1), &words, formula));
    }
    for (name, n) in [("beta_20", 20), ("beta_60", 60)] {
        let words = format!("slope of {n} returns on those of the benchmark");
        let [_, _, xx, _, xy] = returns_of_both(n);
        all.push(entry(name, Unit::Ratio, Bars(n + 1), &words, xy.over(xx)).source("Sharpe 1964"));
    }
    for (name, n) in [("correlation_20", 20), ("correlation_60", 60)] {
        let words = format!("correlation of {n} returns with those of the benchmark");
        let [_, _, xx, yy, xy] = returns_of_both(n);
        let formula = map([xx, yy, xy], |[xx, yy, xy]| ratio(xy, (xx * yy).sqrt()).clamp(-1.0, 1.0));
        all.push(entry(name, Unit::Ratio, Bars(n + 1), &words, formula).source("Pearson 1895"));
    }
    let [mean_other, mean_own, xx, yy, xy] = returns_of_both(60);
    let line = map([close(), benchmark()], |[own, other]| own / other);
    all.extend([
        entry(
            "idiosyncratic_volatility_60",
            Unit::Ratio,
            Bars(61),
            "deviation of what 60 returns are off their line on the benchmark's",
            map([xx.clone(), yy, xy.clone()], |[xx, yy, xy]| {
                let residual = yy - xy * ratio(xy, xx);
                // Not `max`, which makes a number of what is undefined; what is below zero is a rounding error.
                if residual < 0.0 { 0.0 } else { (residual / 59.0).sqrt() }
            }),
        )
        .source("Ang and others 2006"),
        entry(
            "alpha_60",
            Unit::Ratio,
            Bars(61),
            "mean return less beta_60 x mean return of the benchmark, 60 bars",
            map([mean_other, mean_own, xx, xy], |[other, own, xx, xy]| own - ratio(xy, xx) * other),
        )
        .source("Jensen 1968"),
        entry(
            "relative_strength_20",
            Unit::Ratio,
            Bars(20),
            "close / benchmark, over its mean of 20 bars",
            map([line.clone(), line.sum(20)], |[now, sum]| now / (sum / 20.0)),
        ),
    ]);
    all.into_iter().map(Feature::against_benchmark).collect()
}
