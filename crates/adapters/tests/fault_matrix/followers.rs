//! Subscribers that write down what they are told, and the comparison of that with what there was to tell.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bellwether::market::Instrument;
use bellwether::market::{Bar, Symbol};
use bellwether_adapters::ib::{
    BarOrigin, Gap, GapOutcome, IbSession, MarketEvent, Subscription, SubscriptionHandle, SubscriptionKind, SubscriptionState,
};
use bellwether_gateway::Tape;
use jiff::Timestamp;
use tokio::task::JoinHandle;

/// What the stories follow of each symbol.
pub(crate) const KINDS: [SubscriptionKind; 3] =
    [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars, SubscriptionKind::MinuteBars];

const SECOND: i64 = 1_000_000;

/// What one subscriber was told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Bars by their start, microseconds.
    pub(crate) bars: BTreeMap<i64, Bar>,
    /// Which of them came last as what.
    origins: BTreeMap<i64, BarOrigin>,
    /// How many of them came afterwards.
    pub(crate) backfilled: usize,
    /// The same bar with other numbers.
    pub(crate) contradictions: usize,
    /// Intervals said to be lost, microseconds, and why.
    pub(crate) lost: Vec<(i64, i64, String)>,
    /// Everything.
    pub(crate) events: u64,
}

impl Told {
    fn take(&mut self, event: MarketEvent) {
        self.events += 1;
        match event {
            MarketEvent::Bar { bar, origin } => {
                self.backfilled += usize::from(origin == BarOrigin::Backfilled);
                self.origins.insert(bar.open_at, origin);
                let known = self.bars.insert(bar.open_at, bar);
                self.contradictions += usize::from(known.is_some_and(|known| known != bar));
            }
            MarketEvent::Gap(Gap { from, until, outcome: GapOutcome::Lost { reason }, .. }) => {
                self.lost.push((from.as_microsecond(), until.as_microsecond(), reason));
            }
            _ => {}
        }
    }

    fn accounts_for(&self, open_at: i64) -> bool {
        self.bars.contains_key(&open_at) || self.lost.iter().any(|(from, until, _)| (*from..*until).contains(&open_at))
    }
}

/// One subscriber.
pub(crate) struct Follower {
    pub(crate) symbol: Symbol,
    pub(crate) kind: SubscriptionKind,
    pub(crate) told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Follower {
    pub(crate) fn new(session: &IbSession, instrument: &Instrument, kind: SubscriptionKind) -> Self {
        let handle = session.subscribe(Subscription { instrument: instrument.clone(), kind });
        let told = Arc::new(Mutex::new(Told::default()));
        let task = tokio::spawn(write_down(handle, Arc::clone(&told)));
        Self { symbol: instrument.symbol.clone(), kind, told, task }
    }

    pub(crate) fn events(&self) -> u64 {
        self.told.lock().unwrap().events
    }

    /// Bars of `[from, until)` that there were and of which nothing was said: neither delivered nor lost.
    pub(crate) fn unaccounted(&self, tape: &Tape, from: Timestamp, until: Timestamp) -> Vec<i64> {
        // Bars begin at whole minutes.
        let from = (from.as_microsecond() + 60 * SECOND - 1).div_euclid(60 * SECOND) * 60 * SECOND;
        let until = until.as_microsecond();
        let due: Vec<i64> = match self.kind {
            SubscriptionKind::MinuteBars => {
                let starts = tape.minutes().series(self.symbol.as_str()).open_at;
                starts.iter().copied().filter(|start| (from..until).contains(start)).collect()
            }
            SubscriptionKind::FiveSecondBars => (from..until).step_by(5 * SECOND as usize).collect(),
            _ => Vec::new(),
        };
        let told = self.told.lock().unwrap();
        due.into_iter().filter(|start| !told.accounts_for(*start)).collect()
    }

    /// Bars, named by their starts, as stretches of time.
    pub(crate) fn runs(&self, starts: &[i64]) -> String {
        let step = if self.kind == SubscriptionKind::MinuteBars { 60 } else { 5 } * SECOND;
        let instant = |micros| Timestamp::from_microsecond(micros).unwrap();
        let runs = starts.chunk_by(|one, next| one + step == *next);
        let told = |run: &[i64]| format!("{} to {}", instant(run[0]), instant(run[run.len() - 1] + step));
        runs.map(told).collect::<Vec<_>>().join(", ")
    }

    /// Minute bars whose close is not the tape's: by more than half when `rough`, at all otherwise.
    pub(crate) fn wrong(&self, tape: &Tape, rough: bool) -> Vec<String> {
        if self.kind != SubscriptionKind::MinuteBars {
            return Vec::new();
        }
        let series = tape.minutes().series(self.symbol.as_str());
        let close: BTreeMap<i64, f64> = series.open_at.iter().copied().zip(series.close.iter().copied()).collect();
        let told = self.told.lock().unwrap();
        let off = |bar: &&Bar| match close.get(&bar.open_at) {
            Some(close) if rough => (bar.close / close - 1.0).abs() > 0.5,
            Some(close) => bar.close != *close,
            None => true,
        };
        let wrong = told.bars.values().filter(off);
        let place = |bar: &Bar| (Timestamp::from_microsecond(bar.open_at).unwrap(), told.origins[&bar.open_at]);
        wrong.map(|bar| format!("{} {:?}, not {:?}: {bar:?}", self.symbol, place(bar), close.get(&bar.open_at))).collect()
    }
}

async fn write_down(mut handle: SubscriptionHandle, told: Arc<Mutex<Told>>) {
    while let Some(event) = handle.next().await {
        told.lock().unwrap().take(event);
    }
}

/// The quotes that scans follow: not by a handle, but on the session's board.
pub(crate) struct Watchlist {
    symbols: Vec<Symbol>,
}

impl Watchlist {
    pub(crate) async fn follow(session: &IbSession, instruments: &[Instrument]) -> Self {
        session.subscribe_quotes(instruments).await;
        Self { symbols: instruments.iter().map(|it| it.symbol.clone()).collect() }
    }

    /// Whether every quote has been told at all.
    pub(crate) fn is_whole(&self, session: &IbSession) -> bool {
        let told: BTreeMap<Symbol, Timestamp> = session.quotes().into_iter().map(|quote| (quote.symbol, quote.at)).collect();
        self.symbols.iter().all(|symbol| told.contains_key(symbol))
    }

    /// Quotes that have not moved since `since`, and what the session says about each. What it says nothing about, or that it
    /// is well, died in silence.
    pub(crate) fn still(&self, session: &IbSession, since: Timestamp) -> Vec<String> {
        let told: BTreeMap<Symbol, Timestamp> = session.quotes().into_iter().map(|quote| (quote.symbol, quote.at)).collect();
        let health = session.health().subscriptions;
        let still = self.symbols.iter().filter(|symbol| told.get(*symbol).is_none_or(|at| *at <= since));
        still
            .map(|symbol| {
                let states = health.iter().filter(|it| it.symbol == *symbol && it.kind == SubscriptionKind::Quotes.as_str());
                let states: Vec<&SubscriptionState> = states.map(|it| &it.state).collect();
                format!("the quote of {symbol} on the board stands still since {:?}: {states:?}", told.get(symbol))
            })
            .collect()
    }
}
