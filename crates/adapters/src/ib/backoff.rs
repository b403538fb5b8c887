//! How long to wait before trying again: longer each time, up to a limit, and at random within that.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

/// Capped exponential backoff with full jitter: the `n`-th wait is uniform in `[0, min(cap, base · 2ⁿ)]`, so that many
/// programs that lost the same gateway do not all come back at once.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    base: Duration,
    cap: Duration,
    step: u32,
}

impl Backoff {
    pub(super) fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, step: 0 }
    }

    /// The next wait; the one after it may be twice as long.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.limit().mul_f64(random());
        self.step = self.step.saturating_add(1);
        wait
    }

    /// The longest that the next wait can be.
    pub(super) fn limit(&self) -> Duration {
        self.base.saturating_mul(2_u32.saturating_pow(self.step)).min(self.cap)
    }

    /// All is well: begins again with short waits.
    pub(super) fn reset(&mut self) {
        self.step = 0;
    }
}

/// Uniform in `[0, 1)`.
pub(super) fn random() -> f64 {
    // The standard library seeds its hashers at random: enough for this. 53 bits are what a float holds.
    (RandomState::new().hash_one(()) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_begin_again() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let limits: Vec<u64> = (0..8)
            .map(|_| {
                let limit = backoff.limit();
                assert!(backoff.next() <= limit);
                limit.as_secs()
            })
            .collect();
        assert_eq!(limits, [1, 2, 4, 8, 16, 32, 60, 60]);
        (0..100).for_each(|_| assert!(backoff.next() <= Duration::from_secs(60)));
        backoff.reset();
        assert_eq!(backoff.limit(), Duration::from_secs(1));
    }

    #[test]
    fn waits_differ() {
        let waits: std::collections::BTreeSet<u64> = (0..50).map(|_| random().to_bits()).collect();
        assert!(waits.len() > 40);
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&random())));
    }
}
