//! The gateway's connections to IB's servers ("farms"), as its notices tell of them. Their health is not the socket's: a
//! broken farm is waited for, never answered by tearing the connection down.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// What a farm serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FarmKind {
    /// Quotes, ticks, order books, real-time bars.
    MarketData,
    /// Historical bars.
    Historical,
    /// Contract details.
    SecurityDefinition,
}

impl FarmKind {
    /// Plain words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MarketData => "market data",
            Self::Historical => "historical data",
            Self::SecurityDefinition => "contract details",
        }
    }
}

/// How a farm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FarmState {
    /// Connected.
    Ok,
    /// Idle; it connects when asked for something.
    Inactive,
    /// Not connected, and cannot be.
    Broken,
    /// Being connected.
    Connecting,
}

impl FarmState {
    /// Plain words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Inactive => "inactive, connects on demand",
            Self::Broken => "broken",
            Self::Connecting => "connecting",
        }
    }
}

/// One farm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FarmHealth {
    /// IB's name for it, such as `usfarm`.
    pub name: String,
    /// What it serves.
    pub kind: FarmKind,
    /// How it is.
    pub state: FarmState,
    /// Since when.
    pub since: Timestamp,
}

/// What a notice says about a farm, if it is about one: its kind, its new state, its name.
pub(super) fn of_notice(code: i32, text: &str) -> Option<(FarmKind, FarmState, String)> {
    let (kind, state) = match code {
        2103 => (FarmKind::MarketData, FarmState::Broken),
        2104 => (FarmKind::MarketData, FarmState::Ok),
        2105 => (FarmKind::Historical, FarmState::Broken),
        2106 => (FarmKind::Historical, FarmState::Ok),
        2107 => (FarmKind::Historical, FarmState::Inactive),
        2108 => (FarmKind::MarketData, FarmState::Inactive),
        2119 => (FarmKind::MarketData, FarmState::Connecting),
        2157 => (FarmKind::SecurityDefinition, FarmState::Broken),
        2158 => (FarmKind::SecurityDefinition, FarmState::Ok),
        _ => return None,
    };
    // "Market data farm connection is OK:usfarm"; 2107 and 2108 go on: "… upon demand.ushmds".
    let name = text.rsplit_once(':').or_else(|| text.rsplit_once('.')).map_or("", |(_, name)| name.trim());
    let name = if name.is_empty() || name.contains(' ') { kind.as_str() } else { name };
    Some((kind, state, name.to_owned()))
}

/// All farms heard of on this connection.
#[derive(Debug, Default)]
pub(super) struct Farms(BTreeMap<(FarmKind, String), (FarmState, Timestamp)>);

impl Farms {
    /// Takes in a farm's state; whether that is a change.
    pub(super) fn set(&mut self, kind: FarmKind, name: &str, state: FarmState, at: Timestamp) -> bool {
        let known = self.0.get(&(kind, name.to_owned())).map(|(state, _)| *state);
        if known != Some(state) {
            self.0.insert((kind, name.to_owned()), (state, at));
        }
        known != Some(state)
    }

    /// The names of the farms of a kind when none of them works; empty when one does, or when none was heard of.
    pub(super) fn down(&self, wanted: FarmKind) -> Vec<String> {
        let of_kind = || self.0.iter().filter(|((kind, _), _)| *kind == wanted);
        match of_kind().all(|(_, (state, _))| matches!(state, FarmState::Broken | FarmState::Connecting)) {
            true => of_kind().map(|((_, name), _)| name.clone()).collect(),
            false => Vec::new(),
        }
    }

    pub(super) fn health(&self) -> Vec<FarmHealth> {
        let farm = |((kind, name), (state, since)): (&(FarmKind, String), &(FarmState, Timestamp))| FarmHealth {
            name: name.clone(),
            kind: *kind,
            state: *state,
            since: *since,
        };
        self.0.iter().map(farm).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_name_their_farm() {
        let of = |code, text| of_notice(code, text).map(|(kind, state, name)| (kind, state, name.to_string()));
        assert_eq!(
            of(2103, "Market data farm connection is broken:usfarm.nj"),
            Some((FarmKind::MarketData, FarmState::Broken, "usfarm.nj".to_owned()))
        );
        assert_eq!(
            of(2107, "HMDS data farm connection is inactive but should be available upon demand.ushmds"),
            Some((FarmKind::Historical, FarmState::Inactive, "ushmds".to_owned()))
        );
        assert_eq!(of(2158, "Sec-def data farm connection is OK:secdefil").unwrap().2, "secdefil");
        assert_eq!(of(2119, "Market data farm is connecting:usfuture").unwrap().1, FarmState::Connecting);
        assert_eq!(of(2104, "Market data farm connection is OK").unwrap().2, "market data");
        assert_eq!(of(1100, "Connectivity between IB and Trader Workstation has been lost."), None);
    }

    #[test]
    fn a_kind_is_down_when_all_its_farms_are() {
        let mut farms = Farms::default();
        let at = Timestamp::UNIX_EPOCH;
        assert!(farms.down(FarmKind::MarketData).is_empty());
        assert!(farms.set(FarmKind::MarketData, "usfarm", FarmState::Broken, at));
        assert!(!farms.set(FarmKind::MarketData, "usfarm", FarmState::Broken, at));
        assert_eq!(farms.down(FarmKind::MarketData), ["usfarm"]);
        farms.set(FarmKind::MarketData, "cashfarm", FarmState::Inactive, at);
        assert!(farms.down(FarmKind::MarketData).is_empty());
        assert_eq!(farms.health().len(), 2);
    }
}
