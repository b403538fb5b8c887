//! The session as a whole: opened, asked the time, ended.

use std::{collections::BTreeMap, sync::Arc};

use bellwether::market::{Clock, Instrument, Quote, Symbol};
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell, broadcast};

use super::{
    config::IbConfig,
    feed::QuoteFeed,
    forecasting::Forecasts,
    health::{HealthEvent, SessionHealth},
    link::{Link, Supervision},
    pacing::RequestKind,
    quotes::QuoteBoard,
    today::TodayCache,
    wire,
};
use crate::error::{AdapterError, Result};

/// A session with Interactive Brokers. All methods may be called at the same time from many tasks.
///
/// The connection is kept up by a task of its own, for ever. A request that meets a lost connection waits for the first
/// attempt to connect again; once that has failed, requests fail at once with [`AdapterError::Disconnected`], which says
/// what is wrong and since when.
#[derive(Debug)]
pub struct IbSession {
    pub(super) link: Arc<Link>,
    pub(super) contracts: Mutex<BTreeMap<Symbol, Instrument>>,
    pub(super) board: Arc<QuoteBoard>,
    pub(super) feed: QuoteFeed,
    pub(super) today: TodayCache,
    pub(super) news_providers: OnceCell<Vec<String>>,
    pub(super) forecasts: Forecasts,
    /// Ends with the session.
    _supervision: Supervision,
}

impl IbSession {
    /// Connects, in `connect_attempts` attempts with growing pauses between them, and stays connected from then on.
    ///
    /// # Errors
    /// [`AdapterError::Setting`]; [`AdapterError::Unreachable`] when nothing listens there, [`AdapterError::NoHandshake`]
    /// when something does but it is no gateway that takes API clients, [`AdapterError::ClientIdInUse`] at once.
    pub async fn connect(config: IbConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self::of(Link::open(config, clock).await?))
    }

    /// Returns at once and connects in the background, for ever: for a program that has to run while the gateway does not.
    /// Until there is a connection requests fail; [`IbSession::health`] tells how it is going.
    ///
    /// # Errors
    /// [`AdapterError::Setting`].
    pub async fn start(config: IbConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self::of(Link::start(config, clock).await?))
    }

    fn of((link, supervision): (Arc<Link>, Supervision)) -> Self {
        let board = Arc::new(QuoteBoard::new(Arc::clone(&link.clock)));
        let feed = QuoteFeed::start(Arc::clone(&link), Arc::clone(&board));
        Self {
            link,
            contracts: Mutex::default(),
            board,
            feed,
            today: TodayCache::default(),
            news_providers: OnceCell::new(),
            forecasts: Forecasts::default(),
            _supervision: supervision,
        }
    }

    /// How the session is now.
    pub fn health(&self) -> SessionHealth {
        let Self { link, .. } = self;
        let monitor = &link.monitor;
        SessionHealth {
            at: link.clock.now(),
            address: link.config.address(),
            client_id: link.config.client_id,
            socket: link.socket_health(),
            server_version: link.server_version(),
            servers_lost_since: monitor.servers_lost_since(),
            farms: monitor.farms(),
            lines_used: link.lines.usage().taken(),
            lines_allowed: link.config.market_data_lines,
            subscriptions: Vec::new(),
            last_event_at: monitor.last_heard(),
            oldest_silent: None,
            counters: monitor.counters.read(),
        }
    }

    /// Tells of every change of the session's health from now on. A listener that is slow learns how many it missed.
    pub fn health_events(&self) -> broadcast::Receiver<HealthEvent> {
        self.link.monitor.listen()
    }

    /// The gateway's clock, whole seconds.
    ///
    /// # Errors
    /// No answer in time, or no connection.
    pub async fn server_time(&self) -> Result<Timestamp> {
        let what = "server time";
        let time = self.link.ask(what, RequestKind::Other, |client| async move { client.server_time().await }).await?;
        wire::instant(time).ok_or_else(|| AdapterError::Refused {
            what: what.to_owned(),
            reason: bellwether::market::MissingReason::BadData,
            code: None,
            detail: format!("{time} is outside the calendar"),
        })
    }

    /// The last quotes seen, of the symbols given to [`IbSession::subscribe_quotes`], ordered by symbol.
    pub fn quotes(&self) -> Vec<Quote> {
        self.board.quotes()
    }

    /// Ends every stream and the connection, within a few seconds. Later requests fail.
    pub async fn shutdown(&self) {
        // The connection first: after it, the ends of streams send nothing.
        self.link.close().await;
        self.feed.stop().await;
    }
}
