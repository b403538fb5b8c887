//! The risk of a stock in a handful of numbers, to put beside a hit.
//!
//! ```text
//! daily closes up to T ─► returns in percent ─► GARCH-t ─► forecast volatility, its interval, the regime
//!                                                  └─ residuals ─┬► t copula ─► correlations, tail dependence
//! benchmarks' closes ─► returns ─► GARCH-t ─► residuals ─────────┘
//! all of a universe ─► ScoreScale ─► risk score 1 to 10
//! ```
//!
//! Every number is as of T: later bars change none of them. A stock that cannot be profiled is told with the reason beside those that
//! can.

mod benchmark;
mod cache;
mod score;
mod universe;

use serde::{Deserialize, Serialize};

use self::benchmark::{Benchmark, Filtered};
pub use self::{
    cache::ProfileCache,
    score::{Ingredients, ScoreScale},
    universe::{Profiles, Unprofiled, profiles},
};
use super::{
    copula::{fit_student, pseudo_observations},
    garch::{Specification, outlier},
};
use crate::{
    Error, Result,
    market::{Series, Symbol},
};

/// Settings of a profile.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `window` | 1,000 | newest daily returns used | 250 up |
/// | `horizon` | 5 | days of the forecast | 1 to 250 |
/// | `coverage` | 0.95 | probability that the interval holds the volatility | 0 to 1 |
/// | `paths` | 500 | paths behind the interval | 100 up |
/// | `current` | 20 | newest returns of `current_vol` | 5 to the window |
/// | `history` | 252 | newest returns that the regime compares with | 20 to the window |
/// | `high` | 1.5 | forecast by historical volatility above which the regime is high | above 1 |
/// | `seed` | 1 | of the paths | any |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileConfig {
    /// Newest returns used.
    pub window: usize,
    /// Days of the forecast.
    pub horizon: usize,
    /// Probability that the interval holds the volatility.
    pub coverage: f64,
    /// Paths behind the interval.
    pub paths: usize,
    /// Newest returns of the current volatility.
    pub current: usize,
    /// Newest returns of the historical volatility.
    pub history: usize,
    /// Where the high regime begins.
    pub high: f64,
    /// Seed of the paths.
    pub seed: u64,
}

impl Default for ProfileConfig {
    fn default() -> Self {
        Self { window: 1_000, horizon: 5, coverage: 0.95, paths: 500, current: 20, history: 252, high: 1.5, seed: 1 }
    }
}

/// Trading days a year.
const YEAR: f64 = 252.0;
/// Days that a stock may be behind the first benchmark.
const STALE: usize = 5;
/// Days that a stock must share with the benchmarks.
const COMMON_DAYS: usize = 100;

impl ProfileConfig {
    /// The volatility model of stocks and benchmarks: constant mean, GARCH(1,1), Student's t.
    pub const MODEL: Specification = Specification {
        mean: super::garch::Mean::Constant,
        volatility: super::garch::Volatility::GARCH,
        distribution: super::garch::Distribution::StudentT,
    };

    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first that is not.
    pub fn check(&self) -> Result<()> {
        let setting = |name, value: String, expected| Err(Error::Setting { name, value, expected });
        if self.window < 250 {
            return setting("window", self.window.to_string(), "250 returns at least");
        }
        if !(5..=self.window).contains(&self.current) {
            return setting("current", self.current.to_string(), "5 returns to the window");
        }
        if !(20..=self.window).contains(&self.history) {
            return setting("history", self.history.to_string(), "20 returns to the window");
        }
        if !(self.high > 1.0 && self.high.is_finite()) {
            return setting("high", self.high.to_string(), "above 1");
        }
        if self.paths < 100 {
            return setting("paths", self.paths.to_string(), "100 at least");
        }
        if !(1..=250).contains(&self.horizon) {
            return setting("horizon", self.horizon.to_string(), "1 to 250 days");
        }
        if !(self.coverage > 0.0 && self.coverage < 1.0) {
            return setting("coverage", self.coverage.to_string(), "a probability between 0 and 1");
        }
        Ok(())
    }
}

/// Whether the volatility to come is far above that of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolatilityRegime {
    /// It is not.
    Normal,
    /// It is.
    High,
}

/// The risk of one stock as of an instant. Volatilities are percent a day, `annualized_vol` percent a year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The stock.
    pub symbol: Symbol,
    /// Returns used, the newest ones.
    pub observations: usize,
    /// When the newest of them was known.
    pub known_at: jiff::Timestamp,
    /// `√(mean of the forecast variances)` over the horizon.
    pub forecast_volatility: f64,
    /// Holds the volatility along the horizon with the configured probability, if the model is right.
    pub forecast_interval: [f64; 2],
    /// `forecast_volatility · √252`.
    pub annualized_vol: f64,
    /// Sample standard deviation of the newest returns.
    pub current_vol: f64,
    /// High when the forecast is more than so many times the historical standard deviation.
    pub vol_regime: VolatilityRegime,
    /// Forecast by historical volatility.
    pub vol_ratio: f64,
    /// Correlation of the t copula of the stock and the benchmarks, one a benchmark.
    pub correlations: Vec<f64>,
    /// Probability that the stock has an extreme loss when the first benchmark has one, in the limit.
    pub tail_dependence_lower: f64,
    /// The same of gains; a t copula has both alike.
    pub tail_dependence_upper: f64,
    /// Degrees of freedom of the copula; none when the stock is itself the only benchmark.
    pub copula_degrees_of_freedom: Option<f64>,
    /// `1 − |correlation with the first benchmark|`.
    pub diversification_benefit: f64,
    /// 1 to 10: the decile of the universe, see [`ScoreScale`]; none when a return looks like an error of the data, which [`notes`](Self::notes)
    /// name: such a return makes any score wrong, most often too low.
    pub risk_score: Option<u8>,
    /// What a reader should know of the fit.
    pub notes: Vec<String>,
}

/// Percent returns of the closes, each with the instant at which it was known.
fn returns_of(series: Series<'_>, window: usize) -> (Vec<i64>, Vec<f64>) {
    let first = series.len().saturating_sub(window + 1);
    let closes = &series.close[first..];
    let returns = closes.windows(2).map(|pair| 100.0 * (pair[1] / pair[0] - 1.0)).collect();
    (series.close_at[(first + 1).min(series.len())..].to_vec(), returns)
}

/// Sample standard deviation of the newest `count` values.
fn deviation(values: &[f64], count: usize) -> f64 {
    let newest = &values[values.len().saturating_sub(count)..];
    let n = newest.len() as f64;
    let mean = newest.iter().sum::<f64>() / n;
    (newest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}

/// The profile of one stock, its score still to come; `series` are its daily bars up to T.
fn profile(symbol: &Symbol, series: Series<'_>, benchmarks: &[Benchmark], config: &ProfileConfig) -> Result<Profile> {
    let own = Filtered::of(symbol, series, config)?;
    let newer = benchmarks[0].filtered.newer_than(&own);
    if newer > STALE {
        return Err(Error::Fit {
            what: symbol.to_string(),
            problem: format!("its newest bar is of {}: {} has {newer} newer ones", own.known_at(), benchmarks[0].symbol),
        });
    }
    let forecast = own.fitted.forecast(config.horizon, config.seed)?;
    let forecast_volatility = (forecast.variance.iter().sum::<f64>() / config.horizon as f64).sqrt();
    let forecast_interval = own.fitted.volatility_interval(config.horizon, config.coverage, config.paths, config.seed)?;
    let historical = deviation(&own.returns, config.history);
    let dependence = Dependence::of(&own, symbol, benchmarks)?;
    let vol_ratio = forecast_volatility / historical;
    Ok(Profile {
        symbol: symbol.clone(),
        observations: own.returns.len(),
        known_at: own.known_at(),
        forecast_volatility,
        forecast_interval,
        annualized_vol: forecast_volatility * YEAR.sqrt(),
        current_vol: deviation(&own.returns, config.current),
        vol_regime: if vol_ratio > config.high { VolatilityRegime::High } else { VolatilityRegime::Normal },
        vol_ratio,
        diversification_benefit: 1.0 - dependence.correlations[0].abs(),
        correlations: dependence.correlations,
        tail_dependence_lower: dependence.tail,
        tail_dependence_upper: dependence.tail,
        copula_degrees_of_freedom: dependence.degrees,
        risk_score: None,
        notes: outlier(&own.returns).into_iter().collect(),
    })
}

/// How a stock moves with the benchmarks, apart from how volatile each is.
struct Dependence {
    correlations: Vec<f64>,
    tail: f64,
    degrees: Option<f64>,
}

impl Dependence {
    /// From a t copula of the residuals of the days that all have.
    fn of(own: &Filtered, symbol: &Symbol, benchmarks: &[Benchmark]) -> Result<Self> {
        // A benchmark moves with itself: of the others the copula tells.
        let others: Vec<&Benchmark> = benchmarks.iter().filter(|benchmark| benchmark.symbol != *symbol).collect();
        if others.is_empty() {
            return Ok(Self { correlations: vec![1.0; benchmarks.len()], tail: 1.0, degrees: None });
        }
        let mut filters = vec![own];
        filters.extend(others.iter().map(|benchmark| &benchmark.filtered));
        let columns = benchmark::aligned(&filters);
        let days = columns[0].len();
        if days < COMMON_DAYS {
            return Err(Error::Fit {
                what: format!("dependence of {symbol}"),
                problem: format!("{days} days in common with the benchmarks are too few: {COMMON_DAYS} at least are needed"),
            });
        }
        let uniforms = columns.iter().map(|column| pseudo_observations(column)).collect::<Result<Vec<_>>>()?;
        let slices: Vec<&[f64]> = uniforms.iter().map(Vec::as_slice).collect();
        let copula = fit_student(&slices, None)?.copula;
        let of = |benchmark: &Benchmark| others.iter().position(|other| other.symbol == benchmark.symbol).map(|at| at + 1);
        let rows = copula.correlation().rows();
        Ok(Self {
            correlations: benchmarks.iter().map(|benchmark| of(benchmark).map_or(1.0, |at| rows[0][at])).collect(),
            tail: of(&benchmarks[0]).map_or(1.0, |at| copula.tail_dependence(0, at)),
            degrees: copula.degrees_of_freedom(),
        })
    }
}
