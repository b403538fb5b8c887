//! The exchange calendar of US stocks (XNYS), 1998 to 2035: which days trade, and when each session begins and ends.

use std::sync::OnceLock;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time, Weekday, date, time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::holidays;
use crate::error::{Error, Result};

const FIRST_YEAR: i16 = 1998;
const LAST_YEAR: i16 = 2035;
const FIRST: Date = date(FIRST_YEAR, 1, 1);
const LAST: Date = date(LAST_YEAR, 12, 31);
const COVERED: usize = (LAST_YEAR - FIRST_YEAR + 1) as usize;

/// The time zone of the exchange, daylight saving included.
///
/// The zone's rules are compiled in, so the same binary gives the same sessions on every machine.
pub fn new_york() -> TimeZone {
    static ZONE: std::sync::LazyLock<TimeZone> = std::sync::LazyLock::new(|| {
        // The name is in the bundled database; were it not, no session could be told and nothing may run.
        #[expect(clippy::expect_used, reason = "an invariant of the build, not of data")]
        jiff::tz::db().get("America/New_York").expect("America/New_York is bundled")
    });
    ZONE.clone()
}

/// Part of a trading day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// 04:00 to 09:30.
    Pre,
    /// 09:30 to 16:00, or 13:00.
    Regular,
    /// From the close to 20:00 (17:00 after an early close).
    Post,
}

/// Why and how a weekday does not trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Closure {
    /// The day.
    pub date: Date,
    /// `weekend`, the holiday's name, or the event.
    pub reason: &'static str,
}

/// One day on which the exchange trades; its instants are UTC, its intervals half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TradingDay {
    /// New York date.
    pub date: Date,
    /// 04:00 New York.
    pub pre_open: Timestamp,
    /// 09:30 New York.
    pub open: Timestamp,
    /// 16:00 New York, or 13:00 on an early close.
    pub close: Timestamp,
    /// 20:00 New York, or 17:00 on an early close.
    pub post_close: Timestamp,
    /// Why it closes early, when it does.
    pub early_close: Option<&'static str>,
}

impl TradingDay {
    /// The session that `instant` falls in, if any.
    pub fn session_at(&self, instant: Timestamp) -> Option<SessionKind> {
        if instant < self.pre_open || instant >= self.post_close {
            None
        } else if instant < self.open {
            Some(SessionKind::Pre)
        } else if instant < self.close {
            Some(SessionKind::Regular)
        } else {
            Some(SessionKind::Post)
        }
    }
}

/// The calendar. It has no state: the rules are in the code, so every process agrees.
///
/// ```
/// use bellwether::market::Calendar;
/// use jiff::civil::date;
/// let calendar = Calendar;
/// assert_eq!(calendar.closure(date(2025, 1, 9)).unwrap().unwrap().reason, "day of mourning for President Carter");
/// let day = calendar.day(date(2026, 11, 27)).unwrap().unwrap();
/// assert_eq!(day.early_close, Some("day after Thanksgiving"));
/// assert_eq!(day.close.to_string(), "2026-11-27T18:00:00Z");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calendar;

impl Calendar {
    /// First and last day covered.
    pub fn span(&self) -> (Date, Date) {
        (FIRST, LAST)
    }

    fn check(&self, day: Date) -> Result<()> {
        if (FIRST..=LAST).contains(&day) {
            return Ok(());
        }
        Err(Error::OutsideCalendar { date: day, first: FIRST, last: LAST })
    }

    /// Why `day` does not trade; `None` when it does.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn closure(&self, day: Date) -> Result<Option<Closure>> {
        self.check(day)?;
        Ok(closure(day).map(|reason| Closure { date: day, reason }))
    }

    /// The sessions of `day`; `None` when it does not trade.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn day(&self, day: Date) -> Result<Option<TradingDay>> {
        self.check(day)?;
        let year = usize::try_from(day.year() - FIRST_YEAR).unwrap_or_default();
        let days = YEARS[year].get_or_init(|| days_of(day.year()));
        Ok(days.get(day.day_of_year() as usize - 1).copied().flatten())
    }

    /// The New York date of an instant.
    pub fn local_date(&self, at: Timestamp) -> Date {
        at.to_zoned(new_york()).date()
    }

    /// The trading day whose pre-market to post-market spans the New York date of `at`, if that date trades.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn day_of(&self, at: Timestamp) -> Result<Option<TradingDay>> {
        self.day(self.local_date(at))
    }

    /// The last trading day before `day`.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn previous(&self, day: Date) -> Result<TradingDay> {
        let mut before = day;
        loop {
            before = before.yesterday().map_err(|_| Error::OutsideCalendar { date: day, first: FIRST, last: LAST })?;
            if let Some(found) = self.day(before)? {
                return Ok(found);
            }
        }
    }

    /// The first trading day after `day`.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn next(&self, day: Date) -> Result<TradingDay> {
        let mut after = day;
        loop {
            after = after.tomorrow().map_err(|_| Error::OutsideCalendar { date: day, first: FIRST, last: LAST })?;
            if let Some(found) = self.day(after)? {
                return Ok(found);
            }
        }
    }

    /// The `n` trading days before `day`, oldest first.
    ///
    /// # Errors
    /// [`Error::OutsideCalendar`].
    pub fn sessions_before(&self, day: Date, n: usize) -> Result<Vec<TradingDay>> {
        let mut days = Vec::with_capacity(n);
        let mut cursor = day;
        for _ in 0..n {
            let previous = self.previous(cursor)?;
            cursor = previous.date;
            days.push(previous);
        }
        days.reverse();
        Ok(days)
    }

    /// The instant of a New York wall-clock time on `day`; in the hour that daylight saving skips, the instant after it,
    /// in the hour that it repeats, the first of the two.
    pub fn at(&self, day: Date, clock: Time) -> Timestamp {
        instant(day, clock)
    }
}

fn closure(day: Date) -> Option<&'static str> {
    match day.weekday() {
        Weekday::Saturday | Weekday::Sunday => Some("weekend"),
        _ => holidays::holiday(day),
    }
}

/// The days of each year, made when one of them is first asked for.
static YEARS: [OnceLock<Vec<Option<TradingDay>>>; COVERED] = [const { OnceLock::new() }; COVERED];

fn days_of(year: i16) -> Vec<Option<TradingDay>> {
    let first = date(year, 1, 1);
    first.series(1.day()).take_while(|day| day.year() == year).map(trading_day).collect()
}

fn trading_day(day: Date) -> Option<TradingDay> {
    if closure(day).is_some() {
        return None;
    }
    let early_close = holidays::early_close(day);
    let (close, post_close) = match early_close {
        Some(_) => (time(13, 0, 0, 0), time(17, 0, 0, 0)),
        None => (time(16, 0, 0, 0), time(20, 0, 0, 0)),
    };
    Some(TradingDay {
        date: day,
        pre_open: instant(day, time(4, 0, 0, 0)),
        open: instant(day, time(9, 30, 0, 0)),
        close: instant(day, close),
        post_close: instant(day, post_close),
        early_close,
    })
}

fn instant(day: Date, clock: Time) -> Timestamp {
    let local = day.to_datetime(clock);
    // Only dates near year 9999 cannot be converted; the calendar never lets them in.
    new_york().to_ambiguous_timestamp(local).compatible().unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
