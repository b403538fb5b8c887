//! The session as a whole: opened, asked the time, ended.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Bar, Clock, Quote, Symbol};
use jiff::Timestamp;
use tokio::sync::broadcast;

use super::{
    config::IbConfig,
    contracts::{ContractCache, RememberedContracts},
    feed::QuoteFeed,
    forecasting::Forecasts,
    health::{HealthEvent, SessionCounters, SessionHealth, SubscriptionHealth},
    link::{Link, Supervision},
    pacing::{RequestKind, patience},
    quotes::{QuoteBoard, TickPoint},
    record::{Record, Registry},
    subscription::SubscriptionKind,
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
    pub(super) contracts: Arc<dyn ContractCache>,
    pub(super) board: Arc<QuoteBoard>,
    pub(super) feed: QuoteFeed,
    pub(super) today: TodayCache,
    pub(super) forecasts: Forecasts,
    pub(super) registry: Arc<Registry>,
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

    /// Whether there is a connection at this moment.
    pub fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    /// Waits until there is a connection, for `limit` of the clock at most; whether there is one then.
    pub async fn wait_for_connection(&self, limit: Duration) -> bool {
        let patience = patience(&*self.link.clock, limit);
        tokio::time::timeout(patience, self.link.connected()).await.unwrap_or(false)
    }

    fn of((link, supervision): (Arc<Link>, Supervision)) -> Self {
        let board = Arc::new(QuoteBoard::new(Arc::clone(&link.clock), Arc::clone(&link.monitor)));
        let registry = Registry::new(Arc::clone(&link.clock), Arc::clone(&link.monitor));
        let feed = QuoteFeed::start(Arc::clone(&link), Arc::clone(&registry), Arc::clone(&board));
        Self {
            registry,
            link,
            contracts: Arc::new(RememberedContracts::default()),
            board,
            feed,
            today: TodayCache::default(),
            forecasts: Forecasts::default(),
            _supervision: supervision,
        }
    }

    /// How the session is now.
    pub fn health(&self) -> SessionHealth {
        let Self { link, .. } = self;
        let monitor = &link.monitor;
        let records = self.registry.records();
        let mut subscriptions: Vec<SubscriptionHealth> = records.iter().map(|record| record.health()).collect();
        subscriptions.sort_by(|a, b| (&a.symbol, a.kind).cmp(&(&b.symbol, b.kind)));
        let oldest_silent = subscriptions.iter().filter(|it| it.state.is_silent());
        let oldest_silent = oldest_silent.min_by_key(|it| it.last_event_at.unwrap_or(it.since)).cloned();
        let missing = subscriptions.iter().filter_map(|it| it.bars).map(|bars| bars.missing).sum();
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
            subscriptions,
            last_event_at: monitor.last_heard(),
            oldest_silent,
            counters: SessionCounters { bars_missing: missing, ..monitor.counters.read() },
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

    /// The last ticks of a symbol that is followed as quotes or tick by tick, oldest first: 1,024 at most, empty when it is
    /// not. They are held while `read` looks at them, so it had better be quick.
    pub fn with_recent_ticks<T>(&self, symbol: &Symbol, read: impl FnOnce(&[TickPoint]) -> T) -> T {
        let records = self.registry.records();
        let followed = |record: &&Arc<Record>| {
            record.symbol == *symbol && matches!(record.kind, SubscriptionKind::Quotes | SubscriptionKind::TickByTick(_))
        };
        match records.iter().find(followed) {
            Some(record) => read(record.ticks().as_slice()),
            None => read(&[]),
        }
    }

    /// The last bars of a symbol that came live, oldest first: 720 at most, empty when it is not followed so.
    pub fn with_recent_bars<T>(&self, symbol: &Symbol, kind: SubscriptionKind, read: impl FnOnce(&[Bar]) -> T) -> T {
        let records = self.registry.records();
        match records.iter().find(|record| record.symbol == *symbol && record.kind == kind) {
            Some(record) => read(record.bars().as_slice()),
            None => read(&[]),
        }
    }

    /// Ends every stream and the connection, within a few seconds. Later requests fail.
    pub async fn shutdown(&self) {
        // The connection first: after it, the ends of streams send nothing.
        self.link.close().await;
        self.registry.close();
        self.feed.stop().await;
    }
}
