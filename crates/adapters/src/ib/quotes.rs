//! The board of last quotes: ticks in, quotes out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bellwether::market::{Clock, MissingReason, Quote, Symbol};
use ibapi::{contracts::tick_types::TickType, market_data::realtime::TickTypes};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::wire;
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
    lines: Mutex<BTreeMap<Symbol, Line>>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Line {
    quote: Option<Quote>,
    /// A price was told, or that there is none.
    spoken: bool,
    problem: Option<NoQuote>,
}

impl QuoteBoard {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, lines: Mutex::default(), changed: Notify::new() }
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<Symbol, Line>> {
        // Nothing under the lock can panic half-way through a change.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in some ticks of one symbol.
    pub(super) fn apply<'a>(&self, symbol: &Symbol, ticks: impl IntoIterator<Item = &'a TickTypes>) {
        let now = self.clock.now();
        let mut lines = self.lines();
        let line = lines.entry(symbol.clone()).or_default();
        for tick in ticks {
            line.apply(symbol, tick, now);
        }
        drop(lines);
        self.changed.notify_waiters();
    }

    /// Takes in a complete snapshot: what it does not say is not known any more.
    pub(super) fn replace(&self, symbol: &Symbol, ticks: &[TickTypes]) {
        self.lines().insert(symbol.clone(), Line { spoken: true, ..Line::default() });
        self.apply(symbol, ticks);
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
            let settled = |symbol: &&Symbol| lines.get(*symbol).is_some_and(|line| line.spoken || line.problem.is_some());
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
    fn apply(&mut self, symbol: &Symbol, tick: &TickTypes, now: Timestamp) {
        match tick {
            TickTypes::Price(tick) => self.price(symbol, tick.tick_type, tick.price, now),
            TickTypes::PriceSize(tick) => {
                self.price(symbol, tick.price_tick_type, tick.price, now);
                self.size(tick.size_tick_type, tick.size);
            }
            TickTypes::Size(tick) => self.size(tick.tick_type, tick.size),
            TickTypes::Generic(tick) if matches!(tick.tick_type, TickType::Halted | TickType::DelayedHalted) => {
                // 1: by the regulator, 2: for volatility; 0 and -1: not halted, not known.
                self.of(symbol, now).halted = tick.value > 0.0;
            }
            _ => {}
        }
    }

    fn of(&mut self, symbol: &Symbol, now: Timestamp) -> &mut Quote {
        self.problem = None;
        let empty = || Quote { symbol: symbol.clone(), at: now, bid: None, ask: None, last: None, volume: None, halted: false };
        self.quote.get_or_insert_with(empty)
    }

    fn price(&mut self, symbol: &Symbol, kind: TickType, value: f64, now: Timestamp) {
        let price = wire::price(value);
        let side: fn(&mut Quote) -> &mut Option<f64> = match kind {
            TickType::Bid | TickType::DelayedBid => |quote| &mut quote.bid,
            TickType::Ask | TickType::DelayedAsk => |quote| &mut quote.ask,
            TickType::Last | TickType::DelayedLast => |quote| &mut quote.last,
            _ => return,
        };
        self.spoken = true;
        if price.is_none() && self.quote.is_none() {
            // No price of something of which nothing is known yet: still nothing is known.
            return;
        }
        let quote = self.of(symbol, now);
        quote.at = now;
        *side(quote) = price;
    }

    fn size(&mut self, kind: TickType, value: f64) {
        if let (TickType::Volume | TickType::DelayedVolume, Some(quote)) = (kind, self.quote.as_mut()) {
            quote.volume = wire::count(value);
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

    fn price(tick_type: TickType, price: f64) -> TickTypes {
        TickTypes::Price(TickPrice { tick_type, price, ..TickPrice::default() })
    }

    #[tokio::test]
    async fn ticks_make_a_quote_and_sentinels_unmake_a_side() {
        let board = QuoteBoard::new(Arc::new(Standing));
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

    #[tokio::test]
    async fn waiting_ends_and_leaves_its_reason() {
        let board = QuoteBoard::new(Arc::new(Standing));
        let symbol: Symbol = "AAPL".parse().unwrap();
        board.settle(std::slice::from_ref(&symbol), Duration::from_millis(10)).await;
        assert_eq!(board.quote(&symbol).unwrap_err().reason, MissingReason::Timeout);
        // Marked: the next wait is none.
        board.settle(std::slice::from_ref(&symbol), Duration::from_secs(3_600)).await;
    }
}
