//! Which family describes a pair best.

use super::{
    family::{Family, Rotation},
    fit::{BivariateFit, Sample},
    kendall::kendall_tau,
    observations::check_columns,
};
use crate::{Error, Result};

/// What decides between families; smaller is better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// Akaike's, `2k − 2 ln L`.
    #[default]
    Aic,
    /// Schwarz's, `k ln n − 2 ln L`.
    Bic,
}

impl Criterion {
    /// Its value for a fit.
    pub fn of(self, fit: &BivariateFit) -> f64 {
        match self {
            Self::Aic => fit.aic,
            Self::Bic => fit.bic,
        }
    }
}

/// How a family is chosen.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `families` | all | what is compared | at least one |
/// | `criterion` | AIC | what decides | AIC, BIC |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectConfig {
    /// The families to compare; those that can be turned are tried in the two rotations with the data's sign of dependence.
    pub families: Vec<Family>,
    /// What decides.
    pub criterion: Criterion,
}

impl Default for SelectConfig {
    fn default() -> Self {
        Self { families: Family::ALL.to_vec(), criterion: Criterion::Aic }
    }
}

/// Fits all families of `config` and ranks them, best first.
///
/// Of a family that can be turned, the two rotations with the sign of Kendall's tau are tried.
///
/// # Errors
/// [`Error::Copula`] for data as in [`fit()`](super::fit()), [`Error::Setting`] without families.
pub fn rank_families(u: &[f64], v: &[f64], config: &SelectConfig) -> Result<Vec<BivariateFit>> {
    check_columns(&[u, v])?;
    check_config(config)?;
    Ok(rank(u, v, kendall_tau(u, v), config))
}

/// The best family of `config`; see [`rank_families`].
///
/// # Errors
/// As [`rank_families`].
pub fn select(u: &[f64], v: &[f64], config: &SelectConfig) -> Result<BivariateFit> {
    check_columns(&[u, v])?;
    check_config(config)?;
    Ok(best(u, v, kendall_tau(u, v), config))
}

pub(super) fn check_config(config: &SelectConfig) -> Result<()> {
    if config.families.is_empty() {
        return Err(Error::Setting { name: "families", value: "empty".to_owned(), expected: "name one family or more" });
    }
    Ok(())
}

fn candidates(tau: f64, config: &SelectConfig) -> impl Iterator<Item = (Family, Rotation)> {
    config.families.iter().flat_map(move |&family| {
        let fits = move |rotation: &&Rotation| !family.is_rotatable() || rotation.is_negative() == (tau < 0.0);
        family.rotations().iter().filter(fits).map(move |&rotation| (family, rotation))
    })
}

fn rank(u: &[f64], v: &[f64], tau: f64, config: &SelectConfig) -> Vec<BivariateFit> {
    let sample = Sample::new(u, v);
    let mut fits: Vec<BivariateFit> = candidates(tau, config).map(|(family, rotation)| sample.fit(family, rotation)).collect();
    fits.sort_by(|a, b| config.criterion.of(a).total_cmp(&config.criterion.of(b)));
    fits
}

/// Without checks; `config` names a family.
pub(super) fn best(u: &[f64], v: &[f64], tau: f64, config: &SelectConfig) -> BivariateFit {
    let sample = Sample::new(u, v);
    candidates(tau, config)
        .map(|(family, rotation)| sample.fit(family, rotation))
        .min_by(|a, b| config.criterion.of(a).total_cmp(&config.criterion.of(b)))
        .unwrap_or_else(|| sample.fit(Family::Independence, Rotation::R0))
}
