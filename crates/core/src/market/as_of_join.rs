//! Values of one table at the rows of another, as they were known then.

use crate::error::{Error, Result};

/// For every row of a table, the newest row of another table that was known by then.
///
/// ```text
/// row(i) = max { j : known_at[j] <= at[i] },   none when nothing was known yet
/// ```
/// `at` is when a row's own values are known (its `close_at`), `known_at` when the other table's are. A six-hour bar of 09:30
/// to 15:30 is therefore first seen by the minute that closes at 15:30, never by the one that opens at 09:30: joining on the
/// start of longer bars is a look-ahead of up to their length.
///
/// ```
/// use bellwether::market::AsOfRows;
/// let minute_close_at = [60, 120, 180, 240];
/// let longer_close_at = [120, 240];
/// let rows = AsOfRows::new(&longer_close_at, &minute_close_at)?;
/// assert_eq!(rows.rows(), [None, Some(0), Some(0), Some(1)]);
/// assert!(rows.take(&[7.0, 8.0])?[0].is_nan());
/// assert_eq!(rows.take(&[7.0, 8.0])?[1..], [7.0, 7.0, 8.0]);
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOfRows {
    rows: Vec<Option<usize>>,
    /// Rows of the other table.
    from: usize,
}

impl AsOfRows {
    /// Matches rows known at `at` with those of a table known at `known_at`; both never fall, in the same unit.
    ///
    /// # Errors
    /// [`Error::Column`] when one of the two falls.
    pub fn new(known_at: &[i64], at: &[i64]) -> Result<Self> {
        ascending("joined table", known_at)?;
        ascending("table joined to", at)?;
        let mut known = 0;
        let rows = at
            .iter()
            .map(|at| {
                while known_at.get(known).is_some_and(|known_at| known_at <= at) {
                    known += 1;
                }
                known.checked_sub(1)
            })
            .collect();
        Ok(Self { rows, from: known_at.len() })
    }

    /// The matching row for each row.
    pub fn rows(&self) -> &[Option<usize>] {
        &self.rows
    }

    /// `values` of the joined table at each row; NaN where nothing was known.
    ///
    /// # Errors
    /// [`Error::Column`] when there are not as many values as the joined table has rows.
    pub fn take(&self, values: &[f64]) -> Result<Vec<f64>> {
        if values.len() != self.from {
            return Err(Error::Column {
                table: "joined table".to_owned(),
                column: "values".to_owned(),
                problem: format!("has {} rows, expected {}, as many as there are times", values.len(), self.from),
            });
        }
        Ok(self.rows.iter().map(|row| row.map_or(f64::NAN, |row| values[row])).collect())
    }
}

/// [`AsOfRows`] for several columns at once: `columns` of the table known at `known_at`, at rows known at `at`.
///
/// # Errors
/// [`Error::Column`] when times fall or a column has another length than `known_at`.
pub fn as_of_join(columns: &[&[f64]], known_at: &[i64], at: &[i64]) -> Result<Vec<Vec<f64>>> {
    let rows = AsOfRows::new(known_at, at)?;
    columns.iter().map(|column| rows.take(column)).collect()
}

fn ascending(table: &str, times: &[i64]) -> Result<()> {
    match times.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(row) => Err(Error::Column {
            table: table.to_owned(),
            column: "close_at".to_owned(),
            problem: format!("is earlier in row {} than in row {row}: sort by time first", row + 1),
        }),
    }
}

#[cfg(test)]
#[path = "as_of_join_tests.rs"]
mod tests;
