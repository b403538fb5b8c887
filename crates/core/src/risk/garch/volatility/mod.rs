//! How the variance of tomorrow follows from the days before: one file per family of recursions.
//!
//! A family says, besides its recursion, how the slopes of a log-likelihood by the variances become slopes by its parameters
//! and by the residuals: the recursion run backwards (the adjoint), at about the cost of running it forwards however many
//! parameters there are. And it says in which coordinates a search goes: a box, in which every point is a valid process.

mod constant;
mod egarch;
mod figarch;
mod garch;
mod smoothing;

use std::{fmt, str::FromStr};

use self::{
    constant::Constant,
    egarch::Egarch,
    figarch::Figarch,
    garch::Garch,
    smoothing::{Ewma, RiskMetrics2006},
};
use crate::{Error, Result};

/// A model of the conditional variance `s` of residuals `e`, with `z = e / √s`.
///
/// | Name | Recursion | Parameters |
/// |---|---|---|
/// | `constant` | `s = σ²` | `sigma2` |
/// | `garch`, `garch:P,Q` | `s = ω + Σ αᵢ e²₋ᵢ + Σ βⱼ s₋ⱼ` | `omega`, `alpha[i]`, `beta[j]` |
/// | `gjr`, `gjr:P,O,Q` | … `+ Σ γₖ e²₋ₖ [e₋ₖ < 0]` | … `gamma[k]` |
/// | `egarch`, `egarch:P,O,Q` | `ln s = ω + Σ αᵢ (│z₋ᵢ│ − √(2/π)) + Σ γₖ z₋ₖ + Σ βⱼ ln s₋ⱼ` | the same |
/// | `figarch` | `s = ω / (1 − β) + Σ λⱼ e²₋ⱼ`, `λ` of `(φ, d, β)`, 1,000 lags | `omega`, `phi`, `d`, `beta` |
/// | `ewma`, `ewma:L` | `s = L s₋₁ + (1 − L) e²₋₁`, `L` = 0.94 | none |
/// | `ewma:fit` | the same with `L` estimated | `lam` |
/// | `riskmetrics2006` | a weighted sum of 14 such averages of 4 to 1,560 days | none |
///
/// Before the first observation stands the average of the first 75 squared residuals, weights falling by 0.94 a step.
///
/// # References
/// Bollerslev (1986); Glosten, Jagannathan & Runkle (1993); Nelson (1991); Baillie, Bollerslev & Mikkelsen (1996); Zumbach
/// (2007), *The RiskMetrics 2006 methodology*. Start values and names follow the Python package `arch`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Volatility {
    /// No clustering.
    Constant,
    /// GARCH(p, o, q): `o > 0` is GJR.
    Garch {
        /// Lags of squared residuals.
        p: usize,
        /// Lags of squared negative residuals.
        o: usize,
        /// Lags of variances.
        q: usize,
    },
    /// Exponential GARCH(p, o, q).
    Egarch {
        /// Lags of sizes of standardised residuals.
        p: usize,
        /// Lags of signed standardised residuals.
        o: usize,
        /// Lags of logarithms of variances.
        q: usize,
    },
    /// FIGARCH(1, d, 1).
    Figarch,
    /// Exponentially weighted moving average; without a decay it is estimated.
    Ewma {
        /// The weight of yesterday's variance.
        decay: Option<f64>,
    },
    /// The RiskMetrics 2006 mixture of moving averages.
    RiskMetrics2006,
}

impl Volatility {
    /// GARCH(1,1).
    pub const GARCH: Self = Self::Garch { p: 1, o: 0, q: 1 };
    /// GJR-GARCH(1,1,1).
    pub const GJR: Self = Self::Garch { p: 1, o: 1, q: 1 };
    /// EGARCH(1,1,1).
    pub const EGARCH: Self = Self::Egarch { p: 1, o: 1, q: 1 };

    /// The recursion.
    ///
    /// # Errors
    /// [`Error::Setting`] on orders or a decay outside their range.
    pub(super) fn process(self) -> Result<Box<dyn Process>> {
        let check = |p: usize, o: usize, q: usize| match p + o > 0 && p.max(o).max(q) <= 10 {
            true => Ok(()),
            false => Err(Error::Setting {
                name: "vol",
                value: format!("orders {p},{o},{q}"),
                expected: "at most 10 lags each, and one lag of residuals at least",
            }),
        };
        Ok(match self {
            Self::Garch { p, o, q } => {
                check(p, o, q)?;
                Box::new(Garch { p, o, q })
            }
            Self::Egarch { p, o, q } => {
                check(p, o, q)?;
                Box::new(Egarch { p, o, q })
            }
            Self::Constant => Box::new(Constant),
            Self::Figarch => Box::new(Figarch),
            Self::Ewma { decay } if decay.is_none_or(|decay| decay > 0.0 && decay < 1.0) => Box::new(Ewma { decay }),
            Self::Ewma { decay } => {
                return Err(Error::Setting {
                    name: "decay of ewma",
                    value: format!("{}", decay.unwrap_or(f64::NAN)),
                    expected: "between 0 and 1",
                });
            }
            Self::RiskMetrics2006 => Box::new(RiskMetrics2006),
        })
    }
}

impl FromStr for Volatility {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            Error::Unknown {
            what: "volatility model",
            text: text.to_owned(),
            known: "constant, garch, garch:P,Q, gjr, gjr:P,O,Q, egarch, egarch:P,O,Q, figarch, ewma, ewma:LAMBDA, ewma:fit, riskmetrics2006, har"
                .to_owned(),
        }
        };
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let orders = || rest.map(|rest| rest.split(',').map(|order| order.trim().parse().ok()).collect::<Option<Vec<usize>>>());
        let orders = match (name, orders()) {
            ("garch" | "gjr" | "egarch", Some(None)) => return Err(unknown()),
            (_, orders) => orders.flatten(),
        };
        let model = match (name, orders.as_deref()) {
            ("garch", None) => Self::GARCH,
            ("garch", Some(&[p, q])) => Self::Garch { p, o: 0, q },
            ("gjr", None) => Self::GJR,
            ("gjr", Some(&[p, o, q])) => Self::Garch { p, o, q },
            ("egarch", None) => Self::EGARCH,
            ("egarch", Some(&[p, o, q])) => Self::Egarch { p, o, q },
            ("constant", _) if rest.is_none() => Self::Constant,
            ("figarch", _) if rest.is_none() => Self::Figarch,
            ("riskmetrics2006", _) if rest.is_none() => Self::RiskMetrics2006,
            ("ewma", _) => match rest {
                None => Self::Ewma { decay: Some(0.94) },
                Some("fit") => Self::Ewma { decay: None },
                Some(decay) => Self::Ewma { decay: Some(decay.parse().map_err(|_| unknown())?) },
            },
            _ => return Err(unknown()),
        };
        model.process().map(|_| model)
    }
}

impl fmt::Display for Volatility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Garch { p, o: 0, q } => write!(f, "GARCH({p},{q})"),
            Self::Garch { p, o, q } => write!(f, "GJR-GARCH({p},{o},{q})"),
            Self::Egarch { p, o, q } => write!(f, "EGARCH({p},{o},{q})"),
            Self::Constant => write!(f, "constant volatility"),
            Self::Figarch => write!(f, "FIGARCH(1,d,1)"),
            Self::Ewma { decay: Some(decay) } => write!(f, "EWMA({decay})"),
            Self::Ewma { decay: None } => write!(f, "EWMA"),
            Self::RiskMetrics2006 => write!(f, "RiskMetrics 2006"),
        }
    }
}

/// One coordinate of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) lower: f64,
    pub(super) upper: f64,
    /// About the standard error with 1,000 observations.
    pub(super) scale: f64,
}

/// What the last observations leave behind for the variances that follow.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    /// Residuals, the newest last; as many as the process reaches back, or all there are.
    pub(super) residuals: Vec<f64>,
    /// Their variances.
    pub(super) variances: Vec<f64>,
    /// What stands before the first of them, as [`Process::past`] gives it; moving averages keep their state here.
    pub(super) past: Vec<f64>,
}

impl Recent {
    /// `lag` steps before the next observation; lag 1 is the newest.
    fn residual(&self, lag: usize) -> Option<f64> {
        self.residuals.len().checked_sub(lag).map(|at| self.residuals[at])
    }

    fn variance(&self, lag: usize) -> Option<f64> {
        self.variances.len().checked_sub(lag).map(|at| self.variances[at])
    }
}

/// Residuals with their variances, and what the recursion left in its notes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observed<'a> {
    pub(super) e: &'a [f64],
    pub(super) s: &'a [f64],
    pub(super) notes: &'a [f64],
}

/// A recursion of variances. `p` are its parameters, `e` the residuals, `s` their variances, `v` the size of a typical variance.
pub(super) trait Process: fmt::Debug + Send + Sync {
    /// Names of the parameters.
    fn names(&self) -> Vec<String>;

    /// What stands for the residuals before the first.
    fn past(&self, e: &[f64]) -> Vec<f64> {
        vec![weighted_square(e)]
    }

    /// What of the past the variances after the last residual depend on.
    fn kept<'p>(&self, past: &'p [f64]) -> &'p [f64] {
        past
    }

    /// Writes the variance of each residual. What [`pull_back`](Self::pull_back) can use again may be left in `notes`.
    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], notes: &mut Vec<f64>);

    /// By what power, along these residuals, a difference in where the recursion began grows a step: below zero it dies out, and the
    /// variances depend on what happened alone. From zero up a likelihood can be computed but means nothing: no search goes there.
    fn growth(&self, _p: &[f64], _observed: Observed<'_>) -> f64 {
        f64::NEG_INFINITY
    }

    /// Turns slopes by the variances into slopes by the parameters (written) and by the residuals (added); `adjoint` comes in
    /// as the slopes by the variances, and is worked on.
    fn pull_back(&self, p: &[f64], past: &[f64], observed: Observed<'_>, adjoint: &mut [f64], by_e: &mut [f64], by_p: &mut [f64]);

    /// The box a search goes in.
    fn axes(&self) -> Vec<Axis>;

    /// Where searches may begin, in groups far from each other: the likelihood may have a hill for each.
    fn starts(&self) -> Vec<Vec<Vec<f64>>>;

    /// Parameters of a point in the box.
    fn parameters(&self, x: &[f64], v: f64) -> Vec<f64>;

    /// Slopes by the coordinates of slopes by the parameters.
    fn on_axes(&self, x: &[f64], v: f64, by_p: &[f64]) -> Vec<f64>;

    /// By about how much each parameter may be changed to see its effect.
    fn sizes(&self, p: &[f64], v: f64) -> Vec<f64>;

    /// Why these are no parameters of this process.
    fn complaint(&self, p: &[f64]) -> Option<String>;

    /// The parameters that sit on the edge of what is allowed, and other edges reached.
    fn edges(&self, p: &[f64]) -> Vec<String>;

    /// How many residuals the next variance depends on.
    fn memory(&self) -> usize;

    /// The variance of the next residual.
    fn next(&self, p: &[f64], recent: &Recent) -> f64;

    /// What remains after one more residual with its variance.
    fn observe(&self, recent: &mut Recent, e: f64, s: f64) {
        if recent.residuals.len() >= self.memory() {
            recent.residuals.remove(0);
            recent.variances.remove(0);
        }
        recent.residuals.push(e);
        recent.variances.push(s);
    }

    /// Expected variances of the next `horizon` residuals, where there is a formula.
    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>>;

    /// The variance that forecasts tend to.
    fn unconditional(&self, p: &[f64]) -> Option<f64>;
}

/// Average of the first squared residuals, weights falling by 0.94 a step, over 75 at most.
fn weighted_square(e: &[f64]) -> f64 {
    let (mut weight, mut weights, mut sum) = (1.0, 0.0, 0.0);
    for residual in e.iter().take(75) {
        sum += weight * residual * residual;
        weights += weight;
        weight *= 0.94;
    }
    sum / weights
}

/// Turns each value into itself and `factor` times the one before it: `x + factor x₋₁ + factor² x₋₂ …`, after `before`.
///
/// Four at a time, so that a value waits for a multiplication and an addition once in four.
fn accumulate(factor: f64, mut before: f64, values: &mut [f64]) {
    let (square, cube) = (factor * factor, factor * factor * factor);
    let fourth = square * square;
    let (blocks, rest) = values.as_chunks_mut::<4>();
    for x in blocks {
        let second = x[1] + factor * x[0];
        let third = x[2] + factor * second;
        let last = x[3] + factor * third;
        *x = [x[0] + factor * before, second + square * before, third + cube * before, last + fourth * before];
        before = x[3];
    }
    for x in rest {
        *x += factor * before;
        before = *x;
    }
}

/// [`accumulate`] from the last value to the first.
fn accumulate_back(factor: f64, values: &mut [f64]) {
    let (square, cube) = (factor * factor, factor * factor * factor);
    let fourth = square * square;
    let mut after = 0.0;
    let (rest, blocks) = values.as_rchunks_mut::<4>();
    for x in blocks.iter_mut().rev() {
        let third = x[2] + factor * x[3];
        let second = x[1] + factor * third;
        let first = x[0] + factor * second;
        *x = [first + fourth * after, second + cube * after, third + square * after, x[3] + factor * after];
        after = x[0];
    }
    for x in rest.iter_mut().rev() {
        *x += factor * after;
        after = *x;
    }
}

/// `Σ a`, in the same order whatever the machine.
pub(super) fn sum(a: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (blocks, rest) = a.as_chunks::<8>();
    for a in blocks {
        for i in 0..8 {
            sums[i] += a[i];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// `Σ a b`, in the same order whatever the machine.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((blocks, a_rest), (others, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in blocks.iter().zip(others) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
