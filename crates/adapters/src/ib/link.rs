//! The one connection of a session: made again when it was lost, and the door that every request goes through.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether::market::Clock;
use ibapi::{Client, ConnectivityStatus, subscriptions::NoticeStream};
use tokio::{
    sync::{Mutex, Semaphore, watch},
    time::timeout,
};

use super::{
    config::IbConfig,
    connect::{ClientId, connect},
    pacing::{MessagePacer, patience},
    refusal::refusal,
};
use crate::error::{AdapterError, Result};

/// Historical requests under way at a time; the gateway allows 50.
const HISTORICAL_AT_ONCE: usize = 40;
/// After connecting has failed, how long other requests fail at once instead of trying themselves, real time.
const COOL_DOWN: Duration = Duration::from_secs(5);
/// How long an orderly end may take, real time.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) config: IbConfig,
    pub(super) clock: Arc<dyn Clock>,
    pacer: MessagePacer,
    historical: Semaphore,
    state: Mutex<State>,
    /// Counts the occasions on which every subscription has to be made again.
    renewals: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    client: Option<Arc<Client>>,
    failed: Option<(Instant, String)>,
    closed: bool,
}

impl std::fmt::Debug for State {
    // The client knows account ids: they are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let connected = self.client.as_ref().is_some_and(|client| client.is_connected());
        f.debug_struct("State").field("connected", &connected).field("closed", &self.closed).finish_non_exhaustive()
    }
}

impl Link {
    /// Connects for the first time.
    pub(super) async fn open(config: IbConfig, clock: Arc<dyn Clock>) -> Result<Arc<Self>> {
        config.check()?;
        let link = Arc::new(Self {
            pacer: MessagePacer::new(config.messages_per_second, Arc::clone(&clock)),
            historical: Semaphore::new(HISTORICAL_AT_ONCE),
            state: Mutex::default(),
            renewals: watch::Sender::new(0),
            config,
            clock,
        });
        link.connect_in(&mut *link.state.lock().await, ClientId::Foreign).await?;
        Ok(link)
    }

    /// The client, connected again if it was lost. Whoever comes while that is being tried waits for the outcome.
    pub(super) async fn client(&self) -> Result<Arc<Client>> {
        let mut state = self.state.lock().await;
        let lost = |detail: String| AdapterError::Disconnected { what: "connection".to_owned(), detail };
        if state.closed {
            return Err(lost("the session was shut down".to_owned()));
        }
        if let Some(client) = state.client.as_ref().filter(|client| client.is_connected()) {
            return Ok(Arc::clone(client));
        }
        if let Some((_, problem)) = state.failed.as_ref().filter(|(at, _)| at.elapsed() < COOL_DOWN) {
            return Err(lost(problem.clone()));
        }
        if let Some(old) = state.client.take() {
            disconnect(&old).await;
        }
        self.connect_in(&mut state, ClientId::OurLast).await
    }

    async fn connect_in(&self, state: &mut State, client_id: ClientId) -> Result<Arc<Client>> {
        let (client, notices) = match connect(&self.config, client_id).await {
            Ok(connected) => connected,
            Err(error) => {
                state.failed = Some((Instant::now(), error.to_string()));
                return Err(error);
            }
        };
        let client = Arc::new(client);
        tokio::spawn(heed(notices, self.renewals.clone()));
        if self.config.delayed_quotes {
            let turn = self.pacer.turn("delayed quotes", self.patience()).await?;
            let switched = client.switch_market_data_type(ibapi::market_data::MarketDataType::Delayed).await;
            drop(turn);
            switched.map_err(|error| refusal("delayed quotes", self.patience(), error))?;
        }
        state.failed = None;
        state.client = Some(Arc::clone(&client));
        self.renewals.send_modify(|renewals| *renewals += 1);
        tracing::info!(address = self.config.address(), server = client.server_version(), "connected to IB");
        Ok(client)
    }

    /// Whether there is a connection now; false while one is being made.
    pub(super) fn is_connected(&self) -> bool {
        match self.state.try_lock() {
            Ok(state) => state.client.as_ref().is_some_and(|client| client.is_connected()),
            Err(_) => false,
        }
    }

    /// Ends the connection; nothing connects again.
    pub(super) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.closed = true;
        if let Some(client) = state.client.take() {
            disconnect(&client).await;
        }
    }

    /// Tells of every occasion on which subscriptions have to be made again.
    pub(super) fn renewals(&self) -> watch::Receiver<u64> {
        self.renewals.subscribe()
    }

    /// How long to wait for one answer, real time.
    pub(super) fn patience(&self) -> Duration {
        patience(&*self.clock, self.config.request_timeout)
    }

    /// Waits for a turn, then makes one request and waits for its answer.
    ///
    /// # Errors
    /// What the gateway refused and why; no answer in time; the connection lost, or not to be had.
    pub(super) async fn ask<T, F, Answer>(&self, what: &str, request: F) -> Result<T>
    where
        F: FnOnce(Arc<Client>) -> Answer,
        Answer: Future<Output = Result<T, ibapi::Error>>,
    {
        let client = self.client().await?;
        let patience = self.patience();
        let turn = self.pacer.turn(what, patience).await?;
        match timeout(patience, request(client)).await {
            Ok(Ok(answer)) => {
                turn.answered();
                Ok(answer)
            }
            Ok(Err(error)) => {
                if matches!(error, ibapi::Error::Notice(_)) {
                    turn.answered();
                }
                Err(refusal(what, patience, error))
            }
            Err(_) => Err(AdapterError::Timeout { what: what.to_owned(), after: patience }),
        }
    }

    /// The same for historical data, of which only so much may be under way at a time.
    pub(super) async fn ask_history<T, F, Answer>(&self, what: &str, request: F) -> Result<T>
    where
        F: FnOnce(Arc<Client>) -> Answer,
        Answer: Future<Output = Result<T, ibapi::Error>>,
    {
        // Whoever waits here waits for requests that each have an end.
        let _place = self.historical.acquire().await;
        self.ask(what, request).await
    }

    /// Waits for a turn to send a message that has no answer, such as a cancellation.
    pub(super) async fn turn(&self, what: &str) -> Result<()> {
        self.pacer.turn(what, self.patience()).await.map(drop)
    }
}

/// Without an orderly end the library's tasks would keep the process alive.
async fn disconnect(client: &Client) {
    if timeout(DISCONNECT_WITHIN, client.disconnect()).await.is_err() {
        tracing::warn!(?DISCONNECT_WITHIN, "the connection to IB did not end in time; left to itself");
    }
}

/// Follows what the gateway says about its own connections. The health of its data farms is not that of the socket:
/// only 1101 (restored, data lost) calls for an act, which is to subscribe again.
async fn heed(mut notices: NoticeStream, renewals: watch::Sender<u64>) {
    while let Some(notice) = notices.next().await {
        match notice.code {
            1100 => tracing::warn!("IB Gateway lost its connection to IB"),
            1101 => {
                tracing::warn!("IB Gateway is connected again, data lost: subscribing again");
                renewals.send_modify(|renewals| *renewals += 1);
            }
            1102 => tracing::info!("IB Gateway is connected again, data kept"),
            code => match ConnectivityStatus::from_code(code) {
                Some(ConnectivityStatus::Broken) => tracing::warn!(code, "an IB data farm is broken"),
                Some(status) => tracing::debug!(code, ?status, "IB data farm"),
                None => tracing::debug!(code, "notice from IB"),
            },
        }
    }
}
