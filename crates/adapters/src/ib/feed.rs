//! Keeping the board of quotes fed: as many symbols stream as there are lines, the most urgent first; the others are asked
//! in turn.
//!
//! ```text
//! subscribe_quotes ─► plan ─┬─ as many as there are lines ─► keeper ─► board
//!                           │        ▲                         └─ refused: rests, its line is the next symbol's
//!                           │        └── when the rest is over, or someone asks and the backoff allows it
//!                           └─ the others ─► rotation ─► board
//! ```
//! A stream is kept by a keeper like any subscription, so its silence is noticed and explained. A symbol that rests keeps its
//! keeper, and with that its place in the session's health; a new connection begins with all of them again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bellwether::market::{Calendar, Instrument, Symbol};
use jiff::{SignedDuration, Timestamp, civil::Date};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinHandle, JoinSet},
};

use super::{
    keeper::{Keeper, Outlet, Rest},
    lines::Lines,
    link::Link,
    pacing::{Priority, with_priority},
    quotes::QuoteBoard,
    record::Registry,
    rotation::Rotation,
    session::IbSession,
    subscription::{Subscription, SubscriptionKind},
    waiting::{after, pause, since},
};
use crate::error::AdapterError;

/// Symbols followed at most; of the least urgent, those asked for longest ago are dropped first.
const MOST_FOLLOWED: usize = 2_000;
/// Snapshots in turn in one batch, as many at a time as lines are free. From one batch to the next there is one second of
/// the session's clock, but so much real time.
const BATCH: usize = 20;
/// See [`BATCH`].
const BATCH_PAUSE: Duration = Duration::from_millis(100);
/// A quote older than this is asked for again when a snapshot of the market is made.
const FRESH: SignedDuration = SignedDuration::from_secs(30);
/// Time between two looks at whose rest is over, on the session's clock, and its floor in real time.
const LOOK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(50));
/// A stream whose task broke is left alone for so long.
const BROKEN: Duration = Duration::from_secs(300);

/// See the module.
#[derive(Debug)]
pub(super) struct QuoteFeed {
    link: Arc<Link>,
    board: Arc<QuoteBoard>,
    plan: Arc<SharedPlan>,
    pub(super) rotation: Arc<Rotation>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What is followed, and what does not stream.
#[derive(Debug, Default)]
struct Plan {
    followed: Vec<Followed>,
    /// Symbols whose stream was refused, until it is asked for again.
    resting: BTreeMap<Symbol, Rest>,
}

#[derive(Debug, Clone)]
struct Followed {
    instrument: Instrument,
    priority: Priority,
    /// The exchange's day on which it was last asked for with it.
    day: Date,
}

#[derive(Debug)]
struct SharedPlan {
    plan: Mutex<Plan>,
    lines: Arc<Lines>,
    keep_free: usize,
    version: watch::Sender<u64>,
    /// The last renewal that streams were opened again for.
    renewed: watch::Sender<u64>,
}

impl SharedPlan {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        // Nothing under the lock can panic half-way through a change.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan());
        self.version.send_modify(|version| *version += 1);
    }

    /// What should stream. Of one priority those asked for today come before those of earlier days, so that what moved last
    /// week does not hold the lines; otherwise they stay in the order in which they came.
    fn streaming(&self) -> Vec<Followed> {
        let plan = self.plan();
        let mut open: Vec<&Followed> =
            plan.followed.iter().filter(|followed| !plan.resting.contains_key(&followed.instrument.symbol)).collect();
        open.sort_by_key(|followed| (followed.priority, Reverse(followed.day)));
        open.into_iter().take(self.lines.for_streams(self.keep_free)).cloned().collect()
    }

    fn rotating(&self) -> Vec<Instrument> {
        let streaming: BTreeSet<Symbol> = self.streaming().into_iter().map(|followed| followed.instrument.symbol).collect();
        let plan = self.plan();
        let asked = |instrument: &&Instrument| {
            let rest = plan.resting.get(&instrument.symbol);
            !streaming.contains(&instrument.symbol) && rest.is_none_or(|rest| rest.only_streams)
        };
        plan.followed.iter().map(|followed| &followed.instrument).filter(asked).cloned().collect()
    }

    /// Ends the rests that are over at `now`; who rests on, and when the next is over.
    fn wake(&self, now: Timestamp) -> (BTreeSet<Symbol>, Option<Timestamp>) {
        let mut plan = self.plan();
        plan.resting.retain(|_, rest| rest.again_at > now);
        (plan.resting.keys().cloned().collect(), plan.resting.values().map(|rest| rest.again_at).min())
    }
}

impl Plan {
    /// Follows these as well, from `day` on with this priority.
    fn follow(&mut self, instruments: &[Instrument], priority: Priority, day: Date) {
        for followed in self.followed.iter_mut().filter(|it| it.priority == Priority::Alerts && it.day != day) {
            followed.priority = Priority::Scans;
        }
        let known: BTreeMap<Symbol, usize> =
            self.followed.iter().enumerate().map(|(index, known)| (known.instrument.symbol.clone(), index)).collect();
        for instrument in instruments {
            match known.get(&instrument.symbol) {
                Some(index) if priority <= self.followed[*index].priority => {
                    (self.followed[*index].priority, self.followed[*index].day) = (priority, day);
                }
                Some(_) => {}
                None => self.followed.push(Followed { instrument: instrument.clone(), priority, day }),
            }
            if let Some(rest) = self.resting.get_mut(&instrument.symbol) {
                rest.again_at = rest.again_at.min(rest.on_request_at);
            }
        }
        let excess = self.followed.len().saturating_sub(MOST_FOLLOWED);
        if excess > 0 {
            let mut order: Vec<usize> = (0..self.followed.len()).collect();
            order.sort_by_key(|index| (Reverse(self.followed[*index].priority), self.followed[*index].day, *index));
            let dropped: BTreeSet<Symbol> =
                order[..excess].iter().map(|index| self.followed[*index].instrument.symbol.clone()).collect();
            self.followed.retain(|followed| !dropped.contains(&followed.instrument.symbol));
            self.resting.retain(|symbol, _| !dropped.contains(symbol));
        }
    }
}

impl IbSession {
    /// Follows the quotes of these instruments from now on, besides those followed already. The first stream, the most
    /// urgent before the others (see [`with_priority`]): as many as `market_data_lines` less `keep_lines_free` and less
    /// what five-second bars and the like take. The others are asked for snapshots in turn. What was urgent because of an
    /// alert is so until the next day. What was refused comes back by itself, and sooner when it is asked for here, but never
    /// sooner than its backoff allows.
    pub async fn subscribe_quotes(&self, instruments: &[Instrument]) {
        let priority = Priority::of_task();
        let day = Calendar.local_date(self.link.clock.now());
        self.feed.plan.change(|plan| plan.follow(instruments, priority, day));
    }
}

impl QuoteFeed {
    pub(super) fn start(link: Arc<Link>, registry: Arc<Registry>, board: Arc<QuoteBoard>) -> Self {
        let plan = Arc::new(SharedPlan {
            plan: Mutex::default(),
            lines: Arc::clone(&link.lines),
            keep_free: link.config.keep_lines_free,
            version: watch::Sender::new(0),
            renewed: watch::Sender::new(0),
        });
        let rotation = Arc::new(Rotation::new(Arc::clone(&link), Arc::clone(&board)));
        let tasks = vec![
            tokio::spawn(keep_streaming(Arc::clone(&link), registry, Arc::clone(&board), Arc::clone(&plan))),
            tokio::spawn(keep_asking(Arc::clone(&link), Arc::clone(&plan), Arc::clone(&rotation))),
        ];
        Self { link, board, plan, rotation, tasks: Mutex::new(tasks) }
    }

    /// Brings the quotes of `instruments`, which are followed, up to date: waits for streams that have not spoken yet, and
    /// asks for those that are due.
    pub(super) async fn refresh(&self, instruments: &[Instrument]) {
        // Just after a loss, what the board says is of the connection before.
        let renewals = *self.link.renewals().borrow();
        let mut renewed = self.plan.renewed.subscribe();
        // When it takes too long, what the board says has to do.
        let _ = tokio::time::timeout(self.link.patience(), renewed.wait_for(|renewed| *renewed >= renewals)).await;
        let streaming: BTreeSet<Symbol> = self.plan.streaming().into_iter().map(|followed| followed.instrument.symbol).collect();
        let of_streams: Vec<Symbol> = instruments
            .iter()
            .map(|instrument| &instrument.symbol)
            .filter(|symbol| streaming.contains(*symbol))
            .cloned()
            .collect();
        let due: BTreeSet<Symbol> = self.plan.rotating().into_iter().map(|instrument| instrument.symbol).collect();
        let due = instruments.iter().filter(|it| due.contains(&it.symbol) && !self.board.is_fresh(&it.symbol, FRESH));
        let due = self.rotation.oldest_first(due.cloned().collect());
        tokio::join!(self.board.settle(&of_streams, self.link.patience()), self.rotation.round(&due));
    }

    /// What is followed and does not stream.
    pub(super) fn rotating(&self) -> Vec<Instrument> {
        self.plan.rotating()
    }

    /// Ends every stream.
    pub(super) async fn stop(&self) {
        let tasks = std::mem::take(&mut *self.tasks());
        for task in tasks {
            task.abort();
            // Aborted: it ends at its next wait.
            let _ = task.await;
        }
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QuoteFeed {
    fn drop(&mut self) {
        self.tasks().iter().for_each(JoinHandle::abort);
    }
}

/// One symbol that streams, or did and will again.
enum Place {
    /// It is asked for or streams, in a task of its own.
    Taken { stream: AbortHandle, run: u64, priority: Priority },
    /// It rests, or waits for the connection.
    Kept(Box<Keeper>),
}

/// A stream that ended, and why.
struct Ended {
    symbol: Symbol,
    run: u64,
    keeper: Box<Keeper>,
    error: AdapterError,
}

/// The streams: opened for every symbol that should have one, ended for the others.
struct Streaming {
    link: Arc<Link>,
    registry: Arc<Registry>,
    board: Arc<QuoteBoard>,
    plan: Arc<SharedPlan>,
    places: BTreeMap<Symbol, Place>,
    tasks: JoinSet<Ended>,
    runs: u64,
}

/// Opens a stream for every symbol that should have one, and takes note of those that end.
async fn keep_streaming(link: Arc<Link>, registry: Arc<Registry>, board: Arc<QuoteBoard>, plan: Arc<SharedPlan>) {
    let mut renewals = link.renewals();
    let mut version = plan.version.subscribe();
    let mut other_streams = link.lines.other_streams();
    let mut streaming = Streaming {
        link: Arc::clone(&link),
        registry,
        board,
        plan: Arc::clone(&plan),
        places: BTreeMap::new(),
        tasks: JoinSet::new(),
        runs: 0,
    };
    plan.renewed.send_replace(*renewals.borrow_and_update());
    loop {
        version.mark_unchanged();
        other_streams.mark_unchanged();
        let now = link.clock.now();
        let (resting, next) = plan.wake(now);
        streaming.arrange(plan.streaming(), &resting).await;
        let wait = next.map_or(LOOK.0, |next| since(next, now).min(LOOK.0));
        tokio::select! {
            _ = version.changed() => {}
            _ = other_streams.changed() => {}
            () = pause(&*link.clock, wait, LOOK.1) => {}
            _ = renewals.changed() => {
                streaming.renew().await;
                plan.renewed.send_replace(*renewals.borrow_and_update());
            }
            Some(ended) = streaming.tasks.join_next(), if !streaming.tasks.is_empty() => match ended {
                Ok(ended) => streaming.ended(ended),
                Err(error) if error.is_panic() => streaming.broken(),
                // An aborted stream has nothing to say.
                Err(_) => {}
            }
        }
    }
}

impl Streaming {
    /// Opens and ends streams so that those `wanted` are open. A stream that is wanted with another priority is opened again,
    /// for its line is lent by priority.
    async fn arrange(&mut self, wanted: Vec<Followed>, resting: &BTreeSet<Symbol>) {
        let priorities: BTreeMap<&Symbol, Priority> =
            wanted.iter().map(|followed| (&followed.instrument.symbol, followed.priority)).collect();
        let stays = |symbol: &Symbol, place: &Place| match place {
            Place::Taken { priority, .. } => priorities.get(symbol) == Some(priority),
            Place::Kept(_) => priorities.contains_key(symbol) || resting.contains(symbol),
        };
        let gone: Vec<Symbol> =
            self.places.iter().filter(|(symbol, place)| !stays(symbol, place)).map(|(symbol, _)| symbol.clone()).collect();
        for symbol in gone {
            if let Some(Place::Taken { stream, .. }) = self.places.remove(&symbol) {
                end(&self.link, &stream).await;
            }
        }
        let connected = self.link.is_connected();
        for Followed { instrument, priority, .. } in wanted {
            let symbol = instrument.symbol.clone();
            let place = match self.places.remove(&symbol) {
                Some(taken @ Place::Taken { .. }) => taken,
                // Streams are opened once the connection is there, by whoever is told of it first: this task.
                Some(kept) if !connected => kept,
                Some(Place::Kept(keeper)) => self.open(&symbol, keeper, priority),
                None => {
                    let wanted = Subscription { instrument, kind: SubscriptionKind::Quotes };
                    let record = self.registry.enter(&wanted, None);
                    let outlet = Outlet::Board(Arc::clone(&self.board));
                    let keeper = Box::new(Keeper::new(&self.link, &self.registry, wanted, record, outlet));
                    if connected { self.open(&symbol, keeper, priority) } else { Place::Kept(keeper) }
                }
            };
            self.places.insert(symbol, place);
        }
    }

    fn open(&mut self, symbol: &Symbol, mut keeper: Box<Keeper>, priority: Priority) -> Place {
        self.runs += 1;
        let (symbol, run) = (symbol.clone(), self.runs);
        let follow = async move {
            let error = keeper.keep_once().await;
            Ended { symbol, run, keeper, error }
        };
        Place::Taken { stream: self.tasks.spawn(with_priority(priority, follow)), run, priority }
    }

    /// A stream was refused, or the connection was lost.
    fn ended(&mut self, ended: Ended) {
        let Ended { symbol, run, mut keeper, error } = ended;
        // It may have been ended and opened again just as it ended by itself.
        let Some(place @ Place::Taken { .. }) = self.places.get_mut(&symbol) else { return };
        if !matches!(place, Place::Taken { run: present, .. } if *present == run) {
            return;
        }
        self.board.fail(&symbol, &error);
        let rest = match self.link.is_connected() {
            true => Some(keeper.rest(&error)),
            false => {
                keeper.await_connection();
                None
            }
        };
        *place = Place::Kept(keeper);
        if let Some(rest) = rest {
            self.plan.change(|plan| plan.resting.extend([(symbol, rest)]));
        }
    }

    /// A task of a stream broke: its symbol is left alone for a while, so that what breaks at once does not do so for ever.
    fn broken(&mut self) {
        let finished = |place: &Place| matches!(place, Place::Taken { stream, .. } if stream.is_finished());
        let broken: Vec<Symbol> =
            self.places.iter().filter(|(_, place)| finished(place)).map(|(symbol, _)| symbol.clone()).collect();
        let again_at = after(self.link.clock.now(), BROKEN);
        for symbol in broken {
            tracing::error!(%symbol, "the stream of its quotes broke; opened again at {again_at} at the latest");
            self.places.remove(&symbol);
            let rest = Rest { again_at, on_request_at: again_at, only_streams: true };
            self.plan.change(|plan| plan.resting.extend([(symbol, rest)]));
        }
    }

    /// Every stream is gone at the gateway: whatever is still open belongs to a session that is gone, and has nothing more to
    /// say. Nobody rests any longer.
    async fn renew(&mut self) {
        for place in self.places.values_mut() {
            if let Place::Taken { stream, .. } = place {
                end(&self.link, stream).await;
            }
        }
        self.tasks.shutdown().await;
        self.places.retain(|_, place| matches!(place, Place::Kept(_)));
        self.board.clear();
        self.plan.change(|plan| plan.resting.clear());
    }
}

/// Ends a stream. Its end sends a cancellation, which takes a turn like any message.
async fn end(link: &Link, stream: &AbortHandle) {
    if !stream.is_finished() {
        // Without a turn for it the gateway had better have it early than never.
        let _ = link.turn("end of quotes").await;
        stream.abort();
    }
}

/// Asks for snapshots of the symbols that do not stream, a few at a time, over and over: never so many that others wait
/// for messages or lines.
async fn keep_asking(link: Arc<Link>, plan: Arc<SharedPlan>, rotation: Arc<Rotation>) {
    let mut version = plan.version.subscribe();
    let mut renewals = link.renewals();
    loop {
        version.mark_unchanged();
        renewals.mark_unchanged();
        let mut due = rotation.oldest_first(plan.rotating());
        rotation.keep(&due);
        if due.is_empty() || !link.is_connected() {
            tokio::select! {
                _ = version.changed() => {}
                _ = renewals.changed() => {}
            }
            continue;
        }
        due.truncate(BATCH);
        let until = link.clock.now().saturating_add(SignedDuration::from_secs(1)).unwrap_or(jiff::Timestamp::MAX);
        with_priority(Priority::Ingest, rotation.round(&due)).await;
        // Also when the round took longer.
        tokio::time::sleep(BATCH_PAUSE).await;
        while link.clock.now() < until {
            tokio::time::sleep(link.clock.wall_until(until).clamp(BATCH_PAUSE, 10 * BATCH_PAUSE)).await;
        }
    }
}
