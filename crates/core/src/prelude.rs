//! The names a notebook starts with: `use bellwether::prelude::*;`.

pub use jiff::Timestamp;
pub use polars::prelude::{DataFrame, Expr, IntoLazy, LazyFrame, Series, col, lit};

pub use crate::{
    features::{Catalogue, Selection},
    frames::read_table,
    market::{Bars, Calendar, Snapshot, Symbol, Timeframe},
    scanners::{Scan, ScanReport},
};
