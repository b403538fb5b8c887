//! Never more messages in a second than the gateway allows, however the clock runs and however late the gateway reads.
//!
//! A message counts from the moment it is handed over until one second after the gateway is sure to have read it: when
//! its answer came, or [`READ_WITHIN`] later at most. Counting from the hand-over alone would let a gateway that was
//! busy for a moment see the messages of that moment and the next at once; on a clock that runs a hundred times as
//! fast, that moment is a few milliseconds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether::market::Clock;
use jiff::SignedDuration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::{AdapterError, Result};

/// A gateway has read a message within this time, real time, whatever it is doing.
const READ_WITHIN: Duration = Duration::from_millis(200);
/// A clock that does not move for so long, real time, does not hold messages back any longer.
const STANDSTILL: Duration = Duration::from_secs(60);
/// Longest and shortest time between two looks at the clock, real time.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(250));

/// Hands out turns to send.
#[derive(Debug)]
pub(crate) struct MessagePacer {
    clock: Arc<dyn Clock>,
    turns: Arc<Semaphore>,
}

/// One message on its way.
#[derive(Debug)]
pub(crate) struct Turn {
    answered: oneshot::Sender<()>,
}

impl Turn {
    /// The gateway has read it: it answered.
    pub(crate) fn answered(self) {
        // The receiver stops listening once the answer took too long to matter.
        let _ = self.answered.send(());
    }
}

impl MessagePacer {
    pub(crate) fn new(messages_per_second: u32, clock: Arc<dyn Clock>) -> Self {
        Self { clock, turns: Arc::new(Semaphore::new(messages_per_second as usize)) }
    }

    /// Waits for a turn to send one message.
    ///
    /// # Errors
    /// [`AdapterError::Timeout`] when there is none within `patience`, real time.
    pub(crate) async fn turn(&self, what: &str, patience: Duration) -> Result<Turn> {
        let turn = tokio::time::timeout(patience, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(AdapterError::Timeout { what: format!("{what} (waiting for a turn to send)"), after: patience });
        };
        let (answered, read) = oneshot::channel();
        tokio::spawn(count(turn, read, Arc::clone(&self.clock), Arc::clone(&self.turns)));
        Ok(Turn { answered })
    }
}

impl Drop for MessagePacer {
    fn drop(&mut self) {
        self.turns.close();
    }
}

/// Holds `turn` as long as its message counts.
async fn count(turn: OwnedSemaphorePermit, read: oneshot::Receiver<()>, clock: Arc<dyn Clock>, turns: Arc<Semaphore>) {
    let sent = Instant::now();
    if !matches!(tokio::time::timeout(READ_WITHIN, read).await, Ok(Ok(()))) {
        tokio::time::sleep(READ_WITHIN.saturating_sub(sent.elapsed())).await;
    }
    let until = clock.now().saturating_add(SignedDuration::from_secs(1));
    let until = until.unwrap_or(jiff::Timestamp::MAX);
    let read = Instant::now();
    while clock.now() < until && read.elapsed() < STANDSTILL && !turns.is_closed() {
        tokio::time::sleep(clock.wall_until(until).clamp(LOOK.0, LOOK.1)).await;
    }
    drop(turn);
}

/// How long to wait, in real time, for something that may take `limit` on `clock`: 5 s at least, for a fast clock, and
/// no longer than `limit` itself (or those 5 s), for one that is slow or held.
pub(crate) fn patience(clock: &dyn Clock, limit: Duration) -> Duration {
    const FLOOR: Duration = Duration::from_secs(5);
    let until = SignedDuration::try_from(limit).ok().and_then(|limit| clock.now().checked_add(limit).ok());
    let on_clock = until.map_or(limit, |until| clock.wall_until(until));
    on_clock.min(limit).max(FLOOR)
}
