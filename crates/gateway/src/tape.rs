//! Everything that the simulated gateway knows of the market, past and future, immutable after construction.
//!
//! The server asks "what is true at `t`" and the tape answers from bars alone: within a minute the price follows a
//! [`MinutePath`] through the bar's open, both extremes and its close, decided by a hash of symbol and minute. So
//! every client, at any speed and in any order of questions, is told the same thing, and nobody is told what lies after `t`.

mod instrument;
mod minute_path;
mod sessions;

use std::collections::{BTreeMap, HashMap};

use bellwether::market::{Bars, Quote, Series, Symbol};
use jiff::Timestamp;

pub use instrument::{Halt, TapeHeadline, TapeInstrument};
pub(crate) use minute_path::{MinutePath, mix};
use sessions::{TapeSession, sessions_of};

use crate::error::GatewayError;

/// The last trade at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LastTrade {
    /// Price, USD.
    pub price: f64,
    /// Shares of that trade: the mean trade size of its minute.
    pub size: f64,
    /// When it was made, at most a second before it could be seen.
    pub at: Timestamp,
}

/// What has happened on one New York date up to an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
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
}

/// One symbol's bar in which `t` falls or which came last before it.
struct Found<'a> {
    series: Series<'a>,
    row: usize,
    path: MinutePath,
    /// Part of the bar that has passed at `t`, 0 to 1.
    progress: f64,
    /// Start of the second in which the last trade was made, microseconds.
    at: i64,
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
        Ok(Self { instruments, by_symbol, by_contract_id, minutes, daily, headlines, halts: halts_of, sessions })
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
        let Some(found) = self.find(symbol, t) else {
            let close = self.daily.series(symbol.as_str()).as_of(t).last()?;
            return Some(LastTrade { price: close.close, size: 0.0, at: instant(close.close_at) });
        };
        let volume = found.series.volume[found.row];
        let trades = found.series.trades[found.row];
        let size = if trades >= 1.0 { (volume / trades).round().max(1.0) } else { volume.min(100.0) };
        Some(LastTrade { price: found.path.price(found.progress), size, at: instant(found.at) })
    }

    /// The quote at `t`. `None` for an unknown symbol or one that has no price yet.
    ///
    /// ```text
    /// half = last · spread_bps / 20_000
    /// bid  = last − half, rounded down to the cent, at least 0.01 below last
    /// ask  = last + half, rounded up to the cent
    /// ```
    /// `volume` is [`Tape::volume_at`]. During a halt the quote stands where it was and `halted` is set.
    pub fn quote_at(&self, symbol: &Symbol, t: Timestamp) -> Option<Quote> {
        let instrument = self.instrument(symbol)?;
        let last = self.last_at(symbol, t)?;
        let half = last.price * instrument.spread_bps / 20_000.0;
        // A millionth of a cent keeps a price that is whole cents from being moved by its binary representation.
        let bid = (((last.price - half) * 100.0 + 1e-6).floor() / 100.0).min(cents(last.price - 0.01)).max(0.01);
        let ask = ((last.price + half) * 100.0 - 1e-6).ceil() / 100.0;
        Some(Quote {
            symbol: symbol.clone(),
            at: last.at,
            bid: Some(bid),
            ask: Some(ask.max(cents(bid + 0.01))),
            last: Some(last.price),
            volume: Some(self.volume_at(symbol, t)),
            halted: self.halted_at(symbol, t),
        })
    }

    /// Shares traded from 04:00 of the New York date of `t` until `t`; within a minute in proportion to the time passed.
    pub fn volume_at(&self, symbol: &Symbol, t: Timestamp) -> f64 {
        let Some((session, found)) = self.session_at(symbol, t).zip(self.find(symbol, t)) else { return 0.0 };
        if found.row < session.rows.start {
            return 0.0;
        }
        let before: f64 = found.series.volume[session.rows.start..found.row].iter().sum();
        let volume = found.series.volume[found.row];
        before + (volume * found.progress).floor().max(volume.min(1.0))
    }

    /// What the New York date of `t` has shown until `t`. `None` for an unknown symbol.
    pub fn day_at(&self, symbol: &Symbol, t: Timestamp) -> Option<DaySoFar> {
        self.instrument(symbol)?;
        let mut day = DaySoFar { open: None, high: None, low: None, previous_close: None, volume: self.volume_at(symbol, t) };
        let date_start = sessions::date_start(t);
        day.previous_close = self.daily.series(symbol.as_str()).as_of(date_start).last().map(|bar| bar.close);
        let Some((session, found)) = self.session_at(symbol, t).zip(self.find(symbol, t)) else { return Some(day) };
        let regular = found.series.starting_in(session.open, session.close.min(instant(found.series.open_at[found.row])));
        let mut extremes: Option<(f64, f64)> = None;
        let mut widen = |low: f64, high: f64| {
            extremes = Some(extremes.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
        };
        regular.iter().for_each(|bar| widen(bar.low, bar.high));
        let open_at = instant(found.series.open_at[found.row]);
        if (session.open..session.close).contains(&open_at) {
            let (low, high) = found.path.range_until(found.progress);
            widen(low, high);
            day.open = Some(regular.open.first().copied().unwrap_or(found.series.open[found.row]));
        } else {
            day.open = regular.open.first().copied();
        }
        (day.low, day.high) = extremes.unzip();
        Some(day)
    }

    /// The date in the minute bars of `symbol` that is the New York date of `t`.
    fn session_at(&self, symbol: &Symbol, t: Timestamp) -> Option<&TapeSession> {
        let sessions = &self.sessions[*self.by_symbol.get(symbol)?];
        let next = sessions.partition_point(|session| session.starts <= t);
        sessions[..next].last().filter(|session| t < session.ends)
    }

    fn find(&self, symbol: &Symbol, t: Timestamp) -> Option<Found<'_>> {
        let series = self.minutes.series(symbol.as_str());
        let t = t.as_microsecond();
        let row = series.open_at.partition_point(|open_at| *open_at <= t).checked_sub(1)?;
        let (open_at, close_at) = (series.open_at[row], series.close_at[row]);
        // The close is reached a second before the end, so that the last trade of a minute belongs to it.
        let last_second = (close_at - 1_000_000).max(open_at);
        let at = (t - t.rem_euclid(1_000_000)).clamp(open_at, last_second);
        let progress = if last_second > open_at { (at - open_at) as f64 / (last_second - open_at) as f64 } else { 1.0 };
        let path = MinutePath::new(symbol, &series.bar(row));
        Some(Found { series, row, path, progress, at })
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
