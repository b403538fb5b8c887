//! Tables on disk: Parquet and CSV in, Parquet out, and the archive of snapshots. The only disk access of the crate.

mod archive;
mod bars;
mod table;

pub use archive::SnapshotArchive;
pub use bars::{bars_of, read_bars};
pub use table::{read_table, write_parquet};
