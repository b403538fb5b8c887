//! A subscription of the Rust client that is read without waiting.

use futures::{FutureExt as _, Stream, StreamExt as _, future::BoxFuture};
use ibapi::{
    market_data::{
        historical::{TickBidAsk, TickLast, TickMidpoint, TickSubscription},
        realtime,
    },
    news,
    prelude::*,
    scanner::ScannerData,
};
use serde_json::json;

use super::events::{self, Event, event};

/// Something that goes on answering.
pub(super) trait Feed: Send {
    /// What came since.
    fn drain(&mut self) -> Vec<Event>;
    /// Tells the gateway to stop.
    fn cancel(&self) -> BoxFuture<'_, ()>;
}

/// What can be cancelled: the client's bound on the items of its subscriptions is private.
pub(super) trait Cancel {
    fn cancel_it(&self) -> BoxFuture<'_, ()>;
}

macro_rules! subscriptions {
    ($($item:ty),* $(,)?) => {
        $(impl Cancel for Subscription<$item> {
            fn cancel_it(&self) -> BoxFuture<'_, ()> {
                self.cancel().boxed()
            }
        })*
    };
}

subscriptions!(
    AccountSummaryResult,
    AccountUpdate,
    AccountUpdateMulti,
    OrderUpdate,
    PnL,
    PnLSingle,
    PositionUpdateMulti,
    ibapi::market_data::historical::HistoricalBarUpdate,
    ibapi::orders::Executions,
    Orders,
    PositionUpdate,
    TickTypes,
    Vec<ScannerData>,
    news::NewsArticle,
    news::NewsBulletin,
    realtime::Bar,
    realtime::BidAsk,
    realtime::MarketDepths,
    realtime::MidPoint,
    realtime::Trade,
);

macro_rules! tick_subscriptions {
    ($($item:ty),* $(,)?) => {
        $(impl Cancel for TickSubscription<$item> {
            fn cancel_it(&self) -> BoxFuture<'_, ()> {
                self.cancel().boxed()
            }
        })*
    };
}

tick_subscriptions!(TickBidAsk, TickLast, TickMidpoint);

/// A subscription, how its items are told, and the event that its end stands for.
struct Typed<S, F> {
    subscription: S,
    tell: F,
    end: Option<&'static str>,
}

pub(super) fn feed<T, S, F>(subscription: S, tell: F, end: Option<&'static str>) -> Box<dyn Feed>
where
    S: Stream<Item = Result<SubscriptionItem<T>, Error>> + Cancel + Send + Unpin + 'static,
    F: Fn(T) -> Vec<Event> + Send + 'static,
{
    Box::new(Typed { subscription, tell, end })
}

impl<T, S, F> Feed for Typed<S, F>
where
    S: Stream<Item = Result<SubscriptionItem<T>, Error>> + Cancel + Send + Unpin,
    F: Fn(T) -> Vec<Event> + Send,
{
    fn drain(&mut self) -> Vec<Event> {
        let mut told = Vec::new();
        while let Some(item) = self.subscription.next().now_or_never() {
            match item {
                Some(Ok(SubscriptionItem::Data(data))) => told.extend((self.tell)(data)),
                Some(Ok(SubscriptionItem::Notice(notice))) => told.push(events::notice(&notice)),
                // What was cancelled has nothing more to say.
                Some(Err(Error::Cancelled)) => self.end = None,
                Some(Err(error)) => {
                    // An error instead of the rest: what would have told the end is not coming.
                    self.end = None;
                    told.push(failure(&error));
                }
                None => {
                    told.extend(self.end.take().map(|end| event(end, json!({}))));
                    break;
                }
            }
        }
        told
    }

    fn cancel(&self) -> BoxFuture<'_, ()> {
        self.subscription.cancel_it()
    }
}

/// An error of the gateway, or the client's failure to make sense of an answer.
pub(super) fn failure(error: &Error) -> Event {
    match error {
        Error::Notice(notice) => events::notice(notice),
        other => event("broken", json!({ "text": format!("{other:?}") })),
    }
}
