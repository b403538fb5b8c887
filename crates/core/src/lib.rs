//! What Bellwether computes.
//!
//! The notebook and the scheduler call exactly the functions of this crate, so what an analyst saw is what the
//! unattended process did. Nothing here reads a clock, opens a socket, speaks SQL or draws randomness of its own:
//! the instant (`as_of`), the data ([`market::Snapshot`]) and the seeds are arguments.
//!
//! Data flows one way: [`market`] (vocabulary, calendar, bars, snapshots) → [`indicators`] → [`scanners`];
//! [`charts`] draws, [`frames`] reads and writes Parquet and CSV, [`notebook`] shows.

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
