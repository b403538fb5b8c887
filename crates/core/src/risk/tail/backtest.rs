//! Whether forecasts of the tail were any good.
//!
//! A forecast of value at risk is right when losses exceed it as often as it says ([`kupiec`]) and at no one time more than at
//! another ([`christoffersen`]); one of expected shortfall when the losses beyond are as large as it says ([`acerbi_szekely`]).

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use serde::Serialize;

use crate::{
    Error, Result,
    risk::garch::{Distribution, Specification, TestResult, check_level},
};

/// Simulations behind the p-values of expected shortfall.
const SIMULATIONS: usize = 2_000;

/// `x ln(y)`, zero where `x` is.
fn weighted_log(x: f64, y: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * y.ln() }
}

/// Whether losses exceeded the value at risk as often as they should (Kupiec 1995, proportion of failures).
///
/// ```text
/// LR = 2 ln[ (1 − x/n)^(n − x) (x/n)^x / ((1 − p)^(n − x) p^x) ],   χ² with one degree of freedom
/// ```
///
/// # Errors
/// [`Error::Setting`] on a level that is none, or no day.
pub fn kupiec(exceeded: &[bool], level: f64) -> Result<TestResult> {
    check_level(level)?;
    let (n, x) = counts(exceeded)?;
    let share = x / n;
    let likelihood = |p: f64| weighted_log(n - x, 1.0 - p) + weighted_log(x, p);
    Ok(TestResult::chi_squared(2.0 * (likelihood(share) - likelihood(level)), 1))
}

/// Whether an exceedance makes one on the next day more likely (Christoffersen 1998, independence against a first-order chain).
///
/// # Errors
/// [`Error::Setting`] on fewer than two days.
pub fn christoffersen_independence(exceeded: &[bool]) -> Result<TestResult> {
    counts(exceeded.get(1..).unwrap_or_default())?;
    let mut moves = [[0.0_f64; 2]; 2];
    for pair in exceeded.windows(2) {
        moves[usize::from(pair[0])][usize::from(pair[1])] += 1.0;
    }
    let from = |state: usize| moves[state][0] + moves[state][1];
    let chain: f64 = (0..2)
        .map(|state| {
            weighted_log(moves[state][0], moves[state][0] / from(state))
                + weighted_log(moves[state][1], moves[state][1] / from(state))
        })
        .sum();
    let n = from(0) + from(1);
    let (none, some) = (moves[0][0] + moves[1][0], moves[0][1] + moves[1][1]);
    let independent = weighted_log(none, none / n) + weighted_log(some, some / n);
    Ok(TestResult::chi_squared(2.0 * (chain - independent), 1))
}

/// Whether exceedances are as frequent as they should be and independent (Christoffersen 1998, conditional coverage): the sum of
/// [`kupiec`] and [`christoffersen_independence`], χ² with two degrees of freedom.
///
/// # Errors
/// [`Error::Setting`] on a level that is none, or fewer than two days.
pub fn christoffersen(exceeded: &[bool], level: f64) -> Result<TestResult> {
    Ok(TestResult::chi_squared(kupiec(exceeded, level)?.statistic + christoffersen_independence(exceeded)?.statistic, 2))
}

fn counts(exceeded: &[bool]) -> Result<(f64, f64)> {
    if exceeded.is_empty() {
        return Err(Error::Setting { name: "days of a back-test", value: "0".to_owned(), expected: "one at least" });
    }
    Ok((exceeded.len() as f64, exceeded.iter().filter(|exceeded| **exceeded).count() as f64))
}

/// What was forecast for a day, and what it brought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Day {
    /// Forecast mean.
    pub mean: f64,
    /// Forecast volatility.
    pub volatility: f64,
    /// Forecast value at risk, a loss.
    pub value_at_risk: f64,
    /// Forecast expected shortfall, a loss.
    pub expected_shortfall: f64,
    /// The return.
    pub outcome: f64,
    /// A draw of the model for each simulation is made of this shape of its distribution.
    #[serde(skip)]
    pub shape: [f64; 2],
}

impl Day {
    /// Whether the loss was larger than the value at risk.
    pub fn exceeded(&self) -> bool {
        -self.outcome > self.value_at_risk
    }
}

/// The two tests of expected shortfall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AcerbiSzekely {
    /// `1 − mean(loss / ES)` over the days beyond the value at risk; negative when losses were larger than expected. None when no
    /// loss was beyond.
    pub z1: Option<f64>,
    /// Share of simulations under the forecasts, and the days themselves, in which it is as low or lower.
    pub z1_p_value: Option<f64>,
    /// `1 − Σ loss / (n level ES)` over those days: size and number together.
    pub z2: f64,
    /// Share of simulations under the forecasts, and the days themselves, in which it is as low or lower.
    pub z2_p_value: f64,
}

/// Whether losses beyond the value at risk were as large as the expected shortfall said (Acerbi & Székely 2014, tests 1 and 2).
///
/// Low values reject: their p-values come from 2,000 simulations of all days under the forecasts.
///
/// # Errors
/// [`Error::Setting`] on a level that is none, or no day.
pub fn acerbi_szekely(days: &[Day], distribution: Distribution, level: f64, seed: u64) -> Result<AcerbiSzekely> {
    check_level(level)?;
    counts(&days.iter().map(Day::exceeded).collect::<Vec<_>>())?;
    let statistics = |outcome: &dyn Fn(usize, &Day) -> f64| {
        let (mut sum, mut count) = (0.0, 0.0);
        for (at, day) in days.iter().enumerate() {
            let loss = -outcome(at, day);
            if loss > day.value_at_risk {
                sum += loss / day.expected_shortfall;
                count += 1.0;
            }
        }
        ((count > 0.0).then(|| 1.0 - sum / count), 1.0 - sum / (days.len() as f64 * level))
    };
    let (z1, z2) = statistics(&|_, day| day.outcome);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut below, mut with_any, mut below_2) = (0.0, 0.0, 0.0);
    let mut shocks = vec![0.0; days.len()];
    for _ in 0..SIMULATIONS {
        for (shock, day) in shocks.chunks_mut(1).zip(days) {
            distribution.sample(&day.shape, &mut rng, shock);
        }
        let (s1, s2) = statistics(&|at, day| day.mean + day.volatility * shocks[at]);
        if let (Some(s1), Some(z1)) = (s1, z1) {
            with_any += 1.0;
            below += f64::from(u8::from(s1 <= z1));
        }
        below_2 += f64::from(u8::from(s2 <= z2));
    }
    Ok(AcerbiSzekely {
        z1,
        z1_p_value: (with_any > 0.0).then(|| (below + 1.0) / (with_any + 1.0)),
        z2,
        z2_p_value: (below_2 + 1.0) / (SIMULATIONS as f64 + 1.0),
    })
}

/// Settings of [`rolling`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `window` | 1,000 | newest returns that a fit sees | 100 to the number of returns |
/// | `every` | 20 | days between fits; the days between filter with the parameters of the last | 1 up |
/// | `level` | 0.01 | probability of a larger loss | above 0, to 0.5 |
/// | `seed` | 1 | of the simulations behind p-values | any |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RollingConfig {
    /// Newest returns that a fit sees.
    pub window: usize,
    /// Days between fits.
    pub every: usize,
    /// Probability of a larger loss.
    pub level: f64,
    /// Seed of the simulations.
    pub seed: u64,
}

impl Default for RollingConfig {
    fn default() -> Self {
        Self { window: 1_000, every: 20, level: 0.01, seed: 1 }
    }
}

/// A model's forecasts of the tail, day by day, and how they did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// The days, from the first after the first window.
    pub days: Vec<Day>,
    /// Days with a loss beyond the value at risk.
    pub exceedances: usize,
    /// Fits that failed; their days use the parameters before.
    pub failed_fits: usize,
    /// Frequency of exceedances.
    pub kupiec: TestResult,
    /// Frequency and independence.
    pub christoffersen: TestResult,
    /// Size of the losses beyond.
    pub acerbi_szekely: AcerbiSzekely,
}

/// Forecasts each day's tail from the returns before it alone, and tests the forecasts.
///
/// # Errors
/// [`Error::Fit`] when the first window cannot be fitted; [`Error::Setting`] on settings outside their range.
pub fn rolling(model: &Specification, returns: &[f64], config: &RollingConfig) -> Result<Backtest> {
    check_level(config.level)?;
    if config.every == 0 || config.window >= returns.len() {
        return Err(Error::Setting {
            name: "window of a back-test",
            value: format!("{} of {} returns, fits every {}", config.window, returns.len(), config.every),
            expected: "fewer returns than there are, and a fit every day at most",
        });
    }
    let mut parameters: Vec<f64> = Vec::new();
    let (mut days, mut failed_fits) = (Vec::with_capacity(returns.len() - config.window), 0);
    for at in config.window..returns.len() {
        let known = &returns[at - config.window..at];
        let today = match (at - config.window).is_multiple_of(config.every) {
            true => match model.fit(known) {
                Err(error) if parameters.is_empty() => return Err(error),
                Err(_) => {
                    failed_fits += 1;
                    model.at(&parameters, known)?
                }
                Ok(fitted) => {
                    parameters = fitted.parameters.iter().map(|parameter| parameter.value).collect();
                    fitted
                }
            },
            false => model.at(&parameters, known)?,
        };
        let tail = today.tail_risk(config.level)?;
        let next = today.forecast(1, config.seed)?;
        let shapes = model.distribution.parameter_count();
        let mut shape = [0.0; 2];
        shape[..shapes].copy_from_slice(&parameters[parameters.len() - shapes..]);
        days.push(Day {
            mean: next.mean[0],
            volatility: next.variance[0].sqrt(),
            value_at_risk: tail.value_at_risk,
            expected_shortfall: tail.expected_shortfall,
            outcome: returns[at],
            shape,
        });
    }
    let exceeded: Vec<bool> = days.iter().map(Day::exceeded).collect();
    Ok(Backtest {
        exceedances: exceeded.iter().filter(|exceeded| **exceeded).count(),
        failed_fits,
        kupiec: kupiec(&exceeded, config.level)?,
        christoffersen: christoffersen(&exceeded, config.level)?,
        acerbi_szekely: acerbi_szekely(&days, model.distribution, config.level, config.seed)?,
        days,
    })
}
