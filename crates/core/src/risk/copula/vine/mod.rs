//! Vines: copulas of many variables made of pair copulas, tree upon tree.
//!
//! The first tree joins variables; each further tree joins two edges of the one before that share a node, by the copula of what is
//! left of two variables given all those that the edges share. [`VineStructure`] says which, [`fit_vine`] estimates the pairs of a
//! given structure and [`select_vine`] finds a structure too.

mod copula;
mod fit;
mod select;
mod structure;

pub use copula::VineCopula;
pub use fit::{VineFit, fit_vine};
pub use select::select_vine;
pub use structure::VineStructure;
