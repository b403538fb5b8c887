//! Where market data comes from: a recorded folder, Interactive Brokers over a connection made when first needed, or
//! several sources in order.

mod generated;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use bellwether::market::{Bar, Clock, Instrument, Snapshot, Symbol};
use bellwether_adapters::{
    AdapterError, BarSource, Fallback, FileSource, MarketData, ScanRequest,
    ib::{ContractCache, IbConfig, IbSession, Priority, with_priority},
};
use jiff::Timestamp;
use tokio::sync::Mutex;

pub use generated::generated_source;

/// A connection that is away is waited for so long.
const BLIP: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug)]
pub enum Market {
    /// A recorded folder.
    Files(Arc<FileSource>),
    /// Interactive Brokers.
    Ib(Arc<IbLink>),
    /// Several sources in order.
    Chain(Chain),
}

/// Several sources in order, and the broker's link where it is one of them.
#[derive(Debug)]
pub struct Chain {
    /// The sources.
    pub fallback: Arc<Fallback>,
    /// The broker's link.
    pub broker: Option<Arc<IbLink>>,
}

/// One broker session, shared by all tasks and made again after it was lost.
#[derive(Debug)]
pub struct IbLink {
    config: IbConfig,
    clock: Arc<dyn Clock>,
    contracts: OnceLock<Arc<dyn ContractCache>>,
    session: Mutex<Option<Arc<IbSession>>>,
}

impl IbLink {
    /// A link that is not connected yet.
    pub fn new(config: IbConfig, clock: Arc<dyn Clock>) -> Self {
        Self { config, clock, contracts: OnceLock::new(), session: Mutex::new(None) }
    }

    /// Contracts that sessions look up are kept there; the first place named counts.
    pub fn keep_contracts(&self, contracts: Arc<dyn ContractCache>) {
        let _ = self.contracts.set(contracts);
    }

    fn with_contracts(&self, session: IbSession) -> Arc<IbSession> {
        Arc::new(match self.contracts.get() {
            Some(contracts) => session.with_contract_cache(Arc::clone(contracts)),
            None => session,
        })
    }

    /// The session, connected when it is not.
    ///
    /// # Errors
    /// When the gateway cannot be reached, does not answer, or refuses the client id.
    pub async fn session(&self) -> Result<Arc<IbSession>, AdapterError> {
        let mut session = self.session.lock().await;
        if let Some(session) = session.as_ref() {
            return Ok(Arc::clone(session));
        }
        let connected = self.with_contracts(IbSession::connect(self.config.clone(), Arc::clone(&self.clock)).await?);
        *session = Some(Arc::clone(&connected));
        Ok(connected)
    }

    /// The session, connecting in the background for ever: for a process that runs whether the gateway does or not.
    ///
    /// # Errors
    /// When a setting is outside its range.
    pub async fn start(&self) -> Result<Arc<IbSession>, AdapterError> {
        let mut session = self.session.lock().await;
        if let Some(session) = session.as_ref() {
            return Ok(Arc::clone(session));
        }
        let started = self.with_contracts(IbSession::start(self.config.clone(), Arc::clone(&self.clock)).await?);
        *session = Some(Arc::clone(&started));
        Ok(started)
    }

    /// The session, if one was made.
    async fn open_session(&self) -> Option<Arc<IbSession>> {
        self.session.lock().await.clone()
    }

    /// The session, once there is a connection or a minute has passed: requests then say what is wrong.
    ///
    /// # Errors
    /// See [`IbLink::session`].
    pub async fn ready(&self) -> Result<Arc<IbSession>, AdapterError> {
        let session = self.session().await?;
        session.wait_for_connection(BLIP).await;
        Ok(session)
    }

    /// Ends the session, if there is one.
    pub async fn close(&self) {
        if let Some(session) = self.session.lock().await.take() {
            session.shutdown().await;
        }
    }
}

impl Market {
    /// The source, connected. Where the broker is all there is and its connection is being made again, that is waited for:
    /// what is due in the moment of a blip comes a moment later.
    ///
    /// # Errors
    /// See [`IbLink::session`].
    pub async fn connected(&self) -> Result<Arc<dyn MarketData>, AdapterError> {
        match self {
            Self::Files(files) => Ok(Arc::clone(files) as Arc<dyn MarketData>),
            Self::Ib(link) => Ok(link.ready().await? as Arc<dyn MarketData>),
            Self::Chain(chain) => Ok(Arc::clone(&chain.fallback) as Arc<dyn MarketData>),
        }
    }

    /// From now on until the next day, quotes of what an alert names come before those that scans go through in turn. Nothing is
    /// waited for: without a connection at this moment there is nothing to follow.
    pub async fn watch_closely(&self, instruments: &[Instrument]) {
        if let Some(link) = self.broker()
            && let Some(session) = link.open_session().await
            && session.is_connected()
        {
            with_priority(Priority::Alerts, session.subscribe_quotes(instruments)).await;
        }
    }

    /// Ends what is open.
    pub async fn close(&self) {
        if let Some(link) = self.broker() {
            link.close().await;
        }
    }

    /// The broker's link, where the broker is a source.
    pub fn broker(&self) -> Option<&IbLink> {
        match self {
            Self::Files(_) => None,
            Self::Ib(link) => Some(link),
            Self::Chain(chain) => chain.broker.as_deref(),
        }
    }
}

#[async_trait]
impl MarketData for IbLink {
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot, AdapterError> {
        MarketData::snapshot(&*self.session().await?, as_of, request).await
    }
}

#[async_trait]
impl BarSource for IbLink {
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>, AdapterError> {
        BarSource::minute_bars(&*self.session().await?, symbol, from, until).await
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>, AdapterError> {
        BarSource::daily_bars(&*self.session().await?, symbol, sessions, end).await
    }
}
