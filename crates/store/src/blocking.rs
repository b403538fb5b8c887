//! The reads a notebook needs, without async.

use std::sync::Arc;

use bellwether::market::{BarFault, Bars, Instrument, Symbol, Timeframe};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::{
    Alert, AlertFilter, BarCoverage, ComputedRow, ConnectOptions, HitRow, MarketConditions, Result, Run, RunFilter, RunId,
    StoreError, StoredHeadline,
};

/// A [`crate::Store`] that blocks. Owns a small runtime; cheap to clone. Not for use inside async code.
#[derive(Debug, Clone)]
pub struct Store {
    store: crate::Store,
    runtime: Arc<Runtime>,
}

impl Store {
    /// Connects and checks that the schema is this program's; changes nothing.
    ///
    /// # Errors
    /// As [`crate::Store::connect`] and [`crate::Store::check_schema`].
    pub fn connect(url: &str, options: ConnectOptions) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bellwether-store")
            .enable_all()
            .build()
            .map_err(StoreError::Runtime)?;
        let store = runtime.block_on(async {
            let store = crate::Store::connect(url, options).await?;
            store.check_schema().await?;
            Ok::<_, StoreError>(store)
        })?;
        Ok(Self { store, runtime: Arc::new(runtime) })
    }

    /// See [`crate::Store::target`].
    pub fn target(&self) -> &str {
        self.store.target()
    }

    /// See [`crate::Store::runs`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        self.runtime.block_on(self.store.runs(filter))
    }

    /// See [`crate::Store::find_run`].
    ///
    /// # Errors
    /// [`StoreError::RunNotFound`], [`StoreError::RunAmbiguous`].
    pub fn find_run(&self, text: &str) -> Result<Run> {
        self.runtime.block_on(self.store.find_run(text))
    }

    /// See [`crate::Store::hits`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn hits(&self, run_id: RunId) -> Result<Vec<HitRow>> {
        self.runtime.block_on(self.store.hits(run_id))
    }

    /// See [`crate::Store::computed`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn computed(&self, run_id: RunId) -> Result<Vec<ComputedRow>> {
        self.runtime.block_on(self.store.computed(run_id))
    }

    /// See [`crate::Store::alerts`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alerts(&self, filter: &AlertFilter) -> Result<Vec<Alert>> {
        self.runtime.block_on(self.store.alerts(filter))
    }

    /// See [`crate::Store::instruments`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn instruments(&self) -> Result<Vec<Instrument>> {
        self.runtime.block_on(self.store.instruments())
    }

    /// See [`crate::Store::read_bars`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn bars(
        &self,
        symbols: &[Symbol],
        timeframe: Timeframe,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(Bars, Vec<BarFault>)> {
        self.runtime.block_on(self.store.read_bars(symbols, timeframe, from, until))
    }

    /// See [`crate::Store::bar_coverage`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn bar_coverage(&self, timeframe: Timeframe) -> Result<Vec<BarCoverage>> {
        self.runtime.block_on(self.store.bar_coverage(timeframe))
    }

    /// See [`crate::Store::headlines`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn headlines(&self, symbols: &[Symbol], from: Timestamp, until: Timestamp) -> Result<Vec<StoredHeadline>> {
        self.runtime.block_on(self.store.headlines(symbols, from, until))
    }

    /// See [`crate::Store::market_conditions`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn market_conditions(&self, from: Timestamp, until: Timestamp) -> Result<Vec<MarketConditions>> {
        self.runtime.block_on(self.store.market_conditions(from, until))
    }
}
