//! The names a notebook starts with: `use bellwether::prelude::*;`.

pub use jiff::Timestamp;
pub use polars::prelude::{DataFrame, Expr, IntoLazy, LazyFrame, Series, col, lit};

pub use crate::{
    features::{Catalogue, Selection},
    frames::read_table,
    market::{Bars, Calendar, Snapshot, Symbol, Timeframe},
    notebook::{
        Picture, Show, candles, copula_picture, correlation_map, equity_curve, equity_curve_of, gap_distribution, gap_histogram,
        histogram, indicator_panels, plot, scatter, volatility_picture,
    },
    scanners::{Scan, ScanReport},
};
