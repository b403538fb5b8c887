//! Pictures of prices.
