//! Pure kernels over slices: length in is length out, warm-up is NaN, and a row never depends on a later one.

pub mod book;
mod rsi;
mod vwap;

pub use rsi::relative_strength_index;
pub use vwap::session_vwap;
