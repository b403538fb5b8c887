//! What a model is asked to predict, each value with the time at which it becomes known.

use crate::{
    error::{Error, Result},
    market::Series,
};

/// Labels of the rows of a series.
///
/// A label is an answer from the future: it must never be a feature, and a row may train a model only once its label is known.
/// `known_at` says when, and [`LabelSpans`](super::LabelSpans) turns it into what splits purge by.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// The label; NaN where it is undefined, as at the end of the series.
    pub value: Vec<f64>,
    /// Row of the bar that decides it; `None` where undefined.
    pub decided_by: Vec<Option<usize>>,
    /// When it becomes known: `close_at` of the bar that decides it, microseconds since the epoch; `None` where undefined.
    pub known_at: Vec<Option<i64>>,
}

impl Labels {
    pub(super) fn undefined(rows: usize) -> Self {
        Self { value: vec![f64::NAN; rows], decided_by: vec![None; rows], known_at: vec![None; rows] }
    }

    pub(super) fn set(&mut self, row: usize, value: f64, decided_by: usize, bars: Series<'_>) {
        self.value[row] = value;
        self.decided_by[row] = Some(decided_by);
        self.known_at[row] = Some(bars.close_at[decided_by]);
    }

    /// The rows that have a label, in order: those that a model can be trained or judged on.
    pub fn rows(&self) -> Vec<usize> {
        (0..self.value.len()).filter(|row| self.decided_by[*row].is_some()).collect()
    }

    /// Number of rows, labelled or not.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// No rows at all.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}

/// The return over the next `horizon` bars, as a fraction (0.01 is one per cent).
///
/// ```text
/// y_t = close_{t+h} / close_t − 1,   known at close_at_{t+h}
/// ```
/// It is the return of holding for `h` bars; the one-bar return that happens `h` bars ahead is another number. The last `h`
/// rows are NaN. Bars are counted, not minutes: over the end of a session the next bar is the next session's first.
///
/// # Errors
/// [`Error::Setting`] when `horizon` is 0.
///
/// ```
/// use bellwether::{features::forward_return, market::Series};
/// let (open_at, close_at) = ([0, 60, 120, 180], [60, 120, 180, 240]);
/// let close = [100.0, 110.0, 99.0, 108.9];
/// let bars = Series {
///     open_at: &open_at, close_at: &close_at, open: &close, high: &close, low: &close, close: &close, volume: &close,
///     vwap: &close, trades: &close,
/// };
/// let labels = forward_return(bars, 2)?;
/// assert!((labels.value[0] - -0.01).abs() < 1e-12, "100 to 99");
/// assert_eq!(labels.known_at, [Some(180), Some(240), None, None]);
/// assert!(labels.value[2].is_nan());
/// # Ok::<(), bellwether::Error>(())
/// ```
pub fn forward_return(bars: Series<'_>, horizon: usize) -> Result<Labels> {
    ahead(bars, horizon, |now, then| then / now - 1.0)
}

/// The sign of [`forward_return`]: 1 up, −1 down, 0 within the dead band.
///
/// ```text
/// y_t = 1 when r > b,   −1 when r < −b,   else 0;   r = close_{t+h} / close_t − 1
/// ```
/// `dead_band` is a fraction, such as the cost of trading both ways; with 0, only an unchanged price is 0. The last `horizon`
/// rows are NaN.
///
/// # Errors
/// [`Error::Setting`] when `horizon` is 0 or `dead_band` is negative or not finite.
pub fn direction(bars: Series<'_>, horizon: usize, dead_band: f64) -> Result<Labels> {
    if !(dead_band.is_finite() && dead_band >= 0.0) {
        return Err(Error::Setting {
            name: "dead_band",
            value: dead_band.to_string(),
            expected: "use a fraction of the price, 0 or more, such as 0.001",
        });
    }
    ahead(bars, horizon, |now, then| match then / now - 1.0 {
        r if r > dead_band => 1.0,
        r if r < -dead_band => -1.0,
        r if r.is_nan() => r,
        _ => 0.0,
    })
}

/// The close of the next bar, USD: `y_t = close_{t+1}`, known at `close_at_{t+1}`. The last row is NaN.
///
/// A price level is rarely what a model should learn (prices drift, so that tomorrow's close looks well predicted by today's);
/// it is here for models that forecast a path.
///
/// # Errors
/// None at present; the signature is that of its neighbours.
pub fn next_close(bars: Series<'_>) -> Result<Labels> {
    ahead(bars, 1, |_, then| then)
}

fn ahead(bars: Series<'_>, horizon: usize, label: impl Fn(f64, f64) -> f64) -> Result<Labels> {
    positive_horizon(horizon)?;
    let mut labels = Labels::undefined(bars.len());
    for row in 0..bars.len().saturating_sub(horizon) {
        let value = label(bars.close[row], bars.close[row + horizon]);
        // A price that is no number decides nothing.
        if value.is_finite() {
            labels.set(row, value, row + horizon, bars);
        }
    }
    Ok(labels)
}

pub(super) fn positive_horizon(horizon: usize) -> Result<()> {
    match horizon {
        0 => Err(Error::Setting { name: "horizon", value: "0".to_owned(), expected: "use 1 bar or more" }),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "labels_tests.rs"]
mod tests;
