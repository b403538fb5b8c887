//! Ticks and books as they were recorded. Where there are any, they are told instead of generated ones.
//!
//! Recorded ticks stand for the whole interval from the first to the last of a New York date; outside it the minute bars tell. What
//! a date has added up to is what its bars say until the interval begins, and the recorded trades that count from then on. Bars
//! stay bars: a request for bars is answered from those of the tape, recorded ticks or not.

use std::ops::Range;

use bellwether::market::{BidAsk, BookSide, Calendar, DepthUpdate, Symbol, Tick, Trade};
use jiff::Timestamp;

use super::{TapeTick, TapeTrade, contradiction, sessions::Regular};
use crate::error::GatewayError;

/// Every so many ticks it is written down what they have added up to.
const MARK_EVERY: usize = 64;

/// What happened on one date, in order of time.
#[derive(Debug)]
pub(crate) struct Interval {
    /// First and last event, microseconds.
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) rows: Range<usize>,
}

/// What the ticks of an interval have come to at an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct SoFar {
    /// Rows of the last trade that counts and of the last bid and offer.
    pub(super) trade: Option<usize>,
    pub(super) quote: Option<usize>,
    pub(super) volume: f64,
    pub(super) turnover: f64,
    pub(super) trades: f64,
    pub(super) regular: Option<Regular>,
}

/// The recorded ticks of one symbol.
#[derive(Debug)]
pub(super) struct RecordedTicks {
    ticks: Vec<Tick>,
    intervals: Vec<Interval>,
    /// What the ticks before every 64th of an interval have come to; in order of `intervals`.
    marks: Vec<Vec<SoFar>>,
}

impl RecordedTicks {
    pub(super) fn new(symbol: &Symbol, ticks: Vec<Tick>) -> Result<Self, GatewayError> {
        let intervals = intervals(symbol, &ticks, Tick::at)?;
        let mut recorded = Self { ticks, intervals, marks: Vec::new() };
        for interval in &recorded.intervals {
            let regular = regular_session(interval.from)?;
            let mut so_far = SoFar::default();
            let mut marks = Vec::with_capacity(interval.rows.len() / MARK_EVERY + 1);
            for row in interval.rows.clone() {
                if (row - interval.rows.start).is_multiple_of(MARK_EVERY) {
                    marks.push(so_far);
                }
                recorded.count(&mut so_far, row, &regular);
            }
            recorded.marks.push(marks);
        }
        Ok(recorded)
    }

    fn count(&self, so_far: &mut SoFar, row: usize, regular: &Range<i64>) {
        match &self.ticks[row] {
            Tick::Trade(trade) if !trade.unreported => {
                so_far.trade = Some(row);
                so_far.volume += trade.size;
                so_far.turnover += trade.price * trade.size;
                so_far.trades += 1.0;
                if regular.contains(&trade.at.as_microsecond()) {
                    so_far.regular = Some(Regular::widened(so_far.regular, trade.price, (trade.price, trade.price)));
                }
            }
            Tick::Trade(_) => {}
            Tick::BidAsk(_) => so_far.quote = Some(row),
        }
    }

    /// The interval that begins at `t` or before it and is the last of its date to do so, and what it has come to at `t`. Past its end
    /// that is all it has come to.
    pub(super) fn at(&self, t: i64) -> Option<(&Interval, SoFar)> {
        let index = self.intervals.partition_point(|interval| interval.from <= t).checked_sub(1)?;
        let interval = &self.intervals[index];
        let end = interval.rows.start + self.ticks[interval.rows.clone()].partition_point(|tick| tick.at().as_microsecond() <= t);
        let regular = regular_session(interval.from).ok()?;
        let marks = &self.marks[index];
        let mark = ((end - interval.rows.start) / MARK_EVERY).min(marks.len() - 1);
        let mut so_far = marks[mark];
        for row in interval.rows.start + mark * MARK_EVERY..end {
            self.count(&mut so_far, row, &regular);
        }
        Some((interval, so_far))
    }

    /// The intervals that have a part after `from` until `until`, in order.
    pub(super) fn intervals_in(&self, from: i64, until: i64) -> &[Interval] {
        let start = self.intervals.partition_point(|interval| interval.until <= from);
        let end = self.intervals.partition_point(|interval| interval.from <= until).max(start);
        &self.intervals[start..end]
    }

    /// The ticks of an interval after `from` until `until`.
    pub(super) fn ticks(&self, interval: &Interval, from: i64, until: i64) -> impl Iterator<Item = TapeTick<'_>> {
        let of_interval = &self.ticks[interval.rows.clone()];
        let start = of_interval.partition_point(|tick| tick.at().as_microsecond() <= from);
        let end = of_interval.partition_point(|tick| tick.at().as_microsecond() <= until).max(start);
        of_interval[start..end].iter().map(|tick| match tick {
            Tick::Trade(trade) => TapeTick::Trade(TapeTrade {
                at: trade.at,
                price: trade.price,
                size: trade.size,
                exchange: &trade.exchange,
                conditions: &trade.conditions,
                past_limit: trade.past_limit,
                unreported: trade.unreported,
            }),
            Tick::BidAsk(quote) => TapeTick::BidAsk(*quote),
        })
    }

    pub(super) fn trade(&self, row: usize) -> Option<&Trade> {
        match self.ticks.get(row)? {
            Tick::Trade(trade) => Some(trade),
            Tick::BidAsk(_) => None,
        }
    }

    pub(super) fn quote(&self, row: usize) -> Option<BidAsk> {
        match self.ticks.get(row)? {
            Tick::BidAsk(quote) => Some(*quote),
            Tick::Trade(_) => None,
        }
    }
}

/// The recorded changes of one symbol's book.
#[derive(Debug)]
pub(crate) struct RecordedDepth {
    updates: Vec<DepthUpdate>,
    intervals: Vec<Interval>,
    /// Rows of the deeper side at its deepest.
    pub(crate) deepest: usize,
}

impl RecordedDepth {
    pub(super) fn new(symbol: &Symbol, updates: Vec<DepthUpdate>) -> Result<Self, GatewayError> {
        let intervals = intervals(symbol, &updates, |update| update.at)?;
        let deepest = updates.iter().map(|update| update.position + 1).max().unwrap_or_default();
        Ok(Self { updates, intervals, deepest })
    }

    /// The interval in which `t` lies.
    pub(crate) fn interval_at(&self, t: Timestamp) -> Option<&Interval> {
        let t = t.as_microsecond();
        let index = self.intervals.partition_point(|interval| interval.from <= t).checked_sub(1)?;
        Some(&self.intervals[index]).filter(|interval| t <= interval.until)
    }

    /// The changes of an interval until `t`.
    pub(crate) fn until(&self, interval: &Interval, t: Timestamp) -> &[DepthUpdate] {
        let of_interval = &self.updates[interval.rows.clone()];
        &of_interval[..of_interval.partition_point(|update| update.at <= t)]
    }
}

/// One interval for each New York date, of events that must be in order of time.
fn intervals<T>(symbol: &Symbol, events: &[T], at: impl Fn(&T) -> Timestamp) -> Result<Vec<Interval>, GatewayError> {
    if let Some(pair) = events.windows(2).find(|pair| at(&pair[1]) < at(&pair[0])) {
        return Err(contradiction(format!("what is recorded of {symbol} is not in order of time at {}", at(&pair[1]))));
    }
    let mut intervals = Vec::new();
    let mut start = 0;
    while start < events.len() {
        let next = Calendar.local_date(at(&events[start])).tomorrow();
        let ends = next.map_or(Timestamp::MAX, |next| Calendar.at(next, jiff::civil::Time::midnight()));
        let end = events.partition_point(|event| at(event) < ends);
        let (from, until) = (at(&events[start]).as_microsecond(), at(&events[end - 1]).as_microsecond());
        intervals.push(Interval { from, until, rows: start..end });
        start = end;
    }
    Ok(intervals)
}

/// The regular session of the date of `t`, microseconds; empty on a date without one.
fn regular_session(t: i64) -> Result<Range<i64>, GatewayError> {
    let day = Calendar.day_of(super::instant(t))?;
    Ok(day.map_or(0..0, |day| day.open.as_microsecond()..day.close.as_microsecond()))
}

/// Whether a change can be made to a side that has so many rows.
pub(crate) fn fits(update: &DepthUpdate, rows: usize) -> bool {
    match update.operation {
        bellwether::market::BookOperation::Insert => update.position <= rows,
        _ => update.position < rows,
    }
}

/// The side of a change, out of both.
pub(crate) fn side_of<'a, T>(update: &DepthUpdate, bids: &'a mut T, asks: &'a mut T) -> &'a mut T {
    if update.side == BookSide::Bid { bids } else { asks }
}
