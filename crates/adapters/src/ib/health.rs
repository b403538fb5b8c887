//! How a session is, as plain data: three healths that are kept apart (the socket, the farms, each subscription), what
//! was counted, and what changed.

use std::fmt;

use bellwether::market::Symbol;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    farms::{FarmHealth, FarmKind, FarmState},
    gaps::{Gap, GapOutcome},
};

/// How a session is at one instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionHealth {
    /// The instant, on the session's clock.
    pub at: Timestamp,
    /// Host and port of the gateway.
    pub address: String,
    /// The client id of this session.
    pub client_id: i32,
    /// The connection to the gateway.
    pub socket: SocketHealth,
    /// The protocol version that the gateway speaks; none before the first connection.
    pub server_version: Option<i32>,
    /// Since when the gateway is without its connection to IB (1100, 2110); none when it has one.
    pub servers_lost_since: Option<Timestamp>,
    /// Every farm that the gateway has told of on this connection.
    pub farms: Vec<FarmHealth>,
    /// Market data lines in use by this session's streams.
    pub lines_used: usize,
    /// Market data lines that the session may use.
    pub lines_allowed: usize,
    /// What is subscribed, ordered by symbol and kind.
    pub subscriptions: Vec<SubscriptionHealth>,
    /// When anything was last heard from the gateway.
    pub last_event_at: Option<Timestamp>,
    /// Of the subscriptions that should speak and do not, the one silent for longest.
    pub oldest_silent: Option<SubscriptionHealth>,
    /// What was counted since the session began.
    pub counters: SessionCounters,
}

/// The connection to the gateway.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SocketHealth {
    /// The first attempt, since the start or since a loss, is under way.
    Connecting {
        /// Since when there is no connection.
        since: Timestamp,
    },
    /// Connected, the handshake complete.
    Connected {
        /// Since when.
        since: Timestamp,
    },
    /// Not connected; requests fail at once until the next attempt succeeds.
    Down {
        /// Since when there is no connection.
        since: Timestamp,
        /// Failed attempts since then.
        attempts: u32,
        /// When it is tried again, at the latest.
        next_attempt_at: Timestamp,
        /// What went wrong last.
        why: String,
    },
    /// Shut down.
    Closed,
}

/// One subscription.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubscriptionHealth {
    /// Which symbol.
    pub symbol: Symbol,
    /// What of it, such as `quotes` or `five-second bars`.
    pub kind: &'static str,
    /// How it is.
    pub state: SubscriptionState,
    /// Since when it is so.
    pub since: Timestamp,
    /// When it last said anything.
    pub last_event_at: Option<Timestamp>,
    /// What it said so far.
    pub events: u64,
    /// How often it was subscribed again.
    pub resubscriptions: u64,
    /// Events dropped because nobody took them in time.
    pub dropped: u64,
    /// What became of its bars, if it is of bars.
    pub bars: Option<BarAccount>,
}

/// What became of the bars that a subscription was to bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BarAccount {
    /// Came live.
    pub received: u64,
    /// Did not, and were fetched afterwards.
    pub backfilled: u64,
    /// Did not, and will not.
    pub lost: u64,
    /// Did not, and are being fetched.
    pub missing: u64,
}

/// How a subscription is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Waits for the connection.
    Waiting,
    /// Asked for; nothing was heard yet.
    Subscribing,
    /// Data arrives, or its silence is as it should be.
    Live,
    /// It should speak and does not; it is being subscribed again.
    Silent {
        /// What is known about it.
        why: String,
    },
    /// Refused for the time being; it is tried again.
    Retrying {
        /// The refusal.
        why: String,
        /// When it is tried again.
        at: Timestamp,
    },
    /// Refused until something changes on IB's side or the user's; checked again after a long while.
    Refused {
        /// The refusal, with what to do about it.
        why: String,
        /// When it is checked again.
        again_at: Timestamp,
    },
}

impl SubscriptionState {
    /// Whether it should speak and does not.
    pub fn is_silent(&self) -> bool {
        !matches!(self, Self::Live)
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waits for the connection"),
            Self::Subscribing => f.write_str("asked for"),
            Self::Live => f.write_str("live"),
            Self::Silent { why } => write!(f, "silent: {why}"),
            Self::Retrying { why, at } => write!(f, "{why}; tried again at {at}"),
            Self::Refused { why, again_at } => write!(f, "refused: {why}; checked again at {again_at}"),
        }
    }
}

/// What was counted since a session began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SessionCounters {
    /// Connections made, the first included.
    pub connections: u64,
    /// Connections made after a loss.
    pub reconnects: u64,
    /// Attempts to connect that failed.
    pub failed_attempts: u64,
    /// Heartbeats that were not answered in time.
    pub missed_heartbeats: u64,
    /// Subscriptions made again.
    pub resubscriptions: u64,
    /// Subscriptions made again because they were silent.
    pub stale_restarts: u64,
    /// Ticks of quotes and trades taken in.
    pub ticks_received: u64,
    /// Ticks that came faster than they were taken in; the oldest go.
    pub ticks_dropped: u64,
    /// Events older than one already delivered.
    pub late_ticks: u64,
    /// Events that had been delivered before.
    pub duplicates_dropped: u64,
    /// Sentinels that were turned into absent values.
    pub sentinels: u64,
    /// Prices and bars refused because they cannot be.
    pub impossible_prices: u64,
    /// Connections ended because what came over them could not be trusted.
    pub desyncs: u64,
    /// Bars missed that are being fetched.
    pub bars_missing: u64,
    /// Bars missed and fetched afterwards.
    pub bars_backfilled: u64,
    /// Bars missed for good.
    pub bars_lost: u64,
}

/// Something changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthEvent {
    /// When, on the session's clock.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub change: HealthChange,
}

/// How much a change matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the log.
    Info,
    /// Data may be missing.
    Warning,
    /// Nothing, or nothing to be trusted, arrives.
    Alarm,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealthChange {
    /// A connection was made.
    Connected {
        /// The protocol version that the gateway speaks.
        server_version: i32,
        /// Failed attempts before.
        failed_attempts: u32,
    },
    /// The connection was lost.
    Disconnected {
        /// What was seen.
        why: String,
    },
    /// An attempt to connect failed.
    AttemptFailed {
        /// How many have, since the loss.
        attempts: u32,
        /// What was seen.
        why: String,
        /// When it is tried again, at the latest.
        next_attempt_at: Timestamp,
    },
    /// The gateway lost its connection to IB.
    ServersLost,
    /// The gateway has its connection to IB again.
    ServersRestored {
        /// Its subscriptions were lost; they are made again.
        data_lost: bool,
    },
    /// A farm changed.
    Farm {
        /// What it serves.
        kind: FarmKind,
        /// IB's name for it.
        name: String,
        /// How it is now.
        state: FarmState,
    },
    /// A subscription changed.
    Subscription {
        /// Which symbol.
        symbol: Symbol,
        /// What of it.
        kind: &'static str,
        /// How it is now.
        state: SubscriptionState,
    },
    /// What comes over the connection cannot be trusted: it is made again.
    Desync {
        /// What was seen.
        why: String,
    },
    /// Bars did not come live; they are being fetched.
    GapOpened {
        /// The bars.
        gap: Gap,
    },
    /// Bars that did not come live were fetched afterwards or are lost.
    GapSettled {
        /// The bars.
        gap: Gap,
    },
}

impl HealthChange {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Disconnected { .. } | Self::AttemptFailed { attempts: ..=1, .. } | Self::ServersLost | Self::Desync { .. } => {
                Severity::Alarm
            }
            // What is known already, once more.
            Self::AttemptFailed { .. } => Severity::Warning,
            Self::Farm { state: FarmState::Broken, .. } | Self::ServersRestored { data_lost: true } => Severity::Warning,
            Self::Subscription { state: SubscriptionState::Silent { .. } | SubscriptionState::Refused { .. }, .. } => {
                Severity::Warning
            }
            Self::Subscription { state: SubscriptionState::Retrying { .. }, .. } => Severity::Warning,
            Self::GapSettled { gap: Gap { outcome: GapOutcome::Lost { .. }, .. } } => Severity::Warning,
            _ => Severity::Info,
        }
    }
}

impl fmt::Display for HealthChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { server_version, failed_attempts: 0 } => write!(f, "connected to IB (server {server_version})"),
            Self::Connected { server_version, failed_attempts } => {
                write!(f, "connected to IB (server {server_version}) after {failed_attempts} failed attempts")
            }
            Self::Disconnected { why } => write!(f, "connection to IB lost: {why}"),
            Self::AttemptFailed { why, next_attempt_at, .. } => {
                let next = next_attempt_at.round(jiff::Unit::Second).unwrap_or(*next_attempt_at);
                write!(f, "no connection yet, trying again by {next}: {why}")
            }
            Self::ServersLost => f.write_str("IB Gateway lost its connection to IB"),
            Self::ServersRestored { data_lost: true } => {
                f.write_str("IB Gateway is connected to IB again, data lost: subscribing again")
            }
            Self::ServersRestored { data_lost: false } => f.write_str("IB Gateway is connected to IB again, data kept"),
            Self::Farm { kind, name, state } => write!(f, "IB's {} farm {name}: {}", kind.as_str(), state.as_str()),
            Self::Subscription { symbol, kind, state } => write!(f, "{kind} of {symbol}: {state}"),
            Self::Desync { why } => write!(f, "what IB Gateway sends cannot be trusted, connecting again: {why}"),
            Self::GapOpened { gap } | Self::GapSettled { gap } => gap.fmt(f),
        }
    }
}
