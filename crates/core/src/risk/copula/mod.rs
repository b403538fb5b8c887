//! Copulas: how variables depend on each other, apart from how each behaves on its own.
//!
//! Data comes in as probabilities, most often [`pseudo_observations`] of returns or of a volatility model's residuals. Of two
//! variables, [`fit()`] estimates one [`Family`] at one [`Rotation`], and [`select()`] finds the best of many. Of more, there are
//! Gaussian and t copulas ([`fit_gaussian`], [`fit_student`]) and vines, which join any pairs ([`fit_vine`], [`select_vine`]).
//!
//! All parameters are found by maximum likelihood, and every fit carries a [report](super::FitReport). Simulation takes a seed and gives the same
//! numbers on any machine and any number of threads.

mod archimedean;
mod bb1;
mod bb7;
mod clayton;
mod correlation_matrix;
mod elliptical;
mod family;
mod fit;
mod frank;
mod gumbel;
mod joe;
mod kendall;
mod multivariate;
mod newton;
mod observations;
mod pair;
mod scalar;
mod select;
mod student_fit;
mod vine;

pub use correlation_matrix::CorrelationMatrix;
pub use family::{Family, Rotation};
pub(crate) use fit::correlation;
pub use fit::{BivariateFit, at_parameters, fit};
pub use kendall::kendall_tau;
pub use multivariate::{EllipticalCopula, EllipticalFit, elliptical_at, fit_gaussian, fit_student, kendall_matrix};
pub use observations::pseudo_observations;
pub use pair::{PairCopula, TailDependence};
pub use select::{Criterion, SelectConfig, rank_families, select};
pub use vine::{VineCopula, VineFit, VineStructure, fit_vine, select_vine};
