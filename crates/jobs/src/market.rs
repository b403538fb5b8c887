//! Where market data comes from: a recorded folder, or Interactive Brokers over a connection made when first needed.

use std::sync::Arc;

use bellwether::market::Clock;
use bellwether_adapters::{
    AdapterError, FileSource, MarketData,
    ib::{IbConfig, IbSession},
};
use tokio::sync::Mutex;

/// See the module.
#[derive(Debug)]
pub enum Market {
    /// A recorded folder.
    Files(Arc<FileSource>),
    /// Interactive Brokers.
    Ib(IbLink),
}

/// One broker session, shared by all tasks and made again after it was lost.
#[derive(Debug)]
pub struct IbLink {
    config: IbConfig,
    clock: Arc<dyn Clock>,
    session: Mutex<Option<Arc<IbSession>>>,
}

impl IbLink {
    /// A link that is not connected yet.
    pub fn new(config: IbConfig, clock: Arc<dyn Clock>) -> Self {
        Self { config, clock, session: Mutex::new(None) }
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
        let connected = Arc::new(IbSession::connect(self.config.clone(), Arc::clone(&self.clock)).await?);
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
        let started = Arc::new(IbSession::start(self.config.clone(), Arc::clone(&self.clock)).await?);
        *session = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Ends the session, if there is one.
    pub async fn close(&self) {
        if let Some(session) = self.session.lock().await.take() {
            session.shutdown().await;
        }
    }
}

impl Market {
    /// The source, connected.
    ///
    /// # Errors
    /// See [`IbLink::session`].
    pub async fn connected(&self) -> Result<Arc<dyn MarketData>, AdapterError> {
        match self {
            Self::Files(files) => Ok(Arc::clone(files) as Arc<dyn MarketData>),
            Self::Ib(link) => Ok(link.session().await? as Arc<dyn MarketData>),
        }
    }

    /// Ends what is open.
    pub async fn close(&self) {
        if let Self::Ib(link) = self {
            link.close().await;
        }
    }
}
