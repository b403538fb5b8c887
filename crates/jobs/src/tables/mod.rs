//! What jobs leave, as frames: the same columns whoever reads them.
//!
//! ```text
//! columns   columns of frames from rows of values        hits       hits and reports of scans
//! digest    a column's bits in a line                    computed   the newest row of each symbol, stored and read back
//! ```

pub mod columns;
mod computed;
mod digest;
mod hits;

pub use computed::{newest_rows, rows_of_computed};
pub(crate) use digest::Values;
pub use digest::{ColumnDigest, digest_of};
pub use hits::{hit_columns, hits_of_report, rows_of_hits, summary_of_report};
