//! Gaussian and t copulas of a pair: density, conditional distributions, joint distribution.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::risk::special::{
    normal::{normal_cdf, normal_quantile},
    quadrature::integrate,
    student::{StudentQuantiles, log_normalisation, student_cdf},
};

/// `ln c` of the Gaussian copula at two normal scores.
pub(super) fn gaussian_log_density(rho: f64, x: f64, y: f64) -> f64 {
    let rest = (1.0 - rho) * (1.0 + rho);
    -0.5 * rest.ln() - rho * (rho * (x * x + y * y) - 2.0 * x * y) / (2.0 * rest)
}

/// `Φ((y − ρx)/√(1−ρ²))`
pub(super) fn gaussian_h(rho: f64, x: f64, y: f64) -> f64 {
    normal_cdf((y - rho * x) / ((1.0 - rho) * (1.0 + rho)).sqrt())
}

/// The score `y` with `gaussian_h(x, y) = p`, as a probability.
pub(super) fn gaussian_h_inverse(rho: f64, x: f64, p: f64) -> f64 {
    normal_cdf(rho * x + ((1.0 - rho) * (1.0 + rho)).sqrt() * normal_quantile(p))
}

/// `C(u, v)` of the Gaussian copula, from the scores of both.
pub(super) fn gaussian_cdf(rho: f64, [u, v]: [f64; 2], [x, y]: [f64; 2]) -> f64 {
    joint(rho, [u, v], [x, y], |distance| (-0.5 * distance).exp())
}

/// A t copula of a pair, ready to be evaluated.
#[derive(Debug, Clone)]
pub(super) struct StudentPair {
    rho: f64,
    degrees: f64,
    log_constant: f64,
    quantiles: StudentQuantiles,
}

impl StudentPair {
    pub(super) fn new(rho: f64, degrees: f64) -> Self {
        Self { rho, degrees, log_constant: student_log_constant(rho, degrees), quantiles: StudentQuantiles::new(degrees) }
    }

    /// `T_ν⁻¹(u)`
    pub(super) fn score(&self, u: f64) -> f64 {
        self.quantiles.at(normal_quantile(u))
    }

    /// `ln c` at two scores.
    pub(super) fn log_density(&self, x: f64, y: f64) -> f64 {
        let (rho, nu) = (self.rho, self.degrees);
        let distance = (x * x + y * y - 2.0 * rho * x * y) / ((1.0 - rho) * (1.0 + rho));
        let margins = (x * x / nu).ln_1p() + (y * y / nu).ln_1p();
        self.log_constant + 0.5 * (nu + 1.0) * margins - 0.5 * (nu + 2.0) * (distance / nu).ln_1p()
    }

    /// The distribution function of the second variable, at score `y`, where the first has score `x`.
    pub(super) fn h(&self, x: f64, y: f64) -> f64 {
        student_cdf((y - self.rho * x) / self.conditional_scale(x), self.degrees + 1.0)
    }

    /// The second variable's probability at which its conditional distribution function is that of `conditional`, a score of
    /// the t distribution with one degree more.
    pub(super) fn h_inverse(&self, x: f64, conditional: f64) -> f64 {
        student_cdf(self.rho * x + conditional * self.conditional_scale(x), self.degrees)
    }

    fn conditional_scale(&self, x: f64) -> f64 {
        let (rho, nu) = (self.rho, self.degrees);
        ((nu + x * x) * (1.0 - rho) * (1.0 + rho) / (nu + 1.0)).sqrt()
    }

    /// Scores of conditional distributions.
    pub(super) fn conditional_quantiles(&self) -> StudentQuantiles {
        StudentQuantiles::new(self.degrees + 1.0)
    }

    /// `C(u, v)`
    pub(super) fn cdf(&self, u: f64, v: f64) -> f64 {
        let nu = self.degrees;
        joint(self.rho, [u, v], [self.score(u), self.score(v)], |distance| (1.0 + distance / nu).powf(-0.5 * nu))
    }
}

/// The part of a pair's log-density that does not depend on the observation.
pub(super) fn student_log_constant(rho: f64, degrees: f64) -> f64 {
    let joint = -(2.0 * PI).ln() - 0.5 * ((1.0 - rho) * (1.0 + rho)).ln();
    joint - 2.0 * log_normalisation(degrees)
}

/// `P(X ≤ x, Y ≤ y)` of an elliptical pair: from countermonotone `max(u + v − 1, 0)`, where ρ = −1, up to ρ = sin θ.
///
/// ```text
/// P = max(u + v − 1, 0) + 1/2π ∫ g((x² + y² − 2xy sin θ)/cos²θ) dθ   from −π/2 to asin ρ
/// ```
/// with `g` the generator: all terms positive, so that small probabilities keep their digits.
///
/// R. L. Plackett, A reduction formula for normal multivariate integrals, *Biometrika* 41, 1954; for t: Genz and Bretz, *Computation
/// of Multivariate Normal and t Probabilities*, 2009, section 2.1.
fn joint(rho: f64, [u, v]: [f64; 2], [x, y]: [f64; 2], generator: impl Fn(f64) -> f64) -> f64 {
    let width = rho.asin() + FRAC_PI_2;
    let (apart, together) = (0.5 * (x - y).powi(2), 0.5 * (x + y).powi(2));
    let integral = integrate(width, |from_left, _| {
        // 1 + sin θ, without cancellation near −π/2.
        let plus = 2.0 * (0.5 * from_left).sin().powi(2);
        let near = if together == 0.0 { 0.0 } else { together / plus };
        generator(apart / (2.0 - plus) + near)
    });
    (u + v - 1.0).max(0.0) + integral / (2.0 * PI)
}
