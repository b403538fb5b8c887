//! A simulated IB Gateway that speaks the real wire protocol over TCP.
//!
//! ```text
//! Tape (all that is known, immutable) + SimClock (what time it is)
//!    └► market    what may be told at an instant: bars of any size, quote lines
//!        ├► requests   one answer per question, by the connection that asked
//!        ├► streams    what goes on: quotes, five-second bars, kept-up history, scans, headlines; one ticker
//!        └► trading    orders filled by what the tape trades; cash, positions, profits and who follows them
//! wire + proto    frames, handshake, bodies     outbox   bounded queue per client
//! limits          pacing, by the clock          faults   what can be made to go wrong     admin   both from outside
//! ```
//! Nothing past the clock is ever told: every answer takes the instant as an argument and cuts there. The real client
//! library connects without knowing the difference; where this gateway is simpler than the real one, the place says so.

mod admin;
mod client;
mod clock;
mod config;
mod connection;
mod error;
mod faults;
pub mod generator;
mod limits;
mod market;
mod outbox;
mod proto;
mod requests;
mod server;
mod shared;
mod stats;
mod streams;
mod tape;
mod trading;
mod wire;

pub use admin::ask;
pub use clock::SimClock;
pub use config::{GatewayConfig, Limits, Repetition};
pub use error::GatewayError;
pub use faults::{Connectivity, Farm, Fault, FaultInForce, FaultScript, Faults, RandomFaults, ScriptedFault, When};
pub use server::{Gateway, GatewayHandle};
pub use stats::{GatewayStats, Violation};
pub use tape::{DaySoFar, Halt, LastTrade, Tape, TapeHeadline, TapeInstrument};
pub use trading::{OpeningPosition, TradingConfig};
