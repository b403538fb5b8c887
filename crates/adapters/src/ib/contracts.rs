//! From tickers to contracts.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use async_trait::async_trait;
use bellwether::market::{Instrument, InstrumentKind, MissingData, MissingReason, SnapshotPart, Symbol};
use futures::{StreamExt as _, stream};
use ibapi::contracts::ContractDetails;
use tokio::sync::Mutex;

use super::{
    hours::MarketHours,
    pacing::{CONTRACTS_AT_ONCE, RequestKind},
    session::IbSession,
    wire,
};
use crate::error::{AdapterError, Result};

/// Where contracts are remembered, so that they are looked up once and not with every start.
#[async_trait]
pub trait ContractCache: Send + Sync + Debug {
    /// The contract of a symbol as it was last put in, if it still counts.
    async fn get(&self, symbol: &Symbol) -> Option<Instrument>;
    /// A contract was looked up.
    async fn put(&self, instrument: &Instrument);
    /// IB does not know a contract any more.
    async fn forget(&self, symbol: &Symbol);
}

/// Remembers contracts for as long as the session lives.
#[derive(Debug, Default)]
pub struct RememberedContracts(Mutex<BTreeMap<Symbol, Instrument>>);

#[async_trait]
impl ContractCache for RememberedContracts {
    async fn get(&self, symbol: &Symbol) -> Option<Instrument> {
        self.0.lock().await.get(symbol).cloned()
    }

    async fn put(&self, instrument: &Instrument) {
        self.0.lock().await.insert(instrument.symbol.clone(), instrument.clone());
    }

    async fn forget(&self, symbol: &Symbol) {
        self.0.lock().await.remove(symbol);
    }
}

/// What [`IbSession::qualify`] found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Qualified {
    /// The contracts found, in the order asked for.
    pub instruments: Vec<Instrument>,
    /// What was not, and why; with the candidates where several contracts fit.
    pub missing: Vec<MissingData>,
}

impl IbSession {
    /// Remembers contracts in `cache` instead of for the session alone.
    #[must_use]
    pub fn with_contract_cache(mut self, cache: Arc<dyn ContractCache>) -> Self {
        self.contracts = cache;
        self
    }

    /// Looks up US stocks by ticker. What was found is remembered; what failed is asked again next time, as is a contract
    /// that IB has refused to know since.
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
        if self.registry.is_forgotten(symbol) {
            self.contracts.forget(symbol).await;
        } else if let Some(known) = self.contracts.get(symbol).await {
            return Ok(known);
        }
        let what = format!("contract of {symbol}");
        let contract = wire::stock(symbol);
        let details =
            self.link.ask(&what, RequestKind::Contract, |client| async move { client.contract_details(&contract).await }).await?;
        let details = only_one(what, details)?;
        let instrument = instrument(symbol.clone(), &details);
        self.registry.know_contract(symbol);
        let hours = MarketHours::parse(&details.time_zone_id, &details.trading_hours, &details.liquid_hours);
        self.registry.learn_hours(symbol, hours);
        self.contracts.put(&instrument).await;
        Ok(instrument)
    }
}

fn only_one(what: String, details: Vec<ContractDetails>) -> Result<ContractDetails> {
    let unknown = |detail| Err(AdapterError::Refused { what, reason: MissingReason::UnknownContract, code: None, detail });
    let mut candidates: Vec<ContractDetails> = Vec::new();
    for details in details {
        if candidates.iter().all(|known| known.contract.contract_id != details.contract.contract_id) {
            candidates.push(details);
        }
    }
    match candidates.len() {
        0 => unknown("IB knows no such stock".to_owned()),
        1 => Ok(candidates.remove(0)),
        _ => {
            let name = |it: &ContractDetails| {
                let contract = &it.contract;
                let (exchange, currency) = (&contract.primary_exchange, &contract.currency);
                format!("{} ({exchange}, {currency}, contract {})", it.long_name, contract.contract_id)
            };
            unknown(format!("several contracts fit: {}", candidates.iter().map(name).collect::<Vec<_>>().join("; ")))
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
