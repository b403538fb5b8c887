//! Everything that the simulated gateway knows of the market, past and future, immutable after construction.
//!
//! The server asks "what is true at `t`" and the tape answers from bars: within a minute the trades are those of
//! [`MinuteTicks`], which meet the bar's open, both extremes and its close and add up to its volume, decided by a hash of
//! symbol and minute. Quotes, streams of single ticks and histories of ticks all follow from them. So every client, at any
//! speed and in any order of questions, is told the same thing, and nobody is told what lies after `t`.

mod best;
mod hash;
mod instrument;
mod minute_ticks;
mod recorded;
mod sessions;
mod ticks;

use std::collections::{BTreeMap, HashMap};

use bellwether::market::{Bars, BidAsk, DepthUpdate, Quote, Series, Symbol, Tick};
use jiff::Timestamp;

pub(crate) use best::around;
pub(crate) use hash::{mix, nth, unit};
pub use instrument::{Halt, TapeHeadline, TapeInstrument};
pub(crate) use minute_ticks::MinuteTicks;
pub(crate) use recorded::{Interval, RecordedDepth, fits, side_of};
use recorded::{RecordedTicks, SoFar};
use sessions::{Regular, TapeSession, sessions_of};
pub(crate) use ticks::{TapeTick, TapeTrade};

use crate::error::GatewayError;

/// The last trade at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LastTrade {
    /// Price, USD.
    pub price: f64,
    /// Shares of that trade.
    pub size: f64,
    /// When it was made.
    pub at: Timestamp,
}

/// What has happened on one New York date up to an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DaySoFar {
    /// First price of the regular session, USD; `None` before it has traded.
    pub open: Option<f64>,
    /// Highest price of the regular session so far, USD.
    pub high: Option<f64>,
    /// Lowest price of the regular session so far, USD.
    pub low: Option<f64>,
    /// Raw close of the last daily bar before this date, USD.
    pub previous_close: Option<f64>,
    /// Shares traded since 04:00.
    pub volume: f64,
    /// Trades since 04:00.
    pub trades: f64,
}

/// What an order book follows from besides symbol and prices: it changes with the minute and every so many trades in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BookSalt {
    pub(crate) minute: u64,
    pub(crate) generation: u64,
}

/// Trades after which the shares in a book are others.
const TRADES_PER_BOOK: usize = 16;

/// Everything that is true of one symbol at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    pub(crate) last: LastTrade,
    pub(crate) best: BidAsk,
    pub(crate) day: DaySoFar,
    pub(crate) halted: bool,
}

/// The market as recorded or generated.
#[derive(Debug)]
pub struct Tape {
    instruments: Vec<TapeInstrument>,
    by_symbol: BTreeMap<Symbol, usize>,
    by_contract_id: HashMap<i32, usize>,
    minutes: Bars,
    daily: Bars,
    headlines: Vec<TapeHeadline>,
    halts: BTreeMap<Symbol, Vec<Halt>>,
    /// The dates in each symbol's minute bars; in order of `instruments`.
    sessions: Vec<Vec<TapeSession>>,
    /// What was recorded of each symbol besides bars, by its place among `instruments`.
    ticks: HashMap<usize, RecordedTicks>,
    depth: HashMap<usize, RecordedDepth>,
}

/// One symbol's bar in which `t` falls or which came last before it.
struct Found<'a> {
    series: Series<'a>,
    row: usize,
    ticks: MinuteTicks,
    /// Trades of the bar that are made at `t`, at least one.
    made: usize,
}

impl Found<'_> {
    fn last(&self) -> LastTrade {
        let k = self.made - 1;
        LastTrade { price: self.ticks.price(k), size: self.ticks.size(k), at: instant(self.ticks.at(k)) }
    }

    fn bid_ask(&self, spread_bps: f64) -> BidAsk {
        let k = self.made - 1;
        best::after_trade(instant(self.ticks.at(k)), self.ticks.price(k), spread_bps, self.ticks.salt(k))
    }
}

impl Tape {
    /// Puts a tape together; instruments, headlines and halts are sorted.
    ///
    /// # Errors
    /// [`GatewayError::Tape`] when a symbol or contract id is there twice, when bars, a headline or a halt name a symbol that is no
    /// instrument, when a halt ends before it begins, or when a minute bar begins during a halt.
    pub fn new(
        mut instruments: Vec<TapeInstrument>,
        minutes: Bars,
        daily: Bars,
        mut headlines: Vec<TapeHeadline>,
        halts: Vec<Halt>,
    ) -> Result<Self, GatewayError> {
        instruments.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        let mut by_symbol = BTreeMap::new();
        let mut by_contract_id = HashMap::new();
        for (index, instrument) in instruments.iter().enumerate() {
            if by_symbol.insert(instrument.symbol.clone(), index).is_some() {
                return Err(contradiction(format!("{} is listed twice", instrument.symbol)));
            }
            if by_contract_id.insert(instrument.contract_id, index).is_some() {
                return Err(contradiction(format!("contract id {} is listed twice", instrument.contract_id)));
            }
        }
        let named = minutes.symbols().iter().chain(daily.symbols()).chain(headlines.iter().map(|headline| &headline.symbol));
        if let Some(stranger) = named.chain(halts.iter().map(|halt| &halt.symbol)).find(|symbol| !by_symbol.contains_key(*symbol))
        {
            return Err(contradiction(format!("{stranger} has data but is not an instrument")));
        }
        headlines.sort_by(|a, b| (a.at, &a.symbol, &a.provider, &a.title).cmp(&(b.at, &b.symbol, &b.provider, &b.title)));
        let mut halts_of: BTreeMap<Symbol, Vec<Halt>> = BTreeMap::new();
        for halt in halts {
            if halt.until <= halt.from {
                return Err(contradiction(format!("the halt of {} at {} ends before it begins", halt.symbol, halt.from)));
            }
            if let Some(open_at) = minutes.series(halt.symbol.as_str()).starting_in(halt.from, halt.until).open_at.first() {
                let at = Timestamp::from_microsecond(*open_at).unwrap_or(halt.from);
                return Err(contradiction(format!("{} trades at {at}, while it is halted", halt.symbol)));
            }
            halts_of.entry(halt.symbol.clone()).or_default().push(halt);
        }
        halts_of.values_mut().for_each(|halts| halts.sort_by_key(|halt| halt.from));
        let sessions = instruments
            .iter()
            .map(|instrument| sessions_of(minutes.series(instrument.symbol.as_str())))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            instruments,
            by_symbol,
            by_contract_id,
            minutes,
            daily,
            headlines,
            halts: halts_of,
            sessions,
            ticks: HashMap::new(),
            depth: HashMap::new(),
        })
    }

    /// The tape with recorded ticks and books, each symbol's in order of time. From the first to the last tick of a New York date they
    /// are told instead of generated ones: as quotes, as single ticks as they come and from the past, and as trades in text; from
    /// the first to the last change of a book the recorded book. Bars stay those that the tape has.
    ///
    /// # Errors
    /// [`GatewayError::Tape`] when they name a symbol that is no instrument, or are not in order of time.
    pub fn with_ticks(
        mut self,
        ticks: BTreeMap<Symbol, Vec<Tick>>,
        depth: BTreeMap<Symbol, Vec<DepthUpdate>>,
    ) -> Result<Self, GatewayError> {
        let stranger = |symbol: &Symbol| contradiction(format!("{symbol} has recorded ticks but is not an instrument"));
        for (symbol, ticks) in ticks {
            let index = *self.by_symbol.get(&symbol).ok_or_else(|| stranger(&symbol))?;
            self.ticks.insert(index, RecordedTicks::new(&symbol, ticks)?);
        }
        for (symbol, updates) in depth {
            let index = *self.by_symbol.get(&symbol).ok_or_else(|| stranger(&symbol))?;
            self.depth.insert(index, RecordedDepth::new(&symbol, updates)?);
        }
        Ok(self)
    }

    /// The recorded book of an instrument, if it has one.
    pub(crate) fn recorded_depth(&self, index: usize) -> Option<&RecordedDepth> {
        self.depth.get(&index)
    }

    /// All instruments, ordered by symbol.
    pub fn instruments(&self) -> &[TapeInstrument] {
        &self.instruments
    }

    /// One instrument.
    pub fn instrument(&self, symbol: &Symbol) -> Option<&TapeInstrument> {
        self.by_symbol.get(symbol).map(|index| &self.instruments[*index])
    }

    /// The instrument with a contract id.
    pub fn by_contract_id(&self, contract_id: i32) -> Option<&TapeInstrument> {
        self.by_contract_id.get(&contract_id).map(|index| &self.instruments[*index])
    }

    /// Minute bars of all sessions, pre- and post-market included.
    pub fn minutes(&self) -> &Bars {
        &self.minutes
    }

    /// Daily bars, raw prices.
    pub fn daily(&self) -> &Bars {
        &self.daily
    }

    /// All headlines, oldest first.
    pub fn headlines(&self) -> &[TapeHeadline] {
        &self.headlines
    }

    /// The headlines with `from <= at < until`, oldest first.
    pub fn headlines_between(&self, from: Timestamp, until: Timestamp) -> &[TapeHeadline] {
        let start = self.headlines.partition_point(|headline| headline.at < from);
        let end = self.headlines.partition_point(|headline| headline.at < until).max(start);
        &self.headlines[start..end]
    }

    /// Whether trading in `symbol` is halted at `t`.
    pub fn halted_at(&self, symbol: &Symbol, t: Timestamp) -> bool {
        self.halts.get(symbol).is_some_and(|halts| halts.iter().any(|halt| (halt.from..halt.until).contains(&t)))
    }

    /// The halts of one symbol, oldest first.
    pub fn halts(&self, symbol: &Symbol) -> &[Halt] {
        self.halts.get(symbol).map_or(&[], Vec::as_slice)
    }

    /// The last trade at or before `t`; before the first minute bar the close of the last daily bar known at `t` stands in.
    pub fn last_at(&self, symbol: &Symbol, t: Timestamp) -> Option<LastTrade> {
        Some(self.moment(*self.by_symbol.get(symbol)?, t)?.last)
    }

    /// The best bid and offer at `t`, as the last trade left them. `None` for an unknown symbol or one that has no price yet.
    ///
    /// ```text
    /// half = last · spread_bps / 20_000
    /// bid  = last − half, rounded down to the cent, at least 0.01 below last
    /// ask  = last + half, rounded up to the cent
    /// ```
    /// with 100 to 900 shares on each side. During a halt it stands where it was.
    pub fn bid_ask_at(&self, symbol: &Symbol, t: Timestamp) -> Option<BidAsk> {
        Some(self.moment(*self.by_symbol.get(symbol)?, t)?.best)
    }

    /// The quote at `t`: [`Tape::bid_ask_at`], [`Tape::last_at`], [`Tape::volume_at`] and whether trading is halted.
    pub fn quote_at(&self, symbol: &Symbol, t: Timestamp) -> Option<Quote> {
        let moment = self.moment(*self.by_symbol.get(symbol)?, t)?;
        Some(Quote {
            symbol: symbol.clone(),
            at: moment.last.at,
            bid: moment.best.bid,
            ask: moment.best.ask,
            last: Some(moment.last.price),
            volume: Some(moment.day.volume),
            halted: moment.halted,
            delayed: false,
        })
    }

    /// Shares traded from 04:00 of the New York date of `t` until `t`.
    pub fn volume_at(&self, symbol: &Symbol, t: Timestamp) -> f64 {
        self.by_symbol.get(symbol).map_or(0.0, |index| self.day(*index, t).volume)
    }

    /// What the New York date of `t` has shown until `t`. `None` for an unknown symbol.
    pub fn day_at(&self, symbol: &Symbol, t: Timestamp) -> Option<DaySoFar> {
        self.by_symbol.get(symbol).map(|index| self.day(*index, t))
    }

    /// Price times shares, added up from 04:00 of the New York date of `t` until `t`: complete minutes by their VWAP.
    pub(crate) fn turnover_at(&self, index: usize, t: Timestamp) -> f64 {
        if let Some((interval, so_far)) = self.recorded_at(index, t) {
            return self.generated_turnover(index, instant(interval.from - 1)) + so_far.turnover;
        }
        self.generated_turnover(index, t)
    }

    fn generated_turnover(&self, index: usize, t: Timestamp) -> f64 {
        let found = self.find(index, t.as_microsecond());
        let Some((session, found)) =
            self.session_at(index, t).zip(found).filter(|(session, found)| found.row >= session.rows.start)
        else {
            return 0.0;
        };
        session.before(found.series, found.row).turnover + found.ticks.turnover(0, found.made)
    }

    /// The interval of recorded ticks in which `t` lies, and what they have come to then.
    fn recorded_at(&self, index: usize, t: Timestamp) -> Option<(&Interval, SoFar)> {
        self.ticks.get(&index)?.at(t.as_microsecond()).filter(|(interval, _)| t.as_microsecond() <= interval.until)
    }

    /// What is true of an instrument at `t`. `None` before it has a price.
    pub(crate) fn moment(&self, index: usize, t: Timestamp) -> Option<Moment> {
        let instrument = &self.instruments[index];
        let halted = self.halted_at(&instrument.symbol, t);
        let day = self.day(index, t);
        let Some((interval, so_far)) = self.recorded_at(index, t) else {
            let (last, best) = self.generated_prices(index, t)?;
            return Some(Moment { last, best, day, halted });
        };
        let recorded = self.ticks.get(&index)?;
        let trade = so_far.trade.and_then(|row| recorded.trade(row));
        let quote = so_far.quote.and_then(|row| recorded.quote(row));
        let before = || self.generated_prices(index, instant(interval.from - 1));
        let around = |price, at| best::after_trade(at, price, instrument.spread_bps, mix(instrument.symbol.as_str(), 0));
        let (last, best) = match (trade, quote) {
            (Some(trade), quote) => {
                let last = LastTrade { price: trade.price, size: trade.size, at: trade.at };
                (last, quote.unwrap_or_else(|| around(trade.price, trade.at)))
            }
            // No trade yet: the last one before the recording, or the price that the bid and offer stand around.
            (None, quote) => {
                let last = before().map(|(last, _)| last).or_else(|| {
                    let quote = quote?;
                    let price = quote.bid.zip(quote.ask).map(|(bid, ask)| cents((bid + ask) / 2.0)).or(quote.bid).or(quote.ask)?;
                    Some(LastTrade { price, size: 0.0, at: quote.at })
                })?;
                (last, quote.unwrap_or_else(|| around(last.price, last.at)))
            }
        };
        Some(Moment { last, best, day, halted })
    }

    fn generated_prices(&self, index: usize, t: Timestamp) -> Option<(LastTrade, BidAsk)> {
        let instrument = &self.instruments[index];
        if let Some(found) = self.find(index, t.as_microsecond()) {
            return Some((found.last(), found.bid_ask(instrument.spread_bps)));
        }
        let close = self.daily.series(instrument.symbol.as_str()).as_of(t).last()?;
        let at = instant(close.close_at);
        let last = LastTrade { price: close.close, size: 0.0, at };
        Some((last, best::after_trade(at, close.close, instrument.spread_bps, mix(instrument.symbol.as_str(), 0))))
    }

    /// What an instrument's order book follows from at `t`. `None` before its first minute bar.
    pub(crate) fn book_salt(&self, index: usize, t: Timestamp) -> Option<BookSalt> {
        let found = self.find(index, t.as_microsecond())?;
        let minute = found.series.open_at[found.row] as u64;
        Some(BookSalt { minute, generation: (found.made / TRADES_PER_BOOK) as u64 })
    }

    /// What the date of `t` has come to: what its bars say until recorded ticks begin, and those from then on. Once they are over the
    /// bars tell again, but nothing that was told is taken back.
    fn day(&self, index: usize, t: Timestamp) -> DaySoFar {
        let recorded = self.ticks.get(&index).and_then(|ticks| ticks.at(t.as_microsecond()));
        let Some((interval, so_far)) = recorded.filter(|(interval, _)| instant(interval.from) >= sessions::date_start(t)) else {
            return self.generated_day(index, t);
        };
        let mut day = self.generated_day(index, instant(interval.from - 1));
        if instant(interval.from - 1) < sessions::date_start(t) {
            day = DaySoFar { previous_close: self.generated_day(index, t).previous_close, ..DaySoFar::default() };
        }
        day.volume += so_far.volume;
        day.trades += so_far.trades;
        let widen = |day: &mut DaySoFar, open: Option<f64>, low: Option<f64>, high: Option<f64>| {
            day.open = day.open.or(open);
            day.low = day.low.into_iter().chain(low).reduce(f64::min);
            day.high = day.high.into_iter().chain(high).reduce(f64::max);
        };
        if let Some(Regular { open, low, high }) = so_far.regular {
            widen(&mut day, Some(open), Some(low), Some(high));
        }
        if t.as_microsecond() > interval.until {
            let bars = self.generated_day(index, t);
            widen(&mut day, bars.open, bars.low, bars.high);
            (day.volume, day.trades) = (day.volume.max(bars.volume), day.trades.max(bars.trades));
        }
        day
    }

    fn generated_day(&self, index: usize, t: Timestamp) -> DaySoFar {
        let previous = self.daily.series(self.instruments[index].symbol.as_str()).as_of(sessions::date_start(t)).last();
        let mut day = DaySoFar {
            open: None,
            high: None,
            low: None,
            previous_close: previous.map(|bar| bar.close),
            volume: 0.0,
            trades: 0.0,
        };
        let Some((session, found)) = self.session_at(index, t).zip(self.find(index, t.as_microsecond())) else { return day };
        if found.row < session.rows.start {
            return day;
        }
        let before = session.before(found.series, found.row);
        day.volume = before.volume + found.ticks.volume_of(found.made);
        day.trades = before.trades + found.made as f64;
        let mut regular = before.regular;
        if session.is_regular(found.series.open_at[found.row])
            && let Some(range) = found.ticks.range(0, found.made)
        {
            regular = Some(Regular::widened(regular, found.series.open[found.row], range));
        }
        (day.open, day.high, day.low) = (regular.map(|it| it.open), regular.map(|it| it.high), regular.map(|it| it.low));
        day
    }

    fn series(&self, index: usize) -> Series<'_> {
        self.minutes.series(self.instruments[index].symbol.as_str())
    }

    /// The date in the minute bars of an instrument that is the New York date of `t`.
    fn session_at(&self, index: usize, t: Timestamp) -> Option<&TapeSession> {
        let sessions = &self.sessions[index];
        let next = sessions.partition_point(|session| session.starts <= t);
        sessions[..next].last().filter(|session| t < session.ends)
    }

    fn is_regular(&self, index: usize, open_at: i64) -> bool {
        self.session_at(index, instant(open_at)).is_some_and(|session| session.is_regular(open_at))
    }

    fn find(&self, index: usize, t: i64) -> Option<Found<'_>> {
        let series = self.series(index);
        let row = series.open_at.partition_point(|open_at| *open_at <= t).checked_sub(1)?;
        let ticks = self.minute_ticks(index, row);
        Some(Found { series, row, ticks, made: ticks.made_until(t) })
    }
}

fn contradiction(problem: String) -> GatewayError {
    GatewayError::Tape { problem }
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn cents(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}

#[cfg(test)]
#[path = "tape_tests.rs"]
mod tests;
