//! One growing table as a folder of numbered files.

use std::path::{Path, PathBuf};

use bellwether::{Error, frames::write_parquet};

use super::{MOST_ROWS, tables::Rows};
use crate::error::Result;

/// The rows held, and where the next part goes.
#[derive(Debug)]
pub(super) struct Parts<T> {
    pub(super) rows: T,
    folder: PathBuf,
    next: u32,
    written: u64,
}

impl<T: Rows> Parts<T> {
    /// Continues after the parts that are there.
    pub(super) fn open(folder: &Path, table: &str) -> Result<Self> {
        let folder = folder.join(table);
        let mut next = 1;
        if folder.is_dir() {
            let listing = |error| Error::file(&folder, format!("cannot be read: {error}"));
            for entry in std::fs::read_dir(&folder).map_err(listing)? {
                let path = entry.map_err(listing)?.path();
                let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u32>().ok());
                next = next.max(number.map_or(1, |number| number.saturating_add(1)));
            }
        }
        Ok(Self { rows: T::default(), folder, next, written: 0 })
    }

    /// Whether any part was written, now or before.
    pub(super) fn are_there(&self) -> bool {
        self.next > 1
    }

    pub(super) fn flush_when_full(&mut self) -> Result<()> {
        match self.rows.len() {
            0..MOST_ROWS => Ok(()),
            _ => self.flush().map(drop),
        }
    }

    /// Writes what is held as the next part; says how many rows were written so far. On failure the rows stay.
    pub(super) fn flush(&mut self) -> Result<u64> {
        let rows = self.rows.len();
        if rows > 0 {
            let mut frame = self.rows.frame()?;
            write_parquet(&self.folder.join(format!("{:06}.parquet", self.next)), &mut frame)?;
            self.rows = T::default();
            self.next += 1;
            self.written += rows as u64;
        }
        Ok(self.written)
    }
}
