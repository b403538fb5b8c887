//! Risk: volatility models, dependence, tails and sizes of positions.
//!
//! Numbers come in as slices of returns or of pseudo-observations, in time order; what is fitted comes out with a report
//! that says whether it may be believed. Nothing here reads a clock or draws randomness of its own: seeds are arguments.

pub mod copula;
pub mod garch;
mod optimise;
pub mod profile;
mod report;
pub mod sizing;
pub(crate) mod special;
pub mod tail;

pub use report::FitReport;
