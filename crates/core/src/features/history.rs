//! The last bars of one symbol, for functions that see whole columns.

use std::sync::Arc;

use super::{Feature, LookBack, Sessions, View, formula::Plan};
use crate::{
    error::Result,
    market::{Bar, Series},
};

/// See the module. Bars that no function reaches back to are dropped, in one go when they are as many as those kept.
#[derive(Debug, Default)]
pub(super) struct History {
    /// None: all bars are kept.
    kept: Option<usize>,
    open_at: Vec<i64>,
    close_at: Vec<i64>,
    prices: [Vec<f64>; 8],
}

/// Place of the benchmark behind open, high, low, close, volume, VWAP and trades.
const BENCHMARK: usize = 7;

impl History {
    /// What the users' own functions of a plan need; none when there are none.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let own = || plan.asked.iter().filter(|asked| asked.column.is_none());
        let kept = own().try_fold(0, |kept: usize, asked| match asked.feature.about().look_back {
            LookBack::Bars(bars) => Some(kept.max(bars)),
            LookBack::Fading(_) | LookBack::Sessions | LookBack::All => None,
        });
        own().next().map(|_| Self { kept, ..Self::default() })
    }

    pub(super) fn push(&mut self, bar: Bar, benchmark: Option<f64>) {
        if let Some(kept) = self.kept.filter(|kept| self.open_at.len() >= 2 * kept.max(&1)) {
            let dropped = self.open_at.len() + 1 - kept.max(1);
            self.open_at.drain(..dropped);
            self.close_at.drain(..dropped);
            self.prices.iter_mut().for_each(|column| drop(column.drain(..dropped)));
        }
        self.open_at.push(bar.open_at);
        self.close_at.push(bar.close_at);
        let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let Bar { open, high, low, close, volume, .. } = bar;
        let row = [open, high, low, close, volume, or_nan(bar.vwap), or_nan(bar.trades), or_nan(benchmark)];
        self.prices.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }

    /// The newest number of a user's own function.
    pub(super) fn newest(&self, feature: &Feature) -> Result<f64> {
        let all = self.open_at.len();
        let rows = match feature.about().look_back {
            LookBack::Bars(bars) => bars.min(all),
            LookBack::Fading(_) | LookBack::Sessions | LookBack::All => all,
        };
        let [open, high, low, close, volume, vwap, trades, _] = &self.prices;
        let (open_at, close_at) = (&self.open_at, &self.close_at);
        let bars = Series { open_at, close_at, open, high, low, close, volume, vwap, trades }.slice(all - rows..all);
        let benchmark = &self.prices[BENCHMARK][all - rows..];
        let benchmark = benchmark.last().is_some_and(|last| !last.is_nan()).then_some(benchmark);
        let view = View::new(bars, Arc::new(Sessions::of(bars.open_at)), benchmark);
        Ok(feature.compute(&view)?.last().copied().unwrap_or(f64::NAN))
    }
}
