//! From tickers to contracts.

use bellwether::market::{Instrument, InstrumentKind, MissingData, MissingReason, SnapshotPart, Symbol};
use futures::{StreamExt as _, stream};
use ibapi::contracts::ContractDetails;

use super::{
    pacing::{CONTRACTS_AT_ONCE, RequestKind},
    session::IbSession,
    wire,
};
use crate::error::{AdapterError, Result};

/// What [`IbSession::qualify`] found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Qualified {
    /// The contracts found, in the order asked for.
    pub instruments: Vec<Instrument>,
    /// What was not, and why.
    pub missing: Vec<MissingData>,
}

impl IbSession {
    /// Looks up US stocks by ticker. What was found is remembered for the session; what failed is asked again next time.
    pub async fn qualify(&self, symbols: &[Symbol]) -> Qualified {
        let lookups: Vec<_> = symbols.iter().map(|symbol| self.contract_of(symbol)).collect();
        let found: Vec<_> = stream::iter(lookups).buffered(CONTRACTS_AT_ONCE).collect().await;
        let mut qualified = Qualified::default();
        for (symbol, contract) in symbols.iter().zip(found) {
            match contract {
                Ok(instrument) => qualified.instruments.push(instrument),
                Err(error) => qualified.missing.push(error.into_missing(symbol, SnapshotPart::Contract)),
            }
        }
        qualified
    }

    async fn contract_of(&self, symbol: &Symbol) -> Result<Instrument> {
        if let Some(known) = self.contracts.lock().await.get(symbol) {
            return Ok(known.clone());
        }
        let what = format!("contract of {symbol}");
        let contract = wire::stock(symbol);
        let details =
            self.link.ask(&what, RequestKind::Contract, |client| async move { client.contract_details(&contract).await }).await?;
        let instrument = only_one(what, symbol, details)?;
        self.contracts.lock().await.insert(symbol.clone(), instrument.clone());
        Ok(instrument)
    }
}

fn only_one(what: String, symbol: &Symbol, details: Vec<ContractDetails>) -> Result<Instrument> {
    let unknown = |detail| Err(AdapterError::Refused { what, reason: MissingReason::UnknownContract, code: None, detail });
    let mut candidates: Vec<ContractDetails> = Vec::new();
    for details in details {
        if candidates.iter().all(|known| known.contract.contract_id != details.contract.contract_id) {
            candidates.push(details);
        }
    }
    match candidates.as_slice() {
        [] => unknown("IB knows no such stock".to_owned()),
        [one] => Ok(instrument(symbol.clone(), one)),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|it| format!("{} ({}, contract {})", it.long_name, it.contract.primary_exchange, it.contract.contract_id))
                .collect();
            unknown(format!("several contracts fit: {}", names.join("; ")))
        }
    }
}

/// An instrument as IB describes it.
pub(super) fn instrument(symbol: Symbol, details: &ContractDetails) -> Instrument {
    Instrument {
        name: details.long_name.clone(),
        kind: match details.stock_type.as_str() {
            "ETF" | "ETN" | "ETC" | "ETP" => InstrumentKind::Etf,
            _ => InstrumentKind::Stock,
        },
        primary_exchange: details.contract.primary_exchange.to_string(),
        contract_id: Some(details.contract.contract_id).filter(|id| *id > 0),
        ..Instrument::stock(symbol)
    }
}
