//! What an audit found.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::market::new_york;

/// How far ahead a column looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// So many bars ahead.
    Bars(usize),
    /// As far as there are bars.
    ToTheEnd,
}

/// A column that knows what it cannot know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// The column; `(rows)` when it is rows that come or go with the future.
    pub column: String,
    /// In whose rows.
    pub symbol: String,
    /// The earliest row found that depends on later bars, counted from 0 within its symbol.
    pub row: usize,
    /// The instant by which the frame names it.
    pub at: Timestamp,
    /// How far that row looks ahead.
    pub looks: Looks,
    /// What the column says there with the future at hand.
    pub with_future: Option<f64>,
    /// What it said when the row was new.
    pub without: Option<f64>,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number =
            |number: Option<f64>| number.filter(|it| !it.is_nan()).map_or_else(|| "nothing".to_owned(), |it| it.to_string());
        let at = self.at.to_zoned(new_york()).strftime("%Y-%m-%d %H:%M").to_string();
        let far = match self.looks {
            Looks::Bars(1) => "1 bar".to_owned(),
            Looks::Bars(bars) => format!("{bars} bars"),
            Looks::ToTheEnd => "to the end of the data".to_owned(),
        };
        write!(
            f,
            "`{}` looks {far} ahead: {} row {} ({at}) says {}, ",
            self.column,
            self.symbol,
            self.row,
            number(self.with_future)
        )?;
        write!(f, "and said {} when that bar was the last", number(self.without))
    }
}

/// What an audit did and found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditReport {
    /// Columns audited.
    pub columns: Vec<String>,
    /// Rows of the whole answer.
    pub rows: usize,
    /// Instants at which the past was compared.
    pub cuts: usize,
    /// How often the pipeline was run.
    pub runs: usize,
    /// What leaks, in the order of the columns.
    pub leaks: Vec<Leak>,
}

impl AuditReport {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.leaks.is_empty()
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for leak in &self.leaks {
            writeln!(f, "{leak}")?;
        }
        let (columns, rows, cuts) = (self.columns.len(), self.rows, self.cuts);
        write!(f, "{} of {columns} columns look ahead ({rows} rows, {cuts} instants, {} runs)", self.leaks.len(), self.runs)
    }
}
