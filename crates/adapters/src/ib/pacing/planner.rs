//! The door that every request goes through: it opens when the budgets allow, in the order of the queue.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use bellwether::market::Clock;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::timeout,
};

use super::{
    answers::AnswerTimes,
    ask::{Ask, Priority, RequestKind},
    budgets::{Budgets, PacingLimits, Pool, SECOND},
    permit::Permit,
    queue::AdmissionQueue,
};
use crate::error::{AdapterError, Result};

/// A gateway has taken a message that was handed over within this time, real time, whatever it is doing.
pub(super) const READ_WITHIN: Duration = Duration::from_secs(1);
/// And has counted what was asked within this time, real time, when nothing tells that sooner.
pub(super) const COUNTED_WITHIN: Duration = Duration::from_secs(10);
/// Bytes are on their way no longer than this, real time.
const FLIGHT: Duration = Duration::from_millis(20);
/// Longest and shortest time between two looks at the clock while someone waits, real time.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// Paces all requests of one session.
#[derive(Debug)]
pub(crate) struct Planner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Something changed that the next look at the clock depends on.
    changed: Arc<Notify>,
    runtime: Handle,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) budgets: Budgets,
    pub(super) queue: AdmissionQueue,
    pub(super) answers: AnswerTimes,
    waiting: HashMap<u64, oneshot::Sender<u64>>,
    /// Handed over, and when each has been taken at the latest.
    unread: VecDeque<(Instant, u64)>,
    /// Taken, and when each has been counted at the latest.
    uncounted: VecDeque<(Instant, u64)>,
    /// When time alone lets someone go.
    due: Option<i64>,
    clock: Monotone,
    usage: Counts,
}

/// The session's clock in microseconds, which never go back: a corrected clock must not freeze what is counted by it.
#[derive(Debug, Default)]
struct Monotone {
    last: i64,
    behind: i64,
}

impl Monotone {
    fn now(&mut self, clock: &dyn Clock) -> i64 {
        let shown = clock.now().as_microsecond();
        self.behind = self.behind.max(self.last - shown);
        self.last = shown + self.behind;
        self.last
    }
}

#[derive(Debug, Default, Clone)]
struct Counts {
    admitted: BTreeMap<RequestKind, u64>,
    complaints: u64,
    gave_up: u64,
    longest_wait: Duration,
}

/// How the budgets are used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PacingUsage {
    /// Messages that count in the present second, and how many may.
    pub messages: (u32, u32),
    /// Requests for bars below a minute that count in the present ten minutes, and how many may.
    pub small_bars: (u32, u32),
    /// Historical requests under way, and how many may be.
    pub open_historical: (u32, u32),
    /// Scanners subscribed, and how many may be.
    pub scanners: (u32, u32),
    /// Requests sent whose answer is awaited.
    pub unanswered: usize,
    /// When, from now on the session's clock, time alone gives someone a turn.
    pub next_turn_in: Option<SignedDuration>,
    /// Requests that wait for their turn, by priority.
    pub waiting: BTreeMap<Priority, usize>,
    /// Requests sent so far, by kind.
    pub sent: BTreeMap<RequestKind, u64>,
    /// How often the gateway said all the same that too much was asked.
    pub complaints: u64,
    /// Requests whose turn did not come in time.
    pub gave_up: u64,
    /// Longest time that a request waited for its turn, real time.
    pub longest_wait: Duration,
}

impl Planner {
    /// A planner within its limits; call within a runtime.
    pub(crate) fn new(limits: PacingLimits, clock: Arc<dyn Clock>) -> Arc<Self> {
        let state = State {
            budgets: Budgets::new(limits),
            queue: AdmissionQueue::default(),
            answers: AnswerTimes::default(),
            waiting: HashMap::new(),
            unread: VecDeque::new(),
            uncounted: VecDeque::new(),
            due: None,
            clock: Monotone { last: clock.now().as_microsecond(), behind: 0 },
            usage: Counts::default(),
        };
        let changed = Arc::new(Notify::new());
        let planner = Self { clock, state: Mutex::new(state), changed: Arc::clone(&changed), runtime: Handle::current() };
        let planner = Arc::new(planner);
        planner.runtime.spawn(watch_the_clock(Arc::downgrade(&planner), changed));
        planner
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `ask` may be sent; `what` names it in an error.
    ///
    /// # Errors
    /// [`AdapterError::Timeout`] when its turn does not come within `patience`, real time.
    pub(crate) async fn admit(self: &Arc<Self>, what: &str, ask: &Ask, priority: Priority, patience: Duration) -> Result<Permit> {
        let began = Instant::now();
        let (sender, receiver) = oneshot::channel();
        let mut place = {
            let mut state = self.state();
            let ticket = state.queue.join(ask.clone(), priority);
            state.waiting.insert(ticket, sender);
            Place { planner: self, ticket, receiver }
        };
        self.pump();
        let Ok(Ok(number)) = timeout(patience, &mut place.receiver).await else {
            self.state().usage.gave_up += 1;
            return Err(AdapterError::Timeout { what: format!("{what} (waiting for a turn to send)"), after: patience });
        };
        let mut state = self.state();
        state.usage.longest_wait = state.usage.longest_wait.max(began.elapsed());
        *state.usage.admitted.entry(ask.kind()).or_default() += 1;
        // It is handed over from now on: until here it cannot have been read.
        state.handed_over(number);
        drop(state);
        self.changed.notify_one();
        Ok(Permit::new(self, number, ask.kind()))
    }

    /// Lets go whoever may; whenever anything changed.
    fn pump(&self) {
        let mut state = self.state();
        state.pump(&*self.clock);
        let watch = state.due.is_some() || !state.unread.is_empty() || !state.uncounted.is_empty();
        drop(state);
        if watch {
            self.changed.notify_one();
        }
    }

    /// Makes a change of the present instant, and lets go whoever may after it.
    pub(super) fn change(&self, change: impl FnOnce(&mut State, i64)) {
        let mut state = self.state();
        let now = state.clock.now(&*self.clock);
        state.budgets.advance(now);
        change(&mut state, now);
        drop(state);
        self.pump();
    }

    /// What was written just before a connection ended may be read so much later, microseconds.
    pub(super) fn flight(&self) -> i64 {
        SECOND + (FLIGHT.as_secs_f64() * speed(&*self.clock) * SECOND as f64) as i64
    }

    /// How the budgets are used.
    pub(crate) fn usage(&self) -> PacingUsage {
        let mut state = self.state();
        let now = state.clock.now(&*self.clock);
        state.budgets.advance(now);
        let State { budgets, queue, usage, due, .. } = &*state;
        let is_awaited = |kind: RequestKind, read: bool| kind != RequestKind::Cancel && (!read || kind.is_answered_once());
        let waiting = Priority::ALL.into_iter().map(|priority| (priority, queue.len_of(priority)));
        PacingUsage {
            messages: budgets.used(Pool::Messages),
            small_bars: budgets.used(Pool::SmallBars),
            open_historical: budgets.used(Pool::Open),
            scanners: budgets.used(Pool::Scanners),
            unanswered: budgets.under_way().filter(|(_, it)| is_awaited(it.ask.kind(), it.read)).count(),
            next_turn_in: due.map(|due| SignedDuration::from_micros((due - now).max(0))),
            waiting: waiting.filter(|(_, count)| *count > 0).collect(),
            sent: usage.admitted.clone(),
            complaints: usage.complaints,
            gave_up: usage.gave_up,
            longest_wait: usage.longest_wait,
        }
    }

    /// The session's clock as it shows, microseconds.
    pub(super) fn shown(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    /// The instant by which everything is counted, brought up to date; and how much faster than real time it passes.
    pub(super) fn present(&self) -> (MutexGuard<'_, State>, i64, f64) {
        let mut state = self.state();
        let now = state.clock.now(&*self.clock);
        state.budgets.advance(now);
        let speed = speed(&*self.clock);
        (state, now, speed)
    }
}

/// Seconds of the clock in one of real time.
fn speed(clock: &dyn Clock) -> f64 {
    const STRETCH: i64 = 60;
    let until = clock.now().saturating_add(SignedDuration::from_secs(STRETCH)).unwrap_or(Timestamp::MAX);
    STRETCH as f64 / clock.wall_until(until).as_secs_f64().max(1e-6)
}

impl State {
    /// A request was handed over, or something that ends one was.
    pub(super) fn handed_over(&mut self, number: u64) {
        self.unread.push_back((Instant::now() + READ_WITHIN, number));
    }

    /// The gateway said that too much was asked of `pool`: nothing is for a while. How long, microseconds.
    pub(super) fn heed(&mut self, pool: Pool, now: i64) -> i64 {
        self.usage.complaints += 1;
        self.budgets.penalise(pool, now)
    }

    fn pump(&mut self, clock: &dyn Clock) {
        let now = self.clock.now(clock);
        self.budgets.advance(now);
        let wall = Instant::now();
        while let Some((_, number)) = self.unread.front().copied().filter(|(by, _)| *by <= wall) {
            self.unread.pop_front();
            if self.budgets.is_message_alone(number) {
                self.budgets.read(number, now);
                continue;
            }
            self.budgets.pass(number, now);
            self.uncounted.push_back((wall + (COUNTED_WITHIN - READ_WITHIN), number));
        }
        while let Some((_, number)) = self.uncounted.front().copied().filter(|(by, _)| *by <= wall) {
            self.uncounted.pop_front();
            self.budgets.read(number, now);
        }
        loop {
            let (turns, held_up) = self.queue.admit(&mut self.budgets, now);
            if let Some(due) = self.due.filter(|due| *due <= now && !turns.is_empty()) {
                self.answers.late(Duration::from_secs_f64((now - due) as f64 / SECOND as f64 / speed(clock)));
            }
            self.due = held_up.until;
            let mut all_taken = true;
            for turn in turns {
                let taken = self.waiting.remove(&turn.ticket).is_some_and(|waiting| waiting.send(turn.number).is_ok());
                if !taken {
                    self.budgets.withdraw(turn.number);
                    all_taken = false;
                }
            }
            if all_taken {
                return;
            }
        }
    }

    /// How long until something happens by itself.
    fn next_look(&mut self, clock: &dyn Clock) -> Option<Duration> {
        // What was read already, as its answer showed, is not waited for.
        while self.unread.front().is_some_and(|(_, number)| self.budgets.is_read(*number)) {
            self.unread.pop_front();
        }
        while self.uncounted.front().is_some_and(|(_, number)| self.budgets.is_read(*number)) {
            self.uncounted.pop_front();
        }
        let behind = self.clock.behind;
        let due = self.due.map(|due| {
            let due = Timestamp::from_microsecond(due - behind).unwrap_or(Timestamp::MAX);
            clock.wall_until(due).clamp(LOOK.0, LOOK.1)
        });
        let next = [&self.unread, &self.uncounted].into_iter().filter_map(|queue| queue.front()).map(|(by, _)| *by).min();
        let read = next.map(|by| by.saturating_duration_since(Instant::now()).max(LOOK.0));
        match (due, read) {
            (Some(due), Some(read)) => Some(due.min(read)),
            (due, read) => due.or(read),
        }
    }
}

/// Lets go those who wait for time to pass, as long as there is a planner.
async fn watch_the_clock(planner: Weak<Planner>, changed: Arc<Notify>) {
    loop {
        let look = {
            let Some(planner) = planner.upgrade() else { return };
            let mut state = planner.state();
            state.pump(&*planner.clock);
            state.next_look(&*planner.clock)
        };
        match look {
            // Whatever makes waiting worth while, and the planner's end, tells.
            None => changed.notified().await,
            Some(look) => {
                let _ = timeout(look, changed.notified()).await;
            }
        }
    }
}

impl Drop for Planner {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}

/// A place in the queue; left when nobody waits at it any more.
struct Place<'a> {
    planner: &'a Arc<Planner>,
    ticket: u64,
    receiver: oneshot::Receiver<u64>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.planner.state();
        if state.waiting.remove(&self.ticket).is_some() {
            state.queue.leave(self.ticket);
        } else if let Ok(number) = self.receiver.try_recv() {
            // A turn that came too late was not used.
            state.budgets.withdraw(number);
        } else {
            return;
        }
        drop(state);
        self.planner.pump();
    }
}

#[cfg(test)]
#[path = "planner_tests.rs"]
pub(super) mod tests;
