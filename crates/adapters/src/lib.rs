//! Everything that comes from a market.
//!
//! A source turns what it is asked for into a [`Snapshot`](bellwether::market::Snapshot): the complete input of one
//! scan, with what is missing and why. [`files`] reads recorded folders, [`record`] writes them, [`ib`] is a session with
//! Interactive Brokers, [`rest`] are services over HTTP; [`MarketData`] is the seam that the scheduler sees of all.
//! [`Fallback`] asks several in order and keeps what came from where. Times are turned into UTC, and bar starts into
//! `open_at`/`close_at`, here at the door; nothing downstream converts again.

#![deny(missing_docs)]

pub mod error;
mod fallback;
pub mod files;
pub mod ib;
mod ib_source;
pub mod market_data;
pub mod record;
pub mod rest;

pub use error::{AdapterError, Result};
pub use fallback::{Fallback, Source, Sourced};
pub use files::{FileSource, FolderTables, SnapshotRequest};
pub use market_data::{
    BEHIND, BarSource, DailyBars, MarketData, Observation, QuoteSource, ScanRequest, SeriesSource, SourcedQuote, UniverseRequest,
    stale_days,
};
