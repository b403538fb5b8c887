//! How often a service may be asked: so many in any minute, so many in any day.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Turns given in the last minute and day. A turn that is given later than now is given all the same: whoever has it waits.
#[derive(Debug)]
pub(super) struct Turns {
    windows: Vec<Window>,
}

#[derive(Debug)]
struct Window {
    length: Duration,
    most: usize,
    /// Oldest first; never more than `most`.
    given: VecDeque<Instant>,
}

impl Turns {
    pub(super) fn new(per_minute: u32, per_day: Option<u32>) -> Self {
        let window = |length, most: u32| Window { length, most: most.max(1) as usize, given: VecDeque::new() };
        let mut windows = vec![window(MINUTE, per_minute)];
        windows.extend(per_day.map(|most| window(DAY, most)));
        Self { windows }
    }

    /// Takes the next turn and answers how long to wait for it; takes none when that were longer than `patience`, and
    /// answers with the wait there would be.
    pub(super) fn take(&mut self, now: Instant, patience: Duration) -> Result<Duration, Duration> {
        let next = self.windows.iter().map(|window| window.next(now)).max().unwrap_or(now);
        let wait = next.saturating_duration_since(now);
        if wait > patience {
            return Err(wait);
        }
        for window in &mut self.windows {
            if window.given.len() == window.most {
                window.given.pop_front();
            }
            window.given.push_back(next);
        }
        Ok(wait)
    }
}

impl Window {
    fn next(&self, now: Instant) -> Instant {
        match self.given.front() {
            Some(oldest) if self.given.len() == self.most => now.max(*oldest + self.length),
            // Turns are given in order: a later one never overtakes.
            _ => self.given.back().map_or(now, |last| now.max(*last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(1_000_000);

    #[test]
    fn no_window_ever_holds_more_than_its_limit() {
        let mut turns = Turns::new(5, Some(25));
        let start = Instant::now();
        let mut given = Vec::new();
        for step in 0..80_u64 {
            let now = start + Duration::from_secs(step * 7);
            given.push(now + turns.take(now, PATIENT).unwrap());
        }
        assert!(given.is_sorted());
        for (length, most) in [(MINUTE, 5), (DAY, 25)] {
            assert!(given.windows(most + 1).all(|turns| turns[most] - turns[0] >= length));
        }
        // The first five need not wait at all.
        assert_eq!(given[4], start + Duration::from_secs(28));
    }

    #[test]
    fn whoever_has_no_patience_takes_no_turn() {
        let mut turns = Turns::new(1, None);
        let now = Instant::now();
        assert_eq!(turns.take(now, Duration::ZERO), Ok(Duration::ZERO));
        assert_eq!(turns.take(now, Duration::from_secs(10)), Err(MINUTE));
        assert_eq!(turns.take(now, PATIENT), Ok(MINUTE), "the refused one is not counted");
    }
}
