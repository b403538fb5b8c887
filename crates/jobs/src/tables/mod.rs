//! What jobs leave, as frames: the same columns whoever reads them.
//!
//! ```text
//! columns   columns of frames from rows of values        hits   hits and reports of scans
//! ```

pub mod columns;
mod hits;

pub use hits::{hit_columns, hits_of_report, rows_of_hits, summary_of_report};
