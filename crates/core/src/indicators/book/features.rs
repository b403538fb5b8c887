//! The numbered level-2 features: the state of the book, and its rolling summaries.

use serde::{Deserialize, Serialize};

use super::{OrderBook, snapshot::Side};
use crate::error::{Error, Result};

/// Settings of [`book_features`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `levels` | 5 | levels a side that volumes, imbalance, pressure and VWAP mid are taken over; a shallower book gives what it has | >= 1 |
/// | `impact_shares` | 500 | size of the order whose impact is estimated, shares | > 0 |
/// | `window` | 20 | snapshots of the rolling features | >= 2 |
/// | `momentum_lag` | 5 | snapshots back that imbalance momentum compares with | >= 1 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BookFeaturesConfig {
    /// Levels a side.
    pub levels: usize,
    /// Size of the order whose impact is estimated, shares.
    pub impact_shares: f64,
    /// Snapshots of the rolling features.
    pub window: usize,
    /// Snapshots back that imbalance momentum compares with.
    pub momentum_lag: usize,
}

impl Default for BookFeaturesConfig {
    fn default() -> Self {
        Self { levels: 5, impact_shares: 500.0, window: 20, momentum_lag: 5 }
    }
}

impl BookFeaturesConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        let require = |good: bool, name: &'static str, value: String, expected: &'static str| {
            if good { Ok(()) } else { Err(Error::Setting { name, value, expected }) }
        };
        require(self.levels >= 1, "levels", self.levels.to_string(), "expected at least 1")?;
        let positive = self.impact_shares.is_finite() && self.impact_shares > 0.0;
        require(positive, "impact_shares", self.impact_shares.to_string(), "expected shares > 0")?;
        require(self.window >= 2, "window", self.window.to_string(), "expected at least 2 snapshots")?;
        require(self.momentum_lag >= 1, "momentum_lag", self.momentum_lag.to_string(), "expected at least 1 snapshot")
    }
}

/// What one column of [`book_features`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BookFeature {
    /// Number, 1 to 17; the two sides of a pair share one.
    pub number: u8,
    /// Name of the column.
    pub name: &'static str,
    /// `ratio`, `bps`, `shares`, `USD`, or a quotient of them.
    pub unit: &'static str,
    /// Formula, in the terms of [`book_features`].
    pub formula: &'static str,
}

const fn feature(number: u8, name: &'static str, unit: &'static str, formula: &'static str) -> BookFeature {
    BookFeature { number, name, unit, formula }
}

/// The columns of [`book_features`], in order: 17 features in 20 columns, since three of them have a side each.
pub const BOOK_FEATURES: [BookFeature; 20] = [
    feature(1, "imbalance", "ratio", "(VB − VA) / (VB + VA), −1 to 1"),
    feature(2, "spread_bps", "bps", "10000 · (Pa_1 − Pb_1) / M"),
    feature(3, "bid_volume", "shares", "VB = Σ qb_i over the first L levels"),
    feature(3, "ask_volume", "shares", "VA = Σ qa_i over the first L levels"),
    feature(4, "vwap_mid", "USD", "(Σ Pb_i qb_i / VB + Σ Pa_i qa_i / VA) / 2"),
    feature(5, "bid_pressure", "ratio", "WB / WA, with WB = Σ qb_i / i and WA = Σ qa_i / i over the first L levels"),
    feature(5, "ask_pressure", "ratio", "WA / WB"),
    feature(6, "buy_impact_bps", "bps", "10000 · (average price of buying Q shares from all asks − M) / M"),
    feature(6, "sell_impact_bps", "bps", "10000 · (M − average price of selling Q shares to all bids) / M"),
    feature(
        7,
        "depth_slope",
        "shares/bps",
        "Σ d c / Σ d², over all levels of both sides: c shares up to the level, d its distance from M",
    ),
    feature(8, "imbalance_momentum", "ratio", "imbalance_t − imbalance_{t−k}"),
    feature(9, "spread_volatility", "bps", "standard deviation of spread_bps over w snapshots (divisor w − 1)"),
    feature(10, "imbalance_mean", "ratio", "mean of imbalance over w snapshots"),
    feature(11, "imbalance_deviation", "ratio", "standard deviation of imbalance over w snapshots (divisor w − 1)"),
    feature(12, "spread_mean", "bps", "mean of spread_bps over w snapshots"),
    feature(13, "volume_mean", "shares", "mean of VB + VA over w snapshots"),
    feature(14, "vwap_mid_change", "bps", "10000 · (vwap_mid_t / vwap_mid_{t−w+1} − 1)"),
    feature(15, "pressure_mean", "ratio", "mean of ln(WB / WA) over w snapshots"),
    feature(16, "impact_difference_mean", "bps", "mean of buy_impact_bps − sell_impact_bps over w snapshots"),
    feature(17, "depth_slope_mean", "shares/bps", "mean of depth_slope over w snapshots"),
];

/// The level-2 features of every snapshot: one column for each of [`BOOK_FEATURES`], each as long as the book.
///
/// ```text
/// Pb_i, qb_i, Pa_i, qa_i   price (USD) and size (shares) of the i-th bid and ask, 1 the best
/// M = (Pb_1 + Pa_1) / 2    mid price, USD
/// L, Q, w, k               levels, impact_shares, window, momentum_lag
/// ```
/// The formulas are in [`BOOK_FEATURES`]. NaN is: a side's volume when the side is empty; all else when either side is empty
/// or the book is crossed; an impact when the visible side holds fewer than `Q` shares; the slope of a locked book without
/// further levels; a rolling feature in its first `w − 1` rows (momentum: `k`) and whenever a value it needs is NaN.
///
/// # Errors
/// [`Error::Setting`] when a setting is out of range. No book makes it fail.
///
/// # References
/// Imbalance and spread: Cartea, Jaimungal, Penalva, *Algorithmic and High-Frequency Trading*, 2015, ch. 3; slope after
/// Næs, Skjeltorp, *Order book characteristics and the volume–volatility relation*, Journal of Financial Markets 9, 2006.
///
/// ```
/// use bellwether::indicators::book::{BOOK_FEATURES, BookFeaturesConfig, BookLevel, OrderBook, OrderBookSnapshot, book_features};
/// let row = OrderBookSnapshot {
///     at: "2026-03-10T13:30:00Z".parse().unwrap(),
///     bids: vec![BookLevel { price: 99.0, size: 300.0 }],
///     asks: vec![BookLevel { price: 101.0, size: 100.0 }],
/// };
/// let columns = book_features(&OrderBook::from_snapshots(1, &[row]).unwrap(), &BookFeaturesConfig::default()).unwrap();
/// let column = |name| &columns[BOOK_FEATURES.iter().position(|feature| feature.name == name).unwrap()];
/// assert_eq!(column("imbalance")[0], 0.5);
/// assert_eq!(column("spread_bps")[0], 200.0);
/// assert!(column("buy_impact_bps")[0].is_nan(), "100 shares are not 500");
/// ```
pub fn book_features(book: &OrderBook, config: &BookFeaturesConfig) -> Result<Vec<Vec<f64>>> {
    config.check()?;
    let mut columns = vec![vec![f64::NAN; book.len()]; 10];
    let mut difference = vec![f64::NAN; book.len()];
    for row in 0..book.len() {
        let state = state_of(book.bids(row), book.asks(row), book.mid(row), config);
        for (column, value) in columns.iter_mut().zip(state) {
            column[row] = value;
        }
        difference[row] = state[7] - state[8];
    }
    let volume: Vec<f64> = columns[2].iter().zip(&columns[3]).map(|(bid, ask)| bid + ask).collect();
    let pressure: Vec<f64> = columns[5].iter().map(|ratio| ratio.ln()).collect();
    let (w, k) = (config.window, config.momentum_lag);
    let rolled = [
        lagged(&columns[0], k, |now, before| now - before),
        rolling(&columns[1], w, deviation),
        rolling(&columns[0], w, mean),
        rolling(&columns[0], w, deviation),
        rolling(&columns[1], w, mean),
        rolling(&volume, w, mean),
        lagged(&columns[4], w - 1, |now, before| 10_000.0 * (now / before - 1.0)),
        rolling(&pressure, w, mean),
        rolling(&difference, w, mean),
        rolling(&columns[9], w, mean),
    ];
    columns.extend(rolled);
    Ok(columns)
}

/// Features 1 to 7 of one snapshot, in the order of [`BOOK_FEATURES`].
fn state_of(bids: Side<'_>, asks: Side<'_>, mid: Option<f64>, config: &BookFeaturesConfig) -> [f64; 10] {
    let mut out = [f64::NAN; 10];
    let (bid, ask) = (SideSums::of(bids, config.levels), SideSums::of(asks, config.levels));
    if bid.volume > 0.0 {
        out[2] = bid.volume;
    }
    if ask.volume > 0.0 {
        out[3] = ask.volume;
    }
    let Some(mid) = mid else { return out };
    let impact = |side: Side<'_>| average_fill(side, config.impact_shares).map_or(f64::NAN, |p| 10_000.0 * (p - mid) / mid);
    out[0] = (bid.volume - ask.volume) / (bid.volume + ask.volume);
    out[1] = 10_000.0 * (asks.price[0] - bids.price[0]) / mid;
    out[4] = f64::midpoint(bid.value / bid.volume, ask.value / ask.volume);
    out[5] = bid.weighted / ask.weighted;
    out[6] = ask.weighted / bid.weighted;
    out[7] = impact(asks);
    out[8] = -impact(bids);
    out[9] = slope(bids, asks, mid);
    out
}

/// Sums over the first levels of a side; zero for an empty one.
struct SideSums {
    volume: f64,
    value: f64,
    weighted: f64,
}

impl SideSums {
    fn of(side: Side<'_>, levels: usize) -> Self {
        let mut sums = Self { volume: 0.0, value: 0.0, weighted: 0.0 };
        for (index, (price, size)) in side.levels().take(levels).enumerate() {
            sums.volume += size;
            sums.value += price * size;
            sums.weighted += size / (index + 1) as f64;
        }
        sums
    }
}

/// Average price at which `shares` trade against a side, USD; `None` when it holds fewer.
fn average_fill(side: Side<'_>, shares: f64) -> Option<f64> {
    let (mut left, mut paid) = (shares, 0.0);
    for (price, size) in side.levels() {
        let taken = size.min(left);
        paid += taken * price;
        left -= taken;
        if left <= 0.0 {
            return Some(paid / shares);
        }
    }
    None
}

/// Slope through the origin of cumulative shares over distance from the mid in basis points, both sides together.
fn slope(bids: Side<'_>, asks: Side<'_>, mid: f64) -> f64 {
    let (mut moment, mut square) = (0.0, 0.0);
    for side in [bids, asks] {
        let mut shares = 0.0;
        for (price, size) in side.levels() {
            shares += size;
            let distance = 10_000.0 * (price - mid).abs() / mid;
            moment += distance * shares;
            square += distance * distance;
        }
    }
    if square > 0.0 { moment / square } else { f64::NAN }
}

fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

fn deviation(window: &[f64]) -> f64 {
    let centre = mean(window);
    (window.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (window.len() - 1) as f64).sqrt()
}

/// `statistic` of each window of `length` rows; every window is summed afresh, so no rounding is carried along.
fn rolling(values: &[f64], length: usize, statistic: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; values.len()];
    for (row, window) in values.windows(length).enumerate() {
        out[row + length - 1] = statistic(window);
    }
    out
}

fn lagged(values: &[f64], lag: usize, change: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; values.len()];
    for row in lag..values.len() {
        out[row] = change(values[row], values[row - lag]);
    }
    out
}
