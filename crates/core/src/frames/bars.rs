//! Bars from tables as people have them: with one time a row, or a date, and one symbol a file.

use std::path::Path;

use jiff::{
    Timestamp,
    civil::{Date, Time, time},
    tz::TimeZone,
};
use polars::prelude::{Column, DataFrame, IntoColumn as _, NamedFrom as _, Series as PolarsSeries};

use crate::{
    error::{Error, Result},
    market::{BarFault, Bars, BarsBuilder, Calendar, Symbol, Timeframe, instants_of, new_york},
};

use super::table::read_table;

const TABLE: &str = "bars";
/// Names of the column that says when a bar begins, the first that is there counts.
const STARTS: [&str; 6] = ["open_at", "time", "ts", "timestamp", "datetime", "date"];
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1_440 * MINUTE;

/// Bars of a table with the columns of [`Bars::to_frame`], of which some may be missing:
///
/// | Column | When it is missing |
/// |---|---|
/// | `open_at` | `time`, `ts`, `timestamp`, `datetime` or `date` says when a bar begins; without a zone in UTC |
/// | `close_at` | a date's bar is its regular session; else a bar is as long as the shortest step from one to the next |
/// | `symbol` | all rows are of `otherwise` |
/// | `vwap`, `trades` | unknown |
///
/// # Errors
/// [`Error::Column`] when a column is missing that nothing stands in for, or of another kind, or when steps are no length
/// of bars. Rows that cannot be bars come back as faults.
pub fn bars_of(frame: &DataFrame, otherwise: Option<&str>) -> Result<(Bars, Vec<BarFault>)> {
    let refused = |column: &str, problem: String| Error::Column { table: TABLE.to_owned(), column: column.to_owned(), problem };
    let names: Vec<&str> = frame.get_column_names().iter().map(|name| name.as_str()).collect();
    let there = names.join(", ");
    let start = STARTS
        .into_iter()
        .find(|start| names.contains(start))
        .ok_or_else(|| refused("open_at", format!("is missing, and so are {}; there are {there}", STARTS[1..].join(", "))))?;
    let starts = instants_of(frame, TABLE, start)?.into_owned();
    let mut frame = frame.clone();
    if !names.contains(&"symbol") {
        let symbol = otherwise.ok_or_else(|| refused("symbol", format!("is missing; there are {there}")))?;
        let symbols = PolarsSeries::new("symbol".into(), vec![symbol; frame.height()]).into_column();
        frame.with_column(symbols).map_err(Error::frame("bars with a symbol"))?;
    }
    let (open_at, close_at) = if names.contains(&"close_at") {
        let ends = instants_of(&frame, TABLE, "close_at")?.into_owned();
        (starts, ends)
    } else if let Some(dates) = starts.iter().map(|at| date_of(*at)).collect::<Option<Vec<Date>>>() {
        dates.into_iter().map(session).unzip()
    } else {
        let length = length(frame.column("symbol").ok(), &starts).map_err(|problem| refused("close_at", problem))?;
        let ends = starts.iter().map(|at| at + length).collect();
        (starts, ends)
    };
    let mut builder = BarsBuilder::default();
    builder.push_columns(&frame, TABLE, &open_at, |row| close_at[row])?;
    Ok(builder.finish())
}

/// Bars of a `.parquet` or `.csv` file, see [`bars_of`]. A file without a column `symbol` is of the symbol that it is named
/// after.
///
/// # Errors
/// [`Error::File`] when it cannot be read or holds no bar, and as [`bars_of`], naming the file.
pub fn read_bars(path: &Path) -> Result<(Bars, Vec<BarFault>)> {
    let symbol = path.file_stem().and_then(|stem| Symbol::new(&stem.to_string_lossy()).ok());
    let (bars, faults) =
        bars_of(&read_table(path)?, symbol.as_ref().map(Symbol::as_str)).map_err(|error| Error::file(path, error))?;
    match (bars.is_empty(), faults.first()) {
        (false, _) => Ok((bars, faults)),
        (true, None) => Err(Error::file(path, "holds no bar")),
        (true, Some(BarFault { symbol, at, problem })) => {
            let problem = format!("holds no bar: {} rows are none, the first of {symbol} at {at}: {problem}", faults.len());
            Err(Error::file(path, problem))
        }
    }
}

/// The date that begins at this instant, in UTC as dates are written, or in New York.
fn date_of(at: i64) -> Option<Date> {
    let instant = Timestamp::from_microsecond(at).ok()?;
    if at.rem_euclid(DAY) == 0 {
        return Some(instant.to_zoned(TimeZone::UTC).date());
    }
    let local = instant.to_zoned(new_york());
    (local.time() == Time::midnight()).then(|| local.date())
}

/// The regular session of a date, or what it would be if there was one.
fn session(date: Date) -> (i64, i64) {
    match Calendar.day(date) {
        Ok(Some(day)) => (day.open.as_microsecond(), day.close.as_microsecond()),
        _ => {
            let at = |hour, minute| Calendar.at(date, time(hour, minute, 0, 0)).as_microsecond();
            (at(9, 30), at(16, 0))
        }
    }
}

/// The shortest step from one row of a symbol to the next, when it is one that bars are long.
fn length(symbols: Option<&Column>, starts: &[i64]) -> std::result::Result<i64, String> {
    let same = |row: usize| match symbols.and_then(|column| column.str().ok()) {
        Some(symbols) => symbols.get(row) == symbols.get(row - 1),
        None => true,
    };
    let steps = (1..starts.len()).filter(|row| same(*row)).map(|row| starts[row] - starts[row - 1]);
    let Some(step) = steps.filter(|step| *step > 0).min() else {
        return Err("is missing, and a single bar does not tell how long it is".to_owned());
    };
    match Timeframe::ALL.into_iter().find(|timeframe| timeframe.minutes() * MINUTE == step) {
        Some(Timeframe::Day1) => {
            Err("is missing, and bars a day apart that do not begin at midnight may end at any time".to_owned())
        }
        Some(_) => Ok(step),
        None => Err(format!(
            "is missing, and rows are {} s apart, which is no length of bars ({})",
            step as f64 / 1e6,
            Timeframe::ALL.map(Timeframe::as_str).join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::{DataType, Int64Chunked, IntoSeries as _, NewChunkedArray as _, TimeUnit};

    use super::*;

    fn prices(mut frame: DataFrame) -> DataFrame {
        let rows = frame.height();
        for (name, price) in [("open", 10.0), ("high", 11.0), ("low", 9.0), ("close", 10.5), ("volume", 100.0)] {
            frame.with_column(PolarsSeries::new(name.into(), vec![price; rows]).into_column()).unwrap();
        }
        frame
    }

    fn times(name: &str, millis: &[i64]) -> Column {
        Int64Chunked::from_slice(name.into(), millis).into_datetime(TimeUnit::Milliseconds, None).into_series().into_column()
    }

    #[test]
    fn one_time_a_row_is_enough() {
        let first = 1_736_173_800_000;
        let frame = DataFrame::new(4, vec![times("ts", &[first, first + 60_000, first + 180_000, first])]).unwrap();
        let symbols = PolarsSeries::new("symbol".into(), ["A", "A", "A", "B"]).into_column();
        let (bars, faults) = bars_of(&prices(frame.hstack(&[symbols]).unwrap()), None).unwrap();
        assert_eq!(faults, []);
        let series = bars.series("A");
        assert_eq!((series.len(), bars.series("B").len()), (3, 1));
        assert!(series.iter().all(|bar| bar.close_at - bar.open_at == MINUTE));
    }

    #[test]
    fn a_date_is_its_session() {
        let days = df!("day" => [20_059_i32, 20_060]).unwrap().column("day").unwrap().cast(&DataType::Date).unwrap();
        let frame = prices(DataFrame::new(2, vec![days.with_name("date".into())]).unwrap());
        let (bars, _) = bars_of(&frame, Some("SPY")).unwrap();
        // 2024-12-02, in winter.
        let bar = bars.series("SPY").bar(0);
        assert_eq!(bar.open_at, "2024-12-02T14:30:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond());
        assert_eq!(bar.close_at, "2024-12-02T21:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond());
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = |frame: &DataFrame, symbol| bars_of(frame, symbol).unwrap_err().to_string();
        let nothing = prices(df!("when" => [1_i64]).unwrap());
        assert!(error(&nothing, None).contains("timestamp, datetime, date; there are when, open"));
        let first = 1_736_173_800_000;
        let frame = prices(DataFrame::new(2, vec![times("time", &[first, first + 7_000])]).unwrap());
        assert!(error(&frame, None).contains("`symbol` is missing"), "{}", error(&frame, None));
        assert!(error(&frame, Some("A")).contains("rows are 7 s apart"));
    }
}
