//! The newest row alone, without the rows before it.

use std::sync::Arc;

use super::{
    Feature, Sessions, View,
    formula::{Plan, Workspace},
};
use crate::{error::Result, market::Series};

/// Features of which the newest row is wanted again and again, of one symbol after the other.
///
/// Numbers are those that [`compute`](super::compute()) has in its last row, each computed from no more bars than it
/// depends on. TA-Lib's running sums carry rounding errors of all bars: where they are cut, numbers agree to 1e-9 of the
/// largest in the window, all others to the last bit.
///
/// ```
/// use bellwether::features::{Catalogue, NewestRow};
/// # use bellwether::features::doc_bars;
///
/// let bars = doc_bars();
/// let mut newest = NewestRow::of(&Catalogue::shipped().select("rsi_14, gap_pct")?);
/// for (_, series) in bars.iter() {
///     let row = newest.compute(series, None)?;
///     assert!(row.len() == 2 && row[0] > 0.0);
/// }
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug)]
pub struct NewestRow {
    plan: Plan,
    workspace: Workspace,
    sessions: Arc<Sessions>,
    row: Vec<f64>,
}

impl NewestRow {
    /// The newest row of these features, in this order.
    pub fn of(features: &[Feature]) -> Self {
        let plan = Plan::of(features);
        Self { plan, workspace: Workspace::default(), sessions: Arc::default(), row: vec![f64::NAN; features.len()] }
    }

    /// The numbers of the newest of `bars`; `benchmark` is its last price as known at each bar's close. NaN where undefined,
    /// and everywhere for no bars. Bars at the times of the last call are told from their sessions at once.
    ///
    /// # Errors
    /// As [`Feature::compute`].
    pub fn compute(&mut self, bars: Series<'_>, benchmark: Option<&[f64]>) -> Result<&[f64]> {
        if bars.is_empty() {
            self.row.fill(f64::NAN);
            return Ok(&self.row);
        }
        if !self.sessions.are_of(bars.open_at) {
            self.sessions = Arc::new(Sessions::of(bars.open_at));
        }
        let view = View::new(bars, Arc::clone(&self.sessions), benchmark);
        let row = &mut self.row;
        self.plan.run_newest(&view, &mut self.workspace, |feature, value| row[feature] = value)?;
        Ok(&self.row)
    }
}
