//! One line of a family's list.

use crate::features::{Family, Feature, LookBack, Unit, View};

pub(super) type Compute = Box<dyn Fn(&View<'_>) -> Vec<f64> + Send + Sync>;

/// Makes features of one family from name, unit, look-back, formula and function.
pub(super) fn entries(family: Family) -> impl Fn(&str, Unit, LookBack, &str, Compute) -> Feature + Copy {
    move |name, unit, look_back, formula, compute| {
        Feature::new(name, compute).family(family).unit(unit).look_back(look_back).formula(formula)
    }
}
