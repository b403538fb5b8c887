//! Distributions of standardised innovations: mean zero, variance one.

use std::{f64::consts::PI, fmt, str::FromStr};

use rand::Rng;
use rand_distr::{ChiSquared, Distribution as _, Gamma, StandardNormal};
use statrs::{
    distribution::{Continuous, ContinuousCDF, Gamma as GammaLaw, Normal as NormalLaw, StudentsT as StudentLaw},
    function::gamma::{digamma, gamma_ur, ln_gamma},
};

use crate::{Error, Result};

/// The law of the standardised innovations `z`, with `E z = 0` and `E z² = 1`.
///
/// | Name | Shape | Range |
/// |---|---|---|
/// | `normal` | none | |
/// | `t` | `nu`, degrees of freedom | 2.05 to 500 |
/// | `skewt` | `eta`, degrees of freedom; `lambda`, asymmetry | 2.05 to 300; -1 to 1 |
/// | `ged` | `nu`, tail exponent (2 is the normal) | 1.01 to 500 |
///
/// # References
/// Hansen (1994), *Autoregressive conditional density estimation*, International Economic Review 35; Nelson (1991) for the
/// generalised error distribution. Ranges and names follow the Python package `arch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// The normal distribution.
    Normal,
    /// Student's t, scaled to unit variance.
    StudentT,
    /// Hansen's skewed t.
    SkewT,
    /// The generalised error distribution.
    Ged,
}

impl FromStr for Distribution {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "normal" => Ok(Self::Normal),
            "t" => Ok(Self::StudentT),
            "skewt" => Ok(Self::SkewT),
            "ged" => Ok(Self::Ged),
            _ => Err(Error::Unknown { what: "distribution", text: text.to_owned(), known: "normal, t, skewt, ged".to_owned() }),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::StudentT => "t",
            Self::SkewT => "skewt",
            Self::Ged => "ged",
        })
    }
}

/// One shape parameter: its name, its range, and where a search begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) range: [f64; 2],
    pub(super) start: f64,
}

const DEGREES: Shape = Shape { name: "nu", range: [2.05, 500.0], start: 8.0 };
const SKEW: [Shape; 2] =
    [Shape { name: "eta", range: [2.05, 300.0], start: 8.0 }, Shape { name: "lambda", range: [-0.999, 0.999], start: 0.0 }];
const EXPONENT: Shape = Shape { name: "nu", range: [1.01, 500.0], start: 1.5 };

impl Distribution {
    /// The parameters of its shape.
    pub(super) fn shapes(self) -> &'static [Shape] {
        match self {
            Self::Normal => &[],
            Self::StudentT => &[DEGREES],
            Self::SkewT => &SKEW,
            Self::Ged => &[EXPONENT],
        }
    }

    /// `z` with `P(Z ≤ z) = p`, for `0 < p < 1`.
    pub fn quantile(self, shape: &[f64], p: f64) -> f64 {
        match self {
            Self::Normal => standard_normal().inverse_cdf(p),
            Self::StudentT => student(shape[0]).inverse_cdf(p) * unit(shape[0]),
            Self::SkewT => {
                let law = Hansen::new(shape);
                let left = (1.0 - law.lambda) / 2.0;
                let (side, within) = match p < left {
                    true => (1.0 - law.lambda, p / (1.0 - law.lambda)),
                    false => (1.0 + law.lambda, 0.5 + (p - left) / (1.0 + law.lambda)),
                };
                (side * unit(law.eta) * student(law.eta).inverse_cdf(within) - law.a) / law.b
            }
            Self::Ged => {
                let (nu, scale) = (shape[0], ged_scale(shape[0]));
                // |z / scale|^nu / 2 follows a gamma distribution of shape 1 / nu.
                let beyond = 1.0 - 2.0 * p.min(1.0 - p);
                let size = scale * (2.0 * gamma_law(1.0 / nu).inverse_cdf(beyond)).powf(1.0 / nu);
                if p < 0.5 { -size } else { size }
            }
        }
    }

    /// `P(Z ≤ z)`.
    pub fn cdf(self, shape: &[f64], z: f64) -> f64 {
        match self {
            Self::Normal => standard_normal().cdf(z),
            Self::StudentT => student(shape[0]).cdf(z / unit(shape[0])),
            Self::SkewT => {
                let law = Hansen::new(shape);
                let y = law.b * z + law.a;
                let law_of = student(law.eta);
                match y < 0.0 {
                    true => (1.0 - law.lambda) * law_of.cdf(y / (1.0 - law.lambda) / unit(law.eta)),
                    false => {
                        (1.0 - law.lambda) / 2.0 + (1.0 + law.lambda) * (law_of.cdf(y / (1.0 + law.lambda) / unit(law.eta)) - 0.5)
                    }
                }
            }
            Self::Ged => {
                let (nu, scale) = (shape[0], ged_scale(shape[0]));
                let tail = if z == 0.0 { 0.5 } else { 0.5 * gamma_ur(1.0 / nu, 0.5 * (z / scale).abs().powf(nu)) };
                if z < 0.0 { tail } else { 1.0 - tail }
            }
        }
    }

    /// The mean of what lies at or below the quantile of `p`: `E[Z | Z ≤ q(p)]`.
    pub fn tail_mean(self, shape: &[f64], p: f64) -> f64 {
        let q = self.quantile(shape, p);
        match self {
            Self::Normal => -standard_normal().pdf(q) / p,
            Self::StudentT => unit(shape[0]) * student_moment_below(shape[0], q / unit(shape[0])) / p,
            Self::SkewT => {
                let law = Hansen::new(shape);
                let y = law.b * q + law.a;
                let (k, below) = (unit(law.eta), y < 0.0);
                let side = if below { 1.0 - law.lambda } else { 1.0 + law.lambda };
                let x = y / side / k;
                let probability = student(law.eta).cdf(x);
                let moment = student_moment_below(law.eta, x);
                // The mean of all is zero: what lies above is minus what lies below.
                match below {
                    true => side / law.b * (side * k * moment - law.a * probability) / p,
                    false => -side / law.b * (-side * k * moment - law.a * (1.0 - probability)) / p,
                }
            }
            Self::Ged => {
                let (nu, scale) = (shape[0], ged_scale(shape[0]));
                let reach = 0.5 * (q / scale).abs().powf(nu);
                let above = if reach == 0.0 { 1.0 } else { gamma_ur(2.0 / nu, reach) };
                -scale * 2_f64.powf(1.0 / nu) * (ln_gamma(2.0 / nu) - ln_gamma(1.0 / nu)).exp() * above / 2.0 / p
            }
        }
    }

    /// How many parameters its shape has.
    pub fn parameter_count(self) -> usize {
        self.shapes().len()
    }

    /// Fills `out` with independent draws.
    pub(in crate::risk) fn sample(self, shape: &[f64], rng: &mut impl Rng, out: &mut [f64]) {
        match self {
            Self::Normal => out.iter_mut().for_each(|z| *z = StandardNormal.sample(rng)),
            Self::StudentT => student_draws(shape[0], rng, out),
            Self::SkewT => {
                let law = Hansen::new(shape);
                student_draws(law.eta, rng, out);
                for z in out {
                    let right = rng.random::<f64>() < (1.0 + law.lambda) / 2.0;
                    let y = if right { (1.0 + law.lambda) * z.abs() } else { -(1.0 - law.lambda) * z.abs() };
                    *z = (y - law.a) / law.b;
                }
            }
            Self::Ged => {
                let (nu, scale) = (shape[0], ged_scale(shape[0]));
                let sizes = Gamma::new(1.0 / nu, 1.0).expect("a positive shape");
                for z in out {
                    let size = scale * (2.0 * sizes.sample(rng)).powf(1.0 / nu);
                    *z = if rng.random::<bool>() { size } else { -size };
                }
            }
        }
    }
}

fn student_draws(nu: f64, rng: &mut impl Rng, out: &mut [f64]) {
    let squares = ChiSquared::new(nu).expect("positive degrees of freedom");
    for z in out {
        let normal: f64 = StandardNormal.sample(rng);
        *z = normal * ((nu - 2.0) / squares.sample(rng)).sqrt();
    }
}

fn standard_normal() -> NormalLaw {
    NormalLaw::standard()
}

fn student(nu: f64) -> StudentLaw {
    StudentLaw::new(0.0, 1.0, nu).expect("positive degrees of freedom")
}

fn gamma_law(shape: f64) -> GammaLaw {
    GammaLaw::new(shape, 1.0).expect("a positive shape")
}

/// What scales Student's t to unit variance.
fn unit(nu: f64) -> f64 {
    ((nu - 2.0) / nu).sqrt()
}

/// `E[X; X ≤ x]` of Student's t.
fn student_moment_below(nu: f64, x: f64) -> f64 {
    -(nu + x * x) / (nu - 1.0) * student(nu).pdf(x)
}

/// The scale of the generalised error distribution at unit variance.
pub(super) fn ged_scale(nu: f64) -> f64 {
    (0.5 * (-2.0 / nu * std::f64::consts::LN_2 + ln_gamma(1.0 / nu) - ln_gamma(3.0 / nu))).exp()
}

/// The constants of Hansen's skewed t, and how they change with the shape.
///
/// ```text
/// f(z) = b c (1 + y² / ((η − 2) m²))^(−(η + 1) / 2),  y = b z + a,  m = 1 − λ where y < 0, else 1 + λ
/// a = 4 λ c (η − 2) / (η − 1),  b² = 1 + 3 λ² − a²,  c = Γ((η + 1) / 2) / (√(π (η − 2)) Γ(η / 2))
/// ```
#[derive(Debug, Clone, Copy)]
pub(super) struct Hansen {
    pub(super) eta: f64,
    pub(super) lambda: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) log_c: f64,
    /// Of `a`, `b` and `log c` by `η`.
    pub(super) by_eta: [f64; 3],
    /// Of `a` and `b` by `λ`.
    pub(super) by_lambda: [f64; 2],
}

impl Hansen {
    pub(super) fn new(shape: &[f64]) -> Self {
        let (eta, lambda) = (shape[0], shape[1]);
        let log_c = ln_gamma((eta + 1.0) / 2.0) - ln_gamma(eta / 2.0) - 0.5 * (PI * (eta - 2.0)).ln();
        let log_c_by_eta = 0.5 * (digamma((eta + 1.0) / 2.0) - digamma(eta / 2.0) - 1.0 / (eta - 2.0));
        let c = log_c.exp();
        let ratio = (eta - 2.0) / (eta - 1.0);
        let a = 4.0 * lambda * c * ratio;
        let b = (1.0 + 3.0 * lambda * lambda - a * a).sqrt();
        let a_by_eta = 4.0 * lambda * c * (log_c_by_eta * ratio + 1.0 / ((eta - 1.0) * (eta - 1.0)));
        let a_by_lambda = 4.0 * c * ratio;
        Self {
            eta,
            lambda,
            a,
            b,
            log_c,
            by_eta: [a_by_eta, -a * a_by_eta / b, log_c_by_eta],
            by_lambda: [a_by_lambda, (3.0 * lambda - a * a_by_lambda) / b],
        }
    }
}
