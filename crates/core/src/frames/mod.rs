//! Tables on disk: Parquet and CSV in, Parquet out, and the archive of snapshots. The only disk access of the crate.

mod archive;
mod table;

pub use archive::SnapshotArchive;
pub use table::{read_table, write_parquet};
