//! What can be subscribed to, what it tells, and the handle of a subscription that does not end.

use std::sync::Arc;

use bellwether::market::{Bar, DepthUpdate, Headline, Instrument, Quote, Tick};
use futures::stream::BoxStream;
use tokio::sync::watch;

use super::{
    gaps::Gap,
    health::{SubscriptionHealth, SubscriptionState},
    keeper::{Keeper, Outlet},
    pacing::{Priority, with_priority},
    queue::EventQueue,
    record::Record,
    session::IbSession,
};

/// Events that wait for a subscriber that is slow; beyond, the oldest are dropped and counted.
const WAITING_EVENTS: usize = 8_192;

/// A wish to follow something for as long as the handle lives.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Of what; qualified.
    pub instrument: Instrument,
    /// What of it.
    pub kind: SubscriptionKind,
}

/// What can be followed of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriptionKind {
    /// Level-1 quotes, aggregated by IB at 250 ms.
    Quotes,
    /// Five-second bars of trades, extended hours included.
    FiveSecondBars,
    /// Every trade, or every change of the best bid and offer.
    TickByTick(TickKind),
    /// The order book, so many rows of each side.
    Depth {
        /// Rows, 1 to 120.
        rows: u8,
    },
    /// Minute bars, each when it is complete.
    MinuteBars,
    /// Headlines.
    News,
}

/// Which events come tick by tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TickKind {
    /// Trades that make the last price.
    Last,
    /// All trades, odd lots and late reports included.
    AllLast,
    /// Changes of the best bid and offer.
    BidAsk,
}

impl SubscriptionKind {
    /// Plain words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quotes => "quotes",
            Self::FiveSecondBars => "five-second bars",
            Self::TickByTick(TickKind::Last) => "trades",
            Self::TickByTick(TickKind::AllLast) => "all trades",
            Self::TickByTick(TickKind::BidAsk) => "bids and offers",
            Self::Depth { .. } => "order book",
            Self::MinuteBars => "minute bars",
            Self::News => "headlines",
        }
    }
}

/// Something that a subscription told.
#[derive(Debug, Clone, PartialEq)]
pub enum MarketEvent {
    /// The quote after one or several changes.
    Quote(Quote),
    /// A bar that is complete.
    Bar {
        /// The bar.
        bar: Bar,
        /// How it came.
        origin: BarOrigin,
    },
    /// A trade, or a change of the best bid and offer.
    Tick(Tick),
    /// A change of the order book.
    Depth(DepthUpdate),
    /// The order book is told anew: what was known of it is void.
    DepthReset,
    /// A headline.
    Headline(Headline),
    /// Bars that did not come live are settled: delivered before this, or lost.
    Gap(Gap),
}

/// How a bar came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarOrigin {
    /// When it was complete.
    Live,
    /// Fetched afterwards: newer bars may have come before it, or itself, when what it said then turned out to be wrong.
    Backfilled,
}

/// A subscription that does not end: after a reconnection, a refusal that passes, or a silence that should not be, it is
/// made again. Dropping the handle ends it.
#[derive(Debug)]
pub struct SubscriptionHandle {
    queue: Arc<EventQueue<MarketEvent>>,
    record: Arc<Record>,
    /// Dropped with the handle, which tells the keeper.
    _wanted: watch::Sender<()>,
}

impl SubscriptionHandle {
    /// The next event; none after the end of the session.
    pub async fn next(&mut self) -> Option<MarketEvent> {
        self.queue.next().await
    }

    /// The next event, if there is one now.
    pub fn try_next(&mut self) -> Option<MarketEvent> {
        self.queue.take()
    }

    /// Events dropped because they were not taken in time.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// How it is.
    pub fn state(&self) -> SubscriptionState {
        self.record.health().state
    }

    /// How it is, and what was counted.
    pub fn health(&self) -> SubscriptionHealth {
        self.record.health()
    }

    /// The events as a stream.
    pub fn into_stream(self) -> BoxStream<'static, MarketEvent> {
        Box::pin(futures::stream::unfold(self, |mut handle| async move { handle.next().await.map(|event| (event, handle)) }))
    }
}

impl IbSession {
    /// Follows something for as long as the handle lives, whatever happens to the connection, the farms or the stream.
    /// Refusals do not end it either: they are its [`SubscriptionState`], and it is tried again. It is for whom the task
    /// that makes it works (see [`with_priority`]).
    pub fn subscribe(&self, subscription: Subscription) -> SubscriptionHandle {
        let queue = Arc::new(EventQueue::new(WAITING_EVENTS));
        let record = self.registry.enter(&subscription, Some(Arc::clone(&queue)));
        let (wanted, unwanted) = watch::channel(());
        let keeper =
            Keeper::new(&self.link, &self.registry, subscription, Arc::clone(&record), Outlet::Queue(Arc::clone(&queue)));
        self.registry.keep(record.id, tokio::spawn(with_priority(Priority::of_task(), keeper.keep(unwanted))).abort_handle());
        SubscriptionHandle { queue, record, _wanted: wanted }
    }

    /// The bars that subscriptions did not receive live since the session began: those being fetched, and the last ten
    /// thousand runs that are settled.
    pub fn gaps(&self) -> Vec<Gap> {
        self.registry.gaps()
    }
}
