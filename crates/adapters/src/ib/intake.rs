//! From what a stream says to what its subscriber is told: cleaned, in our words.

use std::collections::VecDeque;

use bellwether::market::{Bar, BidAsk, BookOperation, BookSide, DepthUpdate, Headline, Symbol, Tick, Trade};
use ibapi::{
    Notice,
    market_data::realtime::{MarketDepth, MarketDepthL2, MarketDepths},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    bars,
    clean::{Doubt, Judgement, PriceCheck, Repetition},
    monitor::{Counters, count},
    news,
    quotes::{Line, TickPoint, TickSide},
    real_time,
    streams::Incoming,
    subscription::MarketEvent,
    wire,
};

/// A trade told later than this after one that was made later is of no use any more.
const USEFUL: SignedDuration = SignedDuration::from_secs(60);
/// Articles remembered, so that none is told twice.
const ARTICLES: usize = 64;

/// What is known of one stream.
#[derive(Debug, Default)]
pub(super) struct Intake {
    pub(super) line: Line,
    check: PriceCheck,
    trades: Repetition<Trade>,
    last_trade_at: Option<Timestamp>,
    last_quote: Option<BidAsk>,
    last_depth: Option<DepthUpdate>,
    articles: VecDeque<String>,
}

/// What one item came to.
#[derive(Debug)]
pub(super) enum Taken {
    /// Nothing to tell.
    Nothing,
    /// The quote changed, or was confirmed.
    Quote(Option<TickPoint>),
    /// Something to tell, and the price in it.
    Event(MarketEvent, Option<TickPoint>),
    /// A bar, complete or not.
    Bar(Bar),
    /// So many prices in a row were too far off to be believed.
    Doubted(u32),
    /// A remark.
    Notice(Notice),
}

/// What an item is taken in with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking<'a> {
    pub(super) symbol: &'a Symbol,
    pub(super) now: Timestamp,
    pub(super) counters: &'a Counters,
}

impl Intake {
    /// A new stream. The last prices stay, to compare with.
    pub(super) fn begin_again(&mut self) {
        self.line.begin_again();
        self.check.count_again();
        (self.last_quote, self.last_depth) = (None, None);
    }

    /// The next price may be anywhere: a session begins.
    pub(super) fn forget_prices(&mut self) {
        self.line.forget_prices();
        self.check.forget();
    }

    /// The price of a trade that others are measured by.
    pub(super) fn measure(&self, now: Timestamp) -> Option<f64> {
        self.check.measure(now)
    }

    /// Whether prices that were believed have turned out to be wrong since this was last asked.
    pub(super) fn took_back(&mut self) -> bool {
        self.check.took_back()
    }

    /// Trading is halted, as far as the quotes tell.
    pub(super) fn is_halted(&self) -> bool {
        self.line.quote().is_some_and(|quote| quote.halted)
    }

    /// Prices that are being held back.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.line.doubt().or_else(|| self.check.doubt())
    }

    pub(super) fn take(&mut self, incoming: Incoming, taking: Taking<'_>) -> Taken {
        let Taking { symbol, now, counters } = taking;
        match incoming {
            Incoming::Level1(tick) => {
                let told = self.line.apply(symbol, &tick, now, counters);
                match told.doubted {
                    0 if told.changed || told.point.is_some() => Taken::Quote(told.point),
                    0 => Taken::Nothing,
                    doubted => Taken::Doubted(doubted),
                }
            }
            Incoming::Tick(Tick::Trade(trade)) => self.trade(trade, taking),
            Incoming::Tick(Tick::BidAsk(quote)) => self.bid_ask(quote, taking),
            Incoming::Bar(bar) => self.bar(real_time::checked("real-time bars", &bar), taking),
            Incoming::Minute(bar) => self.bar(bars::minute("minute bars", &bar), taking),
            Incoming::Depth(MarketDepths::Reset) => {
                self.last_depth = None;
                Taken::Event(MarketEvent::DepthReset, None)
            }
            Incoming::Depth(MarketDepths::MarketDepth(row)) => self.depth(depth(now, &row), counters),
            Incoming::Depth(MarketDepths::MarketDepthL2(row)) => self.depth(depth_l2(now, row), counters),
            Incoming::Headline(article) => {
                let known = self.articles.contains(&article.article_id);
                let Some(at) = wire::instant(article.time).filter(|_| !known) else {
                    count(&counters.duplicates_dropped);
                    return Taken::Nothing;
                };
                self.articles.push_back(article.article_id);
                self.articles.drain(..self.articles.len().saturating_sub(ARTICLES));
                let title = news::without_metadata(&article.headline).to_owned();
                let headline = Headline { symbol: symbol.clone(), at, title, source: article.provider_code };
                Taken::Event(MarketEvent::Headline(headline), None)
            }
            Incoming::Notice(notice) => Taken::Notice(notice),
        }
    }

    fn trade(&mut self, trade: Trade, Taking { now, counters, .. }: Taking<'_>) -> Taken {
        let price = match self.check.trade(trade.price, now, counters) {
            Judgement::Sound(price) => price,
            Judgement::Doubtful(doubted) => return Taken::Doubted(doubted),
            Judgement::Absent | Judgement::Impossible => return Taken::Nothing,
        };
        if wire::count(trade.size).is_none() {
            count(&counters.sentinels);
            return Taken::Nothing;
        }
        if self.trades.is_repeated(&trade) {
            count(&counters.duplicates_dropped);
            return Taken::Nothing;
        }
        let late = self.last_trade_at.map_or(SignedDuration::ZERO, |last| last.duration_since(trade.at));
        if late.is_positive() {
            count(&counters.late_ticks);
            if late > USEFUL {
                return Taken::Nothing;
            }
        }
        self.last_trade_at = self.last_trade_at.max(Some(trade.at));
        let point = TickPoint { at: trade.at.as_microsecond(), side: TickSide::Last, price, size: trade.size };
        Taken::Event(MarketEvent::Tick(Tick::Trade(trade)), Some(point))
    }

    fn bid_ask(&mut self, told: BidAsk, Taking { now, counters, .. }: Taking<'_>) -> Taken {
        let side = |price: Option<f64>| match self.check.quote(price.unwrap_or(-1.0), now, counters) {
            Judgement::Sound(price) => Some(price),
            _ => None,
        };
        let size = |size: f64| wire::count(size).unwrap_or_default();
        let (bid, ask) = (side(told.bid), side(told.ask));
        let quote = BidAsk { bid, ask, bid_size: size(told.bid_size), ask_size: size(told.ask_size), ..told };
        if self.last_quote == Some(quote) {
            count(&counters.duplicates_dropped);
            return Taken::Nothing;
        }
        // An older quote says nothing about a market that has a newer one.
        if self.last_quote.is_some_and(|last| quote.at < last.at) {
            count(&counters.late_ticks);
            return Taken::Nothing;
        }
        self.last_quote = Some(quote);
        let at = quote.at.as_microsecond();
        let point = bid.map(|price| TickPoint { at, side: TickSide::Bid, price, size: quote.bid_size });
        Taken::Event(MarketEvent::Tick(Tick::BidAsk(quote)), point)
    }

    fn bar(&mut self, bar: crate::Result<Bar>, Taking { now, counters, .. }: Taking<'_>) -> Taken {
        let bar = match bar {
            Ok(bar) => bar,
            Err(error) => {
                tracing::debug!(%error, "bar refused");
                count(&counters.impossible_prices);
                return Taken::Nothing;
            }
        };
        if bar.high < bar.low.max(bar.open).max(bar.close) || bar.low > bar.open.min(bar.close) {
            count(&counters.impossible_prices);
            return Taken::Nothing;
        }
        match self.check.trade(bar.close, now, counters) {
            Judgement::Sound(_) => Taken::Bar(bar),
            Judgement::Doubtful(doubted) => Taken::Doubted(doubted),
            Judgement::Absent | Judgement::Impossible => Taken::Nothing,
        }
    }

    fn depth(&mut self, update: Option<DepthUpdate>, counters: &Counters) -> Taken {
        let Some(update) = update else {
            count(&counters.impossible_prices);
            return Taken::Nothing;
        };
        // A book told twice would have every row twice.
        let same = |last: &DepthUpdate| DepthUpdate { at: update.at, ..last.clone() } == update;
        if self.last_depth.as_ref().is_some_and(same) {
            count(&counters.duplicates_dropped);
            return Taken::Nothing;
        }
        self.last_depth = Some(update.clone());
        Taken::Event(MarketEvent::Depth(update), None)
    }
}

fn depth(at: Timestamp, row: &MarketDepth) -> Option<DepthUpdate> {
    let operation = match row.operation {
        0 => BookOperation::Insert,
        1 => BookOperation::Update,
        2 => BookOperation::Delete,
        _ => return None,
    };
    let side = match row.side {
        0 => BookSide::Ask,
        1 => BookSide::Bid,
        _ => return None,
    };
    let kept = operation != BookOperation::Delete;
    let price = wire::price(row.price).or((!kept).then_some(0.0))?;
    let size = wire::count(row.size).or((!kept).then_some(0.0))?;
    let position = usize::try_from(row.position).ok()?;
    Some(DepthUpdate { at, side, position, operation, price, size, market_maker: None })
}

fn depth_l2(at: Timestamp, row: MarketDepthL2) -> Option<DepthUpdate> {
    let MarketDepthL2 { position, market_maker, operation, side, price, size, .. } = row;
    let update = depth(at, &MarketDepth { position, operation, side, price, size })?;
    Some(DepthUpdate { market_maker: Some(market_maker).filter(|maker| !maker.is_empty()), ..update })
}
