//! What is known of a traded thing besides its prices.

use serde::{Deserialize, Serialize};

use super::Symbol;

/// Kind of instrument, as far as a scan cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// Common stock, ADR and the like.
    #[default]
    Stock,
    /// Exchange-traded fund or note.
    Etf,
}

impl InstrumentKind {
    /// The name, as written in files and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Etf => "etf",
        }
    }
}

/// One member of a universe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instrument {
    /// Ticker.
    pub symbol: Symbol,
    /// Company or fund name, empty when unknown.
    #[serde(default)]
    pub name: String,
    /// Stock or fund.
    #[serde(default)]
    pub kind: InstrumentKind,
    /// Listing exchange, empty when unknown.
    #[serde(default)]
    pub primary_exchange: String,
    /// Interactive Brokers contract id, when qualified.
    #[serde(default)]
    pub contract_id: Option<i32>,
    /// Shares that trade freely, when known.
    #[serde(default)]
    pub float_shares: Option<f64>,
}

impl Instrument {
    /// A stock of which only the ticker is known.
    pub fn stock(symbol: Symbol) -> Self {
        Self {
            symbol,
            name: String::new(),
            kind: InstrumentKind::Stock,
            primary_exchange: String::new(),
            contract_id: None,
            float_shares: None,
        }
    }
}
