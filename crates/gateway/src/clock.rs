//! Simulated time: runs at a chosen rate, jumps forward on demand, and waits at an instant until it is released.
//!
//! ```text
//! now = min(anchor + rate · (wall − wall at anchor), hold)
//! ```
//! The clock is monotone: every change of rate or hold first fixes the present instant as the new anchor, so simulated
//! time that has been shown is never taken back, and time spent waiting at a hold is not made up for afterwards.
//! This is the only file of the crate that reads the machine's clock for market time.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bellwether::market::Clock;
use jiff::{SignedDuration, Timestamp};

/// How often a caller should look again when the clock stands still before the instant it waits for.
const POLL: Duration = Duration::from_millis(20);

/// A clock for a simulated market, shared by everything that runs in it.
pub struct SimClock {
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// Simulated instant at `wall`, whole microseconds.
    anchor: Timestamp,
    wall: Instant,
    rate: f64,
    hold: Option<Timestamp>,
}

impl State {
    fn at(&self, wall: Instant) -> Timestamp {
        let elapsed = wall.saturating_duration_since(self.wall).as_secs_f64() * self.rate * 1e6;
        // The cast saturates; so does the sum, at the end of the calendar.
        let shown = self.anchor.saturating_add(SignedDuration::from_micros(elapsed as i64)).unwrap_or(Timestamp::MAX);
        // A hold in the past stops the clock where it is: it does not turn it back.
        self.hold.map_or(shown, |hold| shown.min(hold.max(self.anchor)))
    }

    fn settle(&mut self) -> Timestamp {
        let wall = Instant::now();
        self.anchor = self.at(wall);
        self.wall = wall;
        self.anchor
    }
}

impl SimClock {
    /// A clock that shows `start` now and runs `rate` simulated seconds per real second.
    ///
    /// A rate that is negative or not finite counts as 0: the clock stands still and moves only by [`SimClock::advance_to`].
    pub fn new(start: Timestamp, rate: f64) -> Arc<Self> {
        let state = State { anchor: whole_micros(start), wall: Instant::now(), rate: usable(rate), hold: None };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// The present simulated instant, in whole microseconds.
    pub fn now(&self) -> Timestamp {
        self.lock().at(Instant::now())
    }

    /// Simulated seconds per real second.
    pub fn rate(&self) -> f64 {
        self.lock().rate
    }

    /// Where the clock waits, if it is told to.
    pub fn hold(&self) -> Option<Timestamp> {
        self.lock().hold
    }

    /// Changes the speed from this instant on; see [`SimClock::new`] for rates that are not speeds.
    pub fn set_rate(&self, rate: f64) {
        let mut state = self.lock();
        state.settle();
        state.rate = usable(rate);
    }

    /// Jumps forward to `instant`, or to the hold when that comes first. An instant in the past changes nothing.
    pub fn advance_to(&self, instant: Timestamp) {
        let mut state = self.lock();
        let now = state.settle();
        let target = whole_micros(instant);
        let target = state.hold.map_or(target, |hold| target.min(hold));
        state.anchor = now.max(target);
    }

    /// Keeps the clock from passing `instant` until it is released with `None` (or moved with another instant).
    ///
    /// With an instant in the past the clock stops where it is.
    pub fn hold_at(&self, instant: Option<Timestamp>) {
        let mut state = self.lock();
        state.settle();
        state.hold = instant.map(whole_micros);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under the lock can panic half-way through a change: a poisoned state is still a good one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        SimClock::now(self)
    }

    fn wall_until(&self, instant: Timestamp) -> Duration {
        let now = SimClock::now(self);
        let state = *self.lock();
        if instant <= now {
            return Duration::ZERO;
        }
        if state.rate == 0.0 || state.hold.is_some_and(|hold| hold < instant) {
            return POLL;
        }
        // One microsecond and one nanosecond more, so that rounding never wakes the caller just before the instant.
        let simulated = instant.duration_since(now).as_secs_f64() + 1e-6;
        Duration::try_from_secs_f64(simulated / state.rate)
            .map_or(Duration::MAX, |wait| wait.saturating_add(Duration::from_nanos(1)))
    }
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = *self.lock();
        f.debug_struct("SimClock")
            .field("now", &state.at(Instant::now()))
            .field("rate", &state.rate)
            .field("hold", &state.hold)
            .finish()
    }
}

fn usable(rate: f64) -> f64 {
    if rate.is_finite() && rate > 0.0 { rate } else { 0.0 }
}

fn whole_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
