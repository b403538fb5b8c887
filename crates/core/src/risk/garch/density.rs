//! The log-likelihood of residuals whose variances are given, and its slopes.
//!
//! This and the recursion of the variance are what a fit spends its time on. One pass over the observations gives the sum and,
//! for each observation, how it changes with the variance and with the residual. Sums of logarithms are logarithms of
//! products ([`LogProduct`]): a multiplication an observation instead of a logarithm, and fewer roundings.

use std::f64::consts::{LN_2, PI};

use statrs::function::gamma::{digamma, ln_gamma};

use super::distribution::{Distribution, Hansen, ged_scale};
use crate::risk::special::log_product::LogProduct;

/// Observations worked on side by side, so that the compiler uses vector instructions.
const LANES: usize = 8;

/// Where the slopes of the log-likelihood go.
pub(super) struct Slopes<'a> {
    /// By the variance of each observation.
    pub(super) variance: &'a mut [f64],
    /// By the residual of each observation.
    pub(super) residual: &'a mut [f64],
    /// By each shape parameter.
    pub(super) shape: &'a mut [f64],
}

/// Applies `$block::<N>` to blocks of observations, and to those left over one by one.
macro_rules! in_blocks {
    ($kernel:expr, $residuals:expr, $variances:expr, $slopes:expr) => {{
        let whole = $residuals.len() / LANES * LANES;
        let (e, e_rest) = $residuals.split_at(whole);
        let (s, s_rest) = $variances.split_at(whole);
        let (by_s, by_s_rest) = $slopes.variance.split_at_mut(whole);
        let (by_e, by_e_rest) = $slopes.residual.split_at_mut(whole);
        let blocks = e.as_chunks::<LANES>().0.iter().zip(s.as_chunks::<LANES>().0);
        let outs = by_s.as_chunks_mut::<LANES>().0.iter_mut().zip(by_e.as_chunks_mut::<LANES>().0);
        for ((e, s), (by_s, by_e)) in blocks.zip(outs) {
            $kernel.block(e, s, by_s, by_e);
        }
        let rest = e_rest.as_chunks::<1>().0.iter().zip(s_rest.as_chunks::<1>().0);
        let outs = by_s_rest.as_chunks_mut::<1>().0.iter_mut().zip(by_e_rest.as_chunks_mut::<1>().0);
        for ((e, s), (by_s, by_e)) in rest.zip(outs) {
            $kernel.block(e, s, by_s, by_e);
        }
    }};
}

/// The log-likelihood of `residuals` with `variances`; undefined (NaN) when a variance is not positive.
///
/// `unit` is the size of a typical variance: only how the products are formed depends on it.
pub(super) fn log_likelihood(
    distribution: Distribution,
    shape: &[f64],
    (residuals, variances): (&[f64], &[f64]),
    unit: f64,
    slopes: Slopes<'_>,
) -> f64 {
    let count = residuals.len() as f64;
    let base = -0.5 * count * unit.ln();
    base + match distribution {
        Distribution::Normal => {
            let mut kernel = NormalKernel { per_unit: 1.0 / unit, variances: LogProduct::default(), squares: [0.0; LANES] };
            in_blocks!(kernel, residuals, variances, slopes);
            -0.5 * (count * (2.0 * PI).ln() + kernel.variances.log() + kernel.squares.iter().sum::<f64>())
        }
        Distribution::StudentT => {
            let nu = shape[0];
            let mut kernel = StudentKernel {
                per_unit: 1.0 / unit,
                inverse: 1.0 / (nu - 2.0),
                power: nu + 1.0,
                variances: LogProduct::default(),
                sums: LogProduct::default(),
                weighted: [0.0; LANES],
            };
            in_blocks!(kernel, residuals, variances, slopes);
            let ratios = kernel.sums.log() - kernel.variances.log();
            slopes.shape[0] = count * 0.5 * (digamma((nu + 1.0) / 2.0) - digamma(nu / 2.0) - 1.0 / (nu - 2.0)) - 0.5 * ratios
                + 0.5 * kernel.weighted.iter().sum::<f64>() / (nu - 2.0);
            count * student_constant(nu) - 0.5 * kernel.variances.log() - 0.5 * (nu + 1.0) * ratios
        }
        Distribution::SkewT => {
            let law = Hansen::new(shape);
            let mut kernel = HansenKernel {
                law,
                per_unit: 1.0 / unit,
                inverse: 1.0 / (law.eta - 2.0),
                variances: LogProduct::default(),
                bases: LogProduct::default(),
                by_eta: [0.0; LANES],
                by_lambda: [0.0; LANES],
            };
            in_blocks!(kernel, residuals, variances, slopes);
            let bases = kernel.bases.log();
            slopes.shape[0] = count * (law.by_eta[1] / law.b + law.by_eta[2]) - 0.5 * bases + kernel.by_eta.iter().sum::<f64>();
            slopes.shape[1] = count * law.by_lambda[1] / law.b + kernel.by_lambda.iter().sum::<f64>();
            count * (law.b.ln() + law.log_c) - 0.5 * kernel.variances.log() - 0.5 * (law.eta + 1.0) * bases
        }
        Distribution::Ged => {
            let nu = shape[0];
            let scale = ged_scale(nu);
            let mut kernel = GedKernel {
                nu,
                scale,
                scale_by_nu: ged_log_scale_by_nu(nu),
                per_unit: 1.0 / unit,
                variances: LogProduct::default(),
                powers: [0.0; LANES],
                by_nu: [0.0; LANES],
            };
            in_blocks!(kernel, residuals, variances, slopes);
            let constant_by_nu = 1.0 / nu - kernel.scale_by_nu + (digamma(1.0 / nu) + LN_2) / (nu * nu);
            slopes.shape[0] = count * constant_by_nu - kernel.by_nu.iter().sum::<f64>();
            count * ged_constant(nu) - 0.5 * kernel.variances.log() - kernel.powers.iter().sum::<f64>()
        }
    }
}

/// The log-density of each residual.
pub(super) fn log_densities(distribution: Distribution, shape: &[f64], residuals: &[f64], variances: &[f64]) -> Vec<f64> {
    let each = |density: &dyn Fn(f64) -> f64| -> Vec<f64> {
        residuals.iter().zip(variances).map(|(e, s)| density(e / s.sqrt()) - 0.5 * s.ln()).collect()
    };
    match distribution {
        Distribution::Normal => each(&|z| -0.5 * ((2.0 * PI).ln() + z * z)),
        Distribution::StudentT => {
            let (nu, constant) = (shape[0], student_constant(shape[0]));
            each(&|z| constant - 0.5 * (nu + 1.0) * (z * z / (nu - 2.0)).ln_1p())
        }
        Distribution::SkewT => {
            let law = Hansen::new(shape);
            let constant = law.b.ln() + law.log_c;
            each(&|z| {
                let y = law.b * z + law.a;
                let u = y / if y < 0.0 { 1.0 - law.lambda } else { 1.0 + law.lambda };
                constant - 0.5 * (law.eta + 1.0) * (u * u / (law.eta - 2.0)).ln_1p()
            })
        }
        Distribution::Ged => {
            let (nu, scale, constant) = (shape[0], ged_scale(shape[0]), ged_constant(shape[0]));
            each(&|z| constant - 0.5 * (z / scale).abs().powf(nu))
        }
    }
}

/// `ln Γ((ν+1)/2) − ln Γ(ν/2) − ½ ln(π (ν − 2))`.
fn student_constant(nu: f64) -> f64 {
    ln_gamma((nu + 1.0) / 2.0) - ln_gamma(nu / 2.0) - 0.5 * (PI * (nu - 2.0)).ln()
}

fn ged_constant(nu: f64) -> f64 {
    nu.ln() - ged_scale(nu).ln() - ln_gamma(1.0 / nu) - (1.0 + 1.0 / nu) * LN_2
}

fn ged_log_scale_by_nu(nu: f64) -> f64 {
    0.5 * (2.0 * LN_2 - digamma(1.0 / nu) + 3.0 * digamma(3.0 / nu)) / (nu * nu)
}

/// `−½ (ln 2π + ln s + e²/s)`
struct NormalKernel {
    per_unit: f64,
    variances: LogProduct,
    squares: [f64; LANES],
}

impl NormalKernel {
    #[inline(always)]
    fn block<const N: usize>(&mut self, e: &[f64; N], s: &[f64; N], by_s: &mut [f64; N], by_e: &mut [f64; N]) {
        let mut factors = [0.0; N];
        for i in 0..N {
            let inverse = 1.0 / s[i];
            let square = e[i] * e[i] * inverse;
            by_s[i] = 0.5 * inverse * (square - 1.0);
            by_e[i] = -e[i] * inverse;
            self.squares[i] += square;
            factors[i] = s[i] * self.per_unit;
        }
        self.variances.multiply(factors.iter().product());
    }
}

/// `−½ ln s − ½ (ν+1) ln(1 + e² / ((ν−2) s))`, with the last logarithm as `ln(s + e²/(ν−2)) − ln s`.
struct StudentKernel {
    per_unit: f64,
    inverse: f64,
    power: f64,
    variances: LogProduct,
    sums: LogProduct,
    weighted: [f64; LANES],
}

impl StudentKernel {
    #[inline(always)]
    fn block<const N: usize>(&mut self, e: &[f64; N], s: &[f64; N], by_s: &mut [f64; N], by_e: &mut [f64; N]) {
        let (mut variances, mut sums) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            let square = e[i] * e[i] * self.inverse;
            let sum = s[i] + square;
            // One division serves both reciprocals.
            let both = 1.0 / (s[i] * sum);
            let (of_variance, of_sum) = (both * sum, both * s[i]);
            let weight = self.power * of_sum;
            let pull = weight * square;
            by_s[i] = 0.5 * of_variance * (pull - 1.0);
            by_e[i] = -weight * self.inverse * e[i];
            self.weighted[i] += pull;
            variances[i] = s[i] * self.per_unit;
            sums[i] = sum * self.per_unit;
        }
        self.variances.multiply(variances.iter().product());
        self.sums.multiply(sums.iter().product());
    }
}

struct HansenKernel {
    law: Hansen,
    per_unit: f64,
    inverse: f64,
    variances: LogProduct,
    bases: LogProduct,
    by_eta: [f64; LANES],
    by_lambda: [f64; LANES],
}

impl HansenKernel {
    #[inline(always)]
    fn block<const N: usize>(&mut self, e: &[f64; N], s: &[f64; N], by_s: &mut [f64; N], by_e: &mut [f64; N]) {
        let Hansen { eta, lambda, a, b, by_eta, by_lambda, .. } = self.law;
        let (mut variances, mut bases) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            let of_volatility = 1.0 / s[i].sqrt();
            let z = e[i] * of_volatility;
            let y = b * z + a;
            let side = if y < 0.0 { -1.0 } else { 1.0 };
            let per_side = 1.0 / (1.0 + side * lambda);
            let u = y * per_side;
            let square = u * u * self.inverse;
            let base = 1.0 + square;
            let weight = (eta + 1.0) / base;
            // By u; then u by z and by the shape.
            let by_u = -weight * u * self.inverse;
            let by_z = by_u * b * per_side;
            by_e[i] = by_z * of_volatility;
            by_s[i] = -0.5 * of_volatility * of_volatility * (1.0 + by_z * z);
            self.by_eta[i] += 0.5 * weight * square * self.inverse + by_u * per_side * (z * by_eta[1] + by_eta[0]);
            self.by_lambda[i] += by_u * per_side * (z * by_lambda[1] + by_lambda[0] - u * side);
            variances[i] = s[i] * self.per_unit;
            bases[i] = base;
        }
        self.variances.multiply(variances.iter().product());
        self.bases.multiply(bases.iter().product());
    }
}

struct GedKernel {
    nu: f64,
    scale: f64,
    scale_by_nu: f64,
    per_unit: f64,
    variances: LogProduct,
    powers: [f64; LANES],
    by_nu: [f64; LANES],
}

impl GedKernel {
    #[inline(always)]
    fn block<const N: usize>(&mut self, e: &[f64; N], s: &[f64; N], by_s: &mut [f64; N], by_e: &mut [f64; N]) {
        let mut variances = [0.0; N];
        for i in 0..N {
            let size = e[i].abs() / (s[i].sqrt() * self.scale);
            variances[i] = s[i] * self.per_unit;
            if size == 0.0 {
                (by_s[i], by_e[i]) = (-0.5 / s[i], 0.0);
                continue;
            }
            let log = size.ln();
            let power = 0.5 * (self.nu * log).exp();
            by_s[i] = 0.5 / s[i] * (self.nu * power - 1.0);
            by_e[i] = -self.nu * power / e[i];
            self.powers[i] += power;
            self.by_nu[i] += power * (log - self.nu * self.scale_by_nu);
        }
        self.variances.multiply(variances.iter().product());
    }
}
