//! Asking for a stream: what has to be known before, and the wait for a line and a turn.

use std::time::{Duration, Instant};

use super::{Keeper, LOOK};
use crate::{
    error::Result,
    ib::{
        health::SubscriptionState,
        hours::{MarketHours, MarketState},
        monitor::count,
        pacing::RequestKind,
        refusal,
        streams::{Stream, line_of},
        subscription::SubscriptionKind,
        waiting::{pause, since},
        wire,
    },
};

/// A subscription that waits longer than this to be asked for, while its market is open, counts as silent; on the session's
/// clock, and its floor in real time.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(90), Duration::from_secs(1));
impl Keeper {
    /// Asks for the stream.
    pub(super) async fn ask(&mut self) -> Result<Stream> {
        // What is refused before it is open has said nothing: its pauses grow.
        self.spoke = false;
        if self.hours.as_ref().is_none_or(|hours| !hours.know(self.link.clock.now())) {
            self.learn_hours().await;
        }
        if std::mem::replace(&mut self.asked, true) {
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
        self.doubt_again_at = self.link.clock.now();
        if let Some(bars) = &mut self.bars {
            bars.begin_again();
        }
        let stream = self.open(&providers).await?;
        let now = self.link.clock.now();
        if let Some(trial) = &mut self.trial {
            trial.before = trial.before.take().or(before);
            trial.began = (now, std::time::Instant::now());
        }
        self.liveness.restart(now);
        Ok(stream)
    }

    /// Opens the stream, which waits for a line and for its turn. That may be long, and nothing comes meanwhile: it is said.
    async fn open(&mut self, providers: &[String]) -> Result<Stream> {
        let (mut waits_since, began) = (self.link.clock.now(), Instant::now());
        let mut opening = std::pin::pin!(Stream::open(&self.link, &self.what, &self.wanted, providers));
        let mut told = false;
        let opened = loop {
            tokio::select! {
                opened = &mut opening => break opened,
                () = pause(&*self.link.clock, LOOK.0, LOOK.1) => {}
            }
            let now = self.link.clock.now();
            let (market, opened_at) = self.hours.as_ref().map_or(self.market, |hours| hours.at(now));
            // While the market was closed, or the connection lost, it missed nothing by waiting.
            if market == MarketState::Closed || !self.link.is_connected() {
                waits_since = now;
            }
            waits_since = waits_since.max(opened_at);
            let late = since(now, waits_since) >= PATIENCE.0 && began.elapsed() >= PATIENCE.1;
            // What was silent before says why it is.
            let known = self.record.is(|state| matches!(state, SubscriptionState::Silent { .. }));
            if late && (told || !known) {
                let symbol = &self.wanted.instrument.symbol;
                let for_line = line_of(self.wanted.kind).is_some_and(|used| self.link.lines.is_awaited(symbol, used));
                let why = if for_line { "waits for a market data line" } else { "waits for its turn to be asked for" };
                self.turn(SubscriptionState::Silent { why: why.to_owned() });
                told = true;
            } else if told && !late {
                self.turn(SubscriptionState::Subscribing);
                told = false;
            }
        };
        if told && opened.is_ok() {
            self.turn(SubscriptionState::Subscribing);
        }
        opened
    }

    /// When the contract trades: as it was told at qualification, or asked for now.
    async fn learn_hours(&mut self) {
        let known = self.registry.hours(&self.wanted.instrument.symbol);
        let now = self.link.clock.now();
        let mut hours = match known.filter(|hours| hours.know(now)) {
            Some(hours) => hours,
            // The calendar knows as well as IB, and costs no request.
            None if refusal::is_us_exchange(&self.wanted.instrument.primary_exchange) => MarketHours::us(),
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
}
