//! How long a workload will take, by letting it run: the queue and the budgets as they are, on a virtual clock.
//!
//! Answers take as long as those seen so far, streams that go on keep what they hold, and whoever waits already waits
//! before. What may go when is decided by the same code that decides it in earnest.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    answers::AnswerTimes,
    ask::{Ask, Priority, RequestKind},
    budgets::{Budgets, Pool, SECOND},
    planner::{COUNTED_WITHIN, Planner, READ_WITHIN},
    queue::{AdmissionQueue, HeldUp},
    workload::{Ending, Phase, Step, Workload},
};

/// What a workload will take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Of what.
    pub workload: String,
    /// When it was made, on the session's clock.
    pub at: Timestamp,
    /// How long all of it will take on the session's clock; `None` when it cannot be done while others hold what they do.
    pub duration: Option<SignedDuration>,
    /// Share of the symbols that will be done by the deadline, 0 to 1; without a deadline, at all.
    pub coverage: f64,
    /// Most market data lines in use at a time by this workload.
    pub lines_used: usize,
    /// Requests by kind, cancellations included.
    pub requests: BTreeMap<RequestKind, usize>,
    /// How long each part will take.
    pub phases: Vec<(String, SignedDuration)>,
    /// Time by which answers, and not what may be asked, make it longer.
    pub waiting_for_answers: SignedDuration,
    /// What it waits for longest, in words.
    pub bottleneck: String,
}

/// Things that someone may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    Pool(Pool),
    Likeness,
    Lines,
    Answers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The answer to one of the workload's requests.
    Answer { item: usize, number: u64 },
    /// The answer to a request of someone else.
    Foreign(u64),
    /// A message is supposed to have been taken.
    Taken(u64),
    /// A message without an answer is known to have been read.
    Read(u64),
}

/// One symbol in the phase under way.
struct Running {
    name: Arc<str>,
    steps: VecDeque<Step>,
    takes_line: bool,
}

struct Simulation {
    now: i64,
    speed: f64,
    priority: Priority,
    queue: AdmissionQueue,
    budgets: Budgets,
    answers: AnswerTimes,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    count: u64,
    /// Who of the workload waits for a turn; whether it is to end its stream.
    waiting: HashMap<u64, (usize, bool)>,
    /// Who waits for a line.
    for_lines: VecDeque<usize>,
    free_lines: usize,
    lines: usize,
    most_lines: usize,
    running: Vec<Running>,
    /// The endings of streams to be ended, by item.
    scans: HashMap<usize, u64>,
    done: BTreeMap<Arc<str>, i64>,
    left: usize,
    requests: BTreeMap<RequestKind, usize>,
    spent: BTreeMap<Obstacle, i64>,
}

impl Planner {
    /// What `workload` will take from now on, with `free_lines` market data lines to be had; of its symbols as many count
    /// as covered as will be done by `deadline`.
    pub(crate) fn plan(
        &self,
        workload: &Workload,
        priority: Priority,
        free_lines: usize,
        deadline: Option<Timestamp>,
    ) -> Forecast {
        let (state, began, speed) = self.present();
        let mut simulation = Simulation {
            now: began,
            speed,
            priority,
            queue: state.queue.clone(),
            budgets: state.budgets.clone(),
            answers: state.answers.clone(),
            events: BinaryHeap::new(),
            count: 0,
            waiting: HashMap::new(),
            for_lines: VecDeque::new(),
            free_lines,
            lines: 0,
            most_lines: 0,
            running: Vec::new(),
            scans: HashMap::new(),
            done: BTreeMap::new(),
            left: 0,
            requests: BTreeMap::new(),
            spent: BTreeMap::new(),
        };
        drop(state);
        simulation.expect_others();
        let symbols: BTreeMap<&str, usize> =
            workload.phases.iter().flat_map(|phase| &phase.items).fold(BTreeMap::new(), |mut symbols, item| {
                *symbols.entry(item.name.as_str()).or_default() += 1;
                symbols
            });
        let mut phases = Vec::with_capacity(workload.phases.len());
        let mut finished: BTreeMap<Arc<str>, (usize, i64)> = BTreeMap::new();
        let mut complete = true;
        for phase in &workload.phases {
            let start = simulation.now;
            complete = simulation.run(phase);
            for (name, at) in std::mem::take(&mut simulation.done) {
                let done = finished.entry(name).or_default();
                *done = (done.0 + 1, done.1.max(at));
            }
            phases.push((phase.name.clone(), SignedDuration::from_micros(simulation.now - start)));
            if !complete {
                break;
            }
        }
        let deadline = deadline.map_or(i64::MAX, |deadline| began + deadline.as_microsecond() - self.shown());
        let whole = |name: &Arc<str>, parts: usize| symbols.get(&**name).is_some_and(|wanted| parts >= *wanted);
        let covered = finished.iter().filter(|(name, (parts, at))| whole(name, *parts) && *at <= deadline).count();
        let total = simulation.now - began;
        Forecast {
            workload: workload.name.clone(),
            at: Timestamp::from_microsecond(self.shown()).unwrap_or_default(),
            duration: complete.then(|| SignedDuration::from_micros(total)),
            coverage: if symbols.is_empty() { 1.0 } else { covered as f64 / symbols.len() as f64 },
            lines_used: simulation.most_lines,
            phases,
            waiting_for_answers: simulation.waited(Obstacle::Answers),
            bottleneck: simulation.bottleneck(total, complete),
            requests: simulation.requests,
        }
    }
}

impl Simulation {
    /// What is under way already ends when such things do.
    fn expect_others(&mut self) {
        let under_way: Vec<(u64, RequestKind, bool, i64)> =
            self.budgets.under_way().map(|(number, it)| (number, it.ask.kind(), it.read, it.at)).collect();
        for (number, kind, read, since) in under_way {
            let after = |event| (event, self.read_after());
            let (event, after) = match (kind, Step::from(Ask::of(kind)).ending) {
                (RequestKind::Cancel, _) => after(Event::Read(number)),
                (kind, Ending::Answered) => (Event::Foreign(number), (self.answer_after(kind) - (self.now - since)).max(0)),
                (_, _) if !read => after(Event::Read(number)),
                // Streams go on.
                _ => continue,
            };
            self.expect(after, event);
        }
    }

    /// Runs a phase to its end; `false` when it has none.
    fn run(&mut self, phase: &Phase) -> bool {
        let mut items = phase.items.iter();
        self.left = phase.items.len();
        let mut idle: Vec<usize> = Vec::new();
        for item in items.by_ref().take(phase.at_once.max(1)) {
            idle.push(self.running.len());
            self.running.push(Running {
                name: item.name.as_str().into(),
                steps: item.steps.iter().cloned().collect(),
                takes_line: false,
            });
        }
        loop {
            // Whoever is done makes room for the next.
            while let Some(slot) = idle.pop() {
                if !self.advance(slot) {
                    self.done.insert(Arc::clone(&self.running[slot].name), self.now);
                    self.left -= 1;
                    if let Some(item) = items.next() {
                        let steps = item.steps.iter().cloned().collect();
                        self.running[slot] = Running { name: item.name.as_str().into(), steps, takes_line: false };
                        idle.push(slot);
                    }
                }
            }
            if self.left == 0 {
                self.running.clear();
                return true;
            }
            let (turns, held_up) = self.queue.admit(&mut self.budgets, self.now);
            for turn in turns {
                self.admitted(turn.ticket, turn.number, &mut idle);
            }
            if !idle.is_empty() {
                continue;
            }
            let Some(next) = self.next_instant(&held_up) else { return false };
            self.pass(next, &held_up);
            while let Some(Reverse((_, _, event))) = self.events.peek().filter(|event| event.0.0 <= self.now).cloned() {
                self.events.pop();
                self.happen(event, &mut idle);
            }
            idle.reverse();
        }
    }

    /// The next step of an item, if there is one.
    fn advance(&mut self, slot: usize) -> bool {
        let running = &mut self.running[slot];
        let Some(step) = running.steps.front() else { return false };
        if step.takes_line && !running.takes_line {
            if self.free_lines == 0 || !self.for_lines.is_empty() {
                self.for_lines.push_back(slot);
                return true;
            }
            self.take_line(slot);
        }
        self.join(slot);
        true
    }

    fn take_line(&mut self, slot: usize) {
        self.running[slot].takes_line = true;
        self.free_lines -= 1;
        self.lines += 1;
        self.most_lines = self.most_lines.max(self.lines);
    }

    fn join(&mut self, slot: usize) {
        let Some(ask) = self.running[slot].steps.front().map(|step| step.ask.clone()) else { return };
        *self.requests.entry(ask.kind()).or_default() += 1;
        let ticket = self.queue.join(ask, self.priority);
        self.waiting.insert(ticket, (slot, false));
    }

    fn admitted(&mut self, ticket: u64, number: u64, idle: &mut Vec<usize>) {
        match self.waiting.remove(&ticket) {
            // Someone else's; what it asks for does not matter here beyond its cost.
            None => self.expect(self.answer_after(RequestKind::Other), Event::Foreign(number)),
            Some((item, true)) => {
                // The end of a stream is read before whatever is sent next.
                self.budgets.written(number);
                self.expect(self.read_after(), Event::Read(number));
                if let Some(stream) = self.scans.remove(&item) {
                    self.budgets.over(stream, self.now);
                }
                self.step_done(item, true, idle);
            }
            Some((item, false)) if self.returns_at_once(item) => {
                self.budgets.written(number);
                // Its first item tells, and such streams have one every five seconds.
                self.expect(self.read_after(), Event::Taken(number));
                self.expect(self.micros(COUNTED_WITHIN.as_secs_f64()).min(5 * SECOND), Event::Read(number));
                self.step_done(item, false, idle);
            }
            Some((item, false)) => {
                let kind = self.running[item].steps.front().map_or(RequestKind::Other, |step| step.ask.kind());
                if self.answer_after(kind) > self.read_after() {
                    self.expect(self.read_after(), Event::Taken(number));
                }
                self.expect(self.answer_after(kind), Event::Answer { item, number });
            }
        }
    }

    fn returns_at_once(&self, item: usize) -> bool {
        self.running[item].steps.front().is_some_and(|step| step.ask.kind().is_answered_late())
    }

    fn happen(&mut self, event: Event, idle: &mut Vec<usize>) {
        match event {
            Event::Foreign(number) => self.budgets.over(number, self.now),
            Event::Taken(number) => self.budgets.pass(number, self.now),
            Event::Read(number) => self.budgets.read(number, self.now),
            Event::Answer { item, number } => match self.running[item].steps.front().map(|step| step.ending) {
                Some(Ending::Cancelled) => {
                    self.budgets.read(number, self.now);
                    self.scans.insert(item, number);
                    *self.requests.entry(RequestKind::Cancel).or_default() += 1;
                    let ticket = self.queue.join(Ask::of(RequestKind::Cancel), self.priority);
                    self.waiting.insert(ticket, (item, true));
                }
                Some(Ending::Stays) => {
                    self.budgets.read(number, self.now);
                    self.step_done(item, false, idle);
                }
                _ => {
                    self.budgets.over(number, self.now);
                    self.step_done(item, true, idle);
                }
            },
        }
    }

    fn step_done(&mut self, item: usize, over: bool, idle: &mut Vec<usize>) {
        let running = &mut self.running[item];
        running.steps.pop_front();
        if std::mem::take(&mut running.takes_line) && over {
            self.free_lines += 1;
            self.lines -= 1;
            if let Some(next) = self.for_lines.pop_front() {
                self.take_line(next);
                self.join(next);
            }
        }
        idle.push(item);
    }

    fn next_instant(&self, held_up: &HeldUp) -> Option<i64> {
        let event = self.events.peek().map(|event| event.0.0);
        let due = held_up.until.map(|until| until + self.micros(self.answers.lateness()));
        let next = match (event, due) {
            (Some(event), Some(due)) => event.min(due),
            (event, due) => event.or(due)?,
        };
        Some(next.max(self.now + 1))
    }

    /// Lets time pass, and notes what it was spent on.
    fn pass(&mut self, next: i64, held_up: &HeldUp) {
        let spent = next - std::mem::replace(&mut self.now, next);
        // The scarcest first: who waits for bars waits for messages as well at times.
        let pool = [Pool::SmallBars, Pool::Scanners, Pool::Open, Pool::Messages].into_iter();
        let pool = pool.map(Obstacle::Pool).find(|it| matches!(it, Obstacle::Pool(pool) if held_up.pools & pool.bit() != 0));
        let obstacle = match pool {
            Some(pool) => pool,
            None if held_up.alike => Obstacle::Likeness,
            None if !self.for_lines.is_empty() => Obstacle::Lines,
            None => Obstacle::Answers,
        };
        *self.spent.entry(obstacle).or_default() += spent;
    }

    fn expect(&mut self, after: i64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((self.now + after, self.count, event)));
    }

    fn micros(&self, seconds: f64) -> i64 {
        (seconds * self.speed * SECOND as f64) as i64
    }

    fn answer_after(&self, kind: RequestKind) -> i64 {
        self.micros(self.answers.expected(kind))
    }

    fn read_after(&self) -> i64 {
        self.micros(READ_WITHIN.as_secs_f64())
    }

    fn waited(&self, obstacle: Obstacle) -> SignedDuration {
        SignedDuration::from_micros(self.spent.get(&obstacle).copied().unwrap_or_default())
    }

    fn bottleneck(&self, total: i64, complete: bool) -> String {
        let Some((obstacle, _)) = self.spent.iter().max_by_key(|(_, spent)| **spent) else {
            return if complete { "nothing".to_owned() } else { "everything it needs is held by others".to_owned() };
        };
        let limit = |pool| self.budgets.used(pool).1;
        let what = match obstacle {
            Obstacle::Pool(Pool::Messages) => format!("{} messages a second", limit(Pool::Messages)),
            Obstacle::Pool(Pool::SmallBars) => {
                format!("{} requests for bars below a minute in ten minutes (BID_ASK counts twice)", limit(Pool::SmallBars))
            }
            Obstacle::Pool(Pool::Open) => format!("{} historical requests under way", limit(Pool::Open)),
            Obstacle::Pool(Pool::Scanners) => format!("{} scanners", limit(Pool::Scanners)),
            Obstacle::Likeness => "the pause between requests that are alike".to_owned(),
            Obstacle::Lines => format!("{} market data lines", self.free_lines + self.lines),
            Obstacle::Answers => "the answers themselves".to_owned(),
        };
        let spent = self.waited(*obstacle);
        let whole = SignedDuration::from_micros(total);
        let seconds = |duration: SignedDuration| SignedDuration::from_secs(duration.as_secs());
        match complete {
            true => format!("{what}: {:#} of {:#} are spent waiting for it", seconds(spent), seconds(whole)),
            false => format!("{what}: held by others without an end"),
        }
    }
}

#[cfg(test)]
#[path = "forecast_tests.rs"]
mod tests;
