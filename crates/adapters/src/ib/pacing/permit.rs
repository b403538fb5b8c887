//! Leave to send, and what becomes of the request.

use std::{sync::Arc, time::Instant};

use super::{
    ask::RequestKind,
    budgets::{Pool, SECOND},
    planner::Planner,
};

/// Leave to send one request, and its share of the budgets until it is over.
///
/// Dropped without a word the request counts as given up: the library cancels it, and what it held open is free once the
/// gateway has read that.
#[derive(Debug)]
#[must_use = "dropping a permit says that its request was given up"]
pub(crate) struct Permit {
    planner: Arc<Planner>,
    number: u64,
    kind: RequestKind,
    since: Instant,
    read: bool,
    over: bool,
}

impl Permit {
    pub(super) fn new(planner: &Arc<Planner>, number: u64, kind: RequestKind) -> Self {
        Self { planner: Arc::clone(planner), number, kind, since: Instant::now(), read: false, over: false }
    }

    /// The gateway has read the request: something of its answer came.
    pub(crate) fn read(&mut self) {
        if !std::mem::replace(&mut self.read, true) {
            let (number, kind, after) = (self.number, self.kind, self.since.elapsed());
            self.planner.change(|state, now| {
                if !kind.is_answered_late() {
                    state.answers.answered(kind, after);
                }
                state.budgets.read(number, now);
            });
        }
    }

    /// The request returned: with something of its answer, or for some kinds once it was written.
    pub(crate) fn returned(&mut self) {
        // Bars that go on return once they are asked for; those that do not are finished in the same breath.
        let goes_on = matches!(self.kind, RequestKind::Bars | RequestKind::SmallBars);
        match goes_on || self.kind.is_answered_late() {
            true => self.written(),
            false => self.read(),
        }
    }

    /// The message is in the socket: its sending was waited for. What is admitted from now on is read after it.
    pub(crate) fn written(&self) {
        let number = self.number;
        self.planner.change(|state, _| state.budgets.written(number));
    }

    /// The answer is complete, or an end was written that the gateway reads before anything sent from now on.
    pub(crate) fn finished(mut self) {
        self.over = true;
        let (number, kind, after, first) = (self.number, self.kind, self.since.elapsed(), !self.read);
        self.planner.change(|state, now| {
            if first {
                state.answers.answered(kind, after);
            }
            state.budgets.over(number, now);
        });
    }

    /// Nobody waits for the answer any more, and `cancel` is the turn of the message that says so.
    pub(crate) fn ended_by(mut self, cancel: &Self) {
        self.over = true;
        let (number, cancel) = (self.number, cancel.number);
        self.planner.change(|state, _| state.budgets.end_with(number, cancel));
    }

    /// Nothing was sent.
    pub(crate) fn unused(mut self) {
        self.over = true;
        let number = self.number;
        self.planner.change(|state, _| state.budgets.withdraw(number));
    }

    /// The connection is gone, and the request with it, unless it was on its way: then the gateway still counts it.
    pub(crate) fn lost(mut self) {
        self.over = true;
        let (number, flight) = (self.number, self.planner.flight());
        self.planner.change(|state, now| state.budgets.over(number, now + flight));
    }

    /// The request was refused. When the refusal says that too much was asked, that is counted and nothing of the kind is
    /// asked for a while.
    pub(crate) fn refused(mut self, code: i32, text: &str) {
        self.over = true;
        let (number, kind) = (self.number, self.kind);
        let pool = complaint(kind, code, text);
        self.planner.change(|state, now| {
            state.budgets.over(number, now);
            // The library ends refused requests by a message of its own.
            let cancel = state.budgets.unasked(now);
            state.handed_over(cancel);
            if let Some(pool) = pool {
                let held_back = state.heed(pool, now);
                tracing::warn!(code, text, held_back_s = held_back / SECOND, "the gateway says that too much was asked");
            }
        });
    }
}

/// Which budget a refusal complains about, if it does.
fn complaint(kind: RequestKind, code: i32, text: &str) -> Option<Pool> {
    let text = text.to_ascii_lowercase();
    match code {
        100 => Some(Pool::Messages),
        _ if kind == RequestKind::Scanner && text.contains("simultaneous") => Some(Pool::Scanners),
        _ if text.contains("simultaneous") => Some(Pool::Open),
        _ if text.contains("pacing") => Some(Pool::SmallBars),
        _ => None,
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (number, kind) = (self.number, self.kind);
        self.planner.change(|state, now| {
            // A cancellation has no answer: it is read in time.
            if kind != RequestKind::Cancel {
                let cancel = state.budgets.abandon(number, now);
                state.handed_over(cancel);
            }
        });
    }
}
