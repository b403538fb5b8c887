//! Returns freed of their volatility, day by day, and the days that several have in common.

use super::{ProfileConfig, returns_of};
use crate::{
    Error, Result,
    market::{Series, Symbol},
    risk::garch::Fitted,
};

/// What stocks are compared with.
#[derive(Debug)]
pub(super) struct Benchmark {
    pub(super) symbol: Symbol,
    pub(super) filtered: Filtered,
}

/// A symbol's returns, their volatility model, and the standardised residuals.
#[derive(Debug)]
pub(super) struct Filtered {
    /// When each return was known, in microseconds.
    days: Vec<i64>,
    pub(super) returns: Vec<f64>,
    pub(super) fitted: Fitted,
    residuals: Vec<f64>,
}

impl Filtered {
    pub(super) fn of(symbol: &Symbol, series: Series<'_>, config: &ProfileConfig) -> Result<Self> {
        let (days, returns) = returns_of(series, config.window);
        if returns.is_empty() {
            return Err(Error::Fit { what: symbol.to_string(), problem: "has no two daily bars by then".to_owned() });
        }
        let fitted = ProfileConfig::MODEL.fit(&returns)?;
        let residuals = fitted.standardized_residuals();
        Ok(Self { days, returns, fitted, residuals })
    }

    /// When the newest return was known.
    pub(super) fn known_at(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.days.last().copied().unwrap_or_default()).unwrap_or_default()
    }

    /// How many of these days are after the other's last.
    pub(super) fn newer_than(&self, other: &Self) -> usize {
        let last = other.days.last().copied().unwrap_or(i64::MIN);
        self.days.iter().rev().take_while(|day| **day > last).count()
    }
}

/// Residuals of the days that all have, a column each.
pub(super) fn aligned(filters: &[&Filtered]) -> Vec<Vec<f64>> {
    match rows(filters) {
        None => filters.iter().map(|filter| filter.residuals.clone()).collect(),
        Some(rows) => {
            let pick = |(filter, rows): (&&Filtered, Vec<usize>)| rows.into_iter().map(|row| filter.residuals[row]).collect();
            filters.iter().zip(rows).map(pick).collect()
        }
    }
}

/// For each, the rows of the days that all have; none when all have the same days.
fn rows(filters: &[&Filtered]) -> Option<Vec<Vec<usize>>> {
    if filters.iter().all(|filter| filter.days == filters[0].days) {
        return None;
    }
    let common = |day: &i64| filters.iter().all(|filter| filter.days.binary_search(day).is_ok());
    let days: Vec<i64> = filters[0].days.iter().copied().filter(common).collect();
    let of = |filter: &&Filtered| days.iter().filter_map(|day| filter.days.binary_search(day).ok()).collect();
    Some(filters.iter().map(of).collect())
}
