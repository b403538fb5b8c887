//! Past sessions on one grid of minutes since 04:00 New York.

use jiff::Timestamp;

use crate::{
    error::{Error, Result},
    market::{Bars, Calendar, Series, Symbol, TradingDay},
};

/// Minutes from 04:00 to 20:00.
pub(super) const MINUTES: usize = 960;
/// Minutes of a slot.
pub(super) const SLOT_MINUTES: usize = 30;
/// Half hours of a full day.
pub(super) const SLOTS: usize = MINUTES / SLOT_MINUTES;
const MINUTE: i64 = 60_000_000;

/// Whole minutes from 04:00 New York to `at`, 0 to 959; `None` outside the sessions of `day`, so from 17:00 on after an early
/// close.
///
/// ```
/// use bellwether::{features::minute_of_session, market::Calendar};
/// let day = Calendar.day(jiff::civil::date(2026, 11, 27)).unwrap().unwrap();
/// assert_eq!(minute_of_session(&day, day.open), Some(330));
/// assert_eq!(minute_of_session(&day, day.close), Some(540), "13:00");
/// assert_eq!(minute_of_session(&day, day.post_close), None);
/// ```
pub fn minute_of_session(day: &TradingDay, at: Timestamp) -> Option<usize> {
    day.session_at(at)?;
    usize::try_from((at.as_microsecond() - day.pre_open.as_microsecond()) / MINUTE).ok()
}

/// The minutes of one session in which a symbol traded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SessionVolumes {
    /// Number of the session, 0 the oldest.
    pub(super) session: usize,
    /// Minute and shares, in order; shares > 0.
    pub(super) traded: Vec<(usize, f64)>,
}

/// One symbol's past sessions, oldest first; those without any trade are left out, since nothing tells a missing day from a
/// silent one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SymbolSessions {
    pub(super) symbol: Symbol,
    pub(super) sessions: Vec<SessionVolumes>,
}

/// The full-length trading days that were over at `as_of`, at most `wanted`, oldest first, none before `first`; and how many
/// half-days lie between them.
pub(super) fn past_days(as_of: Timestamp, first: Timestamp, wanted: usize) -> Result<(Vec<TradingDay>, usize)> {
    let calendar = Calendar;
    let mut days = Vec::new();
    let mut half_days = 0;
    let mut day = match calendar.day_of(as_of)? {
        Some(today) if today.post_close <= as_of => today,
        _ => calendar.previous(calendar.local_date(as_of))?,
    };
    while days.len() < wanted && day.post_close > first {
        let before = calendar.previous(day.date);
        if day.early_close.is_some() {
            half_days += 1;
        } else {
            days.push(day);
        }
        let Ok(before) = before else { break };
        day = before;
    }
    days.reverse();
    Ok((days, half_days))
}

/// Every symbol's traded minutes in `days`.
pub(super) fn sessions_of(bars: &Bars, days: &[TradingDay]) -> Result<Vec<SymbolSessions>> {
    bars.iter()
        .map(|(symbol, series)| {
            check_minutes(symbol, series)?;
            let sessions = days
                .iter()
                .enumerate()
                .map(|(session, day)| SessionVolumes { session, traded: traded_minutes(series, day) })
                .filter(|volumes| !volumes.traded.is_empty())
                .collect();
            Ok(SymbolSessions { symbol: symbol.clone(), sessions })
        })
        .collect()
}

fn check_minutes(symbol: &Symbol, series: Series<'_>) -> Result<()> {
    match (0..series.len()).find(|&row| series.close_at[row] - series.open_at[row] != MINUTE) {
        None => Ok(()),
        Some(row) => Err(Error::Column {
            table: format!("bars of {symbol}"),
            column: "close_at".to_owned(),
            problem: format!("row {row} does not end one minute after it starts: volume curves need 1-minute bars"),
        }),
    }
}

/// Minute and shares of the bars of `day` that traded, in order.
pub(super) fn traded_minutes(series: Series<'_>, day: &TradingDay) -> Vec<(usize, f64)> {
    let bars = series.starting_in(day.pre_open, day.post_close);
    let start = day.pre_open.as_microsecond();
    let minute = |open_at: i64| usize::try_from((open_at - start) / MINUTE).unwrap_or(0);
    bars.open_at.iter().zip(bars.volume).filter(|(_, volume)| **volume > 0.0).map(|(at, volume)| (minute(*at), *volume)).collect()
}
