//! A pipeline's answer, row by row.

use std::collections::HashMap;

use polars::prelude::{DataFrame, DataType};

use crate::{
    error::{Error, Result},
    market::instants_of,
};

/// The column that is 1 where there is a row.
pub(super) const ROWS: &str = "(rows)";

/// Columns of numbers over rows that have names.
#[derive(Debug)]
pub(super) struct Answers {
    /// Symbol and instant of each row, in the frame's order.
    pub(super) rows: Vec<(String, i64)>,
    index: HashMap<(String, i64), usize>,
    /// When each row is complete, where the frame says so.
    pub(super) known_at: Option<Vec<i64>>,
    pub(super) columns: Vec<(String, Vec<f64>)>,
}

impl Answers {
    /// Reads a pipeline's frame.
    pub(super) fn of(frame: &DataFrame) -> Result<Self> {
        const TABLE: &str = "the audited frame";
        let problem = |column: &str, problem: &str| Error::Column {
            table: TABLE.to_owned(),
            column: column.to_owned(),
            problem: problem.to_owned(),
        };
        let time = if frame.column("open_at").is_ok() { "open_at" } else { "close_at" };
        let instants = instants_of(frame, TABLE, time)?;
        let symbols = frame.column("symbol").map_err(|_| problem("symbol", "is missing"))?;
        let symbols = symbols.str().map_err(|_| problem("symbol", "is no text"))?;
        let rows: Vec<(String, i64)> =
            symbols.iter().zip(instants.iter()).map(|(symbol, at)| (symbol.unwrap_or_default().to_owned(), *at)).collect();
        let index: HashMap<(String, i64), usize> = rows.iter().cloned().enumerate().map(|(row, name)| (name, row)).collect();
        if index.len() < rows.len() {
            return Err(problem(time, "repeats within a symbol: rows cannot be told apart"));
        }
        let mut columns = Vec::new();
        for column in frame.columns() {
            let name = column.name().as_str();
            let is_number = column.dtype().is_primitive_numeric() || column.dtype() == &DataType::Boolean;
            if ["symbol", "open_at", "close_at"].contains(&name) || !is_number {
                continue;
            }
            let numbers = column.cast(&DataType::Float64).map_err(Error::frame(format!("column `{name}` as numbers")))?;
            let numbers = numbers.f64().map_err(Error::frame(format!("column `{name}` as numbers")))?;
            columns.push((name.to_owned(), numbers.iter().map(|value| value.unwrap_or(f64::NAN)).collect()));
        }
        let known_at = match frame.column("close_at") {
            Ok(_) => Some(instants_of(frame, TABLE, "close_at")?.into_owned()),
            Err(_) => None,
        };
        Ok(Self { rows, index, known_at, columns })
    }

    /// The row of this name.
    pub(super) fn row(&self, name: &(String, i64)) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// A number; none where there is no such row or column.
    pub(super) fn value(&self, column: &str, name: &(String, i64)) -> Option<f64> {
        if column == ROWS {
            return self.row(name).map(|_| 1.0);
        }
        Some(self.column(column)?[self.row(name)?])
    }

    /// A column.
    pub(super) fn column(&self, column: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(known, _)| known == column).map(|(_, values)| values.as_slice())
    }
}

/// Whether two numbers are the same; what is undefined is the same as what is undefined or not there.
pub(super) fn same(one: Option<f64>, other: Option<f64>, tolerance: f64) -> bool {
    let (one, other) = (one.unwrap_or(f64::NAN), other.unwrap_or(f64::NAN));
    one == other || one.is_nan() && other.is_nan() || (one - other).abs() <= tolerance * one.abs().max(other.abs())
}
