//! What waits to be written to one client: bounded, never blocking the one who puts in.
//!
//! Policy of a full queue: quotes are droppable, since a newer one replaces them; the older half of them goes. When there
//! are none to drop, the client is too slow for what it must have, and its connection ends.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

/// Whether a frame may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// A quote, replaced by the next.
    Droppable,
    /// Anything else.
    Always,
}

/// The queue of one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    capacity: usize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<(Keep, Bytes)>,
    dropped: usize,
    /// Nothing more is taken in; what is queued is still written.
    closing: bool,
    /// Nothing more is written either.
    overflowed: bool,
}

/// What the writer has to do next.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Write these.
    Frames(Vec<Bytes>),
    /// Close the connection: all is written.
    Close,
    /// Close the connection: the client reads too slowly.
    Overflowed,
}

impl Outbox {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default(), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame, by the policy above when the queue is full.
    pub(crate) fn push(&self, keep: Keep, frame: Bytes) {
        let mut state = self.state();
        if state.closing {
            return;
        }
        if state.queue.len() >= self.capacity {
            let excess = state.queue.iter().filter(|(keep, _)| *keep == Keep::Droppable).count().div_ceil(2);
            if excess == 0 {
                state.overflowed = true;
                state.closing = true;
                drop(state);
                self.changed.notify_one();
                return;
            }
            let mut left = excess;
            state.queue.retain(|(keep, _)| {
                let drop = *keep == Keep::Droppable && left > 0;
                left -= usize::from(drop);
                !drop
            });
            state.dropped += excess;
        }
        state.queue.push_back((keep, frame));
        drop(state);
        self.changed.notify_one();
    }

    /// Lets what is queued be written, then closes.
    pub(crate) fn close(&self) {
        self.state().closing = true;
        self.changed.notify_one();
    }

    /// Waits for something to do. One writer at a time.
    pub(crate) async fn next(&self, at_most: usize) -> Outgoing {
        loop {
            {
                let mut state = self.state();
                if state.overflowed {
                    return Outgoing::Overflowed;
                }
                if !state.queue.is_empty() {
                    let count = state.queue.len().min(at_most);
                    return Outgoing::Frames(state.queue.drain(..count).map(|(_, frame)| frame).collect());
                }
                if state.closing {
                    return Outgoing::Close;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Quotes dropped so far.
    pub(crate) fn dropped(&self) -> usize {
        self.state().dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn drain(outbox: &Outbox) -> Vec<Bytes> {
        match outbox.next(usize::MAX).await {
            Outgoing::Frames(frames) => frames,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_full_queue_loses_its_oldest_quotes_and_nothing_else() {
        let outbox = Outbox::new(4);
        outbox.push(Keep::Always, Bytes::from_static(b"a"));
        for quote in [&b"1"[..], b"2", b"3"] {
            outbox.push(Keep::Droppable, Bytes::copy_from_slice(quote));
        }
        outbox.push(Keep::Always, Bytes::from_static(b"b"));
        assert_eq!(drain(&outbox).await, ["a", "3", "b"]);
        assert_eq!(outbox.dropped(), 2);
    }

    #[tokio::test]
    async fn a_queue_full_of_what_must_arrive_closes() {
        let outbox = Outbox::new(2);
        for _ in 0..3 {
            outbox.push(Keep::Always, Bytes::from_static(b"a"));
        }
        assert!(matches!(outbox.next(8).await, Outgoing::Overflowed));
    }

    #[tokio::test]
    async fn closing_first_writes_what_waits() {
        let outbox = Outbox::new(2);
        outbox.push(Keep::Always, Bytes::from_static(b"a"));
        outbox.close();
        outbox.push(Keep::Always, Bytes::from_static(b"b"));
        assert_eq!(drain(&outbox).await, ["a"]);
        assert!(matches!(outbox.next(8).await, Outgoing::Close));
    }
}
