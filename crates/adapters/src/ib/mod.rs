//! A session with Interactive Brokers (TWS or IB Gateway), by the crate `ibapi`.
//!
//! ```text
//! IbSession
//!   ├─ link       one connection, made again when lost; every request passes its pacer and has an end
//!   ├─ contracts  symbols to contracts      bars  daily and minute bars      scanner, news
//!   ├─ quotes     a board of last quotes: as many streams as there are lines, snapshots in turn for the rest
//!   └─ snapshot   all of these as of one instant, with what failed and why
//! ```
//! What `ibapi` leaves to its user is done here: pacing (off by default), an end to every wait (historical requests have
//! none), subscribing again after a loss, and refusing the protocol's sentinels. The library's own reconnection is
//! switched off: it retries for minutes, during which no caller learns anything.
//!
//! Account ids are never logged.

mod bars;
mod config;
mod connect;
mod contracts;
mod feed;
mod link;
mod news;
mod pacing;
mod quotes;
mod real_time;
mod refusal;
mod scanner;
mod session;
mod snapshot;
mod today;
mod wire;

pub use config::IbConfig;
pub use contracts::Qualified;
pub use real_time::roll_up;
pub use session::IbSession;
pub use snapshot::IbSnapshotRequest;
