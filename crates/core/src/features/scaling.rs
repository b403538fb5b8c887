//! Scaling a table of columns: fitted on training rows, stored with the model, applied to any rows.

use serde::{Deserialize, Serialize};

use super::{Feature, FittedColumn, MissingValues, Scaling};
use crate::error::{Error, Result};

/// How one column is scaled and what is done where it has no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// Name of the column.
    pub name: String,
    /// How it is scaled.
    pub scaling: Scaling,
    /// What is done where it has no value.
    pub missing: MissingValues,
}

impl From<&Feature> for ColumnRule {
    /// What the catalogue says of the feature.
    fn from(feature: &Feature) -> Self {
        let about = feature.about();
        Self { name: about.name.clone(), scaling: about.scaling, missing: about.missing }
    }
}

/// What was learned of each column, in the order in which the model reads them.
///
/// It holds the rules it was fitted by, so that what is stored with a model says everything that is done to its inputs.
///
/// ```
/// use bellwether::features::{ColumnRule, MissingValues, Scaler, Scaling};
/// let rule = ColumnRule { name: "rsi_14".to_owned(), scaling: Scaling::ZScore, missing: MissingValues::TrainingMedian };
/// let rsi = [40.0, 60.0, f64::NAN, 90.0];
/// // The last two rows are not trained on: whatever they hold changes nothing.
/// let scaler = Scaler::fit(&[rule], &[&rsi], &[0, 1])?;
/// let scaled = scaler.transform(&[&rsi])?;
/// assert_eq!(scaled.columns[0], [-1.0, 1.0, 0.0, 4.0]);
/// let stored = serde_json::to_string(&scaler).unwrap();
/// assert_eq!(serde_json::from_str::<Scaler>(&stored).unwrap(), scaler);
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaler {
    names: Vec<String>,
    columns: Vec<FittedColumn>,
    rows: usize,
}

/// Scaled columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// The columns, in the scaler's order; as long as `rows`.
    pub columns: Vec<Vec<f64>>,
    /// The rows kept, ascending: all but those with a missing value in a column that drops them.
    pub rows: Vec<usize>,
}

impl Scaler {
    /// Learns `rules` from the rows `training` of `columns`, one column for each rule, undefined values NaN. Other rows are not
    /// looked at.
    ///
    /// # Errors
    /// [`Error::Column`] naming the first column that cannot be fitted: fewer values than its scaling needs, a negative volume
    /// for a logarithm, another length than the first column; or a training row that does not exist.
    pub fn fit(rules: &[ColumnRule], columns: &[&[f64]], training: &[usize]) -> Result<Self> {
        let rows = rows_of(columns, rules.iter().map(|rule| rule.name.as_str()))?;
        if let Some(row) = training.iter().find(|row| **row >= rows) {
            return Err(column("rows", format!("has row {row} for training, and there are {rows} rows")));
        }
        if let Some((_, twice)) =
            rules.iter().enumerate().find(|(count, rule)| rules[..*count].iter().any(|before| before.name == rule.name))
        {
            return Err(column(&twice.name, "is there twice".to_owned()));
        }
        let fit = |(rule, values): (&ColumnRule, &&[f64])| {
            FittedColumn::fit(training.iter().map(|row| values[*row]), rule.scaling, rule.missing)
                .map_err(|problem| column(&rule.name, problem))
        };
        let fitted = rules.iter().zip(columns).map(fit).collect::<Result<_>>()?;
        Ok(Self { names: rules.iter().map(|rule| rule.name.clone()).collect(), columns: fitted, rows: training.len() })
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What was learned of each column, in order.
    pub fn columns(&self) -> &[FittedColumn] {
        &self.columns
    }

    /// Number of training rows.
    pub fn training_rows(&self) -> usize {
        self.rows
    }

    /// Scales columns, given in the scaler's order.
    ///
    /// # Errors
    /// [`Error::Column`] when there are not as many columns as were fitted, or they differ in length.
    pub fn transform(&self, columns: &[&[f64]]) -> Result<Scaled> {
        let rows = rows_of(columns, self.names.iter().map(String::as_str))?;
        let drops = |row: &usize| {
            let missing = |(fitted, values): (&FittedColumn, &&[f64])| {
                fitted.missing == MissingValues::DropRow && !fitted.transform(values[*row]).is_finite()
            };
            self.columns.iter().zip(columns).any(missing)
        };
        let kept: Vec<usize> = (0..rows).filter(|row| !drops(row)).collect();
        let scaled = |(fitted, values): (&FittedColumn, &&[f64])| kept.iter().map(|row| fitted.transform(values[*row])).collect();
        Ok(Scaled { columns: self.columns.iter().zip(columns).map(scaled).collect(), rows: kept })
    }

    /// Columns in their own units again, as far as [`FittedColumn::inverse`] can tell them.
    ///
    /// # Errors
    /// [`Error::Column`] when there are not as many columns as were fitted, or they differ in length.
    pub fn inverse(&self, scaled: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
        rows_of(scaled, self.names.iter().map(String::as_str))?;
        let inverse = |(fitted, values): (&FittedColumn, &&[f64])| values.iter().map(|y| fitted.inverse(*y)).collect();
        Ok(self.columns.iter().zip(scaled).map(inverse).collect())
    }
}

fn column(name: &str, problem: String) -> Error {
    Error::Column { table: "scaled columns".to_owned(), column: name.to_owned(), problem }
}

/// The common length of `columns`, one for each name.
fn rows_of<'a>(columns: &[&[f64]], names: impl ExactSizeIterator<Item = &'a str>) -> Result<usize> {
    let rows = columns.first().map_or(0, |first| first.len());
    if columns.len() != names.len() {
        let problem = format!("are {}, expected {}: one for each rule, in the same order", columns.len(), names.len());
        return Err(column("(all)", problem));
    }
    match columns.iter().zip(names).find(|(values, _)| values.len() != rows) {
        Some((values, name)) => Err(column(name, format!("has {} rows, expected {rows}", values.len()))),
        None => Ok(rows),
    }
}

#[cfg(test)]
#[path = "scaling_tests.rs"]
mod tests;
