//! How widely prices move.

use super::{entry::entries, momentum::returns, trend::of_closes};
use crate::{
    features::{
        Family, Feature,
        LookBack::Bars,
        LookBack::Fading,
        Unit,
        formula::{Formula, close, columnwise, fading, high, low, map, mean_and_square, open, ratio, windowed},
    },
    indicators::{Kernel, range_volatility},
};

const WILDER: &str = "Wilder 1978";
/// Sessions in a year: what daily volatility is annualised by. Bars of other lengths are annualised alike, as a constant.
const YEAR: f64 = 252.0;

/// Sample standard deviation of the last 10, 20 or 60 returns.
fn deviation<const N: usize>() -> Formula {
    let [_, squares] = mean_and_square(returns(), N);
    squares.map(|squares| (squares / (N as f64 - 1.0)).sqrt())
}

fn ranges() -> Vec<Feature> {
    let entry = entries(Family::Volatility);
    let prices = || [open(), high(), low(), close()];
    let ranges = [
        (
            "realised_volatility_20",
            21,
            columnwise([close()], 21, |x| range_volatility::realised(x[0], 20, YEAR)),
            "sqrt(252) times the deviation of 20 log returns",
            "",
        ),
        (
            "parkinson_20",
            20,
            columnwise([high(), low()], 20, |x| range_volatility::parkinson(x[0], x[1], 20, YEAR)),
            "sqrt(252 mean(ln(high / low)^2) / (4 ln 2)), 20 bars",
            "Parkinson 1980",
        ),
        (
            "garman_klass_20",
            20,
            columnwise(prices(), 20, |x| range_volatility::garman_klass(x[0], x[1], x[2], x[3], 20, YEAR)),
            "sqrt(252 mean(ln(h/l)^2 / 2 - (2 ln 2 - 1) ln(c/o)^2)), 20 bars",
            "Garman and Klass 1980",
        ),
        (
            "rogers_satchell_20",
            20,
            columnwise(prices(), 20, |x| range_volatility::rogers_satchell(x[0], x[1], x[2], x[3], 20, YEAR)),
            "sqrt(252 mean(ln(h/c) ln(h/o) + ln(l/c) ln(l/o))), 20 bars",
            "Rogers and Satchell 1991",
        ),
        (
            "yang_zhang_20",
            21,
            columnwise(prices(), 21, |x| range_volatility::yang_zhang(x[0], x[1], x[2], x[3], 20, YEAR)),
            "overnight, open-to-close and Rogers-Satchell variance weighted, 20 bars, annualised by 252",
            "Yang and Zhang 2000",
        ),
    ];
    ranges
        .into_iter()
        .map(|(name, n, formula, words, source)| entry(name, Unit::Ratio, Bars(n), words, formula).source(source))
        .collect()
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Volatility);
    let mut all: Vec<Feature> = [
        ("volatility_10", 10, deviation::<10>()),
        ("volatility_20", 20, deviation::<20>()),
        ("volatility_60", 60, deviation::<60>()),
    ]
    .into_iter()
    .map(|(name, n, formula)| {
        let words = format!("sample standard deviation of the last {n} returns");
        entry(name, Unit::Ratio, Bars(n + 1), &words, formula)
    })
    .collect();
    all.extend(ranges());
    let [natr] = fading([high(), low(), close()], Kernel::natr(14));
    let (spread, highest) = (of_closes(Kernel::standard_deviation(20, 1.0)), of_closes(Kernel::max(60)));
    let [widening] = fading([high(), low()], Kernel::chaikin_volatility(10, 10));
    let below = returns().map(|change| if change.is_nan() { change } else { change.min(0.0).powi(2) });
    all.extend([
        entry("atr_14", Unit::Usd, Fading(15), "Wilder's average of the true range over 14", atr_14()).source(WILDER),
        entry("natr_14", Unit::Percent, Fading(15), "100 atr_14 / close", natr).source(WILDER),
        entry("true_range", Unit::Usd, Bars(2), "max(high, previous close) - min(low, previous close)", true_range())
            .source(WILDER),
        entry(
            "true_range_to_atr",
            Unit::Ratio,
            Fading(16),
            "true_range / atr_14 of the bar before",
            true_range().over(atr_14().lag(1)),
        ),
        entry(
            "high_low_pct",
            Unit::Percent,
            Bars(1),
            "100 (high - low) / close",
            map([high(), low(), close()], |[high, low, close]| 100.0 * ratio(high - low, close)),
        ),
        entry("close_deviation_20", Unit::Usd, Bars(20), "standard deviation of 20 closes, of the population", spread),
        entry(
            "volatility_ratio_10_60",
            Unit::Ratio,
            Bars(61),
            "volatility_10 / volatility_60",
            deviation::<10>().over(deviation::<60>()),
        ),
        entry(
            "downside_deviation_20",
            Unit::Ratio,
            Bars(21),
            "sqrt(mean(min(return, 0)^2)) of 20 returns",
            below.sum(20).map(|sum| (sum / 20.0).sqrt()),
        )
        .source("Sortino and van der Meer 1991"),
        entry("drawdown_60_pct", Unit::Percent, Bars(60), "100 (close / highest close of 60 - 1)", close().percent_off(highest)),
        entry("chaikin_volatility_10", Unit::Percent, Fading(20), "rate of change over 10 of EMA10(high - low)", widening)
            .source("Chaikin; TA-Lib CVI"),
    ]);
    all
}

/// The first bar has no close before it and no true range.
fn true_range() -> Formula {
    let [range] = windowed([high(), low(), close()], Kernel::true_range());
    range
}

/// Wilder's average true range of 14 bars.
pub(super) fn atr_14() -> Formula {
    let [range] = fading([high(), low(), close()], Kernel::atr(14));
    range
}
