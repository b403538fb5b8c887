//! Risk: volatility models, dependence, tails and sizes of positions.
//!
//! ```text
//! returns ─► garch (volatility) ─► residuals ─► copula (dependence) ─► tail (losses) ─► sizing (shares)
//!                                                   profile: a stock's risk in a handful of numbers
//! ```
//! Numbers come in as slices of returns or of pseudo-observations, in time order; what is fitted comes out with a report
//! that says whether it may be believed. Nothing here reads a clock or draws randomness of its own: seeds are arguments.
//!
//! # First steps
//! ```
//! use bellwether::{
//!     features::doc_bars,
//!     risk::{garch::Specification, sizing::{Entry, Limits, Rule}},
//! };
//!
//! let returns = doc_bars().series("SPY").percent_returns(); // percent a day
//! let fitted = "constant garch t".parse::<Specification>()?.fit(&returns)?;
//! let tomorrow = fitted.forecast(1, 1)?.variance[0].sqrt() / 100.0; // as a fraction, a day
//! let entry = Entry { equity: 100_000.0, price: 50.0, stop: Some(48.0) }; // USD
//! let rule = Rule::VolatilityTarget { target: 0.10, forecast: tomorrow * 252_f64.sqrt() }; // both a year's
//! assert!(rule.size(&entry, &Limits::default())?.shares > 0.0);
//! # Ok::<(), bellwether::Error>(())
//! ```
//! Before: [`features`](crate::features). Next: [`scanners`](crate::scanners) find what is worth sizing.

pub mod copula;
pub mod garch;
mod optimise;
pub mod profile;
mod report;
pub mod sizing;
pub(crate) mod special;
pub mod tail;

pub use report::FitReport;
