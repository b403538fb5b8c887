//! What can be made to go wrong, from within the process.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use tokio::sync::watch;

use crate::{
    client::NO_REQUEST,
    shared::{Shared, held},
};

/// The data farms of which the gateway reports the health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Farm {
    /// Quotes and five-second bars: 2103, 2104.
    MarketData,
    /// Historical bars: 2105, 2106.
    Historical,
    /// Contract details: 2157, 2158. While it is broken, requests for them go unanswered.
    SecurityDefinition,
}

impl Farm {
    fn notice(self, broken: bool) -> (i32, String) {
        let (ok, what, name) = match self {
            Self::MarketData => (2104, "Market data farm", "usfarm"),
            Self::Historical => (2106, "HMDS data farm", "ushmds"),
            Self::SecurityDefinition => (2158, "Sec-def data farm", "secdefil"),
        };
        if broken {
            (ok - 1, format!("{what} connection is broken:{name}"))
        } else {
            (ok, format!("{what} connection is OK:{name}"))
        }
    }
}

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

/// Present faults, as the rest of the gateway reads them.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    pub(crate) refuse: watch::Sender<bool>,
    pub(crate) mute_handshake: watch::Sender<bool>,
    pub(crate) stall: watch::Sender<bool>,
    /// Counts how often all sockets were killed.
    pub(crate) kills: watch::Sender<u64>,
    switches: Mutex<Switches>,
}

#[derive(Debug, Default)]
struct Switches {
    disconnected: bool,
    broken: BTreeSet<Farm>,
    symbols: BTreeMap<String, (i32, String)>,
}

impl FaultState {
    /// Whether data from `farm` does not arrive.
    pub(crate) fn is_down(&self, farm: Farm) -> bool {
        let switches = held(&self.switches);
        switches.disconnected || switches.broken.contains(&farm)
    }

    /// The error that requests for `symbol` get.
    pub(crate) fn of_symbol(&self, symbol: &str) -> Option<(i32, String)> {
        held(&self.switches).symbols.get(symbol).cloned()
    }

    /// Health of the farms, as every new session is told.
    pub(crate) fn farm_notices(&self) -> Vec<(i32, String)> {
        [Farm::MarketData, Farm::Historical, Farm::SecurityDefinition].map(|farm| farm.notice(self.is_down(farm))).into()
    }
}

/// Switches for faults; each stays until it is taken back.
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

    /// New connections are refused: nothing listens. Existing ones stay.
    pub fn refuse_connections(&self, refuse: bool) {
        self.state().refuse.send_replace(refuse);
    }

    /// New connections are accepted and never answered.
    pub fn never_handshake(&self, never: bool) {
        self.state().mute_handshake.send_replace(never);
    }

    /// Every connection is cut, without a word.
    pub fn kill_sockets(&self) {
        self.state().kills.send_modify(|kills| *kills += 1);
    }

    /// Nothing more is written to any client; what accumulates is sent afterwards, older quotes excepted.
    pub fn stall(&self, stall: bool) {
        self.state().stall.send_replace(stall);
    }

    /// The connection to the servers is lost or restored; every client is told.
    pub fn connectivity(&self, change: Connectivity) {
        held(&self.state().switches).disconnected = change == Connectivity::Lost;
        if change == Connectivity::RestoredDataLost {
            self.shared.streams().forget_market_data();
        }
        let (code, text) = match change {
            Connectivity::Lost => (1100, "Connectivity between IB and Trader Workstation has been lost."),
            Connectivity::RestoredDataLost => {
                (1101, "Connectivity between IB and Trader Workstation has been restored - data lost.")
            }
            Connectivity::RestoredDataKept => {
                (1102, "Connectivity between IB and Trader Workstation has been restored - data maintained.")
            }
        };
        self.tell(code, text);
    }

    /// A farm breaks or is well again; every client is told. While it is broken, its data does not arrive.
    pub fn farm(&self, farm: Farm, broken: bool) {
        {
            let mut switches = held(&self.state().switches);
            match broken {
                true => switches.broken.insert(farm),
                false => switches.broken.remove(&farm),
            };
        }
        let (code, text) = farm.notice(broken);
        self.tell(code, &text);
    }

    /// Every request for `symbol` is answered with this error; `None` takes it back.
    pub fn fail_symbol(&self, symbol: &str, error: Option<(i32, &str)>) {
        let mut switches = held(&self.state().switches);
        match error {
            Some((code, text)) => switches.symbols.insert(symbol.to_owned(), (code, text.to_owned())),
            None => switches.symbols.remove(symbol),
        };
    }

    fn tell(&self, code: i32, text: &str) {
        let now = self.shared.now();
        for client in self.shared.clients() {
            client.error(NO_REQUEST, code, text, now);
        }
    }
}
