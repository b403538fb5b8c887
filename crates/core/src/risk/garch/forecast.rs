//! What a fitted model expects, and the paths it may take.

use rand::Rng;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution as _, StandardNormal};

use super::{
    Fitted,
    volatility::{Process, Recent},
};
use crate::{Error, Result};

/// Where the shocks of a path come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Innovations {
    /// From the model's distribution.
    Distribution,
    /// From the standardised residuals, with replacement (filtered historical simulation).
    Bootstrap,
}

/// Returns that may follow, path by path.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// Steps of a path.
    pub horizon: usize,
    /// `paths × horizon` returns, path after path.
    pub returns: Vec<f64>,
    /// The conditional variance of each.
    pub variances: Vec<f64>,
}

impl Paths {
    /// At each step the return below which a share `p` of the paths lies: the edges of a fan.
    pub fn return_quantiles(&self, p: f64) -> Vec<f64> {
        self.quantiles(&self.returns, p)
    }

    /// At each step the variance below which a share `p` of the paths lies.
    pub fn variance_quantiles(&self, p: f64) -> Vec<f64> {
        self.quantiles(&self.variances, p)
    }

    fn quantiles(&self, values: &[f64], p: f64) -> Vec<f64> {
        let of = |step: usize| {
            let mut at: Vec<f64> = values.iter().skip(step).step_by(self.horizon).copied().collect();
            let rank = (p.clamp(0.0, 1.0) * (at.len() - 1) as f64).round() as usize;
            *at.select_nth_unstable_by(rank, f64::total_cmp).1
        };
        (0..self.horizon).map(of).collect()
    }
}

/// Expected means and variances of the returns that follow, one to `horizon` steps ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Expected return of each step.
    pub mean: Vec<f64>,
    /// Expected variance of each step's shock.
    pub variance: Vec<f64>,
    /// The step from which on there is no formula and the variances are averages over simulated paths.
    pub simulated_from: Option<usize>,
    /// Standard error of each of those averages by the average, zero before. Where it is large the paths hardly agree: under shocks with
    /// fat tails the expectation of an EGARCH variance beyond one step does not even exist.
    pub simulation_error: Vec<f64>,
}

/// The loss that is exceeded with a probability, and the mean of the losses that exceed it: positive is a loss, in the unit of the returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailRisk {
    /// Probability of a larger loss.
    pub level: f64,
    /// Value at risk.
    pub value_at_risk: f64,
    /// Expected shortfall.
    pub expected_shortfall: f64,
}

/// Paths behind a forecast that has no formula.
const PATHS: usize = 20_000;

/// A model's parameters, and its recursion.
struct Parts<'a> {
    mean: &'a [f64],
    variance: &'a [f64],
    shape: &'a [f64],
    process: Box<dyn Process>,
}

impl Fitted {
    fn parts(&self) -> Result<Parts<'_>> {
        let process = self.model.volatility.process()?;
        let (mean, rest) = self.values.split_at(self.model.mean.names().len());
        let (variance, shape) = rest.split_at(process.names().len());
        Ok(Parts { mean, variance, shape, process })
    }

    /// Expected means and variances of the next returns.
    ///
    /// Variances follow the recursion with squares replaced by their expectations. EGARCH has no such formula beyond one step:
    /// there they are averages over 20,000 paths drawn with `seed`.
    ///
    /// # Errors
    /// [`Error::Setting`] on a horizon of none or of more than 2,500.
    pub fn forecast(&self, horizon: usize, seed: u64) -> Result<Forecast> {
        check_horizon(horizon)?;
        let Parts { mean, variance, process, .. } = self.parts()?;
        let mut returns = self.newest.clone();
        let means = (0..horizon)
            .map(|_| {
                let next = self.model.mean.next(mean, &returns);
                returns.push(next);
                next
            })
            .collect();
        if let Some(variances) = process.expected(variance, &self.recent, horizon) {
            let simulation_error = vec![0.0; horizon];
            return Ok(Forecast { mean: means, variance: variances, simulated_from: None, simulation_error });
        }
        let paths = self.paths(horizon, PATHS, Innovations::Distribution, seed)?;
        let at = |step: usize| paths.variances.iter().skip(step).step_by(horizon);
        let mean_at = |step: usize| at(step).sum::<f64>() / PATHS as f64;
        let mut variances: Vec<f64> = (0..horizon).map(mean_at).collect();
        let error = |step: usize| {
            let spread = at(step).map(|variance| (variance - variances[step]).powi(2)).sum::<f64>();
            spread.sqrt() / PATHS as f64 / variances[step]
        };
        let mut simulation_error: Vec<f64> = (0..horizon).map(error).collect();
        (variances[0], simulation_error[0]) = (process.next(variance, &self.recent), 0.0);
        Ok(Forecast { mean: means, variance: variances, simulated_from: Some(2), simulation_error })
    }

    /// Paths of the next returns; the same seed gives the same paths.
    ///
    /// # Errors
    /// [`Error::Setting`] on a horizon of none or of more than 2,500, on no path, or on more than 50 million draws.
    pub fn paths(&self, horizon: usize, count: usize, innovations: Innovations, seed: u64) -> Result<Paths> {
        check_horizon(horizon)?;
        check_draws(count, horizon)?;
        let Parts { shape, .. } = self.parts()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let residuals = self.standardized_residuals();
        let mut shocks = vec![0.0; horizon];
        let mut paths = Paths { horizon, returns: Vec::new(), variances: Vec::new() };
        let mut walk = Walk::of(self)?;
        for _ in 0..count {
            match innovations {
                Innovations::Distribution => self.model.distribution.sample(shape, &mut rng, &mut shocks),
                Innovations::Bootstrap => shocks.fill_with(|| residuals[rng.random_range(0..residuals.len())]),
            }
            walk.begin();
            for shock in &shocks {
                let (value, variance) = walk.step(*shock);
                paths.returns.push(value);
                paths.variances.push(variance);
            }
        }
        Ok(paths)
    }

    /// Value at risk and expected shortfall of the next return.
    ///
    /// ```text
    /// VaR = −(mean + √s q(level)),   ES = −(mean + √s E[z | z ≤ q(level)])
    /// ```
    pub fn tail_risk(&self, level: f64) -> Result<TailRisk> {
        check_level(level)?;
        let Parts { mean, variance, shape, process } = self.parts()?;
        let mean = self.model.mean.next(mean, &self.newest);
        let volatility = process.next(variance, &self.recent).sqrt();
        let law = self.model.distribution;
        Ok(TailRisk {
            level,
            value_at_risk: -(mean + volatility * law.quantile(shape, level)),
            expected_shortfall: -(mean + volatility * law.tail_mean(shape, level)),
        })
    }

    /// Value at risk and expected shortfall of the sum of the next `horizon` returns, over simulated paths.
    pub fn tail_risk_over(&self, level: f64, horizon: usize, innovations: Innovations, seed: u64) -> Result<TailRisk> {
        check_level(level)?;
        let paths = self.paths(horizon, PATHS, innovations, seed)?;
        let sums = paths.returns.chunks_exact(horizon).map(|path| path.iter().sum::<f64>()).collect();
        Ok(TailRisk::of_outcomes(level, sums))
    }

    /// The interval that holds the volatility of the next `horizon` returns with a probability: between the quantiles
    /// `(1 ∓ coverage) / 2` of the square root of the mean variance along each of `count` paths.
    ///
    /// Two things move it: the shocks to come, and that the parameters are estimates. The second is the robust standard error of the
    /// next variance's logarithm, by the slopes of it by the parameters; where a parameter sits on an edge, so that these mean
    /// little, it is that of a sample variance, `√((κ − 1) / n)` with the kurtosis `κ` of the standardised residuals.
    ///
    /// # Errors
    /// As [`paths`](Self::paths); [`Error::Setting`] on a coverage that is no probability.
    pub fn volatility_interval(&self, horizon: usize, coverage: f64, count: usize, seed: u64) -> Result<[f64; 2]> {
        if !(coverage > 0.0 && coverage < 1.0) {
            return Err(Error::Setting {
                name: "coverage",
                value: coverage.to_string(),
                expected: "a probability between 0 and 1",
            });
        }
        let paths = self.paths(horizon, count, Innovations::Distribution, seed)?;
        let mean = |path: &[f64]| (path.iter().sum::<f64>() / horizon as f64).sqrt();
        let error = self.log_variance_error() / 2.0;
        // Draws of their own: the paths are those of the seed, whatever the interval does.
        let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1));
        let estimate = |volatility: f64| {
            let shock: f64 = StandardNormal.sample(&mut rng);
            volatility * (error * shock).exp()
        };
        let volatilities: Vec<f64> = paths.variances.chunks_exact(horizon).map(mean).map(estimate).collect();
        let along = Paths { horizon: 1, variances: volatilities, returns: Vec::new() };
        Ok([(1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0].map(|p| along.variance_quantiles(p)[0]))
    }

    /// Standard error of the logarithm of the variance; none counts as no error where the parameters were given.
    fn log_variance_error(&self) -> f64 {
        let Some(report) = &self.report else { return 0.0 };
        let residuals = self.standardized_residuals();
        let n = residuals.len() as f64;
        let power = |p: i32| residuals.iter().map(|z| z.powi(p)).sum::<f64>() / n;
        let of_a_sample = ((power(4) / (power(2) * power(2)) - 1.0) / n).sqrt();
        match self.log_variance_error {
            Some(error) if report.at_bound.is_empty() => error,
            _ => of_a_sample,
        }
    }
}

/// Steps from the end of the returns into what may follow, shock by shock.
pub(in crate::risk) struct Walk<'a> {
    fitted: &'a Fitted,
    parts: Parts<'a>,
    recent: Recent,
    returns: Vec<f64>,
}

impl<'a> Walk<'a> {
    pub(in crate::risk) fn of(fitted: &'a Fitted) -> Result<Self> {
        Ok(Self { fitted, parts: fitted.parts()?, recent: fitted.recent.clone(), returns: fitted.newest.clone() })
    }

    /// Back to the end of the returns.
    pub(in crate::risk) fn begin(&mut self) {
        self.recent.clone_from(&self.fitted.recent);
        self.returns.clone_from(&self.fitted.newest);
    }

    /// The next return at a standardised shock, and its conditional variance.
    pub(in crate::risk) fn step(&mut self, shock: f64) -> (f64, f64) {
        let Parts { mean, variance, process, .. } = &self.parts;
        let next = process.next(variance, &self.recent);
        let residual = next.sqrt() * shock;
        process.observe(&mut self.recent, residual, next);
        let value = self.fitted.model.mean.next(mean, &self.returns) + residual;
        self.returns.push(value);
        (value, next)
    }
}

impl TailRisk {
    /// Of outcomes that are as likely as each other: the loss at rank `⌈level · n⌉` from the worst, and the mean of it and the worse ones.
    pub(in crate::risk) fn of_outcomes(level: f64, mut outcomes: Vec<f64>) -> Self {
        let worst = ((level * outcomes.len() as f64).ceil() as usize).clamp(1, outcomes.len());
        let (below, at, _) = outcomes.select_nth_unstable_by(worst - 1, f64::total_cmp);
        // In order, so that the sum is the same however the selection left them.
        below.sort_by(f64::total_cmp);
        let mean = (below.iter().sum::<f64>() + *at) / worst as f64;
        Self { level, value_at_risk: -*at, expected_shortfall: -mean }
    }
}

pub(in crate::risk) fn check_level(level: f64) -> Result<()> {
    let expected = "the probability of a larger loss, above 0 and at most 0.5, such as 0.01";
    match level > 0.0 && level <= 0.5 {
        true => Ok(()),
        false => Err(Error::Setting { name: "level", value: level.to_string(), expected }),
    }
}

/// What fits into memory: 400 MB of numbers.
pub(in crate::risk) fn check_draws(paths: usize, steps: usize) -> Result<()> {
    match paths > 0 && paths.saturating_mul(steps) <= 50_000_000 {
        true => Ok(()),
        false => Err(Error::Setting {
            name: "paths",
            value: paths.to_string(),
            expected: "one at least, and at most 50 million draws: paths times steps, for all positions",
        }),
    }
}

fn check_horizon(horizon: usize) -> Result<()> {
    match (1..=2_500).contains(&horizon) {
        true => Ok(()),
        false => Err(Error::Setting { name: "horizon", value: horizon.to_string(), expected: "1 to 2,500 steps" }),
    }
}
