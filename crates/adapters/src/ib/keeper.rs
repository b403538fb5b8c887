//! Keeps one subscription alive: asks, follows, notices silence, asks again, and accounts for the bars in between.
//!
//! ```text
//! wait for the connection ─► ask ─► follow ─► renewed (new connection, 1101) ─► ask again
//!                                      ├────► silent for too long ─► ask again, and see what that shows (trial)
//!                                      └────► ended with an error ─► for now: after a pause; for good: after a long one
//! ```
//! A silence that turns out to be honest costs a second request and teaches patience; one that does not is reported. The
//! connection itself is never touched, except when prices show that its bytes are out of step.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Bar, MissingReason, Quote};
use futures::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use tokio::sync::watch;

use super::{
    backfill::{BarKind, fetch, may_come, starts, traded_since},
    backoff::Backoff,
    clean::RUN,
    farms::FarmKind,
    gaps::{Gap, GapOutcome},
    health::{BarAccount, HealthChange, SubscriptionState},
    hours::{MarketHours, MarketState, Window},
    intake::{Intake, Taken, Taking},
    ledger::{Arrival, BarLedger},
    link::Link,
    liveness::Liveness,
    monitor::count,
    pacing::RequestKind,
    queue::EventQueue,
    quotes::QuoteBoard,
    record::{Record, Registry},
    refusal,
    streams::{Incoming, Stream},
    subscription::{BarOrigin, MarketEvent, Subscription, SubscriptionKind},
    waiting::{after, pause, since},
    wire,
};
use crate::error::{AdapterError, Result};

/// Time between two looks at how things are, on the session's clock, and its floor in real time.
const LOOK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(50));
/// First and longest pause before a refusal that passes is tried again.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// Pause before a refusal that does not pass by itself is checked again.
const RECHECK: Duration = Duration::from_secs(900);
/// A subscription made again because of silence has so long to speak; and its floor in real time.
const TRIAL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
/// First and longest pause between two requests for missed bars.
const FETCH: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(600));
/// Missed bars are asked for so often before they count as lost.
const FETCHES: u32 = 25;
/// A minute bar is complete so long after its end, for clocks that disagree.
const COMPLETE_AFTER: i64 = 2_000_000;

/// Where events go.
#[derive(Debug)]
pub(super) enum Outlet {
    /// To a subscriber.
    Queue(Arc<EventQueue<MarketEvent>>),
    /// To the board of last quotes.
    #[allow(dead_code, reason = "for the feed of quotes")]
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
    hours: Option<MarketHours>,
    market: (MarketState, Timestamp),
    liveness: Liveness,
    intake: Intake,
    bars: Option<Bars>,
    trial: Option<Trial>,
    /// Something has come since the subscription was last made.
    spoke: bool,
    /// What stands in the way of data, when something is known to.
    hindrance: Option<String>,
    /// The connection was made again because of this symbol's prices.
    resynced: bool,
    side: Option<BoxFuture<'static, Side>>,
}

/// The account of bars.
struct Bars {
    kind: BarKind,
    ledger: BarLedger,
    /// A minute that is not over.
    forming: Option<Bar>,
    backoff: Backoff,
    fetch_at: Timestamp,
    fetches: u32,
}

/// A subscription made again because of silence.
#[derive(Debug)]
struct Trial {
    silent_since: Timestamp,
    began: (Timestamp, std::time::Instant),
    before: Option<Quote>,
    probed: bool,
}

/// What was asked for beside the stream.
enum Side {
    Fetched(Window, Result<Vec<Bar>>),
    Probed(Result<bool>),
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
        let bars = BarKind::of(wanted.kind).map(|kind| Bars {
            kind,
            ledger: BarLedger::new(kind.step, now.as_microsecond()),
            forming: None,
            backoff: Backoff::new(FETCH.0, FETCH.1),
            fetch_at: now,
            fetches: 0,
        });
        Self {
            link: Arc::clone(link),
            registry: Arc::clone(registry),
            what: format!("{} of {}", wanted.kind.as_str(), wanted.instrument.symbol),
            liveness: Liveness::new(wanted.kind, now),
            wanted,
            record,
            outlet,
            events: Vec::new(),
            hours: None,
            market: (MarketState::Closed, now),
            intake: Intake::default(),
            bars,
            trial: None,
            spoke: false,
            hindrance: None,
            resynced: false,
            side: None,
        }
    }

    /// Keeps the subscription until `unwanted` says that nobody wants it, or the session ends.
    pub(super) async fn keep(mut self, mut unwanted: watch::Receiver<()>) {
        self.run(&mut unwanted).await;
        self.registry.leave(&self.record);
    }

    async fn run(&mut self, unwanted: &mut watch::Receiver<()>) {
        let mut renewals = self.link.renewals();
        let mut backoff = Backoff::new(RETRY.0, RETRY.1);
        let mut asked_before = false;
        loop {
            if !self.link.is_connected() {
                self.turn(SubscriptionState::Waiting);
            }
            tokio::select! {
                connected = self.link.connected() => if !connected { return },
                _ = unwanted.changed() => return,
            }
            renewals.mark_unchanged();
            let end = match self.ask(asked_before).await {
                Ok(mut stream) => {
                    let end = self.follow(Some(&mut stream), None, &mut renewals, unwanted).await;
                    let error = match &end {
                        End::Failed(error) => Some(error),
                        _ => None,
                    };
                    stream.close(&self.link, &self.what, error).await;
                    end
                }
                Err(error) => End::Failed(error),
            };
            asked_before = true;
            if let Some(bars) = &mut self.bars {
                bars.ledger.interrupt();
            }
            if self.spoke {
                backoff.reset();
            }
            let pause = match end {
                End::Unwanted => return,
                End::Renewed | End::Due => continue,
                End::Silent => {
                    count(&self.link.monitor.counters.stale_restarts);
                    continue;
                }
                End::Failed(error) if !self.link.is_connected() => {
                    tracing::debug!(%error, "subscription waits for the connection");
                    continue;
                }
                End::Failed(error) => self.refused(&error, &mut backoff),
            };
            let until = after(self.link.clock.now(), pause);
            if let End::Unwanted = self.follow(None, Some(until), &mut renewals, unwanted).await {
                return;
            }
        }
    }

    /// Asks for the stream.
    async fn ask(&mut self, again: bool) -> Result<Stream> {
        if self.hours.as_ref().is_none_or(|hours| !hours.know(self.link.clock.now())) {
            self.learn_hours().await;
        }
        if again {
            count(&self.link.monitor.counters.resubscriptions);
            self.record.count_resubscription();
        }
        if !self.record.is(|state| matches!(state, SubscriptionState::Silent { .. } | SubscriptionState::Live)) {
            self.turn(SubscriptionState::Subscribing);
        }
        let providers = match self.wanted.kind {
            SubscriptionKind::News => self.link.news_providers().await?,
            _ => Vec::new(),
        };
        let before = self.intake.line.quote().cloned();
        self.intake.begin_again();
        let stream = Stream::open(&self.link, &self.what, &self.wanted, &providers).await?;
        let now = self.link.clock.now();
        if let Some(trial) = &mut self.trial {
            trial.before = trial.before.take().or(before);
            trial.began = (now, std::time::Instant::now());
        }
        self.spoke = false;
        self.liveness.restart(now);
        Ok(stream)
    }

    /// When the contract trades: as it was told at qualification, or asked for now.
    async fn learn_hours(&mut self) {
        let known = self.registry.hours(&self.wanted.instrument.symbol);
        let now = self.link.clock.now();
        let mut hours = match known.filter(|hours| hours.know(now)) {
            Some(hours) => hours,
            None => {
                let contract = wire::contract(&self.wanted.instrument);
                let asked = self
                    .link
                    .ask(&self.what, RequestKind::Contract, |client| async move { client.contract_details(&contract).await });
                match asked.await.ok().and_then(|details| details.into_iter().next()) {
                    Some(it) => {
                        let hours = MarketHours::parse(&it.time_zone_id, &it.trading_hours, &it.liquid_hours);
                        self.registry.learn_hours(&self.wanted.instrument.symbol, hours.clone());
                        hours
                    }
                    // The refusal of the subscription itself will say why.
                    None => MarketHours::us(),
                }
            }
        };
        if let Some(before) = &self.hours {
            hours.remember(before);
        }
        self.market = hours.at(now);
        self.hours = Some(hours);
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
        let (mut heard, mut quoted) = (0, false);
        let mut ticks = record.ticks();
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
                    self.bar(bar, now);
                    None
                }
                Taken::Doubted(doubted) => {
                    if doubted == RUN {
                        self.doubt(connection, now);
                    }
                    continue;
                }
                Taken::Notice(notice) => {
                    tracing::debug!(what = self.what, code = notice.code, text = notice.message, "remark from IB");
                    continue;
                }
            };
            heard += 1;
            if let Some(point) = point {
                ticks.push(point);
            }
        }
        drop(ticks);
        if quoted && let Some(quote) = self.intake.line.quote() {
            self.events.push(MarketEvent::Quote(quote.clone()));
        }
        if heard > 0 {
            monitor.heard();
            record.count_events(heard, now);
            let learn = self.spoke && self.trial.is_none() && self.liveness.last() >= self.market.1;
            self.liveness.event(now, learn);
            self.spoke = true;
            self.write_account();
            if self.trial.is_none() && !self.intake.doubts() {
                self.resynced = false;
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
            Outlet::Board(board) => {
                let last = self.events.drain(..).rev().find_map(|event| match event {
                    MarketEvent::Quote(quote) => Some(quote),
                    _ => None,
                });
                if let Some(quote) = last {
                    board.put(quote);
                }
            }
        }
    }

    /// Takes in a bar: a minute that is not over waits until it is.
    fn bar(&mut self, bar: Bar, now: Timestamp) {
        let Some(bars) = &mut self.bars else { return };
        if self.wanted.kind != SubscriptionKind::MinuteBars {
            return self.complete(bar, BarOrigin::Live);
        }
        let over = bar.close_at + COMPLETE_AFTER <= now.as_microsecond();
        let formed = match &bars.forming {
            Some(forming) if forming.open_at < bar.open_at => bars.forming.take(),
            _ => None,
        };
        if !over {
            bars.forming = Some(bar);
        }
        let late = bar.close_at + 60_000_000 < now.as_microsecond();
        formed.into_iter().for_each(|bar| self.complete(bar, BarOrigin::Live));
        if over {
            self.complete(bar, if late { BarOrigin::Backfilled } else { BarOrigin::Live });
        }
    }

    /// Accounts for a bar that is complete, and tells it if it is news.
    fn complete(&mut self, bar: Bar, origin: BarOrigin) {
        let (Some(bars), Some(hours)) = (&mut self.bars, &self.hours) else { return };
        let counters = &self.link.monitor.counters;
        let origin = match bars.ledger.receive(bar.open_at, hours) {
            Arrival::New => origin,
            Arrival::Late => {
                count(&counters.late_ticks);
                origin
            }
            // A stream of minutes begins with the last half hour each time.
            Arrival::Duplicate if self.wanted.kind == SubscriptionKind::MinuteBars => return,
            Arrival::Duplicate => return count(&counters.duplicates_dropped),
        };
        self.record.bars().push(bar);
        self.events.push(MarketEvent::Bar { bar, origin });
    }

    /// Prices are too far off to be believed: once, the connection is made again; if that does not help, they are held back.
    fn doubt(&mut self, connection: u64, now: Timestamp) {
        let last = self.intake.line.quote().and_then(|quote| quote.last);
        let why = match last {
            Some(last) => format!("{RUN} prices in a row are half as much again, or more, off the last one ({last})"),
            None => format!("{RUN} prices in a row are half as much again, or more, off the last one"),
        };
        if std::mem::replace(&mut self.resynced, true) {
            let why = format!("{why}, on a new connection too: they are held back until trading is halted or a session begins");
            self.turn_at(SubscriptionState::Silent { why }, now);
        } else {
            self.link.distrust(connection, format!("{}: {why}", self.what));
        }
    }

    /// Looks after the account of bars: what should have come by `now` and has not, is fetched.
    fn account(&mut self, now: Timestamp) {
        if let Some(bars) = &mut self.bars
            && let Some(bar) = bars.forming.take_if(|bar| bar.close_at + COMPLETE_AFTER <= now.as_microsecond())
        {
            self.complete(bar, BarOrigin::Live);
            self.deliver();
        }
        let (Some(bars), Some(hours)) = (&mut self.bars, &self.hours) else { return };
        let before = bars.ledger.missing();
        let due = now.as_microsecond() - i64::try_from(bars.kind.grace.as_micros()).unwrap_or_default();
        bars.ledger.expect(due, hours);
        let missing = bars.ledger.missing();
        if before == 0 && missing > 0 {
            bars.fetch_at = bars.fetch_at.max(after(now, FETCH.0));
            let opened = bars.ledger.open().next();
            if let Some((window, bars)) = opened {
                let gap = self.gap(window, bars, GapOutcome::Open);
                self.link.monitor.tell(HealthChange::GapOpened { gap });
            }
        }
        self.write_account();
        let (Some(bars), true) = (&mut self.bars, self.side.is_none() && self.link.is_connected()) else { return };
        if let Some(window) = bars.ledger.due(bars.kind.longest).filter(|_| now >= bars.fetch_at) {
            let (link, instrument, kind) = (Arc::clone(&self.link), self.wanted.instrument.clone(), bars.kind);
            let fetching = async move { Side::Fetched(window, fetch(&link, &instrument, kind, window).await) };
            self.side = Some(fetching.boxed());
        }
    }

    fn write_account(&self) {
        let Some(Bars { ledger, .. }) = &self.bars else { return };
        let account =
            BarAccount { received: ledger.received, backfilled: ledger.backfilled, lost: ledger.lost, missing: ledger.missing() };
        self.record.account(account, ledger.open().map(|(window, bars)| self.gap(window, bars, GapOutcome::Open)).collect());
    }

    fn gap(&self, (from, until): Window, bars: u64, outcome: GapOutcome) -> Gap {
        let instant = |micros| Timestamp::from_microsecond(micros).unwrap_or_default();
        let symbol = self.wanted.instrument.symbol.clone();
        Gap { symbol, kind: self.wanted.kind.as_str(), from: instant(from), until: instant(until), bars, outcome }
    }

    /// Takes in what was asked for beside the stream.
    fn settle(&mut self, side: Side) {
        match side {
            Side::Fetched(window, Ok(found)) => self.fetched(window, &found, "IB has no bar there"),
            Side::Fetched(window, Err(error)) => {
                let now = self.link.clock.now();
                let Some(bars) = &mut self.bars else { return };
                bars.fetches += 1;
                if may_come(&error) && bars.fetches < FETCHES {
                    bars.fetch_at = after(now, bars.backoff.limit());
                    // The limit, not a random part of it: what is asked again too soon is a pacing violation.
                    let _ = bars.backoff.next();
                    return;
                }
                self.fetched(window, &[], &error.to_string());
            }
            Side::Probed(outcome) => self.judge(match outcome {
                Ok(true) => Some("IB's history has trades that it did not tell of".to_owned()),
                Ok(false) => None,
                Err(error) => Some(format!("and whether there was anything to tell is not known ({error})")),
            }),
        }
    }

    /// Missed bars of a stretch are settled: those found are told, the others are lost.
    fn fetched(&mut self, window: Window, found: &[Bar], otherwise: &str) {
        let now = self.link.clock.now();
        let Some(bars) = &mut self.bars else { return };
        bars.backoff.reset();
        bars.fetches = 0;
        bars.fetch_at = after(now, FETCH.0);
        let runs = bars.ledger.settle(window, &starts(found));
        for run in runs {
            let inside = |bar: &&Bar| (run.window.0..run.window.1).contains(&bar.open_at);
            let told = found.iter().filter(inside).filter(|_| run.fetched);
            self.events.extend(told.map(|bar| MarketEvent::Bar { bar: *bar, origin: BarOrigin::Backfilled }));
            let counters = &self.link.monitor.counters;
            let (counter, outcome) = match run.fetched {
                true => (&counters.bars_backfilled, GapOutcome::Backfilled),
                false => (&counters.bars_lost, GapOutcome::Lost { reason: otherwise.to_owned() }),
            };
            counter.fetch_add(run.bars, std::sync::atomic::Ordering::Relaxed);
            let gap = self.gap(run.window, run.bars, outcome);
            self.registry.settle(gap.clone());
            self.events.push(MarketEvent::Gap(gap));
        }
        self.write_account();
        self.deliver();
    }

    /// Looks at whether the silence, if it is one, is as it should be; `true` when the subscription is to be made again.
    fn look(&mut self, now: Timestamp) -> bool {
        let Some(hours) = &self.hours else { return false };
        let market = hours.at(now);
        if market.0 != self.market.0 {
            // The first price of a session may be anywhere.
            self.intake.forget_prices();
        }
        self.market = market;
        let outage = self.link.monitor.outage(FarmKind::MarketData);
        if self.hindrance.is_some() && outage.is_none() {
            self.liveness.restart(now);
        }
        self.hindrance = outage;
        if market.0 == MarketState::Closed {
            self.trial = None;
            if self.record.is(|state| matches!(state, SubscriptionState::Silent { .. } | SubscriptionState::Subscribing)) {
                self.turn(SubscriptionState::Live);
            }
            return false;
        }
        if let Some(trial) = &self.trial {
            let over = since(now, trial.began.0) >= TRIAL.0 && trial.began.1.elapsed() >= TRIAL.1;
            if self.spoke {
                self.spoke_again(now);
            } else if over && !trial.probed {
                self.kept_silent(now);
            }
        }
        let halted = self.intake.line.quote().is_some_and(|quote| quote.halted);
        let hindered = halted || self.hindrance.is_some();
        let Some(silent) = self.liveness.overdue(now, market, hindered) else { return false };
        if let Some(why) = &self.hindrance {
            let why = why.clone();
            self.turn(SubscriptionState::Silent { why });
        }
        if self.side.is_some() && self.trial.is_some() {
            // A verdict is on its way.
            return false;
        }
        tracing::info!(what = self.what, ?silent, "silent: subscribing again");
        let silent_since = self.trial.take().map_or(self.liveness.last(), |trial| trial.silent_since);
        let began = (now, std::time::Instant::now());
        self.trial = Some(Trial { silent_since, began, before: self.intake.line.quote().cloned(), probed: false });
        true
    }

    /// The subscription made again spoke: what it says shows whether the silence before was honest.
    fn spoke_again(&mut self, now: Timestamp) {
        let Some(trial) = self.trial.take() else { return };
        let was_dead = match (&trial.before, self.intake.line.quote()) {
            (Some(before), Some(now)) => {
                (before.last, before.volume, before.bid, before.ask) != (now.last, now.volume, now.bid, now.ask)
            }
            // Streams that begin with nothing old: that they speak at once is telling enough.
            _ => true,
        };
        if was_dead {
            let why = format!("it had been dead since {}; subscribed again", trial.silent_since);
            self.turn(SubscriptionState::Silent { why });
        } else {
            self.liveness.honest_pause(since(now, trial.silent_since));
        }
        if !self.intake.doubts() {
            self.turn(SubscriptionState::Live);
        }
    }

    /// The subscription made again is silent too.
    fn kept_silent(&mut self, now: Timestamp) {
        let Some(trial) = &mut self.trial else { return };
        trial.probed = true;
        if self.wanted.kind == SubscriptionKind::Quotes {
            // A quote always begins with the last state.
            return self.judge(Some("a new subscription says nothing either".to_owned()));
        }
        if let Some(why) = self.hindrance.clone() {
            return self.judge(Some(why));
        }
        if self.side.is_none() {
            let (link, instrument) = (Arc::clone(&self.link), self.wanted.instrument.clone());
            let silent_since = trial.silent_since;
            self.side = Some(async move { Side::Probed(traded_since(&link, &instrument, silent_since, now).await) }.boxed());
        } else {
            trial.probed = false;
        }
    }

    /// What a silence turned out to be: honest, or not and why.
    fn judge(&mut self, dead: Option<String>) {
        let now = self.link.clock.now();
        let Some(trial) = &self.trial else { return };
        let silent_since = trial.silent_since;
        // Either way it is given longer before it is asked for once more.
        self.liveness.honest_pause(since(now, silent_since));
        match dead {
            Some(evidence) => {
                let why = format!("nothing since {silent_since} though the market is open: {evidence}");
                self.turn(SubscriptionState::Silent { why });
            }
            None => {
                self.trial = None;
                self.turn(SubscriptionState::Live);
            }
        }
    }

    /// Notes a refusal; how long to wait before the next try.
    fn refused(&mut self, error: &AdapterError, backoff: &mut Backoff) -> Duration {
        let now = self.link.clock.now();
        let why = refusal::advice(error, &self.wanted.instrument.primary_exchange);
        if refusal::passes(error) {
            let pause = backoff.limit();
            let _ = backoff.next();
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
