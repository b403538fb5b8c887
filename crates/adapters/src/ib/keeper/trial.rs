//! When a subscription is silent: whether it should be, and what subscribing again shows.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether::market::Quote;
use futures::FutureExt as _;
use jiff::Timestamp;

use super::{Keeper, Side};
use crate::ib::{
    backfill::traded_since, farms::FarmKind, health::SubscriptionState, hours::MarketState, subscription::SubscriptionKind,
    waiting::since,
};

/// A subscription made again because of silence has so long to speak; and its floor in real time.
const TRIAL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
/// A subscription made again because of silence.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) silent_since: Timestamp,
    pub(super) began: (Timestamp, Instant),
    pub(super) before: Option<Quote>,
    pub(super) probed: bool,
}

impl Keeper {
    /// Looks at whether the silence, if it is one, is as it should be; `true` when the subscription is to be made again.
    pub(super) fn look(&mut self, now: Timestamp) -> bool {
        let Some(hours) = &self.hours else { return false };
        let market = hours.at(now);
        if market.0 != self.market.0 {
            // The first price of a session may be anywhere.
            self.intake.forget_prices();
        }
        self.market = market;
        let outage = self.link.monitor.outage(FarmKind::MarketData);
        if self.hindrance.is_some() && outage.is_none() {
            self.liveness.restart(now);
        }
        self.hindrance = outage;
        if market.0 == MarketState::Closed {
            self.trial = None;
            if self.record.is(|state| matches!(state, SubscriptionState::Silent { .. } | SubscriptionState::Subscribing)) {
                self.turn(SubscriptionState::Live);
            }
            return false;
        }
        if let Some(trial) = &self.trial {
            let over = since(now, trial.began.0) >= TRIAL.0 && trial.began.1.elapsed() >= TRIAL.1;
            if self.spoke {
                self.spoke_again(now);
            } else if over && !trial.probed {
                self.kept_silent(now);
            }
        }
        let halted = self.intake.is_halted();
        let hindered = halted || self.hindrance.is_some();
        let Some(silent) = self.liveness.overdue(now, market, hindered) else { return false };
        if let Some(why) = &self.hindrance {
            let why = why.clone();
            self.turn(SubscriptionState::Silent { why });
        }
        if self.side.is_some() && self.trial.is_some() {
            // A verdict is on its way.
            return false;
        }
        tracing::info!(what = self.what, ?silent, "silent: subscribing again");
        let silent_since = self.trial.take().map_or(self.liveness.last(), |trial| trial.silent_since);
        let began = (now, Instant::now());
        self.trial = Some(Trial { silent_since, began, before: self.intake.line.quote().cloned(), probed: false });
        true
    }

    /// The subscription made again spoke: what it says shows whether the silence before was honest.
    fn spoke_again(&mut self, now: Timestamp) {
        let Some(trial) = self.trial.take() else { return };
        let was_dead = match (&trial.before, self.intake.line.quote()) {
            (Some(before), Some(now)) => {
                (before.last, before.volume, before.bid, before.ask) != (now.last, now.volume, now.bid, now.ask)
            }
            // Streams that begin with nothing old: that they speak at once is telling enough.
            _ => true,
        };
        if was_dead {
            let why = format!("it had been dead since {}; subscribed again", trial.silent_since);
            self.turn(SubscriptionState::Silent { why });
        } else {
            self.liveness.honest_pause(since(now, trial.silent_since));
        }
        if self.intake.doubt().is_none() {
            self.turn(SubscriptionState::Live);
        }
    }

    /// The subscription made again is silent too.
    fn kept_silent(&mut self, now: Timestamp) {
        let Some(trial) = &mut self.trial else { return };
        trial.probed = true;
        if self.wanted.kind == SubscriptionKind::Quotes {
            // A quote always begins with the last state.
            return self.judge(Some("a new subscription says nothing either".to_owned()));
        }
        if let Some(why) = self.hindrance.clone() {
            return self.judge(Some(why));
        }
        if self.side.is_none() {
            let (link, instrument) = (Arc::clone(&self.link), self.wanted.instrument.clone());
            let silent_since = trial.silent_since;
            self.side = Some(async move { Side::Probed(traded_since(&link, &instrument, silent_since, now).await) }.boxed());
        } else {
            trial.probed = false;
        }
    }

    /// What a silence turned out to be: honest, or not and why.
    pub(super) fn judge(&mut self, dead: Option<String>) {
        let now = self.link.clock.now();
        let Some(trial) = &self.trial else { return };
        let silent_since = trial.silent_since;
        // Either way it is given longer before it is asked for once more.
        self.liveness.honest_pause(since(now, silent_since));
        match dead {
            Some(evidence) => {
                let why = format!("nothing since {silent_since} though the market is open: {evidence}");
                self.turn(SubscriptionState::Silent { why });
            }
            None => {
                self.trial = None;
                self.turn(SubscriptionState::Live);
            }
        }
    }
}
