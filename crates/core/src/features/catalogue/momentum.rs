//! How fast prices move, and whether too fast.

use super::{
    entry::entries,
    trend::{bollinger_position, fading_closes, of_closes},
};
use crate::{
    features::{
        Family, Feature,
        LookBack::Bars,
        LookBack::Fading,
        Unit,
        formula::{Formula, close, fading, high, low, map, open, ratio, windowed},
    },
    indicators::{Average, Kernel},
};

const WILDER: &str = "Wilder 1978";
const APPEL: &str = "Appel 1979; TA-Lib MACD(12, 26, 9)";

/// One column of a kernel over high, low and close that forgets.
fn of_prices(kernel: Kernel) -> Formula {
    let [column] = windowed([high(), low(), close()], kernel);
    column
}

/// close / previous close − 1.
pub(super) fn returns() -> Formula {
    map([close(), close().lag(1)], |[close, before]| close / before - 1.0)
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Momentum);
    let mut all = Vec::new();
    for (name, n) in [("rsi_7", 7), ("rsi_14", 14), ("rsi_21", 21)] {
        let words = format!("100 G / (G + L), Wilder's averages of gains and losses over {n}");
        all.push(entry(name, Unit::Score, Fading(n + 1), &words, fading_closes(Kernel::rsi(n))).source(WILDER));
    }
    for (name, n) in
        [("return_5_pct", 5), ("return_10_pct", 10), ("return_20_pct", 20), ("return_60_pct", 60), ("return_120_pct", 120)]
    {
        let words = format!("100 (close / close {n} bars ago - 1)");
        all.push(entry(name, Unit::Percent, Bars(n + 1), &words, of_closes(Kernel::roc(n))));
    }
    let [macd, signal, histogram] = fading([close()], Kernel::macd(12, 26, 9));
    let simple = Average::Simple;
    let [k, d] = windowed([high(), low(), close()], Kernel::stochastic(14, 3, simple, 3, simple));
    let [_, strength_d] = fading([close()], Kernel::stochastic_rsi(14, 14, 3, simple));
    let [balance] = windowed([open(), high(), low(), close()], Kernel::balance_of_power());
    all.extend([
        entry(
            "percent_change",
            Unit::Percent,
            Bars(2),
            "100 (close / previous close - 1)",
            returns().map(|change| 100.0 * change),
        ),
        entry("macd", Unit::Usd, Fading(34), "EMA12 - EMA26 of the close", macd.clone()).source(APPEL),
        entry("macd_signal", Unit::Usd, Fading(34), "EMA9 of macd", signal).source(APPEL),
        entry("macd_diff", Unit::Usd, Fading(34), "macd - macd_signal", histogram).source(APPEL),
        entry(
            "macd_pct",
            Unit::Percent,
            Fading(34),
            "100 macd / close",
            map([macd, close()], |[macd, close]| 100.0 * ratio(macd, close)),
        )
        .source(APPEL),
        entry(
            "ppo",
            Unit::Percent,
            Fading(26),
            "100 (EMA12 - EMA26) / EMA26",
            fading_closes(Kernel::ppo(12, 26, Average::Exponential)),
        ),
        entry("stoch_k", Unit::Score, Bars(16), "mean over 3 of 100 (close - lowest of 14) / (highest of 14 - lowest of 14)", k)
            .source("Lane 1950s"),
        entry("stoch_d", Unit::Score, Bars(18), "mean of the last 3 stoch_k", d).source("Lane 1950s"),
        entry("stoch_rsi_k", Unit::Score, Fading(28), "place of rsi_14 in its range over 14 bars, mean of 3", strength_d)
            .source("Chande and Kroll 1994"),
        entry(
            "williams_r_14",
            Unit::Score,
            Bars(14),
            "-100 (highest of 14 - close) / (highest of 14 - lowest of 14)",
            of_prices(Kernel::williams_r(14)),
        ),
        entry(
            "cci_20",
            Unit::Score,
            Bars(20),
            "(p - mean p) / (0.015 mean |p - mean p|), p = (high + low + close) / 3, 20 bars",
            of_prices(Kernel::cci(20)),
        )
        .source("Lambert 1980"),
        entry("momentum_10", Unit::Usd, Bars(11), "close - close 10 bars ago", of_closes(Kernel::mom(10))),
        entry(
            "trix_15",
            Unit::Percent,
            Fading(44),
            "rate of change of EMA15(EMA15(EMA15(close)))",
            fading_closes(Kernel::trix(15)),
        ),
        entry(
            "cmo_14",
            Unit::Score,
            Fading(15),
            "100 (G - L) / (G + L), Wilder's averages over 14",
            fading_closes(Kernel::cmo(14)),
        )
        .source("Chande 1994; TA-Lib CMO"),
        entry(
            "ultimate_oscillator",
            Unit::Score,
            Bars(29),
            "buying pressure over true range, 7, 14 and 28 bars, weights 4, 2, 1",
            of_prices(Kernel::ultimate_oscillator(7, 14, 28)),
        )
        .source("Williams 1985"),
        entry(
            "tsi_25_13",
            Unit::Score,
            Fading(38),
            "100 EMA13(EMA25(change)) / EMA13(EMA25(|change|))",
            fading_closes(Kernel::tsi(25, 13)),
        )
        .source("Blau 1991"),
        entry(
            "efficiency_10",
            Unit::Ratio,
            Bars(11),
            "|close - close 10 ago| / sum of |changes| of 10",
            of_closes(Kernel::efficiency_ratio(10)),
        )
        .source("Kaufman 1995"),
        entry("balance_of_power", Unit::Ratio, Bars(1), "(close - open) / (high - low), 0 for a bar without range", balance),
        entry(
            "momentum_score",
            Unit::Score,
            Fading(27),
            "mean of rsi_14, 100 bb_position within 0 to 100, and 50 + 10 return_20_pct / natr_20 within 0 to 100",
            momentum_score(),
        ),
    ]);
    all
}

/// Three views of strength on one scale of 0 to 100, 50 in between.
fn momentum_score() -> Formula {
    let [range] = fading([high(), low(), close()], Kernel::natr(20));
    let inputs = [fading_closes(Kernel::rsi(14)), bollinger_position(), of_closes(Kernel::roc(20)), range];
    map(inputs, |[strength, position, moved, range]| {
        let position = (100.0 * position).clamp(0.0, 100.0);
        let pace = (50.0 + 10.0 * ratio(moved, range)).clamp(0.0, 100.0);
        (strength + position + pace) / 3.0
    })
}
