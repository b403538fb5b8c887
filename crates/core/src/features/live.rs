//! Features bar by bar: each new bar costs what it adds, not the history behind it.

use super::{
    Feature,
    formula::{Plan, Row, Running},
    history::History,
    sessions::PresentSession,
};
use crate::{error::Result, market::Bar};

/// The features of one symbol as its bars come.
///
/// Every row equals that of [`compute`](super::compute()) over the same bars to the last bit, as long as prices and volumes
/// are finite numbers. What is kept is a state for each operation and the longest window, however many bars come; for a
/// function of a user's own, as many bars as its look-back names, which are computed anew with each bar, and all bars when
/// it names no number.
///
/// ```
/// use bellwether::features::{Catalogue, LiveFeatures};
/// # use bellwether::features::doc_bars;
///
/// let bars = doc_bars();
/// let features = Catalogue::shipped().select("rsi_14, close_zscore_20")?;
/// let mut live = LiveFeatures::of(&features, false);
/// for bar in bars.series("AAA").iter() {
///     let row = live.push(bar, None)?;
///     assert_eq!(row.len(), 2);
/// }
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug)]
pub struct LiveFeatures {
    plan: Plan,
    intraday: bool,
    states: Vec<Box<dyn Running>>,
    /// Numbers of the newest row: of the bar, then of each operation.
    columns: Vec<f64>,
    inputs: Vec<f64>,
    session: PresentSession,
    own: Option<History>,
    row: Vec<f64>,
}

impl LiveFeatures {
    /// Features of bars that are about to come: shorter than a session, or each a session's.
    pub fn of(features: &[Feature], intraday: bool) -> Self {
        let plan = Plan::of(features);
        let states = plan.running();
        let columns = vec![f64::NAN; plan.columns];
        let row = vec![f64::NAN; features.len()];
        let own = History::of(&plan);
        Self { plan, intraday, states, columns, inputs: Vec::new(), session: PresentSession::default(), own, row }
    }

    /// Takes in the next bar and, where there is one, the benchmark's last price at its close; the row of all features,
    /// NaN where undefined.
    ///
    /// # Errors
    /// As [`Feature::compute`], for features of a user's own.
    pub fn push(&mut self, bar: Bar, benchmark: Option<f64>) -> Result<&[f64]> {
        let starts = self.session.take(bar.open_at);
        let row =
            Row { open_at: bar.open_at, close_at: bar.close_at, date: self.session.date, day: self.session.day.as_ref(), starts };
        let vwap = bar.vwap.unwrap_or(f64::NAN);
        let given = [bar.open, bar.high, bar.low, bar.close, bar.volume, vwap, benchmark.unwrap_or(f64::NAN)];
        self.columns[..given.len()].copy_from_slice(&given);
        for (step, state) in self.plan.steps.iter().zip(&mut self.states) {
            self.inputs.clear();
            self.inputs.extend(step.inputs.iter().map(|input| self.columns[*input]));
            state.push(&row, &self.inputs, &mut self.columns[step.first..step.first + step.outputs]);
        }
        if let Some(own) = &mut self.own {
            own.push(bar, benchmark);
        }
        for (value, asked) in self.row.iter_mut().zip(&self.plan.asked) {
            *value = match asked.column {
                _ if !asked.feature.about().applies(benchmark.is_some(), self.intraday) => f64::NAN,
                Some(column) => self.columns[column],
                None => self.own.as_ref().map_or(Ok(f64::NAN), |own| own.newest(&asked.feature))?,
            };
        }
        Ok(&self.row)
    }
}
