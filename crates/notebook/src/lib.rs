//! Data where analysts are: the scheduler's database, files, and a generated market, in one line each.
//!
//! ```text
//! Database   what the scheduler stored: bars, runs, hits, alerts, headlines, conditions; what a run saw, and the run again
//! Market     bars, headlines and snapshots of a generated market, a recorded folder or a database: one line at the top of a
//!            notebook says which
//! files      bars and tables of Parquet and CSV
//! scheduled  what a job of the schedule finds or computes, and hits as a frame
//! parity     the scheduler's numbers, to the bit: what a snapshot's name stands for, frames handed over to be compared
//! ```
//! Everything here blocks and gives owned values: polars frames, or the library's own types. Frames hold prices in USD, volume
//! in shares, and times as `Datetime(us, UTC)`. Times are given as text: `2025-01-06 09:25` is New York wall-clock time,
//! `2025-01-06T14:25:00Z` has a zone of its own, and a date alone is its midnight where an interval begins and the end of that
//! day where one ends. Where symbols are asked for, none named means all there are. Nothing here writes to a database, but for
//! [`Market::rehearse`], which makes one of its own.

#![deny(missing_docs)]

mod columns;
mod database;
mod error;
mod files;
mod market;
mod parity;
pub mod prelude;
mod replay;
mod scheduled;
mod snapshots;
mod tables;
mod words;

pub use database::Database;
pub use error::DataError;
pub use files::{bars_from, table_from};
pub use market::Market;
pub use parity::{snapshot_from, write_parity};
pub use replay::Replayed;
pub use scheduled::{
    compute_scheduled, hits_of_report, scheduled_computations, scheduled_scan, scheduled_scans, summary_of_report,
};
