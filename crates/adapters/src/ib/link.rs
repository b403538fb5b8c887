//! The one connection of a session, and the door that every request goes through.
//!
//! The supervisor makes the connection and makes it again; requests take it as it is. While there is none they fail at
//! once with what is wrong and since when: they never pile up in front of a gateway that does not answer.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwether::market::{Clock, Symbol};
use ibapi::{Client, subscriptions::NoticeStream};
use jiff::Timestamp;
use tokio::{
    sync::{OnceCell, mpsc, watch},
    task::JoinHandle,
    time::timeout,
};

use super::{
    config::IbConfig,
    connect::{Connected, connect},
    health::{HealthChange, SocketHealth},
    lines::{LineLease, LineUse, Lines},
    monitor::{Monitor, count},
    pacing::{Ask, PacingLimits, Permit, Planner, Priority, RequestKind, patience},
    refusal::refusal,
    supervisor::{Distrust, supervise},
    tap::{Tap, Tapping},
};
use crate::error::{AdapterError, Result};

/// How long a request may wait for its turn, on the session's clock: the budgets of the gateway span ten minutes.
const TURN_WITHIN: Duration = Duration::from_secs(3_600);
/// How long a request waits for the first attempt to connect after a loss, real time.
const FIRST_ATTEMPT: Duration = Duration::from_secs(5);
/// How long the end of a session may take, real time.
const CLOSE_WITHIN: Duration = Duration::from_secs(6);
/// Messages in any second of the clock that are left to heartbeats, which wait for no turn.
const HEARTBEATS: u32 = 1;
/// What the gateway allows in any second.
const MOST_MESSAGES: u32 = 50;

/// See the module.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) config: IbConfig,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) planner: Arc<Planner>,
    pub(super) lines: Arc<Lines>,
    pub(super) news_providers: OnceCell<Vec<String>>,
    socket: watch::Sender<Socket>,
    /// Counts the occasions on which every subscription has to be made again.
    renewals: watch::Sender<u64>,
    /// Counts connections.
    connections: AtomicU64,
    server_version: Mutex<Option<i32>>,
    distrust: mpsc::Sender<Distrust>,
    closing: watch::Sender<bool>,
}

/// The connection as requests see it.
#[derive(Clone)]
enum Socket {
    /// The first attempt since the start or a loss is under way.
    Connecting { since: Timestamp },
    /// There is one.
    Up { client: Arc<Client>, tap: Arc<Tap>, since: Timestamp, number: u64 },
    /// There is none.
    Down(Outage),
    /// There will be none.
    Closed,
}

/// Why there is no connection.
#[derive(Debug, Clone)]
pub(super) struct Outage {
    pub(super) since: Timestamp,
    pub(super) attempts: u32,
    pub(super) next_attempt_at: Timestamp,
    pub(super) why: String,
}

impl std::fmt::Debug for Socket {
    // The client knows account ids: they are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connecting { .. } => "Connecting",
            Self::Up { .. } => "Up",
            Self::Down(_) => "Down",
            Self::Closed => "Closed",
        })
    }
}

/// The task that keeps the connection up; it ends with this.
#[derive(Debug)]
pub(super) struct Supervision {
    link: Arc<Link>,
    task: JoinHandle<()>,
}

impl Drop for Supervision {
    fn drop(&mut self) {
        self.task.abort();
        self.link.leave();
    }
}

impl Link {
    /// Connects for the first time in a bounded number of attempts, and keeps the connection up from then on.
    pub(super) async fn open(config: IbConfig, clock: Arc<dyn Clock>) -> Result<(Arc<Self>, Supervision)> {
        config.check()?;
        let first = connect(&config).await?;
        Ok(Self::supervised(config, clock, Some(first)).await)
    }

    /// Connects in the background, for ever.
    pub(super) async fn start(config: IbConfig, clock: Arc<dyn Clock>) -> Result<(Arc<Self>, Supervision)> {
        config.check()?;
        Ok(Self::supervised(config, clock, None).await)
    }

    async fn supervised(config: IbConfig, clock: Arc<dyn Clock>, first: Option<Connected>) -> (Arc<Self>, Supervision) {
        let (distrust, distrusted) = mpsc::channel(8);
        let connected = first.is_some();
        let limits = PacingLimits {
            messages_per_second: config.messages_per_second.min(MOST_MESSAGES - HEARTBEATS),
            ..PacingLimits::default()
        };
        let link = Arc::new(Self {
            planner: Planner::new(limits, Arc::clone(&clock)),
            lines: Lines::new(config.market_data_lines),
            news_providers: OnceCell::new(),
            socket: watch::Sender::new(Socket::Connecting { since: clock.now() }),
            renewals: watch::Sender::new(0),
            connections: AtomicU64::new(0),
            server_version: Mutex::default(),
            monitor: Arc::new(Monitor::new(Arc::clone(&clock))),
            distrust,
            closing: watch::Sender::new(false),
            config,
            clock,
        });
        let task = tokio::spawn(supervise(Arc::clone(&link), first, distrusted));
        if connected {
            // The supervisor takes the connection over in a moment.
            let up =
                async { link.socket.subscribe().wait_for(|socket| !matches!(socket, Socket::Connecting { .. })).await.is_ok() };
            let _ = timeout(FIRST_ATTEMPT, up).await;
        }
        let supervision = Supervision { link: Arc::clone(&link), task };
        (link, supervision)
    }

    /// The client, for the request `what`. Just after a loss it waits for the first attempt to connect again; once that
    /// has failed, it fails at once.
    pub(super) async fn client(&self, what: &str) -> Result<Arc<Client>> {
        let mut socket = self.socket.subscribe();
        let settled = socket.wait_for(|socket| match socket {
            Socket::Connecting { .. } => false,
            // Its end is noticed in a moment.
            Socket::Up { client, .. } => client.is_connected(),
            Socket::Down(_) | Socket::Closed => true,
        });
        let socket = timeout(FIRST_ATTEMPT, settled).await.ok().and_then(|settled| settled.ok().map(|socket| socket.clone()));
        let address = self.config.address();
        let detail = match socket {
            Some(Socket::Up { client, .. }) => return Ok(client),
            Some(Socket::Down(Outage { since, attempts, next_attempt_at, why })) => format!(
                "none to {address} since {since}; {attempts} attempts failed, the next is made by {next_attempt_at}: {why}"
            ),
            Some(Socket::Closed) => "the session was shut down".to_owned(),
            Some(Socket::Connecting { .. }) | None => format!("to {address}, being made again"),
        };
        Err(AdapterError::Disconnected { what: what.to_owned(), detail })
    }

    /// Waits for a connection; `false` when there will be none.
    pub(super) async fn connected(&self) -> bool {
        let mut socket = self.socket.subscribe();
        let up = socket.wait_for(|socket| match socket {
            Socket::Up { client, .. } => client.is_connected(),
            Socket::Connecting { .. } | Socket::Down(_) => false,
            Socket::Closed => true,
        });
        matches!(up.await.as_deref(), Ok(Socket::Up { .. }))
    }

    /// Whether there is a connection now; false while one is being made.
    pub(super) fn is_connected(&self) -> bool {
        matches!(&*self.socket.borrow(), Socket::Up { client, .. } if client.is_connected())
    }

    /// Ends the connection; nothing connects again.
    pub(super) async fn close(&self) {
        self.closing.send_replace(true);
        let mut socket = self.socket.subscribe();
        let closed = socket.wait_for(|socket| matches!(socket, Socket::Closed));
        if timeout(CLOSE_WITHIN, closed).await.is_err() {
            tracing::warn!(?CLOSE_WITHIN, "the session with IB did not end in time; left to itself");
            self.leave();
        }
    }

    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Tells of every occasion on which subscriptions have to be made again.
    pub(super) fn renewals(&self) -> watch::Receiver<u64> {
        self.renewals.subscribe()
    }

    /// Every subscription is gone at the gateway.
    pub(super) fn renew(&self) {
        self.renewals.send_modify(|renewals| *renewals += 1);
    }

    /// What comes over the present connection cannot be trusted: it is made again.
    pub(super) fn distrust(&self, connection: u64, why: String) {
        // Eight complaints wait to be heard already: one more changes nothing.
        let _ = self.distrust.try_send(Distrust { connection, why });
    }

    /// The number of the present connection; 0 without one.
    pub(super) fn connection(&self) -> u64 {
        match &*self.socket.borrow() {
            Socket::Up { number, .. } => *number,
            _ => 0,
        }
    }

    /// From now on the ticks that answer `request`, made on the present connection, come to a lane that holds the last
    /// `capacity`, instead of the library's stream; none without a connection.
    pub(super) fn tap(&self, request: i32, capacity: usize) -> Option<Tapping> {
        match &*self.socket.borrow() {
            Socket::Up { tap, .. } => Some(tap.tap(request, capacity)),
            _ => None,
        }
    }

    /// The connection as reports have it.
    pub(super) fn socket_health(&self) -> SocketHealth {
        match &*self.socket.borrow() {
            Socket::Connecting { since } => SocketHealth::Connecting { since: *since },
            Socket::Up { since, .. } => SocketHealth::Connected { since: *since },
            Socket::Down(Outage { since, attempts, next_attempt_at, why }) => {
                SocketHealth::Down { since: *since, attempts: *attempts, next_attempt_at: *next_attempt_at, why: why.clone() }
            }
            Socket::Closed => SocketHealth::Closed,
        }
    }

    pub(super) fn server_version(&self) -> Option<i32> {
        *self.version()
    }

    fn version(&self) -> MutexGuard<'_, Option<i32>> {
        self.server_version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // What follows is the supervisor's.

    /// Takes over a connection that was made; its number.
    pub(super) async fn enter(&self, connected: Connected) -> (Arc<Client>, Arc<Tap>, u64, NoticeStream) {
        let Connected { client, notices, tap, failed_attempts } = connected;
        let (client, tap) = (Arc::new(client), Arc::new(tap));
        if self.config.delayed_quotes {
            let switched = async {
                let turn = self.turn("delayed quotes").await?;
                let switched = client.switch_market_data_type(ibapi::market_data::MarketDataType::Delayed).await;
                turn.written();
                switched.map_err(|error| refusal("delayed quotes", self.patience(), error))
            };
            let switched: Result<()> = switched.await;
            if let Err(error) = switched {
                tracing::warn!(%error, "delayed quotes cannot be had on this connection");
            }
        }
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let server_version = client.server_version();
        *self.version() = Some(server_version);
        count(&self.monitor.counters.connections);
        self.monitor.forget_servers();
        self.monitor.heard();
        // Whoever subscribes again waits for the connection, never the other way round.
        self.renew();
        let up = Socket::Up { client: Arc::clone(&client), tap: Arc::clone(&tap), since: self.clock.now(), number };
        self.socket.send_replace(up);
        self.monitor.tell(HealthChange::Connected { server_version, failed_attempts });
        (client, tap, number, notices)
    }

    /// The connection is gone; the next is being made.
    pub(super) fn lose(&self, why: String) {
        let at = self.clock.now();
        self.socket.send_replace(Socket::Connecting { since: at });
        self.monitor.tell_at(at, HealthChange::Disconnected { why });
    }

    /// The attempts so far failed.
    pub(super) fn stay_down(&self, outage: Outage) {
        self.socket.send_replace(Socket::Down(outage));
    }

    /// The session is over.
    pub(super) fn leave(&self) {
        self.socket.send_replace(Socket::Closed);
    }

    pub(super) fn outage(&self) -> Option<Outage> {
        match &*self.socket.borrow() {
            Socket::Down(outage) => Some(outage.clone()),
            _ => None,
        }
    }

    /// Since when there is no connection.
    pub(super) fn down_since(&self) -> Option<Timestamp> {
        match &*self.socket.borrow() {
            Socket::Connecting { since } | Socket::Down(Outage { since, .. }) => Some(*since),
            Socket::Up { .. } | Socket::Closed => None,
        }
    }

    pub(super) fn was_connected(&self) -> bool {
        self.connections.load(Ordering::Relaxed) > 0
    }

    /// How long to wait for one answer, real time.
    pub(super) fn patience(&self) -> Duration {
        patience(&*self.clock, self.config.request_timeout)
    }

    /// Waits for a turn, then makes one request and waits for its answer, after which nothing of it goes on.
    ///
    /// # Errors
    /// What the gateway refused and why; no answer in time; the connection lost, or not to be had.
    pub(super) async fn ask<T, F, Answer>(&self, what: &str, ask: impl Into<Ask>, request: F) -> Result<T>
    where
        F: FnOnce(Arc<Client>) -> Answer,
        Answer: Future<Output = Result<T, ibapi::Error>>,
    {
        let (answer, permit) = self.begin(what, ask, request).await?;
        permit.finished();
        Ok(answer)
    }

    /// The same for a request that goes on after its first answer, and holds what its permit does as long as that lives.
    ///
    /// # Errors
    /// As [`Link::ask`].
    pub(super) async fn begin<T, F, Answer>(&self, what: &str, ask: impl Into<Ask>, request: F) -> Result<(T, Permit)>
    where
        F: FnOnce(Arc<Client>) -> Answer,
        Answer: Future<Output = Result<T, ibapi::Error>>,
    {
        let (client, mut permit) = self.admitted(what, ask).await?;
        let patience = self.patience();
        let mut answer = Box::pin(request(client));
        match timeout(patience, &mut answer).await {
            Ok(Ok(answer)) => {
                permit.returned();
                self.monitor.heard();
                Ok((answer, permit))
            }
            Ok(Err(error)) => {
                if let ibapi::Error::Notice(notice) = &error {
                    permit.refused(notice.code, &notice.message);
                    self.monitor.heard();
                } else {
                    permit.lost();
                }
                Err(refusal(what, patience, error))
            }
            Err(_) => {
                // What is given up is cancelled by the library, and that is a message like any.
                if let Ok(cancel) = self.turn(what).await {
                    drop(answer);
                    permit.ended_by(&cancel);
                }
                Err(AdapterError::Timeout { what: what.to_owned(), after: patience })
            }
        }
    }

    /// Waits for a turn, then sends a request whose answers come as a stream; its permit is to be told when they begin.
    ///
    /// # Errors
    /// The connection lost, or not to be had; no turn in time.
    pub(super) async fn send<T, F, Sent>(&self, what: &str, ask: impl Into<Ask>, request: F) -> Result<(T, Permit)>
    where
        F: FnOnce(Arc<Client>) -> Sent,
        Sent: Future<Output = Result<T, ibapi::Error>>,
    {
        let (client, permit) = self.admitted(what, ask).await?;
        let patience = self.patience();
        match timeout(patience, request(client)).await {
            Ok(Ok(sent)) => {
                permit.written();
                Ok((sent, permit))
            }
            Ok(Err(error)) => {
                permit.lost();
                Err(refusal(what, patience, error))
            }
            Err(_) => Err(AdapterError::Timeout { what: what.to_owned(), after: patience }),
        }
    }

    /// Waits for a turn, and gives the connection as it is when the turn has come, which may be minutes later.
    async fn admitted(&self, what: &str, ask: impl Into<Ask>) -> Result<(Arc<Client>, Permit)> {
        // Without a connection nobody waits for a turn.
        self.client(what).await?;
        let turn_within = patience(&*self.clock, TURN_WITHIN);
        let permit = self.planner.admit(what, &ask.into(), Priority::of_task(), turn_within).await?;
        match self.client(what).await {
            Ok(client) => Ok((client, permit)),
            Err(error) => {
                permit.unused();
                Err(error)
            }
        }
    }

    /// Waits for a market data line for what the present task does.
    pub(super) async fn line(&self, symbol: &Symbol, used: LineUse) -> Result<LineLease> {
        self.lines.lease(Priority::of_task(), symbol, used, patience(&*self.clock, TURN_WITHIN)).await
    }

    /// Waits for a turn to send a message that has no answer, such as a cancellation.
    pub(super) async fn turn(&self, what: &str) -> Result<Permit> {
        let ask = Ask::of(RequestKind::Cancel);
        self.planner.admit(what, &ask, Priority::of_task(), self.patience()).await
    }
}
