//! What is let in: sentinels become absent values, impossible prices stay outside, repetitions are dropped, and prices far
//! off the last ones are held back until it is known what they mean.
//!
//! After a framing error wrong numbers decode without complaint. A trade at half as much again, or more, off the last price is
//! held back while nothing was halted and no session began; [`RUN`] of them in a row are either a move that IB's history
//! tells of too, or mean that the connection cannot be trusted.
//!
//! The first price after a session's start or a halt has nothing to be measured by and is believed. Nor is it a measure
//! itself: what a stream begins with may be the last trade of yesterday. When [`RUN`] prices in
//! a row are far off what was believed since, but at those of before, two times speak against one: the prices in
//! between were wrong, and are taken back.

use jiff::Timestamp;

use super::{
    monitor::{Counters, count},
    waiting::since,
    wire,
};

/// So many prices in a row that are too far off mean that something is wrong with all of them.
pub(super) const RUN: u32 = 3;
/// A price may be so many times the last one, or so many times less.
const FACTOR: f64 = 1.5;
/// A last price older than this says nothing about the next.
const STALE: std::time::Duration = std::time::Duration::from_secs(3_600);

/// The last price that was believed, and how many were not since.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PriceCheck {
    last: Option<(f64, Timestamp)>,
    /// The last one is the first since a start.
    alone: bool,
    /// The last one of the session before, or before a halt.
    before: Option<f64>,
    doubted: u32,
    /// The last one that was not believed.
    far_off: f64,
    took_back: bool,
}

/// A price that is held back with those before it, and what it is measured by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Doubt {
    pub(super) price: f64,
    pub(super) believed: f64,
    pub(super) believed_at: Timestamp,
}

/// What a price is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Judgement {
    /// A price.
    Sound(f64),
    /// The protocol's way of having none.
    Absent,
    /// No price there can be.
    Impossible,
    /// Too far off the last one; so many in a row are.
    Doubtful(u32),
}

impl PriceCheck {
    /// Judges the price of a trade.
    pub(super) fn trade(&mut self, value: f64, now: Timestamp, counters: &Counters) -> Judgement {
        let price = match admitted(value, counters) {
            Judgement::Sound(price) => price,
            other => return other,
        };
        if !self.alone && self.far_off(price, now) {
            self.doubted += 1;
            self.far_off = price;
            let as_before = self.before.is_some_and(|before| !far_apart(price, before));
            if !as_before || self.doubted < RUN {
                count(&counters.impossible_prices);
                return Judgement::Doubtful(self.doubted);
            }
            (self.before, self.took_back) = (None, true);
        } else if self.is_stale(now) {
            self.before = self.last.map(|(last, _)| last);
        } else if let Some((first, _)) = self.last.filter(|_| self.alone && self.before.is_none()) {
            self.before = Some(first);
        }
        self.alone = self.last.is_none();
        self.last = Some((price, now));
        self.doubted = 0;
        Judgement::Sound(price)
    }

    /// Judges the price of a quote, which must not be far off the last trade; market makers without an interest quote
    /// pennies and fortunes, so such a quote alone proves nothing.
    pub(super) fn quote(&self, value: f64, now: Timestamp, counters: &Counters) -> Judgement {
        match admitted(value, counters) {
            Judgement::Sound(price) if self.far_off(price, now) => {
                count(&counters.impossible_prices);
                Judgement::Doubtful(0)
            }
            judgement => judgement,
        }
    }

    fn far_off(&self, price: f64, now: Timestamp) -> bool {
        !self.is_stale(now) && self.last.is_some_and(|(last, _)| far_apart(price, last))
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        self.last.is_some_and(|(_, at)| since(now, at) > STALE)
    }

    /// The price that others are measured by.
    pub(super) fn measure(&self, now: Timestamp) -> Option<f64> {
        self.last.filter(|_| !self.is_stale(now)).map(|(last, _)| last)
    }

    /// Whether prices that were believed have turned out to be wrong since this was last asked.
    pub(super) fn took_back(&mut self) -> bool {
        std::mem::take(&mut self.took_back)
    }

    /// What is held back, when it is more than an accident.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        let (believed, believed_at) = self.last.filter(|_| self.doubted >= RUN)?;
        Some(Doubt { price: self.far_off, believed, believed_at })
    }

    /// Something happened that moves prices: a halt, a split, a session's start. What comes next is believed.
    pub(super) fn forget(&mut self) {
        let before = self.last.map(|(last, _)| last).or(self.before);
        *self = Self { before, took_back: self.took_back, ..Self::default() };
    }

    /// The connection was made again because of what was doubted: the count begins again, the last price stays.
    pub(super) fn count_again(&mut self) {
        self.doubted = 0;
    }
}

/// Whether one of two prices is half as much again, or more, than the other.
pub(super) fn far_apart(price: f64, last: f64) -> bool {
    !(1.0 / FACTOR..=FACTOR).contains(&(price / last))
}

/// A price as the protocol has it.
pub(super) fn admitted(value: f64, counters: &Counters) -> Judgement {
    match wire::price(value) {
        _ if is_sentinel(value) => {
            count(&counters.sentinels);
            Judgement::Absent
        }
        Some(price) => Judgement::Sound(price),
        None => {
            count(&counters.impossible_prices);
            Judgement::Impossible
        }
    }
}

/// The protocol's ways of saying that there is no number.
fn is_sentinel(value: f64) -> bool {
    value.is_nan()
        || value == -1.0
        || value == 0.0
        || value == f64::MAX
        || value == f64::from(i32::MAX)
        || value == i64::MAX as f64
}

/// Finds repetition that is the sender's fault in what may honestly repeat itself, such as trades: two alike in a row are
/// nothing, but each one coming twice is.
#[derive(Debug, Clone)]
pub(super) struct Repetition<T> {
    last: Option<T>,
    /// The last was a repetition of the one before.
    repeated: bool,
    /// So many times in a row, each came exactly twice.
    pairs: u32,
}

/// So many pairs in a row are no accident.
const PAIRS: u32 = 3;

impl<T> Default for Repetition<T> {
    fn default() -> Self {
        Self { last: None, repeated: false, pairs: 0 }
    }
}

impl<T: PartialEq + Clone> Repetition<T> {
    /// Whether `next` is to be dropped as a repetition.
    pub(super) fn is_repeated(&mut self, next: &T) -> bool {
        let same = self.last.as_ref() == Some(next);
        if same && !self.repeated {
            self.pairs += 1;
            self.repeated = true;
            return self.pairs > PAIRS;
        }
        if same || !self.repeated {
            // Three alike, or one alone: not each one twice.
            self.pairs = 0;
        }
        self.repeated = false;
        self.last = Some(next.clone());
        false
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn sentinels_are_absent_and_other_nonsense_is_impossible() {
        let counters = Counters::default();
        for value in [-1.0, 0.0, f64::NAN, f64::MAX, 2_147_483_647.0, 9_223_372_036_854_775_807.0] {
            assert_eq!(admitted(value, &counters), Judgement::Absent, "{value}");
        }
        for value in [-3.5, f64::INFINITY, 1e200] {
            assert_eq!(admitted(value, &counters), Judgement::Impossible, "{value}");
        }
        assert_eq!(admitted(12.5, &counters), Judgement::Sound(12.5));
        let counted = counters.read();
        assert_eq!((counted.sentinels, counted.impossible_prices), (6, 3));
    }

    #[test]
    fn prices_far_off_are_held_back_until_something_explains_them() {
        let counters = Counters::default();
        let mut check = PriceCheck::default();
        assert_eq!(check.trade(10.0, at(0), &counters), Judgement::Sound(10.0));
        assert_eq!(check.trade(14.0, at(1), &counters), Judgement::Sound(14.0));
        assert_eq!(check.trade(42.0, at(2), &counters), Judgement::Doubtful(1));
        assert_eq!(check.trade(14.1, at(3), &counters), Judgement::Sound(14.1));
        assert_eq!(check.quote(0.01, at(3), &counters), Judgement::Doubtful(0));
        for run in 1..=RUN {
            assert_eq!(check.trade(4.0, at(4), &counters), Judgement::Doubtful(run));
        }
        let doubt = Doubt { price: 4.0, believed: 14.1, believed_at: at(3) };
        assert_eq!(check.doubt(), Some(doubt));
        check.forget();
        assert_eq!(check.trade(4.0, at(5), &counters), Judgement::Sound(4.0));
        assert_eq!(check.trade(40.0, at(5 + 3_601), &counters), Judgement::Sound(40.0), "the last price is old");
    }

    #[test]
    fn prices_of_before_speak_against_those_of_a_start() {
        let counters = Counters::default();
        let judged = |check: &mut PriceCheck, prices: &[f64]| -> Vec<bool> {
            prices.iter().map(|price| check.trade(*price, at(0), &counters) == Judgement::Sound(*price)).collect()
        };
        let mut check = PriceCheck::default();
        judged(&mut check, &[10.0]);
        check.forget();
        assert_eq!(judged(&mut check, &[4.0, 4.1, 10.1, 4.1]), [true, true, false, true], "one is none");
        assert!(!check.took_back());
        assert_eq!(judged(&mut check, &[10.1, 10.2, 10.1, 10.2, 4.0]), [false, false, true, true, false]);
        assert!(check.took_back() && !check.took_back());
        assert_eq!(judged(&mut check, &[4.0, 4.0, 4.0]), [false, false, false], "what was taken back does not return");
        check.forget();
        let judgements = judged(&mut check, &[4.0, 4.0, 6.5, 6.6, 6.5]);
        assert_eq!(judgements, [true, true, false, false, false], "neither as before nor as believed");
    }

    #[test]
    fn what_a_stream_begins_with_is_no_measure() {
        let counters = Counters::default();
        let mut check = PriceCheck::default();
        // The last trade of yesterday, and the first of today.
        for price in [10.0, 18.0, 18.1] {
            assert_eq!(check.trade(price, at(0), &counters), Judgement::Sound(price));
        }
        // It was the first that was right.
        let judgements = [10.0, 10.1, 10.0].map(|price| check.trade(price, at(1), &counters));
        assert_eq!(judgements, [Judgement::Doubtful(1), Judgement::Doubtful(2), Judgement::Sound(10.0)]);
        assert!(check.took_back());
    }

    #[test]
    fn two_alike_are_honest_and_everything_twice_is_not() {
        let dropped = |trades: &[u32]| {
            let mut repetition = Repetition::default();
            trades.iter().filter(|trade| repetition.is_repeated(trade)).count()
        };
        assert_eq!(dropped(&[1, 2, 2, 3, 4, 4, 5, 6, 7, 7, 7, 7]), 0);
        assert_eq!(dropped(&[1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), 2);
        assert_eq!(dropped(&[1, 1, 2, 2, 3, 3, 4, 5, 5, 6]), 0);
    }
}
