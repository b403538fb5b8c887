//! Contracts once looked up are kept in the database: a start in the morning asks IB about new symbols only.

use std::sync::Arc;

use async_trait::async_trait;
use bellwether::market::{Clock, Instrument, Symbol};
use bellwether_adapters::ib::ContractCache;
use bellwether_store::Store;
use jiff::SignedDuration;

/// A contract older than this is looked up again: symbols move between companies and exchanges.
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// See the module. When the database is away, contracts are looked up as if none were kept.
#[derive(Debug)]
pub struct StoredContracts {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl StoredContracts {
    /// Contracts kept in `store`.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl ContractCache for StoredContracts {
    async fn get(&self, symbol: &Symbol) -> Option<Instrument> {
        match self.store.qualified_instrument(symbol, self.clock.now(), COUNTS_FOR).await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%symbol, %error, "a kept contract cannot be read; it is looked up again");
                None
            }
        }
    }

    async fn put(&self, instrument: &Instrument) {
        if let Err(error) = self.store.qualify_instrument(&instrument.symbol, Some(instrument), self.clock.now()).await {
            tracing::warn!(symbol = %instrument.symbol, %error, "a contract could not be kept");
        }
    }

    async fn forget(&self, symbol: &Symbol) {
        if let Err(error) = self.store.qualify_instrument(symbol, None, self.clock.now()).await {
            tracing::warn!(%symbol, %error, "a contract that IB does not know any more could not be forgotten");
        }
    }
}
