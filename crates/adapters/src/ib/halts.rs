//! Halts of one symbol, known to everyone who follows it: quotes tell of them, bars and trades do not. What else moves a
//! price in one step, and is told by IB's history too, counts as one.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// Halts and resumptions of one symbol, shared by its subscriptions.
#[derive(Debug, Clone, Default)]
pub(super) struct Halts(Arc<Mutex<Known>>);

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    changes: u64,
    last_at: Option<Timestamp>,
}

impl Halts {
    fn known(&self) -> Known {
        // Nothing under the lock can panic half-way through a change.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Trading was halted or has resumed, or the price moved as after a halt.
    pub(super) fn note(&self, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known { changes: known.changes + 1, last_at: Some(now) };
    }

    /// How often it was halted or resumed.
    pub(super) fn changes(&self) -> u64 {
        self.known().changes
    }

    /// When it last was.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        self.known().last_at
    }
}
