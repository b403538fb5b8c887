//! How much a position or a portfolio may lose.
//!
//! [`tail_risk`] measures value at risk and expected shortfall by one of four [`Method`]s; [`backtest`] holds such numbers
//! against what happened then.

pub mod backtest;

use super::garch::{
    Distribution, Fitted, Innovations, Mean, Specification, TailRisk, Volatility, Walk, check_draws, check_level,
};
use crate::{
    Error, Result,
    risk::copula::{fit_student, pseudo_observations},
};
use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// What is held of one symbol, and how it returned.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The symbol.
    pub name: &'a str,
    /// Value held, negative when short.
    pub value: f64,
    /// Returns in time order, at the same times as those of the other positions. Fractions give losses in the unit of the value.
    pub returns: &'a [f64],
}

/// How the tail is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// A law with one variance, fitted to what today's positions would have returned.
    Parametric(Distribution),
    /// What today's positions would have returned, each day as likely as the other.
    Historical,
    /// Filtered historical simulation: standardised residuals of the same days together, at the volatilities to come (Barone-Adesi,
    /// Giannopoulos & Vosper 1999).
    Filtered(Specification),
    /// A t copula of the standardised residuals, each with its own empirical law, at the volatilities to come.
    Copula(Specification),
}

/// Settings of [`tail_risk`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `method` | filtered, GARCH-t | how the tail is measured | |
/// | `level` | 0.01 | probability of a larger loss | above 0, to 0.5 |
/// | `horizon` | 1 | returns ahead, their sum is measured | 1 to 250 |
/// | `paths` | 20,000 | draws where there are any | 1 up; with horizon and positions 50 million draws at most |
/// | `seed` | 1 | of the draws | any |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailConfig {
    /// How the tail is measured.
    pub method: Method,
    /// Probability of a larger loss.
    pub level: f64,
    /// Returns ahead.
    pub horizon: usize,
    /// Draws.
    pub paths: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for TailConfig {
    fn default() -> Self {
        Self { method: Method::Filtered(Specification::default()), level: 0.01, horizon: 1, paths: 20_000, seed: 1 }
    }
}

/// The tail of a portfolio, and of each of its positions alone.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioRisk {
    /// Of all positions together.
    pub together: TailRisk,
    /// The positions' names, in their order.
    pub names: Vec<String>,
    /// Of each alone.
    pub alone: Vec<TailRisk>,
    /// `1 − ES together / Σ ES alone`: what holding them together takes off the tail; none when there is no loss to take from.
    pub diversification: Option<f64>,
}

/// Value at risk and expected shortfall of positions held together.
///
/// ```text
/// outcome = Σ value · return over the horizon;  VaR = −q(level) of it,  ES = −E[outcome | outcome ≤ q(level)]
/// ```
///
/// # Errors
/// [`Error::Fit`] when positions have different numbers of returns, one is not a number, there are too few for the level (the tail
/// must hold one at least), or a model cannot be fitted; [`Error::Setting`] on a setting outside its range.
pub fn tail_risk(positions: &[Position<'_>], config: &TailConfig) -> Result<PortfolioRisk> {
    check(positions, config)?;
    let outcomes = match config.method {
        Method::Parametric(distribution) => return parametric(positions, distribution, config),
        Method::Historical => historical(positions, config.horizon),
        Method::Filtered(model) => simulated(positions, model, config, Shocks::SameDays)?,
        Method::Copula(model) => simulated(positions, model, config, Shocks::Copula)?,
    };
    let scenarios = outcomes[0].len();
    let together = (0..scenarios).map(|at| outcomes.iter().map(|outcome| outcome[at]).sum()).collect();
    let of = |outcomes| TailRisk::of_outcomes(config.level, outcomes);
    Ok(PortfolioRisk::new(positions, of(together), outcomes.into_iter().map(of).collect()))
}

impl PortfolioRisk {
    fn new(positions: &[Position<'_>], together: TailRisk, alone: Vec<TailRisk>) -> Self {
        let sum: f64 = alone.iter().map(|tail| tail.expected_shortfall).sum();
        let diversification = (sum > 0.0).then(|| 1.0 - together.expected_shortfall / sum);
        Self { together, names: positions.iter().map(|position| position.name.to_owned()).collect(), alone, diversification }
    }
}

fn check(positions: &[Position<'_>], config: &TailConfig) -> Result<()> {
    check_level(config.level)?;
    if !(1..=250).contains(&config.horizon) {
        return Err(Error::Setting { name: "horizon", value: config.horizon.to_string(), expected: "1 to 250" });
    }
    check_draws(config.paths, config.horizon.saturating_mul(positions.len().max(1)))?;
    let problem = |what: &str, problem: String| Error::Fit { what: format!("tail risk of {what}"), problem };
    let Some(first) = positions.first() else {
        return Err(problem("a portfolio", "there is no position".to_owned()));
    };
    for position in positions {
        let count = position.returns.len();
        if count != first.returns.len() {
            return Err(problem(
                position.name,
                format!("{count} returns where {} has {}: align them by time", first.name, first.returns.len()),
            ));
        }
        if let Some(row) = position.returns.iter().position(|value| !value.is_finite()) {
            return Err(problem(position.name, format!("return {} is {}", row + 1, position.returns[row])));
        }
        if !position.value.is_finite() {
            return Err(problem(position.name, format!("its value is {}", position.value)));
        }
        let least = ((1.0 / config.level).ceil() as usize).max(20) + config.horizon;
        if count < least {
            return Err(problem(
                position.name,
                format!("{count} returns are too few: at a level of {} at least {least} are needed", config.level),
            ));
        }
    }
    Ok(())
}

fn parametric(positions: &[Position<'_>], distribution: Distribution, config: &TailConfig) -> Result<PortfolioRisk> {
    let model = Specification { mean: Mean::Constant, volatility: Volatility::Constant, distribution };
    let of = |outcomes: &[f64]| {
        let fitted = model.fit(outcomes)?;
        match config.horizon {
            1 => fitted.tail_risk(config.level),
            horizon => fitted.tail_risk_over(config.level, horizon, Innovations::Distribution, config.seed),
        }
    };
    let alone: Vec<Vec<f64>> = historical(positions, 1);
    let days = alone[0].len();
    let together: Vec<f64> = (0..days).map(|day| alone.iter().map(|outcomes| outcomes[day]).sum()).collect();
    Ok(PortfolioRisk::new(positions, of(&together)?, alone.iter().map(|outcomes| of(outcomes)).collect::<Result<_>>()?))
}

/// What each position would have brought, over windows of so many returns that overlap.
fn historical(positions: &[Position<'_>], horizon: usize) -> Vec<Vec<f64>> {
    let of = |position: &Position<'_>| {
        position.returns.windows(horizon).map(|window| position.value * window.iter().sum::<f64>()).collect()
    };
    positions.iter().map(of).collect()
}

/// Where the joint shocks of a day come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shocks {
    /// From one of the past days, all positions' from the same.
    SameDays,
    /// From a t copula, each position's by its own empirical law.
    Copula,
}

/// What each position brings along each path.
fn simulated(positions: &[Position<'_>], model: Specification, config: &TailConfig, shocks: Shocks) -> Result<Vec<Vec<f64>>> {
    let named = |position: &Position<'_>, error: Error| match error {
        Error::Fit { what, problem } => Error::Fit { what: format!("{}, {what}", position.name), problem },
        other => other,
    };
    let fits: Vec<Fitted> = positions
        .iter()
        .map(|position| model.fit(position.returns).map_err(|error| named(position, error)))
        .collect::<Result<_>>()?;
    let residuals: Vec<Vec<f64>> = fits.iter().map(Fitted::standardized_residuals).collect();
    let days = residuals[0].len();
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    // `paths × horizon` shocks of each position. One step ahead every past day is taken once: there is nothing to draw.
    let drawn: Vec<Vec<f64>> = match shocks {
        Shocks::SameDays if config.horizon == 1 => residuals,
        Shocks::SameDays => {
            let dates: Vec<usize> = (0..config.paths * config.horizon).map(|_| rng.random_range(0..days)).collect();
            residuals.iter().map(|residuals| dates.iter().map(|date| residuals[*date]).collect()).collect()
        }
        Shocks::Copula if positions.len() == 1 => {
            vec![(0..config.paths * config.horizon).map(|_| residuals[0][rng.random_range(0..days)]).collect()]
        }
        Shocks::Copula => {
            let uniforms = residuals.iter().map(|residuals| pseudo_observations(residuals)).collect::<Result<Vec<_>>>()?;
            let columns: Vec<&[f64]> = uniforms.iter().map(Vec::as_slice).collect();
            let draws = fit_student(&columns, None)?.copula.simulate(config.paths * config.horizon, config.seed);
            residuals.iter().zip(draws).map(|(residuals, uniforms)| quantiles(residuals, &uniforms)).collect()
        }
    };
    fits.iter()
        .zip(positions)
        .zip(drawn)
        .map(|((fitted, position), shocks)| {
            let mut walk = Walk::of(fitted)?;
            let path = |path: &[f64]| {
                walk.begin();
                position.value * path.iter().map(|shock| walk.step(*shock).0).sum::<f64>()
            };
            Ok(shocks.chunks_exact(config.horizon).map(path).collect())
        })
        .collect()
}

/// Empirical quantiles, between the order statistics on a line.
fn quantiles(values: &[f64], levels: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    let at = |level: &f64| {
        // The inverse of rank / (n + 1).
        let rank = (level * (sorted.len() as f64 + 1.0) - 1.0).clamp(0.0, last as f64);
        let below = (rank as usize).min(last.saturating_sub(1));
        sorted[below] + (rank - below as f64) * (sorted[(below + 1).min(last)] - sorted[below])
    };
    levels.iter().map(at).collect()
}
