//! What Bellwether computes.
//!
//! The notebook and the scheduler call exactly the functions of this crate, so what an analyst saw is what the
//! unattended process did. Nothing here reads a clock, opens a socket, speaks SQL or draws randomness of its own:
//! the instant (`as_of`), the data ([`market::Snapshot`]) and the seeds are arguments.
//!
//! # A first plot
//!
//! In a notebook of `bellwether lab` this crate is ready. In any other Rust kernel a first cell has to say
//! `:dep bellwether = { path = "/path/to/the/checkout/crates/core" }`: that compiles polars as well, many minutes at each start of the kernel,
//! and has neither `Market` nor `Database`.
//!
//! ```
//! use bellwether::prelude::*;
//! let bars = features::doc_bars(); // 300 made-up days; in the lab: Market::generated(7, 60)?.read_bars(…)?
//! candles(&bars, "SPY", &[])? // the last expression of a cell is shown
//! # ; Ok::<(), bellwether::Error>(())
//! ```
//! ```
//! # use bellwether::prelude::*;
//! # let bars = features::doc_bars();
//! let fitted = "constant garch t".parse::<Specification>()?.fit(&bars.series("SPY").percent_returns())?;
//! volatility_picture(&fitted, &fitted.paths(20, 2_000, Innovations::Distribution, 1)?, "%")?
//! # ; Ok::<(), bellwether::Error>(())
//! ```
//!
//! # Read it as a course
//!
//! Data flows one way, and so do these modules; each one's page begins with what it is for and first steps, and leads to the next.
//!
//! 1. [`market`]: the words. A [`market::Bars`] knows when each bar was known, a [`market::Calendar`] when the exchange traded, a
//!    [`market::Snapshot`] everything that a decision saw.
//! 2. [`indicators`]: kernels over slices of numbers, in step with TA-Lib.
//! 3. [`features`]: named columns over bars, the labels that models learn, and the audit that catches whatever looks ahead.
//! 4. [`risk`]: volatility models, copulas, tails, profiles of stocks, sizes of positions.
//! 5. [`scanners`]: from a snapshot to ranked hits, as the scheduler does at 09:25.
//!
//! Beside them [`charts`] draws prices, [`frames`] reads and writes Parquet and CSV, [`notebook`] shows all of it, and
//! [`prelude`] is what a notebook imports.

#![deny(missing_docs)]

pub mod charts;
pub mod error;
pub mod features;
pub mod frames;
pub mod indicators;
pub mod market;
pub mod notebook;
pub mod prelude;
pub mod risk;
pub mod scanners;
#[cfg(test)]
mod test_data;

pub use error::{Error, Result};
