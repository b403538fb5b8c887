//! Where prices have been going.

use super::{
    entry::entries,
    rolling::{each, percent_off, ratio},
};
use crate::{
    features::{Family, Feature, LookBack, LookBack::Bars, LookBack::Fading, Unit, View},
    indicators::{
        momentum, statistics,
        trend::{self, Average},
    },
};

const WILDER: &str = "Wilder 1978";

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let mut all = Vec::new();
    for (name, n) in [("sma_5", 5), ("sma_10", 10), ("sma_20", 20), ("sma_50", 50), ("sma_200", 200)] {
        let formula = format!("mean of the last {n} closes");
        all.push(entry(name, Unit::Usd, Bars(n), &formula, Box::new(move |view| trend::sma(view.close(), n))));
    }
    for (name, n) in [("ema_5", 5), ("ema_10", 10), ("ema_12", 12), ("ema_20", 20), ("ema_26", 26), ("ema_50", 50)] {
        let formula = format!("EMA{n} += 2/({n} + 1) (close - EMA{n}), from the mean of the first {n}");
        all.push(entry(name, Unit::Usd, Fading(n), &formula, Box::new(move |view| trend::ema(view.close(), n))));
    }
    type Kernel = fn(&[f64], usize) -> Vec<f64>;
    let averages: [(&str, Kernel, usize, LookBack, &str, &str); 6] = [
        ("wma_10", trend::wma, 10, Bars(10), "mean of the last 10 closes with weights 10 for the newest to 1", "TA-Lib WMA"),
        ("dema_20", trend::dema, 20, Fading(39), "2 EMA20 - EMA20(EMA20)", "Mulloy 1994"),
        ("tema_20", trend::tema, 20, Fading(58), "3 EMA20 - 3 EMA20(EMA20) + EMA20(EMA20(EMA20))", "Mulloy 1994"),
        (
            "kama_10",
            trend::kama,
            10,
            Fading(11),
            "average that follows faster the more efficient the way of 10 bars was",
            "Kaufman 1995",
        ),
        ("trima_20", trend::trima, 20, Bars(20), "mean of means: triangular weights over 20 closes", "TA-Lib TRIMA"),
        ("hma_20", trend::hma, 20, Bars(25), "WMA4(2 WMA10 - WMA20)", "Hull 2005"),
    ];
    for (name, kernel, n, look_back, formula, source) in averages {
        all.push(entry(name, Unit::Usd, look_back, formula, Box::new(move |view| kernel(view.close(), n))).source(source));
    }
    for (name, n) in [("close_to_sma_20_pct", 20), ("close_to_sma_50_pct", 50), ("close_to_sma_200_pct", 200)] {
        let formula = format!("100 (close / sma_{n} - 1)");
        let of = move |view: &View<'_>| percent_off(view.close(), &trend::sma(view.close(), n));
        all.push(entry(name, Unit::Percent, Bars(n), &formula, Box::new(of)));
    }
    let ema_20 = |view: &View<'_>| percent_off(view.close(), &trend::ema(view.close(), 20));
    all.push(entry("close_to_ema_20_pct", Unit::Percent, Fading(20), "100 (close / ema_20 - 1)", Box::new(ema_20)));
    for (name, fast, slow) in [("sma_5_to_20_pct", 5, 20), ("sma_50_to_200_pct", 50, 200)] {
        let formula = format!("100 (sma_{fast} / sma_{slow} - 1)");
        let of = move |view: &View<'_>| percent_off(&trend::sma(view.close(), fast), &trend::sma(view.close(), slow));
        all.push(entry(name, Unit::Percent, Bars(slow), &formula, Box::new(of)));
    }
    all.extend(bands());
    all.extend(directional());
    all
}

/// Upper, middle and lower Bollinger band of 20 bars and two deviations.
pub(super) fn bollinger(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("bollinger_20", |view| {
        let bands = trend::bollinger_bands(view.close(), 20, 2.0, 2.0, Average::Simple);
        vec![bands.upper, bands.middle, bands.lower]
    })
}

fn bands() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let source = "Bollinger 1980s; TA-Lib BBANDS";
    let position = |view: &View<'_>| {
        let bands = bollinger(view);
        let width = each(&bands[0], &bands[2], |upper, lower| upper - lower);
        let above = each(view.close(), &bands[2], |close, lower| close - lower);
        each(&above, &width, ratio)
    };
    let width = |view: &View<'_>| {
        let bands = bollinger(view);
        let width = each(&bands[0], &bands[2], |upper, lower| upper - lower);
        each(&width, &bands[1], |width, middle| 100.0 * ratio(width, middle))
    };
    vec![
        entry(
            "bb_upper",
            Unit::Usd,
            Bars(20),
            "sma_20 + 2 standard deviations of 20 closes",
            Box::new(|view| bollinger(view)[0].clone()),
        )
        .source(source),
        entry(
            "bb_lower",
            Unit::Usd,
            Bars(20),
            "sma_20 - 2 standard deviations of 20 closes",
            Box::new(|view| bollinger(view)[2].clone()),
        )
        .source(source),
        entry(
            "bb_position",
            Unit::Ratio,
            Bars(20),
            "(close - bb_lower) / (bb_upper - bb_lower); null where the bands meet",
            Box::new(position),
        )
        .source(source),
        entry("bb_width_pct", Unit::Percent, Bars(20), "100 (bb_upper - bb_lower) / sma_20", Box::new(width)).source(source),
        entry(
            "donchian_position_20",
            Unit::Ratio,
            Bars(20),
            "(close - lowest low of 20) / (highest high of 20 - lowest low of 20)",
            Box::new(|view| {
                let (highest, lowest) = (statistics::max(view.high(), 20), statistics::min(view.low(), 20));
                let width = each(&highest, &lowest, |high, low| high - low);
                each(&each(view.close(), &lowest, |close, low| close - low), &width, ratio)
            }),
        )
        .source("Donchian 1960s"),
        entry(
            "sar",
            Unit::Usd,
            Fading(2),
            "parabolic stop and reverse, acceleration 0.02 to 0.2",
            Box::new(|view| trend::parabolic_sar(view.high(), view.low(), 0.02, 0.2)),
        )
        .source(WILDER),
        entry(
            "sar_distance_pct",
            Unit::Percent,
            Fading(2),
            "100 (close / sar - 1)",
            Box::new(|view| percent_off(view.close(), &trend::parabolic_sar(view.high(), view.low(), 0.02, 0.2))),
        )
        .source(WILDER),
        entry(
            "slope_14_pct",
            Unit::Percent,
            Bars(14),
            "100 slope of the line through the last 14 closes / close, a bar",
            Box::new(|view| {
                each(&statistics::linear_regression_slope(view.close(), 14), view.close(), |slope, close| {
                    100.0 * ratio(slope, close)
                })
            }),
        )
        .source("TA-Lib LINEARREG_SLOPE"),
        entry(
            "trend_flag",
            Unit::Flag,
            Bars(50),
            "1 where close > sma_20 > sma_50, -1 where close < sma_20 < sma_50, else 0",
            Box::new(|view| {
                let (fast, slow) = (trend::sma(view.close(), 20), trend::sma(view.close(), 50));
                let averages = fast.iter().zip(&slow);
                let flag = |(close, (fast, slow)): (&f64, (&f64, &f64))| match () {
                    () if slow.is_nan() => f64::NAN,
                    () if close > fast && fast > slow => 1.0,
                    () if close < fast && fast < slow => -1.0,
                    () => 0.0,
                };
                view.close().iter().zip(averages).map(flag).collect()
            }),
        ),
    ]
}

fn directional() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let aroon = |view: &View<'_>| {
        view.shared("aroon_14", |view| {
            let aroon = momentum::aroon(view.high(), view.low(), 14);
            vec![aroon.up, aroon.down]
        })
    };
    let vortex = |view: &View<'_>| {
        let vortex = momentum::vortex(view.high(), view.low(), view.close(), 14);
        each(&vortex.plus, &vortex.minus, |plus, minus| plus - minus)
    };
    vec![
        entry(
            "adx_14",
            Unit::Score,
            Fading(28),
            "Wilder's average over 14 of 100 |DI+ - DI-| / (DI+ + DI-)",
            Box::new(|view| momentum::adx(view.high(), view.low(), view.close(), 14)),
        )
        .source(WILDER),
        entry(
            "plus_di_14",
            Unit::Score,
            Fading(15),
            "100 smoothed upward movement / smoothed true range, 14",
            Box::new(|view| momentum::plus_di(view.high(), view.low(), view.close(), 14)),
        )
        .source(WILDER),
        entry(
            "minus_di_14",
            Unit::Score,
            Fading(15),
            "100 smoothed downward movement / smoothed true range, 14",
            Box::new(|view| momentum::minus_di(view.high(), view.low(), view.close(), 14)),
        )
        .source(WILDER),
        entry(
            "aroon_up_14",
            Unit::Score,
            Bars(15),
            "100 (14 - bars since the highest high of 15) / 14",
            Box::new(move |view| aroon(view)[0].clone()),
        )
        .source("Chande 1995"),
        entry(
            "aroon_down_14",
            Unit::Score,
            Bars(15),
            "100 (14 - bars since the lowest low of 15) / 14",
            Box::new(move |view| aroon(view)[1].clone()),
        )
        .source("Chande 1995"),
        entry("vortex_14", Unit::Ratio, Bars(15), "VI+ - VI- over 14 bars", Box::new(vortex)).source("Botes and Siepman 2010"),
    ]
}
