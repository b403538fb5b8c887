//! Level-1 ticks: what changed since last shown, at most every 250 ms of the gateway's clock.

use jiff::{SignedDuration, Timestamp};

use super::{Headlines, Sink, Stream};
use crate::{
    market::{Level1, Market, QUOTE_INTERVAL_MICROS},
    proto::{TickGeneric, TickPrice, TickSize, TickString},
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
};

const HALTED: i32 = 49;
const RT_VOLUME: i32 = 48;

/// One line of quotes.
#[derive(Debug)]
pub(crate) struct Quotes {
    instrument: usize,
    delayed: bool,
    /// Whether every trade is also told as one text (generic tick 233).
    rt_volume: bool,
    news: Option<Headlines>,
    slot: Option<i64>,
    shown: Option<Level1>,
}

impl Quotes {
    pub(crate) fn new(instrument: usize, delayed: bool, rt_volume: bool, news: Option<Headlines>) -> Self {
        Self { instrument, delayed, rt_volume, news, slot: None, shown: None }
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
        let Some(at) = instant_of(slot, self.delayed) else { return };
        let next = market.level1(self.instrument, at);
        let before = self.shown.replace(next);
        let show = Show { sink, ticks: if self.delayed { &DELAYED } else { &LIVE } };
        show.changes(before.as_ref(), &next);
        let traded = before.is_none_or(|before| before.volume != next.volume);
        if self.rt_volume && traded {
            show.rt_volume(market, self.instrument, &next, at);
        }
    }
}

/// Sends the whole present state once.
pub(crate) fn snapshot(market: &Market, instrument: usize, delayed: bool, sink: &Sink<'_>, now: Timestamp) {
    let slot = now.as_microsecond().div_euclid(QUOTE_INTERVAL_MICROS);
    if let Some(at) = instant_of(slot, delayed) {
        let show = Show { sink, ticks: if delayed { &DELAYED } else { &LIVE } };
        show.changes(None, &market.level1(instrument, at));
    }
}

fn instant_of(slot: i64, delayed: bool) -> Option<Timestamp> {
    let at = Timestamp::from_microsecond(slot * QUOTE_INTERVAL_MICROS).ok()?;
    at.checked_sub(if delayed { DELAY } else { SignedDuration::ZERO }).ok()
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
            let body = TickGeneric { req_id: Some(self.sink.request), tick: Some(HALTED), value: Some(value) };
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

    /// Price, size, milliseconds, shares of the day, average price of the day, and whether it was one trade.
    fn rt_volume(&self, market: &Market, instrument: usize, state: &Level1, at: Timestamp) {
        let Some(last) = state.last else { return };
        let vwap = market.session_vwap(instrument, at).unwrap_or(last);
        let (size, volume, milliseconds) = (state.last_size, state.volume, at.as_millisecond());
        self.text(RT_VOLUME, format!("{last};{size};{milliseconds};{volume};{vwap:.4};true"));
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
