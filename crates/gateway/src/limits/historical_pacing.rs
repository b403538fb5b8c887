//! Pacing of historical requests, all clients together.
//!
//! The real gateway has a hard limit of sixty small requests (bars below one minute, historical ticks, openings of
//! five-second bars) in ten minutes. Bars of a minute and longer are not counted there: it says that it slows them down
//! when there are many, and not how. Here they are subject to the two rules against repetition, which cost a sensible
//! client nothing and show one that repeats itself.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::config::Repetition;

const SECOND: i64 = 1_000_000;
const TEN_MINUTES: i64 = 600 * SECOND;
const IDENTICAL_WITHIN: i64 = 15 * SECOND;
const BURST_WITHIN: i64 = 2 * SECOND;
const BURST: usize = 6;

/// What makes requests alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PacedRequest {
    /// Contract, exchange and kind of data.
    pub(crate) subject: String,
    /// Everything but the request id.
    pub(crate) identity: String,
    /// 2 for small requests of bid and ask together, 1 for other small ones, 0 for bars of a minute and longer.
    pub(crate) weight: usize,
}

/// The requests of the last ten minutes, all clients together.
#[derive(Debug)]
pub(crate) struct HistoricalPacing {
    limit: usize,
    /// Where the rules against it hold.
    repetition: Repetition,
    /// What counts towards the limit, when, and how much of that there is.
    counted: VecDeque<(i64, usize)>,
    weight: usize,
    /// Requests that could be repeated too soon.
    recent: VecDeque<(i64, PacedRequest)>,
}

impl HistoricalPacing {
    pub(crate) fn new(limit: usize, repetition: Repetition) -> Self {
        Self { limit, repetition, counted: VecDeque::new(), weight: 0, recent: VecDeque::new() }
    }

    /// Counts a request; `false` when it violates pacing and must not be answered. A refused request is not counted.
    pub(crate) fn admit(&mut self, request: PacedRequest, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        if !self.has_room(request.weight, now) {
            return false;
        }
        let watched = match self.repetition {
            Repetition::Allowed => false,
            Repetition::AllowedForLongBars => request.weight > 0,
            Repetition::Refused => true,
        };
        let weight = request.weight;
        if watched {
            while self.recent.front().is_some_and(|(at, _)| now - at >= IDENTICAL_WITHIN) {
                self.recent.pop_front();
            }
            let identical = self.recent.iter().any(|(_, past)| past.identity == request.identity);
            let latest = self.recent.iter().rev().take_while(|(at, _)| now - at < BURST_WITHIN);
            let alike = latest.filter(|(_, past)| past.subject == request.subject).count();
            if identical || alike + 1 >= BURST {
                return false;
            }
            self.recent.push_back((now, request));
        }
        self.count(weight, now);
        true
    }

    /// Counts an opening of five-second bars, which may be like any other; `false` when it is one too many.
    pub(crate) fn admit_opening(&mut self, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        let room = self.has_room(1, now);
        if room {
            self.count(1, now);
        }
        room
    }

    fn has_room(&mut self, weight: usize, now: i64) -> bool {
        while let Some((_, past)) = self.counted.pop_front_if(|(at, _)| now - *at >= TEN_MINUTES) {
            self.weight -= past;
        }
        weight == 0 || self.weight + weight <= self.limit
    }

    fn count(&mut self, weight: usize, now: i64) {
        if weight > 0 {
            self.weight += weight;
            self.counted.push_back((now, weight));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn request(subject: &str, identity: i64, weight: usize) -> PacedRequest {
        PacedRequest { subject: subject.to_owned(), identity: format!("{subject} {identity}"), weight }
    }

    #[test]
    fn sixty_in_ten_minutes() {
        let mut pacing = HistoricalPacing::new(60, Repetition::Refused);
        assert!((0..60).all(|i| pacing.admit(request("A", i, 1), at(i * 5))));
        assert!(!pacing.admit(request("A", 60, 1), at(300)));
        assert!(pacing.admit(request("A", 61, 1), at(600)));
    }

    #[test]
    fn bid_and_ask_count_twice() {
        let mut pacing = HistoricalPacing::new(60, Repetition::Refused);
        assert!((0..30).all(|i| pacing.admit(request("A", i, 2), at(i * 5))));
        assert!(!pacing.admit(request("A", 31, 1), at(200)));
    }

    #[test]
    fn identical_requests_wait_fifteen_seconds() {
        let mut pacing = HistoricalPacing::new(60, Repetition::Refused);
        assert!(pacing.admit(request("A", 1, 1), at(0)));
        assert!(!pacing.admit(request("A", 1, 1), at(14)));
        assert!(pacing.admit(request("A", 1, 1), at(15)));
    }

    #[test]
    fn a_burst_on_one_contract_ends_at_the_sixth() {
        let mut pacing = HistoricalPacing::new(60, Repetition::Refused);
        assert!((0..5).all(|i| pacing.admit(request("A", i, 1), at(0))));
        assert!(!pacing.admit(request("A", 5, 1), at(1)));
        assert!(pacing.admit(request("B", 5, 1), at(1)));
        assert!(pacing.admit(request("A", 5, 1), at(2)));
    }

    #[test]
    fn openings_count_and_long_bars_do_not_but_may_not_be_repeated() {
        let mut pacing = HistoricalPacing::new(60, Repetition::Refused);
        assert!((0..30).all(|i| pacing.admit_opening(at(i)) && pacing.admit(request("A", i, 1), at(i))));
        assert!(!pacing.admit_opening(at(60)));
        assert!((100..200).all(|i| pacing.admit(request("B", i, 0), at(i))));
        assert!(!pacing.admit(request("B", 199, 0), at(213)));
        assert!(pacing.admit(request("B", 199, 0), at(214)));
        assert!(pacing.admit_opening(at(600)));
    }

    #[test]
    fn long_bars_may_be_let_off() {
        let mut pacing = HistoricalPacing::new(60, Repetition::AllowedForLongBars);
        assert!((0..10).all(|_| pacing.admit(request("A", 1, 0), at(0))));
        assert!((0..5).all(|i| pacing.admit(request("A", i, 1), at(0))));
        assert!(!pacing.admit(request("A", 9, 1), at(0)));
        let mut pacing = HistoricalPacing::new(60, Repetition::Allowed);
        assert!((0..10).all(|_| pacing.admit(request("A", 1, 1), at(0))));
    }
}
