//! Scans: deterministic functions from a [`Snapshot`] and a configuration to a [`ScanReport`]; data never makes them fail.
//!
//! A scan measures every symbol of the universe (the numbers of a kind are one struct, such as [`gap::GapNumbers`]),
//! filters, ranks, and reports what it set aside beside what it found: suspected splits, symbols without a previous
//! close, symbols with bad data. Every hit carries all numbers that made it one. [`columns`] documents them; the
//! [`custom`] scan filters on any of them in SQL.
//!
//! # First steps
//! One minute of a Friday morning, 8 % above the close before:
//! ```
//! use std::sync::Arc;
//! use bellwether::{
//!     features::doc_bars,
//!     market::{Bar, BarsBuilder, Calendar, Instrument, Snapshot, SnapshotInputs, Symbol},
//!     scanners::{Scan, gap::GapConfig},
//! };
//! use jiff::civil::{date, time};
//!
//! let (daily, spy) = (doc_bars(), Symbol::new("SPY")?);
//! let price = 1.08 * daily.series("SPY").close[daily.series("SPY").len() - 1];
//! let at = |minute| Calendar.at(date(2026, 1, 2), time(9, minute, 0, 0));
//! let (open_at, close_at) = (at(24).as_microsecond(), at(25).as_microsecond());
//! let mut today = BarsBuilder::default();
//! let bar = Bar { open_at, close_at, open: price, high: price, low: price, close: price, volume: 250_000.0, vwap: None, trades: None };
//! today.push(&spy, bar);
//! let snapshot = Snapshot::new(at(25), SnapshotInputs {
//!     universe: vec![Instrument::stock(spy)],
//!     daily: Arc::new(daily),
//!     today: Arc::new(today.finish().0),
//!     ..SnapshotInputs::default()
//! });
//! let report = Scan::Gap(GapConfig::default()).run(&snapshot)?;
//! assert!((report.hits[0].numbers.get("gap_pct").unwrap_or(f64::NAN) - 8.0).abs() < 1e-9); // percent
//! # Ok::<(), bellwether::Error>(())
//! ```
//! In the lab `market.scan(&scan, "2026-03-10 09:25")?` makes the snapshot and runs the scan. This is the last chapter: the scheduler
//! runs these very functions.

pub mod breakout;
pub mod custom;
pub mod gap;
pub mod momentum;
mod numbers;
mod report;
#[cfg(test)]
mod test_market;
pub mod unusual_volume;
mod view;

use serde::{Deserialize, Serialize};

pub use numbers::{Numbers, ScanColumn};
pub use report::{Hit, ScanReport, SetAside};

use crate::{error::Result, market::Snapshot};

/// One scan with its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// Overnight gaps.
    Gap(gap::GapConfig),
    /// Intraday momentum.
    Momentum(momentum::MomentumConfig),
    /// Volume far above the same time of other days.
    UnusualVolume(unusual_volume::UnusualVolumeConfig),
    /// New highs on volume out of a narrow range.
    Breakout(breakout::BreakoutConfig),
    /// A condition of the user's own.
    Custom(custom::CustomConfig),
}

impl Scan {
    /// The name of the kind, as written in settings and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gap(_) => "gap",
            Self::Momentum(_) => "momentum",
            Self::UnusualVolume(_) => "unusual_volume",
            Self::Breakout(_) => "breakout",
            Self::Custom(_) => "custom",
        }
    }

    /// Checks the settings without data: ranges, and for a custom scan its SQL.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting), [`Error::Condition`](crate::Error::Condition).
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Gap(config) => config.check(),
            Self::Momentum(config) => config.check(),
            Self::UnusualVolume(config) => config.check(),
            Self::Breakout(config) => config.check(),
            Self::Custom(config) => config.check(),
        }
    }

    /// How many earlier sessions of minute bars the scan looks at.
    pub fn history_sessions(&self) -> usize {
        match self {
            Self::Gap(config) => config.history_sessions,
            Self::Momentum(config) => config.history_sessions,
            Self::UnusualVolume(config) => config.history_sessions,
            Self::Breakout(config) => config.history_sessions,
            Self::Custom(config) => config.history_sessions,
        }
    }

    /// Runs the scan.
    ///
    /// # Errors
    /// As [`Scan::check`]; data never makes a scan fail, it is reported beside the hits.
    pub fn run(&self, snapshot: &Snapshot) -> Result<ScanReport> {
        match self {
            Self::Gap(config) => gap::scan(snapshot, config),
            Self::Momentum(config) => momentum::scan(snapshot, config),
            Self::UnusualVolume(config) => unusual_volume::scan(snapshot, config),
            Self::Breakout(config) => breakout::scan(snapshot, config),
            Self::Custom(config) => custom::scan(snapshot, config),
        }
    }
}

/// Every number a scan knows, with unit and meaning: the columns that a custom condition may use.
pub fn columns() -> Vec<ScanColumn> {
    let mut all: Vec<ScanColumn> = Vec::new();
    let families = [
        gap::GapNumbers::COLUMNS,
        momentum::MomentumNumbers::COLUMNS,
        unusual_volume::VolumeNumbers::COLUMNS,
        breakout::BreakoutNumbers::COLUMNS,
    ];
    for column in families.into_iter().flatten() {
        if all.iter().all(|known| known.name != column.name) {
            all.push(*column);
        }
    }
    all
}
