//! Whether a source is worth asking: one that does not answer at all is left out for a while, so that a scan waits for
//! it once and not once for each symbol.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bellwether::market::MissingReason;

use crate::error::{AdapterError, Result};

/// How long a source that did not answer is left out.
const LEFT_OUT: Duration = Duration::from_secs(30);
/// Failures in a row after which it counts as not answering.
const IN_A_ROW: u32 = 3;

/// Kind and words of a failure.
pub(super) type Why = (MissingReason, String);

#[derive(Debug, Default)]
pub(super) struct Health {
    state: Mutex<State>,
    /// Until a source has spoken, it is asked one thing at a time: a dead one costs one wait.
    first: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// It answered, or refused, the last time it was asked.
    spoke: bool,
    failures: u32,
    down: Option<(Instant, Why)>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, unless the source is left out; takes in how it went. `whole` when a failure would concern every symbol alike.
    pub(super) async fn ask<T>(
        &self,
        whole: bool,
        question: impl Future<Output = Result<T>>,
    ) -> Result<T, (Why, Option<AdapterError>)> {
        let spoke = self.state().spoke;
        let _turn = if spoke { None } else { Some(self.first.lock().await) };
        if let Some(why) = self.down() {
            return Err((why, None));
        }
        match question.await {
            Ok(answer) => {
                self.answered();
                Ok(answer)
            }
            Err(error) => {
                self.failed(&error, whole);
                Err(((error.reason(), error.detail()), Some(error)))
            }
        }
    }

    /// Why the source is not asked now, if it is not.
    pub(super) fn down(&self) -> Option<Why> {
        let mut state = self.state();
        let now = Instant::now();
        if state.down.as_ref().is_some_and(|(until, _)| *until <= now) {
            // One more failure is enough to leave it out again.
            *state = State { failures: IN_A_ROW - 1, ..State::default() };
        }
        state.down.as_ref().map(|(_, why)| why.clone())
    }

    fn answered(&self) {
        *self.state() = State { spoke: true, ..State::default() };
    }

    /// Takes in a failure; `whole` when it concerns every symbol alike.
    fn failed(&self, error: &AdapterError, whole: bool) {
        let gone = matches!(error.reason(), MissingReason::Disconnected | MissingReason::Timeout);
        let mut state = self.state();
        if !gone {
            // It answers, if only to refuse.
            *state = State { spoke: true, ..State::default() };
            return;
        }
        state.spoke = false;
        state.failures += 1;
        let nobody = matches!(
            error,
            AdapterError::Unreachable { .. } | AdapterError::NoHandshake { .. } | AdapterError::ClientIdInUse { .. }
        );
        if whole || nobody || state.failures >= IN_A_ROW {
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
