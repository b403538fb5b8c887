//! Many indicators over a frame of bars.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use polars::prelude::*;
use rayon::prelude::*;

use super::{
    columns::{Columns, Input},
    engine::Output,
    output_columns::OutputColumns,
    registry::IndicatorCall,
    session::SessionTimes,
};
use crate::{
    error::{Error, Result},
    market::instants_of,
};

/// Computes `calls` over `bars`: one frame in, one out, symbols in parallel on the current rayon pool.
///
/// `bars` has the columns that the calls read (`open, high, low, close, volume`, numbers), a time column `time` or `open_at`, and
/// where it holds several symbols, `symbol`, the rows of each together. Times with a zone are taken to New York for what depends
/// on the session; those without are local already. `MAVP` reads a column `periods`; where there is none it takes TA-Lib's
/// reference convention, 10 in the first half of each symbol's rows and 20 in the second.
///
/// The result has the columns `symbol`, `time`, `open_at`, `close_at` as far as they are there, then `TAG.output` for each output
/// of each call: `Float64` with null where undefined, candles `Int16`, other whole numbers `Int32`. The same bytes on any
/// number of threads.
///
/// # Errors
/// [`Error::Column`] that names the column and the row: one that is missing, empty, not finite or not of numbers, and times
/// that do not ascend strictly within a symbol. [`Error::Indicator`] when a tag is given twice.
pub fn compute_frame(bars: &DataFrame, calls: &[IndicatorCall]) -> Result<DataFrame> {
    let rows = bars.height();
    let lengths = symbol_runs(bars)?;
    let time = ["time", "open_at"].into_iter().find(|name| bars.column(name).is_ok()).ok_or_else(|| {
        let names: Vec<&str> = bars.get_column_names().iter().map(|name| name.as_str()).collect();
        refused("time", format!("is missing, and so is `open_at`; there are {}", names.join(", ")))
    })?;
    let times = instants_of(bars, TABLE, time)?;
    check_times(time, &times, &lengths)?;
    let needs = |input: Input| calls.iter().any(|call| call.inputs().contains(&input));
    let numbers =
        |input: Input| -> Result<Option<Cow<'_, [f64]>>> { if needs(input) { numbers(bars, input).map(Some) } else { Ok(None) } };
    let (open, high, low) = (numbers(Input::Open)?, numbers(Input::High)?, numbers(Input::Low)?);
    let (close, volume) = (numbers(Input::Close)?, numbers(Input::Volume)?);
    let periods = match bars.column(Input::Periods.name()) {
        Ok(_) => numbers(Input::Periods)?,
        Err(_) => needs(Input::Periods).then(|| Cow::Owned(reference_periods(&lengths))),
    };
    let session = needs(Input::Session).then(|| match bars.column(time).map(|column| column.dtype()) {
        Ok(DataType::Datetime(_, Some(_))) => SessionTimes::new_york(&times),
        _ => SessionTimes::local(&times),
    });

    let compute = |rows: Range<usize>, outputs: &mut [Output<'_>]| -> Result<()> {
        let session = session.as_ref().map(|session| session.rows(rows.clone()));
        let columns = Columns {
            open: open.as_deref().map(|values| &values[rows.clone()]),
            high: high.as_deref().map(|values| &values[rows.clone()]),
            low: low.as_deref().map(|values| &values[rows.clone()]),
            close: close.as_deref().map(|values| &values[rows.clone()]),
            volume: volume.as_deref().map(|values| &values[rows.clone()]),
            periods: periods.as_deref().map(|values| &values[rows.clone()]),
            session: session.as_ref(),
        };
        let mut outputs = outputs;
        calls.iter().try_for_each(|call| {
            let (own, later) = std::mem::take(&mut outputs).split_at_mut(call.columns().len());
            outputs = later;
            call.compute_into(&columns, own)
        })
    };
    let keys = ["symbol", "time", "open_at", "close_at"].into_iter().filter_map(|name| bars.column(name).ok().cloned());
    let mut columns: Vec<Column> = keys.collect();
    let mut outputs = OutputColumns::new(calls.iter().flat_map(IndicatorCall::columns), rows);
    let mut rest = outputs.outputs();
    let mut start = 0;
    let mut part = |length: &usize| -> (Range<usize>, Vec<Output<'_>>) {
        start += length;
        (start - length..start, rest.iter_mut().map(|output| output.take(*length)).collect())
    };
    let mut parts: Vec<_> = lengths.iter().map(&mut part).collect();
    if let [(rows, outputs)] = parts.as_mut_slice() {
        // One symbol is not worth another thread.
        compute(rows.clone(), outputs)?;
    } else {
        parts.into_par_iter().try_for_each(|(rows, mut outputs)| compute(rows, &mut outputs))?;
    }
    columns.extend(outputs.into_columns(lengths.len() > 1));
    DataFrame::new(rows, columns).map_err(|error| match given_twice(calls) {
        Some(tag) => Error::Indicator { tag: tag.to_owned(), problem: "is given twice".to_owned() },
        None => Error::frame("indicators as a frame")(error),
    })
}

/// A tag that is given twice: its columns would have the same names. Looked for when a frame refuses them.
fn given_twice(calls: &[IndicatorCall]) -> Option<&str> {
    let mut seen = HashSet::new();
    calls.iter().map(IndicatorCall::tag).find(|tag| !seen.insert(*tag))
}

const TABLE: &str = "bars";

fn refused(column: &str, problem: String) -> Error {
    Error::Column { table: TABLE.to_owned(), column: column.to_owned(), problem }
}

/// Lengths of the runs of equal symbols; all rows where there is no column `symbol`.
fn symbol_runs(bars: &DataFrame) -> Result<Vec<usize>> {
    let Ok(column) = bars.column("symbol") else { return Ok(vec![bars.height()]) };
    let (text, cast);
    match column.str() {
        Ok(already) => text = already,
        Err(_) => {
            cast = column.cast(&DataType::String).map_err(Error::frame("bars: column `symbol`"))?;
            text = cast.str().map_err(Error::frame("bars: column `symbol`"))?;
        }
    }
    if let Some(row) = text.first_null() {
        return Err(refused("symbol", format!("is empty in row {row}")));
    }
    let mut seen = HashSet::new();
    let mut lengths = Vec::new();
    let (mut row, mut newest) = (0, None);
    for texts in text.downcast_iter() {
        let mut views = texts.views().as_slice();
        while let Some(view) = views.first() {
            // Rows of the same view are of the same text; a long text can have several.
            let same = views.iter().take_while(|other| other.as_u128() == view.as_u128()).count();
            let symbol = texts.value(texts.len() - views.len());
            if newest == Some(symbol) {
                if let Some(length) = lengths.last_mut() {
                    *length += same;
                }
            } else if seen.insert(symbol) {
                lengths.push(same);
                newest = Some(symbol);
            } else {
                let problem = format!("has rows of `{symbol}` apart from its others, from row {row}: sort by symbol and time");
                return Err(refused("symbol", problem));
            }
            row += same;
            views = &views[same..];
        }
    }
    Ok(lengths)
}

fn check_times(name: &str, times: &[i64], lengths: &[usize]) -> Result<()> {
    let mut start = 0;
    for length in lengths {
        let own = &times[start..start + length];
        if let Some(row) = own.windows(2).position(|pair| pair[1] <= pair[0]).map(|row| start + row + 1) {
            let (before, now) = (times[row - 1], times[row]);
            let told = jiff::Timestamp::from_microsecond(now).map_or_else(|_| now.to_string(), |now| now.to_string());
            let problem = match now == before {
                true => format!("is the same in rows {} and {row} ({told}): each time may occur once", row - 1),
                false => format!("is earlier in row {row} ({told}) than in the row before: sort the bars by time"),
            };
            return Err(refused(name, problem));
        }
        start += length;
    }
    Ok(())
}

/// A column as numbers, all of them finite; without a copy where it is `Float64` in one piece already.
fn numbers(bars: &DataFrame, input: Input) -> Result<Cow<'_, [f64]>> {
    let name = input.name();
    let problem = |problem: String| refused(name, problem);
    let column = bars.column(name).map_err(|_| {
        let names: Vec<&str> = bars.get_column_names().iter().map(|name| name.as_str()).collect();
        problem(format!("is missing; there are {}", names.join(", ")))
    })?;
    if !column.dtype().is_primitive_numeric() {
        return Err(problem(format!("is {}, expected numbers", column.dtype())));
    }
    if column.null_count() > 0 {
        let row = column.is_null().iter().position(|null| null == Some(true)).unwrap_or(0);
        return Err(problem(format!("is empty in row {row}")));
    }
    let values = match column.f64().ok().and_then(|values| values.cont_slice().ok()) {
        Some(values) => Cow::Borrowed(values),
        None => {
            let cast = column.cast(&DataType::Float64).map_err(Error::frame("bars as numbers"))?;
            let cast = cast.f64().map_err(Error::frame("bars as numbers"))?;
            Cow::Owned(cast.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
        }
    };
    // Counting is faster than looking for the first: there is none.
    if values.iter().filter(|value| !value.is_finite()).count() == 0 {
        return Ok(values);
    }
    let row = values.iter().position(|value| !value.is_finite()).unwrap_or_default();
    Err(problem(format!("is {} in row {row}, expected a finite number", values[row])))
}

/// 10 in the first half of each symbol's rows, 20 in the second.
fn reference_periods(lengths: &[usize]) -> Vec<f64> {
    lengths.iter().flat_map(|&length| (0..length).map(move |row| if row < length / 2 { 10.0 } else { 20.0 })).collect()
}
