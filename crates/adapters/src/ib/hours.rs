//! When a contract trades: IB's own trading hours, in the contract's own time zone; the calendar of US stocks where IB
//! tells none.

use bellwether::market::Calendar;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// Microseconds from and until, half-open.
pub(super) type Window = (i64, i64);

/// What a market is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarketState {
    /// Nothing trades: silence is as it should be.
    Closed,
    /// Before or after the regular session.
    Extended,
    /// The regular session.
    Regular,
}

/// Trading hours of one contract.
#[derive(Debug, Clone)]
pub(super) struct MarketHours {
    /// Whether the calendar of US stocks knows what IB did not tell.
    us: bool,
    trading: Vec<Window>,
    liquid: Vec<Window>,
    /// From the first to the last day that IB told of.
    told: Option<Window>,
}

impl MarketHours {
    /// Those of US stocks, by the calendar.
    pub(super) fn us() -> Self {
        Self { us: true, trading: Vec::new(), liquid: Vec::new(), told: None }
    }

    /// Reads IB's spelling: `20260310:0400-20260310:2000`, `20260310:0700-1830,1830-2330`, `20260314:CLOSED`. What cannot be
    /// read is left out; without a zone that is known, everything is.
    pub(super) fn parse(zone: &str, trading: &[String], liquid: &[String]) -> Self {
        let us = zone.is_empty() || is_new_york(zone);
        let Some(zone) = time_zone(zone) else { return Self { us, ..Self::us() } };
        let days = trading.iter().chain(liquid).filter_map(|day| civil_date(day.split(':').next()?));
        let (first, last) = days.fold((None, None), |(first, last): (Option<Date>, Option<Date>), day| {
            (Some(first.map_or(day, |first| first.min(day))), Some(last.map_or(day, |last| last.max(day))))
        });
        let told = first.zip(last).and_then(|(first, last)| {
            let from = instant(&zone, first.to_datetime(Time::midnight()))?;
            Some((from, instant(&zone, last.tomorrow().ok()?.to_datetime(Time::midnight()))?))
        });
        Self { us, trading: windows(&zone, trading), liquid: windows(&zone, liquid), told }
    }

    /// Whether it is known what the market does at `at`.
    pub(super) fn know(&self, at: Timestamp) -> bool {
        self.us || self.told.is_some_and(|told| within(told, at.as_microsecond()))
    }

    /// Adds what was known before and is not told any more.
    pub(super) fn remember(&mut self, before: &Self) {
        let Some((first, _)) = self.told else { return };
        let earlier = |windows: &[Window]| windows.iter().filter(|(_, until)| *until <= first).copied().collect::<Vec<_>>();
        for (windows, before) in [(&mut self.trading, &before.trading), (&mut self.liquid, &before.liquid)] {
            let mut all = earlier(before);
            all.append(windows);
            *windows = all;
        }
        self.told = self.told.map(|(from, until)| (before.told.map_or(from, |(before, _)| before.min(from)), until));
    }

    /// What the market does at `at`, and since when.
    pub(super) fn at(&self, at: Timestamp) -> (MarketState, Timestamp) {
        let around = SignedDuration::from_hours(24);
        let from = at.saturating_sub(around).unwrap_or(Timestamp::MIN).as_microsecond();
        let until = at.saturating_add(around).unwrap_or(Timestamp::MAX).as_microsecond();
        let now = at.as_microsecond();
        let containing = |regular| self.windows(regular, from, until).into_iter().find(|window| within(*window, now));
        if let Some((opened, _)) = containing(true) {
            return (MarketState::Regular, timestamp(opened));
        }
        match containing(false) {
            Some((opened, _)) => {
                let closed = self.windows(true, from, now).last().map_or(opened, |(_, closed)| opened.max(*closed));
                (MarketState::Extended, timestamp(closed))
            }
            None => (MarketState::Closed, at),
        }
    }

    /// When the market is open within `[from, until)`, in order: the regular sessions, or with the hours around them.
    pub(super) fn windows(&self, regular: bool, from: i64, until: i64) -> Vec<Window> {
        let cut = |(start, end): Window| (start.max(from), end.min(until));
        let told = if regular { &self.liquid } else { &self.trading };
        let mut found: Vec<Window> = told.iter().map(|window| cut(*window)).collect();
        if self.us {
            let outside = |window: &Window| self.told.is_none_or(|told| !within(told, window.0));
            found.extend(calendar(regular, from, until).into_iter().filter(outside).map(cut));
        }
        found.retain(|(start, end)| start < end);
        found.sort_unstable();
        found
    }
}

fn within((from, until): Window, at: i64) -> bool {
    (from..until).contains(&at)
}

/// The sessions of US stocks that touch `[from, until)`.
fn calendar(regular: bool, from: i64, until: i64) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut date = Calendar.local_date(timestamp(from));
    let last = Calendar.local_date(timestamp(until));
    while date <= last {
        if let Ok(Some(day)) = Calendar.day(date) {
            let (open, close) = if regular { (day.open, day.close) } else { (day.pre_open, day.post_close) };
            windows.push((open.as_microsecond(), close.as_microsecond()));
        }
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    windows
}

fn windows(zone: &TimeZone, days: &[String]) -> Vec<Window> {
    let mut found: Vec<Window> = days
        .iter()
        .flat_map(|day| {
            let date = day.split(':').next().and_then(civil_date);
            let hours = day.split_once(':').map_or("", |(_, hours)| hours);
            hours.split(',').filter_map(move |range| {
                let (from, until) = range.split_once('-')?;
                let date = date?;
                Some((moment(date, from)?, moment(date, until)?))
            })
        })
        .filter_map(|(from, until)| {
            // The older spelling leaves out that it ends on the next day.
            let until = if until < from { until.checked_add(jiff::Span::new().days(1)).ok()? } else { until };
            Some((instant(zone, from)?, instant(zone, until)?))
        })
        .collect();
    found.sort_unstable();
    found
}

/// `0400`, or `20260310:0400`.
fn moment(date: Date, text: &str) -> Option<DateTime> {
    let (date, clock) = match text.split_once(':') {
        Some((date, clock)) => (civil_date(date)?, clock),
        None => (date, text),
    };
    let clock = clock.trim();
    let (hour, minute) = (clock.get(..2)?.parse().ok()?, clock.get(2..4)?.parse().ok()?);
    match hour {
        24 => Some(date.tomorrow().ok()?.to_datetime(Time::midnight())),
        _ => Some(date.to_datetime(Time::new(hour, minute, 0, 0).ok()?)),
    }
}

fn civil_date(text: &str) -> Option<Date> {
    let text = text.trim();
    Date::new(text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?).ok()
}

fn instant(zone: &TimeZone, at: DateTime) -> Option<i64> {
    zone.to_ambiguous_timestamp(at).compatible().ok().map(Timestamp::as_microsecond)
}

fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

fn is_new_york(zone: &str) -> bool {
    ["US/Eastern", "America/New_York", "EST5EDT", "EST"].iter().any(|name| zone.split(' ').next() == Some(name))
}

/// IB writes some zones in ways of its own: `EST (Eastern Standard Time)`.
fn time_zone(name: &str) -> Option<TimeZone> {
    let name = name.split(' ').next()?;
    let name = match name {
        "" | "EST" => "America/New_York",
        "CST" => "America/Chicago",
        "MST" => "America/Denver",
        "PST" => "America/Los_Angeles",
        "GB" | "GB-Eire" | "BST" => "Europe/London",
        "MET" | "CET" => "Europe/Berlin",
        "JST" | "Japan" => "Asia/Tokyo",
        "HKT" | "Hongkong" => "Asia/Hong_Kong",
        "AEST" | "AET" => "Australia/Sydney",
        other => other,
    };
    jiff::tz::db().get(name).ok()
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
