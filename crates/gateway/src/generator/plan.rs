//! What a planted stock does on the session day, minute by minute.

use std::ops::Range;

/// The minute (from 04:00) that starts at a New York time of day.
pub(super) const fn at(hour: usize, minute: usize) -> usize {
    hour * 60 + minute - 240
}

/// A session day by design.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// (minute, price over previous close − 1): straight lines in log price between, flat outside.
    pub(super) moves: Vec<(usize, f64)>,
    /// Standard deviation of the log price around that path.
    pub(super) noise: f64,
    /// Volume in part of the day as a multiple of an ordinary day's; elsewhere 1.
    pub(super) pace: Vec<(Range<usize>, f64)>,
    /// Shares that trade in part of the day on top, evenly.
    pub(super) surges: Vec<(Range<usize>, f64)>,
    /// Minutes without any trade: a halt.
    pub(super) silence: Option<Range<usize>>,
    /// The only pre-market trades, each its minute, price over previous close − 1, and shares.
    pub(super) prints: Option<Vec<(usize, f64, f64)>>,
}

impl Plan {
    /// Log of price over previous close at the start of `minute`.
    pub(super) fn level(&self, minute: usize) -> f64 {
        let log = |change: f64| (1.0 + change).ln();
        let next = self.moves.partition_point(|(knot, _)| *knot <= minute);
        match (next.checked_sub(1).map(|index| self.moves[index]), self.moves.get(next).copied()) {
            (Some((from, start)), Some((until, end))) => {
                let part = (minute - from) as f64 / (until - from) as f64;
                log(start) + (log(end) - log(start)) * part
            }
            (Some((_, change)), None) | (None, Some((_, change))) => log(change),
            (None, None) => 0.0,
        }
    }

    /// Volume of `minute` as a multiple of an ordinary day's.
    pub(super) fn pace(&self, minute: usize) -> f64 {
        self.pace.iter().find(|(part, _)| part.contains(&minute)).map_or(1.0, |(_, times)| *times)
    }

    /// Shares on top in `minute`.
    pub(super) fn surge(&self, minute: usize) -> f64 {
        let share = |(part, shares): &(Range<usize>, f64)| if part.contains(&minute) { shares / part.len() as f64 } else { 0.0 };
        self.surges.iter().map(share).sum()
    }

    /// Whether `minute` lies in the halt.
    pub(super) fn silent(&self, minute: usize) -> bool {
        self.silence.as_ref().is_some_and(|silence| silence.contains(&minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_meet_the_knots_and_stay_flat_outside() {
        let plan = Plan { moves: vec![(10, 0.0), (20, 0.21)], ..Plan::default() };
        let change = |minute| plan.level(minute).exp() - 1.0;
        assert_eq!((change(0), change(10)), (0.0, 0.0));
        assert!((change(15) - 0.1).abs() < 1e-12, "half-way in log price");
        assert!((change(20) - 0.21).abs() < 1e-12 && (change(900) - 0.21).abs() < 1e-12);
        assert_eq!(Plan::default().level(3), 0.0);
    }

    #[test]
    fn surges_spread_evenly() {
        let plan = Plan { surges: vec![(0..10, 100.0), (5..6, 7.0)], ..Plan::default() };
        assert_eq!([0, 5, 10].map(|minute| plan.surge(minute)), [10.0, 17.0, 0.0]);
    }
}
