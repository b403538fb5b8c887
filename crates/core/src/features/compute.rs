//! Features over the bars of one symbol or thousands.
//!
//! ```text
//! bars ─► rows of the timeframe asked for ─► one View a symbol, in parallel ─► columns ─► frame
//!    └──► bars of higher timeframes ─► their features ─► joined as of each row's close_at ─┘
//! ```
//! Every symbol writes to its own rows of every column, so the answer is the same on any number of threads.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use polars::prelude::{Column, DataFrame, Float64Chunked, IntoColumn as _, NewChunkedArray as _};
use rayon::prelude::*;

use super::{Feature, Sessions, View};
use crate::{
    error::{Error, Result},
    market::{AsOfRows, Bars, Series, Symbol, Timeframe, TradingHours, resample_all},
};

const MINUTE: i64 = 60_000_000;

/// Which features, over which bars.
///
/// | Name | Default | Purpose |
/// |---|---|---|
/// | `features` | | columns, in this order |
/// | `timeframe` | the bars as they are | length of the bars that rows are made of; other than as they are needs minute bars |
/// | `joined` | none | features of longer bars, known at each row's close; columns are named `NAME_1d` |
/// | `benchmark` | none | symbol among the bars that market-relative features compare with |
/// | `hours` | regular | which minutes count when longer bars are made |
#[derive(Debug, Clone)]
pub struct Selection {
    features: Vec<Feature>,
    timeframe: Option<Timeframe>,
    joined: Vec<(Timeframe, Vec<Feature>)>,
    benchmark: Option<Symbol>,
    hours: TradingHours,
}

impl Selection {
    /// These features, over the bars as they are.
    pub fn of(features: Vec<Feature>) -> Self {
        Self { features, timeframe: None, joined: Vec::new(), benchmark: None, hours: TradingHours::Regular }
    }

    /// Over bars of this length.
    #[must_use]
    pub fn on(self, timeframe: Timeframe) -> Self {
        Self { timeframe: Some(timeframe), ..self }
    }

    /// With these features of longer bars, as they are known at each row's close.
    #[must_use]
    pub fn joined(mut self, timeframe: Timeframe, features: Vec<Feature>) -> Self {
        self.joined.push((timeframe, features));
        self
    }

    /// Compared with this symbol, which has to be among the bars.
    #[must_use]
    pub fn against(self, benchmark: Symbol) -> Self {
        Self { benchmark: Some(benchmark), ..self }
    }

    /// Longer bars are made of these minutes.
    #[must_use]
    pub fn within(self, hours: TradingHours) -> Self {
        Self { hours, ..self }
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> Vec<String> {
        let own = self.features.iter().map(|feature| feature.name().to_owned());
        let joined = self
            .joined
            .iter()
            .flat_map(|(timeframe, features)| features.iter().map(move |feature| format!("{}_{timeframe}", feature.name())));
        own.chain(joined).collect()
    }
}

/// Computes a selection: `symbol, open_at, close_at`, then one column a feature, null where undefined; rows ordered by
/// symbol and time.
///
/// # Errors
/// [`Error::Feature`] when a feature answers another count of numbers than there are bars, a name comes twice, the benchmark
/// is not among the bars, or bars of the asked length cannot be made of these.
pub fn compute(bars: &Bars, selection: &Selection) -> Result<DataFrame> {
    let names = selection.names();
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(feature_error(pair[0], "is selected twice"));
    }
    let rows = rows_of(bars, selection.timeframe, selection.hours)?;
    let mut columns = Columns::new(&rows, names.len());
    {
        let (own, mut joined) = columns.split(selection.features.len());
        fill(&rows, &selection.features, selection.benchmark.as_ref(), own, None)?;
        for (timeframe, features) in &selection.joined {
            let longer = rows_of(bars, Some(*timeframe), selection.hours)?;
            let rest = joined.split_off(features.len());
            fill(&longer, features, selection.benchmark.as_ref(), joined, Some(&rows))?;
            joined = rest;
        }
    }
    columns.into_frame(&rows, &names)
}

fn feature_error(name: &str, problem: &str) -> Error {
    Error::Feature { name: name.to_owned(), problem: problem.to_owned() }
}

/// The bars as they are, or bars of another length made of minutes.
fn rows_of(bars: &Bars, timeframe: Option<Timeframe>, hours: TradingHours) -> Result<Cow<'_, Bars>> {
    let Some(timeframe) = timeframe else { return Ok(Cow::Borrowed(bars)) };
    let longest =
        bars.iter().flat_map(|(_, series)| series.open_at.iter().zip(series.close_at)).map(|(from, until)| until - from);
    let longest = longest.max().unwrap_or_default();
    if longest <= MINUTE {
        if timeframe == Timeframe::Min1 {
            return Ok(Cow::Borrowed(bars));
        }
        let last = bars.iter().filter_map(|(_, series)| series.close_at.last().copied()).max().unwrap_or_default();
        let (made, _) = resample_all(bars, timeframe, hours, Timestamp::from_microsecond(last).unwrap_or(Timestamp::MAX));
        return Ok(Cow::Owned(made));
    }
    // A session's bar is shorter than a day; nothing else is longer than six hours.
    let is_daily = longest > 6 * 60 * MINUTE;
    if is_daily && timeframe == Timeframe::Day1 || !is_daily && longest == timeframe.minutes() * MINUTE {
        return Ok(Cow::Borrowed(bars));
    }
    let problem = format!("bars of {} minutes cannot be made {timeframe} bars: that needs minute bars", longest / MINUTE);
    Err(Error::Feature { name: "timeframe".to_owned(), problem })
}

/// Columns being filled: for each symbol, its rows of every column.
type Parts<'c> = Vec<Vec<&'c mut [f64]>>;

/// One buffer a column, over the rows of all symbols.
struct Columns {
    lengths: Vec<usize>,
    buffers: Vec<Vec<f64>>,
}

impl Columns {
    fn new(rows: &Bars, count: usize) -> Self {
        let lengths = rows.iter().map(|(_, series)| series.len()).collect();
        Self { lengths, buffers: (0..count).map(|_| vec![f64::NAN; rows.len()]).collect() }
    }

    /// The buffers, those of the selection itself apart.
    fn split(&mut self, own: usize) -> (Cut<'_>, Cut<'_>) {
        let (own, joined) = self.buffers.split_at_mut(own);
        let cut = |buffers| Cut { lengths: &self.lengths, buffers };
        (cut(own.iter_mut().map(Vec::as_mut_slice).collect()), cut(joined.iter_mut().map(Vec::as_mut_slice).collect()))
    }

    fn into_frame(self, rows: &Bars, names: &[String]) -> Result<DataFrame> {
        let mut columns = rows.keys();
        let made: Vec<Column> = names
            .par_iter()
            .zip(self.buffers)
            .map(|(name, values)| {
                let known = values.iter().map(|value| (!value.is_nan()).then_some(*value));
                Float64Chunked::from_iter_options(name.as_str().into(), known).into_column()
            })
            .collect();
        columns.extend(made);
        DataFrame::new(rows.len(), columns).map_err(Error::frame("features as a frame"))
    }
}

/// Some of the buffers.
struct Cut<'c> {
    lengths: &'c [usize],
    buffers: Vec<&'c mut [f64]>,
}

impl<'c> Cut<'c> {
    fn split_off(&mut self, at: usize) -> Self {
        Self { lengths: self.lengths, buffers: self.buffers.split_off(at) }
    }

    /// For each symbol, its rows of every buffer.
    fn by_symbol(self) -> Parts<'c> {
        let mut parts: Parts<'c> = self.lengths.iter().map(|_| Vec::with_capacity(self.buffers.len())).collect();
        for mut rest in self.buffers {
            for (part, length) in parts.iter_mut().zip(self.lengths) {
                let (rows, later) = rest.split_at_mut(*length);
                part.push(rows);
                rest = later;
            }
        }
        parts
    }
}

/// Computes features of every symbol of `bars` into its rows: directly, or as known at the rows of `onto`.
fn fill(bars: &Bars, features: &[Feature], benchmark: Option<&Symbol>, into: Cut<'_>, onto: Option<&Bars>) -> Result<()> {
    let benchmark = match benchmark {
        Some(symbol) if bars.series(symbol.as_str()).is_empty() && !bars.is_empty() => {
            return Err(feature_error("benchmark", &format!("{symbol} is not among the bars")));
        }
        Some(symbol) => Some(bars.series(symbol.as_str())),
        None => None,
    };
    let rows: Vec<(&Symbol, Series<'_>)> = onto.unwrap_or(bars).iter().collect();
    rows.into_par_iter().zip(into.by_symbol()).try_for_each_init(
        || None::<Arc<Sessions>>,
        |sessions, ((symbol, rows), mut columns)| {
            let series = bars.series(symbol.as_str());
            let known = sessions.take().filter(|known| known.are_of(series.open_at));
            let of_these = known.unwrap_or_else(|| Arc::new(Sessions::of(series.open_at)));
            *sessions = Some(Arc::clone(&of_these));
            let beside = benchmark.map(|benchmark| beside(benchmark, series)).transpose()?;
            let view = View::new(series, of_these, beside.as_deref());
            let joined = onto.map(|_| AsOfRows::new(series.close_at, rows.close_at)).transpose()?;
            for (feature, column) in features.iter().zip(&mut columns) {
                let values = feature.compute(&view)?;
                match &joined {
                    None => column.copy_from_slice(&values),
                    Some(joined) => column.copy_from_slice(&joined.take(&values)?),
                }
            }
            Ok(())
        },
    )
}

/// The benchmark's last price at each bar's close.
fn beside(benchmark: Series<'_>, bars: Series<'_>) -> Result<Vec<f64>> {
    if benchmark.close_at == bars.close_at {
        return Ok(benchmark.close.to_vec());
    }
    AsOfRows::new(benchmark.close_at, bars.close_at)?.take(benchmark.close)
}

#[cfg(test)]
#[path = "compute_tests.rs"]
mod tests;
