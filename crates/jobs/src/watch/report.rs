//! A session's health as it is kept and shown: bounded however much is subscribed.

use bellwether_adapters::ib::{FarmState, PacingUsage, SessionHealth, SocketHealth, SubscriptionHealth, SubscriptionState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Subscriptions in trouble that are named; there may be more.
const MOST_NAMED: usize = 50;

/// How a session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedReport {
    /// When it was so.
    pub at: Timestamp,
    /// Host and port of the gateway.
    pub address: String,
    /// The client id.
    pub client_id: i32,
    /// Whether there is a connection.
    pub connected: bool,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// What is wrong with the connection; empty when nothing is.
    pub problem: String,
    /// When it is tried again at the latest.
    pub next_attempt_at: Option<Timestamp>,
    /// The protocol version that the gateway speaks.
    pub server_version: Option<i32>,
    /// Since when the gateway is without IB.
    pub servers_lost_since: Option<Timestamp>,
    /// IB's farms.
    pub farms: Vec<FeedFarm>,
    /// Market data lines in use.
    pub lines_used: usize,
    /// Market data lines that may be used.
    pub lines_allowed: usize,
    /// What of IB's budgets is used.
    #[serde(default)]
    pub budgets: Vec<FeedBudget>,
    /// Requests that wait for their turn.
    #[serde(default)]
    pub waiting: usize,
    /// Subscriptions whose data arrives, or whose silence is as it should be.
    pub live: usize,
    /// All subscriptions.
    pub subscribed: usize,
    /// Those that should speak and do not, longest silent first: 50 at most.
    pub silent: Vec<FeedSubscription>,
    /// When anything was last heard from the gateway.
    pub last_event_at: Option<Timestamp>,
    /// Counters, by name.
    pub counters: serde_json::Map<String, serde_json::Value>,
}

/// One farm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFarm {
    /// IB's name.
    pub name: String,
    /// What it serves.
    pub serves: String,
    /// How it is.
    pub state: String,
    /// Whether it cannot be had.
    pub broken: bool,
    /// Since when.
    pub since: Timestamp,
}

/// One of IB's budgets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedBudget {
    /// Of what.
    pub of: String,
    /// Used at present.
    pub used: u32,
    /// There is.
    pub limit: u32,
}

/// One subscription in trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedSubscription {
    /// Ticker.
    pub symbol: String,
    /// What of it.
    pub kind: String,
    /// How it is.
    pub state: String,
    /// Waiting for the connection: no trouble of its own.
    pub waiting: bool,
    /// Since when.
    pub since: Timestamp,
}

impl FeedReport {
    /// The report of a session.
    pub fn of(health: &SessionHealth, pacing: &PacingUsage) -> Self {
        let (connected, since, problem, next_attempt_at) = match &health.socket {
            SocketHealth::Connecting { since } => (false, Some(*since), "connecting".to_owned(), None),
            SocketHealth::Connected { since } => (true, Some(*since), String::new(), None),
            SocketHealth::Down { since, attempts, next_attempt_at, why } => (
                false,
                Some(*since),
                if why.contains("attempts") { why.clone() } else { format!("{why} ({attempts} attempts)") },
                Some(*next_attempt_at),
            ),
            SocketHealth::Closed => (false, None, "closed".to_owned(), None),
        };
        let mut silent: Vec<&SubscriptionHealth> = health.subscriptions.iter().filter(|it| it.state.is_silent()).collect();
        silent.sort_by_key(|it| it.since);
        let farm = |farm: &bellwether_adapters::ib::FarmHealth| FeedFarm {
            name: farm.name.clone(),
            serves: farm.kind.as_str().to_owned(),
            state: farm.state.as_str().to_owned(),
            broken: farm.state == FarmState::Broken,
            since: farm.since,
        };
        let subscription = |it: &&SubscriptionHealth| FeedSubscription {
            symbol: it.symbol.to_string(),
            kind: it.kind.to_owned(),
            state: it.state.to_string(),
            waiting: matches!(it.state, SubscriptionState::Waiting | SubscriptionState::Subscribing),
            since: it.since,
        };
        let budget = |of: &str, (used, limit): (u32, u32)| FeedBudget { of: of.to_owned(), used, limit };
        let counters = serde_json::to_value(health.counters).unwrap_or_default();
        Self {
            at: health.at,
            address: health.address.clone(),
            client_id: health.client_id,
            connected,
            since,
            problem,
            next_attempt_at,
            server_version: health.server_version,
            servers_lost_since: health.servers_lost_since,
            farms: health.farms.iter().map(farm).collect(),
            lines_used: health.lines_used,
            lines_allowed: health.lines_allowed,
            budgets: vec![
                budget("messages a second", pacing.messages),
                budget("small bars in ten minutes", pacing.small_bars),
                budget("historical requests open", pacing.open_historical),
                budget("scanners", pacing.scanners),
            ],
            waiting: pacing.waiting.values().sum(),
            live: health.subscriptions.len() - silent.len(),
            subscribed: health.subscriptions.len(),
            silent: silent.iter().take(MOST_NAMED).map(subscription).collect(),
            last_event_at: health.last_event_at,
            counters: counters.as_object().cloned().unwrap_or_default(),
        }
    }

    /// The session's name among all that write to a database.
    pub fn name(&self) -> String {
        format!("ib {} client {}", self.address, self.client_id)
    }

    /// A counter; 0 when there is none of that name.
    pub fn counter(&self, name: &str) -> u64 {
        self.counters.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default()
    }

    /// The report in a few labelled facts.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let counted = |name| self.counter(name);
        vec![
            ("Gateway", format!("{}, client id {}", self.address, self.client_id)),
            ("Subscriptions", format!("{} of {} live", self.live, self.subscribed)),
            ("Reconnects", counted("reconnects").to_string()),
            (
                "Bars missed",
                format!(
                    "{} fetched afterwards, {} lost, {} open",
                    counted("bars_backfilled"),
                    counted("bars_lost"),
                    counted("bars_missing")
                ),
            ),
        ]
    }
}
