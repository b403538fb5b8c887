//! Numbers that carry their derivatives, so that a log-density is written once and its slopes follow by the chain rule.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What a log-density is computed in: plain numbers, or numbers with derivatives by the parameters.
pub(super) trait Scalar:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    fn plus(self, constant: f64) -> Self;
    fn times(self, constant: f64) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    /// `e^x − 1`
    fn exp_m1(self) -> Self;
    /// `ln(1 + x)`
    fn ln_1p(self) -> Self;
    fn value(self) -> f64;
}

/// `ln(1 − e^x)` for negative `x`.
pub(super) fn ln_1m_exp<R: Scalar>(x: R) -> R {
    if x.value() > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

/// `ln(e^x + e^y)` without overflow.
pub(super) fn ln_sum_exp<R: Scalar>(x: R, y: R) -> R {
    let (most, least) = if x.value() >= y.value() { (x, y) } else { (y, x) };
    most + (least - most).exp().ln_1p()
}

impl Scalar for f64 {
    #[inline]
    fn plus(self, constant: f64) -> Self {
        self + constant
    }
    #[inline]
    fn times(self, constant: f64) -> Self {
        self * constant
    }
    #[inline]
    fn exp(self) -> Self {
        f64::exp(self)
    }
    #[inline]
    fn ln(self) -> Self {
        f64::ln(self)
    }
    #[inline]
    fn exp_m1(self) -> Self {
        f64::exp_m1(self)
    }
    #[inline]
    fn ln_1p(self) -> Self {
        f64::ln_1p(self)
    }
    #[inline]
    fn value(self) -> f64 {
        self
    }
}

/// A value with its first and second derivative by one variable.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Curve {
    pub(super) value: f64,
    pub(super) first: f64,
    pub(super) second: f64,
}

impl Curve {
    /// The variable itself.
    pub(super) fn variable(value: f64) -> Self {
        Self { value, first: 1.0, second: 0.0 }
    }

    #[inline]
    fn through(self, value: f64, first: f64, second: f64) -> Self {
        Self { value, first: first * self.first, second: second * self.first * self.first + first * self.second }
    }
}

impl Add for Curve {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, first: self.first + other.first, second: self.second + other.second }
    }
}

impl Neg for Curve {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { value: -self.value, first: -self.first, second: -self.second }
    }
}

impl Sub for Curve {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Curve {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            first: self.first * other.value + self.value * other.first,
            second: self.second * other.value + 2.0 * self.first * other.first + self.value * other.second,
        }
    }
}

impl Div for Curve {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        let inverse = 1.0 / other.value;
        self * other.through(inverse, -inverse * inverse, 2.0 * inverse * inverse * inverse)
    }
}

impl Scalar for Curve {
    #[inline]
    fn plus(self, constant: f64) -> Self {
        Self { value: self.value + constant, ..self }
    }
    #[inline]
    fn times(self, constant: f64) -> Self {
        Self { value: self.value * constant, first: self.first * constant, second: self.second * constant }
    }
    #[inline]
    fn exp(self) -> Self {
        let power = self.value.exp();
        self.through(power, power, power)
    }
    #[inline]
    fn ln(self) -> Self {
        let inverse = 1.0 / self.value;
        self.through(self.value.ln(), inverse, -inverse * inverse)
    }
    #[inline]
    fn exp_m1(self) -> Self {
        let less = self.value.exp_m1();
        self.through(less, less + 1.0, less + 1.0)
    }
    #[inline]
    fn ln_1p(self) -> Self {
        let inverse = 1.0 / (1.0 + self.value);
        self.through(self.value.ln_1p(), inverse, -inverse * inverse)
    }
    #[inline]
    fn value(self) -> f64 {
        self.value
    }
}

/// A value with its derivatives by two variables.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slopes {
    pub(super) value: f64,
    pub(super) slopes: [f64; 2],
}

impl Slopes {
    /// The variable number `index` itself.
    pub(super) fn variable(value: f64, index: usize) -> Self {
        let mut slopes = [0.0; 2];
        slopes[index] = 1.0;
        Self { value, slopes }
    }

    #[inline]
    fn through(self, value: f64, slope: f64) -> Self {
        Self { value, slopes: [slope * self.slopes[0], slope * self.slopes[1]] }
    }
}

impl Add for Slopes {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slopes: [self.slopes[0] + other.slopes[0], self.slopes[1] + other.slopes[1]] }
    }
}

impl Neg for Slopes {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        self.through(-self.value, -1.0)
    }
}

impl Sub for Slopes {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Slopes {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        self.through(self.value * other.value, other.value) + other.through(0.0, self.value)
    }
}

impl Div for Slopes {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        let inverse = 1.0 / other.value;
        self * other.through(inverse, -inverse * inverse)
    }
}

impl Scalar for Slopes {
    #[inline]
    fn plus(self, constant: f64) -> Self {
        Self { value: self.value + constant, ..self }
    }
    #[inline]
    fn times(self, constant: f64) -> Self {
        self.through(self.value * constant, constant)
    }
    #[inline]
    fn exp(self) -> Self {
        let power = self.value.exp();
        self.through(power, power)
    }
    #[inline]
    fn ln(self) -> Self {
        self.through(self.value.ln(), 1.0 / self.value)
    }
    #[inline]
    fn exp_m1(self) -> Self {
        let less = self.value.exp_m1();
        self.through(less, less + 1.0)
    }
    #[inline]
    fn ln_1p(self) -> Self {
        self.through(self.value.ln_1p(), 1.0 / (1.0 + self.value))
    }
    #[inline]
    fn value(self) -> f64 {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tangled<R: Scalar>(x: R, y: R) -> R {
        let sum = ln_sum_exp(x * y, y.times(0.5)) / x.plus(1.0);
        (sum - ln_1m_exp(-x) + (y.exp_m1() * x).ln_1p()).exp() + ln_1m_exp(-y.times(0.1)) - x.ln()
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let (x, y, step) = (1.3, 0.8, 1e-4);
        let curve = tangled(Curve::variable(x), Curve { value: y, ..Curve::default() });
        let slopes = tangled(Slopes::variable(x, 0), Slopes::variable(y, 1));
        let [below, at, above] = [x - step, x, x + step].map(|x| tangled(x, y));
        let by_y = (tangled(x, y + step) - tangled(x, y - step)) / (2.0 * step);
        assert_eq!((curve.value, slopes.value), (at, at));
        assert!((curve.first - (above - below) / (2.0 * step)).abs() < 1e-6);
        assert!((curve.second - (above - 2.0 * at + below) / (step * step)).abs() < 1e-5);
        assert!((slopes.slopes[0] - curve.first).abs() < 1e-12 && (slopes.slopes[1] - by_y).abs() < 1e-6);
    }
}
