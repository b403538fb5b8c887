//! Columns of frames, with this crate's errors.

pub(crate) use bellwether_jobs::tables::columns::{counts, instants, numbers, texts};
use polars::prelude::{Column, DataFrame};

use crate::error::Result;

pub(crate) fn frame(what: &str, columns: Vec<Column>) -> Result<DataFrame> {
    Ok(bellwether_jobs::tables::columns::frame(what, columns)?)
}
