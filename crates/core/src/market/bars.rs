//! Bars in columns, ordered by symbol and time: the form every kernel reads.
//!
//! [`BarsBuilder`] takes rows in any order and answers with clean [`Bars`] plus a [`BarFault`] for every row that it had to
//! leave out, so one poisoned row never costs the others. [`Series`] is one symbol's bars, a view.

use std::{borrow::Cow, ops::Range};

use jiff::Timestamp;
use polars::prelude::{
    Column, DataFrame, DataType, Int64Chunked, IntoColumn, IntoSeries, NamedFrom, NewChunkedArray, Series as PolarsSeries,
    TimeUnit, TimeZone,
};
use serde::{Deserialize, Serialize};

use super::{Symbol, column_of};
use crate::error::{Error, Result};

/// One bar; prices in USD, volume in shares, times in microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Start of the interval.
    pub open_at: i64,
    /// End of the interval: the instant at which the bar is known.
    pub close_at: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares traded.
    pub volume: f64,
    /// Volume-weighted average price, when the source gives it.
    pub vwap: Option<f64>,
    /// Number of trades, when the source gives it.
    pub trades: Option<f64>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarFault {
    /// The symbol.
    pub symbol: Symbol,
    /// Its start.
    pub at: Timestamp,
    /// What is wrong with it.
    pub problem: String,
}

/// Bars of many symbols in columns. Rows are ordered by symbol, then `open_at`; neither repeats.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bars {
    symbols: Vec<Symbol>,
    /// `offsets[i]..offsets[i + 1]` are the rows of `symbols[i]`.
    offsets: Vec<usize>,
    open_at: Vec<i64>,
    close_at: Vec<i64>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    /// NaN where absent.
    vwap: Vec<f64>,
    /// NaN where absent.
    trades: Vec<f64>,
}

/// One symbol's bars: columns of equal length, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Starts, microseconds.
    pub open_at: &'a [i64],
    /// Ends, microseconds.
    pub close_at: &'a [i64],
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
    /// Shares.
    pub volume: &'a [f64],
    /// Volume-weighted average prices, NaN where absent.
    pub vwap: &'a [f64],
    /// Trade counts, NaN where absent.
    pub trades: &'a [f64],
}

impl<'a> Series<'a> {
    /// Number of bars.
    pub fn len(&self) -> usize {
        self.open_at.len()
    }

    /// No bars at all.
    pub fn is_empty(&self) -> bool {
        self.open_at.is_empty()
    }

    /// The bars with row numbers in `rows`.
    pub fn slice(&self, rows: Range<usize>) -> Series<'a> {
        Series {
            open_at: &self.open_at[rows.clone()],
            close_at: &self.close_at[rows.clone()],
            open: &self.open[rows.clone()],
            high: &self.high[rows.clone()],
            low: &self.low[rows.clone()],
            close: &self.close[rows.clone()],
            volume: &self.volume[rows.clone()],
            vwap: &self.vwap[rows.clone()],
            trades: &self.trades[rows],
        }
    }

    /// The bars known at `t`: those with `close_at <= t`. The only way to cut by time of knowledge.
    pub fn as_of(&self, t: Timestamp) -> Series<'a> {
        let t = t.as_microsecond();
        self.slice(0..self.close_at.partition_point(|close_at| *close_at <= t))
    }

    /// The bars that start in `[from, until)`.
    pub fn starting_in(&self, from: Timestamp, until: Timestamp) -> Series<'a> {
        let (from, until) = (from.as_microsecond(), until.as_microsecond());
        let start = self.open_at.partition_point(|open_at| *open_at < from);
        let end = self.open_at.partition_point(|open_at| *open_at < until).max(start);
        self.slice(start..end)
    }

    /// Row `row` as a bar.
    ///
    /// # Panics
    /// When `row` is out of bounds.
    pub fn bar(&self, row: usize) -> Bar {
        let known = |x: f64| (!x.is_nan()).then_some(x);
        Bar {
            open_at: self.open_at[row],
            close_at: self.close_at[row],
            open: self.open[row],
            high: self.high[row],
            low: self.low[row],
            close: self.close[row],
            volume: self.volume[row],
            vwap: known(self.vwap[row]),
            trades: known(self.trades[row]),
        }
    }

    /// The last bar.
    pub fn last(&self) -> Option<Bar> {
        self.len().checked_sub(1).map(|row| self.bar(row))
    }

    /// Returns from close to close in percent, one fewer than bars: `100 (close_t / close_{t−1} − 1)`.
    pub fn percent_returns(&self) -> Vec<f64> {
        self.close.windows(2).map(|pair| 100.0 * (pair[1] / pair[0] - 1.0)).collect()
    }

    /// All bars in order.
    pub fn iter(self) -> impl Iterator<Item = Bar> + 'a {
        (0..self.len()).map(move |row| self.bar(row))
    }
}

impl Bars {
    /// Number of bars over all symbols.
    pub fn len(&self) -> usize {
        self.open_at.len()
    }

    /// No bars at all.
    pub fn is_empty(&self) -> bool {
        self.open_at.is_empty()
    }

    /// The symbols that have bars, in order.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The bars of one symbol; empty when it has none.
    pub fn series(&self, symbol: &str) -> Series<'_> {
        match self.symbols.binary_search_by(|known| known.as_str().cmp(symbol)) {
            Ok(index) => self.all().slice(self.offsets[index]..self.offsets[index + 1]),
            Err(_) => self.all().slice(0..0),
        }
    }

    /// Every symbol with its bars, in order of symbol.
    pub fn iter(&self) -> impl Iterator<Item = (&Symbol, Series<'_>)> {
        let all = self.all();
        self.symbols
            .iter()
            .enumerate()
            .map(move |(index, symbol)| (symbol, all.slice(self.offsets[index]..self.offsets[index + 1])))
    }

    /// All rows as one run of columns; symbols follow one another.
    pub(super) fn all(&self) -> Series<'_> {
        Series {
            open_at: &self.open_at,
            close_at: &self.close_at,
            open: &self.open,
            high: &self.high,
            low: &self.low,
            close: &self.close,
            volume: &self.volume,
            vwap: &self.vwap,
            trades: &self.trades,
        }
    }

    pub(super) fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The bars of every symbol for which `keep` answers a non-empty part of its series.
    pub fn select<'a>(&'a self, keep: impl Fn(&Symbol, Series<'a>) -> Series<'a>) -> Bars {
        let mut out = Bars::default();
        for (symbol, series) in self.iter() {
            out.append(symbol, keep(symbol, series));
        }
        out
    }

    /// The bars known at `t`.
    pub fn as_of(&self, t: Timestamp) -> Bars {
        self.select(|_, series| series.as_of(t))
    }

    /// These bars and `other`'s together. A bar that both have is taken from `other`.
    pub fn merged(&self, other: &Bars) -> Bars {
        let mut builder = BarsBuilder::default();
        for (symbol, series) in self.iter() {
            let newer = other.series(symbol.as_str());
            for bar in series.iter().filter(|bar| newer.open_at.binary_search(&bar.open_at).is_err()) {
                builder.push(symbol, bar);
            }
        }
        for (symbol, series) in other.iter() {
            series.iter().for_each(|bar| builder.push(symbol, bar));
        }
        builder.finish().0
    }

    /// Appends a symbol that sorts after all present ones; does nothing for an empty series.
    fn append(&mut self, symbol: &Symbol, series: Series<'_>) {
        if series.is_empty() {
            return;
        }
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.symbols.push(symbol.clone());
        self.open_at.extend_from_slice(series.open_at);
        self.close_at.extend_from_slice(series.close_at);
        self.open.extend_from_slice(series.open);
        self.high.extend_from_slice(series.high);
        self.low.extend_from_slice(series.low);
        self.close.extend_from_slice(series.close);
        self.volume.extend_from_slice(series.volume);
        self.vwap.extend_from_slice(series.vwap);
        self.trades.extend_from_slice(series.trades);
        self.offsets.push(self.open_at.len());
    }

    /// The columns that tell rows apart: `symbol, open_at, close_at`.
    pub(crate) fn keys(&self) -> Vec<Column> {
        let symbols: Vec<&str> =
            self.iter().flat_map(|(symbol, series)| std::iter::repeat_n(symbol.as_str(), series.len())).collect();
        let instants = |name: &str, values: &[i64]| -> Column {
            Int64Chunked::from_slice(name.into(), values)
                .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                .into_series()
                .into_column()
        };
        vec![
            PolarsSeries::new("symbol".into(), symbols).into_column(),
            instants("open_at", &self.open_at),
            instants("close_at", &self.close_at),
        ]
    }

    /// As a polars frame: `symbol, open_at, close_at, open, high, low, close, volume, vwap, trades`, times `Datetime(us, UTC)`.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let numbers = |name: &str, values: &[f64]| PolarsSeries::new(name.into(), values).into_column();
        let mut columns = self.keys();
        columns.extend([
            numbers("open", &self.open),
            numbers("high", &self.high),
            numbers("low", &self.low),
            numbers("close", &self.close),
            numbers("volume", &self.volume),
            column_of("vwap".into(), self.vwap.clone()),
            column_of("trades".into(), self.trades.clone()),
        ]);
        DataFrame::new(self.len(), columns).map_err(Error::frame("bars as a frame"))
    }

    /// From a frame with the columns that [`Bars::to_frame`] writes (`vwap`, `trades` optional), rows in any order.
    ///
    /// # Errors
    /// [`Error::Column`] when a column is missing or of another kind. Rows that cannot be bars come back as faults.
    pub fn from_frame(frame: &DataFrame) -> Result<(Bars, Vec<BarFault>)> {
        let table = "bars";
        let open_at = instants_of(frame, table, "open_at")?;
        let close_at = instants_of(frame, table, "close_at")?;
        let mut builder = BarsBuilder::default();
        builder.push_columns(frame, table, &open_at, |row| close_at[row])?;
        Ok(builder.finish())
    }
}

/// A time column as microseconds since the epoch, whatever its unit; without a copy where it is in one piece of them.
pub(crate) fn instants_of<'f>(frame: &'f DataFrame, table: &str, name: &str) -> Result<Cow<'f, [i64]>> {
    let problem = |problem: &str| Error::Column { table: table.to_owned(), column: name.to_owned(), problem: problem.to_owned() };
    let column = frame.column(name).map_err(|_| problem(&format!("is missing; there are {}", names(frame))))?;
    if let (DataType::Datetime(TimeUnit::Microseconds, _), Ok(times)) = (column.dtype(), column.datetime())
        && let Ok(values) = times.physical().cont_slice()
    {
        return Ok(Cow::Borrowed(values));
    }
    let scaled = match column.dtype() {
        DataType::Datetime(_, _) => {
            column.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).and_then(|column| column.cast(&DataType::Int64))
        }
        DataType::Date => {
            column.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).and_then(|column| column.cast(&DataType::Int64))
        }
        _ => return Err(problem(&format!("is {}, expected a timestamp", column.dtype()))),
    };
    let scaled = scaled.map_err(Error::frame(format!("{table}: column `{name}`")))?;
    let values = scaled.i64().map_err(Error::frame(format!("{table}: column `{name}`")))?;
    if let (0, Ok(values)) = (values.null_count(), values.cont_slice()) {
        return Ok(Cow::Owned(values.to_vec()));
    }
    values.iter().enumerate().map(|(row, value)| value.ok_or_else(|| problem(&format!("is empty in row {row}")))).collect()
}

/// A numeric column as f64; nulls become NaN.
pub(crate) fn numbers_of(frame: &DataFrame, table: &str, name: &str) -> Result<Vec<f64>> {
    let column = frame.column(name).map_err(|_| Error::Column {
        table: table.to_owned(),
        column: name.to_owned(),
        problem: format!("is missing; there are {}", names(frame)),
    })?;
    if !column.dtype().is_primitive_numeric() {
        return Err(Error::Column {
            table: table.to_owned(),
            column: name.to_owned(),
            problem: format!("is {}, expected numbers", column.dtype()),
        });
    }
    let cast = column.cast(&DataType::Float64).map_err(Error::frame(format!("{table}: column `{name}`")))?;
    let values = cast.f64().map_err(Error::frame(format!("{table}: column `{name}`")))?;
    Ok(values.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// A text column; nulls become empty.
pub(crate) fn texts_of(frame: &DataFrame, table: &str, name: &str) -> Result<Vec<String>> {
    let problem = |problem: String| Error::Column { table: table.to_owned(), column: name.to_owned(), problem };
    let column = frame.column(name).map_err(|_| problem(format!("is missing; there are {}", names(frame))))?;
    let cast = column.cast(&DataType::String).map_err(|_| problem(format!("is {}, expected text", column.dtype())))?;
    let values = cast.str().map_err(Error::frame(format!("{table}: column `{name}`")))?;
    Ok(values.iter().map(|value| value.unwrap_or("").to_owned()).collect())
}

fn names(frame: &DataFrame) -> String {
    frame.get_column_names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Collects rows in any order; [`BarsBuilder::finish`] sorts, checks and sets aside.
#[derive(Debug, Default)]
pub struct BarsBuilder {
    symbols: std::collections::BTreeMap<Symbol, Vec<Bar>>,
    refused: Vec<BarFault>,
}

impl BarsBuilder {
    /// Adds one bar.
    pub fn push(&mut self, symbol: &Symbol, bar: Bar) {
        match self.symbols.get_mut(symbol) {
            Some(rows) => rows.push(bar),
            None => {
                self.symbols.insert(symbol.clone(), vec![bar]);
            }
        }
    }

    /// Adds many bars of one symbol.
    pub fn extend(&mut self, symbol: &Symbol, bars: impl IntoIterator<Item = Bar>) {
        self.symbols.entry(symbol.clone()).or_default().extend(bars);
    }

    /// Adds the rows of a frame with `symbol, open, high, low, close, volume` (+ `vwap`, `trades` or `trade_count`).
    ///
    /// # Errors
    /// [`Error::Column`] when a column is missing or of another kind. A text that is no ticker becomes a fault.
    pub fn push_columns(
        &mut self,
        frame: &DataFrame,
        table: &str,
        open_at: &[i64],
        close_at: impl Fn(usize) -> i64,
    ) -> Result<()> {
        let symbols = texts_of(frame, table, "symbol")?;
        let open = numbers_of(frame, table, "open")?;
        let high = numbers_of(frame, table, "high")?;
        let low = numbers_of(frame, table, "low")?;
        let close = numbers_of(frame, table, "close")?;
        let volume = numbers_of(frame, table, "volume")?;
        let optional = |names: &[&str]| -> Result<Option<Vec<f64>>> {
            match names.iter().find(|name| frame.column(name).is_ok()) {
                Some(name) => numbers_of(frame, table, name).map(Some),
                None => Ok(None),
            }
        };
        let vwap = optional(&["vwap"])?;
        let trades = optional(&["trades", "trade_count"])?;
        let pick =
            |column: &Option<Vec<f64>>, row: usize| column.as_ref().map(|values| values[row]).filter(|value| !value.is_nan());
        let mut row = 0;
        while row < symbols.len() {
            let end = (row..symbols.len()).find(|&next| symbols[next] != symbols[row]).unwrap_or(symbols.len());
            match Symbol::new(&symbols[row]) {
                Ok(symbol) => self.extend(
                    &symbol,
                    (row..end).map(|row| Bar {
                        open_at: open_at[row],
                        close_at: close_at(row),
                        open: open[row],
                        high: high[row],
                        low: low[row],
                        close: close[row],
                        volume: volume[row],
                        vwap: pick(&vwap, row),
                        trades: pick(&trades, row),
                    }),
                ),
                Err(_) => self.refused.push(BarFault {
                    symbol: Symbol::unreadable(),
                    at: micros(open_at[row]),
                    problem: format!("`{}` is not a ticker symbol", symbols[row]),
                }),
            }
            row = end;
        }
        Ok(())
    }

    /// Sorts each symbol by time, drops exact repeats, and leaves out every row that cannot be a bar, with a fault for each.
    ///
    /// A row cannot be a bar when a price is not finite and positive, `low <= open, close <= high` fails, the volume is
    /// negative or not finite, the interval is empty, or another row of the symbol starts at the same time with other
    /// numbers (then neither is one). Whether a symbol is still of use without it depends on when it was, and is for the
    /// caller to say.
    pub fn finish(self) -> (Bars, Vec<BarFault>) {
        let mut bars = Bars::default();
        let mut faults = self.refused;
        for (symbol, mut rows) in self.symbols {
            if !rows.is_sorted_by_key(|bar| bar.open_at) {
                rows.sort_by_key(|bar| bar.open_at);
            }
            rows.dedup();
            let sound = |rows: &[Bar]| {
                rows.iter().all(|bar| problem_of(bar).is_none()) && rows.windows(2).all(|pair| pair[0].open_at != pair[1].open_at)
            };
            if !sound(&rows) {
                let mut kept = Vec::with_capacity(rows.len());
                for same in rows.chunk_by(|a, b| a.open_at == b.open_at) {
                    let problem = match same {
                        [bar] => problem_of(bar),
                        _ => Some("different bars start at this time".to_owned()),
                    };
                    match problem {
                        Some(problem) => faults.push(BarFault { symbol: symbol.clone(), at: micros(same[0].open_at), problem }),
                        None => kept.extend_from_slice(same),
                    }
                }
                rows = kept;
            }
            bars.append_rows(&symbol, &rows);
        }
        (bars, faults)
    }
}

impl Bars {
    /// Appends a symbol that sorts after all present ones, its bars in order; does nothing without bars.
    pub(super) fn append_rows(&mut self, symbol: &Symbol, rows: &[Bar]) {
        if rows.is_empty() {
            return;
        }
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.symbols.push(symbol.clone());
        for bar in rows {
            self.open_at.push(bar.open_at);
            self.close_at.push(bar.close_at);
            self.open.push(bar.open);
            self.high.push(bar.high);
            self.low.push(bar.low);
            self.close.push(bar.close);
            self.volume.push(bar.volume);
            self.vwap.push(bar.vwap.unwrap_or(f64::NAN));
            self.trades.push(bar.trades.unwrap_or(f64::NAN));
        }
        self.offsets.push(self.open_at.len());
    }
}

fn problem_of(bar: &Bar) -> Option<String> {
    let prices = [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)];
    if let Some((name, value)) = prices.iter().find(|(_, p)| !(p.is_finite() && *p > 0.0)) {
        Some(format!("{name} is {value}"))
    } else if !(bar.volume.is_finite() && bar.volume >= 0.0) {
        Some(format!("volume is {}", bar.volume))
    } else if bar.low > bar.open.min(bar.close) || bar.high < bar.open.max(bar.close) {
        Some(format!("open {} and close {} are not within low {} to high {}", bar.open, bar.close, bar.low, bar.high))
    } else if bar.close_at <= bar.open_at {
        Some("it ends before it starts".to_owned())
    } else {
        None
    }
}

/// Microseconds since the epoch as an instant, saturating.
pub(crate) fn micros(value: i64) -> Timestamp {
    Timestamp::from_microsecond(value).unwrap_or(if value < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
#[path = "bars_tests.rs"]
mod tests;
