//! The Frank family.

use super::{archimedean::Archimedean, scalar::Scalar};
use crate::risk::special::quadrature::integrate;

/// `C(u, v) = −1/θ · ln(1 + (e^{−θu} − 1)(e^{−θv} − 1)/(e^{−θ} − 1))`, θ ≠ 0; no dependence in the tails.
///
/// Where θ < 0 it is computed as the copula of `(1 − u, v)` and |θ|. Nelsen, *An Introduction to Copulas*, 2006, table 4.1 (5).
pub(super) struct Frank;

/// Nearer to 0 than this, the first terms of the series in θ are exact.
const SMALL: f64 = 1e-6;

#[derive(Clone, Copy)]
pub(super) struct Row {
    u: f64,
    v: f64,
}

/// `e^{−θu}(1 − e^{−θv}) + e^{−θv}(1 − e^{−θ(1−v)})`, a sum of positive terms.
#[inline]
fn denominator<R: Scalar>(theta: R, u: f64, v: f64) -> R {
    let (by_u, by_v) = ((-theta).times(u).exp(), (-theta).times(v).exp());
    -by_u * (-theta).times(v).exp_m1() - by_v * (-theta).times(1.0 - v).exp_m1()
}

impl Archimedean for Frank {
    type Row = Row;

    fn row(u: f64, v: f64) -> Row {
        Row { u, v }
    }

    fn log_density<R: Scalar>(parameters: &[R]) -> impl Fn(Row) -> R {
        let signed = parameters[0];
        let negative = signed.value() < 0.0;
        let theta = if negative { -signed } else { signed };
        let small = theta.value() < SMALL;
        let constant = if small { theta } else { (-theta * (-theta).exp_m1()).ln() };
        move |Row { u, v }| {
            if small {
                // c = 1 + θ/2 (1−2u)(1−2v) + θ²/12 (1−6u+6u²)(1−6v+6v²) + …
                let first = 0.5 * (1.0 - 2.0 * u) * (1.0 - 2.0 * v);
                let second = (1.0 - 6.0 * u * (1.0 - u)) * (1.0 - 6.0 * v * (1.0 - v)) / 12.0;
                return (signed.times(first) + (signed * signed).times(second)).ln_1p();
            }
            let u = if negative { 1.0 - u } else { u };
            constant - theta.times(u + v) - denominator(theta, u, v).ln().times(2.0)
        }
    }

    fn cdf(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0];
        // One less a share that is nearly one is taken as a sum of positive terms.
        let positive = |theta: f64, u: f64| {
            let share = -(-theta * u).exp_m1() * (-theta * v).exp_m1() / (-theta).exp_m1();
            let rest = if share < 0.5 { (-share).ln_1p() } else { (-denominator(theta, u, v) / (-theta).exp_m1()).ln() };
            -rest / theta
        };
        match theta {
            theta if theta.abs() < SMALL => u * v * (1.0 + 0.5 * theta * (1.0 - u) * (1.0 - v)),
            theta if theta < 0.0 => v - positive(-theta, 1.0 - u),
            theta => positive(theta, u),
        }
    }

    fn h1(parameters: &[f64], u: f64, v: f64) -> f64 {
        let theta = parameters[0].abs();
        if theta < SMALL {
            return v * (1.0 + 0.5 * parameters[0] * (1.0 - v) * (1.0 - 2.0 * u));
        }
        let u = if parameters[0] < 0.0 { 1.0 - u } else { u };
        -(-theta * u).exp() * (-theta * v).exp_m1() / denominator(theta, u, v)
    }

    fn h1_inverse(parameters: &[f64], u: f64, p: f64) -> f64 {
        let theta = parameters[0].abs();
        if theta < SMALL {
            return p / (1.0 + 0.5 * parameters[0] * (1.0 - p) * (1.0 - 2.0 * u));
        }
        let u = if parameters[0] < 0.0 { 1.0 - u } else { u };
        // 1 − e^{−θv} = p (1 − e^{−θ}) / (p + (1−p) e^{−θu})
        let by_u = (1.0 - p) * (-theta * u).exp();
        let fraction = p * (-theta).exp_m1() / (p + by_u);
        let log = if fraction > -0.5 { fraction.ln_1p() } else { ((by_u + p * (-theta).exp()) / (p + by_u)).ln() };
        -log / theta
    }

    /// `1 − 4/θ · (1 − D₁(θ))` with Debye's function `D₁(θ) = 1/θ ∫₀^θ t/(e^t − 1) dt`
    fn kendall_tau(parameters: &[f64]) -> f64 {
        let theta = parameters[0];
        if theta.abs() < 0.01 {
            return theta / 9.0 - theta.powi(3) / 900.0;
        }
        let size = theta.abs();
        let debye = integrate(size, |t, _| if t > 0.0 { t / t.exp_m1() } else { 1.0 }) / size;
        (1.0 - 4.0 / size * (1.0 - debye)).copysign(theta)
    }

    fn tail_dependence(_: &[f64]) -> [f64; 2] {
        [0.0, 0.0]
    }

    fn start(tau: f64) -> Vec<f64> {
        vec![9.0 * tau / (1.0 - tau * tau)]
    }
}

#[cfg(test)]
mod tests {
    use crate::risk::copula::{Family, PairCopula, Rotation};

    /// Frank's copula is the same upside down; only one of the two sides has digits to lose.
    #[test]
    fn strong_dependence_keeps_its_digits_in_the_upper_corner() {
        let copula = PairCopula::new(Family::Frank, Rotation::R0, &[35.0]).unwrap();
        let (u, v) = ([0.97, 0.9, 0.999], [0.98, 0.95, 0.9985]);
        let [low_u, low_v] = [u, v].map(|all| all.map(|p| 1.0 - p));
        let (above, below) = (copula.density(&u, &v).unwrap(), copula.density(&low_u, &low_v).unwrap());
        assert!(above.iter().zip(&below).all(|(a, b)| (a / b - 1.0).abs() < 1e-10), "{above:?} {below:?}");
        // C(u, v) = u + v − 1 + C(1 − u, 1 − v), and one conditional probability is one less the other.
        let (high, low) = (copula.cdf(&u, &v).unwrap(), copula.cdf(&low_u, &low_v).unwrap());
        let (h_high, h_low) = (copula.h1(&u, &v).unwrap(), copula.h1(&low_u, &low_v).unwrap());
        for at in 0..3 {
            assert!((high[at] - (u[at] + v[at] - 1.0 + low[at])).abs() < 1e-13, "{high:?} {low:?}");
            assert!((h_high[at] + h_low[at] - 1.0).abs() < 1e-12, "{h_high:?} {h_low:?}");
        }
    }
}
