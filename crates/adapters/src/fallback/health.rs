//! Whether a source is worth asking: one that does not answer at all is left out for a while, so that a scan waits for
//! it once and not once for each symbol.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bellwether::market::MissingReason;

use crate::error::AdapterError;

/// How long a source that did not answer is left out.
const LEFT_OUT: Duration = Duration::from_secs(30);
/// Failures in a row after which it counts as not answering.
const IN_A_ROW: u32 = 3;

/// Kind and words of a failure.
pub(super) type Why = (MissingReason, String);

#[derive(Debug, Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    down: Option<(Instant, Why)>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the source is not asked now, if it is not.
    pub(super) fn down(&self) -> Option<Why> {
        let mut state = self.state();
        let now = Instant::now();
        if state.down.as_ref().is_some_and(|(until, _)| *until <= now) {
            // One more failure is enough to leave it out again.
            *state = State { failures: IN_A_ROW - 1, down: None };
        }
        state.down.as_ref().map(|(_, why)| why.clone())
    }

    pub(super) fn answered(&self) {
        *self.state() = State::default();
    }

    /// Takes in a failure; `whole` when it concerns every symbol alike.
    pub(super) fn failed(&self, error: &AdapterError, whole: bool) {
        let gone = matches!(error.reason(), MissingReason::Disconnected | MissingReason::Timeout);
        let mut state = self.state();
        if !gone {
            // It answers, if only to refuse.
            state.failures = 0;
            return;
        }
        state.failures += 1;
        if whole || state.failures >= IN_A_ROW {
            state.down = Some((Instant::now() + LEFT_OUT, (error.reason(), error.detail())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(reason: MissingReason) -> AdapterError {
        AdapterError::Refused { what: "x".to_owned(), reason, code: None, detail: "y".to_owned() }
    }

    #[test]
    fn only_silence_in_a_row_leaves_a_source_out() {
        let health = Health::default();
        let timeout = AdapterError::Timeout { what: "x".to_owned(), after: Duration::from_secs(1) };
        for _ in 0..IN_A_ROW - 1 {
            health.failed(&timeout, false);
        }
        health.failed(&error(MissingReason::NoData), false);
        health.failed(&timeout, false);
        assert_eq!(health.down(), None, "it spoke in between");
        health.failed(&timeout, false);
        health.failed(&timeout, false);
        assert_eq!(health.down().unwrap().0, MissingReason::Timeout);
        health.answered();
        assert_eq!(health.down(), None);
        health.failed(&error(MissingReason::Disconnected), true);
        assert_eq!(health.down(), Some((MissingReason::Disconnected, "y".to_owned())));
    }
}
