//! What a notebook sees.
//!
//! The kernel links this crate as one shared object under the name `bellwether`: everything of the library, polars in the
//! one version that the library uses, and what only a notebook needs.
//!
//! ```ignore
//! use bellwether::prelude::*;
//! let market = Market::generated(7, 60)?;
//! candles(&market.read_bars(&["SPY"], "1d", "2025-03-10", "2026-03-10")?, "SPY", &[])?
//! ```
//! Data in one line: [`Market`], [`Database`]. What to do with it: the course on the first page of `bellwether`.

#![deny(missing_docs)]

mod guard;
pub mod prelude;

pub use bellwether::*;
pub use bellwether_notebook::*;
pub use polars;
