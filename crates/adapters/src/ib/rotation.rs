//! Quotes of more symbols than there are lines: one snapshot each, in turn, whoever was asked longest ago first.
//!
//! A snapshot takes a market data line from its request until the gateway says that it is complete, so a round goes as fast
//! as lines and messages allow. However a round ends, also when it is cancelled half-way, its lines come back: each is
//! held by the request that uses it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bellwether::market::{Instrument, MissingData, Quote, SnapshotPart, Symbol};
use futures::{StreamExt as _, stream};
use ibapi::market_data::realtime::TickTypes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    lines::LineUse,
    link::Link,
    pacing::{Forecast, RequestKind, ScanWork},
    quotes::QuoteBoard,
    session::IbSession,
    wire,
};
use crate::error::{AdapterError, Result};

/// When each symbol was last asked for.
#[derive(Debug)]
pub(super) struct Rotation {
    link: Arc<Link>,
    board: Arc<QuoteBoard>,
    asked: Mutex<BTreeMap<Symbol, Timestamp>>,
}

/// How old the quotes of a rotation are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationReport {
    /// Symbols in rotation.
    pub symbols: usize,
    /// Those not asked for yet.
    pub never: usize,
    /// The one asked for longest ago, and how long that is on the session's clock.
    pub oldest: Option<(Symbol, SignedDuration)>,
}

/// What a round over many symbols brought.
#[derive(Debug, Clone, PartialEq)]
pub struct RotationRound {
    /// The quotes, in the order of the symbols asked for.
    pub quotes: Vec<Quote>,
    /// Those without, and why.
    pub missing: Vec<MissingData>,
    /// What was said before of how long it would take.
    pub forecast: Forecast,
    /// How long it took, on the session's clock.
    pub took: SignedDuration,
}

impl Rotation {
    pub(super) fn new(link: Arc<Link>, board: Arc<QuoteBoard>) -> Self {
        Self { link, board, asked: Mutex::default() }
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<Symbol, Timestamp>> {
        // Nothing under the lock can panic half-way through a change.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These, those asked for longest ago first.
    pub(super) fn oldest_first(&self, mut instruments: Vec<Instrument>) -> Vec<Instrument> {
        let asked = self.asked();
        instruments.sort_by_cached_key(|instrument| asked.get(&instrument.symbol).copied());
        instruments
    }

    /// Forgets whoever is not in rotation any more.
    pub(super) fn keep(&self, instruments: &[Instrument]) {
        let mut asked = self.asked();
        if asked.len() > 2 * instruments.len().max(64) {
            let kept: std::collections::BTreeSet<&Symbol> = instruments.iter().map(|instrument| &instrument.symbol).collect();
            asked.retain(|symbol, _| kept.contains(symbol));
        }
    }

    /// Asks for each of these once, in this order, as many at a time as there are lines for them.
    pub(super) async fn round(&self, instruments: &[Instrument]) {
        let asked: Vec<_> = instruments.iter().map(|instrument| self.ask(instrument)).collect();
        stream::iter(asked).buffer_unordered(self.link.config.market_data_lines).collect::<()>().await;
    }

    /// One snapshot of one symbol's quote, to the board.
    async fn ask(&self, instrument: &Instrument) {
        match self.snapshot(instrument).await {
            Ok(Some(ticks)) => self.board.replace(&instrument.symbol, &ticks),
            Ok(None) => {}
            Err(error) => self.board.fail(&instrument.symbol, &error),
        }
        self.asked().insert(instrument.symbol.clone(), self.link.clock.now());
    }

    /// What a snapshot says; nothing when the symbol streams, so that the board knows better.
    async fn snapshot(&self, instrument: &Instrument) -> Result<Option<Vec<TickTypes>>> {
        let line = self.link.line(&instrument.symbol, LineUse::Snapshot).await?;
        if !line.opens() && self.board.quote(&instrument.symbol).is_ok() {
            return Ok(None);
        }
        let what = format!("quote of {}", instrument.symbol);
        let contract = wire::contract(instrument);
        let patience = self.link.patience();
        let asked = self.link.ask(&what, RequestKind::Snapshot, |client| async move {
            client.market_data(&contract).snapshot().subscribe().await?.collect_to_end_within(patience).await
        });
        let answer = asked.await;
        // Complete or refused, the gateway has freed the line; otherwise it will once it has read the end.
        if matches!(answer, Ok(_) | Err(AdapterError::Refused { .. })) {
            line.freed();
        }
        answer.map(Some)
    }

    fn report(&self, symbols: &[Symbol]) -> RotationReport {
        let now = self.link.clock.now();
        let asked = self.asked();
        let oldest = symbols.iter().filter_map(|symbol| Some((symbol, *asked.get(symbol)?))).min_by_key(|(_, at)| *at);
        RotationReport {
            symbols: symbols.len(),
            never: symbols.iter().filter(|symbol| !asked.contains_key(*symbol)).count(),
            oldest: oldest.map(|(symbol, at)| (symbol.clone(), now.duration_since(at))),
        }
    }
}

impl IbSession {
    /// One quote of each of these, by snapshots in rotation over every line that nothing more urgent has; whoever was
    /// asked longest ago first. What it will take is logged before and compared after.
    pub async fn rotate_quotes(&self, instruments: &[Instrument]) -> RotationRound {
        let rotation = &self.feed.rotation;
        let work = ScanWork {
            symbols: instruments.iter().map(|instrument| instrument.symbol.to_string()).collect(),
            known: instruments.len(),
            quotes: true,
            ..ScanWork::default()
        };
        let workload = work.workload("quotes in rotation", self.link.config.market_data_lines);
        let order = rotation.oldest_first(instruments.to_vec());
        let ((), forecast, took) = self.forecast_and_do(&workload, None, rotation.round(&order)).await;
        let mut round = RotationRound { quotes: Vec::with_capacity(instruments.len()), missing: Vec::new(), forecast, took };
        for Instrument { symbol, .. } in instruments {
            match self.board.quote(symbol) {
                Ok(quote) => round.quotes.push(quote),
                Err(none) => round.missing.push(MissingData {
                    symbol: symbol.clone(),
                    part: SnapshotPart::Quote,
                    reason: none.reason,
                    detail: none.detail,
                }),
            }
        }
        round
    }

    /// How old the quotes of the symbols are that are followed and do not stream.
    pub fn rotation(&self) -> RotationReport {
        let symbols: Vec<Symbol> = self.feed.rotating().into_iter().map(|instrument| instrument.symbol).collect();
        self.feed.rotation.report(&symbols)
    }

    /// How old the quotes of these symbols are.
    pub fn rotation_of(&self, symbols: &[Symbol]) -> RotationReport {
        self.feed.rotation.report(symbols)
    }
}
