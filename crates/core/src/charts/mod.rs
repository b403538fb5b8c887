//! Pictures of prices.
//!
//! [`CandlePicture`] says what to show; [`candles_svg`] and [`candles_png`] draw it. Nothing here looks beyond the bars it
//! is given, so a picture can never show more than the scan that it illustrates has seen.

mod candles;
mod price_axis;
mod time_axis;

pub use candles::{CandlePicture, ChartTheme, PriceMark, candles_png, candles_svg};
pub(crate) use candles::{candles_page_png, candles_page_svg};
pub(crate) use price_axis::round_step;
