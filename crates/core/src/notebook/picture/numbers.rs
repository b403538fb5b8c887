//! Columns of a frame as numbers and times, or the sentence that says why not.

use polars::prelude::{DataFrame, DataType, TimeUnit};

use super::refuse;
use crate::error::{Error, Result};

/// A column of numbers, NaN where there is none.
pub(in crate::notebook) fn column(frame: &DataFrame, name: &str) -> Result<Vec<f64>> {
    let found = frame.column(name).map_err(|_| unknown(frame, name))?;
    let numeric = found.dtype().is_primitive_numeric() || found.dtype().is_bool();
    if !numeric {
        let problem = format!("is of type {}: choose a column of numbers", found.dtype());
        return Err(Error::Column { table: "picture".into(), column: name.into(), problem });
    }
    let cast = found.cast(&DataType::Float64).map_err(Error::frame(format!("reading column `{name}` as numbers")))?;
    let numbers = cast.f64().map_err(Error::frame(format!("reading column `{name}` as numbers")))?;
    Ok(numbers.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// A column of instants in microseconds; none where the column is no time.
pub(in crate::notebook) fn times(frame: &DataFrame, name: &str) -> Result<Option<Vec<i64>>> {
    let found = frame.column(name).map_err(|_| unknown(frame, name))?;
    if !(found.dtype().is_datetime() || found.dtype().is_date()) {
        return Ok(None);
    }
    let doing = || format!("reading column `{name}` as times");
    let micros = found
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .and_then(|cast| cast.cast(&DataType::Int64))
        .map_err(Error::frame(doing()))?;
    // A date is its New York day; noon UTC is within it.
    let noon = if found.dtype().is_date() { 43_200_000_000 } else { 0 };
    let values = micros.i64().map_err(Error::frame(doing()))?;
    if values.null_count() > 0 {
        let problem = format!("lacks {} times: drop those rows", values.null_count());
        return Err(Error::Column { table: "picture".into(), column: name.into(), problem });
    }
    Ok(Some(values.iter().flatten().map(|at| at + noon).collect()))
}

/// Rows in order of time, which a long frame of several symbols is not.
pub(in crate::notebook) fn in_order(what: &str, times: &[i64]) -> Result<()> {
    match times.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(row) => {
            Err(refuse(what, format!("row {} is older than the row before: sort by time, and keep one symbol only", row + 1)))
        }
    }
}

/// Where the finite values lie.
pub(in crate::notebook) fn range(what: &str, values: &[&[f64]]) -> Result<(f64, f64)> {
    if values.iter().all(|values| values.is_empty()) {
        return Err(refuse(what, "there are no values"));
    }
    let finite = || values.iter().flat_map(|values| values.iter().copied()).filter(|x| x.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    if low > high {
        return Err(refuse(what, "no value is a number: all are null, NaN or infinite"));
    }
    Ok((low, high))
}

/// Both of one length.
pub(in crate::notebook) fn same_length(what: &str, one: (&str, usize), other: (&str, usize)) -> Result<()> {
    if one.1 == other.1 {
        return Ok(());
    }
    Err(refuse(what, format!("{} has {} values and {} has {}: they must be as many", one.0, one.1, other.0, other.1)))
}

fn unknown(frame: &DataFrame, name: &str) -> Error {
    let known: Vec<&str> = frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
    Error::Unknown { what: "column", text: name.to_owned(), known: known.join(", ") }
}
