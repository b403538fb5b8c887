//! Order-flow imbalance: what was added to and taken from the two sides between one snapshot and the next.

use serde::{Deserialize, Serialize};

use super::OrderBook;
use crate::error::{Error, Result};

/// Signed order flow of every snapshot against the one before, at level `level` (0 is the best), shares.
///
/// ```text
/// e_n = 1{Pb_n ≥ Pb_{n−1}} qb_n − 1{Pb_n ≤ Pb_{n−1}} qb_{n−1} − 1{Pa_n ≤ Pa_{n−1}} qa_n + 1{Pa_n ≥ Pa_{n−1}} qa_{n−1}
/// ```
/// with `P` price and `q` size of bid `b` and ask `a` at that level: positive when buyers arrive or sellers leave. It is a
/// difference in time, not the difference of the two sides' depths. The first value is NaN; so is any whose level is absent
/// on either side in either snapshot. Length in is length out.
///
/// # References
/// R. Cont, A. Kukanov, S. Stoikov, *The Price Impact of Order Book Events*, Journal of Financial Econometrics 12(1), 2014,
/// eq. 4; for deeper levels K. Xu, M. Gould, S. Howison, *Multi-Level Order-Flow Imbalance in a Limit Order Book*, 2019.
///
/// ```
/// use bellwether::indicators::book::{BookLevel, OrderBook, OrderBookSnapshot, order_flow_imbalance};
/// let book = |second: i64, bid: (f64, f64), ask: (f64, f64)| OrderBookSnapshot {
///     at: jiff::Timestamp::from_second(second).unwrap(),
///     bids: vec![BookLevel { price: bid.0, size: bid.1 }],
///     asks: vec![BookLevel { price: ask.0, size: ask.1 }],
/// };
/// let rows = [
///     book(0, (10.0, 300.0), (10.02, 100.0)),
///     book(1, (10.0, 500.0), (10.02, 100.0)),  // 200 more bid: +200
///     book(2, (10.01, 50.0), (10.02, 40.0)),   // a better bid of 50, and 60 bought: +110
///     book(3, (10.0, 500.0), (10.02, 40.0)),   // it leaves: −50
/// ];
/// let flow = order_flow_imbalance(&OrderBook::from_snapshots(1, &rows).unwrap(), 0);
/// assert!(flow[0].is_nan());
/// assert_eq!(flow[1..], [200.0, 110.0, -50.0]);
/// ```
pub fn order_flow_imbalance(book: &OrderBook, level: usize) -> Vec<f64> {
    let at = |row: usize| Some((book.bids(row).level(level)?, book.asks(row).level(level)?));
    let mut out = vec![f64::NAN; book.len()];
    let mut before = if book.is_empty() { None } else { at(0) };
    for (row, flow) in out.iter_mut().enumerate().skip(1) {
        let now = at(row);
        if let (Some(((bid_0, bids_0), (ask_0, asks_0))), Some(((bid, bids), (ask, asks)))) = (before, now) {
            let when = |condition: bool, size: f64| if condition { size } else { 0.0 };
            *flow = when(bid >= bid_0, bids) - when(bid <= bid_0, bids_0) - when(ask <= ask_0, asks) + when(ask >= ask_0, asks_0);
        }
        before = now;
    }
    out
}

/// [`order_flow_imbalance`] of every level of the book: one column a level, best first.
pub fn multi_level_flow(book: &OrderBook) -> Vec<Vec<f64>> {
    (0..book.depth()).map(|level| order_flow_imbalance(book, level)).collect()
}

/// Order flow and price change over one interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowInterval {
    /// End of the interval, microseconds since the Unix epoch; the interval is known then.
    pub end_at: i64,
    /// Snapshots in it.
    pub snapshots: u32,
    /// Sum of the flow, shares; `None` when the flow of any snapshot in it is undefined.
    pub flow: Option<f64>,
    /// Last mid price in it minus the last one before it, USD; `None` when either is undefined.
    pub mid_change: Option<f64>,
    /// Mean over its snapshots of half the size at both sides of the level, shares; `None` when any is undefined.
    pub depth: Option<f64>,
}

/// Sums of [`order_flow_imbalance`] at `level` over intervals of `length` microseconds, counted from the epoch.
///
/// ```text
/// flow_k = Σ e_n over snapshots with k·length < at_n ≤ (k + 1)·length
/// ```
/// Only intervals with at least one snapshot are given; the first snapshot of the book has no flow, so its interval has none.
///
/// # Errors
/// [`Error::Setting`] when `length` is not positive.
pub fn flow_by_interval(book: &OrderBook, level: usize, length: i64) -> Result<Vec<FlowInterval>> {
    if length <= 0 {
        return Err(Error::Setting { name: "length", value: length.to_string(), expected: "expected microseconds > 0" });
    }
    let flow = order_flow_imbalance(book, level);
    let number = |row: usize| (book.at()[row] - 1).div_euclid(length);
    let mut out = Vec::new();
    let mut start = 0;
    while start < book.len() {
        let interval = number(start);
        let end = start + book.at()[start..].partition_point(|at| (at - 1).div_euclid(length) == interval);
        let sum: f64 = flow[start..end].iter().sum();
        let mid_before = start.checked_sub(1).and_then(|row| book.mid(row));
        let depth: f64 = (start..end).map(|row| size_at(book, row, level)).sum();
        let defined = |value: f64| (!value.is_nan()).then_some(value);
        out.push(FlowInterval {
            end_at: (interval + 1).saturating_mul(length),
            snapshots: u32::try_from(end - start).unwrap_or(u32::MAX),
            flow: defined(sum),
            mid_change: mid_before.zip(book.mid(end - 1)).map(|(before, now)| now - before),
            depth: defined(depth / (end - start) as f64),
        });
        start = end;
    }
    Ok(out)
}

fn size_at(book: &OrderBook, row: usize, level: usize) -> f64 {
    match (book.bids(row).level(level), book.asks(row).level(level)) {
        (Some((_, bid)), Some((_, ask))) => f64::midpoint(bid, ask),
        _ => f64::NAN,
    }
}

/// The least-squares line of mid-price change on order flow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PriceImpact {
    /// USD.
    pub intercept: f64,
    /// USD per share; positive when the price follows the flow.
    pub slope: f64,
    /// Share of the variance of price changes explained, 0 to 1.
    pub r_squared: f64,
    /// Intervals used.
    pub intervals: usize,
}

/// Regression of price change on order flow over intervals in which both are defined.
///
/// ```text
/// mid_change_k = intercept + slope · flow_k + ε_k
/// ```
/// `None` with fewer than three such intervals, or when flow or price never varies.
///
/// # References
/// Cont, Kukanov, Stoikov (2014), eq. 8; there the slope is about 1 / (2 · depth).
pub fn price_impact(intervals: &[FlowInterval]) -> Option<PriceImpact> {
    let points: Vec<(f64, f64)> = intervals.iter().filter_map(|interval| interval.flow.zip(interval.mid_change)).collect();
    if points.len() < 3 {
        return None;
    }
    let n = points.len() as f64;
    let mean_flow = points.iter().map(|(flow, _)| flow).sum::<f64>() / n;
    let mean_change = points.iter().map(|(_, change)| change).sum::<f64>() / n;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (flow, change) in &points {
        let (x, y) = (flow - mean_flow, change - mean_change);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if xx <= 0.0 || yy <= 0.0 {
        return None;
    }
    let slope = xy / xx;
    Some(PriceImpact {
        intercept: mean_change - slope * mean_flow,
        slope,
        r_squared: xy * xy / (xx * yy),
        intervals: points.len(),
    })
}
