//! Cross-validation for labels that overlap in time: purged, with an embargo, one fold or several at a time.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Fold, LabelSpans};
use crate::error::{Error, Result};

/// Which training rows purging takes out; `a` is the first row of the test, `b` the last row that a test label reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purge {
    /// Kept are rows with `end < a` or beyond `b + embargo`: no training label shares a row with a test label.
    #[default]
    Strict,
    /// As snippet 7.3 of the book has it: kept are rows before the test with `end <= a` and rows after it from `b + embargo` on.
    /// The label that ends exactly where the test begins stays, and so does the row in which the last test label ends (when the
    /// embargo is 0): each shares one row with the test.
    Book,
}

/// k-fold cross-validation in order of time, purged of labels that overlap the test, with an embargo after it.
///
/// ```text
/// folds: k runs of rows, the first n mod k one longer
/// a = first test row,   b = max end over the test rows
/// strict: train = { j : end(j) < a } ∪ { j : j > b + embargo }
/// book:   train = { j < a : end(j) <= a } ∪ { j >= b + embargo : j after the test }
/// ```
/// Training rows lie on both sides of the test: it judges a model on many stretches of history, not in the order in which they
/// were lived. Rows are in order of time; for several symbols, order all rows by time and use [`LabelSpans::times`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `folds` | 5 | number of tests | 2 to n |
/// | `embargo` | 0 | rows after the test's last label that are not trained on: what features remember of the test | |
/// | `purge` | strict | what overlaps | |
///
/// # References
/// M. López de Prado, *Advances in Financial Machine Learning*, 2018, section 7.4 and snippet 7.3.
///
/// ```
/// use bellwether::features::{LabelSpans, Purge, PurgedKFold};
/// let folds = PurgedKFold { folds: 3, embargo: 1, purge: Purge::Strict }.split(&LabelSpans::horizon(12, 2))?;
/// assert_eq!(folds[1].test, [4, 5, 6, 7]);
/// // Labels of rows 2 and 3 reach into the test; its own reach row 9, and row 10 is under embargo.
/// assert_eq!(folds[1].train, [0, 1, 11]);
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PurgedKFold {
    /// Number of tests.
    pub folds: usize,
    /// Rows left out after the test's last label.
    pub embargo: usize,
    /// What overlaps.
    pub purge: Purge,
}

impl Default for PurgedKFold {
    fn default() -> Self {
        Self { folds: 5, embargo: 0, purge: Purge::Strict }
    }
}

impl PurgedKFold {
    /// One fold for each test, in order of time; every row is tested once.
    ///
    /// # Errors
    /// [`Error::Setting`] when there are fewer than 2 folds or more than rows.
    pub fn split(&self, labels: &LabelSpans) -> Result<Vec<Fold>> {
        let groups = runs("folds", labels.len(), self.folds)?;
        let fold = |test: Range<usize>| {
            let reach = reach(labels, &test);
            let keeps = |row: usize| match self.purge {
                Purge::Strict => is_apart(labels, row, &test, reach, self.embargo),
                Purge::Book => {
                    let before = row < test.start && labels.end(row) <= test.start;
                    before || (row >= test.end && row >= reach.saturating_add(self.embargo))
                }
            };
            Fold { train: (0..labels.len()).filter(|row| keeps(*row)).collect(), test: test.collect() }
        };
        Ok(groups.into_iter().map(fold).collect())
    }
}

/// One combination of test groups and its fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CombinatorialFold {
    /// The groups tested, ascending.
    pub groups: Vec<usize>,
    /// Its rows.
    pub fold: Fold,
}

/// Combinatorial purged cross-validation: every choice of `test_groups` out of `groups` runs of rows is a test once.
///
/// ```text
/// N groups, k tested at a time: C(N, k) folds, in lexicographic order
/// train = rows that every tested group would keep under the strict rule of PurgedKFold
/// paths = C(N, k) · k / N: every group is tested that often, so its tests make up that many whole histories
/// ```
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `groups` | 6 | runs of rows | 2 to n |
/// | `test_groups` | 2 | groups tested together | 1 to groups − 1 |
/// | `embargo` | 0 | rows left out after each tested group's last label | |
///
/// # References
/// M. López de Prado, *Advances in Financial Machine Learning*, 2018, chapter 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CombinatorialPurged {
    /// Runs of rows.
    pub groups: usize,
    /// Groups tested together.
    pub test_groups: usize,
    /// Rows left out after each tested group's last label.
    pub embargo: usize,
}

impl Default for CombinatorialPurged {
    fn default() -> Self {
        Self { groups: 6, test_groups: 2, embargo: 0 }
    }
}

impl CombinatorialPurged {
    /// Most combinations that are made: beyond it lies a mistyped setting, not a study.
    const MOST: usize = 100_000;

    /// Every combination with its rows.
    ///
    /// # Errors
    /// [`Error::Setting`] when a setting is outside its range or there are more than 100,000 combinations.
    pub fn split(&self, labels: &LabelSpans) -> Result<Vec<CombinatorialFold>> {
        let groups = runs("groups", labels.len(), self.groups)?;
        let reach: Vec<usize> = groups.iter().map(|group| reach(labels, group)).collect();
        let fold = |chosen: Vec<usize>| {
            let keeps =
                |row: &usize| chosen.iter().all(|&group| is_apart(labels, *row, &groups[group], reach[group], self.embargo));
            let train = (0..labels.len()).filter(keeps).collect();
            let test = chosen.iter().flat_map(|&group| groups[group].clone()).collect();
            CombinatorialFold { groups: chosen, fold: Fold { train, test } }
        };
        Ok(self.combinations()?.into_iter().map(fold).collect())
    }

    /// The whole histories that the tests make up: for each path, which fold of [`CombinatorialPurged::split`] to take each
    /// group's predictions from.
    ///
    /// # Errors
    /// As [`CombinatorialPurged::split`].
    pub fn paths(&self) -> Result<Vec<Vec<usize>>> {
        let combinations = self.combinations()?;
        let testing = |group: usize| -> Vec<usize> {
            (0..combinations.len()).filter(|fold| combinations[*fold].contains(&group)).collect()
        };
        let by_group: Vec<Vec<usize>> = (0..self.groups).map(testing).collect();
        let paths = by_group.first().map_or(0, Vec::len);
        Ok((0..paths).map(|path| by_group.iter().map(|folds| folds[path]).collect()).collect())
    }

    fn combinations(&self) -> Result<Vec<Vec<usize>>> {
        let (n, k) = (self.groups, self.test_groups);
        let wrong = |expected| Err(Error::Setting { name: "test_groups", value: k.to_string(), expected });
        if k == 0 || k >= n {
            return wrong("use 1 group or more, and fewer than `groups`");
        }
        let (mut all, mut chosen) = (Vec::new(), (0..k).collect::<Vec<usize>>());
        loop {
            if all.len() == Self::MOST {
                return wrong("it makes more than 100,000 combinations: use fewer groups");
            }
            all.push(chosen.clone());
            let Some(place) = (0..k).rev().find(|place| chosen[*place] < n - k + place) else { return Ok(all) };
            chosen[place] += 1;
            for next in place + 1..k {
                chosen[next] = chosen[next - 1] + 1;
            }
        }
    }
}

/// The last row that a label of `test` reaches.
fn reach(labels: &LabelSpans, test: &Range<usize>) -> usize {
    test.clone().map(|row| labels.end(row)).max().unwrap_or(test.end)
}

/// Whether `row`'s label and what remembers the test's labels share nothing with them.
fn is_apart(labels: &LabelSpans, row: usize, test: &Range<usize>, reach: usize, embargo: usize) -> bool {
    labels.end(row) < test.start || row > reach.saturating_add(embargo)
}

/// `rows` rows in `count` runs, the first `rows mod count` of them one longer.
fn runs(name: &'static str, rows: usize, count: usize) -> Result<Vec<Range<usize>>> {
    if count < 2 || count > rows {
        return Err(Error::Setting {
            name,
            value: count.to_string(),
            expected: "use 2 or more, and no more than there are rows",
        });
    }
    let (length, longer) = (rows / count, rows % count);
    let start = |run: usize| run * length + run.min(longer);
    Ok((0..count).map(|run| start(run)..start(run + 1)).collect())
}

#[cfg(test)]
#[path = "splits_purged_tests.rs"]
mod tests;
