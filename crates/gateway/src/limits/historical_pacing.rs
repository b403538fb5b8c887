//! Pacing of historical requests for bars below one minute. Longer bars are only counted, as in the real gateway.

use std::collections::VecDeque;

use jiff::Timestamp;

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
    /// 2 for bid and ask together, else 1.
    pub(crate) weight: usize,
}

/// The requests of the last ten minutes, all clients together.
#[derive(Debug)]
pub(crate) struct HistoricalPacing {
    limit: usize,
    recent: VecDeque<(i64, PacedRequest)>,
}

impl HistoricalPacing {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, recent: VecDeque::new() }
    }

    /// Counts a request; `false` when it violates pacing and must not be answered. A refused request is not counted.
    pub(crate) fn admit(&mut self, request: PacedRequest, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        while self.recent.front().is_some_and(|(at, _)| now - at >= TEN_MINUTES) {
            self.recent.pop_front();
        }
        let weight: usize = self.recent.iter().map(|(_, past)| past.weight).sum();
        let within = |length: i64| self.recent.iter().filter(move |(at, _)| now - at < length).map(|(_, past)| past);
        let identical = within(IDENTICAL_WITHIN).any(|past| past.identity == request.identity);
        let alike = within(BURST_WITHIN).filter(|past| past.subject == request.subject).count();
        if weight + request.weight > self.limit || identical || alike + 1 >= BURST {
            return false;
        }
        self.recent.push_back((now, request));
        true
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
        let mut pacing = HistoricalPacing::new(60);
        assert!((0..60).all(|i| pacing.admit(request("A", i, 1), at(i * 5))));
        assert!(!pacing.admit(request("A", 60, 1), at(300)));
        assert!(pacing.admit(request("A", 61, 1), at(600)));
    }

    #[test]
    fn bid_and_ask_count_twice() {
        let mut pacing = HistoricalPacing::new(60);
        assert!((0..30).all(|i| pacing.admit(request("A", i, 2), at(i * 5))));
        assert!(!pacing.admit(request("A", 31, 1), at(200)));
    }

    #[test]
    fn identical_requests_wait_fifteen_seconds() {
        let mut pacing = HistoricalPacing::new(60);
        assert!(pacing.admit(request("A", 1, 1), at(0)));
        assert!(!pacing.admit(request("A", 1, 1), at(14)));
        assert!(pacing.admit(request("A", 1, 1), at(15)));
    }

    #[test]
    fn a_burst_on_one_contract_ends_at_the_sixth() {
        let mut pacing = HistoricalPacing::new(60);
        assert!((0..5).all(|i| pacing.admit(request("A", i, 1), at(0))));
        assert!(!pacing.admit(request("A", 5, 1), at(1)));
        assert!(pacing.admit(request("B", 5, 1), at(1)));
        assert!(pacing.admit(request("A", 5, 1), at(2)));
    }
}
