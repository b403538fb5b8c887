//! How fast prices move, and whether too fast.

use super::{
    entry::entries,
    rolling::{each, ratio},
    trend::bollinger,
};
use crate::{
    features::{Family, Feature, LookBack::Bars, LookBack::Fading, Unit, View},
    indicators::{momentum, trend::Average, volatility},
};

const WILDER: &str = "Wilder 1978";
const APPEL: &str = "Appel 1979; TA-Lib MACD(12, 26, 9)";

fn macd(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("macd", |view| {
        let macd = momentum::macd(view.close(), 12, 26, 9);
        vec![macd.macd, macd.signal, macd.histogram]
    })
}

fn stochastic(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("stochastic", |view| {
        let stochastic = momentum::stochastic(view.high(), view.low(), view.close(), 14, 3, 3);
        vec![stochastic.k, stochastic.d]
    })
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Momentum);
    let mut all = Vec::new();
    for (name, n) in [("rsi_7", 7), ("rsi_14", 14), ("rsi_21", 21)] {
        let formula = format!("100 G / (G + L), Wilder's averages of gains and losses over {n}");
        let of = move |view: &View<'_>| momentum::rsi(view.close(), n);
        all.push(entry(name, Unit::Score, Fading(n + 1), &formula, Box::new(of)).source(WILDER));
    }
    for (name, n) in
        [("return_5_pct", 5), ("return_10_pct", 10), ("return_20_pct", 20), ("return_60_pct", 60), ("return_120_pct", 120)]
    {
        let formula = format!("100 (close / close {n} bars ago - 1)");
        all.push(entry(name, Unit::Percent, Bars(n + 1), &formula, Box::new(move |view| momentum::roc(view.close(), n))));
    }
    all.extend([
        entry(
            "percent_change",
            Unit::Percent,
            Bars(2),
            "100 (close / previous close - 1)",
            Box::new(|view| view.returns()[0].iter().map(|x| 100.0 * x).collect()),
        ),
        entry("macd", Unit::Usd, Fading(34), "EMA12 - EMA26 of the close", Box::new(|view| macd(view)[0].clone())).source(APPEL),
        entry("macd_signal", Unit::Usd, Fading(34), "EMA9 of macd", Box::new(|view| macd(view)[1].clone())).source(APPEL),
        entry("macd_diff", Unit::Usd, Fading(34), "macd - macd_signal", Box::new(|view| macd(view)[2].clone())).source(APPEL),
        entry(
            "macd_pct",
            Unit::Percent,
            Fading(34),
            "100 macd / close",
            Box::new(|view| each(&macd(view)[0], view.close(), |macd, close| 100.0 * ratio(macd, close))),
        )
        .source(APPEL),
        entry(
            "ppo",
            Unit::Percent,
            Fading(26),
            "100 (EMA12 - EMA26) / EMA26",
            Box::new(|view| momentum::ppo(view.close(), 12, 26, Average::Exponential)),
        ),
        entry(
            "stoch_k",
            Unit::Score,
            Bars(16),
            "mean over 3 of 100 (close - lowest of 14) / (highest of 14 - lowest of 14)",
            Box::new(|view| stochastic(view)[0].clone()),
        )
        .source("Lane 1950s"),
        entry("stoch_d", Unit::Score, Bars(18), "mean of the last 3 stoch_k", Box::new(|view| stochastic(view)[1].clone()))
            .source("Lane 1950s"),
        entry(
            "stoch_rsi_k",
            Unit::Score,
            Fading(28),
            "place of rsi_14 in its range over 14 bars, mean of 3",
            Box::new(|view| momentum::stochastic_rsi(view.close(), 14, 14, 3).d),
        )
        .source("Chande and Kroll 1994"),
        entry(
            "williams_r_14",
            Unit::Score,
            Bars(14),
            "-100 (highest of 14 - close) / (highest of 14 - lowest of 14)",
            Box::new(|view| momentum::williams_r(view.high(), view.low(), view.close(), 14)),
        ),
        entry(
            "cci_20",
            Unit::Score,
            Bars(20),
            "(p - mean p) / (0.015 mean |p - mean p|), p = (high + low + close) / 3, 20 bars",
            Box::new(|view| momentum::cci(view.high(), view.low(), view.close(), 20)),
        )
        .source("Lambert 1980"),
        entry("momentum_10", Unit::Usd, Bars(11), "close - close 10 bars ago", Box::new(|view| momentum::mom(view.close(), 10))),
        entry(
            "trix_15",
            Unit::Percent,
            Fading(44),
            "rate of change of EMA15(EMA15(EMA15(close)))",
            Box::new(|view| momentum::trix(view.close(), 15)),
        ),
        entry(
            "cmo_14",
            Unit::Score,
            Fading(15),
            "100 (G - L) / (G + L), Wilder's averages over 14",
            Box::new(|view| momentum::cmo(view.close(), 14)),
        )
        .source("Chande 1994; TA-Lib CMO"),
        entry(
            "ultimate_oscillator",
            Unit::Score,
            Bars(29),
            "buying pressure over true range, 7, 14 and 28 bars, weights 4, 2, 1",
            Box::new(|view| momentum::ultimate_oscillator(view.high(), view.low(), view.close(), 7, 14, 28)),
        )
        .source("Williams 1985"),
        entry(
            "tsi_25_13",
            Unit::Score,
            Fading(38),
            "100 EMA13(EMA25(change)) / EMA13(EMA25(|change|))",
            Box::new(|view| momentum::tsi(view.close(), 25, 13)),
        )
        .source("Blau 1991"),
        entry(
            "efficiency_10",
            Unit::Ratio,
            Bars(11),
            "|close - close 10 ago| / sum of |changes| of 10",
            Box::new(|view| momentum::efficiency_ratio(view.close(), 10)),
        )
        .source("Kaufman 1995"),
        entry(
            "balance_of_power",
            Unit::Ratio,
            Bars(1),
            "(close - open) / (high - low), 0 for a bar without range",
            Box::new(|view| momentum::balance_of_power(view.open(), view.high(), view.low(), view.close())),
        ),
        entry(
            "momentum_score",
            Unit::Score,
            Fading(27),
            "mean of rsi_14, 100 bb_position within 0 to 100, and 50 + 10 return_20_pct / natr_20 within 0 to 100",
            Box::new(momentum_score),
        ),
    ]);
    all
}

/// Three views of strength on one scale of 0 to 100, 50 in between.
fn momentum_score(view: &View<'_>) -> Vec<f64> {
    let strength = momentum::rsi(view.close(), 14);
    let bands = bollinger(view);
    let moved = momentum::roc(view.close(), 20);
    let range = volatility::natr(view.high(), view.low(), view.close(), 20);
    let of = |row: usize| {
        let (upper, lower) = (bands[0][row], bands[2][row]);
        let position = (100.0 * ratio(view.close()[row] - lower, upper - lower)).clamp(0.0, 100.0);
        let pace = (50.0 + 10.0 * ratio(moved[row], range[row])).clamp(0.0, 100.0);
        (strength[row] + position + pace) / 3.0
    };
    (0..view.len()).map(of).collect()
}
