//! Level-1 ticks: what changed since last shown, at most every 250 ms of the gateway's clock.

use jiff::{SignedDuration, Timestamp};

use super::{GenericTicks, Headlines, Sink, Stream, generic_ticks::Look};
use crate::{
    market::{Level1, Market, QUOTE_INTERVAL_MICROS},
    proto::{MarketDataType, TickGeneric, TickPrice, TickSize, TickString},
    wire::outgoing,
};

/// How far delayed data lags.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// Tick types of one kind of data.
#[derive(Debug)]
struct Ticks {
    bid: i32,
    ask: i32,
    last: i32,
    bid_size: i32,
    ask_size: i32,
    last_size: i32,
    high: i32,
    low: i32,
    volume: i32,
    close: i32,
    open: i32,
    last_at: i32,
    halted: i32,
}

const LIVE: Ticks = Ticks {
    bid: 1,
    ask: 2,
    last: 4,
    bid_size: 0,
    ask_size: 3,
    last_size: 5,
    high: 6,
    low: 7,
    volume: 8,
    close: 9,
    open: 14,
    last_at: 45,
    halted: 49,
};

const DELAYED: Ticks = Ticks {
    bid: 66,
    ask: 67,
    last: 68,
    bid_size: 69,
    ask_size: 70,
    last_size: 71,
    high: 72,
    low: 73,
    volume: 74,
    close: 75,
    open: 76,
    last_at: 88,
    halted: 90,
};

/// What kind of data a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feed {
    /// 15 minutes late, for want of a subscription.
    pub(crate) delayed: bool,
    /// Outside trading hours the last bid and offer stay.
    pub(crate) frozen: bool,
}

impl Feed {
    /// The number of this kind of data: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen. Nothing is frozen while the market trades.
    fn number(self, trading: bool) -> i32 {
        let frozen = self.frozen && !trading;
        1 + i32::from(frozen) + 2 * i32::from(self.delayed)
    }

    /// The state to show at `now`, and the instant it is of.
    fn look(self, market: &Market, instrument: usize, now: Timestamp) -> Option<(Level1, Timestamp)> {
        let slot = now.as_microsecond().div_euclid(QUOTE_INTERVAL_MICROS);
        let at = Timestamp::from_microsecond(slot * QUOTE_INTERVAL_MICROS).ok()?;
        let at = at.checked_sub(if self.delayed { DELAY } else { SignedDuration::ZERO }).ok()?;
        let mut state = market.level1(instrument, at);
        if !(state.trading || self.frozen) {
            (state.bid, state.ask) = (None, None);
        }
        Some((state, at))
    }

    fn tell(self, state: &Level1, sink: &Sink<'_>) {
        let kind = Some(self.number(state.trading));
        sink.send(outgoing::MARKET_DATA_TYPE, &MarketDataType { req_id: Some(sink.request), kind });
    }

    fn ticks(self) -> &'static Ticks {
        if self.delayed { &DELAYED } else { &LIVE }
    }
}

/// One line of quotes.
#[derive(Debug)]
pub(crate) struct Quotes {
    instrument: usize,
    feed: Feed,
    generic: GenericTicks,
    news: Option<Headlines>,
    slot: Option<i64>,
    shown: Option<Level1>,
}

impl Quotes {
    pub(crate) fn new(instrument: usize, feed: Feed, generic: GenericTicks, news: Option<Headlines>) -> Self {
        Self { instrument, feed, generic, news, slot: None, shown: None }
    }
}

impl Stream for Quotes {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if let Some(news) = &mut self.news {
            news.advance(market, now, sink);
        }
        let slot = now.as_microsecond().div_euclid(QUOTE_INTERVAL_MICROS);
        if self.slot.replace(slot) == Some(slot) {
            return;
        }
        let Some((next, at)) = self.feed.look(market, self.instrument, now) else { return };
        let before = self.shown.replace(next);
        match &before {
            Some(before) if self.feed.number(before.trading) != self.feed.number(next.trading) => self.feed.tell(&next, sink),
            _ => {}
        }
        let show = Show { sink, ticks: self.feed.ticks() };
        show.changes(before.as_ref(), &next);
        // Delayed data has none of the others.
        if !self.feed.delayed {
            let look = Look { market, instrument: self.instrument, at, state: &next, before: before.as_ref() };
            self.generic.advance(look, sink);
        }
    }
}

/// Tells which kind of data a line is going to show.
pub(crate) fn announce(market: &Market, instrument: usize, feed: Feed, sink: &Sink<'_>, now: Timestamp) {
    if let Some((state, _)) = feed.look(market, instrument, now) {
        feed.tell(&state, sink);
    }
}

/// Sends the whole present state once.
pub(crate) fn snapshot(market: &Market, instrument: usize, feed: Feed, sink: &Sink<'_>, now: Timestamp) {
    if let Some((state, _)) = feed.look(market, instrument, now) {
        Show { sink, ticks: feed.ticks() }.changes(None, &state);
    }
}

/// A price of the day.
type Level = fn(&Level1) -> Option<f64>;

struct Show<'a> {
    sink: &'a Sink<'a>,
    ticks: &'a Ticks,
}

impl Show<'_> {
    /// Sends what differs from `before`; everything when there is no before.
    fn changes(&self, before: Option<&Level1>, next: &Level1) {
        let ticks = self.ticks;
        let first = before.is_none();
        let differs = |field: fn(&Level1) -> Option<f64>| before.is_none_or(|before| field(before) != field(next));
        // Sizes travel with their prices; only the first are also told on their own.
        let sizes = |tick: i32, size: f64| {
            if first {
                self.size(tick, size);
            }
        };
        let traded = differs(|it| it.last) || differs(|it| Some(it.volume));
        if next.last.is_some() && traded {
            if before.is_none_or(|before| before.last_at != next.last_at) {
                self.text(ticks.last_at, next.last_at.to_string());
            }
            if differs(|it| it.last) || differs(|it| Some(it.last_size)) {
                self.price(ticks.last, next.last, Some(next.last_size));
                sizes(ticks.last_size, next.last_size);
            }
        }
        if first || before.is_some_and(|before| before.halted != next.halted) {
            let value = f64::from(u8::from(next.halted));
            let body = TickGeneric { req_id: Some(self.sink.request), tick: Some(ticks.halted), value: Some(value) };
            self.sink.quote(outgoing::TICK_GENERIC, &body);
        }
        if differs(|it| Some(it.volume)) {
            self.size(ticks.volume, next.volume);
        }
        if differs(|it| it.bid) {
            self.price(ticks.bid, next.bid, Some(next.bid_size));
            sizes(ticks.bid_size, next.bid.map_or(0.0, |_| next.bid_size));
        } else if next.bid.is_some() && differs(|it| Some(it.bid_size)) {
            self.size(ticks.bid_size, next.bid_size);
        }
        if differs(|it| it.ask) {
            self.price(ticks.ask, next.ask, Some(next.ask_size));
            sizes(ticks.ask_size, next.ask.map_or(0.0, |_| next.ask_size));
        } else if next.ask.is_some() && differs(|it| Some(it.ask_size)) {
            self.size(ticks.ask_size, next.ask_size);
        }
        for (tick, field) in self.levels() {
            if differs(field) && field(next).is_some() {
                self.price(tick, field(next), None);
            }
        }
    }

    fn levels(&self) -> [(i32, Level); 4] {
        let ticks = self.ticks;
        [(ticks.high, |it| it.high), (ticks.low, |it| it.low), (ticks.close, |it| it.previous_close), (ticks.open, |it| it.open)]
    }

    /// A price; absent ones are -1, as the wire has them.
    fn price(&self, tick: i32, price: Option<f64>, size: Option<f64>) {
        let body = TickPrice {
            req_id: Some(self.sink.request),
            tick: Some(tick),
            price: Some(price.unwrap_or(-1.0)),
            size: size.map(|size| if price.is_some() { size.to_string() } else { "0".to_owned() }),
            attributes: Some(0),
        };
        self.sink.quote(outgoing::TICK_PRICE, &body);
    }

    fn size(&self, tick: i32, size: f64) {
        let body = TickSize { req_id: Some(self.sink.request), tick: Some(tick), size: Some(size.to_string()) };
        self.sink.quote(outgoing::TICK_SIZE, &body);
    }

    fn text(&self, tick: i32, value: String) {
        let body = TickString { req_id: Some(self.sink.request), tick: Some(tick), value: Some(value) };
        self.sink.quote(outgoing::TICK_STRING, &body);
    }
}
