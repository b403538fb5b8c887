//! Profiles of many stocks at once.

use jiff::Timestamp;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Ingredients, Profile, ProfileConfig, ScoreScale, VolatilityRegime,
    benchmark::{Benchmark, Filtered},
    profile,
};
use crate::{
    Error, Result,
    market::{Bars, Series, Symbol},
};

/// A stock without a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprofiled {
    /// The stock.
    pub symbol: Symbol,
    /// Why it has none.
    pub problem: String,
}

/// The risk of a universe as of an instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profiles {
    /// Nothing known later went into any number.
    pub as_of: Timestamp,
    /// What the stocks are compared with, in the order of [`Profile::correlations`].
    pub benchmarks: Vec<Symbol>,
    /// The stocks, by symbol.
    pub profiles: Vec<Profile>,
    /// Those without a profile, by symbol.
    pub unprofiled: Vec<Unprofiled>,
    /// Whether the scores are deciles of these stocks; with fewer than 30 they are on the default scale.
    pub calibrated: bool,
    /// The scale of the scores.
    #[serde(skip)]
    pub scale: ScoreScale,
}

/// Profiles of all symbols of daily bars against benchmarks among them, in parallel; the same whatever the number of threads.
///
/// # Errors
/// [`Error::Setting`] on settings outside their range; [`Error::Fit`] when a benchmark is missing or cannot be modelled, or the bars are
/// not daily.
pub fn profiles(bars: &Bars, benchmarks: &[Symbol], as_of: Timestamp, config: &ProfileConfig) -> Result<Profiles> {
    let models = models(bars, benchmarks, as_of, config)?;
    let symbols: Vec<_> = bars.iter().collect();
    let of = |(symbol, series): &(&Symbol, Series<'_>)| {
        profile(symbol, series.as_of(as_of), &models, config).map_err(|error| error.to_string())
    };
    let outcomes = symbols.par_iter().map(of).collect();
    Ok(Profiles::new(as_of, benchmarks, symbols.iter().map(|(symbol, _)| (*symbol).clone()).collect(), outcomes))
}

/// The benchmarks' own models.
pub(super) fn models(bars: &Bars, benchmarks: &[Symbol], as_of: Timestamp, config: &ProfileConfig) -> Result<Vec<Benchmark>> {
    config.check()?;
    let problem = |problem: String| Error::Fit { what: "risk profiles".to_owned(), problem };
    if benchmarks.is_empty() {
        return Err(problem("a benchmark at least is needed, such as SPY".to_owned()));
    }
    if let Some(twice) = benchmarks.iter().enumerate().find(|(at, symbol)| benchmarks[..*at].contains(symbol)) {
        return Err(problem(format!("benchmark {} is named twice", twice.1)));
    }
    benchmarks
        .iter()
        .map(|symbol| {
            let series = bars.series(symbol.as_str()).as_of(as_of);
            if series.is_empty() {
                return Err(problem(format!("benchmark {symbol} has no bar known by {as_of}")));
            }
            check_daily(series.open_at).map_err(|found| problem(format!("{symbol}: {found}")))?;
            let filtered = Filtered::of(symbol, series, config)
                .map_err(|error| problem(format!("benchmark {symbol} cannot be modelled: {error}")))?;
            Ok(Benchmark { symbol: symbol.clone(), filtered })
        })
        .collect()
}

/// Daily bars begin a day apart: several a day are intraday bars.
fn check_daily(open_at: &[i64]) -> Result<(), String> {
    const HALF_A_DAY: i64 = 43_200_000_000;
    let close = open_at.windows(2).filter(|pair| pair[1] - pair[0] < HALF_A_DAY).count();
    match close * 10 > open_at.len() {
        true => Err("the bars are shorter than a day: make daily bars of them first".to_owned()),
        false => Ok(()),
    }
}

impl Profiles {
    pub(super) fn new(
        as_of: Timestamp,
        benchmarks: &[Symbol],
        symbols: Vec<Symbol>,
        outcomes: Vec<Result<Profile, String>>,
    ) -> Self {
        let (mut profiles, mut unprofiled) = (Vec::new(), Vec::new());
        for (symbol, outcome) in symbols.into_iter().zip(outcomes) {
            match outcome {
                Ok(profile) => profiles.push(profile),
                Err(problem) => unprofiled.push(Unprofiled { symbol, problem }),
            }
        }
        let sound = |profile: &&mut Profile| profile.notes.is_empty();
        let universe: Vec<Ingredients> = profiles.iter_mut().filter(sound).map(|profile| Ingredients::from(&*profile)).collect();
        let calibrated = ScoreScale::calibrated(&universe);
        let (scale, calibrated) = calibrated.map_or_else(|| (ScoreScale::default(), false), |scale| (scale, true));
        for (profile, ingredients) in profiles.iter_mut().filter(sound).zip(&universe) {
            profile.risk_score = Some(scale.score(ingredients));
        }
        Self { as_of, benchmarks: benchmarks.to_vec(), profiles, unprofiled, calibrated, scale }
    }

    /// One row a stock.
    ///
    /// # Errors
    /// [`Error::Frame`] when the columns cannot be joined.
    pub fn table(&self) -> Result<DataFrame> {
        let all = |of: &dyn Fn(&Profile) -> f64| self.profiles.iter().map(of).collect::<Vec<f64>>();
        let texts = |of: &dyn Fn(&Profile) -> String| self.profiles.iter().map(of).collect::<Vec<String>>();
        let regime = |profile: &Profile| match profile.vol_regime {
            VolatilityRegime::High => "high".to_owned(),
            VolatilityRegime::Normal => "normal".to_owned(),
        };
        let mut columns = vec![
            Column::new("symbol".into(), texts(&|profile| profile.symbol.to_string())),
            Column::new(
                "risk_score".into(),
                self.profiles.iter().map(|profile| profile.risk_score.map(u32::from)).collect::<Vec<_>>(),
            ),
            Column::new("forecast_volatility".into(), all(&|profile| profile.forecast_volatility)),
            Column::new("forecast_low".into(), all(&|profile| profile.forecast_interval[0])),
            Column::new("forecast_high".into(), all(&|profile| profile.forecast_interval[1])),
            Column::new("annualized_vol".into(), all(&|profile| profile.annualized_vol)),
            Column::new("current_vol".into(), all(&|profile| profile.current_vol)),
            Column::new("vol_regime".into(), texts(&regime)),
        ];
        for (at, benchmark) in self.benchmarks.iter().enumerate() {
            let name = format!("correlation_{}", benchmark.as_str().to_lowercase());
            columns.push(Column::new(name.into(), all(&|profile| profile.correlations[at])));
        }
        columns.extend([
            Column::new("tail_dependence_lower".into(), all(&|profile| profile.tail_dependence_lower)),
            Column::new("tail_dependence_upper".into(), all(&|profile| profile.tail_dependence_upper)),
            Column::new("diversification_benefit".into(), all(&|profile| profile.diversification_benefit)),
            Column::new(
                "observations".into(),
                self.profiles.iter().map(|profile| profile.observations as u32).collect::<Vec<_>>(),
            ),
        ]);
        DataFrame::new(self.profiles.len(), columns).map_err(Error::frame("making a table of risk profiles"))
    }
}
