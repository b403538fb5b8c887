//! The state of an order book, one at a time and in columns.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// All orders at one price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BookLevel {
    /// USD.
    pub price: f64,
    /// Shares.
    pub size: f64,
}

/// An order book at one instant. A side without orders is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderBookSnapshot {
    /// When the book was in this state.
    pub at: Timestamp,
    /// Bids, highest price first.
    pub bids: Vec<BookLevel>,
    /// Asks, lowest price first.
    pub asks: Vec<BookLevel>,
}

impl OrderBookSnapshot {
    /// Midpoint of the best bid and ask, USD; `None` without both or when the book is crossed.
    ///
    /// ```
    /// use bellwether::indicators::book::{BookLevel, OrderBookSnapshot};
    /// let bids = vec![BookLevel { price: 10.00, size: 300.0 }];
    /// let asks = vec![BookLevel { price: 10.02, size: 100.0 }];
    /// let mut book = OrderBookSnapshot { at: "2026-03-10T13:30:00Z".parse().unwrap(), bids, asks };
    /// assert!((book.mid().unwrap() - 10.01).abs() < 1e-12);
    /// book.asks.clear();
    /// assert_eq!(book.mid(), None);
    /// ```
    pub fn mid(&self) -> Option<f64> {
        let (bid, ask) = (self.bids.first()?, self.asks.first()?);
        (ask.price >= bid.price).then_some(f64::midpoint(bid.price, ask.price))
    }
}

/// Snapshots of one symbol's book in columns, oldest first: `depth` levels a side, NaN where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBook {
    depth: usize,
    at: Vec<i64>,
    /// Row by row, best level first; likewise the next three.
    bid_price: Vec<f64>,
    bid_size: Vec<f64>,
    ask_price: Vec<f64>,
    ask_size: Vec<f64>,
}

/// One side of one row: its levels, best first, NaN from the first absent one on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) price: &'a [f64],
    pub(super) size: &'a [f64],
}

impl Side<'_> {
    /// Price and size of the levels there are.
    pub(super) fn levels(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.price.iter().copied().zip(self.size.iter().copied()).take_while(|(price, _)| !price.is_nan())
    }

    /// The level with number `level`, 0 the best.
    pub(super) fn level(&self, level: usize) -> Option<(f64, f64)> {
        let price = *self.price.get(level)?;
        (!price.is_nan()).then(|| (price, self.size[level]))
    }
}

impl OrderBook {
    /// An empty book of `depth` levels a side.
    ///
    /// # Errors
    /// [`Error::Setting`] when `depth` is 0.
    pub fn new(depth: usize) -> Result<Self> {
        if depth == 0 {
            return Err(Error::Setting { name: "depth", value: "0".to_owned(), expected: "expected at least 1 level" });
        }
        let none = Vec::new;
        Ok(Self { depth, at: Vec::new(), bid_price: none(), bid_size: none(), ask_price: none(), ask_size: none() })
    }

    /// Snapshots in columns; levels beyond `depth` are left out.
    ///
    /// # Errors
    /// Those of [`OrderBook::new`] and [`OrderBook::push`].
    pub fn from_snapshots(depth: usize, snapshots: &[OrderBookSnapshot]) -> Result<Self> {
        let mut book = Self::new(depth)?;
        snapshots.iter().try_for_each(|snapshot| book.push(snapshot))?;
        Ok(book)
    }

    /// Appends a snapshot; levels beyond the depth are left out. After an error the book is as before.
    ///
    /// # Errors
    /// [`Error::Column`] naming side, level and row when a price is not positive, a size not finite and positive, a side not
    /// in order of price, or the snapshot older than the last one.
    pub fn push(&mut self, snapshot: &OrderBookSnapshot) -> Result<()> {
        let row = self.at.len();
        let at = snapshot.at.as_microsecond();
        if self.at.last().is_some_and(|last| at < *last) {
            return Err(fault("at", format!("row {row}, {}, is older than the row before: sort by time", snapshot.at)));
        }
        check_side("bid", row, &snapshot.bids, |better, worse| better > worse)?;
        check_side("ask", row, &snapshot.asks, |better, worse| better < worse)?;
        self.at.push(at);
        for level in 0..self.depth {
            let (bid, ask) = (snapshot.bids.get(level), snapshot.asks.get(level));
            self.bid_price.push(bid.map_or(f64::NAN, |level| level.price));
            self.bid_size.push(bid.map_or(f64::NAN, |level| level.size));
            self.ask_price.push(ask.map_or(f64::NAN, |level| level.price));
            self.ask_size.push(ask.map_or(f64::NAN, |level| level.size));
        }
        Ok(())
    }

    /// Number of snapshots.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// No snapshots at all.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Levels a side.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Times, microseconds since the Unix epoch.
    pub fn at(&self) -> &[i64] {
        &self.at
    }

    /// Midpoint of the best bid and ask of `row`, USD; `None` without both or when the book is crossed.
    ///
    /// # Panics
    /// When `row` is out of bounds.
    pub fn mid(&self, row: usize) -> Option<f64> {
        let ((bid, _), (ask, _)) = (self.bids(row).level(0)?, self.asks(row).level(0)?);
        (ask >= bid).then_some(f64::midpoint(bid, ask))
    }

    /// Rows whose best bid is above the best ask.
    pub fn crossed_rows(&self) -> impl Iterator<Item = usize> + '_ {
        let best = |side: Side<'_>| side.level(0).map(|(price, _)| price);
        (0..self.len()).filter(move |&row| best(self.bids(row)).zip(best(self.asks(row))).is_some_and(|(bid, ask)| bid > ask))
    }

    pub(super) fn bids(&self, row: usize) -> Side<'_> {
        let levels = row * self.depth..(row + 1) * self.depth;
        Side { price: &self.bid_price[levels.clone()], size: &self.bid_size[levels] }
    }

    pub(super) fn asks(&self, row: usize) -> Side<'_> {
        let levels = row * self.depth..(row + 1) * self.depth;
        Side { price: &self.ask_price[levels.clone()], size: &self.ask_size[levels] }
    }
}

fn fault(column: &str, problem: String) -> Error {
    Error::Column { table: "order book".to_owned(), column: column.to_owned(), problem }
}

fn check_side(side: &str, row: usize, levels: &[BookLevel], ordered: impl Fn(f64, f64) -> bool) -> Result<()> {
    for (index, level) in levels.iter().enumerate() {
        let number = index + 1;
        if !(level.price.is_finite() && level.price > 0.0) {
            let problem = format!("row {row}, level {number}: the price is {}; leave absent levels out", level.price);
            return Err(fault(side, problem));
        }
        if !(level.size.is_finite() && level.size > 0.0) {
            let problem = format!("row {row}, level {number}: the size is {}; leave empty levels out", level.size);
            return Err(fault(side, problem));
        }
        if index > 0 && !ordered(levels[index - 1].price, level.price) {
            return Err(fault(side, format!("row {row}, level {number}: levels must go from the best price to the worst")));
        }
    }
    Ok(())
}
