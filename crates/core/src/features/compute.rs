//! Features over the bars of one symbol or thousands.
//!
//! ```text
//! bars ─► rows of the timeframe asked for ─► one View a symbol, in parallel ─► columns ─► frame
//!    └──► bars of higher timeframes ─► their features ─► joined as of each row's close_at ─┘
//! ```
//! Every symbol writes to its own rows of every column, so the answer is the same on any number of threads.

use std::{borrow::Cow, ops::Range, sync::Arc};

use jiff::Timestamp;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::*;

use super::{
    Feature, FeatureCache, Sessions, View,
    cache::key_of,
    formula::{Plan, Workspace},
};
use crate::{
    error::{Error, Result},
    market::{AsOfRows, Bars, Series, Symbol, Timeframe, TradingHours, column_of, resample_all},
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
/// | `as_of` | the end of the newest minute of any symbol | only bars that end by then are made of minutes |
#[derive(Debug, Clone)]
pub struct Selection {
    features: Vec<Feature>,
    timeframe: Option<Timeframe>,
    joined: Vec<(Timeframe, Vec<Feature>)>,
    benchmark: Option<Symbol>,
    hours: TradingHours,
    as_of: Option<Timestamp>,
}

impl Selection {
    /// These features, over the bars as they are.
    pub fn of(features: Vec<Feature>) -> Self {
        Self { features, timeframe: None, joined: Vec::new(), benchmark: None, hours: TradingHours::Regular, as_of: None }
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

    /// Longer bars that end by `as_of` are complete, though a stock may not have traded in their last minutes.
    #[must_use]
    pub fn as_of(self, as_of: Timestamp) -> Self {
        Self { as_of: Some(as_of), ..self }
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
    compute_with(bars, selection, None)
}

/// The same, from what `cache` remembers where it can be.
pub(super) fn compute_with(bars: &Bars, selection: &Selection, cache: Option<&FeatureCache>) -> Result<DataFrame> {
    let names = selection.names();
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(feature_error(pair[0], "is selected twice"));
    }
    let rows = rows_of(bars, selection.timeframe, selection)?;
    let mut columns = Columns::new(&rows, names.len());
    let benchmark = selection.benchmark.as_ref();
    let mut first = selection.features.len();
    fill(&rows, &selection.features, benchmark, columns.by_symbol(0..first), None, cache)?;
    for (timeframe, features) in &selection.joined {
        let longer = rows_of(bars, Some(*timeframe), selection)?;
        let into = columns.by_symbol(first..first + features.len());
        fill(&longer, features, benchmark, into, Some(&rows), cache)?;
        first += features.len();
    }
    columns.into_frame(&rows, &names)
}

fn feature_error(name: &str, problem: &str) -> Error {
    Error::Feature { name: name.to_owned(), problem: problem.to_owned() }
}

/// The bars as they are, or bars of another length made of minutes.
fn rows_of<'a>(bars: &'a Bars, timeframe: Option<Timeframe>, selection: &Selection) -> Result<Cow<'a, Bars>> {
    let Some(timeframe) = timeframe else { return Ok(Cow::Borrowed(bars)) };
    let longest =
        bars.iter().flat_map(|(_, series)| series.open_at.iter().zip(series.close_at)).map(|(from, until)| until - from);
    let longest = longest.max().unwrap_or_default();
    if longest <= MINUTE {
        if timeframe == Timeframe::Min1 {
            return Ok(Cow::Borrowed(bars));
        }
        let newest = || bars.iter().filter_map(|(_, series)| series.close_at.last().copied()).max().unwrap_or_default();
        let as_of = selection.as_of.unwrap_or_else(|| Timestamp::from_microsecond(newest()).unwrap_or(Timestamp::MAX));
        let (made, _) = resample_all(bars, timeframe, selection.hours, as_of);
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

/// One buffer a column, over the rows of all symbols.
struct Columns {
    lengths: Vec<usize>,
    buffers: Vec<Vec<f64>>,
}

impl Columns {
    fn new(rows: &Bars, count: usize) -> Self {
        let lengths = rows.iter().map(|(_, series)| series.len()).collect();
        // Zeroed memory costs nothing before it is written.
        Self { lengths, buffers: (0..count).map(|_| vec![0.0; rows.len()]).collect() }
    }

    /// For each symbol, its rows of the columns `range`.
    fn by_symbol(&mut self, range: Range<usize>) -> Vec<Vec<&mut [f64]>> {
        let mut parts: Vec<Vec<&mut [f64]>> = self.lengths.iter().map(|_| Vec::with_capacity(range.len())).collect();
        for buffer in &mut self.buffers[range] {
            let mut rest = buffer.as_mut_slice();
            for (part, length) in parts.iter_mut().zip(&self.lengths) {
                let (rows, later) = rest.split_at_mut(*length);
                part.push(rows);
                rest = later;
            }
        }
        parts
    }

    fn into_frame(self, rows: &Bars, names: &[String]) -> Result<DataFrame> {
        let mut columns = rows.keys();
        let made: Vec<Column> = names.par_iter().zip(self.buffers).map(|(name, values)| column_of(name.into(), values)).collect();
        columns.extend(made);
        DataFrame::new(rows.len(), columns).map_err(Error::frame("features as a frame"))
    }
}

/// Computes features of every symbol of `bars` into its rows: directly, or as known at the rows of `onto`.
fn fill(
    bars: &Bars,
    features: &[Feature],
    benchmark: Option<&Symbol>,
    into: Vec<Vec<&mut [f64]>>,
    onto: Option<&Bars>,
    cache: Option<&FeatureCache>,
) -> Result<()> {
    let benchmark = match benchmark {
        Some(symbol) if bars.series(symbol.as_str()).is_empty() && !bars.is_empty() => {
            return Err(feature_error("benchmark", &format!("{symbol} is not among the bars")));
        }
        Some(symbol) => Some(bars.series(symbol.as_str())),
        None => None,
    };
    let plan = Plan::of(features);
    let rows: Vec<(&Symbol, Series<'_>)> = onto.unwrap_or(bars).iter().collect();
    rows.into_par_iter().zip(into).try_for_each_init(
        || (None::<Arc<Sessions>>, Workspace::default()),
        |(sessions, workspace), ((symbol, rows), mut columns)| {
            let series = bars.series(symbol.as_str());
            let known = sessions.take().filter(|known| known.are_of(series.open_at));
            let of_these = known.unwrap_or_else(|| Arc::new(Sessions::of(series.open_at)));
            *sessions = Some(Arc::clone(&of_these));
            let beside = benchmark.map(|benchmark| beside(benchmark, series)).transpose()?;
            let view = View::new(series, of_these, beside.as_deref());
            let joined = onto.map(|_| AsOfRows::new(series.close_at, rows.close_at)).transpose()?;
            let mut tell = |feature: usize, values: &[f64]| {
                match &joined {
                    None => columns[feature].copy_from_slice(values),
                    Some(joined) => columns[feature].copy_from_slice(&joined.take(values)?),
                }
                Ok(())
            };
            let Some(cache) = cache else { return plan.run(&view, workspace, tell) };
            let key = key_of(series, beside.as_deref());
            let mut missing = Vec::new();
            for (feature, known) in cache.known(key, features).into_iter().enumerate() {
                match known {
                    Some(values) => tell(feature, &values)?,
                    None => missing.push(feature),
                }
            }
            if missing.is_empty() {
                return Ok(());
            }
            let wanted: Vec<Feature> = missing.iter().map(|feature| features[*feature].clone()).collect();
            let part = (missing.len() < features.len()).then(|| Plan::of(&wanted));
            let mut new = Vec::with_capacity(missing.len());
            part.as_ref().unwrap_or(&plan).run(&view, workspace, |index, values| {
                new.push((wanted[index].clone(), Arc::from(values)));
                tell(missing[index], values)
            })?;
            cache.remember(key, new);
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
