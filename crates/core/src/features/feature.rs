//! What a feature is: a name, what it means, and one function over one symbol's bars.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    MissingValues, Scaling, View,
    formula::{Formula, Plan, Workspace},
};
use crate::error::{Error, Result};

/// Kinds of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// Where prices have been going: averages and their distances.
    Trend,
    /// How fast, and whether too fast: oscillators and rates of change.
    Momentum,
    /// How widely prices move.
    Volatility,
    /// How much is traded, and on which side of the price.
    Volume,
    /// Shape and moments of bars and returns.
    PriceStatistics,
    /// Against the session before, and within the present one.
    GapSession,
    /// Shapes of one to five candles.
    Candlestick,
    /// Against a benchmark.
    MarketRelative,
    /// The date and the time of day.
    Calendar,
    /// Added by a user.
    Own,
}

impl Family {
    /// All of them, in the order of the catalogue.
    pub const ALL: [Self; 10] = [
        Self::Trend,
        Self::Momentum,
        Self::Volatility,
        Self::Volume,
        Self::PriceStatistics,
        Self::GapSession,
        Self::Candlestick,
        Self::MarketRelative,
        Self::Calendar,
        Self::Own,
    ];

    /// The name, as written in selections.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trend => "trend",
            Self::Momentum => "momentum",
            Self::Volatility => "volatility",
            Self::Volume => "volume",
            Self::PriceStatistics => "price_statistics",
            Self::GapSession => "gap_session",
            Self::Candlestick => "candlestick",
            Self::MarketRelative => "market_relative",
            Self::Calendar => "calendar",
            Self::Own => "own",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a feature's numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// US dollars.
    Usd,
    /// Parts of a hundred.
    Percent,
    /// Parts of one; also ratios.
    Ratio,
    /// A difference of logarithms.
    Log,
    /// Shares.
    Shares,
    /// Shares times dollars.
    UsdShares,
    /// Standard deviations.
    Deviations,
    /// A scale that the formula bounds, such as 0 to 100.
    Score,
    /// Number of bars, days or events.
    Count,
    /// Minutes.
    Minutes,
    /// 1 when it is so, 0 when not; -1 where there is an opposite.
    Flag,
}

impl Unit {
    /// As shown in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Percent => "%",
            Self::Ratio => "ratio",
            Self::Log => "log",
            Self::Shares => "shares",
            Self::UsdShares => "USD x shares",
            Self::Deviations => "std. dev.",
            Self::Score => "score",
            Self::Count => "count",
            Self::Minutes => "min",
            Self::Flag => "flag",
        }
    }

    /// How such numbers are scaled for a model, and what stands in where one is missing, when a feature says nothing else:
    /// volumes by their logarithm, what has heavy tails by its quartiles, flags not at all. A level that is not known yet
    /// drops the row; a ratio over nothing is the usual one; what did not happen is 0.
    fn rule(self) -> (Scaling, MissingValues) {
        match self {
            Self::Usd | Self::Log => (Scaling::ZScore, MissingValues::DropRow),
            Self::Percent | Self::Ratio => (Scaling::Robust, MissingValues::TrainingMedian),
            Self::Shares | Self::UsdShares => (Scaling::Log1pZScore, MissingValues::DropRow),
            Self::Deviations => (Scaling::Keep, MissingValues::TrainingMedian),
            Self::Score | Self::Minutes => (Scaling::ZScore, MissingValues::TrainingMedian),
            Self::Count => (Scaling::ZScore, MissingValues::Zero),
            Self::Flag => (Scaling::Keep, MissingValues::Zero),
        }
    }
}

/// How far back a value reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookBack {
    /// The last so many bars, the present one included: nothing before them counts.
    Bars(usize),
    /// All bars so far, older ones ever less; the first value stands at the so-manieth bar.
    Fading(usize),
    /// All bars since the session before last began.
    Sessions,
    /// All bars so far.
    All,
}

impl fmt::Display for LookBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bars(bars) => f.pad(&bars.to_string()),
            Self::Fading(bars) => f.pad(&format!("{bars}+")),
            Self::Sessions => f.pad("2 sessions"),
            Self::All => f.pad("all"),
        }
    }
}

/// What is said about a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// The name of its column.
    pub name: String,
    /// Of which family it is.
    pub family: Family,
    /// Its formula, for readers.
    pub formula: String,
    /// What its numbers count.
    pub unit: Unit,
    /// How far back it reaches.
    pub look_back: LookBack,
    /// Where its definition comes from.
    pub source: String,
    /// How it is scaled for a model.
    pub scaling: Scaling,
    /// What stands in for it in a model's inputs where it is undefined.
    pub missing: MissingValues,
    /// It compares with the benchmark, and is null without one.
    pub needs_benchmark: bool,
    /// It means something on bars shorter than a day only.
    pub intraday: bool,
}

impl About {
    /// The bars that it means something on, of 1m 5m 30m 1h 6h 1d.
    pub fn timeframe(&self) -> &'static str {
        if self.intraday { "below 1d" } else { "any" }
    }

    /// Whether it means something with or without a benchmark, on bars shorter than a day or not.
    pub(super) fn applies(&self, benchmark: bool, intraday: bool) -> bool {
        (benchmark || !self.needs_benchmark) && (intraday || !self.intraday)
    }
}

type Compute = dyn Fn(&View<'_>) -> Vec<f64> + Send + Sync;

/// How a feature is computed.
#[derive(Clone)]
pub(super) enum Body {
    /// From operations, which can go on bar by bar.
    Formula(Formula),
    /// By a function of a user's.
    Own(Arc<Compute>),
}

/// One named column of numbers over bars.
///
/// Its function sees one symbol's bars, oldest first, and answers one number a bar: NaN where it is undefined (the frame
/// then has null). Row `i` may depend on rows `0..=i` alone; [`audit`](super::audit) finds those that do not keep to it.
///
/// ```
/// use bellwether::features::{Family, Feature, LookBack, Unit, View};
///
/// let body = Feature::new("body_pct", |view: &View<'_>| {
///     view.open().iter().zip(view.close()).map(|(open, close)| 100.0 * (close / open - 1.0)).collect()
/// })
/// .formula("100 (close / open - 1)")
/// .unit(Unit::Percent)
/// .look_back(LookBack::Bars(1));
/// assert_eq!((body.name(), body.about().family), ("body_pct", Family::Own));
/// ```
#[derive(Clone)]
pub struct Feature {
    about: About,
    body: Body,
}

impl fmt::Debug for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feature").field("about", &self.about).finish_non_exhaustive()
    }
}

impl Feature {
    /// A feature of a user's own; say more about it with the methods below.
    pub fn new(name: &str, compute: impl Fn(&View<'_>) -> Vec<f64> + Send + Sync + 'static) -> Self {
        Self::with_body(name, Body::Own(Arc::new(compute)))
    }

    /// A feature made of operations.
    pub(super) fn of_formula(name: &str, formula: Formula) -> Self {
        Self::with_body(name, Body::Formula(formula))
    }

    fn with_body(name: &str, body: Body) -> Self {
        let unit = Unit::Ratio;
        let (scaling, missing) = unit.rule();
        let about = About {
            name: name.to_owned(),
            family: Family::Own,
            formula: String::new(),
            unit,
            scaling,
            missing,
            look_back: LookBack::All,
            source: String::new(),
            needs_benchmark: false,
            intraday: false,
        };
        Self { about, body }
    }

    fn tell(mut self, change: impl FnOnce(&mut About)) -> Self {
        change(&mut self.about);
        self
    }

    /// Of which family it is.
    #[must_use]
    pub fn family(self, family: Family) -> Self {
        self.tell(|about| about.family = family)
    }

    /// Its formula, for readers.
    #[must_use]
    pub fn formula(self, formula: &str) -> Self {
        self.tell(|about| formula.clone_into(&mut about.formula))
    }

    /// What its numbers count, and with that how they are scaled and what stands in where one is missing.
    #[must_use]
    pub fn unit(self, unit: Unit) -> Self {
        self.tell(|about| {
            about.unit = unit;
            (about.scaling, about.missing) = unit.rule();
        })
    }

    /// How it is scaled for a model, other than its unit says.
    #[must_use]
    pub fn scaled(self, scaling: Scaling) -> Self {
        self.tell(|about| about.scaling = scaling)
    }

    /// What stands in for it in a model's inputs where it is undefined, other than its unit says.
    #[must_use]
    pub fn missing(self, missing: MissingValues) -> Self {
        self.tell(|about| about.missing = missing)
    }

    /// How far back it reaches; the newest row alone is computed from no more.
    #[must_use]
    pub fn look_back(self, look_back: LookBack) -> Self {
        self.tell(|about| about.look_back = look_back)
    }

    /// Where its definition comes from.
    #[must_use]
    pub fn source(self, source: &str) -> Self {
        self.tell(|about| source.clone_into(&mut about.source))
    }

    /// It compares with the benchmark, and is null without one.
    #[must_use]
    pub fn against_benchmark(self) -> Self {
        self.tell(|about| about.needs_benchmark = true)
    }

    /// It means something on bars shorter than a day only.
    #[must_use]
    pub fn intraday(self) -> Self {
        self.tell(|about| about.intraday = true)
    }

    /// What is said about it.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Whether `other` is computed in the same way, under the same name and conditions.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same = match (&self.body, &other.body) {
            (Body::Formula(own), Body::Formula(other)) => own.is(other),
            (Body::Own(own), Body::Own(other)) => Arc::ptr_eq(own, other),
            (Body::Formula(_), Body::Own(_)) | (Body::Own(_), Body::Formula(_)) => false,
        };
        same && self.about == other.about
    }

    pub(super) fn body(&self) -> &Body {
        &self.body
    }

    /// The name of its column.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// Its numbers for one symbol, one a bar: NaN where undefined.
    ///
    /// # Errors
    /// [`Error::Feature`] when it answers another count of numbers than there are bars.
    pub fn compute(&self, view: &View<'_>) -> Result<Vec<f64>> {
        if !self.about.applies(view.benchmark().is_some(), view.is_intraday()) {
            return Ok(vec![f64::NAN; view.len()]);
        }
        let values = match &self.body {
            Body::Formula(_) => {
                let mut column = Vec::new();
                Plan::of(std::slice::from_ref(self)).run(view, &mut Workspace::default(), |_, values| {
                    column = values.to_vec();
                    Ok(())
                })?;
                column
            }
            Body::Own(compute) => compute(view),
        };
        if values.len() == view.len() {
            return Ok(values);
        }
        let problem =
            format!("answered {} values for {} bars: one a bar is needed, NaN where undefined", values.len(), view.len());
        Err(Error::Feature { name: self.about.name.clone(), problem })
    }
}
