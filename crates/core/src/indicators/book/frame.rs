//! Features and flow of a book as a frame.

use polars::prelude::*;

use super::{BOOK_FEATURES, BookFeaturesConfig, OrderBook, book_features, multi_level_flow};
use crate::{
    error::{Error, Result},
    market::column_of,
};

/// One row a snapshot: its time `at` (UTC), a column for each of [`BOOK_FEATURES`], and `order_flow_imbalance_1` (the best
/// level) to as many levels as the book has, shares. Null where undefined.
///
/// # Errors
/// Those of [`book_features`].
pub fn book_frame(book: &OrderBook, config: &BookFeaturesConfig) -> Result<DataFrame> {
    let at = Int64Chunked::from_vec("at".into(), book.at().to_vec());
    let at = at.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)).into_column();
    let features = BOOK_FEATURES.iter().zip(book_features(book, config)?);
    let features = features.map(|(feature, values)| column_of(feature.name.into(), values));
    let flows = multi_level_flow(book).into_iter().enumerate();
    let flows = flows.map(|(level, values)| column_of(format!("order_flow_imbalance_{}", level + 1).into(), values));
    let columns: Vec<Column> = std::iter::once(at).chain(features).chain(flows).collect();
    DataFrame::new(book.len(), columns).map_err(Error::frame("features of an order book as a frame"))
}
