//! Bars from a table: starts become intervals here, and rows that have no place in time are set aside.

use std::collections::{BTreeMap, HashMap};

use bellwether::{
    Error,
    market::{BarFault, Bars, BarsBuilder, Calendar, MissingData, MissingReason, SnapshotPart, Symbol},
};
use jiff::Timestamp;
use polars::prelude::{BooleanChunked, DataType, NewChunkedArray};

use super::table::{Table, date_of};

const MINUTE: i64 = 60_000_000;

/// What a table of bars gave.
#[derive(Debug, Clone, Default)]
pub(super) struct BarsRead {
    pub(super) bars: Bars,
    /// Rows left out, each with its time.
    pub(super) faults: Vec<BarFault>,
    /// Rows left out that lie nowhere in time.
    pub(super) misplaced: Vec<MissingData>,
}

impl BarsRead {
    /// Rows left out that start in `[from, until)`: one report for each symbol.
    pub(super) fn left_out(&self, part: SnapshotPart, from: Timestamp, until: Timestamp) -> Vec<MissingData> {
        let mut reports: BTreeMap<&Symbol, (usize, &BarFault)> = BTreeMap::new();
        for fault in self.faults.iter().filter(|fault| (from..until).contains(&fault.at)) {
            reports.entry(&fault.symbol).and_modify(|(count, _)| *count += 1).or_insert((1, fault));
        }
        let report = |(symbol, (count, first)): (&Symbol, (usize, &BarFault))| {
            let detail = format!("{count} rows left out, the first at {}: {}", first.at, first.problem);
            MissingData { symbol: symbol.clone(), part, reason: MissingReason::BadData, detail }
        };
        reports.into_iter().map(report).collect()
    }
}

/// Minute bars whose `ts` is the start of the minute.
pub(super) fn minute_bars(table: Table) -> Result<BarsRead, Error> {
    let intervals = table.instants("ts")?.into_iter().map(|open_at| {
        let open_at = open_at.ok_or_else(|| "`ts` is empty or no timestamp".to_owned())?;
        Ok((open_at, open_at + MINUTE))
    });
    collect(&table, SnapshotPart::History, intervals.collect())
}

/// Daily bars: `date` becomes the regular session, open to close, of that day.
pub(super) fn daily_bars(table: Table) -> Result<BarsRead, Error> {
    let mut sessions: HashMap<i32, Interval> = HashMap::new();
    let intervals = table.days("date")?.into_iter().map(|day| {
        let day = day.ok_or_else(|| "`date` is empty or no date".to_owned())?;
        sessions.entry(day).or_insert_with(|| session(day)).clone()
    });
    let intervals = intervals.collect();
    collect(&table, SnapshotPart::Daily, intervals)
}

/// Where a row lies in time (start and end, microseconds), or why it lies nowhere.
type Interval = Result<(i64, i64), String>;

fn session(day: i32) -> Interval {
    let date = date_of(day).ok_or_else(|| format!("day {day} is no date"))?;
    match Calendar.day(date) {
        Ok(Some(session)) => Ok((session.open.as_microsecond(), session.close.as_microsecond())),
        Ok(None) => Err(format!("the exchange does not trade on {date}")),
        Err(error) => Err(error.to_string()),
    }
}

fn collect(table: &Table, part: SnapshotPart, intervals: Vec<Interval>) -> Result<BarsRead, Error> {
    let mut frame = drop_empty_columns(table)?;
    let mut misplaced_rows = Vec::new();
    if !intervals.iter().all(Interval::is_ok) {
        let keep: Vec<bool> = intervals.iter().map(Interval::is_ok).collect();
        let keep = BooleanChunked::from_slice("keep".into(), &keep);
        frame = frame.filter(&keep).map_err(Error::frame(table.path.clone()))?;
        misplaced_rows = misplaced(table, part, &intervals)?;
    }
    let (open_at, close_at): (Vec<i64>, Vec<i64>) = intervals.into_iter().flatten().unzip();
    let mut builder = BarsBuilder::default();
    builder.push_columns(&frame, &table.path, &open_at, |row| close_at[row])?;
    let (bars, faults) = builder.finish();
    Ok(BarsRead { bars, faults, misplaced: misplaced_rows })
}

/// Optional numbers without a single value come out of a CSV as text: they are as good as absent.
fn drop_empty_columns(table: &Table) -> Result<polars::prelude::DataFrame, Error> {
    let empty = |name: &&str| {
        table.frame.column(name).is_ok_and(|column| *column.dtype() == DataType::String && column.null_count() == column.len())
    };
    let drop: Vec<&str> = ["vwap", "trades", "trade_count"].into_iter().filter(empty).collect();
    Ok(table.frame.drop_many(drop))
}

/// One report for each symbol with rows that lie nowhere in time. Its other rows stay.
fn misplaced(table: &Table, part: SnapshotPart, intervals: &[Interval]) -> Result<Vec<MissingData>, Error> {
    let symbols = table.texts("symbol")?;
    let mut reports: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (symbol, interval) in symbols.iter().zip(intervals) {
        if let Err(problem) = interval {
            reports.entry(symbol).and_modify(|(count, _)| *count += 1).or_insert((1, problem));
        }
    }
    let report = |(symbol, (count, problem)): (&str, (usize, &str))| {
        let detail = format!("{count} rows left out, the first because {problem}");
        Some(MissingData { symbol: Symbol::new(symbol).ok()?, part, reason: MissingReason::BadData, detail })
    };
    Ok(reports.into_iter().filter_map(report).collect())
}
