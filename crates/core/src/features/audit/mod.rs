//! The look-ahead audit: whether any number would have been another had the future been another.
//!
//! ```text
//! pipeline(all bars)[rows known at T]  =  pipeline(bars known at T)               at many T   (prefix)
//!                                      =  pipeline(bars known at T + other future)            (altered)
//! ```
//! A pipeline is any function from bars to a frame: the catalogue, a user's feature, or everything that a notebook does
//! between its bars and its model. What differs leaks; the audit then says from which row on, and how many bars ahead the
//! column looks.

mod compare;
mod future;
mod report;
mod search;

use polars::prelude::DataFrame;

use self::{compare::Answers, search::Search};
use crate::{
    error::{Error, Result},
    market::Bars,
};
pub use report::{AuditReport, Leak, Looks};

/// How thoroughly to look.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `cuts` | 24 | instants at which the past is compared | 2 to 10,000 |
/// | `first_rows` | 256 | rows of a leaking column tried one by one for the first that leaks | 0 to 100,000 |
/// | `tolerance` | 1e-9 | relative difference of numbers that counts as none | 0 to 0.01 |
/// | `seed` | 1 | of the other futures and of the instants | |
#[derive(Debug, Clone, PartialEq)]
pub struct AuditConfig {
    /// Instants at which the past is compared.
    pub cuts: usize,
    /// Rows tried one by one for the first that leaks.
    pub first_rows: usize,
    /// Relative difference that counts as none.
    pub tolerance: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { cuts: 24, first_rows: 256, tolerance: 1e-9, seed: 1 }
    }
}

impl AuditConfig {
    fn check(&self) -> Result<()> {
        let outside = |name, value: String, expected| Err(Error::Setting { name, value, expected });
        if !(2..=10_000).contains(&self.cuts) {
            return outside("cuts", self.cuts.to_string(), "must be between 2 and 10000");
        }
        if self.first_rows > 100_000 {
            return outside("first_rows", self.first_rows.to_string(), "must be 100000 or less");
        }
        if !(0.0..=0.01).contains(&self.tolerance) {
            return outside("tolerance", self.tolerance.to_string(), "must be between 0 and 0.01");
        }
        Ok(())
    }
}

/// Audits `pipeline` on `bars`.
///
/// The pipeline's frame needs the columns `symbol` and `open_at` or `close_at` to tell its rows; every other column that is
/// a number or a flag is audited. It must answer the same for the same bars.
///
/// ```
/// use bellwether::features::{AuditConfig, Family, Feature, Selection, View, audit, compute};
/// # use bellwether::features::doc_bars;
///
/// let bars = doc_bars();
/// let tomorrow = Feature::new("tomorrow", |view: &View<'_>| {
///     view.close().iter().skip(1).copied().chain([f64::NAN]).collect()
/// });
/// let selection = Selection::of(vec![tomorrow]);
/// let report = audit(&bars, &|bars| compute(bars, &selection), &AuditConfig::default())?;
/// assert_eq!(report.leaks[0].column, "tomorrow");
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] for a setting outside its range; [`Error::Column`] when rows cannot be told apart; too few bars
/// ([`Error::Feature`]); whatever the pipeline answers.
pub fn audit(bars: &Bars, pipeline: &dyn Fn(&Bars) -> Result<DataFrame>, config: &AuditConfig) -> Result<AuditReport> {
    config.check()?;
    let whole = Answers::of(&pipeline(bars)?)?;
    let mut search = Search::new(bars, pipeline, &whole, config)?;
    search.compare()?;
    search.find_first_rows()?;
    search.measure()?;
    Ok(search.report())
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
