//! Splitting the rows of many symbols: by time, so that no moment lies on both sides.

use super::{Fold, LabelSpans};
use crate::error::{Error, Result};

/// The distinct times of a panel, and which rows are known at each.
///
/// Every split here counts rows. With many symbols at the same times, an embargo of five rows would be no time at all, and the
/// border of a fold could run through one moment. So a panel is split over its times, and each fold is turned into rows after:
/// `folds`, `embargo`, `train`, `test` and `gap` then count times.
///
/// ```
/// use bellwether::features::{PanelTimes, Purge, PurgedKFold};
/// // Two symbols, four days; each label is known a day later, the last ones never were.
/// let at = [1, 2, 3, 4, 1, 2, 3, 4];
/// let known_at = [2, 3, 4, 5, 2, 3, 4, 5];
/// let panel = PanelTimes::new(&at);
/// let folds = PurgedKFold { folds: 2, embargo: 0, purge: Purge::Strict }.split(&panel.labels(&known_at)?)?;
/// let first = panel.rows(&folds[0]);
/// assert_eq!(first.test, [0, 1, 4, 5], "both symbols on days 1 and 2");
/// assert_eq!(first.train, [3, 7], "day 3 knows the label of day 2");
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelTimes {
    times: Vec<i64>,
    /// For each row, which of `times` it is known at.
    time_of: Vec<usize>,
}

impl PanelTimes {
    /// Of rows known at `at`, in any order, such as symbol after symbol.
    pub fn new(at: &[i64]) -> Self {
        let mut times = at.to_vec();
        times.sort_unstable();
        times.dedup();
        let time_of = at.iter().map(|at| times.partition_point(|time| time < at)).collect();
        Self { times, time_of }
    }

    /// The distinct times, ascending.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// What purging needs to know: the labels of a time reach as far as the one among them that is known last.
    ///
    /// # Errors
    /// [`Error::Column`] when there is not one `known_at` for each row, or a label is known before its row.
    pub fn labels(&self, known_at: &[i64]) -> Result<LabelSpans> {
        if known_at.len() != self.time_of.len() {
            return Err(Error::Column {
                table: "labels".to_owned(),
                column: "known_at".to_owned(),
                problem: format!("has {} rows, expected {}", known_at.len(), self.time_of.len()),
            });
        }
        let mut last = vec![i64::MIN; self.times.len()];
        for (row, (&time, &known)) in self.time_of.iter().zip(known_at).enumerate() {
            if known < self.times[time] {
                return Err(Error::Column {
                    table: "labels".to_owned(),
                    column: "known_at".to_owned(),
                    problem: format!("is before the row itself in row {row}: no label is known that early"),
                });
            }
            last[time] = last[time].max(known);
        }
        LabelSpans::times(&self.times, &last)
    }

    /// The rows, ascending, of a fold that was made over the times.
    ///
    /// # Panics
    /// When the fold was made of more times than there are.
    pub fn rows(&self, fold: &Fold) -> Fold {
        let rows = |times: &[usize]| {
            let mut chosen = vec![false; self.times.len()];
            times.iter().for_each(|time| chosen[*time] = true);
            (0..self.time_of.len()).filter(|row| chosen[self.time_of[*row]]).collect()
        };
        Fold { train: rows(&fold.train), test: rows(&fold.test) }
    }
}

#[cfg(test)]
#[path = "splits_panel_tests.rs"]
mod tests;
