//! The board of last quotes: ticks in, quotes out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bellwether::market::{Clock, MissingReason, Quote, Symbol};
use ibapi::{
    contracts::tick_types::TickType,
    market_data::{MarketDataType, realtime::TickTypes},
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::{
    clean::{Doubt, Judgement, PriceCheck},
    monitor::{Counters, Monitor},
    wire,
};
use crate::error::AdapterError;

/// Why there is no quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoQuote {
    pub(super) reason: MissingReason,
    pub(super) detail: String,
}

/// Last quotes by symbol.
#[derive(Debug)]
pub(super) struct QuoteBoard {
    clock: Arc<dyn Clock>,
    monitor: Arc<Monitor>,
    lines: Mutex<BTreeMap<Symbol, Line>>,
    changed: Notify,
}

/// The quote of one symbol as it is being told.
#[derive(Debug, Default)]
pub(super) struct Line {
    quote: Option<Quote>,
    /// A price was told, or that there is none.
    spoken: bool,
    problem: Option<NoQuote>,
    check: PriceCheck,
    delayed: bool,
}

/// One price of a quote, as it was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TickPoint {
    /// When it came, microseconds since the epoch.
    pub at: i64,
    /// Of what.
    pub side: TickSide,
    /// Price, USD.
    pub price: f64,
    /// Shares; not a number where none were told.
    pub size: f64,
}

/// What a [`TickPoint`] is the price of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickSide {
    /// The best bid.
    Bid,
    /// The best offer.
    Ask,
    /// A trade.
    Last,
}

/// What a tick did to a quote.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Told {
    /// It changed the quote.
    pub(super) changed: bool,
    /// A price, to be kept.
    pub(super) point: Option<TickPoint>,
    /// So many trades in a row were too far off to be believed.
    pub(super) doubted: u32,
}

impl QuoteBoard {
    pub(super) fn new(clock: Arc<dyn Clock>, monitor: Arc<Monitor>) -> Self {
        Self { clock, monitor, lines: Mutex::default(), changed: Notify::new() }
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<Symbol, Line>> {
        // Nothing under the lock can panic half-way through a change.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in some ticks of one symbol.
    pub(super) fn apply<'a>(&self, symbol: &Symbol, ticks: impl IntoIterator<Item = &'a TickTypes>) {
        let now = self.clock.now();
        let mut lines = self.lines();
        if !lines.contains_key(symbol) {
            lines.insert(symbol.clone(), Line::default());
        }
        let Some(line) = lines.get_mut(symbol) else { return };
        let settled = line.is_settled();
        for tick in ticks {
            line.apply(symbol, tick, now, &self.monitor.counters);
        }
        let settles = !settled && line.is_settled();
        drop(lines);
        if settles {
            self.changed.notify_waiters();
        }
    }

    /// Takes in a complete snapshot: what it does not say is not known any more.
    pub(super) fn replace(&self, symbol: &Symbol, ticks: &[TickTypes]) {
        self.lines().insert(symbol.clone(), Line { spoken: true, ..Line::default() });
        self.apply(symbol, ticks);
        self.changed.notify_waiters();
    }

    /// The quote of a symbol as its stream tells it.
    pub(super) fn show(&self, symbol: &Symbol, told: &Line) {
        let mut lines = self.lines();
        let line = match lines.get_mut(symbol) {
            Some(line) => line,
            None => lines.entry(symbol.clone()).or_default(),
        };
        let settled = line.is_settled();
        if let Some(quote) = &told.quote {
            line.quote = Some(quote.clone());
            line.problem = None;
        }
        line.spoken |= told.spoken;
        let settles = !settled && line.is_settled();
        drop(lines);
        if settles {
            self.changed.notify_waiters();
        }
    }

    /// A symbol's quotes stopped or never came. The last one is not kept: it would age unnoticed.
    pub(super) fn fail(&self, symbol: &Symbol, error: &AdapterError) {
        let problem = NoQuote { reason: error.reason(), detail: error.detail() };
        self.lines().insert(symbol.clone(), Line { problem: Some(problem), ..Line::default() });
        self.changed.notify_waiters();
    }

    /// Every quote is about to be asked for again: nothing is known until then.
    pub(super) fn clear(&self) {
        self.lines().clear();
    }

    /// All quotes, ordered by symbol.
    pub(super) fn quotes(&self) -> Vec<Quote> {
        self.lines().values().filter_map(|line| line.quote.clone()).collect()
    }

    /// The quote of one symbol, or why there is none.
    pub(super) fn quote(&self, symbol: &Symbol) -> Result<Quote, NoQuote> {
        let lines = self.lines();
        let line = lines.get(symbol);
        match line.and_then(|line| line.quote.clone()) {
            Some(quote) => Ok(quote),
            None => Err(line
                .and_then(|line| line.problem.clone())
                .unwrap_or_else(|| NoQuote { reason: MissingReason::NoData, detail: "no price was quoted".to_owned() })),
        }
    }

    /// Whether the symbol's quote was updated within `age`.
    pub(super) fn is_fresh(&self, symbol: &Symbol, age: SignedDuration) -> bool {
        let now = self.clock.now();
        let lines = self.lines();
        lines.get(symbol).and_then(|line| line.quote.as_ref()).is_some_and(|quote| now.duration_since(quote.at) <= age)
    }

    /// Waits until each of `symbols` has spoken or failed, for `patience` of real time at most; those that have not by
    /// then are marked, so that nobody waits for them again.
    pub(super) async fn settle(&self, symbols: &[Symbol], patience: Duration) {
        let unsettled = || -> Vec<Symbol> {
            let lines = self.lines();
            let settled = |symbol: &&Symbol| lines.get(*symbol).is_some_and(Line::is_settled);
            symbols.iter().filter(|symbol| !settled(symbol)).cloned().collect()
        };
        let all = async {
            loop {
                // Listening before looking: no change is missed in between.
                let changed = self.changed.notified();
                if unsettled().is_empty() {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            for symbol in unsettled() {
                self.fail(&symbol, &AdapterError::Timeout { what: format!("quote of {symbol}"), after: patience });
            }
        }
    }
}

impl Line {
    fn is_settled(&self) -> bool {
        self.spoken || self.problem.is_some()
    }

    pub(super) fn quote(&self) -> Option<&Quote> {
        self.quote.as_ref()
    }

    /// Trades that are being held back.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.check.doubt()
    }

    /// A new stream: what is told next is a beginning. The last price is kept to compare with.
    pub(super) fn begin_again(&mut self) {
        let mut check = self.check;
        check.count_again();
        *self = Self { check, delayed: self.delayed, ..Self::default() };
    }

    /// The next price may be anywhere.
    pub(super) fn forget_prices(&mut self) {
        self.check.forget();
    }

    /// Takes in one tick.
    pub(super) fn apply(&mut self, symbol: &Symbol, tick: &TickTypes, now: Timestamp, counters: &Counters) -> Told {
        match tick {
            TickTypes::Price(tick) => self.price(symbol, (tick.tick_type, tick.price, f64::NAN), now, counters),
            TickTypes::PriceSize(tick) => {
                let told = self.price(symbol, (tick.price_tick_type, tick.price, tick.size), now, counters);
                self.size(tick.size_tick_type, tick.size);
                told
            }
            TickTypes::Size(tick) => Told { changed: self.size(tick.tick_type, tick.size), ..Told::default() },
            TickTypes::Generic(tick) if matches!(tick.tick_type, TickType::Halted | TickType::DelayedHalted) => {
                // 1: by the regulator, 2: for volatility; 0 and -1: not halted, not known.
                let halted = tick.value > 0.0;
                let quote = self.of(symbol, now);
                let changed = std::mem::replace(&mut quote.halted, halted) != halted;
                if changed {
                    // Prices may be anywhere after a halt.
                    self.check.forget();
                }
                Told { changed, ..Told::default() }
            }
            TickTypes::MarketDataType(kind) => {
                self.delayed = matches!(kind, MarketDataType::Delayed | MarketDataType::DelayedFrozen);
                let delayed = self.delayed;
                let changed = self.quote.as_mut().is_some_and(|quote| std::mem::replace(&mut quote.delayed, delayed) != delayed);
                Told { changed, ..Told::default() }
            }
            _ => Told::default(),
        }
    }

    fn of(&mut self, symbol: &Symbol, now: Timestamp) -> &mut Quote {
        self.problem = None;
        let delayed = self.delayed;
        let empty =
            || Quote { symbol: symbol.clone(), at: now, bid: None, ask: None, last: None, volume: None, halted: false, delayed };
        self.quote.get_or_insert_with(empty)
    }

    fn price(&mut self, symbol: &Symbol, (kind, value, size): (TickType, f64, f64), now: Timestamp, counters: &Counters) -> Told {
        let (side, delayed) = match kind {
            TickType::Bid => (TickSide::Bid, false),
            TickType::DelayedBid => (TickSide::Bid, true),
            TickType::Ask => (TickSide::Ask, false),
            TickType::DelayedAsk => (TickSide::Ask, true),
            TickType::Last => (TickSide::Last, false),
            TickType::DelayedLast => (TickSide::Last, true),
            _ => return Told::default(),
        };
        self.delayed |= delayed;
        let judgement = match side {
            TickSide::Last => self.check.trade(value, now, counters),
            TickSide::Bid | TickSide::Ask => self.check.quote(value, now, counters),
        };
        let price = match judgement {
            Judgement::Sound(price) => Some(price),
            // A last price stays the last one, whatever nonsense comes after it.
            Judgement::Doubtful(doubted) if side == TickSide::Last => return Told { doubted, ..Told::default() },
            Judgement::Impossible if side == TickSide::Last => return Told::default(),
            Judgement::Absent | Judgement::Impossible | Judgement::Doubtful(_) => None,
        };
        self.spoken = true;
        if price.is_none() && self.quote.is_none() {
            // No price of something of which nothing is known yet: still nothing is known.
            return Told::default();
        }
        let delayed = self.delayed;
        let quote = self.of(symbol, now);
        let known = match side {
            TickSide::Bid => &mut quote.bid,
            TickSide::Ask => &mut quote.ask,
            TickSide::Last => &mut quote.last,
        };
        let changed = std::mem::replace(known, price) != price;
        quote.at = now;
        quote.delayed = delayed;
        let point = price.map(|price| TickPoint { at: now.as_microsecond(), side, price, size });
        Told { changed, point, doubted: 0 }
    }

    fn size(&mut self, kind: TickType, value: f64) -> bool {
        match (kind, self.quote.as_mut()) {
            (TickType::Volume | TickType::DelayedVolume, Some(quote)) => {
                let volume = wire::count(value);
                std::mem::replace(&mut quote.volume, volume) != volume
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use ibapi::market_data::realtime::{TickGeneric, TickPrice, TickSize};

    use super::*;

    #[derive(Debug)]
    struct Standing;

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            "2025-01-06T14:25:00Z".parse().unwrap()
        }
        fn wall_until(&self, _: Timestamp) -> Duration {
            Duration::ZERO
        }
    }

    fn board() -> QuoteBoard {
        QuoteBoard::new(Arc::new(Standing), Arc::new(Monitor::new(Arc::new(Standing))))
    }

    fn price(tick_type: TickType, price: f64) -> TickTypes {
        TickTypes::Price(TickPrice { tick_type, price, ..TickPrice::default() })
    }

    #[tokio::test]
    async fn ticks_make_a_quote_and_sentinels_unmake_a_side() {
        let board = board();
        let symbol: Symbol = "AAPL".parse().unwrap();
        board.apply(&symbol, &[price(TickType::Bid, -1.0)]);
        assert_eq!(board.quote(&symbol).unwrap_err().reason, MissingReason::NoData);
        board.apply(
            &symbol,
            &[
                price(TickType::Bid, 10.0),
                price(TickType::Ask, 10.02),
                price(TickType::Last, 10.01),
                TickTypes::Size(TickSize { tick_type: TickType::Volume, size: 1_000.0 }),
                TickTypes::Generic(TickGeneric { tick_type: TickType::Halted, value: 2.0 }),
            ],
        );
        let quote = board.quote(&symbol).unwrap();
        assert_eq!(
            (quote.bid, quote.ask, quote.last, quote.volume, quote.halted),
            (Some(10.0), Some(10.02), Some(10.01), Some(1_000.0), true)
        );
        board.apply(
            &symbol,
            &[price(TickType::Bid, -1.0), TickTypes::Generic(TickGeneric { tick_type: TickType::Halted, value: 0.0 })],
        );
        let quote = board.quote(&symbol).unwrap();
        assert_eq!((quote.bid, quote.ask, quote.halted), (None, Some(10.02), false));
    }

    #[test]
    fn delayed_quotes_say_so_and_wild_prices_stay_outside() {
        let board = board();
        let symbol: Symbol = "AAPL".parse().unwrap();
        board.apply(&symbol, &[9.98, 10.0].map(|last| price(TickType::DelayedLast, last)));
        assert!(board.quote(&symbol).unwrap().delayed);
        board.apply(&symbol, &[TickTypes::MarketDataType(MarketDataType::Realtime)]);
        assert!(!board.quote(&symbol).unwrap().delayed);
        board.apply(&symbol, &[price(TickType::Last, 30.0), price(TickType::Bid, 0.01), price(TickType::Ask, f64::MAX)]);
        let quote = board.quote(&symbol).unwrap();
        assert_eq!((quote.bid, quote.ask, quote.last), (None, None, Some(10.0)));
        // After a halt prices may be anywhere.
        let halt = |value| TickTypes::Generic(TickGeneric { tick_type: TickType::Halted, value });
        board.apply(&symbol, &[halt(1.0), halt(0.0), price(TickType::Last, 30.0)]);
        assert_eq!(board.quote(&symbol).unwrap().last, Some(30.0));
    }

    #[tokio::test]
    async fn waiting_ends_and_leaves_its_reason() {
        let board = board();
        let symbol: Symbol = "AAPL".parse().unwrap();
        board.settle(std::slice::from_ref(&symbol), Duration::from_millis(10)).await;
        assert_eq!(board.quote(&symbol).unwrap_err().reason, MissingReason::Timeout);
        // Marked: the next wait is none.
        board.settle(std::slice::from_ref(&symbol), Duration::from_secs(3_600)).await;
    }
}
