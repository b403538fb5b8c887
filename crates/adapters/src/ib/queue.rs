//! Events on their way to whoever subscribed: a bounded queue that drops its oldest when nobody takes them.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

/// See the module. One task puts in, one takes out.
#[derive(Debug)]
pub(super) struct EventQueue<T> {
    events: Mutex<Events<T>>,
    capacity: usize,
    dropped: AtomicU64,
    changed: Notify,
}

#[derive(Debug)]
struct Events<T> {
    waiting: VecDeque<T>,
    ended: bool,
}

impl<T> EventQueue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let events = Events { waiting: VecDeque::new(), ended: false };
        Self { events: Mutex::new(events), capacity, dropped: AtomicU64::new(0), changed: Notify::new() }
    }

    fn events(&self) -> MutexGuard<'_, Events<T>> {
        // Nothing under the lock can panic half-way through a change.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts events in; with more than fit, the oldest go.
    pub(super) fn extend(&self, new: impl Iterator<Item = T>) {
        let mut events = self.events();
        events.waiting.extend(new);
        let excess = events.waiting.len().saturating_sub(self.capacity);
        if excess > 0 {
            events.waiting.drain(..excess);
            self.dropped.fetch_add(excess as u64, Ordering::Relaxed);
        }
        drop(events);
        self.changed.notify_one();
    }

    /// Nothing more will come.
    pub(super) fn end(&self) {
        self.events().ended = true;
        self.changed.notify_one();
    }

    /// The next event; none after the end.
    pub(super) async fn next(&self) -> Option<T> {
        loop {
            {
                let mut events = self.events();
                if let Some(event) = events.waiting.pop_front() {
                    return Some(event);
                }
                if events.ended {
                    return None;
                }
            }
            // A permit is kept when something came between the look and the wait.
            self.changed.notified().await;
        }
    }

    /// The next event, if there is one now.
    pub(super) fn take(&self) -> Option<T> {
        self.events().waiting.pop_front()
    }

    /// Events dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn the_oldest_are_dropped_and_counted() {
        let queue = EventQueue::new(3);
        queue.extend(0..2);
        queue.extend(2..5);
        assert_eq!(queue.dropped(), 2);
        assert_eq!((queue.next().await, queue.take(), queue.next().await, queue.take()), (Some(2), Some(3), Some(4), None));
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_by_an_event_and_by_the_end() {
        let queue = Arc::new(EventQueue::new(3));
        let taking = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move {
                let first = queue.next().await;
                (first, queue.next().await)
            }
        });
        tokio::task::yield_now().await;
        queue.extend(std::iter::once(7));
        tokio::task::yield_now().await;
        queue.end();
        assert_eq!(taking.await.unwrap(), (Some(7), None));
    }
}
