//! Where prices have been going.

use super::entry::entries;
use crate::{
    features::{
        Family, Feature, LookBack,
        LookBack::Bars,
        LookBack::Fading,
        Unit,
        formula::{Formula, close, fading, high, low, map, ratio, windowed},
    },
    indicators::{Average, Kernel},
};

const WILDER: &str = "Wilder 1978";

/// One column of a kernel over the closes that forgets.
pub(super) fn of_closes(kernel: Kernel) -> Formula {
    let [column] = windowed([close()], kernel);
    column
}

/// One column of a kernel over the closes that fades.
pub(super) fn fading_closes(kernel: Kernel) -> Formula {
    let [column] = fading([close()], kernel);
    column
}

/// Mean of the last `n` closes.
pub(super) fn sma(n: usize) -> Formula {
    of_closes(Kernel::sma(n))
}

fn ema(n: usize) -> Formula {
    fading_closes(Kernel::ema(n))
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let mut all = Vec::new();
    for (name, n) in [("sma_5", 5), ("sma_10", 10), ("sma_20", 20), ("sma_50", 50), ("sma_200", 200)] {
        all.push(entry(name, Unit::Usd, Bars(n), &format!("mean of the last {n} closes"), sma(n)));
    }
    for (name, n) in [("ema_5", 5), ("ema_10", 10), ("ema_12", 12), ("ema_20", 20), ("ema_26", 26), ("ema_50", 50)] {
        let words = format!("EMA{n} += 2/({n} + 1) (close - EMA{n}), from the mean of the first {n}");
        all.push(entry(name, Unit::Usd, Fading(n), &words, ema(n)));
    }
    let averages: [(&str, Formula, LookBack, &str, &str); 6] = [
        (
            "wma_10",
            of_closes(Kernel::wma(10)),
            Bars(10),
            "mean of the last 10 closes with weights 10 for the newest to 1",
            "TA-Lib WMA",
        ),
        ("dema_20", fading_closes(Kernel::dema(20)), Fading(39), "2 EMA20 - EMA20(EMA20)", "Mulloy 1994"),
        ("tema_20", fading_closes(Kernel::tema(20)), Fading(58), "3 EMA20 - 3 EMA20(EMA20) + EMA20(EMA20(EMA20))", "Mulloy 1994"),
        (
            "kama_10",
            fading_closes(Kernel::kama(10)),
            Fading(11),
            "average that follows faster the more efficient the way of 10 bars was",
            "Kaufman 1995",
        ),
        ("trima_20", of_closes(Kernel::trima(20)), Bars(20), "mean of means: triangular weights over 20 closes", "TA-Lib TRIMA"),
        ("hma_20", of_closes(Kernel::hma(20)), Bars(25), "WMA4(2 WMA10 - WMA20)", "Hull 2005"),
    ];
    for (name, formula, look_back, words, source) in averages {
        all.push(entry(name, Unit::Usd, look_back, words, formula).source(source));
    }
    for (name, n) in [("close_to_sma_20_pct", 20), ("close_to_sma_50_pct", 50), ("close_to_sma_200_pct", 200)] {
        let words = format!("100 (close / sma_{n} - 1)");
        all.push(entry(name, Unit::Percent, Bars(n), &words, close().percent_off(sma(n))));
    }
    all.push(entry("close_to_ema_20_pct", Unit::Percent, Fading(20), "100 (close / ema_20 - 1)", close().percent_off(ema(20))));
    for (name, fast, slow) in [("sma_5_to_20_pct", 5, 20), ("sma_50_to_200_pct", 50, 200)] {
        let words = format!("100 (sma_{fast} / sma_{slow} - 1)");
        all.push(entry(name, Unit::Percent, Bars(slow), &words, sma(fast).percent_off(sma(slow))));
    }
    all.extend(bands());
    all.extend(directional());
    all
}

/// Upper, middle and lower Bollinger band of 20 bars and two deviations.
fn bollinger() -> [Formula; 3] {
    windowed([close()], Kernel::bollinger_bands(20, 2.0, 2.0, Average::Simple))
}

/// Where the close is between the bands: 0 at the lower, 1 at the upper.
pub(super) fn bollinger_position() -> Formula {
    let [upper, _, lower] = bollinger();
    (close() - lower.clone()).over(upper - lower)
}

/// The highest high and the lowest low of the last `n` bars.
pub(super) fn extremes(n: usize) -> [Formula; 2] {
    let ([highest], [lowest]) = (windowed([high()], Kernel::max(n)), windowed([low()], Kernel::min(n)));
    [highest, lowest]
}

fn bands() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let source = "Bollinger 1980s; TA-Lib BBANDS";
    let [upper, middle, lower] = bollinger();
    let [highest, lowest] = extremes(20);
    let [sar] = fading([high(), low()], Kernel::parabolic_sar(0.02, 0.2));
    let slope = of_closes(Kernel::linear_regression_slope(14));
    let flag = |[close, fast, slow]: [f64; 3]| match () {
        () if slow.is_nan() => f64::NAN,
        () if close > fast && fast > slow => 1.0,
        () if close < fast && fast < slow => -1.0,
        () => 0.0,
    };
    let width = map([upper.clone(), middle, lower.clone()], |[upper, middle, lower]| 100.0 * ratio(upper - lower, middle));
    vec![
        entry("bb_upper", Unit::Usd, Bars(20), "sma_20 + 2 standard deviations of 20 closes", upper).source(source),
        entry("bb_lower", Unit::Usd, Bars(20), "sma_20 - 2 standard deviations of 20 closes", lower).source(source),
        entry(
            "bb_position",
            Unit::Ratio,
            Bars(20),
            "(close - bb_lower) / (bb_upper - bb_lower); null where the bands meet",
            bollinger_position(),
        )
        .source(source),
        entry("bb_width_pct", Unit::Percent, Bars(20), "100 (bb_upper - bb_lower) / sma_20", width).source(source),
        entry(
            "donchian_position_20",
            Unit::Ratio,
            Bars(20),
            "(close - lowest low of 20) / (highest high of 20 - lowest low of 20)",
            (close() - lowest.clone()).over(highest - lowest),
        )
        .source("Donchian 1960s"),
        entry("sar", Unit::Usd, Fading(2), "parabolic stop and reverse, acceleration 0.02 to 0.2", sar.clone()).source(WILDER),
        entry("sar_distance_pct", Unit::Percent, Fading(2), "100 (close / sar - 1)", close().percent_off(sar)).source(WILDER),
        entry(
            "slope_14_pct",
            Unit::Percent,
            Bars(14),
            "100 slope of the line through the last 14 closes / close, a bar",
            map([slope, close()], |[slope, close]| 100.0 * ratio(slope, close)),
        )
        .source("TA-Lib LINEARREG_SLOPE"),
        entry(
            "trend_flag",
            Unit::Flag,
            Bars(50),
            "1 where close > sma_20 > sma_50, -1 where close < sma_20 < sma_50, else 0",
            map([close(), sma(20), sma(50)], flag),
        ),
    ]
}

fn directional() -> Vec<Feature> {
    let entry = entries(Family::Trend);
    let prices = || [high(), low(), close()];
    let ([adx], [plus]) = (fading(prices(), Kernel::adx(14)), fading(prices(), Kernel::plus_di(14)));
    let [minus] = fading(prices(), Kernel::minus_di(14));
    let [down, up] = windowed([high(), low()], Kernel::aroon(14));
    let [rising, falling] = windowed(prices(), Kernel::vortex(14));
    vec![
        entry("adx_14", Unit::Score, Fading(28), "Wilder's average over 14 of 100 |DI+ - DI-| / (DI+ + DI-)", adx).source(WILDER),
        entry("plus_di_14", Unit::Score, Fading(15), "100 smoothed upward movement / smoothed true range, 14", plus)
            .source(WILDER),
        entry("minus_di_14", Unit::Score, Fading(15), "100 smoothed downward movement / smoothed true range, 14", minus)
            .source(WILDER),
        entry("aroon_up_14", Unit::Score, Bars(15), "100 (14 - bars since the highest high of 15) / 14", up)
            .source("Chande 1995"),
        entry("aroon_down_14", Unit::Score, Bars(15), "100 (14 - bars since the lowest low of 15) / 14", down)
            .source("Chande 1995"),
        entry("vortex_14", Unit::Ratio, Bars(15), "VI+ - VI- over 14 bars", rising - falling).source("Botes and Siepman 2010"),
    ]
}
