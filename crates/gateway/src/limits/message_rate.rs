//! Messages per second, all clients together; each client answers for its own messages over the limit.

use std::collections::VecDeque;

use jiff::Timestamp;

const SECOND: i64 = 1_000_000;
/// Without a message over the limit for so long, a client's strikes are forgiven.
const FORGIVEN_AFTER: i64 = 5 * SECOND;

/// The messages of the last second.
#[derive(Debug)]
pub(crate) struct MessageRate {
    limit: usize,
    recent: VecDeque<i64>,
}

impl MessageRate {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, recent: VecDeque::new() }
    }

    /// Counts a message; how many the last second had when that is over the limit.
    pub(crate) fn count(&mut self, now: Timestamp) -> Option<usize> {
        let now = now.as_microsecond();
        while self.recent.front().is_some_and(|first| now - first >= SECOND) {
            self.recent.pop_front();
        }
        // More than twice the limit says no more than twice the limit.
        if self.recent.len() > 2 * self.limit {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        (self.recent.len() > self.limit).then_some(self.recent.len())
    }
}

/// What a client over the limit gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateVerdict {
    /// Already answered within this second.
    Nothing,
    /// The notice without a code.
    Warning,
    /// Error 100.
    Error,
    /// Error 100, and the connection closes.
    Disconnect,
}

/// How often in a row a client was over the limit, counted once a second.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    count: u32,
    last: Option<i64>,
}

impl Strikes {
    pub(crate) fn strike(&mut self, now: Timestamp) -> RateVerdict {
        let now = now.as_microsecond();
        match self.last {
            Some(last) if now - last < SECOND => return RateVerdict::Nothing,
            Some(last) if now - last > FORGIVEN_AFTER => self.count = 0,
            _ => {}
        }
        self.last = Some(now);
        self.count += 1;
        match self.count {
            1 => RateVerdict::Warning,
            2 | 3 => RateVerdict::Error,
            _ => RateVerdict::Disconnect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn the_fifty_first_message_in_a_second_is_one_too_many() {
        let mut rate = MessageRate::new(50);
        assert!((0..50).all(|i| rate.count(at(i * 10)).is_none()));
        assert_eq!(rate.count(at(999)), Some(51));
        assert_eq!(rate.count(at(2_000)), None);
    }

    #[test]
    fn only_sustained_excess_disconnects() {
        let mut strikes = Strikes::default();
        let verdicts: Vec<_> = [0, 500, 1_000, 2_000, 3_000].into_iter().map(|ms| strikes.strike(at(ms))).collect();
        use RateVerdict::{Disconnect, Error, Nothing, Warning};
        assert_eq!(verdicts, [Warning, Nothing, Error, Error, Disconnect]);
        assert_eq!(strikes.strike(at(60_000)), Warning);
    }
}
