//! The library's streams, one kind of item for all of them, taken in batches.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bellwether::market::{BidAsk, MissingReason, Tick, Trade};
use futures::{FutureExt as _, StreamExt as _};
use ibapi::{
    Error, Notice,
    market_data::{
        IgnoreSize, SmartDepth, TradingHours,
        historical::{self, BarSize, HistoricalBarUpdate, WhatToShow},
        realtime::{self, MarketDepths, TickTypes},
    },
    news::NewsArticle,
    subscriptions::{Subscription, SubscriptionItem},
};

use super::{
    lines::{LineLease, LineUse},
    link::Link,
    monitor::Monitor,
    pacing::{Ask, HistoricalAsk, Permit, RequestKind},
    refusal::refusal,
    subscription::{self, SubscriptionKind, TickKind},
    tap::{Tapped, Tapping},
    wire,
};
use crate::error::{AdapterError, Result};

/// Items taken at a time; fewer are all that there were.
pub(super) const BATCH: usize = 512;
/// Ticks of one request that may wait in its lane.
const LANE: usize = 4_096;

/// One item of any stream.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A change of a quote.
    Level1(TickTypes),
    /// A trade, or a change of the best bid and offer.
    Tick(Tick),
    /// A five-second bar.
    Bar(realtime::Bar),
    /// A minute bar as it stands.
    Minute(historical::Bar),
    /// A change of the order book.
    Depth(MarketDepths),
    /// A headline.
    Headline(NewsArticle),
    /// Something that the gateway or the library remarks.
    Notice(Notice),
}

/// A stream that was asked for.
pub(super) struct Stream {
    source: Source,
    permit: Permit,
    line: Option<LineLease>,
    tapping: Option<Tapping>,
    tapped: Vec<Tapped>,
    monitor: Arc<Monitor>,
    /// The connection that it was asked for on.
    pub(super) connection: u64,
}

enum Source {
    Quotes(Subscription<TickTypes>),
    Bars(Subscription<realtime::Bar>),
    Trades(Subscription<realtime::Trade>),
    BidAsk(Subscription<realtime::BidAsk>),
    Depth(Subscription<MarketDepths>),
    Minutes(Subscription<HistoricalBarUpdate>),
    News(Subscription<NewsArticle>),
}

impl Stream {
    /// Asks for a stream. A refusal comes as its end.
    pub(super) async fn open(link: &Link, what: &str, wanted: &subscription::Subscription, providers: &[String]) -> Result<Self> {
        let contract = wire::contract(&wanted.instrument);
        let kind = wanted.kind;
        let line = match line_of(kind) {
            Some(used) => Some(link.line(&wanted.instrument.symbol, used).await?),
            None => None,
        };
        let connection = link.connection();
        let providers: Vec<String> = providers.to_vec();
        let sent = link.send(what, ask_of(wanted), |client| async move {
            Ok(match kind {
                SubscriptionKind::Quotes => Source::Quotes(client.market_data(&contract).subscribe().await?),
                SubscriptionKind::FiveSecondBars => {
                    Source::Bars(client.realtime_bars(&contract).trading_hours(TradingHours::Extended).subscribe().await?)
                }
                SubscriptionKind::TickByTick(TickKind::Last) => Source::Trades(client.tick_by_tick(&contract, 0).last().await?),
                SubscriptionKind::TickByTick(TickKind::AllLast) => {
                    Source::Trades(client.tick_by_tick(&contract, 0).all_last().await?)
                }
                SubscriptionKind::TickByTick(TickKind::BidAsk) => {
                    Source::BidAsk(client.tick_by_tick(&contract, 0).bid_ask(IgnoreSize::No).await?)
                }
                SubscriptionKind::Depth { rows } => {
                    let depth = client.market_depth(&contract, i32::from(rows)).smart_depth(SmartDepth::Yes);
                    Source::Depth(depth.subscribe().await?)
                }
                SubscriptionKind::MinuteBars => {
                    let bars = client.historical_data(&contract, BarSize::Min).what_to_show(WhatToShow::Trades);
                    let bars = bars.trading_hours(TradingHours::Extended).duration(historical::Duration::seconds(1_800));
                    Source::Minutes(bars.stream().await?)
                }
                SubscriptionKind::News => {
                    let codes: Vec<&str> = providers.iter().map(String::as_str).collect();
                    Source::News(client.contract_news(&contract, &codes).await?)
                }
            })
        });
        let (source, permit) = sent.await?;
        let request = match &source {
            Source::Quotes(ticks) => ticks.request_id(),
            Source::Trades(ticks) => ticks.request_id(),
            Source::BidAsk(ticks) => ticks.request_id(),
            Source::Bars(_) | Source::Depth(_) | Source::Minutes(_) | Source::News(_) => None,
        };
        let tapping = request.and_then(|request| link.tap(request, LANE));
        Ok(Self { source, permit, line, tapping, tapped: Vec::new(), monitor: Arc::clone(&link.monitor), connection })
    }

    /// Ends the stream, unless `error` says that it has ended. An end of ours is a message, which takes its turn.
    pub(super) async fn close(self, link: &Link, what: &str, error: Option<&AdapterError>) {
        let Self { source, permit, line, .. } = self;
        match error {
            Some(AdapterError::Refused { code: Some(code), detail, .. }) => permit.refused(*code, detail),
            _ if link.connection() != self.connection || !link.is_connected() => permit.lost(),
            _ => match link.turn(what).await {
                Ok(cancel) => {
                    drop(source);
                    permit.ended_by(&cancel);
                    // The gateway has the line back when it has read that.
                    return drop(line);
                }
                // Without a turn for it the gateway had better have it early than never.
                Err(_) => return,
            },
        }
        if let Some(line) = line {
            line.freed();
        }
    }

    /// Waits for items and takes those that there are; gives the stream's end when it has come, after its last items.
    /// Nothing is lost when the wait is given up.
    pub(super) async fn next(&mut self, what: &str, batch: &mut Vec<Incoming>) -> Option<AdapterError> {
        let Self { source, tapping, tapped, monitor, line, permit, .. } = self;
        let end = tokio::select! {
            end = source.next(batch) => end.map(|error| refusal(what, Duration::ZERO, error)),
            lost = next_tapped(tapping.as_ref(), tapped) => {
                monitor.counters.ticks_received.fetch_add(tapped.len() as u64, Ordering::Relaxed);
                monitor.counters.ticks_dropped.fetch_add(lost, Ordering::Relaxed);
                batch.extend(tapped.drain(..).map(|tapped| match tapped {
                    Tapped::Level1(tick) => Incoming::Level1(tick),
                    Tapped::Tick(tick) => Incoming::Tick(tick),
                }));
                None
            }
            () = recalled(line.as_mut()) => {
                let detail = "its market data line is needed for something more urgent".to_owned();
                Some(AdapterError::Refused { what: what.to_owned(), reason: MissingReason::Pacing, code: None, detail })
            }
        };
        if !batch.is_empty() {
            permit.read();
        }
        end
    }
}

/// The market data line that a kind of stream takes.
pub(super) fn line_of(kind: SubscriptionKind) -> Option<LineUse> {
    match kind {
        SubscriptionKind::Quotes => Some(LineUse::Quotes),
        SubscriptionKind::FiveSecondBars => Some(LineUse::RealTimeBars),
        SubscriptionKind::TickByTick(_) => Some(LineUse::TickByTick),
        SubscriptionKind::Depth { .. } => Some(LineUse::Depth),
        SubscriptionKind::MinuteBars | SubscriptionKind::News => None,
    }
}

/// What a stream costs to open.
fn ask_of(wanted: &subscription::Subscription) -> Ask {
    let contract = wire::paced_name(&wanted.instrument);
    match wanted.kind {
        SubscriptionKind::Quotes => Ask::of(RequestKind::Quotes),
        SubscriptionKind::FiveSecondBars => Ask::real_time_bars(&contract, "SMART", "TRADES"),
        SubscriptionKind::TickByTick(_) => Ask::of(RequestKind::TickByTick),
        SubscriptionKind::Depth { .. } => Ask::of(RequestKind::Depth),
        SubscriptionKind::MinuteBars => Ask::bars(HistoricalAsk {
            contract: &contract,
            exchange: "SMART",
            what_to_show: "TRADES",
            bar_seconds: 60,
            rest: "kept up to date",
        }),
        SubscriptionKind::News => Ask::of(RequestKind::News),
    }
}

/// Waits until a line is needed for something more urgent; for ever without one.
async fn recalled(line: Option<&mut LineLease>) {
    match line {
        Some(line) => line.recalled().await,
        None => std::future::pending().await,
    }
}

/// Waits for ticks that came to a lane; for ever without one. Gives how many were lost.
async fn next_tapped(tapping: Option<&Tapping>, tapped: &mut Vec<Tapped>) -> u64 {
    match tapping {
        Some(tapping) => tapping.lane().next(tapped).await,
        None => std::future::pending().await,
    }
}

impl Source {
    async fn next(&mut self, batch: &mut Vec<Incoming>) -> Option<Error> {
        match self {
            Self::Quotes(stream) => drain(stream, batch, |tick, batch| batch.push(Incoming::Level1(tick))).await,
            Self::Bars(stream) => drain(stream, batch, |bar, batch| batch.push(Incoming::Bar(bar))).await,
            Self::Trades(stream) => drain(stream, batch, |trade, batch| batch.extend(traded(trade).map(Incoming::Tick))).await,
            Self::BidAsk(stream) => drain(stream, batch, |quote, batch| batch.extend(quoted(&quote).map(Incoming::Tick))).await,
            Self::Depth(stream) => drain(stream, batch, |depth, batch| batch.push(Incoming::Depth(depth))).await,
            Self::Minutes(stream) => {
                let each = |update, batch: &mut Vec<Incoming>| match update {
                    // The last may be the minute in progress, as it was when the answer was made: what follows tells it again.
                    HistoricalBarUpdate::Historical(mut data) => {
                        data.bars.pop();
                        batch.extend(data.bars.into_iter().map(Incoming::Minute));
                    }
                    HistoricalBarUpdate::Update(bar) => batch.push(Incoming::Minute(bar)),
                    HistoricalBarUpdate::End { .. } => {}
                };
                drain(stream, batch, each).await
            }
            Self::News(stream) => drain(stream, batch, |article, batch| batch.push(Incoming::Headline(article))).await,
        }
    }
}

async fn drain<T>(
    stream: &mut (impl futures::Stream<Item = Result<SubscriptionItem<T>, Error>> + Unpin),
    batch: &mut Vec<Incoming>,
    each: impl Fn(T, &mut Vec<Incoming>),
) -> Option<Error> {
    let mut next = stream.next().await;
    loop {
        match next {
            Some(Ok(SubscriptionItem::Data(item))) => each(item, batch),
            Some(Ok(SubscriptionItem::Notice(notice))) => batch.push(Incoming::Notice(notice)),
            Some(Err(error)) => return Some(error),
            None => return Some(Error::UnexpectedEndOfStream),
        }
        if batch.len() >= BATCH {
            return None;
        }
        next = match stream.next().now_or_never() {
            Some(next) => next,
            None => return None,
        };
    }
}

fn traded(trade: realtime::Trade) -> Option<Tick> {
    Some(Tick::Trade(Trade {
        at: wire::instant(trade.time)?,
        price: trade.price,
        size: trade.size,
        exchange: trade.exchange,
        conditions: trade.special_conditions,
        past_limit: trade.trade_attribute.past_limit,
        unreported: trade.trade_attribute.unreported,
    }))
}

fn quoted(quote: &realtime::BidAsk) -> Option<Tick> {
    Some(Tick::BidAsk(BidAsk {
        at: wire::instant(quote.time)?,
        // Sentinels are taken out with everything else that is no price.
        bid: Some(quote.bid_price),
        ask: Some(quote.ask_price),
        bid_size: quote.bid_size,
        ask_size: quote.ask_size,
    }))
}
