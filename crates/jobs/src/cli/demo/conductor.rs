//! The demo's clock: fast while nothing happens, slow while a job is at work, and never past a due time that has not begun.
//!
//! So the morning takes half a minute, yet every scan sees the market exactly as of its due time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bellwether_gateway::SimClock;
use jiff::Timestamp;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    context::Context,
    schedule::{RunEvent, due_between},
};

/// Speed while history is fetched: the broker's pacing counts by this clock.
pub(super) const SETTING_UP: f64 = 60.0;
/// Real time that the quiet hours before the first due time take, and all quiet stretches after it together.
const BEFORE: Duration = Duration::from_secs(5);
const AFTER: Duration = Duration::from_secs(17);
/// Speed while a job is at work: the broker's pacing counts by this clock, so it must not stand still.
const AT_WORK: f64 = 15.0;

/// See the module.
#[derive(Debug)]
pub(super) struct Conductor {
    clock: Arc<SimClock>,
    events: broadcast::Receiver<RunEvent>,
    /// How many jobs are due at each instant.
    due: BTreeMap<Timestamp, usize>,
    speed: f64,
}

impl Conductor {
    /// Conducts all due times of the schedule up to `until`.
    pub(super) fn new(clock: Arc<SimClock>, context: &Context, until: Timestamp) -> Self {
        let now = clock.now();
        let mut due = BTreeMap::new();
        for job in &context.config.jobs {
            for at in due_between(job, now, until) {
                *due.entry(at).or_insert(0) += 1;
            }
        }
        let first = due.keys().next().copied().unwrap_or(until);
        let speed_of = |from: Timestamp, until: Timestamp, real: Duration| {
            (until.duration_since(from).as_secs_f64() / real.as_secs_f64()).max(1.0)
        };
        clock.hold_at(Some(first));
        clock.set_rate(speed_of(now, first, BEFORE));
        let speed = speed_of(first, until, AFTER);
        Self { clock, events: context.events.subscribe(), due, speed }
    }

    /// Conducts until cancelled.
    pub(super) async fn run(mut self) {
        let mut at_work = 0_usize;
        loop {
            match self.events.recv().await {
                Ok(RunEvent::Started { due_at, .. }) => {
                    at_work += 1;
                    self.begun(due_at);
                    self.clock.set_rate(AT_WORK);
                    self.clock.hold_at(self.due.keys().next().copied());
                }
                Ok(RunEvent::Ended { due_at, .. }) => {
                    // A due time that was recorded without being run ends without having started.
                    self.begun(due_at);
                    at_work = at_work.saturating_sub(1);
                    if at_work == 0 {
                        self.clock.hold_at(self.due.keys().next().copied());
                        self.clock.set_rate(self.speed);
                    }
                }
                Ok(RunEvent::Alert { .. } | RunEvent::End) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn begun(&mut self, due_at: Timestamp) {
        if let Some(waiting) = self.due.get_mut(&due_at) {
            *waiting -= 1;
            if *waiting == 0 {
                self.due.remove(&due_at);
            }
        }
    }
}
