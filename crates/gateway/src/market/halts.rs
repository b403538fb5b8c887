//! Halts that are not on the tape: quotes stand still from their beginning.

use std::{collections::HashMap, sync::Mutex};

use jiff::Timestamp;

use super::Market;
use crate::shared::held;

/// Halted instruments, and since when.
#[derive(Debug, Default)]
pub(super) struct Halts(Mutex<HashMap<usize, Timestamp>>);

impl Market {
    /// Halts an instrument, or lets it trade again.
    pub(crate) fn halt(&self, instrument: usize, since: Option<Timestamp>) {
        let mut halts = held(&self.halts.0);
        match since {
            Some(since) => halts.insert(instrument, since),
            None => halts.remove(&instrument),
        };
    }

    /// Since when an instrument is halted, if it is at `now`.
    pub(crate) fn halted_since(&self, instrument: usize, now: Timestamp) -> Option<Timestamp> {
        held(&self.halts.0).get(&instrument).copied().filter(|since| *since <= now)
    }
}
