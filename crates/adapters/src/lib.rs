//! Everything that comes from a market.
//!
//! A source turns what it is asked for into a [`Snapshot`](bellwether::market::Snapshot): the complete input of one
//! scan, with what is missing and why. [`files`] reads recorded folders, [`record`] writes them, [`ib`] is a session with Interactive Brokers;
//! [`MarketData`] is the seam that the scheduler sees of both. Times are turned into UTC, and bar starts into
//! `open_at`/`close_at`, here at the door; nothing downstream converts again.

#![deny(missing_docs)]

pub mod error;
pub mod files;
pub mod ib;
pub mod market_data;
pub mod record;

pub use error::{AdapterError, Result};
pub use files::{FileSource, SnapshotRequest};
pub use market_data::{MarketData, ScanRequest, UniverseRequest};
