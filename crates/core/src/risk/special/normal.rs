//! The standard normal distribution: quantiles, distribution function, density.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// `Φ(z)`, to full relative accuracy in both tails.
///
/// The library's complementary error function is right to ten digits; a step of Newton's method with [`normal_quantile`] gives the rest.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    let below = -z.abs();
    let rough = 0.5 * statrs::function::erf::erfc(-below * FRAC_1_SQRT_2);
    // Nothing to gain where the probability is no longer a normal number.
    let tail = if below < -37.0 { rough } else { rough + (below - normal_quantile(rough)) * normal_density(below) };
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// `φ(z)`.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// `z` with `Φ(z) = p`; infinite at 0 and 1, NaN outside.
///
/// Rational approximations in the centre and the tails, relative error about 1e-16.
///
/// # References
/// M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, *Applied Statistics* 37, 1988 (PPND16).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&CENTRE_ABOVE, r) / polynomial(&CENTRE_BELOW, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if tail == 0.0 { q.signum() * f64::INFINITY } else { f64::NAN };
    }
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 {
        polynomial(&TAIL_ABOVE, r - 1.6) / polynomial(&TAIL_BELOW, r - 1.6)
    } else {
        polynomial(&FAR_ABOVE, r - 5.0) / polynomial(&FAR_BELOW, r - 5.0)
    };
    if q < 0.0 { -z } else { z }
}

/// Coefficients from the constant up.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_545e3,
];
const TAIL_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `statistics.NormalDist().inv_cdf` of Python 3.11.
    #[test]
    fn agrees_with_python() {
        for (p, z) in
            include_str!("../../../tests/fixtures/normal_quantiles.csv").lines().skip(1).map(|line| line.split_once(',').unwrap())
        {
            let (p, z): (f64, f64) = (p.parse().unwrap(), z.parse().unwrap());
            let ours = normal_quantile(p);
            assert!((ours - z).abs() <= 4e-15 * z.abs().max(1e-3), "{p}: {ours} and {z}");
        }
    }

    #[test]
    fn the_distribution_function_undoes_the_quantile() {
        for p in [1e-10, 0.003, 0.2, 0.5, 0.9] {
            assert!((normal_cdf(normal_quantile(p)) / p - 1.0).abs() < 4e-14, "{p}");
        }
        assert!((normal_density(1.0) - 0.241_970_724_519_143_37).abs() < 1e-15);
    }

    /// `scipy.special.ndtr`
    #[test]
    fn the_distribution_function_keeps_its_digits() {
        for (z, p) in [
            (-6.3, 1.4882282217623072e-10),
            (-3.0, 0.0013498980316300933),
            (-0.7, 0.24196365222307303),
            (0.4, 0.6554217416103242),
        ] {
            assert!((normal_cdf(z) / p - 1.0).abs() < 2e-14, "{z}: {} {p}", normal_cdf(z));
        }
    }

    #[test]
    fn odd_and_without_bounds_at_the_ends() {
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.25), -normal_quantile(0.75));
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }
}
