//! Keeps one subscription alive: asks, follows, notices silence, asks again, and accounts for the bars in between.
//!
//! ```text
//! wait for the connection ─► ask ─► follow ─► renewed (new connection, 1101) ─► ask again
//!                                      ├────► silent for too long ─► ask again, and see what that shows (trial)
//!                                      └────► ended with an error ─► for now: after a pause; for good: after a long one
//! ```
//! A silence that turns out to be honest costs a second request and teaches patience; one that does not is reported. The
//! connection itself is never touched, except when prices show that its bytes are out of step.

mod asking;
mod bars;
mod doubt;
mod trial;

use std::{sync::Arc, time::Duration};

use bellwether::market::{Bar, MissingReason};
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::watch;

use self::{bars::Bars, trial::Trial};
use super::{
    backoff::Backoff,
    clean::RUN,
    halts::Halts,
    health::{HealthChange, SubscriptionState},
    hours::{MarketHours, MarketState, Window},
    intake::{Intake, Taken, Taking},
    link::Link,
    liveness::Liveness,
    monitor::count,
    queue::EventQueue,
    quotes::{QuoteBoard, TickSide},
    record::{Record, Registry},
    refusal,
    streams::{BATCH, Incoming, Stream},
    subscription::{MarketEvent, Subscription},
    waiting::{after, pause, since},
};
use crate::error::{AdapterError, Result};

/// Time between two looks at how things are, on the session's clock, and its floor in real time.
const LOOK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(50));
/// First and longest pause before a refusal that passes is tried again.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// Pause before a refusal that does not pass by itself is checked again.
const RECHECK: Duration = Duration::from_secs(900);

/// How long a subscription that was refused is left alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// When it is asked for again by itself.
    pub(super) again_at: Timestamp,
    /// When it may be asked for again because someone wants it.
    pub(super) on_request_at: Timestamp,
    /// IB did not refuse it, only its line or its answer failed to come: single quotes can be had meanwhile.
    pub(super) only_streams: bool,
}

/// Where events go.
#[derive(Debug)]
pub(super) enum Outlet {
    /// To a subscriber.
    Queue(Arc<EventQueue<MarketEvent>>),
    /// To the board of last quotes.
    Board(Arc<QuoteBoard>),
}

/// See the module.
pub(super) struct Keeper {
    link: Arc<Link>,
    registry: Arc<Registry>,
    wanted: Subscription,
    what: String,
    record: Arc<Record>,
    outlet: Outlet,
    events: Vec<MarketEvent>,
    /// It was asked for before.
    asked: bool,
    backoff: Backoff,
    hours: Option<MarketHours>,
    market: (MarketState, Timestamp),
    liveness: Liveness,
    intake: Intake,
    halts: Halts,
    halts_seen: u64,
    bars: Option<Bars>,
    trial: Option<Trial>,
    /// Something has come since the subscription was last made.
    spoke: bool,
    /// What stands in the way of data, when something is known to.
    hindrance: Option<String>,
    /// The connection was made again because of this symbol's prices.
    resynced: bool,
    /// Prices that are held back are not asked about before.
    doubt_again_at: Timestamp,
    side: Option<BoxFuture<'static, Side>>,
}

/// What was asked for beside the stream.
enum Side {
    Fetched(Window, Result<Vec<Bar>>),
    Probed(Result<bool>),
    /// Whether the prices that are held back are a move, and of which connection they are.
    Moved(u64, Result<bool>),
}

/// Why a stream is not followed any more.
enum End {
    /// Nobody wants it.
    Unwanted,
    /// Every subscription has to be made again.
    Renewed,
    /// It should speak and does not.
    Silent,
    /// It ended.
    Failed(AdapterError),
    /// The pause is over.
    Due,
}

impl Keeper {
    pub(super) fn new(
        link: &Arc<Link>,
        registry: &Arc<Registry>,
        wanted: Subscription,
        record: Arc<Record>,
        outlet: Outlet,
    ) -> Self {
        let now = link.clock.now();
        let halts = registry.halts(&wanted.instrument.symbol);
        Self {
            halts_seen: halts.changes(),
            halts,
            link: Arc::clone(link),
            registry: Arc::clone(registry),
            bars: Bars::of(wanted.kind, now),
            what: format!("{} of {}", wanted.kind.as_str(), wanted.instrument.symbol),
            liveness: Liveness::new(wanted.kind, now),
            wanted,
            record,
            outlet,
            events: Vec::new(),
            asked: false,
            backoff: Backoff::new(RETRY.0, RETRY.1),
            hours: None,
            market: (MarketState::Closed, now),
            intake: Intake::default(),
            trial: None,
            spoke: false,
            hindrance: None,
            resynced: false,
            doubt_again_at: now,
            side: None,
        }
    }

    /// Keeps the subscription until `unwanted` says that nobody wants it, or the session ends.
    pub(super) async fn keep(mut self, mut unwanted: watch::Receiver<()>) {
        let mut renewals = self.link.renewals();
        while let Some(error) = self.until_refused(&mut renewals, &mut unwanted).await {
            if !self.link.is_connected() {
                tracing::debug!(what = self.what, %error, "subscription waits for the connection");
                continue;
            }
            let pause = self.refused(&error);
            let until = after(self.link.clock.now(), pause);
            if let End::Unwanted = self.follow(None, Some(until), &mut renewals, &mut unwanted).await {
                return;
            }
        }
    }

    /// Keeps the subscription until it is refused or the connection is lost; why it was. Whoever calls this calls it again:
    /// after a refusal when [`Keeper::rest`] is over.
    pub(super) async fn keep_once(&mut self) -> AdapterError {
        let ((_wanted, mut unwanted), (_renewal, mut renewals)) = (watch::channel(()), watch::channel(0));
        let what = self.what.clone();
        let ended = || AdapterError::Disconnected { what, detail: "the session was shut down".to_owned() };
        self.until_refused(&mut renewals, &mut unwanted).await.unwrap_or_else(ended)
    }

    /// Notes a refusal; how long to leave the subscription alone.
    pub(super) fn rest(&mut self, error: &AdapterError) -> Rest {
        let now = self.link.clock.now();
        let least = self.backoff.limit();
        let pause = self.refused(error);
        let only_streams = error.is_retryable() && !matches!(error, AdapterError::Refused { code: Some(_), .. });
        Rest { again_at: after(now, pause), on_request_at: after(now, least), only_streams }
    }

    /// Notes that the connection was lost.
    pub(super) fn await_connection(&self) {
        self.turn(SubscriptionState::Waiting);
    }

    /// Asks and follows until the subscription is refused or the connection is lost; nothing when nobody wants it any more
    /// or the session is over.
    async fn until_refused(
        &mut self,
        renewals: &mut watch::Receiver<u64>,
        unwanted: &mut watch::Receiver<()>,
    ) -> Option<AdapterError> {
        loop {
            if !self.link.is_connected() {
                self.turn(SubscriptionState::Waiting);
            }
            tokio::select! {
                connected = self.link.connected() => if !connected { return None },
                _ = unwanted.changed() => return None,
            }
            renewals.mark_unchanged();
            let end = match self.ask().await {
                Ok(mut stream) => {
                    let end = self.follow(Some(&mut stream), None, renewals, unwanted).await;
                    let error = match &end {
                        End::Failed(error) => Some(error),
                        _ => None,
                    };
                    stream.close(&self.link, &self.what, error).await;
                    end
                }
                Err(error) => End::Failed(error),
            };
            if let Some(bars) = &mut self.bars {
                bars.interrupt();
            }
            if self.spoke {
                self.backoff.reset();
            }
            match end {
                End::Unwanted => return None,
                End::Renewed | End::Due => {}
                End::Silent => count(&self.link.monitor.counters.stale_restarts),
                End::Failed(error) => return Some(error),
            }
        }
    }

    /// Follows a stream until it ends, or waits until `until` without one; looks after everything else meanwhile.
    async fn follow(
        &mut self,
        mut stream: Option<&mut Stream>,
        until: Option<Timestamp>,
        renewals: &mut watch::Receiver<u64>,
        unwanted: &mut watch::Receiver<()>,
    ) -> End {
        let link = Arc::clone(&self.link);
        let mut batch = Vec::new();
        let mut look_at = after(link.clock.now(), LOOK.0);
        loop {
            let wake_at = until.map_or(look_at, |until| until.min(look_at));
            let wait = since(wake_at, link.clock.now());
            let connection = stream.as_ref().map_or(0, |stream| stream.connection);
            tokio::select! {
                end = next_of(stream.as_deref_mut(), &self.what, &mut batch) => {
                    self.take(&mut batch, connection);
                    if let Some(error) = end {
                        return End::Failed(error);
                    }
                }
                side = side_of(&mut self.side) => {
                    self.side = None;
                    self.settle(side);
                }
                _ = renewals.changed() => return End::Renewed,
                _ = unwanted.changed() => return End::Unwanted,
                () = pause(&*link.clock, wait, LOOK.1) => {}
            }
            let now = link.clock.now();
            if now >= look_at {
                look_at = after(now, LOOK.0);
                self.account(now);
                if stream.is_some() && self.look(now) {
                    return End::Silent;
                }
            }
            if until.is_some_and(|until| now >= until) {
                return End::Due;
            }
        }
    }

    /// Takes in what a stream said.
    fn take(&mut self, batch: &mut Vec<Incoming>, connection: u64) {
        let now = self.link.clock.now();
        let monitor = Arc::clone(&self.link.monitor);
        let record = Arc::clone(&self.record);
        let symbol = self.wanted.instrument.symbol.clone();
        let taking = Taking { symbol: &symbol, now, counters: &monitor.counters };
        let (mut heard, mut quoted, mut believed) = (0, false, false);
        let mut ticks = record.ticks();
        let all_read = batch.len() < BATCH;
        self.look_for_halts();
        if let Some(bars) = &mut self.bars {
            bars.look_for_disturbances(monitor.server_changes() + self.halts.changes());
        }
        let halted = self.intake.is_halted();
        for incoming in batch.drain(..) {
            let point = match self.intake.take(incoming, taking) {
                Taken::Nothing => continue,
                Taken::Quote(point) => {
                    quoted = true;
                    point
                }
                Taken::Event(event, point) => {
                    self.events.push(event);
                    point
                }
                Taken::Bar(bar) => {
                    believed = true;
                    if self.intake.took_back() {
                        self.take_back(now);
                    }
                    self.bar(bar, now);
                    None
                }
                Taken::Doubted(doubted) => {
                    if doubted >= RUN {
                        self.doubt(connection, now);
                    }
                    continue;
                }
                Taken::Notice(notice) => {
                    if notice.code == ibapi::SUBSCRIPTION_LAG_CODE
                        && let Some(bars) = &mut self.bars
                    {
                        // Something in between was dropped.
                        bars.begin_again();
                    }
                    tracing::debug!(what = self.what, code = notice.code, text = notice.message, "remark from IB");
                    continue;
                }
            };
            heard += 1;
            if let Some(point) = point {
                believed |= point.side == TickSide::Last;
                ticks.push(point);
            }
        }
        drop(ticks);
        if self.intake.is_halted() != halted {
            self.halts.note(now);
        }
        if let Some(bars) = self.bars.as_mut().filter(|_| all_read) {
            bars.read(now);
        }
        match &self.outlet {
            Outlet::Queue(_) if quoted => self.events.extend(self.intake.line.quote().cloned().map(MarketEvent::Quote)),
            Outlet::Queue(_) => {}
            Outlet::Board(board) => board.show(&symbol, &self.intake.line),
        }
        if heard > 0 {
            monitor.heard();
            record.count_events(heard, now);
            let learn = self.spoke && self.trial.is_none() && self.liveness.last() >= self.market.1;
            self.liveness.event(now, learn);
            self.spoke = true;
            self.write_account();
            // Only the price of a trade shows that prices are what they were.
            self.resynced &= !believed;
            if self.trial.is_none() && !self.resynced {
                self.turn(SubscriptionState::Live);
            }
        }
        self.deliver();
    }

    fn deliver(&mut self) {
        if self.events.is_empty() {
            return;
        }
        match &self.outlet {
            Outlet::Queue(queue) => queue.extend(self.events.drain(..)),
            Outlet::Board(_) => self.events.clear(),
        }
    }

    /// Takes in what was asked for beside the stream.
    fn settle(&mut self, side: Side) {
        match side {
            Side::Fetched(window, Ok(found)) if self.doubtful(&found) => {
                count(&self.link.monitor.counters.impossible_prices);
                let detail = "prices are half as much again, or more, off those before".to_owned();
                let (what, reason) = (format!("missed bars of {}", self.wanted.instrument.symbol), MissingReason::BadData);
                self.not_fetched(window, &AdapterError::Refused { what, reason, code: None, detail });
            }
            Side::Fetched(window, Ok(found)) => self.fetched(window, &found, "IB has no bar there"),
            Side::Fetched(window, Err(error)) => self.not_fetched(window, &error),
            Side::Probed(outcome) => self.judge(match outcome {
                Ok(true) => Some("IB's history has trades that it did not tell of".to_owned()),
                Ok(false) => None,
                Err(error) => Some(format!("and whether there was anything to tell is not known ({error})")),
            }),
            Side::Moved(connection, moved) => self.settle_doubt(connection, moved.unwrap_or(false)),
        }
    }

    /// Notes a refusal; how long to wait before the next try.
    fn refused(&mut self, error: &AdapterError) -> Duration {
        let now = self.link.clock.now();
        let why = refusal::advice(error, &self.wanted.instrument.primary_exchange);
        let pause = self.backoff.limit();
        let _ = self.backoff.next();
        if refusal::passes(error) {
            self.turn(SubscriptionState::Retrying { why, at: after(now, pause) });
            return pause;
        }
        if error.reason() == MissingReason::UnknownContract {
            // A contract that IB does not know any more is looked up again before it is used again.
            self.registry.forget_contract(&self.wanted.instrument.symbol);
        }
        self.turn(SubscriptionState::Refused { why, again_at: after(now, RECHECK) });
        RECHECK
    }

    fn turn(&self, state: SubscriptionState) {
        self.turn_at(state, self.link.clock.now());
    }

    fn turn_at(&self, state: SubscriptionState, now: Timestamp) {
        let quiet = matches!(state, SubscriptionState::Waiting | SubscriptionState::Subscribing);
        if self.record.turn(state.clone(), now) && !quiet {
            let symbol = self.wanted.instrument.symbol.clone();
            let kind = self.wanted.kind.as_str();
            self.link.monitor.tell_at(now, HealthChange::Subscription { symbol, kind, state });
        }
    }
}

async fn next_of(stream: Option<&mut Stream>, what: &str, batch: &mut Vec<Incoming>) -> Option<AdapterError> {
    match stream {
        Some(stream) => stream.next(what, batch).await,
        None => std::future::pending().await,
    }
}

async fn side_of(side: &mut Option<BoxFuture<'static, Side>>) -> Side {
    match side {
        Some(side) => side.await,
        None => std::future::pending().await,
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.registry.leave(&self.record);
    }
}
