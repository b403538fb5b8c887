//! The names a notebook starts with: `use bellwether::prelude::*;`.
//!
//! Types and functions of each step from data to decision, and the modules themselves for the rest: `risk::copula::fit_student`. There is no
//! `Result` here: it would hide the standard one from the code that the kernel generates.

pub use jiff::{Timestamp, civil::date};
pub use polars::prelude::{DataFrame, Expr, IntoLazy, LazyFrame, Series, col, lit};

pub use crate::{
    features,
    features::{
        AuditConfig, AuditReport, Catalogue, Feature, Selection, audit, compute, forward_return, information_coefficient,
    },
    frames::{read_table, write_parquet},
    indicators, market,
    market::{Bars, Calendar, Snapshot, Symbol, Timeframe},
    notebook::{
        Picture, Show, candles, copula_picture, correlation_map, equity_curve, equity_curve_of, gap_distribution, gap_histogram,
        histogram, indicator_panels, plot, scatter, volatility_picture,
    },
    risk,
    risk::{
        copula::{PairCopula, SelectConfig, pseudo_observations, rank_families},
        garch::{Fitted, Innovations, Specification, arch_lm, ljung_box},
        profile::{ProfileConfig, profiles},
        sizing::{Entry, Limits, Rule},
        tail::{Method, Position, TailConfig, tail_risk},
    },
    scanners,
    scanners::{Scan, ScanReport},
};
