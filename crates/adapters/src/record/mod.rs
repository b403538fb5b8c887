//! Writing down what a live session said, as a folder that [`FileSource`](crate::FileSource) reads and the simulated
//! gateway plays: a day that happened becomes a test.
//!
//! ```text
//! DIR/recording.lock        one recorder at a time
//!     instruments.parquet   daily.parquet                 rewritten as they grow
//!     bars/000001.parquet   ticks/…  depth/…  headlines/… parts, numbered; each is there whole or not at all
//! ```
//! What was taken in lies in memory until [`Recorder::flush`], at most [`MOST_ROWS`] rows of a table: a crash loses what
//! came since the last flush and nothing before it. A recorder opened on a folder that has parts continues after them.

mod live;
mod parts;
mod tables;

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use bellwether::{
    Error,
    frames::write_parquet,
    market::{Bar, DepthUpdate, Headline, Instrument, Symbol, Tick},
};

pub use live::{Progress, RecordingPlan, record};

use crate::error::Result;
use parts::Parts;
use tables::{BarRows, DailyRows, DepthRows, HeadlineRows, TickRows};

/// Rows of one table held in memory; more are written at once.
pub const MOST_ROWS: usize = 50_000;

/// Rows written so far, by table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Recorded {
    /// Trades and changes of the best bid and offer.
    pub ticks: u64,
    /// Changes of order books.
    pub depth: u64,
    /// Minute bars.
    pub bars: u64,
    /// Headlines.
    pub headlines: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    _lock: File,
    instruments: BTreeMap<Symbol, Instrument>,
    instruments_changed: bool,
    daily: DailyRows,
    ticks: Parts<TickRows>,
    depth: Parts<DepthRows>,
    bars: Parts<BarRows>,
    headlines: Parts<HeadlineRows>,
}

impl Recorder {
    /// Begins, or goes on with, a recording.
    ///
    /// # Errors
    /// The folder cannot be written, another recorder writes to it, or it holds tables that are no recording's.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, format!("cannot be made: {error}")))?;
        for table in ["ticks", "depth", "bars", "headlines"] {
            for other in ["parquet", "csv"].map(|kind| folder.join(format!("{table}.{kind}"))) {
                if other.exists() {
                    let problem = "is not part of a recording; record into an empty folder, or into one that was recorded before";
                    return Err(Error::file(other, problem).into());
                }
            }
        }
        let lock = lock(folder)?;
        let known = crate::files::instruments_in(folder)?;
        Ok(Self {
            ticks: Parts::open(folder, "ticks")?,
            depth: Parts::open(folder, "depth")?,
            bars: Parts::open(folder, "bars")?,
            headlines: Parts::open(folder, "headlines")?,
            folder: folder.to_owned(),
            _lock: lock,
            instruments: known,
            instruments_changed: false,
            daily: DailyRows::default(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether there are minute bars in the folder: without them it cannot be played.
    pub fn has_minute_bars(&self) -> bool {
        self.bars.are_there()
    }

    /// Whether there are daily bars in the folder.
    pub fn has_daily_bars(&self) -> bool {
        self.folder.join("daily.parquet").exists()
    }

    /// Takes down what is known of instruments.
    pub fn instruments(&mut self, instruments: &[Instrument]) {
        for instrument in instruments {
            let known = self.instruments.insert(instrument.symbol.clone(), instrument.clone());
            self.instruments_changed |= known.as_ref() != Some(instrument);
        }
    }

    /// Takes down ticks of one symbol, in the order in which they came.
    ///
    /// # Errors
    /// The table was full and cannot be written.
    pub fn ticks(&mut self, symbol: &Symbol, ticks: &[Tick]) -> Result<()> {
        ticks.iter().for_each(|tick| self.ticks.rows.push(symbol, tick));
        self.ticks.flush_when_full()
    }

    /// Takes down changes of one symbol's book.
    ///
    /// # Errors
    /// As [`Recorder::ticks`].
    pub fn depth(&mut self, symbol: &Symbol, updates: &[DepthUpdate]) -> Result<()> {
        updates.iter().for_each(|update| self.depth.rows.push(symbol, update));
        self.depth.flush_when_full()
    }

    /// Takes down minute bars of one symbol. The same bar may come again, as it does after a restart.
    ///
    /// # Errors
    /// As [`Recorder::ticks`].
    pub fn minute_bars(&mut self, symbol: &Symbol, bars: &[Bar]) -> Result<()> {
        bars.iter().for_each(|bar| self.bars.rows.push(symbol, bar));
        self.bars.flush_when_full()
    }

    /// Replaces the daily bars: those of the sessions before the recorded one.
    ///
    /// # Errors
    /// The table cannot be written.
    pub fn daily_bars<'a>(&mut self, bars: impl IntoIterator<Item = (&'a Symbol, &'a [Bar])>) -> Result<()> {
        for (symbol, bars) in bars {
            bars.iter().for_each(|bar| self.daily.push(symbol, bar));
        }
        let mut frame = self.daily.take()?;
        Ok(write_parquet(&self.folder.join("daily.parquet"), &mut frame)?)
    }

    /// Takes down headlines.
    ///
    /// # Errors
    /// As [`Recorder::ticks`].
    pub fn headlines(&mut self, headlines: &[Headline]) -> Result<()> {
        headlines.iter().for_each(|headline| self.headlines.rows.push(headline));
        self.headlines.flush_when_full()
    }

    /// Writes what is held; says how much there is now from this recorder.
    ///
    /// # Errors
    /// A table cannot be written, for example because the disk is full. What is held stays held.
    pub fn flush(&mut self) -> Result<Recorded> {
        if self.instruments_changed {
            let mut frame = tables::instruments(self.instruments.values())?;
            write_parquet(&self.folder.join("instruments.parquet"), &mut frame)?;
            self.instruments_changed = false;
        }
        Ok(Recorded {
            ticks: self.ticks.flush()?,
            depth: self.depth.flush()?,
            bars: self.bars.flush()?,
            headlines: self.headlines.flush()?,
        })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::error!(%error, folder = %self.folder.display(), "the end of the recording is lost");
        }
    }
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("recording.lock");
    let problem = |problem: String| Error::file(&path, problem);
    let file = File::create(&path).map_err(|error| problem(format!("cannot be made: {error}")))?;
    file.try_lock().map_err(|_| problem("is held: another recorder writes to this folder".to_owned()))?;
    Ok(file)
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
