//! A session with Interactive Brokers (TWS or IB Gateway), by the crate `ibapi`.
//!
//! ```text
//! IbSession
//!   ├─ supervisor  keeps one connection up, for ever          monitor, health, farms   how everything is
//!   ├─ link        the door that every request goes through: its turn, its end, what a refusal means
//!   ├─ contracts   symbols to contracts      bars  daily and minute bars      scanner, news
//!   ├─ quotes      a board of last quotes: as many streams as there are lines, snapshots in turn for the rest
//!   └─ snapshot    all of these as of one instant, with what failed and why
//! ```
//! Nothing dies in silence. The socket, IB's farms behind the gateway and each subscription have a health of their own:
//! a broken farm never costs the socket, a socket that is open proves nothing about a subscription.
//!
//! What `ibapi` leaves to its user is done here: pacing (off by default), an end to every wait (historical requests have
//! none), heartbeats, connecting and subscribing again, and refusing the protocol's sentinels. The library's own
//! reconnection is switched off: it retries for minutes, during which no caller learns anything.
//!
//! Account ids are never logged.

mod backoff;
mod bars;
mod config;
mod connect;
mod contracts;
mod farms;
mod feed;
mod forecasting;
mod gaps;
mod health;
mod historical;
mod lines;
mod link;
mod monitor;
mod news;
mod pacing;
mod quotes;
mod real_time;
mod refusal;
mod rotation;
mod scanner;
mod session;
mod snapshot;
mod supervisor;
mod tap;
mod today;
mod waiting;
mod wire;

pub use config::IbConfig;
pub use contracts::Qualified;
pub use farms::{FarmHealth, FarmKind, FarmState};
pub use forecasting::{ForecastOutcome, ForecastRecord};
pub use gaps::{Gap, GapOutcome};
pub use health::{
    HealthChange, HealthEvent, SessionCounters, SessionHealth, Severity, SocketHealth, SubscriptionHealth, SubscriptionState,
};
pub use historical::{BarsOf, BarsRequest};
pub use lines::{LineUse, LinesUsage};
pub use pacing::{
    Ask, Ending, Forecast, HistoricalAsk, Item, PacingUsage, Phase, Priority, RequestKind, ScanWork, Step, Workload,
    with_priority,
};
pub use real_time::roll_up;
pub use rotation::{RotationReport, RotationRound};
pub use session::IbSession;
pub use snapshot::IbSnapshotRequest;
