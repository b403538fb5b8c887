//! What is known of each subscription while it lives, and of bars that were missed.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bellwether::market::{Bar, Clock, Symbol};
use jiff::Timestamp;
use tokio::task::AbortHandle;

use super::{
    gaps::Gap,
    halts::Halts,
    health::{BarAccount, HealthChange, SubscriptionHealth, SubscriptionState},
    hours::MarketHours,
    monitor::Monitor,
    queue::EventQueue,
    quotes::TickPoint,
    ring::Ring,
    subscription::{MarketEvent, Subscription, SubscriptionKind},
};

/// Settled gaps kept.
const KEPT_GAPS: usize = 10_000;
/// Ticks kept of each symbol.
const KEPT_TICKS: usize = 1_024;
/// Bars kept of each subscription to bars: an hour of five seconds.
const KEPT_BARS: usize = 720;

/// Every subscription of a session.
#[derive(Debug)]
pub(super) struct Registry {
    clock: Arc<dyn Clock>,
    monitor: Arc<Monitor>,
    next: AtomicU64,
    entries: Mutex<BTreeMap<u64, Entry>>,
    settled: Mutex<VecDeque<Gap>>,
    hours: Mutex<BTreeMap<Symbol, MarketHours>>,
    halts: Mutex<BTreeMap<Symbol, Halts>>,
    /// Symbols whose contract IB refused to know.
    unknown: Mutex<BTreeSet<Symbol>>,
}

#[derive(Debug)]
struct Entry {
    record: Arc<Record>,
    task: Option<AbortHandle>,
}

impl Registry {
    pub(super) fn new(clock: Arc<dyn Clock>, monitor: Arc<Monitor>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            monitor,
            next: AtomicU64::new(1),
            entries: Mutex::default(),
            settled: Mutex::default(),
            hours: Mutex::default(),
            halts: Mutex::default(),
            unknown: Mutex::default(),
        })
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        // Nothing under the lock can panic half-way through a change.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settled(&self) -> MutexGuard<'_, VecDeque<Gap>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new subscription.
    pub(super) fn enter(&self, subscription: &Subscription, queue: Option<Arc<EventQueue<MarketEvent>>>) -> Arc<Record> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let record = Arc::new(Record::new(id, subscription, self.clock.now(), queue));
        self.entries().insert(id, Entry { record: Arc::clone(&record), task: None });
        record
    }

    /// The task that keeps it alive, to be ended with the session.
    pub(super) fn keep(&self, id: u64, task: AbortHandle) {
        if let Some(entry) = self.entries().get_mut(&id) {
            entry.task = Some(task);
        }
    }

    /// A subscription is over. Bars that it still missed will not come.
    pub(super) fn leave(&self, record: &Record) {
        self.entries().remove(&record.id);
        record.end();
    }

    /// Ends every subscription.
    pub(super) fn close(&self) {
        let entries = std::mem::take(&mut *self.entries());
        for Entry { record, task } in entries.into_values() {
            if let Some(task) = task {
                task.abort();
            }
            record.end();
        }
    }

    /// When a symbol's contract trades, as IB last told.
    pub(super) fn hours(&self, symbol: &Symbol) -> Option<MarketHours> {
        self.hours.lock().unwrap_or_else(PoisonError::into_inner).get(symbol).cloned()
    }

    /// IB told when a symbol's contract trades.
    pub(super) fn learn_hours(&self, symbol: &Symbol, hours: MarketHours) {
        self.hours.lock().unwrap_or_else(PoisonError::into_inner).insert(symbol.clone(), hours);
    }

    /// Halts of a symbol, as its quotes tell of them.
    pub(super) fn halts(&self, symbol: &Symbol) -> Halts {
        self.halts.lock().unwrap_or_else(PoisonError::into_inner).entry(symbol.clone()).or_default().clone()
    }

    /// IB does not know a symbol's contract any more.
    pub(super) fn forget_contract(&self, symbol: &Symbol) {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).insert(symbol.clone());
    }

    /// Whether a symbol's contract has to be looked up again before it is used.
    pub(super) fn is_forgotten(&self, symbol: &Symbol) -> bool {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).contains(symbol)
    }

    /// IB knows a symbol's contract.
    pub(super) fn know_contract(&self, symbol: &Symbol) {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).remove(symbol);
    }

    /// A run of missed bars was settled.
    pub(super) fn settle(&self, gap: Gap) {
        let mut settled = self.settled();
        settled.push_back(gap.clone());
        let excess = settled.len().saturating_sub(KEPT_GAPS);
        settled.drain(..excess);
        drop(settled);
        self.monitor.tell(HealthChange::GapSettled { gap });
    }

    pub(super) fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self.settled().iter().cloned().collect();
        self.records().iter().for_each(|record| gaps.extend(record.state().open.iter().cloned()));
        gaps.sort_by(|a, b| (a.from, &a.symbol, a.kind).cmp(&(b.from, &b.symbol, b.kind)));
        gaps
    }

    pub(super) fn records(&self) -> Vec<Arc<Record>> {
        self.entries().values().map(|entry| Arc::clone(&entry.record)).collect()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.close();
    }
}

/// What is known of one subscription.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) symbol: Symbol,
    pub(super) kind: SubscriptionKind,
    queue: Option<Arc<EventQueue<MarketEvent>>>,
    state: Mutex<RecordState>,
    ticks: Mutex<Ring<TickPoint>>,
    bars: Mutex<Ring<Bar>>,
}

#[derive(Debug)]
struct RecordState {
    state: SubscriptionState,
    since: Timestamp,
    last_event_at: Option<Timestamp>,
    events: u64,
    resubscriptions: u64,
    bars: Option<BarAccount>,
    open: Vec<Gap>,
}

impl Record {
    fn new(id: u64, subscription: &Subscription, now: Timestamp, queue: Option<Arc<EventQueue<MarketEvent>>>) -> Self {
        let kind = subscription.kind;
        let with_bars = matches!(kind, SubscriptionKind::FiveSecondBars | SubscriptionKind::MinuteBars);
        let with_ticks = matches!(kind, SubscriptionKind::Quotes | SubscriptionKind::TickByTick(_));
        let state = RecordState {
            state: SubscriptionState::Waiting,
            since: now,
            last_event_at: None,
            events: 0,
            resubscriptions: 0,
            bars: with_bars.then(BarAccount::default),
            open: Vec::new(),
        };
        Self {
            id,
            symbol: subscription.instrument.symbol.clone(),
            kind,
            queue,
            state: Mutex::new(state),
            ticks: Mutex::new(Ring::new(if with_ticks { KEPT_TICKS } else { 1 })),
            bars: Mutex::new(Ring::new(if with_bars { KEPT_BARS } else { 1 })),
        }
    }

    fn state(&self) -> MutexGuard<'_, RecordState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last ticks; held for a batch at a time.
    pub(super) fn ticks(&self) -> MutexGuard<'_, Ring<TickPoint>> {
        self.ticks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last bars.
    pub(super) fn bars(&self) -> MutexGuard<'_, Ring<Bar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is from now on; whether that is a change.
    pub(super) fn turn(&self, state: SubscriptionState, now: Timestamp) -> bool {
        let mut known = self.state();
        if known.state == state {
            return false;
        }
        known.state = state;
        known.since = now;
        true
    }

    pub(super) fn is(&self, wanted: impl Fn(&SubscriptionState) -> bool) -> bool {
        wanted(&self.state().state)
    }

    pub(super) fn count_events(&self, events: u64, now: Timestamp) {
        let mut state = self.state();
        state.events += events;
        state.last_event_at = Some(now);
    }

    pub(super) fn count_resubscription(&self) {
        self.state().resubscriptions += 1;
    }

    /// The account of its bars, and those that are still missed.
    pub(super) fn account(&self, bars: BarAccount, open: Vec<Gap>) {
        let mut state = self.state();
        state.bars = Some(bars);
        state.open = open;
    }

    fn end(&self) {
        if let Some(queue) = &self.queue {
            queue.end();
        }
    }

    pub(super) fn health(&self) -> SubscriptionHealth {
        let state = self.state();
        SubscriptionHealth {
            symbol: self.symbol.clone(),
            kind: self.kind.as_str(),
            state: state.state.clone(),
            since: state.since,
            last_event_at: state.last_event_at,
            events: state.events,
            resubscriptions: state.resubscriptions,
            dropped: self.queue.as_ref().map_or(0, |queue| queue.dropped()),
            bars: state.bars,
        }
    }
}
