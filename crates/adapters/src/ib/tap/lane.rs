//! The ticks of one request, waiting for whoever asked.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::decode::Tapped;

/// A bounded queue with one reader. When it is full the oldest tick goes, and is counted.
#[derive(Debug)]
pub(crate) struct Lane {
    capacity: usize,
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    ticks: VecDeque<Tapped>,
    lost: u64,
    /// The reader has been, or will be, woken for what is queued.
    told: bool,
}

impl Lane {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), queue: Mutex::default(), arrived: Notify::new() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing under the lock can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a tick; `true` when the reader has to be woken for it.
    pub(super) fn push(&self, tick: Tapped) -> bool {
        let mut queue = self.queue();
        if queue.ticks.len() == self.capacity {
            queue.ticks.pop_front();
            queue.lost += 1;
        }
        queue.ticks.push_back(tick);
        !std::mem::replace(&mut queue.told, true)
    }

    pub(super) fn wake(&self) {
        self.arrived.notify_one();
    }

    /// Waits for ticks and moves all there are to the end of `ticks`; gives how many were lost since the last time.
    pub(crate) async fn next(&self, ticks: &mut Vec<Tapped>) -> u64 {
        loop {
            {
                let mut queue = self.queue();
                queue.told = false;
                if !queue.ticks.is_empty() {
                    ticks.extend(queue.ticks.drain(..));
                    return std::mem::take(&mut queue.lost);
                }
            }
            self.arrived.notified().await;
        }
    }
}
