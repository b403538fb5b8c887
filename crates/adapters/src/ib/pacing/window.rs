//! So much in any stretch of time of a given length, seen from this end of the wire.
//!
//! The gateway counts a message when it reads it, which is somewhere between its hand-over and its answer. So a message
//! counts here from the hand-over until one `length` after it is known to have been read: whatever the gateway's view, it
//! is never fuller than this one.

use std::collections::VecDeque;

/// Weight in any `length` of time. Instants are microseconds of one clock and never go back.
#[derive(Debug, Clone)]
pub(super) struct SlidingWindow {
    length: i64,
    capacity: u32,
    in_flight: u32,
    leaving_weight: u32,
    /// When weight stops counting, oldest first.
    leaving: VecDeque<(i64, u32)>,
}

impl SlidingWindow {
    pub(super) fn new(capacity: u32, length: i64) -> Self {
        Self { length, capacity, in_flight: 0, leaving_weight: 0, leaving: VecDeque::new() }
    }

    /// Forgets what no longer counts.
    pub(super) fn expire(&mut self, now: i64) {
        while let Some((_, weight)) = self.leaving.front().copied().filter(|(until, _)| *until <= now) {
            self.leaving_weight -= weight;
            self.leaving.pop_front();
        }
    }

    /// What counts at present.
    pub(super) fn used(&self) -> u32 {
        self.in_flight + self.leaving_weight
    }

    /// When there is room for `weight` if nothing else is read meanwhile; `None` when what is in flight is in the way.
    pub(super) fn room_at(&self, weight: u32, now: i64) -> Option<i64> {
        let mut used = self.used();
        // What is heavier than the whole window goes alone.
        let fits = |used: u32| used + weight <= self.capacity || used == 0;
        if fits(used) {
            return Some(now);
        }
        for (until, leaving) in &self.leaving {
            used -= leaving;
            if fits(used) {
                return Some(*until);
            }
        }
        None
    }

    /// Something is handed over.
    pub(super) fn take(&mut self, weight: u32) {
        self.in_flight += weight;
    }

    /// Something handed over has been read.
    pub(super) fn read(&mut self, weight: u32, now: i64) {
        self.in_flight -= weight;
        self.leaving_weight += weight;
        self.leaving.push_back((now + self.length, weight));
    }

    /// Something taken was never handed over, or is certain not to come.
    pub(super) fn put_back(&mut self, weight: u32) {
        self.in_flight -= weight;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used() == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl SlidingWindow {
        fn has_room(&self, weight: u32) -> bool {
            self.room_at(weight, i64::MIN) == Some(i64::MIN)
        }
    }

    #[test]
    fn in_flight_counts_and_what_was_read_counts_one_length_more() {
        let mut window = SlidingWindow::new(2, 10);
        window.take(1);
        window.take(1);
        assert_eq!(window.room_at(1, 0), None);
        window.read(1, 5);
        assert_eq!((window.has_room(1), window.room_at(1, 5)), (false, Some(15)));
        window.expire(14);
        assert!(!window.has_room(1));
        window.expire(15);
        assert!(window.has_room(1) && !window.has_room(2));
        assert_eq!(window.room_at(1, 15), Some(15));
    }

    #[test]
    fn what_is_heavier_than_the_window_goes_alone() {
        let mut window = SlidingWindow::new(1, 10);
        assert!(window.has_room(2));
        window.take(2);
        assert!(!window.has_room(1));
        window.read(2, 0);
        assert_eq!(window.room_at(2, 0), Some(10));
    }

    proptest! {
        /// However long each message travels, the reader never sees more than the capacity in any stretch.
        #[test]
        fn the_reader_never_sees_more(
            steps in prop::collection::vec((0i64..30, 0i64..40, 0.0f64..=1.0), 1..200),
            capacity in 1u32..6,
        ) {
            const LENGTH: i64 = 20;
            let mut window = SlidingWindow::new(capacity, LENGTH);
            let (mut now, mut flying, mut seen) = (0, Vec::<i64>::new(), Vec::new());
            for (pause, travel, part) in steps {
                let until = now + pause;
                flying.sort_unstable();
                while let Some(known) = flying.first().copied().filter(|known| *known <= until) {
                    flying.remove(0);
                    window.read(1, known);
                }
                now = until;
                window.expire(now);
                if window.has_room(1) {
                    window.take(1);
                    // Read at some instant between hand-over and the answer.
                    seen.push(now + (travel as f64 * part) as i64);
                    flying.push(now + travel);
                }
            }
            seen.sort_unstable();
            for (index, last) in seen.iter().enumerate() {
                let within = seen[..=index].iter().filter(|at| last - **at < LENGTH).count();
                prop_assert!(within <= capacity as usize);
            }
        }
    }
}
