//! A folder of recorded data as a source.
//!
//! | file | columns | |
//! |---|---|---|
//! | `bars` (or `minute_trade`) | symbol, ts = bar start in UTC, open, high, low, close, volume; optional vwap, trades or trade_count | 1-minute bars; its symbols are the universe |
//! | `daily` (or `daily_raw`) | symbol, date (New York session), open, high, low, close, volume | raw daily bars, optional |
//! | `instruments` | symbol, name, kind (stock or etf), exchange, float_shares | optional, as are all columns but the first |
//! | `headlines` | symbol, at, source, title | optional |
//! | `splits` | symbol, ex_date, ratio | optional |
//! | `ticks` | symbol, at, kind (trade or bid_ask); price, size, exchange, conditions, past_limit, unreported; bid, ask, bid_size, ask_size | optional |
//! | `depth` | symbol, at, side (bid or ask), position, operation (insert, update or delete), price, size; optional market_maker | optional |
//!
//! Each is a `.parquet` or a `.csv` file, or a folder of `.parquet` parts that are read in order of name; other columns are ignored
//! and rows may come in any order. A row that cannot be one costs its symbol, reported in every snapshot beside the others, and in
//! `ticks` and `depth` only itself, reported by [`FileSource::faults`]; a file that cannot be read costs the folder.

mod bars;
mod lists;
mod one_symbol;
mod source;
mod table;
mod ticks;

pub(crate) use lists::instruments_in;
pub use source::{FileSource, FolderTables, SnapshotRequest};
