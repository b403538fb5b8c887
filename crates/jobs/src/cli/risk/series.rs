//! Columns of numbers from a file.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use bellwether::frames::read_table;
use polars::prelude::{Column, DataFrame, DataType};

/// Names under which files keep their times.
const TIMES: [&str; 6] = ["open_at", "close_at", "time", "ts", "date", "Date"];

/// The columns `names` of a file, row by row in time order; the empty rows at the beginning, where a return has no price before
/// it, are left out.
///
/// # Errors
/// When a column is missing or holds no numbers, when a later row is empty or not a number, or when the file has times that are not in
/// order.
pub(super) fn read_series(path: &Path, names: &[String]) -> anyhow::Result<Vec<Vec<f64>>> {
    let table = read_table(path)?;
    let place = || path.display().to_string();
    for time in TIMES {
        if let Ok(column) = table.column(time) {
            check_order(column).with_context(place)?;
        }
    }
    let columns = names.iter().map(|name| numbers(&table, name)).collect::<anyhow::Result<Vec<_>>>().with_context(place)?;
    let rows = table.height();
    let filled = |row: usize| columns.iter().all(|column| column[row].is_some_and(f64::is_finite));
    let first = (0..rows).find(|row| filled(*row)).unwrap_or(rows);
    if let Some(row) = (first..rows).find(|row| !filled(*row)) {
        let (name, value) = names
            .iter()
            .zip(&columns)
            .map(|(name, column)| (name, column[row]))
            .find(|(_, value)| !value.is_some_and(f64::is_finite))
            .context("a value that is no number")?;
        let value = value.map_or("empty".to_owned(), |value| value.to_string());
        bail!("{}: column `{name}` is {value} in row {} of {rows}: fill or drop that row", place(), row + 1);
    }
    ensure!(first < rows, "{}: no row holds a number in {}", place(), names.join(", "));
    Ok(columns.into_iter().map(|column| column[first..].iter().flatten().copied().collect()).collect())
}

fn numbers(table: &DataFrame, name: &str) -> anyhow::Result<Vec<Option<f64>>> {
    let known = || {
        let numeric = table.columns().iter().filter(|column| column.dtype().is_primitive_numeric());
        numeric.map(|column| column.name().to_string()).collect::<Vec<_>>().join(", ")
    };
    let Ok(column) = table.column(name) else {
        bail!("there is no column `{name}`; columns of numbers are: {}", known());
    };
    ensure!(
        column.dtype().is_primitive_numeric(),
        "column `{name}` is of type {}; columns of numbers are: {}",
        column.dtype(),
        known()
    );
    Ok(column.cast(&DataType::Float64)?.f64()?.iter().collect())
}

fn check_order(times: &Column) -> anyhow::Result<()> {
    if times.dtype().is_string() {
        bail!("column `{}` holds text that is no time: write days as 2025-01-06", times.name());
    }
    if !times.dtype().is_temporal() {
        return Ok(());
    }
    let physical = times.to_physical_repr().cast(&DataType::Int64)?;
    let values: Vec<Option<i64>> = physical.i64()?.iter().collect();
    if let Some(row) = values.windows(2).position(|pair| pair[0] >= pair[1]) {
        bail!(
            "rows must be in time order, once each: `{}` of row {} is not after that of row {}; sort the file, or choose one symbol",
            times.name(),
            row + 2,
            row + 1
        );
    }
    Ok(())
}
