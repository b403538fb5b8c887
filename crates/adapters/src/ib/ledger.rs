//! The account of one subscription's bars: every bar that was to come is received, fetched afterwards, lost with a reason,
//! or still being fetched.
//!
//! A bar is *to come* when the regular session has one in its place, and outside it when the subscription was
//! interrupted: what IB sends there without an interruption is all that there is.

use std::collections::{BTreeSet, VecDeque};

use super::hours::{MarketHours, Window};

/// See the module. Times are microseconds; a bar is named by its start.
#[derive(Debug)]
pub(super) struct BarLedger {
    step: i64,
    /// Bars before this are not the subscription's.
    start: i64,
    /// Bars before this are accounted for.
    next: i64,
    last_received: Option<i64>,
    /// What comes next may not be what follows.
    interrupted: bool,
    /// Missed bars that are not settled, in order, none overlapping.
    open: VecDeque<Window>,
    pub(super) received: u64,
    pub(super) backfilled: u64,
    pub(super) lost: u64,
}

/// What a bar that came live is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// The next, or one after a gap.
    New,
    /// One that had been missed.
    Late,
    /// One that is accounted for already, or from before the subscription.
    Duplicate,
}

/// A run of bars with the same fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) window: Window,
    pub(super) bars: u64,
    pub(super) fetched: bool,
}

impl BarLedger {
    /// An account of bars of `step` microseconds that start at `now` or later.
    pub(super) fn new(step: i64, now: i64) -> Self {
        let start = now.div_euclid(step) * step + if now.rem_euclid(step) == 0 { 0 } else { step };
        Self {
            step,
            start,
            next: start,
            last_received: None,
            interrupted: false,
            open: VecDeque::new(),
            received: 0,
            backfilled: 0,
            lost: 0,
        }
    }

    /// A bar came live.
    pub(super) fn receive(&mut self, bar: i64, hours: &MarketHours) -> Arrival {
        if bar < self.start || bar.rem_euclid(self.step) != 0 {
            return Arrival::Duplicate;
        }
        if bar < self.next {
            let missed = self.open.iter().any(|(from, until)| (*from..*until).contains(&bar));
            if missed {
                self.close(bar, bar + self.step);
            } else if self.last_received.is_some_and(|last| bar <= last) {
                return Arrival::Duplicate;
            }
            self.received += 1;
            self.last_received = self.last_received.max(Some(bar));
            return if missed { Arrival::Late } else { Arrival::New };
        }
        self.miss(bar, hours);
        self.next = bar + self.step;
        self.interrupted = false;
        self.received += 1;
        self.last_received = Some(bar);
        Arrival::New
    }

    /// From here on bars may be missed, in whatever session, until the next that comes.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// Bars that came are missed after all: what they said was wrong.
    pub(super) fn reopen(&mut self, bars: &BTreeSet<i64>) {
        let known: BTreeSet<i64> = bars.iter().copied().filter(|bar| *bar >= self.start && *bar < self.next).collect();
        let anew = known.iter().filter(|bar| !self.open.iter().any(|(from, until)| (*from..*until).contains(*bar)));
        self.received = self.received.saturating_sub(anew.count() as u64);
        let mut windows: Vec<Window> = self.open.drain(..).chain(known.into_iter().map(|bar| (bar, bar + self.step))).collect();
        windows.sort_unstable();
        for (from, until) in windows {
            match self.open.back_mut() {
                Some((_, end)) if from <= *end => *end = until.max(*end),
                _ => self.open.push_back((from, until)),
            }
        }
    }

    /// Opens gaps for the bars that were to come by `until` and have not.
    pub(super) fn expect(&mut self, until: i64, hours: &MarketHours) {
        let until = until.div_euclid(self.step) * self.step;
        if until > self.next {
            self.miss(until, hours);
            self.next = until;
        }
    }

    /// Notes as missed the bars from the next one until `until` that were to come.
    fn miss(&mut self, until: i64, hours: &MarketHours) {
        for (from, until) in hours.windows(!self.interrupted, self.next, until) {
            let (from, until) = (self.align(from), self.align(until));
            match self.open.back_mut() {
                _ if from >= until => {}
                Some((_, end)) if *end == from => *end = until,
                _ => self.open.push_back((from, until)),
            }
        }
    }

    /// The first start of a bar at or after `at`.
    fn align(&self, at: i64) -> i64 {
        (at + self.step - 1).div_euclid(self.step) * self.step
    }

    /// The next stretch to fetch, `longest` at most.
    pub(super) fn due(&self, longest: i64) -> Option<Window> {
        let (from, _) = *self.open.front()?;
        let within = self.open.iter().take_while(|(start, _)| *start < from + longest);
        let until = within.last().map_or(from, |(_, until)| (*until).min(from + longest));
        Some((from, until))
    }

    /// A stretch was asked for and `there` is all that there is of it: its missed bars are settled.
    pub(super) fn settle(&mut self, (from, until): Window, there: &BTreeSet<i64>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (start, end) in self.close(from, until) {
            let mut bar = start;
            while bar < end {
                let fetched = there.contains(&bar);
                match runs.last_mut() {
                    Some(run) if run.window.1 == bar && run.fetched == fetched => {
                        run.window.1 += self.step;
                        run.bars += 1;
                    }
                    _ => runs.push(Run { window: (bar, bar + self.step), bars: 1, fetched }),
                }
                *(if fetched { &mut self.backfilled } else { &mut self.lost }) += 1;
                bar += self.step;
            }
        }
        runs
    }

    /// Takes `[from, until)` out of what is open; what was open of it.
    fn close(&mut self, from: i64, until: i64) -> Vec<Window> {
        let mut closed = Vec::new();
        let mut left = VecDeque::with_capacity(self.open.len() + 1);
        for (start, end) in self.open.drain(..) {
            let (cut_from, cut_until) = (start.max(from), end.min(until));
            if cut_from >= cut_until {
                left.push_back((start, end));
                continue;
            }
            closed.push((cut_from, cut_until));
            left.extend([(start, cut_from), (cut_until, end)].into_iter().filter(|(from, until)| from < until));
        }
        self.open = left;
        closed
    }

    /// Missed bars that are not settled.
    pub(super) fn open(&self) -> impl Iterator<Item = (Window, u64)> {
        self.open.iter().map(|window| (*window, (window.1 - window.0).div_euclid(self.step).unsigned_abs()))
    }

    /// How many of them there are.
    pub(super) fn missing(&self) -> u64 {
        self.open().map(|(_, bars)| bars).sum()
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
