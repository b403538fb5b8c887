//! The session as a whole: opened, asked the time, ended.

use std::{collections::BTreeMap, sync::Arc};

use bellwether::market::{Clock, Instrument, Quote, Symbol};
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell, Semaphore};

use super::{config::IbConfig, feed::QuoteFeed, link::Link, quotes::QuoteBoard, today::TodayCache, wire};
use crate::error::{AdapterError, Result};

/// A session with Interactive Brokers. All methods may be called at the same time from many tasks.
///
/// A request that meets a lost connection fails with [`AdapterError::Disconnected`]; the next one connects again.
#[derive(Debug)]
pub struct IbSession {
    pub(super) link: Arc<Link>,
    pub(super) contracts: Mutex<BTreeMap<Symbol, Instrument>>,
    pub(super) board: Arc<QuoteBoard>,
    pub(super) feed: QuoteFeed,
    pub(super) today: TodayCache,
    pub(super) news_providers: OnceCell<Vec<String>>,
    pub(super) real_time_lines: Arc<Semaphore>,
}

impl IbSession {
    /// Connects, in `connect_attempts` attempts with growing pauses between them.
    ///
    /// # Errors
    /// [`AdapterError::Setting`]; [`AdapterError::Unreachable`] when nothing listens there, [`AdapterError::NoHandshake`]
    /// when something does but it is no gateway that takes API clients, [`AdapterError::ClientIdInUse`] at once.
    pub async fn connect(config: IbConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let link = Link::open(config, clock).await?;
        let board = Arc::new(QuoteBoard::new(Arc::clone(&link.clock)));
        let feed = QuoteFeed::start(Arc::clone(&link), Arc::clone(&board));
        let real_time_lines = Arc::new(Semaphore::new(link.config.real_time_streams()));
        Ok(Self {
            link,
            contracts: Mutex::default(),
            board,
            feed,
            today: TodayCache::default(),
            news_providers: OnceCell::new(),
            real_time_lines,
        })
    }

    /// The gateway's clock, whole seconds.
    ///
    /// # Errors
    /// No answer in time, or no connection.
    pub async fn server_time(&self) -> Result<Timestamp> {
        let what = "server time";
        let time = self.link.ask(what, |client| async move { client.server_time().await }).await?;
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
