//! Indicators: pure kernels over slices, and the same by name over frames of bars.
//!
//! # First steps
//! ```
//! use bellwether::{
//!     features::doc_bars,
//!     indicators::{IndicatorCall, compute_frame, momentum::rsi},
//! };
//!
//! let bars = doc_bars();
//! let values = rsi(bars.series("SPY").close, 14); // as long as the input
//! assert!(values[13].is_nan() && values[14].is_finite(), "its look-back is 14 rows");
//! let frame = compute_frame(&bars.to_frame()?, &[IndicatorCall::parse("RSI(timeperiod=14)")?])?;
//! assert_eq!(frame.height(), bars.len());
//! # Ok::<(), bellwether::Error>(())
//! ```
//! They stand on the bars of [`market`](crate::market). Next: [`features`](crate::features) give such numbers names, units and an audit.
//!
//! **Kernels** are functions such as [`trend::ema`] or [`momentum::rsi`]: series in, series of the same length out. What holds
//! for all of them:
//! - A row depends on itself and earlier rows only, so a kernel over a prefix gives the same rows as over the whole.
//! - Rows of the look-back are NaN; where an output is a whole number (candles, row numbers, modes) they are 0, as in TA-Lib.
//! - Undefined rows at the start of an input lengthen the look-back, so one kernel can be fed with another's output. A NaN
//!   further on spoils all that is computed from it, which with TA-Lib's running sums can be the rest of the series.
//! - A parameter outside its range gives a series that is undefined throughout; a series too short for its look-back too.
//! - Inputs of one call must be of equal length; others are a mistake in the calling code and panic.
//!
//! **By name**: [`IndicatorCall`] reads a tag such as `RSI(timeperiod=14)`, checks it, and computes into slices;
//! [`compute_frame`] does so for many tags and symbols at once, frame in and frame out.
//!
//! **Order books** have features of their own, in [`book`].
//!
//! # Where the numbers come from
//! What TA-Lib defines is computed by the crate `ta-lib` 0.8.3, its official Rust edition, and
//! nothing of it is written again here but the rows of extremes, whose ties it breaks in another way than C, and the commodity
//! channel index, the slowest by far, to the same last bit. Why it may be relied on: BSD-3-Clause; generated from the same
//! definitions as the C library and compared with it in its own tests; no unsafe but the choice of the instruction set; no
//! dependency but its own one-macro companion. It is young on crates.io (2026; versions up to 0.1.2 under this name are another
//! project's) and one person's work for the most part, so all access goes through `engine`, and the project's conformance tests
//! run every function against the C library. Written here, in [`channels`], [`liquidity`], [`range_volatility`] and [`session`],
//! is what it lacks (Ichimoku without looking ahead, estimators of volatility from ranges, Amihud, what depends on the session
//! or the time of day) or defines otherwise (Keltner around the close, Donchian's and Supertrend's undefined rows and bands,
//! Chaikin money flow where nothing trades).

pub mod book;
pub mod candles;
pub mod channels;
mod columns;
mod commodity_channel;
pub mod cycle;
mod engine;
mod extreme_rows;
mod frame;
mod kernel;
pub mod liquidity;
pub mod momentum;
mod output_columns;
mod own;
pub mod price;
pub mod range_volatility;
mod registry;
pub mod session;
pub mod statistics;
mod tag;
pub mod trend;
pub mod volatility;
pub mod volume;
mod vwap;
mod windows;

pub use columns::{Columns, Input};
pub use engine::Output;
pub use frame::compute_frame;
pub(crate) use kernel::{Kernel, KernelStream};
pub use registry::{IndicatorCall, OutputKind, Values, names};
pub use tag::split_tags;
pub use trend::Average;
pub use vwap::session_vwap;
