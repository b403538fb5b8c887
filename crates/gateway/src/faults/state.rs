//! What is in force, and what is to come.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use tokio::sync::watch;

use super::{ActiveFaults, Farm, Fault, active::Active, farm::Health};
use crate::shared::held;

/// What the schedule does at an instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Begin(Beginning),
    End { id: u64 },
}

/// A fault that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Beginning {
    pub(super) fault: Fault,
    pub(super) lasting: Option<jiff::SignedDuration>,
    pub(super) part_of: Option<u64>,
}

/// Present and coming faults, as the rest of the gateway reads them.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    active: watch::Sender<Arc<ActiveFaults>>,
    /// Counts how often all sockets were killed.
    pub(crate) kills: watch::Sender<u64>,
    schedule: Mutex<BTreeMap<(Timestamp, u64), Step>>,
    last_id: AtomicU64,
}

impl FaultState {
    /// The faults in force, whenever they change.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<ActiveFaults>> {
        self.active.subscribe()
    }

    /// The faults in force now.
    pub(crate) fn active(&self) -> Arc<ActiveFaults> {
        Arc::clone(&self.active.borrow())
    }

    /// Whether data from `farm` does not arrive.
    pub(crate) fn is_down(&self, farm: Farm) -> bool {
        self.active.borrow().is_down(farm)
    }

    /// The error that requests for `symbol` get.
    pub(crate) fn of_symbol(&self, symbol: &str) -> Option<(i32, String)> {
        self.active.borrow().error_of(symbol)
    }

    /// The time as clients are shown it.
    pub(crate) fn shown(&self, now: Timestamp) -> Timestamp {
        super::active::shown(now, self.active.borrow().clock_offset())
    }

    /// Health of the farms, as every new session is told.
    pub(crate) fn farm_notices(&self) -> Vec<(i32, String)> {
        let health = |farm| if self.is_down(farm) { Health::Broken } else { Health::Ok };
        Farm::OWN.map(|farm| farm.notice(health(farm))).into()
    }

    /// A silenced stream was cancelled or asked for anew.
    pub(crate) fn forget_stream(&self, connection: u64, request: i32) {
        self.forget(|stream| *stream == (connection, request));
    }

    /// A connection is gone, and with it its silenced streams.
    pub(crate) fn forget_connection(&self, connection: u64) {
        self.forget(|stream| stream.0 == connection);
    }

    fn forget(&self, gone: impl Fn(&super::active::StreamId) -> bool) {
        if self.active.borrow().faults.iter().any(|active| active.dead.iter().any(&gone)) {
            self.change(|active| {
                active.forget(&gone);
            });
        }
    }

    pub(super) fn new_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut ActiveFaults)) {
        self.active.send_modify(|active| {
            let mut next = ActiveFaults::clone(active);
            change(&mut next);
            *active = Arc::new(next);
        });
    }

    /// Removes a fault and its parts; gives what was removed.
    pub(super) fn remove(&self, doomed: impl Fn(&Active) -> bool) -> Vec<Active> {
        let mut removed: Vec<Active> = Vec::new();
        self.change(|active| {
            let ids: Vec<u64> = active.faults.iter().filter(|it| doomed(it)).map(|it| it.id).collect();
            let goes = |it: &Active| ids.contains(&it.id) || it.part_of.is_some_and(|whole| ids.contains(&whole));
            removed = active.faults.iter().filter(|it| goes(it)).cloned().collect();
            active.faults.retain(|it| !goes(it));
        });
        let ids: Vec<u64> = removed.iter().map(|it| it.id).collect();
        held(&self.schedule).retain(|_, step| match step {
            Step::Begin(begin) => begin.part_of.is_none_or(|whole| !ids.contains(&whole)),
            Step::End { id } => !ids.contains(id),
        });
        removed
    }

    pub(super) fn plan(&self, at: Timestamp, step: Step) {
        held(&self.schedule).insert((at, self.new_id()), step);
    }

    /// Steps that are still to come.
    pub(super) fn planned(&self) -> usize {
        held(&self.schedule).len()
    }

    pub(super) fn forget_plans(&self) {
        held(&self.schedule).clear();
    }

    /// The next step that is due by `now`.
    pub(super) fn due(&self, now: Timestamp) -> Option<(Timestamp, Step)> {
        let mut schedule = held(&self.schedule);
        let first = schedule.first_entry().filter(|first| first.key().0 <= now)?;
        let ((at, _), step) = first.remove_entry();
        Some((at, step))
    }
}
