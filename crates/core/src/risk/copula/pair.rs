//! A copula of two variables.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

use rand::Rng as _;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};

use super::{
    archimedean::Archimedean,
    bb1::Bb1,
    bb7::Bb7,
    clayton::Clayton,
    elliptical::{StudentPair, gaussian_cdf, gaussian_h, gaussian_h_inverse, gaussian_log_density},
    family::{Family, Rotation},
    frank::Frank,
    gumbel::Gumbel,
    joe::Joe,
    observations::{check_pairs, inside},
};
use crate::{
    Error, Result,
    risk::special::{
        normal::normal_quantile,
        student::{StudentQuantiles, student_cdf},
    },
};

/// Does something with the type of an Archimedean family; the other arms are written out.
macro_rules! with_family {
    ($family:expr, $kind:ident => $body:expr, $($other:pat => $result:expr),+ $(,)?) => {
        match $family {
            Family::Clayton => { type $kind = Clayton; $body }
            Family::Gumbel => { type $kind = Gumbel; $body }
            Family::Frank => { type $kind = Frank; $body }
            Family::Joe => { type $kind = Joe; $body }
            Family::Bb1 => { type $kind = Bb1; $body }
            Family::Bb7 => { type $kind = Bb7; $body }
            $($other => $result),+
        }
    };
}
pub(super) use with_family;

/// A copula of two variables: a family, a rotation, parameters.
///
/// Arguments are probabilities; what lies within 10⁻¹⁰ of 0 or 1 is taken as being there.
///
/// ```
/// use bellwether::risk::copula::{Family, PairCopula, Rotation};
///
/// let clayton = PairCopula::new(Family::Clayton, Rotation::R0, &[2.0])?;
/// assert_eq!(clayton.kendall_tau(), 0.5);
/// assert!((clayton.cdf(&[0.5], &[0.5])?[0] - 7.0_f64.powf(-0.5)).abs() < 1e-12);
/// // Both fall together: given that the first is in its lowest hundredth, so is the second, seven times in ten.
/// assert!((clayton.tail_dependence().lower_lower - 0.5_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # References
/// H. Joe, *Dependence Modeling with Copulas*, 2014. Parameters, their bounds and the rotations are those of vinecopulib.
#[derive(Debug, Clone)]
pub struct PairCopula {
    family: Family,
    rotation: Rotation,
    parameters: Vec<f64>,
    /// Of a t copula only.
    student: Option<Box<StudentPair>>,
}

/// The four coefficients of tail dependence: the limit of the probability that the second variable is in a corner's tail, given that
/// the first is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct TailDependence {
    /// Both low.
    pub lower_lower: f64,
    /// The first low, the second high.
    pub lower_upper: f64,
    /// The first high, the second low.
    pub upper_lower: f64,
    /// Both high.
    pub upper_upper: f64,
}

impl TailDependence {
    /// Rows: the first variable low and high; columns: the second.
    pub fn matrix(&self) -> [[f64; 2]; 2] {
        [[self.lower_lower, self.lower_upper], [self.upper_lower, self.upper_upper]]
    }

    fn from_matrix([[lower_lower, lower_upper], [upper_lower, upper_upper]]: [[f64; 2]; 2]) -> Self {
        Self { lower_lower, lower_upper, upper_lower, upper_upper }
    }
}

impl PairCopula {
    /// The copula with these parameters.
    ///
    /// # Errors
    /// [`Error::Copula`] where the number of parameters or one of them is not the family's, or where a family that is its own
    /// rotation is to be turned.
    pub fn new(family: Family, rotation: Rotation, parameters: &[f64]) -> Result<Self> {
        family.check(parameters)?;
        check_rotation(family, rotation)?;
        Ok(Self::trusted(family, rotation, parameters))
    }

    /// Without checks.
    pub(super) fn trusted(family: Family, rotation: Rotation, parameters: &[f64]) -> Self {
        let student = (family == Family::StudentT).then(|| Box::new(StudentPair::new(parameters[0], parameters[1])));
        Self { family, rotation, parameters: parameters.to_vec(), student }
    }

    /// That of independent variables.
    pub fn independence() -> Self {
        Self::trusted(Family::Independence, Rotation::R0, &[])
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The rotation.
    pub fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// The parameters, in the order of [`Family::parameter_names`].
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// The same copula for the variables in the other order.
    pub fn exchanged(&self) -> Self {
        Self { rotation: self.rotation.exchanged(), ..self.clone() }
    }

    /// Logarithms of the density at pairs of probabilities.
    ///
    /// # Errors
    /// [`Error::Copula`] where the slices differ in length or hold something that is not a probability.
    pub fn log_density(&self, u: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        check_pairs(u, v)?;
        Ok(self.log_densities(u, v))
    }

    /// Densities `∂²C/∂u∂v`; errors as [`PairCopula::log_density`].
    pub fn density(&self, u: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        Ok(self.log_density(u, v)?.into_iter().map(f64::exp).collect())
    }

    /// The sum of [`PairCopula::log_density`], in the order of the rows; errors as there.
    pub fn log_likelihood(&self, u: &[f64], v: &[f64]) -> Result<f64> {
        Ok(self.log_density(u, v)?.iter().sum())
    }

    /// `C(u, v)`; errors as [`PairCopula::log_density`].
    pub fn cdf(&self, u: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        check_pairs(u, v)?;
        Ok(u.iter().zip(v).map(|(&u, &v)| self.cdf_at(inside(u), inside(v))).collect())
    }

    /// `∂C/∂u`: the distribution function of the second variable at `v` where the first is `u`; errors as [`PairCopula::log_density`].
    pub fn h1(&self, u: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        check_pairs(u, v)?;
        Ok(u.iter().zip(v).map(|(&u, &v)| self.h1_at(inside(u), inside(v))).collect())
    }

    /// `∂C/∂v`: the distribution function of the first variable at `u` where the second is `v`; errors as [`PairCopula::log_density`].
    pub fn h2(&self, u: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        check_pairs(u, v)?;
        let other = self.exchanged();
        Ok(u.iter().zip(v).map(|(&u, &v)| other.h1_at(inside(v), inside(u))).collect())
    }

    /// The `v` with `h1(u, v) = p`; errors as [`PairCopula::log_density`].
    pub fn h1_inverse(&self, u: &[f64], p: &[f64]) -> Result<Vec<f64>> {
        check_pairs(u, p)?;
        let inverse = self.conditional_inverse();
        Ok(u.iter().zip(p).map(|(&u, &p)| inverse(inside(u), inside(p))).collect())
    }

    /// The `u` with `h2(u, v) = p`; errors as [`PairCopula::log_density`].
    pub fn h2_inverse(&self, p: &[f64], v: &[f64]) -> Result<Vec<f64>> {
        self.exchanged().h1_inverse(v, p)
    }

    /// `rows` independent draws, of the first and of the second variable; the same for the same seed.
    ///
    /// ```
    /// use bellwether::risk::copula::{Family, PairCopula, Rotation};
    ///
    /// let gumbel = PairCopula::new(Family::Gumbel, Rotation::R0, &[2.0])?;
    /// let [u, v] = gumbel.simulate(500, 7);
    /// assert_eq!(gumbel.simulate(500, 7), [u, v]);
    /// # Ok::<(), bellwether::Error>(())
    /// ```
    pub fn simulate(&self, rows: usize, seed: u64) -> [Vec<f64>; 2] {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let inverse = self.conditional_inverse();
        (0..rows)
            .map(|_| {
                let (u, p) = (inside(generator.random()), inside(generator.random()));
                (u, inverse(u, p))
            })
            .unzip::<_, _, Vec<_>, Vec<_>>()
            .into()
    }

    /// Kendall's tau of the two variables.
    pub fn kendall_tau(&self) -> f64 {
        let parameters = self.parameters.as_slice();
        let tau = with_family!(self.family, Kind => Kind::kendall_tau(parameters),
            Family::Independence => 0.0,
            Family::Gaussian | Family::StudentT => FRAC_2_PI * parameters[0].asin(),
        );
        if self.rotation.is_negative() { -tau } else { tau }
    }

    /// The four coefficients of tail dependence.
    pub fn tail_dependence(&self) -> TailDependence {
        let parameters = self.parameters.as_slice();
        let base = with_family!(self.family, Kind => { let [low, high] = Kind::tail_dependence(parameters); [[low, 0.0], [0.0, high]] },
            Family::Independence | Family::Gaussian => [[0.0; 2]; 2],
            Family::StudentT => {
                let (same, other) = student_tails(parameters[0], parameters[1]);
                [[same, other], [other, same]]
            },
        );
        let [first, second] = self.rotation.turned().map(usize::from);
        TailDependence::from_matrix(std::array::from_fn(|i| std::array::from_fn(|j| base[i ^ first][j ^ second])))
    }

    /// Without checks: arguments are brought inside.
    pub(super) fn log_densities(&self, u: &[f64], v: &[f64]) -> Vec<f64> {
        let pairs = u.iter().zip(v).map(|(&u, &v)| self.turned(inside(u), inside(v)));
        let parameters = self.parameters.as_slice();
        with_family!(self.family, Kind => {
                let density = Kind::log_density(parameters);
                pairs.map(|(u, v)| density(Kind::row(u, v))).collect()
            },
            Family::Independence => vec![0.0; u.len()],
            Family::Gaussian => {
                pairs.map(|(u, v)| gaussian_log_density(parameters[0], normal_quantile(u), normal_quantile(v))).collect()
            },
            Family::StudentT => self.student().map_or_else(Vec::new, |pair| {
                pairs.map(|(u, v)| pair.log_density(pair.score(u), pair.score(v))).collect()
            }),
        )
    }

    fn student(&self) -> Option<&StudentPair> {
        self.student.as_deref()
    }

    /// Arguments at rotation 0.
    fn turned(&self, u: f64, v: f64) -> (f64, f64) {
        let [first, second] = self.rotation.turned();
        (if first { 1.0 - u } else { u }, if second { 1.0 - v } else { v })
    }

    fn cdf_at(&self, u: f64, v: f64) -> f64 {
        let parameters = self.parameters.as_slice();
        let (a, b) = self.turned(u, v);
        let base = with_family!(self.family, Kind => Kind::cdf(parameters, a, b),
            Family::Independence => a * b,
            Family::Gaussian => gaussian_cdf(parameters[0], [a, b], [normal_quantile(a), normal_quantile(b)]),
            Family::StudentT => self.student().map_or(f64::NAN, |pair| pair.cdf(a, b)),
        );
        let found = match self.rotation {
            Rotation::R0 => base,
            Rotation::R90 => v - base,
            Rotation::R180 => u + v - 1.0 + base,
            Rotation::R270 => u - base,
        };
        found.clamp(0.0, 1.0)
    }

    /// `∂C/∂u` for arguments inside.
    pub(super) fn h1_at(&self, u: f64, v: f64) -> f64 {
        let parameters = self.parameters.as_slice();
        let (a, b) = self.turned(u, v);
        let base = with_family!(self.family, Kind => Kind::h1(parameters, a, b),
            Family::Independence => b,
            Family::Gaussian => gaussian_h(parameters[0], normal_quantile(a), normal_quantile(b)),
            Family::StudentT => self.student().map_or(f64::NAN, |pair| pair.h(pair.score(a), pair.score(b))),
        );
        let [_, second] = self.rotation.turned();
        (if second { 1.0 - base } else { base }).clamp(0.0, 1.0)
    }

    /// [`PairCopula::h1`] and [`PairCopula::h2`] of many rows, without checks.
    pub(super) fn conditionals(&self, u: &[f64], v: &[f64]) -> [Vec<f64>; 2] {
        let pairs = u.iter().zip(v).map(|(&u, &v)| (inside(u), inside(v)));
        if let Some(pair) = self.student() {
            let scores = pairs.map(|(u, v)| (pair.score(u), pair.score(v)));
            return scores.map(|(x, y)| (pair.h(x, y), pair.h(y, x))).unzip::<_, _, Vec<_>, Vec<_>>().into();
        }
        let other = self.exchanged();
        pairs.map(|(u, v)| (self.h1_at(u, v), other.h1_at(v, u))).unzip::<_, _, Vec<_>, Vec<_>>().into()
    }

    /// [`PairCopula::h1_inverse`] for arguments inside.
    pub(super) fn conditional_inverse(&self) -> impl Fn(f64, f64) -> f64 {
        let table = self.student().map(StudentPair::conditional_quantiles);
        move |u, p| {
            let parameters = self.parameters.as_slice();
            let [first, second] = self.rotation.turned();
            let (a, p) = (if first { 1.0 - u } else { u }, if second { 1.0 - p } else { p });
            let found = with_family!(self.family, Kind => Kind::h1_inverse(parameters, a, p),
                Family::Independence => p,
                Family::Gaussian => gaussian_h_inverse(parameters[0], normal_quantile(a), p),
                Family::StudentT => self.student().zip(table.as_ref()).map_or(f64::NAN, |(pair, table): (_, &StudentQuantiles)| {
                    pair.h_inverse(pair.score(a), table.at(normal_quantile(p)))
                }),
            );
            (if second { 1.0 - found } else { found }).clamp(0.0, 1.0)
        }
    }
}

/// An error where a family that is its own rotation is to be turned.
pub(super) fn check_rotation(family: Family, rotation: Rotation) -> Result<()> {
    if family.is_rotatable() || rotation == Rotation::R0 {
        return Ok(());
    }
    let problem = format!("rotation {rotation} makes no sense: turned, the family is itself; leave the rotation out");
    Err(Error::Copula { what: family.name().to_owned(), problem })
}

/// Coefficients of tail dependence of a t copula: in the corners on the diagonal, and in the two others.
pub(super) fn student_tails(rho: f64, degrees: f64) -> (f64, f64) {
    let tail = |rho: f64| 2.0 * student_cdf(-((degrees + 1.0) * (1.0 - rho) / (1.0 + rho)).sqrt(), degrees + 1.0);
    (tail(rho), tail(-rho))
}

/// `sin(πτ/2)`: the correlation of an elliptical distribution with this Kendall's tau.
pub(super) fn correlation_of_tau(tau: f64) -> f64 {
    (FRAC_PI_2 * tau).sin()
}
