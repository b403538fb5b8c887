//! How much is traded, and on which side of the price.

use super::{
    entry::entries,
    rolling::{before, deviation, each, mean, percent_off, ratio, rolling, rolling_pair},
};
use crate::{
    features::{Family, Feature, LookBack::All, LookBack::Bars, LookBack::Fading, Unit, View},
    indicators::{
        liquidity, momentum,
        trend::{self, Average},
        volume,
    },
};

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Volume);
    vec![
        entry("volume_sma_20", Unit::Shares, Bars(20), "mean volume of 20 bars", Box::new(|view| sma_20(view)[0].clone())),
        entry(
            "volume_ratio",
            Unit::Ratio,
            Bars(20),
            "volume / volume_sma_20",
            Box::new(|view| each(view.volume(), &sma_20(view)[0], ratio)),
        ),
        entry(
            "rvol",
            Unit::Ratio,
            Bars(21),
            "volume / mean volume of the 20 bars before",
            Box::new(|view| each(view.volume(), &before(&sma_20(view)[0]), ratio)),
        ),
        entry(
            "volume_zscore_20",
            Unit::Deviations,
            Bars(20),
            "(volume - mean) / deviation of 20 bars",
            Box::new(|view| {
                rolling(view.volume(), 20, |window| ratio(window[window.len() - 1] - mean(window), deviation(window)))
            }),
        ),
        entry(
            "volume_change_pct",
            Unit::Percent,
            Bars(2),
            "100 (volume / previous volume - 1)",
            Box::new(|view| percent_off(view.volume(), &before(view.volume()))),
        ),
        entry(
            "dollar_volume",
            Unit::UsdShares,
            Bars(1),
            "close x volume",
            Box::new(|view| each(view.close(), view.volume(), |close, volume| close * volume)),
        ),
        entry(
            "dollar_volume_sma_20",
            Unit::UsdShares,
            Bars(20),
            "mean of dollar_volume over 20 bars",
            Box::new(|view| trend::sma(&each(view.close(), view.volume(), |close, volume| close * volume), 20)),
        ),
        entry(
            "volume_price_trend",
            Unit::Shares,
            All,
            "running sum of volume x return",
            Box::new(|view| {
                let steps =
                    each(view.volume(), &view.returns()[0], |volume, change| if change.is_nan() { 0.0 } else { volume * change });
                let sum = |sum: &mut f64, step: f64| {
                    *sum += step;
                    Some(*sum)
                };
                steps.into_iter().scan(0.0, sum).collect()
            }),
        ),
        entry(
            "obv",
            Unit::Shares,
            All,
            "running sum of volume, signed as the close moved",
            Box::new(|view| volume::obv(view.close(), view.volume())),
        )
        .source("Granville 1963; TA-Lib OBV"),
        entry(
            "obv_change_20",
            Unit::Ratio,
            Bars(21),
            "change of obv over 20 bars / volume of 20 bars",
            Box::new(|view| {
                let signed = |close: &[f64], volume: &[f64]| {
                    let step = |(pair, volume): (&[f64], &f64)| match pair[1].total_cmp(&pair[0]) {
                        std::cmp::Ordering::Greater => *volume,
                        std::cmp::Ordering::Less => -volume,
                        std::cmp::Ordering::Equal => 0.0,
                    };
                    ratio(close.windows(2).zip(&volume[1..]).map(step).sum(), volume[1..].iter().sum())
                };
                rolling_pair(view.close(), view.volume(), 21, signed)
            }),
        ),
        entry(
            "accumulation_distribution",
            Unit::Shares,
            All,
            "running sum of volume x ((close - low) - (high - close)) / (high - low)",
            Box::new(|view| volume::accumulation_distribution(view.high(), view.low(), view.close(), view.volume())),
        )
        .source("Chaikin; TA-Lib AD"),
        entry(
            "chaikin_oscillator",
            Unit::Shares,
            All,
            "EMA3 - EMA10 of accumulation_distribution",
            Box::new(|view| volume::chaikin_oscillator(view.high(), view.low(), view.close(), view.volume(), 3, 10)),
        )
        .source("Chaikin; TA-Lib ADOSC"),
        entry(
            "cmf_20",
            Unit::Ratio,
            Bars(20),
            "sum of volume x ((close - low) - (high - close)) / (high - low) / sum of volume, 20 bars",
            Box::new(|view| liquidity::chaikin_money_flow(view.high(), view.low(), view.close(), view.volume(), 20)),
        )
        .source("Chaikin"),
        entry(
            "mfi_14",
            Unit::Score,
            Bars(15),
            "100 P / (P + N), sums over 14 of typical price x volume in rising and falling bars",
            Box::new(|view| momentum::mfi(view.high(), view.low(), view.close(), view.volume(), 14)),
        )
        .source("Quong and Soudack 1989"),
        entry(
            "force_index_13",
            Unit::UsdShares,
            Fading(14),
            "EMA13 of change x volume",
            Box::new(|view| volume::force_index(view.close(), view.volume(), 13)),
        )
        .source("Elder 1993"),
        entry(
            "pvo",
            Unit::Percent,
            Fading(26),
            "100 (EMA12 - EMA26) / EMA26 of the volume",
            Box::new(|view| volume::percentage_volume_oscillator(view.volume(), 12, 26, Average::Exponential)),
        ),
        entry(
            "vwma_to_sma_20_pct",
            Unit::Percent,
            Bars(20),
            "100 (volume-weighted mean / mean of 20 closes - 1)",
            Box::new(|view| percent_off(&trend::vwma(view.close(), view.volume(), 20), &trend::sma(view.close(), 20))),
        ),
        entry(
            "amihud_20",
            Unit::Ratio,
            Bars(21),
            "mean over 20 of |return| / dollar volume",
            Box::new(|view| liquidity::amihud(view.close(), view.volume(), 20)),
        )
        .source("Amihud 2002"),
        entry(
            "up_volume_share_20",
            Unit::Ratio,
            Bars(21),
            "share of the volume of 20 bars that traded in rising ones",
            Box::new(|view| {
                let share = |changes: &[f64], volume: &[f64]| {
                    let up: f64 = changes.iter().zip(volume).filter(|(change, _)| **change > 0.0).map(|(_, volume)| volume).sum();
                    ratio(up, volume.iter().sum())
                };
                rolling_pair(&view.returns()[0], view.volume(), 20, share)
            }),
        ),
    ]
}

/// Mean volume of 20 bars.
fn sma_20(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("volume_sma_20", |view| vec![trend::sma(view.volume(), 20)])
}
