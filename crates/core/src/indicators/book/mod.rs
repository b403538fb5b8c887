//! What an order book tells: the features of its state, and the flow of orders between its states.
//!
//! [`OrderBookSnapshot`]s (owned levels, best first) go into an [`OrderBook`], the same in columns, or [`order_books_of`] reads
//! one from a table; [`book_features`] makes the numbered level-2 features of every row, [`order_flow_imbalance`] the signed
//! flow from one row to the next, and [`flow_by_interval`] its sums; [`book_frame`] is features and flow as a frame. Prices
//! are USD, sizes shares, times microseconds since the Unix epoch. A side without
//! orders is absent, not zero; a crossed book (best bid above best ask) has no mid price, so nothing measured from the mid is
//! defined there; a locked one (equal) has a spread of 0. Undefined is NaN in columns and `None` in scalars. Row `t` never
//! depends on a later row.

mod features;
mod flow;
mod frame;
mod snapshot;
mod table;

pub use features::{BOOK_FEATURES, BookFeature, BookFeaturesConfig, book_features};
pub use flow::{FlowInterval, PriceImpact, flow_by_interval, multi_level_flow, order_flow_imbalance, price_impact};
pub use frame::book_frame;
pub use snapshot::{BookLevel, OrderBook, OrderBookSnapshot};
pub use table::order_books_of;

#[cfg(test)]
#[path = "lobster_tests.rs"]
mod lobster_tests;
#[cfg(test)]
#[path = "properties_tests.rs"]
mod properties_tests;
