//! A folder of recorded data as a source.
//!
//! | file | columns | |
//! |---|---|---|
//! | `bars` (or `minute_trade`) | symbol, ts = bar start in UTC, open, high, low, close, volume; optional vwap, trades or trade_count | 1-minute bars; its symbols are the universe |
//! | `daily` (or `daily_raw`) | symbol, date (New York session), open, high, low, close, volume | raw daily bars, optional |
//! | `instruments` | symbol, name, kind (stock or etf), exchange, float_shares | optional, as are all columns but the first |
//! | `headlines` | symbol, at, source, title | optional |
//! | `splits` | symbol, ex_date, ratio | optional |
//!
//! Each is a `.parquet` or a `.csv` file; other columns are ignored and rows may come in any order. A row that cannot
//! be one costs its symbol, reported in every snapshot beside the others; a file that cannot be read costs the folder.

mod bars;
mod lists;
mod one_symbol;
mod source;
mod table;

pub(crate) use lists::instruments_in;
pub use source::{FileSource, SnapshotRequest};
