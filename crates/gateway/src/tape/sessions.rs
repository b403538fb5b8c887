//! Which rows of a symbol's minute bars belong to which New York date.

use std::ops::Range;

use bellwether::market::{Calendar, Series};
use jiff::{Timestamp, civil::Time};

use super::instant;
use crate::error::GatewayError;

/// One New York date with minute bars.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TapeSession {
    /// Midnight at its start and at its end.
    pub(super) starts: Timestamp,
    pub(super) ends: Timestamp,
    /// The regular session; on a date that the calendar says is closed, the whole date.
    pub(super) open: Timestamp,
    pub(super) close: Timestamp,
    pub(super) rows: Range<usize>,
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
        sessions.push(TapeSession { starts, ends, open, close, rows: row..end });
        row = end;
    }
    Ok(sessions)
}

/// Midnight in New York at the start of the date of `t`.
pub(super) fn date_start(t: Timestamp) -> Timestamp {
    let calendar = Calendar;
    calendar.at(calendar.local_date(t), Time::midnight())
}
