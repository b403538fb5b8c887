//! Training and test rows in order of time: walking forward, and what purging needs to know of labels.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Row numbers of one training set and the test set that judges it, both ascending.
///
/// A training set may come out empty where purging and embargo leave nothing; it is for the caller to refuse it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge on.
    pub test: Vec<usize>,
}

/// Up to which row each row's label reaches: the label of row `i` is made of what happens in rows `i ..= end(i)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSpans {
    ends: Vec<usize>,
}

impl LabelSpans {
    /// Labels that look `horizon` rows ahead: `end(i) = min(i + horizon, rows − 1)`.
    pub fn horizon(rows: usize, horizon: usize) -> Self {
        Self { ends: (0..rows).map(|row| row.saturating_add(horizon).min(rows - 1)).collect() }
    }

    /// Labels with times: row `i` is known at `at[i]`, its label at `known_at[i]`, both in the same unit.
    ///
    /// ```text
    /// end(i) = the first row with at >= known_at[i], and the last one of those at the same time; at most the last row
    /// ```
    /// For labels whose length varies, as the triple barrier's, for rows that are not evenly spaced, and for the rows of several
    /// symbols at the same times. Leave out rows without a label first.
    ///
    /// # Errors
    /// [`Error::Column`] when `at` falls, the two differ in length, or a label is known before its row.
    pub fn times(at: &[i64], known_at: &[i64]) -> Result<Self> {
        let wrong =
            |column: &str, problem: String| Error::Column { table: "labels".to_owned(), column: column.to_owned(), problem };
        if at.len() != known_at.len() {
            return Err(wrong("known_at", format!("has {} rows, expected {}", known_at.len(), at.len())));
        }
        if let Some(row) = at.windows(2).position(|pair| pair[1] < pair[0]) {
            return Err(wrong("at", format!("is earlier in row {} than in row {row}: sort by time first", row + 1)));
        }
        if let Some(row) = (0..at.len()).find(|row| known_at[*row] < at[*row]) {
            return Err(wrong("known_at", format!("is before the row itself in row {row}: no label is known that early")));
        }
        let end = |known: i64| {
            let first = at.partition_point(|at| *at < known);
            at.get(first).map_or(at.len() - 1, |same| at.partition_point(|at| at <= same) - 1)
        };
        Ok(Self { ends: known_at.iter().map(|known| end(*known)).collect() })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// No rows at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The last row that the label of `row` reaches.
    ///
    /// # Panics
    /// When `row` is out of bounds.
    pub fn end(&self, row: usize) -> usize {
        self.ends[row]
    }
}

/// What a walk-forward trains on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingWindow {
    /// The last `train` rows before the gap.
    #[default]
    Rolling,
    /// All rows before the gap.
    Expanding,
}

/// Walk-forward: train on what lies behind, test on what comes next, move on.
///
/// ```text
/// s = train + gap, then s + step, while s + test <= n
/// test  = [s, s + test)
/// train = [s − gap − train, s − gap) rolling,   [0, s − gap) expanding
/// ```
/// A last test that would be shorter is dropped. With `gap >= horizon`, no training label reaches into the test;
/// [`WalkForward::split_purged`] sees to it whatever the gap.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `train` | 252 | training rows (the first training set, when expanding) | >= 1 |
/// | `test` | 21 | test rows | >= 1 |
/// | `step` | 21 | rows from one test to the next | >= 1 |
/// | `gap` | 0 | rows left out between the two | |
/// | `window` | rolling | what is trained on | |
///
/// ```
/// use bellwether::features::{TrainingWindow, WalkForward};
/// let walk = WalkForward { train: 4, test: 2, step: 2, gap: 1, window: TrainingWindow::Rolling };
/// let folds = walk.split(9)?;
/// assert_eq!((folds[0].train.as_slice(), folds[0].test.as_slice()), ([0, 1, 2, 3].as_slice(), [5, 6].as_slice()));
/// assert_eq!((folds[1].train.as_slice(), folds[1].test.as_slice()), ([2, 3, 4, 5].as_slice(), [7, 8].as_slice()));
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WalkForward {
    /// Training rows.
    pub train: usize,
    /// Test rows.
    pub test: usize,
    /// Rows from one test to the next.
    pub step: usize,
    /// Rows left out between training and test.
    pub gap: usize,
    /// What is trained on.
    pub window: TrainingWindow,
}

impl Default for WalkForward {
    fn default() -> Self {
        Self { train: 252, test: 21, step: 21, gap: 0, window: TrainingWindow::Rolling }
    }
}

impl WalkForward {
    /// The folds of `rows` rows; none when there are fewer than `train + gap + test`.
    ///
    /// # Errors
    /// [`Error::Setting`] when `train`, `test` or `step` is 0.
    pub fn split(&self, rows: usize) -> Result<Vec<Fold>> {
        for (name, value) in [("train", self.train), ("test", self.test), ("step", self.step)] {
            if value == 0 {
                return Err(Error::Setting { name, value: "0".to_owned(), expected: "use 1 row or more" });
            }
        }
        let mut folds = Vec::new();
        let mut start = self.train.saturating_add(self.gap);
        while start.saturating_add(self.test) <= rows {
            let end = start - self.gap;
            let from = match self.window {
                TrainingWindow::Rolling => end - self.train,
                TrainingWindow::Expanding => 0,
            };
            folds.push(Fold { train: (from..end).collect(), test: (start..start + self.test).collect() });
            start = start.saturating_add(self.step);
        }
        Ok(folds)
    }

    /// [`WalkForward::split`] without the training rows whose label reaches the first test row or beyond.
    ///
    /// # Errors
    /// [`Error::Setting`] when `train`, `test` or `step` is 0.
    pub fn split_purged(&self, labels: &LabelSpans) -> Result<Vec<Fold>> {
        let mut folds = self.split(labels.len())?;
        for fold in &mut folds {
            let first = fold.test[0];
            fold.train.retain(|row| labels.end(*row) < first);
        }
        Ok(folds)
    }
}

/// Successive tests at the end of the data, each trained on everything before it: scikit-learn's `TimeSeriesSplit`.
///
/// ```text
/// T = test_size, or ⌊n / (splits + 1)⌋;   s = n − splits · T, then s + T …
/// test = [s, s + T),   train = [max(0, s − gap − max_train_size), s − gap)
/// ```
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `splits` | 5 | number of folds | >= 2 |
/// | `gap` | 0 | rows left out between training and test | |
/// | `test_size` | n / (splits + 1) | test rows | >= 1 |
/// | `max_train_size` | all | most training rows | >= 1 |
///
/// # References
/// `sklearn.model_selection.TimeSeriesSplit`, whose indices it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeSeriesSplit {
    /// Number of folds.
    pub splits: usize,
    /// Rows left out between training and test.
    pub gap: usize,
    /// Test rows.
    pub test_size: Option<usize>,
    /// Most training rows.
    pub max_train_size: Option<usize>,
}

impl Default for TimeSeriesSplit {
    fn default() -> Self {
        Self { splits: 5, gap: 0, test_size: None, max_train_size: None }
    }
}

impl TimeSeriesSplit {
    /// The folds of `rows` rows.
    ///
    /// # Errors
    /// [`Error::Setting`] when a setting is outside its range or the first fold would have nothing to train on.
    pub fn split(&self, rows: usize) -> Result<Vec<Fold>> {
        let wrong = |name, value: usize, expected| Err(Error::Setting { name, value: value.to_string(), expected });
        if self.splits < 2 || self.splits >= rows {
            return wrong("splits", self.splits, "use 2 or more, and fewer than there are rows");
        }
        if self.max_train_size == Some(0) {
            return wrong("max_train_size", 0, "use 1 row or more, or leave it out");
        }
        let test = self.test_size.unwrap_or(rows / (self.splits + 1));
        let tested = test.saturating_mul(self.splits);
        if test == 0 || tested.saturating_add(self.gap) >= rows {
            return wrong("test_size", test, "use 1 row or more, with splits × test_size + gap below the number of rows");
        }
        let fold = |start: usize| {
            let end = start - self.gap;
            let from = self.max_train_size.map_or(0, |most| end.saturating_sub(most));
            Fold { train: (from..end).collect(), test: (start..start + test).collect() }
        };
        Ok((0..self.splits).map(|count| fold(rows - tested + count * test)).collect())
    }
}

#[cfg(test)]
#[path = "splits_tests.rs"]
mod tests;
