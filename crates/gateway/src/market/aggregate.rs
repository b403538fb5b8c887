//! Bars of any size from minute bars and daily bars, complete ones only.

use bellwether::market::{Bar, Calendar, TradingDay};
use jiff::{Timestamp, civil::Date};

use super::{BarSize, Market, MinuteParts, Window};

/// Which price a bar is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    Trades,
    Midpoint,
    Bid,
    Ask,
    BidAsk,
}

impl Show {
    /// Reads the protocol's spelling; other kinds of data are not on the tape.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "TRADES" | "ADJUSTED_LAST" | "AGGTRADES" => Self::Trades,
            "MIDPOINT" => Self::Midpoint,
            "BID" => Self::Bid,
            "ASK" => Self::Ask,
            "BID_ASK" => Self::BidAsk,
            _ => return None,
        })
    }
}

/// Which bars are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BarQuery {
    pub(crate) instrument: usize,
    pub(crate) size: BarSize,
    pub(crate) regular_only: bool,
    pub(crate) show: Show,
}

/// The bars that start within `window` and are complete at its end and at `now`, oldest first.
///
/// Bars up to 8 hours lie on the New York clock, cut at the session's edges. A day is complete at the end of its regular
/// session, or of its post-market when that is included; a week or month when its last session is.
pub(crate) fn bars(market: &Market, query: &BarQuery, window: Window, now: Timestamp) -> Vec<Bar> {
    let cutoff = window.until.min(now);
    let mut bars = match query.size {
        BarSize::Seconds(seconds) => seconds_of_minutes(market, query, seconds, window.from, cutoff),
        BarSize::Minutes(minutes) => minutes_together(market, query, minutes, window.from, cutoff),
        BarSize::Day => days(market, query, window.from, cutoff).into_iter().map(|(_, bar)| bar).collect(),
        BarSize::Week => periods(market, query, window.from, cutoff, |date| {
            date.iso_week_date().year() as i64 * 100 + i64::from(date.iso_week_date().week())
        }),
        BarSize::Month => {
            periods(market, query, window.from, cutoff, |date| i64::from(date.year()) * 100 + i64::from(date.month()))
        }
    };
    bars.iter_mut().for_each(|bar| quoted(market, query, bar));
    bars
}

/// Start and end of the bar of `size` microseconds that `at` lies in: on the New York clock, cut at the session's edges.
pub(super) fn bucket(at: i64, day: &TradingDay, size: i64, query: &BarQuery) -> (i64, i64) {
    let (open, close) = if query.regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) };
    // 09:30 New York less nine and a half hours: trading days have no change of clocks.
    let midnight = day.open.as_microsecond() - 34_200_000_000;
    let start = midnight + (at - midnight).div_euclid(size) * size;
    (start.max(open.as_microsecond()), (start + size).min(close.as_microsecond()))
}

/// Finds the session of each instant in turn; consecutive instants mostly share one.
#[derive(Default)]
struct Sessions(Option<TradingDay>);

impl Sessions {
    /// The day in whose session `at` is, regular or with its extended hours.
    fn containing(&mut self, at: i64, regular_only: bool) -> Option<&TradingDay> {
        let within = |day: &TradingDay| day.pre_open.as_microsecond() <= at && at < day.post_close.as_microsecond();
        if !self.0.as_ref().is_some_and(within) {
            let instant = Timestamp::from_microsecond(at).ok()?;
            self.0 = Calendar.day_of(instant).ok()?.filter(within);
        }
        let day = self.0.as_ref()?;
        let (open, close) = if regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) };
        (open.as_microsecond() <= at && at < close.as_microsecond()).then_some(day)
    }
}

fn minutes_together(market: &Market, query: &BarQuery, minutes: i64, from: Timestamp, cutoff: Timestamp) -> Vec<Bar> {
    let series = market.minutes(query.instrument);
    let known = series.as_of(cutoff);
    let rows = known.open_at.partition_point(|open_at| *open_at < from.as_microsecond())..known.len();
    let size = minutes * 60_000_000;
    let cutoff = cutoff.as_microsecond();
    let mut sessions = Sessions::default();
    let mut out: Vec<Bar> = Vec::with_capacity(rows.len() / minutes.max(1) as usize + 1);
    for row in rows {
        let bar = known.bar(row);
        let Some(day) = sessions.containing(bar.open_at, query.regular_only) else { continue };
        let (start, end) = bucket(bar.open_at, day, size, query);
        if end > cutoff {
            break;
        }
        if start < from.as_microsecond() {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.open_at == start => merge(last, &bar),
            _ => out.push(Bar { open_at: start, close_at: end, vwap: Some(typical(&bar)), ..bar }),
        }
    }
    out
}

fn seconds_of_minutes(market: &Market, query: &BarQuery, seconds: i64, from: Timestamp, cutoff: Timestamp) -> Vec<Bar> {
    let series = market.minutes(query.instrument);
    let (from, cutoff) = (from.as_microsecond(), cutoff.as_microsecond());
    let rows = series.close_at.partition_point(|close_at| *close_at <= from)..series.open_at.partition_point(|at| *at < cutoff);
    let mut sessions = Sessions::default();
    let mut out = Vec::new();
    for row in rows {
        let bar = series.bar(row);
        if sessions.containing(bar.open_at, query.regular_only).is_none() {
            continue;
        }
        let parts = MinuteParts::new(bar, market.tape().minute_ticks(query.instrument, row));
        let mut start = bar.open_at;
        while start < bar.close_at {
            let end = (start + seconds * 1_000_000).min(bar.close_at);
            if start >= from && end <= cutoff {
                out.push(parts.part(start, end));
            }
            start = end;
        }
    }
    out
}

/// Complete sessions in `[from, cutoff]`: the tape's daily bars, and for days without one what their minutes add up to.
fn days(market: &Market, query: &BarQuery, from: Timestamp, cutoff: Timestamp) -> Vec<(Date, Bar)> {
    let complete = |day: &TradingDay| if query.regular_only { day.close } else { day.post_close };
    let (first, mut out) = (Calendar.local_date(from), Vec::new());
    for bar in market.daily(query.instrument).iter() {
        let Ok(at) = Timestamp::from_microsecond(bar.open_at) else { continue };
        let date = Calendar.local_date(at);
        let Ok(Some(day)) = Calendar.day(date) else { continue };
        if date >= first && complete(&day) <= cutoff {
            let vwap = Some(typical(&bar));
            out.push((date, Bar { open_at: day.open.as_microsecond(), close_at: complete(&day).as_microsecond(), vwap, ..bar }));
        }
    }
    let dated: Vec<Date> = out.iter().map(|(date, _)| *date).collect();
    let minutes = market.minutes(query.instrument);
    let mut row = minutes.open_at.partition_point(|at| *at < from.as_microsecond());
    while row < minutes.len() {
        let Ok(at) = Timestamp::from_microsecond(minutes.open_at[row]) else { break };
        let date = Calendar.local_date(at);
        let Ok(Some(day)) = Calendar.day(date) else {
            row += 1;
            continue;
        };
        if complete(&day) > cutoff {
            break;
        }
        if date >= first && dated.binary_search(&date).is_err() {
            let mut session = minutes.starting_in(day.open, day.close).iter();
            if let Some(mut whole) = session.next() {
                whole.vwap = Some(typical(&whole));
                session.for_each(|bar| merge(&mut whole, &bar));
                whole.open_at = day.open.as_microsecond();
                whole.close_at = complete(&day).as_microsecond();
                out.push((date, whole));
            }
        }
        row = minutes.open_at.partition_point(|at| *at < day.post_close.as_microsecond()).max(row + 1);
    }
    out.sort_by_key(|(date, _)| *date);
    out
}

/// Days put together by a key that grows with the date, stamped with their last session.
fn periods(market: &Market, query: &BarQuery, from: Timestamp, cutoff: Timestamp, key: impl Fn(Date) -> i64) -> Vec<Bar> {
    let mut out: Vec<(i64, Date, Bar)> = Vec::new();
    for (date, bar) in days(market, query, from, cutoff) {
        match out.last_mut() {
            Some((period, last, whole)) if *period == key(date) => {
                merge(whole, &bar);
                (whole.open_at, whole.close_at, *last) = (bar.open_at, bar.close_at, date);
            }
            _ => out.push((key(date), date, bar)),
        }
    }
    // The last period is complete only when no session of it is left.
    let unfinished = |(period, date, _): &(i64, Date, Bar)| Calendar.next(*date).is_ok_and(|next| key(next.date) == *period);
    if out.last().is_some_and(unfinished) {
        out.pop();
    }
    out.into_iter().map(|(_, _, bar)| bar).collect()
}

fn typical(bar: &Bar) -> f64 {
    bar.vwap.unwrap_or((bar.high + bar.low + bar.close) / 3.0)
}

pub(super) fn merge(whole: &mut Bar, next: &Bar) {
    let volume = whole.volume + next.volume;
    if volume > 0.0 {
        whole.vwap = Some((typical(whole) * whole.volume + typical(next) * next.volume) / volume);
    }
    whole.high = whole.high.max(next.high);
    whole.low = whole.low.min(next.low);
    whole.close = next.close;
    whole.volume = volume;
    whole.trades = whole.trades.zip(next.trades).map(|(a, b)| a + b);
}

/// Turns a bar of trades into one of quotes, which has neither volume nor count; a bar of trades is left as it is.
///
/// The bid and offer stand around every trade by the tape's rule, and that rule keeps the order of prices. So the bids that a bar
/// saw begin at that of its open, end at that of its close, and have their extremes at those of its high and low; likewise the
/// offers and the midpoints. `BID_ASK` has the mean bid as open, the mean offer as close, the highest offer and the lowest bid.
pub(super) fn quoted(market: &Market, query: &BarQuery, bar: &mut Bar) {
    if query.show == Show::Trades {
        return;
    }
    let price = |price: f64, show: Show| {
        let (bid, ask) = market.bid_ask(query.instrument, price);
        match show {
            Show::Trades => price,
            Show::Midpoint => (bid + ask) / 2.0,
            Show::Bid => bid,
            Show::Ask => ask,
            Show::BidAsk => price,
        }
    };
    if query.show == Show::BidAsk {
        // Open and close are the mean bid and ask; the extremes those of ask and bid.
        let mean = (bar.high + bar.low) / 2.0;
        (bar.high, bar.low) = (price(bar.high, Show::Ask), price(bar.low, Show::Bid));
        (bar.open, bar.close) = (price(mean, Show::Bid), price(mean, Show::Ask));
    } else {
        for value in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *value = price(*value, query.show);
        }
    }
    (bar.volume, bar.vwap, bar.trades) = (-1.0, None, None);
}
