//! What a gateway has counted.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Serialize;

/// What clients did that the real gateway answers with an error, a closed connection, or silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Violation {
    /// Too many messages in a second.
    MessageRate,
    /// More market data lines than there are.
    MarketDataLines,
    /// More books of market depth than there are.
    MarketDepth,
    /// More streams of single ticks than there are.
    TickByTick,
    /// Bars below one minute asked for too often.
    HistoricalPacing,
    /// Bars too small for the duration.
    StepSize,
    /// Too many historical requests kept up to date.
    OpenHistorical,
    /// Too many scanners.
    Scanners,
    /// More orders on one side of a contract than may work at a time.
    ActiveOrders,
    /// More connections than are served at a time.
    Connections,
    /// A client id that is taken.
    ClientIdInUse,
    /// Bytes that are no message.
    MalformedFrame,
    /// A message id that is not served.
    UnknownMessage,
    /// A client that did not read what it must have.
    SlowClient,
}

/// A reading of the counters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GatewayStats {
    /// Clients with a session now.
    pub clients: usize,
    /// Connections accepted so far.
    pub connections: u64,
    /// Messages from clients.
    pub messages_received: u64,
    /// Messages written to clients.
    pub messages_sent: u64,
    /// Quotes given up because a client read too slowly.
    pub quotes_dropped: u64,
    /// Market data lines in use now.
    pub lines: usize,
    /// Scanners active now.
    pub scanners: usize,
    /// Historical requests that were well-formed, refused or not.
    pub historical_requests: u64,
    /// Bars sent in answer to historical requests.
    pub historical_bars: u64,
    /// What clients did wrong, by kind.
    pub violations: BTreeMap<Violation, u64>,
}

/// The counters themselves.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) messages_received: AtomicU64,
    pub(crate) messages_sent: AtomicU64,
    pub(crate) quotes_dropped: AtomicU64,
    pub(crate) historical_requests: AtomicU64,
    pub(crate) historical_bars: AtomicU64,
    violations: Mutex<BTreeMap<Violation, u64>>,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn violation(&self, violation: Violation) {
        *self.violations.lock().unwrap_or_else(PoisonError::into_inner).entry(violation).or_default() += 1;
    }

    pub(crate) fn read(&self, clients: usize, lines: usize, scanners: usize) -> GatewayStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        GatewayStats {
            clients,
            connections: read(&self.connections),
            messages_received: read(&self.messages_received),
            messages_sent: read(&self.messages_sent),
            quotes_dropped: read(&self.quotes_dropped),
            lines,
            scanners,
            historical_requests: read(&self.historical_requests),
            historical_bars: read(&self.historical_bars),
            violations: self.violations.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
