//! The vocabulary every other module speaks: symbols, bars, sessions, quotes, and the [`Snapshot`] a decision is made on.
//!
//! ```text
//! Bars ──► Series (one symbol's columns) ──► as_of: what was known at an instant
//! Calendar: sessions, holidays, New York time       Snapshot: everything that a decision saw, under one hash
//! ```
//! Times are UTC inside, as [`jiff::Timestamp`] at the doors and as microseconds in columns; New York time appears only
//! through [`Calendar`]. A bar is *known at* its `close_at`, and [`Series::as_of`] is the only way to cut: nothing
//! downstream can see a bar that was not complete. This module imports nothing of the crate but its error.
//!
//! # First steps
//! ```
//! use bellwether::{features::doc_bars, market::Calendar};
//! use jiff::civil::{date, time};
//!
//! let bars = doc_bars(); // daily bars of two symbols, AAA and SPY, up to the last day of 2025
//! let spy = bars.series("SPY");
//! let noon = Calendar.at(date(2025, 12, 31), time(12, 0, 0, 0)); // in New York
//! assert_eq!(spy.as_of(noon).len(), spy.len() - 1, "at noon the last day is not over");
//! ```
//! Next: [`indicators`](crate::indicators) compute on these columns.

mod as_of_join;
mod bars;
mod calendar;
mod canonical;
mod clock;
mod column;
mod headline;
mod holidays;
mod instrument;
mod provenance;
mod quote;
mod resample;
mod snapshot;
mod splits;
mod symbol;
mod tick;
mod timeframe;

pub use as_of_join::{AsOfRows, as_of_join};
pub use bars::{Bar, BarFault, Bars, BarsBuilder, Series};
pub(crate) use bars::{instants_of, numbers_of, texts_of};
pub use calendar::{Calendar, Closure, SessionKind, TradingDay, new_york};
pub use canonical::ContentHash;
pub use clock::Clock;
pub(crate) use column::{WarmUpMask, column_of};
pub use headline::Headline;
pub use instrument::{Instrument, InstrumentKind};
pub use provenance::{Answered, PassedOver, Provenance, other_sources};
pub use quote::Quote;
pub use resample::{TradingHours, resample, resample_all, resample_minutes, resample_on};
pub use snapshot::{MissingData, MissingReason, Snapshot, SnapshotInputs, SnapshotManifest, SnapshotPart};
pub use splits::{Split, SplitEvidence, SuspectedSplit, suspect_split};
pub use symbol::Symbol;
pub use tick::{BidAsk, BookOperation, BookSide, DepthUpdate, Tick, Trade};
pub use timeframe::Timeframe;
