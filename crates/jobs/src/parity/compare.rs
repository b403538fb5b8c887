//! Two folders of frames compared, column by column.

use std::path::Path;

use anyhow::Context as _;
use bellwether::frames::read_table;
use polars::prelude::{AnyValue, Column, DataFrame};
use serde::Serialize;

use super::handed::{Handed, handed};
use crate::tables::Values;

/// One frame of both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// Rows, of the scheduler's side where both have it.
    pub rows: u64,
    /// Columns that either side has.
    pub columns: u64,
    /// Values that are not null, of the scheduler's side where both have it.
    pub values: u64,
    /// What differs; nothing when the two are the same, bit for bit.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// The same on both sides, bit for bit.
    pub fn equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// In words. Two frames without a value are equal, and say nothing.
    pub fn verdict(&self) -> &'static str {
        match (self.equal(), self.values) {
            (false, _) => "DIFFERS",
            (true, 0) => "empty on both sides",
            (true, _) => "identical",
        }
    }
}

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// In this frame.
    pub frame: String,
    /// In this column; none when it is the frame as a whole.
    pub column: Option<String>,
    /// What differs.
    pub problem: String,
    /// The first row that differs, from 0.
    pub row: Option<u64>,
    /// Whose row that is.
    pub of: Option<String>,
    /// What the scheduler's side has there.
    pub scheduler: Option<String>,
    /// What the notebook's side has there.
    pub notebook: Option<String>,
}

/// Compares what two folders were handed.
///
/// # Errors
/// When a folder cannot be read. What differs is no error.
pub fn compare(scheduler: &Path, notebook: &Path) -> anyhow::Result<Vec<Compared>> {
    let (ours, mut theirs) = (handed(scheduler)?, handed(notebook)?);
    let mut all = Vec::new();
    for (name, ours) in ours {
        all.push(match theirs.remove(&name) {
            Some(theirs) => both(&ours, &theirs, scheduler, notebook)?,
            None => alone(&ours, "was not handed over by the notebook"),
        });
    }
    all.extend(theirs.values().map(|theirs| alone(theirs, "was not handed over by the scheduler")));
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn alone(handed: &Handed, problem: &str) -> Compared {
    Compared {
        name: handed.name.clone(),
        rows: handed.rows,
        columns: handed.columns.len() as u64,
        values: 0,
        differences: vec![difference(handed, None, problem.to_owned())],
    }
}

fn difference(of: &Handed, column: Option<&str>, problem: String) -> Difference {
    let column = column.map(str::to_owned);
    Difference { frame: of.name.clone(), column, problem, row: None, of: None, scheduler: None, notebook: None }
}

fn both(ours: &Handed, theirs: &Handed, scheduler: &Path, notebook: &Path) -> anyhow::Result<Compared> {
    let mut differences = Vec::new();
    let mut columns = ours.columns.len() as u64;
    if ours.rows != theirs.rows {
        let problem = format!("{} rows of the scheduler, {} of the notebook", ours.rows, theirs.rows);
        differences.push(difference(ours, None, problem));
    }
    let mut read = None;
    for own in &ours.columns {
        let Some(other) = theirs.columns.iter().find(|other| other.name == own.name) else {
            differences.push(difference(ours, Some(&own.name), "is missing in the notebook".to_owned()));
            continue;
        };
        if own == other {
            continue;
        }
        if own.dtype != other.dtype {
            let problem = format!("is {} for the scheduler, {} for the notebook", own.dtype, other.dtype);
            differences.push(difference(ours, Some(&own.name), problem));
            continue;
        }
        let frames = match &read {
            Some(frames) => frames,
            None => read.insert((frame_of(&ours.name, scheduler)?, frame_of(&ours.name, notebook)?)),
        };
        differences.push(of_column(ours, &own.name, &frames.0, &frames.1)?);
    }
    for other in &theirs.columns {
        if !ours.columns.iter().any(|own| own.name == other.name) {
            columns += 1;
            differences.push(difference(ours, Some(&other.name), "is missing in the scheduler".to_owned()));
        }
    }
    let order = |handed: &Handed| handed.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    if differences.is_empty() && order(ours) != order(theirs) {
        differences.push(difference(ours, None, "the columns are in another order".to_owned()));
    }
    let values = ours.columns.iter().map(|column| column.values).sum();
    Ok(Compared { name: ours.name.clone(), rows: ours.rows, columns, values, differences })
}

fn frame_of(name: &str, folder: &Path) -> anyhow::Result<DataFrame> {
    let path = folder.join(format!("{name}.parquet"));
    read_table(&path).with_context(|| format!("the frame `{name}`, whose digests differ"))
}

/// The first row that differs, and how many do.
fn of_column(of: &Handed, name: &str, ours: &DataFrame, theirs: &DataFrame) -> anyhow::Result<Difference> {
    let (own, other) = (ours.column(name)?, theirs.column(name)?);
    let (own_values, other_values) = (Values::of(own)?, Values::of(other)?);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let mut differs = |row: &usize| {
        a.clear();
        b.clear();
        own_values.put(*row, &mut a);
        other_values.put(*row, &mut b);
        a != b
    };
    let common = own.len().min(other.len());
    let rows: Vec<usize> = (0..common).filter(&mut differs).collect();
    let mut found = difference(of, Some(name), format!("{} of {common} rows differ", rows.len()));
    let first = rows.first().copied().or_else(|| (own.len() != other.len()).then_some(common));
    if let Some(row) = first {
        found.row = Some(row as u64);
        found.of = whose(if row < own.len() { ours } else { theirs }, row);
        (found.scheduler, found.notebook) = (told(own, row), told(other, row));
        if rows.is_empty() {
            found.problem = format!("the {common} rows in common are equal; the others are on one side only");
        }
    }
    Ok(found)
}

/// Symbol and time of a row, where there are such columns.
fn whose(frame: &DataFrame, row: usize) -> Option<String> {
    let parts: Vec<String> = ["symbol", "close_at"]
        .into_iter()
        .filter_map(|name| match frame.column(name).ok()?.get(row).ok()? {
            AnyValue::Null => None,
            AnyValue::String(text) => Some(text.to_owned()),
            other => Some(other.to_string()),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A value with every digit that it has.
fn told(column: &Column, row: usize) -> Option<String> {
    Some(match column.get(row).ok()? {
        AnyValue::Float64(value) if value.is_nan() => format!("NaN ({:#018x})", value.to_bits()),
        AnyValue::Float64(value) => format!("{value:?}"),
        AnyValue::Float32(value) => format!("{value:?}"),
        other => other.to_string(),
    })
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
