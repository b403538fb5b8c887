//! Ticks that a line of quotes carries only when they are asked for.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::Sink;
use crate::{
    market::{DailyFigures, Level1, Market},
    proto::{TickGeneric, TickPrice, TickSize, TickString},
    tape::TapeTick,
    wire::outgoing,
};

/// A group of ticks, by the number it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GenericTick {
    /// 30-day volatility.
    HistoricalVolatility,
    /// Ranges of 13, 26 and 52 weeks, average volume.
    Statistics,
    Auction,
    /// The price by which positions are valued: the last, kept between bid and ask.
    MarkPrice(i32),
    /// Every trade, those that count nowhere too, as text.
    RtVolume,
    /// Trades that count, as text.
    RtTradeVolume,
    Shortable,
    TradeCount,
    TradeRate,
    VolumeRate,
    LastRegular,
    RtVolatility,
    /// Nothing here pays any.
    Dividends,
    ShortTermVolume,
    /// Legal, but of options, bonds or services that are not on a tape: nothing comes.
    Nothing,
}

/// What a stock may be asked for: number, name, meaning.
const LEGAL: [(&str, &str, GenericTick); 25] = [
    ("100", "Option Volume", GenericTick::Nothing),
    ("101", "Option Open Interest", GenericTick::Nothing),
    ("104", "Historical Volatility", GenericTick::HistoricalVolatility),
    ("105", "Average Opt Volume", GenericTick::Nothing),
    ("106", "impvolat", GenericTick::Nothing),
    ("165", "Misc. Stats", GenericTick::Statistics),
    ("221", "Creditman Mark Price", GenericTick::MarkPrice(78)),
    ("225", "Auction", GenericTick::Auction),
    ("232", "Pl Price", GenericTick::MarkPrice(37)),
    ("233", "RTVolume", GenericTick::RtVolume),
    ("236", "inventory", GenericTick::Shortable),
    ("256", "Inventory", GenericTick::Nothing),
    ("258", "Fundamentals", GenericTick::Nothing),
    ("292", "News", GenericTick::Nothing),
    ("293", "TradeCount", GenericTick::TradeCount),
    ("294", "TradeRate", GenericTick::TradeRate),
    ("295", "VolumeRate", GenericTick::VolumeRate),
    ("318", "LastRTHTrade", GenericTick::LastRegular),
    ("375", "RTTrdVolume", GenericTick::RtTradeVolume),
    ("411", "rthistvol", GenericTick::RtVolatility),
    ("456", "IBDividends", GenericTick::Dividends),
    ("460", "Bond Factor Multiplier", GenericTick::Nothing),
    ("595", "Short-Term Volume X Mins", GenericTick::ShortTermVolume),
    ("619", "Creditman Slow Mark Price", GenericTick::MarkPrice(79)),
    ("787", "Odd Lot", GenericTick::Nothing),
];

impl GenericTick {
    pub(crate) fn parse(number: &str) -> Option<Self> {
        LEGAL.iter().find(|(legal, ..)| *legal == number).map(|(.., tick)| *tick)
    }

    /// All that are legal, as the real gateway lists them.
    pub(crate) fn legal() -> String {
        LEGAL.map(|(number, name, _)| format!("{number}({name})")).join(",")
    }
}

/// What one tick last showed.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Price(f64),
    Size(f64),
    Generic(f64),
    Text(String),
}

/// The generic ticks of one line; what stands is not repeated.
#[derive(Debug)]
pub(crate) struct GenericTicks {
    asked: Vec<GenericTick>,
    shown: HashMap<i32, Shown>,
    daily: Option<(Date, DailyFigures)>,
    seen: Option<Timestamp>,
}

/// What a look at the market found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) market: &'a Market,
    pub(super) instrument: usize,
    pub(super) at: Timestamp,
    pub(super) state: &'a Level1,
    pub(super) before: Option<&'a Level1>,
}

impl GenericTicks {
    pub(crate) fn new(asked: Vec<GenericTick>) -> Self {
        Self { asked, shown: HashMap::new(), daily: None, seen: None }
    }

    pub(super) fn advance(&mut self, look: Look<'_>, sink: &Sink<'_>) {
        let since = self.seen.replace(look.at);
        for tick in self.asked.clone() {
            match tick {
                GenericTick::RtVolume => {
                    if let Some(since) = since {
                        unreported(look, since, sink);
                    }
                    trades(look, 48, sink);
                }
                GenericTick::RtTradeVolume => trades(look, 77, sink),
                other => {
                    for (id, value) in self.values(other, look) {
                        self.tell(id, value, sink);
                    }
                }
            }
        }
    }

    fn values(&mut self, tick: GenericTick, look: Look<'_>) -> Vec<(i32, Shown)> {
        let Look { market, instrument, at, state, .. } = look;
        let minute = |minutes| market.recent(instrument, at, SignedDuration::from_mins(minutes));
        match tick {
            GenericTick::HistoricalVolatility | GenericTick::RtVolatility => {
                let id = if tick == GenericTick::RtVolatility { 58 } else { 23 };
                self.daily(look).volatility.map(|it| (id, Shown::Generic(it))).into_iter().collect()
            }
            GenericTick::Statistics => {
                let figures = self.daily(look);
                let ranges = figures.ranges.into_iter().zip([15, 17, 19]).filter_map(|(range, low)| Some((range?, low)));
                let prices =
                    ranges.flat_map(|((lowest, highest), low)| [(low, Shown::Price(lowest)), (low + 1, Shown::Price(highest))]);
                prices.chain(figures.average_volume.map(|it| (21, Shown::Size(it)))).collect()
            }
            GenericTick::Auction => {
                let Some(auction) = market.auction(instrument, at) else { return Vec::new() };
                let imbalance = Shown::Size(auction.imbalance);
                vec![
                    (35, Shown::Price(auction.price)),
                    (34, Shown::Size(auction.volume)),
                    (36, imbalance.clone()),
                    (61, imbalance),
                ]
            }
            GenericTick::MarkPrice(id) => {
                let Some(last) = state.last else { return Vec::new() };
                let mark = last.max(state.bid.unwrap_or(last)).min(state.ask.unwrap_or(last));
                vec![(id, Shown::Price(mark))]
            }
            GenericTick::Shortable => {
                let borrowing = market.borrowing(instrument, at);
                vec![(46, Shown::Generic(borrowing.level)), (89, Shown::Size(borrowing.shares))]
            }
            GenericTick::TradeCount => vec![(54, Shown::Generic(state.trades))],
            GenericTick::TradeRate => vec![(55, Shown::Generic(minute(1).0))],
            GenericTick::VolumeRate => vec![(56, Shown::Generic(minute(1).1))],
            GenericTick::LastRegular => {
                market.last_regular(instrument, at).map(|it| (57, Shown::Price(it))).into_iter().collect()
            }
            GenericTick::Dividends => vec![(59, Shown::Text(",,,".to_owned()))],
            GenericTick::ShortTermVolume => {
                [(63, 3), (64, 5), (65, 10)].map(|(id, minutes)| (id, Shown::Size(minute(minutes).1))).into()
            }
            GenericTick::RtVolume | GenericTick::RtTradeVolume | GenericTick::Nothing => Vec::new(),
        }
    }

    /// The figures of daily bars, which change with the date.
    fn daily(&mut self, look: Look<'_>) -> DailyFigures {
        let today = bellwether::market::Calendar.local_date(look.at);
        match self.daily {
            Some((date, figures)) if date == today => figures,
            _ => {
                let figures = look.market.daily_figures(look.instrument, look.at);
                self.daily = Some((today, figures));
                figures
            }
        }
    }

    fn tell(&mut self, id: i32, value: Shown, sink: &Sink<'_>) {
        if self.shown.get(&id) == Some(&value) {
            return;
        }
        let (req_id, tick) = (Some(sink.request), Some(id));
        match &value {
            Shown::Price(price) => {
                let body = TickPrice { req_id, tick, price: Some(*price), size: None, attributes: Some(0) };
                sink.quote(outgoing::TICK_PRICE, &body);
            }
            Shown::Size(size) => sink.quote(outgoing::TICK_SIZE, &TickSize { req_id, tick, size: Some(size.to_string()) }),
            Shown::Generic(value) => sink.quote(outgoing::TICK_GENERIC, &TickGeneric { req_id, tick, value: Some(*value) }),
            Shown::Text(text) => sink.quote(outgoing::TICK_STRING, &TickString { req_id, tick, value: Some(text.clone()) }),
        }
        self.shown.insert(id, value);
    }
}

/// The trades since the look before as one text: last price, all their shares, time of the last, shares of the day, average price of
/// the day, and whether it was one trade. So the shares of all texts add up to the day's.
fn trades(look: Look<'_>, id: i32, sink: &Sink<'_>) {
    let Look { market, instrument, at, state, before } = look;
    let Some(last) = state.last else { return };
    let (size, count) = match before {
        // Volume begins anew with the date.
        Some(before) if before.volume <= state.volume => (state.volume - before.volume, state.trades - before.trades),
        Some(_) => (state.volume, state.trades),
        None => (state.last_size, 1.0),
    };
    if size <= 0.0 {
        return;
    }
    let vwap = market.session_vwap(instrument, at).unwrap_or(last);
    let (volume, milliseconds) = (state.volume, state.last_milliseconds);
    text(sink, id, format!("{last};{size};{milliseconds};{volume};{vwap:.8};{}", count == 1.0));
}

/// The trades since `since` that count nowhere, each as a text of its own.
fn unreported(look: Look<'_>, since: Timestamp, sink: &Sink<'_>) {
    let Look { market, instrument, at, state, .. } = look;
    if state.halted {
        return;
    }
    let symbol = &market.instrument(instrument).symbol;
    for tick in market.tape().ticks(symbol, since, at) {
        if let TapeTick::Trade(trade) = tick
            && trade.unreported
        {
            let volume = market.tape().volume_at(symbol, trade.at);
            let vwap = market.session_vwap(instrument, trade.at).unwrap_or(trade.price);
            let (price, size, milliseconds) = (trade.price, trade.size, trade.at.as_millisecond());
            text(sink, 48, format!("{price};{size};{milliseconds};{volume};{vwap:.8};true"));
        }
    }
}

fn text(sink: &Sink<'_>, id: i32, value: String) {
    let body = TickString { req_id: Some(sink.request), tick: Some(id), value: Some(value) };
    sink.quote(outgoing::TICK_STRING, &body);
}
