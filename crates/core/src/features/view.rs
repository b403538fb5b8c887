//! One symbol's bars as features see them.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

use super::{formula::Rows, sessions::Sessions};
use crate::market::Series;

/// One symbol's bars, oldest first, and what is known besides: the benchmark, and which session each bar is of.
///
/// A view remembers what several features share, so that it is computed once ([`View::shared`]).
#[derive(Debug)]
pub struct View<'a> {
    bars: Series<'a>,
    benchmark: Option<&'a [f64]>,
    intraday: bool,
    sessions: Arc<Sessions>,
    shared: RefCell<BTreeMap<&'static str, Rc<Vec<Vec<f64>>>>>,
}

/// A bar this long or longer is a session's.
const DAY_LONG: i64 = 3 * 3_600 * 1_000_000;

impl<'a> View<'a> {
    /// A view of `bars`; `benchmark` is the last price of the benchmark as known when each bar was complete, NaN before its
    /// first.
    ///
    /// # Panics
    /// When the benchmark or the sessions are of another number of bars.
    pub fn new(bars: Series<'a>, sessions: Arc<Sessions>, benchmark: Option<&'a [f64]>) -> Self {
        assert_eq!(sessions.len(), bars.len(), "sessions are of these bars");
        assert!(benchmark.is_none_or(|it| it.len() == bars.len()), "a benchmark has one number a bar");
        let intraday = bars.open_at.iter().zip(bars.close_at).any(|(open_at, close_at)| close_at - open_at < DAY_LONG);
        Self { bars, benchmark, intraday, sessions, shared: RefCell::default() }
    }

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// No bars at all.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// The bars.
    pub fn bars(&self) -> Series<'a> {
        self.bars
    }

    /// First prices.
    pub fn open(&self) -> &'a [f64] {
        self.bars.open
    }

    /// Highest prices.
    pub fn high(&self) -> &'a [f64] {
        self.bars.high
    }

    /// Lowest prices.
    pub fn low(&self) -> &'a [f64] {
        self.bars.low
    }

    /// Last prices.
    pub fn close(&self) -> &'a [f64] {
        self.bars.close
    }

    /// Shares.
    pub fn volume(&self) -> &'a [f64] {
        self.bars.volume
    }

    /// Last prices of the benchmark as known at each bar's close, where there is a benchmark.
    pub fn benchmark(&self) -> Option<&'a [f64]> {
        self.benchmark
    }

    /// Whether bars are shorter than a session.
    pub fn is_intraday(&self) -> bool {
        self.intraday
    }

    /// What `make` computes, once for all features that ask for it by this name: columns of one number a bar each.
    pub fn shared(&self, name: &'static str, make: impl FnOnce(&Self) -> Vec<Vec<f64>>) -> Rc<Vec<Vec<f64>>> {
        if let Some(known) = self.shared.borrow().get(name) {
            return Rc::clone(known);
        }
        let made = Rc::new(make(self));
        self.shared.borrow_mut().insert(name, Rc::clone(&made));
        made
    }

    /// Returns of the close: `close[i] / close[i - 1] - 1`.
    pub fn returns(&self) -> Rc<Vec<Vec<f64>>> {
        self.shared("returns", |view| {
            let changes = view.close().windows(2).map(|pair| pair[1] / pair[0] - 1.0);
            vec![std::iter::once(f64::NAN).chain(changes).take(view.len()).collect()]
        })
    }

    /// When the bars are.
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { bars: self.bars, sessions: &self.sessions, first: 0 }
    }

    /// Which session each bar is of.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }
}
