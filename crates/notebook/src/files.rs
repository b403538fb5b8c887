//! Bars and tables of files.

use std::path::Path;

use bellwether::{frames, market::Bars};
use bellwether_adapters::FileSource;
use polars::prelude::DataFrame;

use crate::{error::Result, words::tell};

/// Bars of a Parquet or CSV file, or the minute bars of a recorded folder; `.to_frame()?` makes a frame of them.
///
/// A file has `open_at` (or `time`, `ts`, `timestamp`, `datetime`, `date`: when a bar begins, without a zone in UTC), `open`,
/// `high`, `low`, `close` in USD, `volume` in shares, and may have `close_at`, `symbol` (else all rows are of the symbol that the
/// file is named after), `vwap`, `trades`. Rows that cannot be bars are told below the cell and left out.
///
/// # Errors
/// When the file or folder is missing, damaged, lacks a column or holds no bar.
pub fn bars_from(path: &str) -> Result<Bars> {
    let path = Path::new(path);
    if path.is_dir() {
        let source = FileSource::open(path)?;
        for fault in source.faults() {
            eprintln!("{}: {} is left out in {}: {}", path.display(), fault.symbol, fault.part.as_str(), fault.detail);
        }
        return Ok(source.minutes().clone());
    }
    let (bars, faults) = frames::read_bars(path)?;
    tell(&path.display().to_string(), &faults);
    Ok(bars)
}

/// A Parquet or CSV file as a frame, whole and as it is.
///
/// # Errors
/// When the file is missing, of another kind, or damaged.
pub fn table_from(path: &str) -> Result<DataFrame> {
    Ok(frames::read_table(Path::new(path))?)
}
