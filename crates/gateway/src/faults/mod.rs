//! What can be made to go wrong: by code, by a script, or from outside through the admin port.
//!
//! ```text
//! inject / script / admin ─► course (begins, ends, by the gateway's clock) ─► active (what is in force)
//!      requests ─► intake (refused, ambiguous, unpermitted)      frames ─► outflow (silenced, distorted, repeated)
//! ```
//! The gateway itself knows nothing of faults but what it asks [`ActiveFaults`]; everything that is put right again by
//! [`Faults::clear`].

mod active;
mod course;
mod farm;
mod fault;
mod fields;
mod intake;
mod outflow;
mod random;
mod script;
mod state;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub(crate) use active::ActiveFaults;
pub(crate) use course::catch_up;
pub use farm::Farm;
pub use fault::Fault;
pub(crate) use intake::{Taken, take_in};
pub(crate) use outflow::{Outflow, send_through};
pub use random::RandomFaults;
pub use script::{FaultScript, ScriptedFault, When};
pub(crate) use script::{duration, read_fault};
pub(crate) use state::FaultState;

use self::state::{Beginning, Step};
use crate::{error::GatewayError, shared::Shared};

/// Faults in force at a time.
const MOST_ACTIVE: usize = 256;
/// Faults waiting for their time.
const MOST_PLANNED: usize = 10_000;

/// The connection between the gateway and its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connectivity {
    /// 1100: nothing streams.
    Lost,
    /// 1101: every stream of quotes and bars is forgotten; clients must subscribe again.
    RestoredDataLost,
    /// 1102: streams go on; what happened meanwhile is not made up for.
    RestoredDataKept,
}

/// A fault in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultInForce {
    /// What it is.
    pub fault: Fault,
    /// Since when.
    pub since: Timestamp,
    /// Until when, unless until it is taken back.
    pub until: Option<Timestamp>,
}

/// The switches for faults.
#[derive(Debug, Clone)]
pub struct Faults {
    shared: Arc<Shared>,
}

impl Faults {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn state(&self) -> &FaultState {
        &self.shared.faults
    }

    /// Begins a fault now. It lasts as the table at [`Fault`] says: those without a time of their own until lifted or cleared.
    ///
    /// # Errors
    /// [`GatewayError::Fault`] when its numbers make no sense or too many faults are in force.
    pub fn inject(&self, fault: &Fault) -> Result<(), GatewayError> {
        self.begin(fault, None)
    }

    /// Begins a fault now and ends it after so much time of the gateway's clock.
    ///
    /// # Errors
    /// As [`Faults::inject`], and when the fault is over at once.
    pub fn inject_for(&self, fault: &Fault, lasting: SignedDuration) -> Result<(), GatewayError> {
        self.begin(fault, Some(lasting))
    }

    /// Begins a fault when the gateway's clock shows `at`.
    ///
    /// # Errors
    /// As [`Faults::inject_for`], and when too many faults wait for their time.
    pub fn inject_at(&self, at: Timestamp, fault: &Fault, lasting: Option<SignedDuration>) -> Result<(), GatewayError> {
        check(fault, lasting)?;
        if self.state().planned() >= MOST_PLANNED {
            return Err(refused(fault, format!("{MOST_PLANNED} faults already wait for their time")));
        }
        let begin = Beginning { fault: fault.clone(), lasting, part_of: None };
        self.state().plan(at, Step::Begin(begin));
        Ok(())
    }

    /// Runs a script by the gateway's clock. Faults whose time is past begin at once, unless their end is past too.
    ///
    /// # Errors
    /// As [`Faults::inject_at`]; then nothing of the script is run.
    pub fn run_script(&self, script: &FaultScript) -> Result<(), GatewayError> {
        for scripted in &script.faults {
            check(&scripted.fault, scripted.lasting)?;
        }
        if self.state().planned() + script.faults.len() > MOST_PLANNED {
            let problem = format!("has more than the {MOST_PLANNED} faults that may wait for their time");
            return Err(GatewayError::Setting { name: "faults", problem });
        }
        let now = self.shared.now();
        for scripted in &script.faults {
            let at = match scripted.when {
                When::At(at) => at,
                When::After(after) => now.saturating_add(after).unwrap_or(Timestamp::MAX),
            };
            let end = scripted.lasting.map_or(at, |lasting| at.saturating_add(lasting).unwrap_or(Timestamp::MAX));
            if at >= now || (scripted.lasting.is_some() && end > now) {
                let left = scripted.lasting.filter(|_| at < now).map(|_| end.duration_since(now));
                self.inject_at(at.max(now), &scripted.fault, left.or(scripted.lasting))?;
            } else if scripted.lasting.is_none() && !scripted.fault.is_instant() {
                self.inject_at(now, &scripted.fault, None)?;
            }
        }
        Ok(())
    }

    fn begin(&self, fault: &Fault, lasting: Option<SignedDuration>) -> Result<(), GatewayError> {
        check(fault, lasting)?;
        if self.state().active().faults.len() >= MOST_ACTIVE {
            return Err(refused(fault, format!("{MOST_ACTIVE} faults are already in force; clear some")));
        }
        let now = self.shared.now();
        catch_up(&self.shared, now);
        course::begin(&self.shared, &Beginning { fault: fault.clone(), lasting, part_of: None }, now);
        Ok(())
    }

    /// Ends a fault that is in force, however often it was injected; `false` when it is not in force.
    pub fn lift(&self, fault: &Fault) -> bool {
        course::end(&self.shared, |active| active.fault == *fault)
    }

    /// Ends every fault and forgets those that wait for their time. Connections that were cut or streams that were ended
    /// stay so; everything else is as at the start.
    pub fn clear(&self) {
        self.state().forget_plans();
        course::end(&self.shared, |_| true);
    }

    /// The faults in force, oldest first.
    pub fn active(&self) -> Vec<FaultInForce> {
        let active = self.state().active();
        let whole = active.faults.iter().filter(|active| active.part_of.is_none());
        whole.map(|active| FaultInForce { fault: active.fault.clone(), since: active.since, until: active.until }).collect()
    }

    /// How many begin or end at a later time.
    pub fn planned(&self) -> usize {
        self.state().planned()
    }

    fn switch(&self, fault: Fault, on: bool) {
        self.lift(&fault);
        if on {
            // Without numbers of its own it cannot be refused but for being one too many.
            if let Err(problem) = self.inject(&fault) {
                tracing::error!(%problem, "fault not injected");
            }
        }
    }

    /// New connections are refused: nothing listens. Existing ones stay.
    pub fn refuse_connections(&self, refuse: bool) {
        self.switch(Fault::Refuse, refuse);
    }

    /// New connections are accepted and never answered.
    pub fn never_handshake(&self, never: bool) {
        self.switch(Fault::NeverHandshake, never);
    }

    /// Every connection is cut, without a word.
    pub fn kill_sockets(&self) {
        self.switch(Fault::KillSockets { client: None }, true);
    }

    /// Nothing more is written to any client; what accumulates is sent afterwards, older quotes excepted.
    pub fn stall(&self, stall: bool) {
        self.switch(Fault::Stall { client: None }, stall);
    }

    /// The connection to the servers is lost or restored; every client is told.
    pub fn connectivity(&self, change: Connectivity) {
        let fault = match change {
            Connectivity::Lost => Fault::ConnectivityLost,
            Connectivity::RestoredDataLost => Fault::RestoredDataLost,
            Connectivity::RestoredDataKept => Fault::RestoredDataKept,
        };
        if let Err(problem) = self.inject(&fault) {
            tracing::error!(%problem, "fault not injected");
        }
    }

    /// A farm breaks or is well again; every client is told. While it is broken, its data does not arrive.
    pub fn farm(&self, farm: Farm, broken: bool) {
        let fault = if broken { Fault::FarmBroken { farm } } else { Fault::FarmOk { farm } };
        if let Err(problem) = self.inject(&fault) {
            tracing::error!(%problem, "fault not injected");
        }
    }

    /// Every request for `symbol` is answered with this error; `None` takes it back.
    pub fn fail_symbol(&self, symbol: &str, error: Option<(i32, &str)>) {
        course::end(&self.shared, |active| matches!(&active.fault, Fault::SymbolError { symbol: it, .. } if it == symbol));
        if let Some((code, text)) = error {
            self.switch(Fault::SymbolError { symbol: symbol.to_owned(), code, text: text.to_owned() }, true);
        }
    }
}

fn check(fault: &Fault, lasting: Option<SignedDuration>) -> Result<(), GatewayError> {
    fault.problem(lasting).map_or(Ok(()), |problem| Err(refused(fault, problem)))
}

fn refused(fault: &Fault, problem: String) -> GatewayError {
    GatewayError::Fault { kind: fault.kind(), problem }
}
