//! The families of pair copulas, their rotations, and what their parameters may be.

use std::{fmt, str::FromStr};

use crate::{Error, Result};

/// A family of bivariate copulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Family {
    /// `C(u, v) = uv`.
    #[serde(rename = "indep")]
    Independence,
    /// That of the bivariate normal distribution: correlation `rho`.
    Gaussian,
    /// That of the bivariate t distribution: correlation `rho`, degrees of freedom `nu` in 2…50.
    #[serde(rename = "student")]
    StudentT,
    /// Dependence in the lower tail: `theta`.
    Clayton,
    /// Dependence in the upper tail: `theta`.
    Gumbel,
    /// No dependence in the tails: `theta`, of either sign.
    Frank,
    /// Dependence in the upper tail: `theta`.
    Joe,
    /// Clayton and Gumbel in one, dependence in both tails: `theta`, `delta`.
    Bb1,
    /// Joe and Clayton in one, dependence in both tails: `theta`, `delta`.
    Bb7,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 9] = [
        Self::Independence,
        Self::Gaussian,
        Self::StudentT,
        Self::Clayton,
        Self::Gumbel,
        Self::Frank,
        Self::Joe,
        Self::Bb1,
        Self::Bb7,
    ];

    /// Its name, as it is written in commands and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independence => "indep",
            Self::Gaussian => "gaussian",
            Self::StudentT => "student",
            Self::Clayton => "clayton",
            Self::Gumbel => "gumbel",
            Self::Frank => "frank",
            Self::Joe => "joe",
            Self::Bb1 => "bb1",
            Self::Bb7 => "bb7",
        }
    }

    /// Names of its parameters, in order.
    pub const fn parameter_names(self) -> &'static [&'static str] {
        match self {
            Self::Independence => &[],
            Self::Gaussian => &["rho"],
            Self::StudentT => &["rho", "nu"],
            Self::Clayton | Self::Gumbel | Self::Frank | Self::Joe => &["theta"],
            Self::Bb1 | Self::Bb7 => &["theta", "delta"],
        }
    }

    /// Smallest and largest value of each parameter. Correlations must lie strictly inside.
    pub const fn bounds(self) -> &'static [[f64; 2]] {
        match self {
            Self::Independence => &[],
            Self::Gaussian => &[[-1.0, 1.0]],
            Self::StudentT => &[[-1.0, 1.0], [2.0, 50.0]],
            Self::Clayton => &[[1e-10, 28.0]],
            Self::Gumbel => &[[1.0, 50.0]],
            Self::Frank => &[[-35.0, 35.0]],
            Self::Joe => &[[1.0, 30.0]],
            Self::Bb1 => &[[0.0, 7.0], [1.0, 7.0]],
            Self::Bb7 => &[[1.0, 6.0], [0.01, 25.0]],
        }
    }

    /// Whether turning it gives another copula that the family does not hold already.
    pub const fn is_rotatable(self) -> bool {
        matches!(self, Self::Clayton | Self::Gumbel | Self::Joe | Self::Bb1 | Self::Bb7)
    }

    /// The rotations that make sense: all four, or none but 0.
    pub const fn rotations(self) -> &'static [Rotation] {
        if self.is_rotatable() { &Rotation::ALL } else { &[Rotation::R0] }
    }

    /// Whether these are parameters of the family.
    pub(super) fn check(self, parameters: &[f64]) -> Result<()> {
        let names = self.parameter_names();
        let wrong = |problem: String| Err(Error::Copula { what: self.name().to_owned(), problem });
        if parameters.len() != names.len() {
            return wrong(format!("takes {} parameters ({}), got {}", names.len(), names.join(", "), parameters.len()));
        }
        for ((name, value), [low, high]) in names.iter().zip(parameters).zip(self.bounds()) {
            let open = *name == "rho";
            let inside = if open { low < value && value < high } else { (low..=high).contains(&value) };
            if !inside {
                let between = if open { "strictly between" } else { "from" };
                let to = if open { "and" } else { "to" };
                return wrong(format!("{name} is {value}, but must be {between} {low} {to} {high}"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Family {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.trim().to_ascii_lowercase();
        let name = match wanted.as_str() {
            "independence" => "indep",
            "t" | "studentt" => "student",
            "normal" => "gaussian",
            other => other,
        };
        Self::ALL.into_iter().find(|family| family.name() == name).ok_or_else(|| Error::Unknown {
            what: "copula family",
            text: text.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// By how many degrees a copula is turned: its density `c` at rotation 0 becomes `c(1−u, v)` at 90, `c(1−u, 1−v)` at 180
/// and `c(u, 1−v)` at 270.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rotation {
    /// Not turned.
    #[default]
    R0,
    /// Negative dependence, from `c(1−u, v)`.
    R90,
    /// The survival copula, `c(1−u, 1−v)`.
    R180,
    /// Negative dependence, from `c(u, 1−v)`.
    R270,
}

impl Rotation {
    /// All rotations.
    pub const ALL: [Self; 4] = [Self::R0, Self::R90, Self::R180, Self::R270];

    /// 0, 90, 180 or 270.
    pub const fn degrees(self) -> u16 {
        match self {
            Self::R0 => 0,
            Self::R90 => 90,
            Self::R180 => 180,
            Self::R270 => 270,
        }
    }

    /// The rotation by so many degrees.
    ///
    /// # Errors
    /// [`Error::Unknown`] for anything but 0, 90, 180 and 270.
    pub fn from_degrees(degrees: u16) -> Result<Self> {
        Self::ALL.into_iter().find(|rotation| rotation.degrees() == degrees).ok_or_else(|| Error::Unknown {
            what: "rotation",
            text: degrees.to_string(),
            known: "0, 90, 180, 270".to_owned(),
        })
    }

    /// Which of the two arguments are turned around.
    pub(super) const fn turned(self) -> [bool; 2] {
        [matches!(self, Self::R90 | Self::R180), matches!(self, Self::R180 | Self::R270)]
    }

    /// Whether what is positive dependence at rotation 0 is negative here.
    pub(super) const fn is_negative(self) -> bool {
        matches!(self, Self::R90 | Self::R270)
    }

    /// The rotation of the same copula with its arguments exchanged.
    pub(super) const fn exchanged(self) -> Self {
        match self {
            Self::R90 => Self::R270,
            Self::R270 => Self::R90,
            other => other,
        }
    }
}

impl serde::Serialize for Rotation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.degrees())
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_refused() {
        for family in Family::ALL {
            assert_eq!(family.name().parse::<Family>().unwrap(), family);
            assert_eq!(family.parameter_names().len(), family.bounds().len());
        }
        let error = "galambos".parse::<Family>().unwrap_err().to_string();
        assert!(error.contains("galambos") && error.contains("clayton"), "{error}");
        assert!(Rotation::from_degrees(45).unwrap_err().to_string().contains("270"));
    }

    #[test]
    fn parameters_outside_their_range_are_named() {
        let error = Family::StudentT.check(&[0.5, 1.0]).unwrap_err().to_string();
        assert!(error.contains("nu is 1") && error.contains("from 2 to 50"), "{error}");
        assert!(Family::Gaussian.check(&[1.0]).is_err() && Family::Gaussian.check(&[f64::NAN]).is_err());
        assert!(Family::Clayton.check(&[0.5, 1.0]).unwrap_err().to_string().contains("takes 1 parameters (theta), got 2"));
    }
}
