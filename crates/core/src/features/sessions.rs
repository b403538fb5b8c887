//! Which session each bar is of, and where in it and in the calendar.

use jiff::{
    Timestamp,
    civil::{Date, Time},
};

use crate::market::{Calendar, TradingDay, new_york};

const MINUTE: i64 = 60_000_000;

/// See the module. A session is a date of New York: a bar is of the one that it begins on.
#[derive(Debug, Default, PartialEq)]
pub struct Sessions {
    open_at: Vec<i64>,
    number: Vec<usize>,
    first: Vec<usize>,
    dates: Vec<Date>,
    days: Vec<Option<TradingDay>>,
}

impl Sessions {
    /// The sessions of bars that start at `open_at`, microseconds, ascending.
    pub fn of(open_at: &[i64]) -> Self {
        let mut sessions = Self { open_at: open_at.to_vec(), ..Self::default() };
        let mut present = PresentSession::default();
        for (row, at) in open_at.iter().enumerate() {
            if present.take(*at) {
                sessions.first.push(row);
                sessions.dates.push(present.date);
                sessions.days.push(present.day);
            }
            sessions.number.push(sessions.first.len() - 1);
        }
        sessions
    }

    /// Whether these are the sessions of bars that start at `open_at`.
    pub fn are_of(&self, open_at: &[i64]) -> bool {
        self.open_at == open_at
    }

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.number.len()
    }

    /// No bars at all.
    pub fn is_empty(&self) -> bool {
        self.number.is_empty()
    }

    /// The session of a bar, counted from 0.
    pub fn number(&self, row: usize) -> usize {
        self.number[row]
    }

    /// First row of each session.
    pub fn first_rows(&self) -> &[usize] {
        &self.first
    }

    /// First row of the session of a bar.
    pub fn start_of(&self, row: usize) -> usize {
        self.first[self.number[row]]
    }

    /// First row of the session before the newest bar's; 0 when there is none before.
    pub(super) fn start_of_session_before(&self) -> usize {
        self.first.iter().rev().nth(1).copied().unwrap_or(0)
    }

    /// The date of a bar.
    pub fn date(&self, row: usize) -> Date {
        self.dates[self.number[row]]
    }

    /// The trading day of a bar; none on a day without trading, and outside the calendar.
    pub fn day(&self, row: usize) -> Option<&TradingDay> {
        self.days[self.number[row]].as_ref()
    }

    /// Minutes from the regular open to the start of a bar; negative before it. NaN without a trading day.
    pub fn minutes_since_open(&self, row: usize) -> f64 {
        self.day(row).map_or(f64::NAN, |day| (self.open_at[row] - day.open.as_microsecond()) as f64 / MINUTE as f64)
    }
}

/// The session of the newest bar.
#[derive(Debug, Clone)]
pub(super) struct PresentSession {
    until: i64,
    pub(super) date: Date,
    pub(super) day: Option<TradingDay>,
}

impl Default for PresentSession {
    fn default() -> Self {
        Self { until: i64::MIN, date: Date::MIN, day: None }
    }
}

impl PresentSession {
    /// Takes in the next bar, which starts at `open_at`; whether it is the first of its session.
    pub(super) fn take(&mut self, open_at: i64) -> bool {
        let starts = open_at >= self.until;
        if starts {
            self.date = Calendar.local_date(Timestamp::from_microsecond(open_at).unwrap_or(Timestamp::MAX));
            self.until = midnight_after(self.date);
            self.day = Calendar.day(self.date).ok().flatten();
        }
        starts
    }
}

/// The first instant of the next date in New York.
fn midnight_after(date: Date) -> i64 {
    let next = date.tomorrow().ok().and_then(|date| date.to_datetime(Time::midnight()).to_zoned(new_york()).ok());
    next.map_or(i64::MAX, |midnight| midnight.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn bars_are_of_the_date_in_new_york_that_they_begin_on() {
        let at = |day, hour, minute| Calendar.at(day, time(hour, minute, 0, 0)).as_microsecond();
        // The clocks change in the night before the Monday.
        let (friday, monday) = (date(2026, 3, 6), date(2026, 3, 9));
        let rows = [at(friday, 9, 30), at(friday, 19, 59), at(monday, 4, 0), at(monday, 9, 30), at(monday, 15, 59)];
        let sessions = Sessions::of(&rows);
        assert_eq!((0..5).map(|row| sessions.number(row)).collect::<Vec<_>>(), [0, 0, 1, 1, 1]);
        assert_eq!((0..5).map(|row| sessions.minutes_since_open(row)).collect::<Vec<_>>(), [0.0, 629.0, -330.0, 0.0, 389.0]);
        assert_eq!((sessions.start_of(4), sessions.date(4), sessions.first_rows()), (2, monday, &[0, 2][..]));
        assert!(sessions.are_of(&rows) && !sessions.are_of(&rows[1..]));
        // A Saturday has no trading day.
        let saturday = Sessions::of(&[at(date(2026, 3, 7), 12, 0)]);
        assert!(saturday.day(0).is_none() && saturday.minutes_since_open(0).is_nan());
    }
}
