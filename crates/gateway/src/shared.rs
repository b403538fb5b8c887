//! The one state that connections, streams and faults share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    client::Client,
    clock::SimClock,
    config::GatewayConfig,
    faults::FaultState,
    limits::{HistoricalPacing, MessageRate},
    market::Market,
    stats::{Counters, GatewayStats},
    streams::Streams,
    trading::Trading,
};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: GatewayConfig,
    pub(crate) market: Market,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) counters: Counters,
    pub(crate) faults: FaultState,
    pub(crate) shutdown: watch::Sender<bool>,
    clients: Mutex<BTreeMap<i32, Arc<Client>>>,
    streams: Mutex<Streams>,
    trading: Mutex<Trading>,
    pacing: Mutex<HistoricalPacing>,
    message_rate: Mutex<MessageRate>,
}

impl Shared {
    pub(crate) fn new(config: GatewayConfig, market: Market, clock: Arc<SimClock>) -> Self {
        Self {
            pacing: Mutex::new(HistoricalPacing::new(config.limits.small_bar_requests, config.limits.repetition)),
            message_rate: Mutex::new(MessageRate::new(config.limits.messages_per_second)),
            trading: Mutex::new(Trading::new(&config, &market, clock.now())),
            config,
            market,
            clock,
            counters: Counters::default(),
            faults: FaultState::default(),
            shutdown: watch::Sender::new(false),
            clients: Mutex::default(),
            streams: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits until the gateway is to stop.
    pub(crate) async fn until_shutdown(&self) {
        // The sender is part of this state and cannot be gone.
        let _ = self.shutdown.subscribe().wait_for(|down| *down).await;
    }

    /// The present streams; hold the guard briefly, every client's data waits for it.
    pub(crate) fn streams(&self) -> MutexGuard<'_, Streams> {
        held(&self.streams)
    }

    /// Lets every stream send what became due by `now`.
    pub(crate) fn advance_streams(&self, now: Timestamp) {
        self.streams().advance(&self.market, &self.faults, now);
    }

    /// The account; [`crate::trading::with`] also lets it see what happened until now.
    pub(crate) fn trading(&self) -> MutexGuard<'_, Trading> {
        held(&self.trading)
    }

    pub(crate) fn pacing(&self) -> MutexGuard<'_, HistoricalPacing> {
        held(&self.pacing)
    }

    pub(crate) fn message_rate(&self) -> MutexGuard<'_, MessageRate> {
        held(&self.message_rate)
    }

    /// Registers a client; `false` when its id is taken.
    pub(crate) fn enter(&self, client: &Arc<Client>) -> bool {
        match held(&self.clients).entry(client.id) {
            std::collections::btree_map::Entry::Occupied(_) => false,
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Arc::clone(client));
                true
            }
        }
    }

    /// Forgets a client and all its streams.
    pub(crate) fn leave(&self, client: &Client) {
        held(&self.clients).remove(&client.id);
        self.streams().remove_connection(client.connection);
        self.faults.forget_connection(client.connection);
        self.trading().forget(client.connection);
    }

    pub(crate) fn clients(&self) -> Vec<Arc<Client>> {
        held(&self.clients).values().cloned().collect()
    }

    pub(crate) fn stats(&self) -> GatewayStats {
        let clients = self.clients();
        let dropped: usize = clients.iter().map(|client| client.outbox.dropped()).sum();
        let (lines, scanners) = {
            let streams = self.streams();
            (streams.lines(), streams.scanners())
        };
        let mut stats = self.counters.read(clients.len(), lines, scanners);
        // The counter has those of clients that left.
        stats.quotes_dropped += dropped as u64;
        stats
    }
}

/// Locks; no code under these locks leaves them half-changed.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
