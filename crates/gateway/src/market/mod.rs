//! What the gateway may tell of the tape at an instant. Nothing here looks past the instant it is given.

mod aggregate;
mod bar_size;
mod book;
mod bulletins;
mod figures;
mod halts;
mod level1;
mod path;
mod running;
mod ticks;
mod window;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use bellwether::market::{Bar, BidAsk, Calendar, Series};
use jiff::Timestamp;

pub(crate) use aggregate::{BarQuery, Show, bars};
use aggregate::{bucket, merge, quoted};
pub(crate) use bar_size::BarSize;
pub(crate) use book::{Book, BookQuery, DEPTH_EXCHANGES, MOST_ROWS, apply, book, changes};
pub(crate) use figures::DailyFigures;
pub(crate) use level1::{Level1, QUOTE_INTERVAL_MICROS};
pub(crate) use path::MinuteParts;
pub(crate) use running::running;
pub(crate) use ticks::{TickKind, TickQuery, ToldTick, first_ticks, last_ticks, ticks};
pub(crate) use window::{Duration, Window};

use crate::tape::{Tape, TapeHeadline, TapeInstrument, around, mix};

/// The tape with its indexes.
#[derive(Debug)]
pub(crate) struct Market {
    tape: Arc<Tape>,
    by_symbol: HashMap<String, usize>,
    by_contract: HashMap<i32, usize>,
    halts: halts::Halts,
}

impl Market {
    pub(crate) fn new(tape: Arc<Tape>) -> Self {
        let instruments = tape.instruments().iter().enumerate();
        let by_symbol = instruments.clone().map(|(index, it)| (it.symbol.as_str().to_owned(), index)).collect();
        let by_contract = instruments.map(|(index, it)| (it.contract_id, index)).collect();
        Self { tape, by_symbol, by_contract, halts: halts::Halts::default() }
    }

    pub(crate) fn instruments(&self) -> &[TapeInstrument] {
        self.tape.instruments()
    }

    pub(crate) fn instrument(&self, index: usize) -> &TapeInstrument {
        &self.tape.instruments()[index]
    }

    pub(crate) fn by_symbol(&self, symbol: &str) -> Option<usize> {
        self.by_symbol.get(symbol).copied()
    }

    pub(crate) fn by_contract(&self, contract_id: i32) -> Option<usize> {
        self.by_contract.get(&contract_id).copied()
    }

    pub(crate) fn minutes(&self, instrument: usize) -> Series<'_> {
        self.tape.minutes().series(self.instrument(instrument).symbol.as_str())
    }

    pub(crate) fn daily(&self, instrument: usize) -> Series<'_> {
        self.tape.daily().series(self.instrument(instrument).symbol.as_str())
    }

    pub(crate) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Bid and ask around a price, half the spread away each, by the tape's rule.
    pub(crate) fn bid_ask(&self, instrument: usize, price: f64) -> (f64, f64) {
        around(price, self.instrument(instrument).spread_bps)
    }

    /// The best bid and offer of an instrument at `now`.
    pub(crate) fn best(&self, instrument: usize, now: Timestamp) -> Option<BidAsk> {
        let now = self.halted_since(instrument, now).unwrap_or(now);
        Some(self.tape.moment(instrument, now)?.best)
    }

    /// What the minute bar in which `now` lies has seen, from `start` on or from its own start when that is later.
    fn minute_so_far(&self, instrument: usize, start: i64, now: Timestamp) -> Option<Bar> {
        let (minutes, now) = (self.minutes(instrument), now.as_microsecond());
        let row = minutes.open_at.partition_point(|open_at| *open_at <= now).checked_sub(1)?;
        let bar = minutes.bar(row);
        let from = start.max(bar.open_at);
        let parts = MinuteParts::new(bar, self.tape.minute_ticks(instrument, row));
        (now < bar.close_at).then(|| parts.part(from, now + 1))
    }

    /// Volume-weighted average price from 04:00 of the date of `now` until `now`. `None` before the first share.
    pub(crate) fn session_vwap(&self, instrument: usize, now: Timestamp) -> Option<f64> {
        let volume = self.tape.volume_at(&self.instrument(instrument).symbol, now);
        (volume > 0.0).then(|| self.tape.turnover_at(instrument, now) / volume)
    }

    /// First and last instant of every session that lies in `window`, in part or whole.
    pub(crate) fn sessions(&self, window: Window, regular_only: bool) -> Vec<(Timestamp, Timestamp)> {
        let last = Calendar.local_date(window.until);
        let dates = std::iter::successors(Some(Calendar.local_date(window.from)), |date| date.tomorrow().ok());
        let days = dates.take_while(|date| *date <= last).filter_map(|date| Calendar.day(date).ok().flatten());
        let edges = days.map(|day| if regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) });
        edges.filter(|(open, close)| *open < window.until && *close > window.from).collect()
    }

    /// Codes of the providers that have headlines on the tape.
    pub(crate) fn news_providers(&self) -> Vec<String> {
        let codes: BTreeSet<&str> = self.tape.headlines().iter().map(|headline| headline.provider.as_str()).collect();
        codes.into_iter().map(str::to_owned).collect()
    }

    /// The id by which a headline's article is asked for.
    pub(crate) fn article_id(&self, headline: &TapeHeadline) -> String {
        let salt = mix(headline.symbol.as_str(), headline.at.as_microsecond().cast_unsigned());
        format!("{}${:016x}", headline.provider, mix(&headline.title, salt))
    }

    /// Start of the earliest bar that is complete at `now`.
    pub(crate) fn head(&self, instrument: usize, now: Timestamp) -> Option<Timestamp> {
        let first = |bar: Option<Bar>| bar.map(|bar| bar.open_at);
        let daily = first(self.daily(instrument).as_of(now).iter().next());
        let minute = first(self.minutes(instrument).as_of(now).iter().next());
        let earliest = daily.into_iter().chain(minute).min()?;
        Timestamp::from_microsecond(earliest).ok()
    }
}
