//! One line of a family's list.

use crate::features::{Family, Feature, LookBack, Unit, formula::Formula};

/// Makes features of one family from name, unit, look-back, what the formula says and the formula.
pub(super) fn entries(family: Family) -> impl Fn(&str, Unit, LookBack, &str, Formula) -> Feature + Copy {
    move |name, unit, look_back, words, formula| {
        Feature::of_formula(name, formula).family(family).unit(unit).look_back(look_back).formula(words)
    }
}
