//! One file of a folder, with typed access to its columns.

use std::path::Path;

use bellwether::{Error, frames::read_table};
use jiff::{Timestamp, civil::Date};
use polars::prelude::{Column, DataFrame, DataType, TimeUnit};

/// A file read whole.
pub(super) struct Table {
    /// Its path, for messages.
    pub(super) path: String,
    /// Its rows.
    pub(super) frame: DataFrame,
}

impl Table {
    /// Reads the first of `names` that exists in `folder` as `.parquet`, as `.csv` or as a folder of `.parquet` parts; `None` when
    /// none does.
    pub(super) fn find(folder: &Path, names: &[&str]) -> Result<Option<Self>, Error> {
        for name in names {
            for path in ["parquet", "csv"].map(|kind| folder.join(format!("{name}.{kind}"))) {
                if path.is_file() {
                    return Ok(Some(Self { frame: read_table(&path)?, path: path.display().to_string() }));
                }
            }
            if let Some(table) = Self::of_parts(&folder.join(name))? {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }

    /// The parts of a folder, in order of name, as one table; `None` when there are none.
    fn of_parts(folder: &Path) -> Result<Option<Self>, Error> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let unreadable = |error: std::io::Error| Error::file(folder, format!("cannot be read: {error}"));
        let mut parts = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|kind| kind == "parquet") {
                parts.push(path);
            }
        }
        parts.sort();
        let mut whole: Option<DataFrame> = None;
        for part in parts {
            let frame = read_table(&part)?;
            match &mut whole {
                None => whole = Some(frame),
                Some(whole) => {
                    let differs =
                        |error| Error::file(&part, format!("does not have the columns of the parts before it: {error}"));
                    whole.vstack_mut(&frame).map_err(differs)?;
                }
            }
        }
        Ok(whole.map(|frame| Self { frame, path: folder.display().to_string() }))
    }

    /// An error about one column.
    pub(super) fn problem(&self, column: &str, problem: impl Into<String>) -> Error {
        Error::Column { table: self.path.clone(), column: column.to_owned(), problem: problem.into() }
    }

    /// A column, if it is there and has any value.
    fn optional(&self, name: &str) -> Option<&Column> {
        self.frame.column(name).ok()
    }

    fn required(&self, name: &str) -> Result<&Column, Error> {
        self.frame.column(name).map_err(|_| {
            let names: Vec<String> = self.frame.get_column_names().iter().map(|name| format!("`{name}`")).collect();
            self.problem(name, format!("is missing; there are {}", names.join(", ")))
        })
    }

    fn cast(&self, column: &Column, to: &DataType, expected: &str) -> Result<Column, Error> {
        column.cast(to).map_err(|_| self.problem(column.name(), format!("is {}, expected {expected}", column.dtype())))
    }

    /// A text column; an absent value is empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let column = self.cast(self.required(name)?, &DataType::String, "text")?;
        let values = column.str().map_err(Error::frame(format!("{}: column `{name}`", self.path)))?;
        Ok(values.iter().map(|value| value.unwrap_or("").trim().to_owned()).collect())
    }

    /// A text column that may be absent altogether.
    pub(super) fn texts_if_any(&self, name: &str) -> Result<Vec<String>, Error> {
        match self.optional(name) {
            Some(_) => self.texts(name),
            None => Ok(vec![String::new(); self.frame.height()]),
        }
    }

    /// A column of numbers that may be absent altogether.
    pub(super) fn numbers_if_any(&self, name: &str) -> Result<Vec<Option<f64>>, Error> {
        let Some(column) = self.optional(name) else { return Ok(vec![None; self.frame.height()]) };
        if !column.dtype().is_primitive_numeric() && column.null_count() < column.len() {
            return Err(self.problem(name, format!("is {}, expected numbers", column.dtype())));
        }
        let column = self.cast(column, &DataType::Float64, "numbers")?;
        let values = column.f64().map_err(Error::frame(format!("{}: column `{name}`", self.path)))?;
        Ok(values.iter().map(|value| value.filter(|value| value.is_finite())).collect())
    }

    /// A column of yes and no that may be absent altogether.
    pub(super) fn flags_if_any(&self, name: &str) -> Result<Vec<Option<bool>>, Error> {
        let Some(column) = self.optional(name) else { return Ok(vec![None; self.frame.height()]) };
        if column.null_count() == column.len() {
            return Ok(vec![None; self.frame.height()]);
        }
        let values = column.bool().map_err(|_| self.problem(name, format!("is {}, expected true or false", column.dtype())))?;
        Ok(values.iter().collect())
    }

    /// A time column as microseconds since the epoch. Times without a zone are UTC.
    pub(super) fn instants(&self, name: &str) -> Result<Vec<Option<i64>>, Error> {
        let column = self.required(name)?;
        let scale = match column.dtype() {
            DataType::Datetime(TimeUnit::Milliseconds, _) => (1_000, 1),
            DataType::Datetime(TimeUnit::Microseconds, _) => (1, 1),
            DataType::Datetime(TimeUnit::Nanoseconds, _) => (1, 1_000),
            DataType::String => return Ok(self.texts(name)?.iter().map(|text| instant(text)).collect()),
            other => return Err(self.problem(name, format!("is {other}, expected timestamps in UTC"))),
        };
        let column = self.cast(column, &DataType::Int64, "timestamps in UTC")?;
        let values = column.i64().map_err(Error::frame(format!("{}: column `{name}`", self.path)))?;
        Ok(values
            .iter()
            .map(|value| value.and_then(|value| value.checked_mul(scale.0)).map(|value| value.div_euclid(scale.1)))
            .collect())
    }

    /// A date column as days since the epoch.
    pub(super) fn days(&self, name: &str) -> Result<Vec<Option<i32>>, Error> {
        let column = self.required(name)?;
        match column.dtype() {
            DataType::Date | DataType::Datetime(_, _) => {}
            DataType::String => return Ok(self.texts(name)?.iter().map(|text| day_number(text)).collect()),
            other => return Err(self.problem(name, format!("is {other}, expected dates"))),
        }
        let column =
            self.cast(column, &DataType::Date, "dates").and_then(|dates| self.cast(&dates, &DataType::Int32, "dates"))?;
        let values = column.i32().map_err(Error::frame(format!("{}: column `{name}`", self.path)))?;
        Ok(values.iter().collect())
    }
}

/// `2025-01-06T09:00:00Z`, `2025-01-06 09:00:00+00:00`, or the same without a zone, which is UTC.
fn instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>()
        .or_else(|_| {
            text.parse::<jiff::civil::DateTime>()
                .and_then(|local| local.to_zoned(jiff::tz::TimeZone::UTC))
                .map(|utc| utc.timestamp())
        })
        .ok()
        .map(|at| at.as_microsecond())
}

fn day_number(text: &str) -> Option<i32> {
    let date: Date = text.parse().ok()?;
    Some((date - EPOCH).get_days())
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The date `days` after 1970-01-01; `None` when there is none such.
pub(super) fn date_of(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
