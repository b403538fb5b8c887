//! When silence means that something is wrong.
//!
//! Silence is judged by what is normal for the kind of data, the state of the market, and the symbol itself: a limit that
//! holds for a liquid one, stretched to three times the longest pause that this one takes, which is forgotten as it speaks.

use std::time::Duration;

use jiff::Timestamp;

use super::{hours::MarketState, subscription::SubscriptionKind, waiting::since};

/// No symbol is given longer than this while its market is open.
const LONGEST: Duration = Duration::from_secs(900);
/// How long a symbol that is halted, or whose farm is down, is given.
const HINDERED: Duration = Duration::from_secs(300);
/// How much of the longest pause is remembered from one event to the next.
const MEMORY: f64 = 0.98;

/// Longest silence of a liquid symbol: in the regular session, and around it.
#[derive(Debug, Clone, Copy)]
struct Limits {
    regular: Duration,
    extended: Duration,
}

fn limits(kind: SubscriptionKind) -> Option<Limits> {
    let limits =
        |regular, extended| Some(Limits { regular: Duration::from_secs(regular), extended: Duration::from_secs(extended) });
    match kind {
        // They come every five seconds, trades or none.
        SubscriptionKind::FiveSecondBars => limits(15, 60),
        SubscriptionKind::Quotes | SubscriptionKind::TickByTick(_) | SubscriptionKind::Depth { .. } => limits(30, 60),
        SubscriptionKind::MinuteBars => limits(75, 75),
        // Nobody owes us news.
        SubscriptionKind::News => None,
    }
}

/// What is known of how a subscription speaks.
#[derive(Debug, Clone)]
pub(super) struct Liveness {
    limits: Option<Limits>,
    /// The longest pause, slowly forgotten.
    pause: Duration,
    last: Timestamp,
}

impl Liveness {
    /// Of a subscription made at `now`.
    pub(super) fn new(kind: SubscriptionKind, now: Timestamp) -> Self {
        Self { limits: limits(kind), pause: Duration::ZERO, last: now }
    }

    /// Something came. A pause is learned from only when it was honest, and while the market was open throughout.
    pub(super) fn event(&mut self, now: Timestamp, learn: bool) {
        if learn {
            self.pause = self.pause.mul_f64(MEMORY).max(since(now, self.last));
        }
        self.last = now;
    }

    /// A pause of this length is as it should be, or was in vain.
    pub(super) fn honest_pause(&mut self, pause: Duration) {
        self.pause = self.pause.max(pause).min(LONGEST);
    }

    /// Silence counts from here: the subscription was made again, or what stood in its way is gone.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.last = self.last.max(now);
    }

    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    /// For how long it has been silent at `now`, when that is longer than it should be in a market that has been in
    /// `state` since `opened`.
    pub(super) fn overdue(&self, now: Timestamp, (state, opened): (MarketState, Timestamp), hindered: bool) -> Option<Duration> {
        let limits = self.limits?;
        let base = match state {
            MarketState::Closed => return None,
            MarketState::Extended => limits.extended,
            MarketState::Regular => limits.regular,
        };
        let limit = base.max(self.pause.saturating_mul(3)).min(LONGEST);
        let limit = if hindered { limit.max(HINDERED) } else { limit };
        let silent = since(now, self.last.max(opened));
        (silent > limit).then_some(silent)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn overdue(liveness: &Liveness, second: i64) -> bool {
        liveness.overdue(at(second), (MarketState::Regular, at(0)), false).is_some()
    }

    #[test]
    fn a_liquid_symbol_is_missed_after_its_limit_and_only_while_the_market_is_open() {
        let mut quotes = Liveness::new(SubscriptionKind::Quotes, at(0));
        (1..=100).for_each(|second| quotes.event(at(second), true));
        assert!(!overdue(&quotes, 130));
        assert!(overdue(&quotes, 131));
        assert!(quotes.overdue(at(5_000), (MarketState::Closed, at(200)), false).is_none());
        assert!(quotes.overdue(at(5_000), (MarketState::Regular, at(4_990)), false).is_none(), "it has only just opened");
        assert!(quotes.overdue(at(150), (MarketState::Regular, at(0)), true).is_none(), "halted");
    }

    #[test]
    fn a_quiet_symbol_is_given_three_times_its_longest_pause_until_it_speaks_often() {
        let mut quotes = Liveness::new(SubscriptionKind::Quotes, at(0));
        quotes.event(at(25), true);
        quotes.event(at(50), true);
        assert!(!overdue(&quotes, 120));
        assert!(overdue(&quotes, 130));
        // It was honest: the next time it is given longer, but never for ever.
        quotes.honest_pause(Duration::from_secs(80));
        quotes.restart(at(130));
        assert!(!overdue(&quotes, 360));
        assert!(overdue(&quotes, 371));
        quotes.honest_pause(Duration::from_secs(5_000));
        assert!(overdue(&quotes, 130 + 901));
        (0..300).for_each(|second| quotes.event(at(2_000 + second), second > 0));
        assert!(overdue(&quotes, 2_299 + 31));
    }

    #[test]
    fn news_may_be_silent_for_ever() {
        let news = Liveness::new(SubscriptionKind::News, at(0));
        assert!(!overdue(&news, 1_000_000));
    }
}
