//! How well columns order the symbols of a day by what comes next.

use std::collections::{BTreeMap, HashMap};

use polars::prelude::{Column, DataFrame, IntoColumn as _, NamedFrom as _, Series as PolarsSeries};

use super::labels::forward_return;
use crate::{
    error::{Error, Result},
    market::{Bars, Symbol, column_of, instants_of, numbers_of, texts_of},
    risk::copula::{correlation, pseudo_observations},
};

/// Fewer symbols at one time than this rank nothing.
const FEWEST_SYMBOLS: usize = 5;
/// Columns of a frame of features that say which row it is.
const KEYS: [&str; 3] = ["symbol", "open_at", "close_at"];

/// Information coefficients of the columns of a frame of features, against the return of the next `horizon` bars.
///
/// ```text
/// IC_t = Spearman correlation, over the symbols at time t, of the column and close_{t+h} / close_t − 1
/// mean = Σ IC_t / T      sd = their standard deviation      ir = mean / sd, of one time, not of a year
/// t    = mean / √(S / T),  S = γ_0 + 2 Σ_{k=1}^{h−1} (1 − k/h) γ_k,  γ_k = Σ_t (IC_t − mean)(IC_{t−k} − mean) / T
/// ```
/// `S` is the variance of Newey and West: the returns of neighbouring times overlap, and so do not count in full.
///
/// `features` is what [`compute`](super::compute) made of the same `bars`. The result has a row for each column of it, the largest
/// `|mean|` first: `feature`, `mean_ic`, `sd_ic`, `ir`, `t`, `times` (how many times had 5 or more symbols with
/// both numbers). Undefined numbers are null. It looks ahead by construction and judges; it is no feature.
///
/// # Errors
/// [`Error::Setting`] when `horizon` is 0; [`Error::Column`] when `features` lacks `symbol` or `close_at`, or a column is not numeric.
///
/// # References
/// Grinold, Kahn, *Active Portfolio Management*, 2nd ed., 2000, ch. 6. Newey, West, "A Simple, Positive Semi-Definite, Heteroskedasticity and
/// Autocorrelation Consistent Covariance Matrix", *Econometrica* 55 (1987).
pub fn information_coefficient(bars: &Bars, features: &DataFrame, horizon: usize) -> Result<DataFrame> {
    let mut ahead: HashMap<(&str, i64), f64> = HashMap::with_capacity(bars.len());
    for (symbol, series) in bars.iter() {
        let labels = forward_return(series, horizon)?;
        ahead.extend(series.close_at.iter().zip(labels.value).map(|(at, value)| ((Symbol::as_str(symbol), *at), value)));
    }
    let table = "features";
    let symbols = texts_of(features, table, "symbol")?;
    let times = instants_of(features, table, "close_at")?;
    let mut rows_at: BTreeMap<i64, Vec<(usize, f64)>> = BTreeMap::new();
    for (row, (symbol, at)) in symbols.iter().zip(times.iter()).enumerate() {
        if let Some(value) = ahead.get(&(symbol.as_str(), *at)).filter(|value| value.is_finite()) {
            rows_at.entry(*at).or_default().push((row, *value));
        }
    }
    let mut judged = Vec::new();
    for name in features.get_column_names().into_iter().map(|name| name.as_str()).filter(|name| !KEYS.contains(name)) {
        let values = numbers_of(features, table, name)?;
        judged.push((name, Judged::of(&values, &rows_at, horizon)?));
    }
    judged.sort_by(|(a, one), (b, other)| other.mean.abs().total_cmp(&one.mean.abs()).then(a.cmp(b)));
    frame(&judged)
}

struct Judged {
    mean: f64,
    sd: f64,
    t: f64,
    times: usize,
}

impl Judged {
    fn of(values: &[f64], rows_at: &BTreeMap<i64, Vec<(usize, f64)>>, horizon: usize) -> Result<Self> {
        let mut all = Vec::new();
        for rows in rows_at.values() {
            let pairs = rows.iter().filter(|(row, _)| values[*row].is_finite());
            let (column, returns): (Vec<f64>, Vec<f64>) = pairs.map(|(row, ahead)| (values[*row], *ahead)).unzip();
            let varies = |numbers: &[f64]| numbers.iter().any(|number| *number != numbers[0]);
            if column.len() < FEWEST_SYMBOLS || !varies(&column) || !varies(&returns) {
                continue;
            }
            all.push(correlation(&pseudo_observations(&column)?, &pseudo_observations(&returns)?));
        }
        let (mean, sd) = moments(&all);
        Ok(Self { mean, sd, t: mean / (overlapping(&all, mean, horizon) / all.len() as f64).sqrt(), times: all.len() })
    }
}

/// Mean and standard deviation (of a sample); NaN where undefined.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { f64::NAN })
}

/// Newey and West's variance of values whose neighbours, up to `horizon` − 1 away, share part of what they measure.
fn overlapping(values: &[f64], mean: f64, horizon: usize) -> f64 {
    let count = values.len();
    let autocovariance =
        |lag: usize| (lag..count).map(|at| (values[at] - mean) * (values[at - lag] - mean)).sum::<f64>() / count as f64;
    let lagged: f64 = (1..horizon.min(count)).map(|lag| (1.0 - lag as f64 / horizon as f64) * autocovariance(lag)).sum();
    autocovariance(0) + 2.0 * lagged
}

fn frame(judged: &[(&str, Judged)]) -> Result<DataFrame> {
    let numbers = |name: &str, of: fn(&Judged) -> f64| {
        let finite = judged.iter().map(|(_, it)| Some(of(it)).filter(|value| value.is_finite()).unwrap_or(f64::NAN)).collect();
        column_of(name.into(), finite)
    };
    let names: Vec<&str> = judged.iter().map(|(name, _)| *name).collect();
    let times: Vec<u64> = judged.iter().map(|(_, it)| it.times as u64).collect();
    let columns: Vec<Column> = vec![
        PolarsSeries::new("feature".into(), names).into_column(),
        numbers("mean_ic", |it| it.mean),
        numbers("sd_ic", |it| it.sd),
        numbers("ir", |it| it.mean / it.sd),
        numbers("t", |it| it.t),
        PolarsSeries::new("times".into(), times).into_column(),
    ];
    DataFrame::new(judged.len(), columns).map_err(Error::frame("information coefficients"))
}

#[cfg(test)]
#[path = "information_coefficient_tests.rs"]
mod tests;
