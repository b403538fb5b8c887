//! Against a benchmark series, as it was known at each bar's close. Null without one.

use super::{
    entry::entries,
    rolling::{correlation, deviation, each, mean, rolling, rolling_pair, slope},
};
use crate::features::{Family, Feature, LookBack::Bars, Unit, View, view::change};

/// Returns of the benchmark from row to row.
fn benchmark_returns(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("benchmark_returns", |view| vec![change(view.benchmark().unwrap_or_default(), 1)])
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
        let formula = format!("100 (return - return of the benchmark) over {n} bars");
        let of = move |view: &View<'_>| {
            let benchmark = view.benchmark().unwrap_or_default();
            each(&change(view.close(), n), &change(benchmark, n), |own, other| 100.0 * (own - other))
        };
        all.push(entry(name, Unit::Percent, Bars(n + 1), &formula, Box::new(of)));
    }
    for (name, n) in [("beta_20", 20), ("beta_60", 60)] {
        let formula = format!("slope of {n} returns on those of the benchmark");
        let of = move |view: &View<'_>| rolling_pair(&view.returns()[0], &benchmark_returns(view)[0], n, slope);
        all.push(entry(name, Unit::Ratio, Bars(n + 1), &formula, Box::new(of)).source("Sharpe 1964"));
    }
    for (name, n) in [("correlation_20", 20), ("correlation_60", 60)] {
        let formula = format!("correlation of {n} returns with those of the benchmark");
        let of = move |view: &View<'_>| rolling_pair(&view.returns()[0], &benchmark_returns(view)[0], n, correlation);
        all.push(entry(name, Unit::Ratio, Bars(n + 1), &formula, Box::new(of)).source("Pearson 1895"));
    }
    all.extend([
        entry(
            "idiosyncratic_volatility_60",
            Unit::Ratio,
            Bars(61),
            "deviation of what 60 returns are off their line on the benchmark's",
            Box::new(|view| {
                let residual = |own: &[f64], other: &[f64]| {
                    let beta = slope(own, other);
                    deviation(&each(own, other, |own, other| own - beta * other))
                };
                rolling_pair(&view.returns()[0], &benchmark_returns(view)[0], 60, residual)
            }),
        )
        .source("Ang and others 2006"),
        entry(
            "alpha_60",
            Unit::Ratio,
            Bars(61),
            "mean return less beta_60 x mean return of the benchmark, 60 bars",
            Box::new(|view| {
                let alpha = |own: &[f64], other: &[f64]| mean(own) - slope(own, other) * mean(other);
                rolling_pair(&view.returns()[0], &benchmark_returns(view)[0], 60, alpha)
            }),
        )
        .source("Jensen 1968"),
        entry(
            "relative_strength_20",
            Unit::Ratio,
            Bars(20),
            "close / benchmark, over its mean of 20 bars",
            Box::new(|view| {
                let line = each(view.close(), view.benchmark().unwrap_or_default(), |own, other| own / other);
                each(&line, &rolling(&line, 20, mean), |now, mean| now / mean)
            }),
        ),
    ]);
    all.into_iter().map(Feature::against_benchmark).collect()
}
