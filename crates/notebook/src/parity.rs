//! The same numbers as the scheduler's, and how that is shown.

use std::path::Path;

use bellwether::{
    frames::SnapshotArchive,
    market::{ContentHash, Snapshot},
};
use polars::prelude::DataFrame;

use crate::error::Result;

/// The snapshot called `hash`, of a folder of snapshots such as the one in a data folder: checked against its name to the last byte.
///
/// # Errors
/// When `hash` is not 64 hexadecimal digits, there is no such snapshot, or it is damaged.
pub fn snapshot_from(folder: &str, hash: &str) -> Result<Snapshot> {
    Ok(SnapshotArchive::new(folder).load(&hash.trim().parse::<ContentHash>()?)?)
}

/// Hands a frame over to be compared with the scheduler's of the same name, as the cells of `bellwether parity` do: writes the SHA-256 of
/// every column and the frame itself to `folder`.
///
/// # Errors
/// When the name is not made of `a-z`, `0-9` and `-` or was handed over before, a column holds lists, or the folder cannot be
/// written.
pub fn write_parity(name: &str, frame: &DataFrame, folder: &str) -> Result<()> {
    bellwether_jobs::parity::hand_over(name, frame, Path::new(folder))?;
    Ok(())
}
