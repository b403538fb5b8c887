//! Sources that answer over HTTP: [`YahooSource`], [`AlphaVantageSource`], [`SchwabSource`] for bars and quotes,
//! [`FredSource`] for economic series.
//!
//! ```text
//! yahoo, alpha_vantage, fred, schwab     what is asked, and what the answer means: one document format each
//!   └─ door     the only way out: identical questions asked once, retries with an end, bounded answers, no secret told
//!        └─ turns   how often a service may be asked
//! rows        starts and dates into intervals, by the exchange calendar
//! ```
//! A service's ways of saying no are told apart here: asked too often, not allowed, unknown symbol, no data, broken
//! answer, no answer. Keys come from environment variables that the settings name, and appear in no log or message.

mod alpha_vantage;
mod door;
mod fred;
mod http_config;
mod retry_after;
mod rows;
mod schwab;
mod turns;
mod yahoo;

pub use alpha_vantage::{AlphaVantageConfig, AlphaVantageSource, Entitlement, SeriesFormat};
pub use fred::{FredConfig, FredSource};
pub use http_config::HttpConfig;
pub use schwab::{SchwabConfig, SchwabLogin, SchwabSource};
pub use yahoo::{Chart, Dividend, YahooConfig, YahooSource};
