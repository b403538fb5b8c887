//! What a notebook shows: tables and pictures.
//!
//! A value that ends a cell is asked to [`Show`] itself; the prelude brings that trait, so nothing has to be called. Tables scroll, tell
//! units and New York times, and say how much they leave out. A [`Picture`] is drawn by the functions of this module from frames, bars
//! and fitted models, shown in the page's own colours, dark or light, and saved as SVG or PNG.
//!
//! Nothing here computes what another module does not: it may look at all of them, and none looks at it.

mod copulas;
mod features;
mod frame;
mod picture;
mod risk;
mod scans;
mod show;
mod table;
mod value;
mod view;

pub use self::{
    picture::{
        Picture,
        candles::candles,
        copula::copula_picture,
        correlation::correlation_map,
        equity::{equity_curve, equity_curve_of},
        histogram::{gap_distribution, gap_histogram, histogram},
        indicators::indicator_panels,
        lines::{plot, scatter},
        volatility::volatility_picture,
    },
    show::Show,
    table::{Field, Table},
    value::Value,
    view::View,
};
