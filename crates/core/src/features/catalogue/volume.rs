//! How much is traded, and on which side of the price.

use super::{entry::entries, momentum::returns, price_statistics::last_deviations, trend::sma};
use crate::{
    features::{
        Family, Feature,
        LookBack::All,
        LookBack::Bars,
        LookBack::Fading,
        Scaling, Unit,
        formula::{Formula, close, columnwise, fading, high, low, map, volume, windowed},
    },
    indicators::{Average, Kernel, liquidity},
};

/// Mean volume of 20 bars.
fn sma_20() -> Formula {
    let [mean] = windowed([volume()], Kernel::sma(20));
    mean
}

fn traded() -> Formula {
    close() * volume()
}

/// The volume of a bar, signed as its close moved; undefined for the first.
fn signed() -> Formula {
    map([close(), close().lag(1), volume()], |[close, before, volume]| match () {
        () if before.is_nan() => f64::NAN,
        () if close > before => volume,
        () if close < before => -volume,
        () => 0.0,
    })
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Volume);
    let [traded_mean] = windowed([traded()], Kernel::sma(20));
    let [obv] = fading([close(), volume()], Kernel::obv());
    let bundle = || [high(), low(), close(), volume()];
    let ([line], [oscillator]) =
        (fading(bundle(), Kernel::accumulation_distribution()), fading(bundle(), Kernel::chaikin_oscillator(3, 10)));
    let ([money], [force]) = (windowed(bundle(), Kernel::mfi(14)), fading([close(), volume()], Kernel::force_index(13)));
    let [pvo] = fading([volume()], Kernel::percentage_volume_oscillator(12, 26, Average::Exponential));
    let [weighted] = windowed([close(), volume()], Kernel::vwma(20));
    let steps = map([volume(), returns()], |[volume, change]| if change.is_nan() { 0.0 } else { volume * change });
    let rising = map([volume(), returns()], |[volume, change]| match () {
        () if change.is_nan() => f64::NAN,
        () if change > 0.0 => volume,
        () => 0.0,
    });
    let since_first = map([volume(), returns()], |[volume, change]| if change.is_nan() { change } else { volume });
    vec![
        entry("volume_sma_20", Unit::Shares, Bars(20), "mean volume of 20 bars", sma_20()),
        entry("volume_ratio", Unit::Ratio, Bars(20), "volume / volume_sma_20", volume().over(sma_20())),
        entry("rvol", Unit::Ratio, Bars(21), "volume / mean volume of the 20 bars before", volume().over(sma_20().lag(1))),
        entry(
            "volume_zscore_20",
            Unit::Deviations,
            Bars(20),
            "(volume - mean) / deviation of 20 bars",
            last_deviations(volume()),
        ),
        entry(
            "volume_change_pct",
            Unit::Percent,
            Bars(2),
            "100 (volume / previous volume - 1)",
            volume().percent_off(volume().lag(1)),
        ),
        entry("dollar_volume", Unit::UsdShares, Bars(1), "close x volume", traded()),
        entry("dollar_volume_sma_20", Unit::UsdShares, Bars(20), "mean of dollar_volume over 20 bars", traded_mean),
        entry(
            "volume_price_trend",
            Unit::Shares,
            All,
            "running sum of volume x return",
            steps.scan(0.0, |sum, step| (sum + step, sum + step)),
        )
        .scaled(Scaling::RankToNormal),
        entry("obv", Unit::Shares, All, "running sum of volume, signed as the close moved", obv)
            .scaled(Scaling::RankToNormal)
            .source("Granville 1963; TA-Lib OBV"),
        entry(
            "obv_change_20",
            Unit::Ratio,
            Bars(21),
            "change of obv over 20 bars / volume of 20 bars",
            signed().sum(20).over(since_first.clone().sum(20)),
        ),
        entry(
            "accumulation_distribution",
            Unit::Shares,
            All,
            "running sum of volume x ((close - low) - (high - close)) / (high - low)",
            line,
        )
        .scaled(Scaling::RankToNormal)
        .source("Chaikin; TA-Lib AD"),
        entry("chaikin_oscillator", Unit::Shares, All, "EMA3 - EMA10 of accumulation_distribution", oscillator)
            .scaled(Scaling::RankToNormal)
            .source("Chaikin; TA-Lib ADOSC"),
        entry(
            "cmf_20",
            Unit::Ratio,
            Bars(20),
            "sum of volume x ((close - low) - (high - close)) / (high - low) / sum of volume, 20 bars",
            columnwise(bundle(), 20, |x| liquidity::chaikin_money_flow(x[0], x[1], x[2], x[3], 20)),
        )
        .source("Chaikin"),
        entry(
            "mfi_14",
            Unit::Score,
            Bars(15),
            "100 P / (P + N), sums over 14 of typical price x volume in rising and falling bars",
            money,
        )
        .source("Quong and Soudack 1989"),
        entry("force_index_13", Unit::UsdShares, Fading(14), "EMA13 of change x volume", force)
            .scaled(Scaling::RankToNormal)
            .source("Elder 1993"),
        entry("pvo", Unit::Percent, Fading(26), "100 (EMA12 - EMA26) / EMA26 of the volume", pvo),
        entry(
            "vwma_to_sma_20_pct",
            Unit::Percent,
            Bars(20),
            "100 (volume-weighted mean / mean of 20 closes - 1)",
            weighted.percent_off(sma(20)),
        ),
        entry(
            "amihud_20",
            Unit::Ratio,
            Bars(21),
            "mean over 20 of |return| / dollar volume",
            columnwise([close(), volume()], 21, |x| liquidity::amihud(x[0], x[1], 20)),
        )
        .source("Amihud 2002"),
        entry(
            "up_volume_share_20",
            Unit::Ratio,
            Bars(21),
            "share of the volume of 20 bars that traded in rising ones",
            rising.sum(20).over(since_first.sum(20)),
        ),
    ]
}
