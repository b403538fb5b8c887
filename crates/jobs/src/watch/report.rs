//! A session's health as it is kept and shown: bounded however much is subscribed.

use bellwether::market::Calendar;
use bellwether_adapters::ib::{
    FarmState, PacingUsage, RotationReport, SessionHealth, SocketHealth, SubscriptionHealth, SubscriptionState,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Subscriptions in trouble that are named; there may be more.
const MOST_NAMED: usize = 50;
/// With a connection there, whoever waits for it longer than this does not wait for it.
const CONNECTING: SignedDuration = SignedDuration::from_secs(90);
/// Quotes in rotation come round at twenty a second at best, 2,000 symbols in less than two minutes: one that is older than
/// this while the market is open does not come round.
const OLD: SignedDuration = SignedDuration::from_mins(10);

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
    /// Symbols whose quotes are asked for in turn, for want of lines; none in reports of earlier versions.
    #[serde(default)]
    pub rotation: Option<FeedRotation>,
    /// Subscriptions to bars; none in reports of earlier versions.
    #[serde(default)]
    pub of_bars: Option<usize>,
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

/// Symbols whose quotes are asked for in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRotation {
    /// How many.
    pub symbols: usize,
    /// Those not asked for yet.
    pub never: usize,
    /// The one asked for longest ago; empty when none was.
    pub oldest: String,
    /// When that was.
    pub oldest_at: Option<Timestamp>,
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
    /// Waiting for the connection, or asked for a moment ago: no trouble of its own.
    pub waiting: bool,
    /// Since when.
    pub since: Timestamp,
}

impl FeedReport {
    /// The report of a session.
    pub fn of(health: &SessionHealth, pacing: &PacingUsage, rotation: &RotationReport) -> Self {
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
            waiting: match it.state {
                SubscriptionState::Waiting => {
                    let there = since.filter(|_| connected).map(|since| health.at.duration_since(since.max(it.since)));
                    there.is_none_or(|there| there <= CONNECTING)
                }
                // The session itself says so when that lasts too long.
                SubscriptionState::Subscribing => true,
                _ => false,
            },
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
            rotation: Some(FeedRotation {
                symbols: rotation.symbols,
                never: rotation.never,
                oldest: rotation.oldest.as_ref().map_or(String::new(), |(symbol, _)| symbol.to_string()),
                oldest_at: rotation.oldest.as_ref().and_then(|(_, age)| health.at.checked_sub(*age).ok()),
            }),
            of_bars: Some(health.subscriptions.iter().filter(|it| it.bars.is_some()).count()),
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

    /// Whether quotes in rotation come round: while the market is open and there is a connection for long enough.
    pub fn rotation_comes_round(&self) -> bool {
        let Some(rotation) = self.rotation.as_ref().filter(|rotation| rotation.symbols > 0) else { return true };
        let day = Calendar.day(Calendar.local_date(self.at));
        let opened = day.ok().flatten().map(|day| day.pre_open).filter(|opened| *opened <= self.at);
        let open = opened.filter(|_| self.is_open());
        // Nothing is asked for over night, or without a connection.
        let (true, Some(open), Some(connected)) = (self.connected, open, self.since) else { return true };
        let asked_since = open.max(connected);
        let oldest = rotation.oldest_at.map_or(asked_since, |at| at.max(asked_since));
        self.at.duration_since(oldest) <= OLD
    }

    fn is_open(&self) -> bool {
        let day = Calendar.day(Calendar.local_date(self.at));
        day.is_ok_and(|day| day.is_some_and(|day| day.session_at(self.at).is_some()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_rotation_have_to_come_round_while_the_market_is_open() {
        let report = |at: &str, since: &str, oldest_at: Option<&str>| {
            let rotation = oldest_at.map(|at| serde_json::json!({ "symbols": 60, "never": 0, "oldest": "A", "oldest_at": at }));
            let report = serde_json::json!({
                "at": at, "address": "127.0.0.1:4002", "client_id": 17, "connected": true, "since": since, "problem": "",
                "next_attempt_at": null, "server_version": 226, "servers_lost_since": null, "farms": [], "lines_used": 90,
                "lines_allowed": 100, "live": 90, "subscribed": 90, "silent": [], "last_event_at": null, "counters": {},
                "rotation": rotation,
            });
            serde_json::from_value::<FeedReport>(report).unwrap()
        };
        let comes = |at: &str, since: &str, oldest_at| report(at, since, oldest_at).rotation_comes_round();
        let (day_before, before) = ("2026-03-09T12:00:00Z", "2026-03-10T14:00:00Z");
        assert!(comes("2026-03-10T15:00:00Z", day_before, None), "nothing is in rotation");
        assert!(comes("2026-03-10T14:05:00Z", day_before, Some(before)));
        assert!(!comes("2026-03-10T14:11:00Z", day_before, Some(before)));
        assert!(comes("2026-03-10T14:11:00Z", "2026-03-10T14:05:00Z", Some(before)), "connected a moment ago");
        assert!(comes("2026-03-11T02:00:00Z", day_before, Some(before)), "at night");
        assert!(comes("2026-03-11T08:05:00Z", day_before, Some(before)), "the pre-market has begun a moment ago");
        assert!(!comes("2026-03-11T08:11:00Z", day_before, Some(before)));
    }
}
