//! Keeping the board of quotes fed: as many symbols stream as there are lines, the most urgent first; the others are asked
//! in turn.
//!
//! A stream is kept by a keeper like any subscription, so its silence is noticed and explained. What it is refused frees
//! its line for the next symbol; a new connection begins with all of them again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bellwether::market::{Calendar, Instrument, Symbol};
use jiff::{SignedDuration, civil::Date};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinHandle, JoinSet},
};

use super::{
    keeper::{Keeper, Outlet},
    lines::Lines,
    link::Link,
    pacing::{Priority, with_priority},
    quotes::QuoteBoard,
    record::Registry,
    rotation::Rotation,
    session::IbSession,
    subscription::{Subscription, SubscriptionKind},
};
use crate::error::AdapterError;

/// Symbols followed at most; the longest followed are dropped first.
const MOST_FOLLOWED: usize = 2_000;
/// Snapshots in turn in one batch, as many at a time as lines are free. From one batch to the next there is one second of
/// the session's clock, but so much real time.
const BATCH: usize = 20;
/// See [`BATCH`].
const BATCH_PAUSE: Duration = Duration::from_millis(100);
/// A quote older than this is asked for again when a snapshot of the market is made.
const FRESH: SignedDuration = SignedDuration::from_secs(30);

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
    /// Symbols whose stream ended since the last renewal, and whether asking for snapshots is worth it.
    ended: BTreeMap<Symbol, bool>,
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

    fn streaming(&self) -> Vec<Followed> {
        let plan = self.plan();
        let mut open: Vec<&Followed> =
            plan.followed.iter().filter(|followed| !plan.ended.contains_key(&followed.instrument.symbol)).collect();
        // Those of one priority stay in the order in which they came.
        open.sort_by_key(|followed| followed.priority);
        open.into_iter().take(self.lines.for_streams(self.keep_free)).cloned().collect()
    }

    fn rotating(&self) -> Vec<Instrument> {
        let streaming: BTreeSet<Symbol> = self.streaming().into_iter().map(|followed| followed.instrument.symbol).collect();
        let plan = self.plan();
        let asked = |instrument: &&Instrument| {
            !streaming.contains(&instrument.symbol) && plan.ended.get(&instrument.symbol).copied().unwrap_or(true)
        };
        plan.followed.iter().map(|followed| &followed.instrument).filter(asked).cloned().collect()
    }
}

impl IbSession {
    /// Follows the quotes of these instruments from now on, besides those followed already. The first stream, the most
    /// urgent before the others (see [`with_priority`]): as many as `market_data_lines` less `keep_lines_free` and less
    /// what five-second bars and the like take. The others are asked for snapshots in turn. What was urgent because of an
    /// alert is so until the next day.
    pub async fn subscribe_quotes(&self, instruments: &[Instrument]) {
        let priority = Priority::of_task();
        let day = Calendar.local_date(self.link.clock.now());
        self.feed.plan.change(|plan| {
            for followed in plan.followed.iter_mut().filter(|it| it.priority == Priority::Alerts && it.day != day) {
                followed.priority = Priority::Scans;
            }
            let known: BTreeMap<Symbol, usize> =
                plan.followed.iter().enumerate().map(|(index, known)| (known.instrument.symbol.clone(), index)).collect();
            for instrument in instruments {
                match known.get(&instrument.symbol) {
                    Some(index) if priority <= plan.followed[*index].priority => {
                        (plan.followed[*index].priority, plan.followed[*index].day) = (priority, day);
                    }
                    Some(_) => {}
                    None => plan.followed.push(Followed { instrument: instrument.clone(), priority, day }),
                }
            }
            let mut excess = plan.followed.len().saturating_sub(MOST_FOLLOWED);
            let least = plan.followed.iter().map(|followed| followed.priority).max().unwrap_or(Priority::Ingest);
            plan.followed.retain(|followed| {
                let dropped = excess > 0 && followed.priority == least;
                excess -= usize::from(dropped);
                !dropped
            });
        });
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

/// Opens a stream for every symbol that should have one, and takes note of those that end.
async fn keep_streaming(link: Arc<Link>, registry: Arc<Registry>, board: Arc<QuoteBoard>, plan: Arc<SharedPlan>) {
    let mut renewals = link.renewals();
    let mut version = plan.version.subscribe();
    let mut other_streams = link.lines.other_streams();
    let mut tasks: JoinSet<(Symbol, AdapterError)> = JoinSet::new();
    let mut open: BTreeMap<Symbol, AbortHandle> = BTreeMap::new();
    plan.renewed.send_replace(*renewals.borrow_and_update());
    loop {
        version.mark_unchanged();
        other_streams.mark_unchanged();
        let wanted = plan.streaming();
        let symbols: BTreeSet<&Symbol> = wanted.iter().map(|followed| &followed.instrument.symbol).collect();
        let gone: Vec<Symbol> = open.keys().filter(|symbol| !symbols.contains(symbol)).cloned().collect();
        for symbol in gone {
            if let Some(stream) = open.remove(&symbol) {
                end(&link, &stream).await;
            }
        }
        for Followed { instrument, priority, .. } in wanted {
            if !open.contains_key(&instrument.symbol) {
                let symbol = instrument.symbol.clone();
                let stream = follow(Arc::clone(&link), Arc::clone(&registry), Arc::clone(&board), instrument);
                open.insert(symbol, tasks.spawn(with_priority(priority, stream)));
            }
        }
        tokio::select! {
            _ = version.changed() => {}
            _ = other_streams.changed() => {}
            _ = renewals.changed() => {
                // Whatever is still open belongs to a session that is gone, and has nothing more to say.
                for stream in open.values() {
                    end(&link, stream).await;
                }
                tasks.shutdown().await;
                open.clear();
                board.clear();
                plan.change(|plan| plan.ended.clear());
                plan.renewed.send_replace(*renewals.borrow_and_update());
            }
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
                // An aborted stream has nothing to say.
                if let Ok((symbol, error)) = ended {
                    board.fail(&symbol, &error);
                    open.remove(&symbol);
                    plan.change(|plan| plan.ended.extend([(symbol, error.is_retryable())]));
                }
            }
        }
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

/// Streams one symbol's quotes to the board until they are refused or the connection is lost; why they ended.
async fn follow(
    link: Arc<Link>,
    registry: Arc<Registry>,
    board: Arc<QuoteBoard>,
    instrument: Instrument,
) -> (Symbol, AdapterError) {
    let symbol = instrument.symbol.clone();
    let wanted = Subscription { instrument, kind: SubscriptionKind::Quotes };
    let record = registry.enter(&wanted, None);
    let keeper = Keeper::new(&link, &registry, wanted, record, Outlet::Board(board));
    (symbol, keeper.keep_once().await)
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
