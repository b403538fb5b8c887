//! Shapes of one to five candles: 1 where a bullish one is complete, -1 where a bearish one is, else 0.

use super::entry::entries;
use crate::{
    features::{
        Family, Feature,
        LookBack::Bars,
        Unit,
        formula::{close, high, low, open, windowed},
    },
    indicators::{Kernel, candles::Pattern},
};

/// Bars that no pattern reaches beyond: averages over ten before five candles.
const REACH: usize = 16;

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Candlestick);
    let patterns = [
        ("cdl_engulfing", Pattern::Engulfing, "engulfing"),
        ("cdl_harami", Pattern::Harami, "harami"),
        ("cdl_hammer", Pattern::Hammer, "hammer"),
        ("cdl_inverted_hammer", Pattern::InvertedHammer, "inverted hammer"),
        ("cdl_hanging_man", Pattern::HangingMan, "hanging man"),
        ("cdl_shooting_star", Pattern::ShootingStar, "shooting star"),
        ("cdl_doji", Pattern::Doji, "doji"),
        ("cdl_dragonfly_doji", Pattern::DragonflyDoji, "dragonfly doji"),
        ("cdl_gravestone_doji", Pattern::GravestoneDoji, "gravestone doji"),
        ("cdl_marubozu", Pattern::Marubozu, "marubozu"),
        ("cdl_morning_star", Pattern::MorningStar, "morning star"),
        ("cdl_evening_star", Pattern::EveningStar, "evening star"),
        ("cdl_piercing", Pattern::Piercing, "piercing line"),
        ("cdl_dark_cloud_cover", Pattern::DarkCloudCover, "dark cloud cover"),
        ("cdl_three_inside", Pattern::ThreeInside, "three inside up or down"),
        ("cdl_three_outside", Pattern::ThreeOutside, "three outside up or down"),
    ];
    let feature = |(name, pattern, words): (&str, Pattern, &str)| {
        let formula = format!("{words}, with TA-Lib's thresholds ({})", pattern.name());
        let [told] = windowed([open(), high(), low(), close()], Kernel::pattern(pattern));
        let flag = told.map(|told| if told == 0.0 { 0.0 } else { told.signum() });
        entry(name, Unit::Flag, Bars(REACH), &formula, flag).source("Nison 1991; TA-Lib")
    };
    patterns.into_iter().map(feature).collect()
}
