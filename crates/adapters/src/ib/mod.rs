//! A session with Interactive Brokers (TWS or IB Gateway), by the crate `ibapi`.
//!
//! ```text
//! IbSession
//!   ├─ supervisor  keeps one connection up, for ever (connect, backoff)      monitor, health, farms   how everything is
//!   ├─ link        the door that every request goes through: its turn, its end, what a refusal means
//!   ├─ contracts   symbols to contracts      bars, today  daily and minute bars      scanner, news
//!   ├─ subscription   what can be followed without an end:
//!   │    keeper      one task each: asks, follows, notices silence, asks again
//!   │      ├─ streams ─► intake (clean) ─► record (ring) and queue ─► the subscriber
//!   │      ├─ liveness, hours      when silence means something
//!   │      └─ ledger, backfill, gaps      what became of every bar
//!   ├─ quotes, feed   a board of last quotes: as many streams as there are lines, snapshots in turn for the rest
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

mod backfill;
mod backoff;
mod bars;
mod clean;
mod config;
mod connect;
mod contracts;
mod farms;
mod feed;
mod forecasting;
mod forming;
mod gaps;
mod halts;
mod health;
mod historical;
mod hours;
mod intake;
mod keeper;
mod ledger;
mod lines;
mod link;
mod liveness;
mod monitor;
mod news;
mod pacing;
mod queue;
mod quotes;
mod real_time;
mod record;
mod refusal;
mod ring;
mod rotation;
mod scanner;
mod session;
mod snapshot;
mod streams;
mod subscription;
mod supervisor;
mod tap;
mod today;
mod waiting;
mod wire;

pub use config::IbConfig;
pub use contracts::{ContractCache, Qualified, RememberedContracts};
pub use farms::{FarmHealth, FarmKind, FarmState};
pub use forecasting::{ForecastOutcome, ForecastRecord};
pub use gaps::{Gap, GapOutcome};
pub use health::{
    BarAccount, HealthChange, HealthEvent, SessionCounters, SessionHealth, Severity, SocketHealth, SubscriptionHealth,
    SubscriptionState,
};
pub use historical::{BarsOf, BarsRequest};
pub use lines::{LineUse, LinesUsage};
pub use pacing::{
    Ask, Ending, Forecast, HistoricalAsk, Item, PacingUsage, Phase, Priority, RequestKind, ScanWork, Step, Workload,
    with_priority,
};
pub use quotes::{TickPoint, TickSide};
pub use real_time::roll_up;
pub use refusal::remedy_of;
pub use ring::Ring;
pub use rotation::{RotationReport, RotationRound};
pub use session::IbSession;
pub use subscription::{BarOrigin, MarketEvent, Subscription, SubscriptionHandle, SubscriptionKind, TickKind};
