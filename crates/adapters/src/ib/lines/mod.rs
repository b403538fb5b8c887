//! The account's market data lines, lent out by priority.
//!
//! ```text
//! lease(priority, symbol, use) ─► table ─► LineLease ─► the stream ─► dropped: back, after the gateway has read its end
//!                                   └─ none free: the least urgent holder is told through its lease and has a grace,
//!                                       after which the next is
//! ```
//! A lease comes back when it is dropped, so also when its holder panics or is cancelled. The library cancels a dropped
//! stream by a message of its own; until the gateway has read that, the line stays taken here ([`RETURNING`]), unless the
//! holder knows that the gateway has freed it ([`LineLease::freed`]).
//!
//! Quotes of a symbol wanted twice are one line: the second lease says that nothing is to be opened.

mod table;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bellwether::market::Symbol;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::timeout,
};

use table::{Granted, Key, LineTable};
pub use table::{LineUse, LinesUsage};

use super::pacing::Priority;
use crate::error::{AdapterError, Result};

/// The gateway has read the end of a stream within this time, real time.
const RETURNING: Duration = Duration::from_secs(1);
/// How long the holder of a line has to give it up when told to, real time.
const GRACE: Duration = Duration::from_secs(3);

/// See the module.
#[derive(Debug)]
pub(super) struct Lines {
    state: Mutex<State>,
    other_streams: watch::Sender<usize>,
    runtime: Handle,
}

#[derive(Debug)]
struct State {
    table: LineTable,
    waiting: HashMap<u64, oneshot::Sender<Handed>>,
    held: HashMap<u64, Held>,
}

/// What whoever waited gets: the line, and where its recall will be told.
type Handed = (Granted, watch::Receiver<bool>);

#[derive(Debug)]
struct Held {
    recalled: watch::Sender<bool>,
}

impl Lines {
    /// `total` lines; call within a runtime.
    pub(super) fn new(total: usize) -> Arc<Self> {
        let state = State { table: LineTable::new(total), waiting: HashMap::new(), held: HashMap::new() };
        Arc::new(Self { state: Mutex::new(state), other_streams: watch::Sender::new(0), runtime: Handle::current() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line for one use of one symbol.
    ///
    /// # Errors
    /// [`AdapterError::Timeout`] when none comes free within `patience`, real time.
    pub(super) async fn lease(
        self: &Arc<Self>,
        priority: Priority,
        symbol: &Symbol,
        used: LineUse,
        patience: Duration,
    ) -> Result<LineLease> {
        let (sender, receiver) = oneshot::channel();
        let mut place = {
            let mut state = self.state();
            let (lease, key) = state.table.ask(symbol.clone(), used, priority);
            state.waiting.insert(lease, sender);
            Place { lines: self, key, lease, receiver }
        };
        self.settle();
        let Ok(Ok((Granted { lease, opens }, recalled))) = timeout(patience, &mut place.receiver).await else {
            let what = format!("market data line for {symbol}");
            return Err(AdapterError::Timeout { what, after: patience });
        };
        Ok(LineLease { lines: Arc::clone(self), key: place.key.clone(), lease, opens, recalled, freed: false })
    }

    /// Whether someone waits for a line for this use of a symbol.
    pub(super) fn is_awaited(&self, symbol: &Symbol, used: LineUse) -> bool {
        self.state().table.is_awaited(symbol, used)
    }

    /// How the lines are used.
    pub(super) fn usage(&self) -> LinesUsage {
        self.state().table.usage()
    }

    /// Lines that someone of this priority can have: those that are free, held by the less urgent, or only for a moment.
    pub(super) fn free_for(&self, priority: Priority) -> usize {
        self.state().table.free_for(priority)
    }

    /// Lines that streams of quotes may take so that `keep_free` are left, besides those that streams of other things have.
    pub(super) fn for_streams(&self, keep_free: usize) -> usize {
        let state = self.state();
        state.table.total().saturating_sub(keep_free + state.table.other_streams())
    }

    /// Tells how many lines streams of other things than quotes have or wait for.
    pub(super) fn other_streams(&self) -> watch::Receiver<usize> {
        self.other_streams.subscribe()
    }

    /// Gives lines to those who wait, and recalls as many as the more urgent still need.
    fn settle(self: &Arc<Self>) {
        let mut state = self.state();
        for granted in state.table.grant() {
            // Whoever gave up waiting takes itself out of the table.
            if let Some(waiting) = state.waiting.remove(&granted.lease) {
                let (recalled, listening) = watch::channel(false);
                state.held.insert(granted.lease, Held { recalled });
                let _ = waiting.send((granted, listening));
            }
        }
        let other_streams = state.table.other_streams();
        self.other_streams.send_if_modified(|known| std::mem::replace(known, other_streams) != other_streams);
        for (key, leases) in state.table.recall() {
            tracing::debug!(symbol = %key.0, used = ?key.1, "market data line recalled for something more urgent");
            for lease in leases {
                if let Some(held) = state.held.get(&lease) {
                    held.recalled.send_replace(true);
                }
                self.runtime.spawn(insist(Arc::downgrade(self), key.clone(), lease));
            }
        }
    }

    fn give_back(self: &Arc<Self>, key: &Key, lease: u64, freed: bool) {
        let gone = {
            let mut state = self.state();
            state.held.remove(&lease);
            state.table.give_back(key, lease, freed)
        };
        if gone && !freed {
            self.runtime.spawn(cool(Arc::downgrade(self), key.1));
        }
        self.settle();
    }
}

/// Frees a line once the gateway is sure to have.
async fn cool(lines: Weak<Lines>, used: LineUse) {
    tokio::time::sleep(RETURNING).await;
    if let Some(lines) = lines.upgrade() {
        lines.state().table.cooled(used);
        lines.settle();
    }
}

/// Has another give way when this one did not.
async fn insist(lines: Weak<Lines>, key: Key, lease: u64) {
    tokio::time::sleep(GRACE).await;
    let Some(lines) = lines.upgrade() else { return };
    {
        let mut state = lines.state();
        if !state.table.overdue(&key, lease) {
            return;
        }
        tracing::warn!(symbol = %key.0, used = ?key.1, "market data line not given up in time: another is recalled");
    }
    lines.settle();
}

/// A place in the queue; left when nobody waits at it any more.
struct Place<'a> {
    lines: &'a Arc<Lines>,
    key: Key,
    lease: u64,
    receiver: oneshot::Receiver<Handed>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let granted = {
            let mut state = self.lines.state();
            let waited = state.waiting.remove(&self.lease).is_some();
            if waited {
                state.table.leave(self.lease);
            }
            // A line that came too late is given back unused.
            !waited && self.receiver.try_recv().is_ok()
        };
        if granted {
            self.lines.give_back(&self.key, self.lease, true);
        }
    }
}

/// A line, as long as this lives.
#[derive(Debug)]
#[must_use = "dropping a lease gives the line back"]
pub(super) struct LineLease {
    lines: Arc<Lines>,
    key: Key,
    lease: u64,
    opens: bool,
    recalled: watch::Receiver<bool>,
    freed: bool,
}

impl LineLease {
    /// Nobody else has this line: its stream is to be opened. Otherwise another lease's stream is to be listened to.
    pub(super) fn opens(&self) -> bool {
        self.opens
    }

    /// Waits until the line is needed for something more urgent; it is then to be dropped within [`GRACE`].
    pub(super) async fn recalled(&mut self) {
        // The sender lives as long as the lease does.
        let _ = self.recalled.wait_for(|recalled| *recalled).await;
    }

    /// Gives the line back, knowing that the gateway has freed it: a snapshot that is complete, a request refused, an end
    /// that was written before anything else will be.
    pub(super) fn freed(mut self) {
        self.freed = true;
    }
}

impl Drop for LineLease {
    fn drop(&mut self) {
        self.lines.give_back(&self.key, self.lease, self.freed);
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
