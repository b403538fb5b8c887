//! Student's t distribution: its distribution function, and quantiles in bulk.

use std::{f64::consts::PI, fmt};

use statrs::function::{beta::beta_reg, gamma::ln_gamma};

use super::normal::{normal_cdf, normal_density};

/// `ln` of the density's constant `Γ((ν+1)/2) / (√(νπ) Γ(ν/2))`.
pub(crate) fn log_normalisation(degrees: f64) -> f64 {
    ln_gamma(0.5 * (degrees + 1.0)) - ln_gamma(0.5 * degrees) - 0.5 * (degrees * PI).ln()
}

/// `T_ν(x)`, to full relative accuracy in both tails.
pub(crate) fn student_cdf(x: f64, degrees: f64) -> f64 {
    let square = x * x;
    if square.is_infinite() {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    // Near the middle the argument, far from it the result would lose digits.
    let tail = if square < 1.0 {
        0.5 - 0.5 * beta_reg(0.5, 0.5 * degrees, square / (degrees + square))
    } else {
        0.5 * beta_reg(0.5 * degrees, 0.5, degrees / (degrees + square))
    };
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Half the width of a cell.
const HALF: f64 = 1.0 / 16.0;
/// Cells, which together reach a normal score of 6.5, beyond which lie 4·10⁻¹¹ on either side.
const CELLS: usize = 52;
/// Terms of the series by which one cell leads to the next.
const TERMS: usize = 12;
/// Terms that are enough inside a cell.
const KEPT: usize = 9;

/// Quantiles of Student's t distribution as a function of normal scores: `x(z) = T_ν⁻¹(Φ(z))`.
///
/// With `t` the density, `x` solves `x' = φ(z) / t(x)`, from which its Taylor series around any point follows term by term:
///
/// ```text
/// x'' = x' · (−z + (ν+1) · r · x'),   r = x / (ν + x²)
/// ```
///
/// The outermost quantile is found from the tail's probability. From there the series around the middle of one cell gives the
/// value in the middle of the next one inwards, the direction in which errors die out. A whole table costs about as much as
/// twenty values of the distribution function, and a quantile from it one polynomial. Relative error below 10⁻¹¹.
#[derive(Clone)]
pub(crate) struct StudentQuantiles {
    cells: [[f64; KEPT]; CELLS],
}

impl fmt::Debug for StudentQuantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its hundreds of coefficients tell a reader nothing.
        f.write_str("StudentQuantiles")
    }
}

impl StudentQuantiles {
    /// The table for a number of degrees of freedom, which need not be whole.
    pub(crate) fn new(degrees: f64) -> Self {
        let log_constant = log_normalisation(degrees);
        let slope = |z: f64, x: f64| normal_density(z) * (0.5 * (degrees + 1.0) * (x * x / degrees).ln_1p() - log_constant).exp();
        let middle = |cell: usize| (2 * cell + 1) as f64 * HALF;
        let mut cells = [[0.0; KEPT]; CELLS];
        let mut x = upper_quantile(middle(CELLS - 1), degrees, log_constant);
        for (cell, kept) in cells.iter_mut().enumerate().rev() {
            let z = middle(cell);
            let series = taylor(z, x, slope(z, x), degrees);
            kept.copy_from_slice(&series[..KEPT]);
            x = evaluate(&series, -2.0 * HALF);
        }
        Self { cells }
    }

    /// `T_ν⁻¹(Φ(z))`; scores beyond ±6.5 are taken as ±6.5.
    #[inline]
    pub(crate) fn at(&self, z: f64) -> f64 {
        let place = z.abs() * (0.5 / HALF);
        let cell = (place as usize).min(CELLS - 1);
        let from_middle = ((place - cell as f64).min(1.0) - 0.5) * (2.0 * HALF);
        evaluate(&self.cells[cell], from_middle).copysign(z)
    }
}

/// `T_ν⁻¹(Φ(z))` for a score far in the upper tail: Newton's method on the logarithms of `x` and of what lies beyond it.
fn upper_quantile(z: f64, degrees: f64, log_constant: f64) -> f64 {
    let target = normal_cdf(-z);
    // D. L. Wallace, Bounds on normal approximations to Student's and the chi-square distributions, 1959.
    let stretched = z * (8.0 * degrees + 3.0) / (8.0 * degrees + 1.0);
    let mut x = (degrees * (stretched * stretched / degrees).exp_m1()).sqrt();
    for _ in 0..20 {
        let beyond = student_cdf(-x, degrees);
        let density = (log_constant - 0.5 * (degrees + 1.0) * (x * x / degrees).ln_1p()).exp();
        let step = (beyond / target).ln() * beyond / (x * density);
        x *= step.exp();
        if step.abs() < 1e-13 {
            break;
        }
    }
    x
}

#[inline]
fn evaluate<const N: usize>(series: &[f64; N], step: f64) -> f64 {
    series.iter().rev().fold(0.0, |sum, term| sum * step + term)
}

/// Coefficients of `x(z + s)` in powers of `s`.
fn taylor(z: f64, x: f64, slope: f64, degrees: f64) -> [f64; TERMS] {
    // Of x, x', ν + x², x/(ν+x²) and of the logarithmic derivative of x'.
    let [mut xs, mut slopes, mut squares, mut ratios, mut growth] = [[0.0; TERMS]; 5];
    (xs[0], slopes[0]) = (x, slope);
    let product = |a: &[f64; TERMS], b: &[f64; TERMS], k: usize| (0..=k).map(|i| a[i] * b[k - i]).sum::<f64>();
    for k in 0..TERMS - 1 {
        squares[k] = product(&xs, &xs, k) + if k == 0 { degrees } else { 0.0 };
        let known: f64 = (0..k).map(|i| ratios[i] * squares[k - i]).sum();
        ratios[k] = (xs[k] - known) / squares[0];
        let own = match k {
            0 => z,
            1 => 1.0,
            _ => 0.0,
        };
        growth[k] = (degrees + 1.0) * product(&ratios, &slopes, k) - own;
        let next = (k + 1) as f64;
        xs[k + 1] = slopes[k] / next;
        slopes[k + 1] = product(&slopes, &growth, k) / next;
    }
    xs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::special::normal::{normal_cdf, normal_quantile};

    #[test]
    fn two_degrees_have_a_closed_form() {
        for x in [-1e6, -40.0, -1.5, -0.01, 0.0, 0.3, 2.0, 9.0_f64] {
            let tail = 1.0 / ((2.0 + x * x) * (1.0 + x.abs() / (2.0 + x * x).sqrt()));
            let expected = if x < 0.0 { tail } else { 1.0 - tail };
            assert!((student_cdf(x, 2.0) / expected - 1.0).abs() < 1e-13, "{x}: {} {expected}", student_cdf(x, 2.0));
        }
        let table = StudentQuantiles::new(2.0);
        for p in [1e-10, 1e-6, 0.001, 0.04, 0.3, 0.499_f64] {
            let exact = -(1.0 - 2.0 * p) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((table.at(normal_quantile(p)) / exact - 1.0).abs() < 1e-11, "{p}: {} {exact}", table.at(normal_quantile(p)));
        }
    }

    #[test]
    fn the_table_undoes_the_distribution_function() {
        for degrees in [2.0, 2.7, 4.0, 7.5, 21.3, 50.0, 51.0] {
            let table = StudentQuantiles::new(degrees);
            for step in -63..=63 {
                let z = f64::from(step) * 0.1;
                let expected = normal_cdf(-z.abs());
                let found = student_cdf(-table.at(z).abs(), degrees);
                assert!((found / expected - 1.0).abs() < 2e-11, "{degrees} {z}: {found} {expected}");
            }
            assert_eq!(table.at(1.7), -table.at(-1.7));
            assert_eq!(table.at(9.0), table.at(6.5));
        }
    }
}
