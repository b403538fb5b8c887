//! Formulas of the catalogue: written once, computed over whole columns, for the newest row alone, or bar by bar.
//!
//! ```text
//! Formula ─ a tree of operations ─► Plan ─ each operation once, in order ─┬► fill: whole columns
//! sma(close(), 20), a / b …                                               ├► the rows that the newest one needs
//!                                                                         └► Live: one bar after the other
//! ```
//! What two formulas have in common is computed once.

mod kernel;
mod operation;
mod plan;
mod rowwise;
mod session;
mod window;

use std::{
    ops::{Add, Div, Mul, Sub},
    sync::Arc,
};

use jiff::civil::Date;

use self::{
    kernel::OfKernel,
    operation::Operation,
    rowwise::{Lag, Map, OfDate, OfRow, Scan},
    session::{OpeningRangeBreak, SessionBefore, SoFar},
    window::{Columnwise, Moments, PairMoments, Sum},
};
pub(super) use self::{
    operation::{Row, Rows, Running},
    plan::{Plan, Workspace},
};
use crate::indicators::Kernel;

/// One column, as it is made of others.
#[derive(Debug, Clone)]
pub(super) struct Formula {
    node: Arc<Node>,
    output: usize,
}

#[derive(Debug)]
enum Node {
    Input(Input),
    Operation(Box<dyn Operation>, Vec<Formula>),
}

/// What bars bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Open,
    High,
    Low,
    Close,
    Volume,
    Vwap,
    Benchmark,
}

impl Input {
    const COUNT: usize = 7;
}

fn input(input: Input) -> Formula {
    Formula { node: Arc::new(Node::Input(input)), output: 0 }
}

/// First price.
pub(super) fn open() -> Formula {
    input(Input::Open)
}

/// Highest price.
pub(super) fn high() -> Formula {
    input(Input::High)
}

/// Lowest price.
pub(super) fn low() -> Formula {
    input(Input::Low)
}

/// Last price.
pub(super) fn close() -> Formula {
    input(Input::Close)
}

/// Shares.
pub(super) fn volume() -> Formula {
    input(Input::Volume)
}

/// Volume-weighted average price of the bar; NaN where the source has none.
pub(super) fn vwap() -> Formula {
    input(Input::Vwap)
}

/// Last price of the benchmark.
pub(super) fn benchmark() -> Formula {
    input(Input::Benchmark)
}

fn several<const N: usize>(operation: impl Operation + 'static, inputs: &[Formula]) -> [Formula; N] {
    assert_eq!(operation.outputs(), N, "an operation has the outputs that are asked of it");
    let node = Arc::new(Node::Operation(Box::new(operation), inputs.to_vec()));
    std::array::from_fn(|output| Formula { node: Arc::clone(&node), output })
}

fn one(operation: impl Operation + 'static, inputs: &[Formula]) -> Formula {
    let [formula] = several(operation, inputs);
    formula
}

/// A function of the inputs of one row; it captures nothing.
pub(super) fn map<const N: usize, F>(inputs: [Formula; N], of: F) -> Formula
where
    F: Fn([f64; N]) -> f64 + Copy + Send + Sync + 'static,
{
    one(Map::<N, F>(of), &inputs)
}

/// A number of the row's session and of its place in it.
pub(super) fn of_row(of: impl Fn(&Row<'_>) -> f64 + Copy + Send + Sync + 'static) -> Formula {
    one(OfRow(of), &[])
}

/// A number of the row's date.
pub(super) fn of_date(of: impl Fn(Date) -> f64 + Copy + Send + Sync + 'static) -> Formula {
    one(OfDate { of, known: None }, &[])
}

/// Any function of whole columns whose rows depend on the last `reach` rows alone.
pub(super) fn columnwise<const N: usize, F>(inputs: [Formula; N], reach: usize, of: F) -> Formula
where
    F: Fn(&[&[f64]]) -> Vec<f64> + Copy + Send + Sync + 'static,
{
    one(Columnwise { reach, of }, &inputs)
}

/// A kernel whose rows depend on as many rows as its look-back has, and the present one.
pub(super) fn windowed<const N: usize, const M: usize>(inputs: [Formula; N], kernel: Kernel) -> [Formula; M] {
    several(OfKernel { kernel, forgets: true }, &inputs)
}

/// A kernel whose rows depend on all rows so far.
pub(super) fn fading<const N: usize, const M: usize>(inputs: [Formula; N], kernel: Kernel) -> [Formula; M] {
    several(OfKernel { kernel, forgets: false }, &inputs)
}

/// Mean and, as sums, second powers of the deviations from it.
pub(super) fn mean_and_square(x: Formula, n: usize) -> [Formula; 2] {
    several(Moments { n, order: 2 }, &[x])
}

/// Mean and, as sums, second, third and fourth powers of the deviations from it.
pub(super) fn moments(x: Formula, n: usize) -> [Formula; 4] {
    several(Moments { n, order: 4 }, &[x])
}

/// `mean x, mean y, xx, yy, xy`: means, and sums of products of the deviations from them.
pub(super) fn pair_moments(x: Formula, y: Formula, n: usize) -> [Formula; 5] {
    several(PairMoments(n), &[x, y])
}

/// `close, high, low, open` of the session before.
pub(super) fn session_before() -> [Formula; 4] {
    several(SessionBefore, &[open(), high(), low(), close()])
}

/// 1 above the opening range, -1 below it, 0 within, NaN before it is over.
pub(super) fn opening_range_break() -> Formula {
    one(OpeningRangeBreak, &[high(), low(), close()])
}

impl Formula {
    /// Whether this is the same column of the same node, not only an equal one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node) && self.output == other.output
    }

    /// The value so many rows before.
    pub(super) fn lag(self, rows: usize) -> Self {
        one(Lag(rows), &[self])
    }

    /// The sum of the last `n` rows.
    pub(super) fn sum(self, n: usize) -> Self {
        one(Sum(n), &[self])
    }

    /// A number that each row takes on from the one before: `step(carried, value)` is what is carried on, and the answer.
    pub(super) fn scan(self, start: f64, step: impl Fn(f64, f64) -> (f64, f64) + Copy + Send + Sync + 'static) -> Self {
        one(Scan { start, step }, &[self])
    }

    /// Folded over the rows of the session so far.
    pub(super) fn so_far(self, fold: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Self {
        one(SoFar { fold, known: f64::NAN }, &[self])
    }

    /// A function of each value.
    pub(super) fn map(self, of: impl Fn(f64) -> f64 + Copy + Send + Sync + 'static) -> Self {
        map([self], move |[x]| of(x))
    }

    /// The quotient; undefined over nothing.
    pub(super) fn over(self, under: Self) -> Self {
        map([self, under], |[over, under]| ratio(over, under))
    }

    /// 100 (x / y − 1).
    pub(super) fn percent_off(self, other: Self) -> Self {
        map([self, other], |[x, y]| 100.0 * (ratio(x, y) - 1.0))
    }
}

/// A quotient that is undefined over nothing.
pub(super) fn ratio(over: f64, under: f64) -> f64 {
    if under.abs() > 0.0 { over / under } else { f64::NAN }
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident $symbol:tt),+) => {$(
        impl $trait for Formula {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                map([self, other], |[x, y]| x $symbol y)
            }
        }
    )+};
}

arithmetic!(Add add +, Sub sub -, Mul mul *, Div div /);
