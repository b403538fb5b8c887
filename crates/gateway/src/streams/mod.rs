//! What clients are subscribed to, advanced by one task.
//!
//! The ticker looks every few real milliseconds at the clock and lets each stream send what became due. Quotes between
//! two looks are skipped; completed bars and headlines never are.

mod bulletins;
mod depth;
mod five_seconds;
mod generic_ticks;
mod headlines;
mod kept_up;
mod quotes;
mod scans;
mod tick_by_tick;

use std::{collections::BTreeMap, fmt::Debug, ops::Bound, sync::Arc};

use jiff::Timestamp;
use prost::Message;

pub(crate) use bulletins::Bulletins;
pub(crate) use depth::Depth;
pub(crate) use five_seconds::FiveSecondBars;
pub(crate) use generic_ticks::{GenericTick, GenericTicks};
pub(crate) use headlines::Headlines;
pub(crate) use kept_up::KeptUpHistory;
pub(crate) use quotes::{Feed, Quotes, announce, snapshot};
pub(crate) use scans::{Scan, ScanCode};
pub(crate) use tick_by_tick::TickByTick;

use crate::{
    client::Client,
    faults::{Farm, FaultState, catch_up},
    market::Market,
    shared::Shared,
};

/// Which cancel ends a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StreamKind {
    MarketData,
    TickByTick,
    MarketDepth,
    RealTimeBars,
    Historical,
    Scanner,
    Bulletins,
}

impl StreamKind {
    pub(crate) fn farm(self) -> Farm {
        match self {
            Self::MarketData | Self::TickByTick | Self::MarketDepth | Self::RealTimeBars | Self::Bulletins => Farm::MarketData,
            Self::Historical | Self::Scanner => Farm::Historical,
        }
    }
}

/// Something that sends when time passes.
pub(crate) trait Stream: Debug + Send {
    /// Sends what became due by `now`, which never goes back.
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>);
}

/// Where a stream sends; while its farm is down, nowhere.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    pub(crate) client: &'a Client,
    pub(crate) request: i32,
    pub(crate) muted: bool,
}

impl Sink<'_> {
    pub(crate) fn quote(&self, id: i32, body: &impl Message) {
        if !self.muted {
            self.client.send_quote(id, body);
        }
    }

    pub(crate) fn send(&self, id: i32, body: &impl Message) {
        if !self.muted {
            self.client.send(id, body);
        }
    }
}

#[derive(Debug)]
struct Subscription {
    client: Arc<Client>,
    takes_line: bool,
    stream: Box<dyn Stream>,
}

type Key = (u64, StreamKind, i32);

/// All streams of all clients.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    subscriptions: BTreeMap<Key, Subscription>,
}

impl Streams {
    /// Starts a stream and sends what is due at once.
    pub(crate) fn start(&mut self, shared: &Shared, client: &Arc<Client>, start: Start) {
        let Start { kind, request, takes_line, mut stream } = start;
        let sink = Sink { client, request, muted: shared.faults.is_down(kind.farm()) };
        stream.advance(&shared.market, shared.now(), &sink);
        let subscription = Subscription { client: Arc::clone(client), takes_line, stream };
        self.subscriptions.insert((client.connection, kind, request), subscription);
    }

    pub(crate) fn contains(&self, client: &Client, kind: StreamKind, request: i32) -> bool {
        self.subscriptions.contains_key(&(client.connection, kind, request))
    }

    /// Ends a stream; `false` when there is none.
    pub(crate) fn cancel(&mut self, client: &Client, kind: StreamKind, request: i32) -> bool {
        self.subscriptions.remove(&(client.connection, kind, request)).is_some()
    }

    pub(crate) fn remove_connection(&mut self, connection: u64) {
        let first = (
            Bound::Included((connection, StreamKind::MarketData, i32::MIN)),
            Bound::Excluded((connection + 1, StreamKind::MarketData, i32::MIN)),
        );
        let keys: Vec<Key> = self.subscriptions.range(first).map(|(key, _)| *key).collect();
        for key in keys {
            self.subscriptions.remove(&key);
        }
    }

    /// Drops every stream of quotes and bars, as a lost connection to the servers does.
    pub(crate) fn forget_market_data(&mut self) {
        self.subscriptions.retain(|(_, kind, _), _| matches!(kind, StreamKind::Scanner | StreamKind::Bulletins));
    }

    /// Market data lines in use.
    pub(crate) fn lines(&self) -> usize {
        self.subscriptions.values().filter(|subscription| subscription.takes_line).count()
    }

    pub(crate) fn scanners(&self) -> usize {
        self.of_kind(StreamKind::Scanner)
    }

    pub(crate) fn kept_up(&self) -> usize {
        self.of_kind(StreamKind::Historical)
    }

    /// Streams of one kind, all clients together.
    pub(crate) fn of_kind(&self, wanted: StreamKind) -> usize {
        self.subscriptions.keys().filter(|(_, kind, _)| *kind == wanted).count()
    }

    /// Whose streams there are, of which kind, by which request.
    pub(crate) fn present(&self) -> Vec<(Arc<Client>, StreamKind, i32)> {
        let whose = self.subscriptions.iter();
        whose.map(|((_, kind, request), subscription)| (Arc::clone(&subscription.client), *kind, *request)).collect()
    }

    pub(crate) fn advance(&mut self, market: &Market, faults: &FaultState, now: Timestamp) {
        let down = [Farm::MarketData, Farm::Historical].map(|farm| (farm, faults.is_down(farm)));
        for ((_, kind, request), subscription) in &mut self.subscriptions {
            let muted = down.iter().any(|(farm, down)| *farm == kind.farm() && *down);
            let sink = Sink { client: &subscription.client, request: *request, muted };
            subscription.stream.advance(market, now, &sink);
        }
    }
}

/// A stream to begin.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) kind: StreamKind,
    pub(crate) request: i32,
    pub(crate) takes_line: bool,
    pub(crate) stream: Box<dyn Stream>,
}

/// Advances all streams until shutdown.
pub(crate) async fn tick(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(shared.config.tick);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shared.until_shutdown() => return,
        }
        let now = shared.now();
        catch_up(&shared, now);
        crate::trading::tick(&shared);
        shared.advance_streams(now);
    }
}
