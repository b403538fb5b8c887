//! How widely prices move.

use super::{
    entry::entries,
    rolling::{before, deviation, each, percent_off, ratio, rolling},
};
use crate::{
    features::{Family, Feature, LookBack::Bars, LookBack::Fading, Unit, View},
    indicators::{range_volatility, statistics, volatility},
};

const WILDER: &str = "Wilder 1978";
/// Sessions in a year: what daily volatility is annualised by. Bars of other lengths are annualised alike, as a constant.
const YEAR: f64 = 252.0;

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Volatility);
    let mut all = Vec::new();
    for (name, n) in [("volatility_10", 10), ("volatility_20", 20), ("volatility_60", 60)] {
        let formula = format!("sample standard deviation of the last {n} returns");
        let of = move |view: &View<'_>| rolling(&view.returns()[0], n, deviation);
        all.push(entry(name, Unit::Ratio, Bars(n + 1), &formula, Box::new(of)));
    }
    type Range = fn(&View<'_>) -> Vec<f64>;
    let ranges: [(&str, usize, Range, &str, &str); 5] = [
        (
            "realised_volatility_20",
            21,
            |view| range_volatility::realised(view.close(), 20, YEAR),
            "sqrt(252) times the deviation of 20 log returns",
            "",
        ),
        (
            "parkinson_20",
            20,
            |view| range_volatility::parkinson(view.high(), view.low(), 20, YEAR),
            "sqrt(252 mean(ln(high / low)^2) / (4 ln 2)), 20 bars",
            "Parkinson 1980",
        ),
        (
            "garman_klass_20",
            20,
            |view| range_volatility::garman_klass(view.open(), view.high(), view.low(), view.close(), 20, YEAR),
            "sqrt(252 mean(ln(h/l)^2 / 2 - (2 ln 2 - 1) ln(c/o)^2)), 20 bars",
            "Garman and Klass 1980",
        ),
        (
            "rogers_satchell_20",
            20,
            |view| range_volatility::rogers_satchell(view.open(), view.high(), view.low(), view.close(), 20, YEAR),
            "sqrt(252 mean(ln(h/c) ln(h/o) + ln(l/c) ln(l/o))), 20 bars",
            "Rogers and Satchell 1991",
        ),
        (
            "yang_zhang_20",
            21,
            |view| range_volatility::yang_zhang(view.open(), view.high(), view.low(), view.close(), 20, YEAR),
            "overnight, open-to-close and Rogers-Satchell variance weighted, 20 bars, annualised by 252",
            "Yang and Zhang 2000",
        ),
    ];
    for (name, n, of, formula, source) in ranges {
        all.push(entry(name, Unit::Ratio, Bars(n), formula, Box::new(of)).source(source));
    }
    all.extend([
        entry(
            "atr_14",
            Unit::Usd,
            Fading(15),
            "Wilder's average of the true range over 14",
            Box::new(|view| atr_14(view)[0].clone()),
        )
        .source(WILDER),
        entry(
            "natr_14",
            Unit::Percent,
            Fading(15),
            "100 atr_14 / close",
            Box::new(|view| volatility::natr(view.high(), view.low(), view.close(), 14)),
        )
        .source(WILDER),
        entry("true_range", Unit::Usd, Bars(2), "max(high, previous close) - min(low, previous close)", Box::new(true_range))
            .source(WILDER),
        entry(
            "true_range_to_atr",
            Unit::Ratio,
            Fading(16),
            "true_range / atr_14 of the bar before",
            Box::new(|view| each(&true_range(view), &before(&atr_14(view)[0]), ratio)),
        ),
        entry(
            "high_low_pct",
            Unit::Percent,
            Bars(1),
            "100 (high - low) / close",
            Box::new(|view| {
                let range = each(view.high(), view.low(), |high, low| high - low);
                each(&range, view.close(), |range, close| 100.0 * ratio(range, close))
            }),
        ),
        entry(
            "close_deviation_20",
            Unit::Usd,
            Bars(20),
            "standard deviation of 20 closes, of the population",
            Box::new(|view| statistics::standard_deviation(view.close(), 20, 1.0)),
        ),
        entry(
            "volatility_ratio_10_60",
            Unit::Ratio,
            Bars(61),
            "volatility_10 / volatility_60",
            Box::new(|view| {
                let returns = view.returns();
                each(&rolling(&returns[0], 10, deviation), &rolling(&returns[0], 60, deviation), ratio)
            }),
        ),
        entry(
            "downside_deviation_20",
            Unit::Ratio,
            Bars(21),
            "sqrt(mean(min(return, 0)^2)) of 20 returns",
            Box::new(|view| {
                let below = |window: &[f64]| window.iter().map(|x| x.min(0.0).powi(2)).sum::<f64>() / window.len() as f64;
                rolling(&view.returns()[0], 20, |window| below(window).sqrt())
            }),
        )
        .source("Sortino and van der Meer 1991"),
        entry(
            "drawdown_60_pct",
            Unit::Percent,
            Bars(60),
            "100 (close / highest close of 60 - 1)",
            Box::new(|view| percent_off(view.close(), &statistics::max(view.close(), 60))),
        ),
        entry(
            "chaikin_volatility_10",
            Unit::Percent,
            Fading(20),
            "rate of change over 10 of EMA10(high - low)",
            Box::new(|view| volatility::chaikin_volatility(view.high(), view.low(), 10, 10)),
        )
        .source("Chaikin; TA-Lib CVI"),
    ]);
    all
}

/// The first bar has no close before it and no true range.
fn true_range(view: &View<'_>) -> Vec<f64> {
    volatility::true_range(view.high(), view.low(), view.close())
}

/// Wilder's average true range of 14 bars.
pub(super) fn atr_14(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("atr_14", |view| vec![volatility::atr(view.high(), view.low(), view.close(), 14)])
}
