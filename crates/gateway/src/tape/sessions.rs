//! Which rows of a symbol's minute bars belong to which New York date, and what each date has added up to.

use std::{ops::Range, sync::OnceLock};

use bellwether::market::{Calendar, Series};
use jiff::{Timestamp, civil::Time};

use super::instant;
use crate::error::GatewayError;

/// One New York date with minute bars.
#[derive(Debug)]
pub(super) struct TapeSession {
    /// Midnight at its start and at its end.
    pub(super) starts: Timestamp,
    pub(super) ends: Timestamp,
    /// The regular session; on a date that the calendar says is closed, the whole date.
    pub(super) open: Timestamp,
    pub(super) close: Timestamp,
    pub(super) rows: Range<usize>,
    totals: OnceLock<Box<[Totals]>>,
}

/// What the minutes of a date before one of them add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) volume: f64,
    /// Price times shares.
    pub(super) turnover: f64,
    pub(super) trades: f64,
    /// First price, lowest and highest of the regular session; none before its first minute.
    pub(super) regular: Option<Regular>,
}

/// Prices of the regular session so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Regular {
    pub(super) open: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Regular {
    /// With prices between `low` and `high` after it; the first of them is `open`.
    pub(super) fn widened(before: Option<Self>, open: f64, (low, high): (f64, f64)) -> Self {
        let before = before.unwrap_or(Self { open, low, high });
        Self { open: before.open, low: before.low.min(low), high: before.high.max(high) }
    }
}

impl TapeSession {
    /// Whether a minute that starts at `open_at` is of the regular session.
    pub(super) fn is_regular(&self, open_at: i64) -> bool {
        (self.open..self.close).contains(&instant(open_at))
    }

    /// What the minutes of this date before `row` add up to; added up once, when first asked for.
    pub(super) fn before(&self, minutes: Series<'_>, row: usize) -> Totals {
        let totals = self.totals.get_or_init(|| {
            let mut sum = Totals::default();
            let mut totals = Vec::with_capacity(self.rows.len());
            for bar in minutes.slice(self.rows.clone()).iter() {
                totals.push(sum);
                sum.volume += bar.volume;
                sum.turnover += bar.vwap.unwrap_or((bar.high + bar.low + bar.close) / 3.0) * bar.volume;
                sum.trades += bar.trades.unwrap_or_default();
                if self.is_regular(bar.open_at) {
                    sum.regular = Some(Regular::widened(sum.regular, bar.open, (bar.low, bar.high)));
                }
            }
            totals.into()
        });
        row.checked_sub(self.rows.start).and_then(|index| totals.get(index)).copied().unwrap_or_default()
    }
}

/// The dates in one symbol's minute bars, in order.
pub(super) fn sessions_of(minutes: Series<'_>) -> Result<Vec<TapeSession>, GatewayError> {
    let calendar = Calendar;
    let mut sessions = Vec::new();
    let mut row = 0;
    while row < minutes.len() {
        let date = calendar.local_date(instant(minutes.open_at[row]));
        let starts = calendar.at(date, Time::midnight());
        let ends = date.tomorrow().map_or(Timestamp::MAX, |next| calendar.at(next, Time::midnight()));
        let end = minutes.open_at.partition_point(|open_at| instant(*open_at) < ends);
        let (open, close) = calendar.day(date)?.map_or((starts, ends), |day| (day.open, day.close));
        sessions.push(TapeSession { starts, ends, open, close, rows: row..end, totals: OnceLock::new() });
        row = end;
    }
    Ok(sessions)
}

/// Midnight in New York at the start of the date of `t`.
pub(super) fn date_start(t: Timestamp) -> Timestamp {
    let calendar = Calendar;
    calendar.at(calendar.local_date(t), Time::midnight())
}
