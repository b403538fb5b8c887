//! Telling a split from a gap when prices are raw.
//!
//! A reverse split of ten to one looks like +900 % overnight. What tells them apart is volume: after a split the same
//! owners hold fewer (or more) shares and nothing else happened, so the tape is as quiet as ever; a stock that truly
//! moved that far trades a multiple of its usual day before the open.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Symbol;

/// A known split: one old share became `ratio` new shares on the morning of `ex_date` (0.1 for a reverse split 1:10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Ticker.
    pub symbol: Symbol,
    /// First session at the new price.
    pub ex_date: Date,
    /// New shares for each old share.
    pub ratio: f64,
}

/// What is known when a jump has to be judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitEvidence {
    /// Raw previous close, USD.
    pub prev_close: f64,
    /// Price now, USD.
    pub price: f64,
    /// Shares traded since 04:00.
    pub volume: f64,
    /// Median daily volume of the sessions before, shares; `None` without history.
    pub typical_daily_volume: Option<f64>,
}

/// A jump that is more likely a split than a move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuspectedSplit {
    /// Ticker.
    pub symbol: Symbol,
    /// New shares per old share that fits best (0.1 for a reverse split 1:10).
    pub ratio: f64,
    /// Raw previous close, USD.
    pub prev_close: f64,
    /// Price now, USD.
    pub last: f64,
    /// `last / prev_close`.
    pub price_ratio: f64,
    /// Shares traded since 04:00.
    pub volume: f64,
    /// `volume · min(price_ratio, 1)` over the median daily volume: what a real move of this size would have made large.
    pub volume_ratio: Option<f64>,
}

/// Relative distance to `n:1` within which a jump still fits it: a split and an ordinary overnight move together.
const TOLERANCE: f64 = 0.15;
/// 3:2 lies close to ordinary crashes: it must fit better.
const TOLERANCE_THREE_TO_TWO: f64 = 0.03;
/// From five to one, every ratio is near some whole number; only volume can clear it.
const ANY_RATIO_FROM: f64 = 5.0;
/// Below this part of a usual day's shares, a jump of 4:1 or more is not a move.
const QUIET: f64 = 0.25;
/// Doublings and treblings happen on less; they must be quieter still to be doubted.
const VERY_QUIET: f64 = 0.10;

/// Whether the jump from `prev_close` to `price` is a suspected split rather than a gap, and which.
///
/// ```text
/// r = price / prev_close,   n = r (reverse) or 1/r (forward)
/// fits(n)   |n / k − 1| <= 15 % for a whole k >= 2, or n >= 5, or |n / 1.5 − 1| <= 3 % (forward only)
/// quiet     volume · min(r, 1) / median daily volume < 0.25, or < 0.10 when n < 3.5
/// suspected fits(n) and quiet
/// ```
/// Volume is counted in old shares for a forward split. Without a volume history only `n >= 5` is suspected.
///
/// ```
/// use bellwether::market::{SplitEvidence, suspect_split};
/// let quiet = SplitEvidence { prev_close: 0.1741, price: 1.78, volume: 6_745.0, typical_daily_volume: Some(2_420_774.0) };
/// assert_eq!(suspect_split(&quiet).unwrap().0, 0.1);
/// let real = SplitEvidence { prev_close: 1.55, price: 4.67, volume: 11_455_877.0, typical_daily_volume: Some(7_530.0) };
/// assert!(suspect_split(&real).is_none());
/// ```
pub fn suspect_split(evidence: &SplitEvidence) -> Option<(f64, Option<f64>)> {
    let price_ratio = evidence.price / evidence.prev_close;
    if !(price_ratio.is_finite() && price_ratio > 0.0) {
        return None;
    }
    let forward = price_ratio < 1.0;
    let n = if forward { price_ratio.recip() } else { price_ratio };
    let whole = n.round().max(2.0);
    let multiple = if (n / whole - 1.0).abs() <= TOLERANCE || n >= ANY_RATIO_FROM {
        whole
    } else if forward && (n / 1.5 - 1.0).abs() <= TOLERANCE_THREE_TO_TWO {
        1.5
    } else {
        return None;
    };
    let volume_ratio = evidence
        .typical_daily_volume
        .filter(|typical| *typical > 0.0)
        .map(|typical| evidence.volume * price_ratio.min(1.0) / typical);
    let limit = if n < 3.5 { VERY_QUIET } else { QUIET };
    let suspected = volume_ratio.map_or(n >= ANY_RATIO_FROM, |ratio| ratio < limit);
    let ratio = if forward { multiple } else { multiple.recip() };
    suspected.then_some((ratio, volume_ratio))
}

#[cfg(test)]
#[path = "splits_tests.rs"]
mod tests;
