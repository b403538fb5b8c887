//! Waiting on the session's clock, which may run fast, stand still or jump, without ever waiting for it for ever.

use std::time::{Duration, Instant};

use bellwether::market::Clock;
use jiff::{SignedDuration, Timestamp};

/// Longest and shortest time between two looks at the clock, real time.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(250));

/// Waits for `delay` on `clock`: never less real time than `floor`, so that a fast clock makes no storm, and never more
/// than `delay` itself (or `floor`), so that a clock that stands still holds nothing up.
pub(super) async fn pause(clock: &dyn Clock, delay: Duration, floor: Duration) {
    let until = after(clock.now(), delay);
    let began = Instant::now();
    let longest = delay.max(floor);
    loop {
        let spent = began.elapsed();
        let on_clock = clock.wall_until(until);
        if spent >= longest || (on_clock.is_zero() && spent >= floor) {
            return;
        }
        let wait = on_clock.max(floor.saturating_sub(spent)).min(longest - spent);
        tokio::time::sleep(wait.clamp(LOOK.0, LOOK.1)).await;
    }
}

/// The instant `delay` after `at`; the end of time when there is none.
pub(super) fn after(at: Timestamp, delay: Duration) -> Timestamp {
    SignedDuration::try_from(delay).ok().and_then(|delay| at.checked_add(delay).ok()).unwrap_or(Timestamp::MAX)
}

/// How long ago `past` was at `now`; zero when it was not.
pub(super) fn since(now: Timestamp, past: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(past)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the same instant for ever.
    #[derive(Debug)]
    struct Standing;

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
        fn wall_until(&self, _: Timestamp) -> Duration {
            Duration::from_millis(20)
        }
    }

    /// Is always past whatever is waited for.
    #[derive(Debug)]
    struct Racing;

    impl Clock for Racing {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
        fn wall_until(&self, _: Timestamp) -> Duration {
            Duration::ZERO
        }
    }

    #[tokio::test]
    async fn a_clock_that_stands_still_ends_no_wait_early_and_holds_none_up() {
        let began = Instant::now();
        pause(&Standing, Duration::from_millis(50), Duration::ZERO).await;
        assert!(began.elapsed() >= Duration::from_millis(50));
    }

    #[tokio::test]
    async fn a_clock_that_races_leaves_the_floor() {
        let began = Instant::now();
        pause(&Racing, Duration::from_secs(3_600), Duration::from_millis(30)).await;
        assert!(began.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn spans_of_time_saturate() {
        assert_eq!(after(Timestamp::MAX, Duration::from_secs(1)), Timestamp::MAX);
        assert_eq!(since(Timestamp::UNIX_EPOCH, Timestamp::MAX), Duration::ZERO);
    }
}
