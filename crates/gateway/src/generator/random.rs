//! Randomness by name: every use draws from its own stream, so adding one changes no other.

use rand::{Rng, SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, StandardNormal, StudentT};

use crate::tape::mix;

/// The stream of `seed` for one purpose, such as `("minutes", "KVRA")`.
pub(super) fn stream(seed: u64, purpose: &str, subject: &str) -> StdRng {
    StdRng::seed_from_u64(mix(purpose, mix(subject, seed)))
}

/// Student t scaled to unit variance: `t_ν · sqrt((ν − 2) / ν)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeavyTailed {
    /// `None` would be a normal distribution; the degrees of freedom used here are always valid.
    student: Option<StudentT<f64>>,
    scale: f64,
}

impl HeavyTailed {
    /// With `degrees` of freedom, above 2.
    pub(super) fn new(degrees: f64) -> Self {
        Self { student: StudentT::new(degrees).ok(), scale: ((degrees - 2.0) / degrees).sqrt() }
    }

    pub(super) fn draw(&self, rng: &mut StdRng) -> f64 {
        match &self.student {
            Some(student) => student.sample(rng) * self.scale,
            None => normal(rng),
        }
    }
}

pub(super) fn normal(rng: &mut StdRng) -> f64 {
    StandardNormal.sample(rng)
}

/// A factor of mean 1: the mean of `shape` standard exponentials (a gamma variate), coefficient of variation `1/sqrt(shape)`.
pub(super) fn busyness(rng: &mut StdRng, shape: u32) -> f64 {
    // One logarithm for all: the product of uniforms is the exponential of minus their sum.
    let product: f64 = (0..shape).map(|_| open_unit(rng)).product();
    -product.ln() / f64::from(shape)
}

/// Number of events when `mean` are expected: Poisson, by its normal limit above 12.
pub(super) fn count(rng: &mut StdRng, mean: f64) -> f64 {
    if mean > 12.0 {
        return (mean + mean.sqrt() * normal(rng)).round().max(1.0);
    }
    let limit = (-mean).exp();
    let (mut events, mut product) = (0.0, open_unit(rng));
    while product > limit {
        events += 1.0;
        product *= open_unit(rng);
    }
    events
}

/// Uniform on (0, 1].
pub(super) fn open_unit(rng: &mut StdRng) -> f64 {
    1.0 - rng.random::<f64>()
}
