//! What formulas are made of: one operation over columns, or over one row after the other.

use std::fmt::Debug;

use jiff::civil::Date;

use crate::{
    features::Sessions,
    market::{Series, TradingDay},
};

/// How many rows of its inputs one row of an operation depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::features) enum Reach {
    /// The last so many, the present one included.
    Rows(usize),
    /// All since the session before began.
    Sessions,
    /// All so far.
    All,
}

/// When one bar is, and which session it is of.
#[derive(Debug, Clone, Copy)]
pub(in crate::features) struct Row<'s> {
    pub(in crate::features) open_at: i64,
    pub(in crate::features) close_at: i64,
    pub(in crate::features) date: Date,
    pub(in crate::features) day: Option<&'s TradingDay>,
    /// It is the first of its session.
    pub(in crate::features) starts: bool,
}

impl Row<'_> {
    /// Minutes from the regular open to the bar's start; negative before it, NaN without a trading day.
    pub(in crate::features) fn minutes_since_open(&self) -> f64 {
        self.day.map_or(f64::NAN, |day| (self.open_at - day.open.as_microsecond()) as f64 / 60e6)
    }

    /// Minutes from the bar's end to the regular close; negative after it.
    pub(in crate::features) fn minutes_to_close(&self) -> f64 {
        self.day.map_or(f64::NAN, |day| (day.close.as_microsecond() - self.close_at) as f64 / 60e6)
    }
}

/// When bars are.
#[derive(Debug, Clone, Copy)]
pub(in crate::features) struct Rows<'a> {
    pub(in crate::features) bars: Series<'a>,
    pub(in crate::features) sessions: &'a Sessions,
    /// The first row that counts, of those that `sessions` are of.
    pub(in crate::features) first: usize,
}

impl<'a> Rows<'a> {
    pub(in crate::features) fn len(&self) -> usize {
        self.bars.len() - self.first
    }

    /// The same without the rows before the last `count`.
    pub(in crate::features) fn last(self, count: usize) -> Self {
        Self { first: self.bars.len() - count, ..self }
    }

    pub(in crate::features) fn iter(self) -> impl Iterator<Item = Row<'a>> {
        let Self { bars, sessions, first } = self;
        (first..bars.len()).map(move |row| Row {
            open_at: bars.open_at[row],
            close_at: bars.close_at[row],
            date: sessions.date(row),
            day: sessions.day(row),
            starts: sessions.start_of(row) == row,
        })
    }
}

/// One step of a formula: columns in, columns of the same length out. A row depends on itself and earlier ones alone.
pub(in crate::features) trait Operation: Debug + Send + Sync {
    /// What distinguishes it: operations of the same name answer the same.
    fn name(&self) -> String;

    /// Number of columns that it answers.
    fn outputs(&self) -> usize {
        1
    }

    fn reach(&self) -> Reach;

    /// The operation over so many inputs before the first row.
    fn running(&self, inputs: usize) -> Box<dyn Running>;

    /// Fills whole columns: what [`Operation::running`] answers row by row, to the last bit.
    fn fill(&self, rows: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        let mut running = self.running(inputs.len());
        let (mut given, mut told) = (vec![0.0; inputs.len()], vec![0.0; outputs.len()]);
        for (index, row) in rows.iter().enumerate() {
            given.iter_mut().zip(inputs).for_each(|(given, input)| *given = input[index]);
            running.push(&row, &given, &mut told);
            outputs.iter_mut().zip(&told).for_each(|(output, told)| output[index] = *told);
        }
    }
}

/// An operation that has seen some rows.
pub(in crate::features) trait Running: Debug + Send {
    /// Takes in the next row.
    fn push(&mut self, row: &Row<'_>, inputs: &[f64], outputs: &mut [f64]);
}
