//! Longer bars from shorter ones.
//!
//! [`resample`] makes the product's timeframes, aligned to the session: this is what indicators and models read.
//! [`resample_minutes`] joins to any number of minutes on a grid counted from the epoch, with no notion of a session: for
//! five-second bars on their way to minutes and for pictures. Both fold with the same rules.

use std::convert::Infallible;

use jiff::{Timestamp, civil::Date};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Bar, BarFault, Bars, Calendar, Series, Symbol, Timeframe, TradingDay, bars::micros};
use crate::error::{Error, Result};

const MINUTE: i64 = 60_000_000;

/// Which part of a trading day bars are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradingHours {
    /// 09:30 to 16:00 New York, or 13:00.
    #[default]
    Regular,
    /// 04:00 to 20:00 New York, or 17:00 after an early close.
    Extended,
}

impl TradingHours {
    /// Start and end on `day`, microseconds since the epoch.
    fn span(self, day: &TradingDay) -> (i64, i64) {
        let (start, end) = match self {
            Self::Regular => (day.open, day.close),
            Self::Extended => (day.pre_open, day.post_close),
        };
        (start.as_microsecond(), end.as_microsecond())
    }
}

/// Bars of one timeframe from the shorter bars of one symbol, aligned to the session and cut by its end.
///
/// ```text
/// S, E      start and end of the session (09:30 and 16:00; 04:00 and 20:00 with extended hours; earlier on half-days)
/// k(m)      ⌊(open_at(m) − S) / L⌋ for a minute m that starts in [S, E), L the timeframe's length (1d: E − S)
/// bar k     open_at = S + k·L,   close_at = min(S + (k + 1)·L, E)
/// open, close of its first and last minute; high = max, low = min, volume = Σ v
/// vwap = Σ p v / Σ v, p the minute's vwap, or its close where it has none; null when Σ v = 0
/// trades = Σ trades, null unless every minute has a count
/// ```
/// So regular one-hour bars start at 09:30, 10:30 … and the last one is 15:30 to 16:00; six-hour bars are 09:30 to 15:30 and
/// 15:30 to 16:00. Sessions follow New York's clock, so daylight saving moves them in UTC and nothing else.
///
/// - Minutes outside the chosen hours, and those of days without trading, are left out.
/// - An interval without any minute gives no bar: nothing is invented or carried forward.
/// - `close_at` is when the bar is complete. Only bars with `close_at <= as_of` are made, so what is made at an earlier
///   `as_of` is always a prefix of what is made at a later one.
/// - A bar that fills its interval is passed on unchanged (`1m` from minutes, `1d` from daily bars stamped 09:30 to 16:00).
///
/// # Errors
/// [`Error::Column`] when a bar does not fit into one interval, as a daily bar does not into six hours: a bar can be joined,
/// never divided. [`Error::OutsideCalendar`] when a bar starts before or after the years of [`Calendar`].
///
/// ```
/// use bellwether::market::{Bar, BarsBuilder, Symbol, Timeframe, TradingHours, resample};
/// let symbol = Symbol::new("SPY")?;
/// let mut builder = BarsBuilder::default();
/// // The day after Thanksgiving closes at 13:00: 18:00 in UTC.
/// for time in ["2025-11-28T17:29:00Z", "2025-11-28T17:30:00Z", "2025-11-28T17:59:00Z", "2025-11-28T18:00:00Z"] {
///     let open_at = time.parse::<jiff::Timestamp>().unwrap().as_microsecond();
///     let (price, volume) = (680.0, 100.0);
///     builder.push(&symbol, Bar {
///         open_at, close_at: open_at + 60_000_000, open: price, high: price, low: price, close: price, volume,
///         vwap: None, trades: None,
///     });
/// }
/// let (minutes, _) = builder.finish();
/// let hours = resample(minutes.series("SPY"), Timeframe::Hour1, TradingHours::Regular, jiff::Timestamp::MAX)?;
/// let told: Vec<(String, f64)> =
///     hours.iter().map(|bar| (jiff::Timestamp::from_microsecond(bar.close_at).unwrap().to_string(), bar.volume)).collect();
/// // 11:30 to 12:30 has one minute, the half hour to the early close two; the minute after the close belongs to neither.
/// assert_eq!(told, [("2025-11-28T17:30:00Z".to_owned(), 100.0), ("2025-11-28T18:00:00Z".to_owned(), 200.0)]);
/// # Ok::<(), bellwether::Error>(())
/// ```
pub fn resample(minutes: Series<'_>, to: Timeframe, hours: TradingHours, as_of: Timestamp) -> Result<Vec<Bar>> {
    let Some((first, last)) = dates(minutes) else { return Ok(Vec::new()) };
    Calendar.closure(last)?;
    resample_on(&days_between(first, ends(minutes))?, minutes, to, hours, as_of)
}

/// [`resample`] when the trading days are at hand: `days` are those that the bars lie on, oldest first, without gaps.
///
/// Bars of other days are left out.
///
/// # Errors
/// [`Error::Column`] when a bar does not fit into one interval.
pub fn resample_on(
    days: &[TradingDay],
    minutes: Series<'_>,
    to: Timeframe,
    hours: TradingHours,
    as_of: Timestamp,
) -> Result<Vec<Bar>> {
    let mut day = 0;
    joined(minutes, as_of, |bar_open, bar_close| {
        while days.get(day).is_some_and(|day| hours.span(day).1 <= bar_open) {
            day += 1;
        }
        let Some((start, end)) = days.get(day).map(|day| hours.span(day)) else { return Ok(None) };
        if bar_open < start {
            return if bar_close <= start { Ok(None) } else { Err(does_not_fit(bar_open, bar_close, to, start)) };
        }
        let length = if to == Timeframe::Day1 { end - start } else { to.minutes() * MINUTE };
        let open_at = start + (bar_open - start) / length * length;
        let close_at = (open_at + length).min(end);
        if bar_close > close_at { Err(does_not_fit(bar_open, bar_close, to, close_at)) } else { Ok(Some((open_at, close_at))) }
    })
}

/// [`resample`] for every symbol, on all cores; the answer does not depend on their number.
///
/// A symbol that cannot be resampled is left out and named in the faults; it costs the others nothing.
pub fn resample_all(bars: &Bars, to: Timeframe, hours: TradingHours, as_of: Timestamp) -> (Bars, Vec<BarFault>) {
    let (earliest, latest) = Calendar.span();
    let spans = bars.iter().filter_map(|(_, series)| dates(series).map(|(first, _)| (first, ends(series))));
    let span = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    // Days are worked out once for all; symbols with bars beyond the calendar are told one by one below.
    let days = span.map(|(first, last)| days_between(first.max(earliest), last.min(latest)));
    let days = days.and_then(Result::ok).unwrap_or_default();
    let all: Vec<(&Symbol, Series<'_>)> = bars.iter().collect();
    let made: Vec<Result<Vec<Bar>>> = all
        .par_iter()
        .map(|(_, series)| {
            if let Some((first, last)) = dates(*series) {
                Calendar.closure(first)?;
                Calendar.closure(last)?;
            }
            resample_on(&days, *series, to, hours, as_of)
        })
        .collect();
    let (mut out, mut faults) = (Bars::default(), Vec::new());
    for ((symbol, series), made) in all.into_iter().zip(made) {
        match made {
            Ok(rows) => out.append_rows(symbol, &rows),
            Err(error) => {
                faults.push(BarFault { symbol: symbol.clone(), at: micros(series.open_at[0]), problem: error.to_string() });
            }
        }
    }
    (out, faults)
}

/// Bars of `length` minutes on a grid of whole multiples of `length` since the epoch (so 5-minute bars start at :00, :05 …,
/// and 30-minute bars at :00 and :30, in New York as in UTC), whatever the session.
///
/// Only bars that are complete at `as_of` are made: one whose interval ends later does not exist yet. Prices, volume, `vwap`
/// and `trades` are joined as in [`resample`]; an interval without any bar gives none.
pub fn resample_minutes(minutes: Series<'_>, length: u32, as_of: Timestamp) -> Vec<Bar> {
    let width = i64::from(length.max(1)) * MINUTE;
    let Ok(bars) = joined(minutes, as_of, |open_at, _| {
        let open_at = open_at.div_euclid(width) * width;
        Ok::<_, Infallible>(Some((open_at, open_at + width)))
    });
    bars
}

/// Folds bars, oldest first, into the interval (start, end) that `interval_of(open_at, close_at)` names for each.
fn joined<E>(
    bars: Series<'_>,
    as_of: Timestamp,
    mut interval_of: impl FnMut(i64, i64) -> Result<Option<(i64, i64)>, E>,
) -> Result<Vec<Bar>, E> {
    let mut made: Vec<Bar> = Vec::new();
    let mut traded = 0.0;
    for part in bars.as_of(as_of).iter() {
        let Some((open_at, close_at)) = interval_of(part.open_at, part.close_at)? else { continue };
        let price = part.vwap.unwrap_or(part.close);
        match made.last_mut().filter(|bar| bar.open_at == open_at) {
            Some(bar) => {
                bar.high = bar.high.max(part.high);
                bar.low = bar.low.min(part.low);
                bar.close = part.close;
                bar.volume += part.volume;
                bar.trades = bar.trades.zip(part.trades).map(|(sum, more)| sum + more);
                traded += price * part.volume;
                bar.vwap = (bar.volume > 0.0).then(|| traded / bar.volume);
            }
            None => {
                traded = price * part.volume;
                let whole = (part.open_at, part.close_at) == (open_at, close_at);
                let vwap = if whole { part.vwap } else { (part.volume > 0.0).then_some(price) };
                made.push(Bar { open_at, close_at, vwap, ..part });
            }
        }
    }
    let now = as_of.as_microsecond();
    while made.last().is_some_and(|bar| bar.close_at > now) {
        made.pop();
    }
    Ok(made)
}

fn does_not_fit(open_at: i64, close_at: i64, to: Timeframe, boundary: i64) -> Error {
    Error::Column {
        table: "bars".to_owned(),
        column: "close_at".to_owned(),
        problem: format!(
            "is {} in the bar that starts at {}: it lies across {}, where a {to} bar begins or ends, and a bar cannot be divided; \
             use shorter bars, such as minutes",
            micros(close_at),
            micros(open_at),
            micros(boundary),
        ),
    }
}

/// New York dates of the first and the last start.
fn dates(bars: Series<'_>) -> Option<(Date, Date)> {
    let (first, last) = (bars.open_at.first()?, bars.open_at.last()?);
    Some((Calendar.local_date(micros(*first)), Calendar.local_date(micros(*last))))
}

/// New York date of the last end: a bar that is too long reaches into a session it does not start in.
fn ends(bars: Series<'_>) -> Date {
    let last = bars.close_at.last().map_or(Timestamp::MIN, |last| micros(*last));
    Calendar.local_date(last).min(Calendar.span().1)
}

fn days_between(first: Date, last: Date) -> Result<Vec<TradingDay>> {
    let mut days = Vec::new();
    let mut date = first;
    while date <= last {
        days.extend(Calendar.day(date)?);
        let Ok(tomorrow) = date.tomorrow() else { break };
        date = tomorrow;
    }
    Ok(days)
}

#[cfg(test)]
#[path = "resample_session_tests.rs"]
mod session_tests;
#[cfg(test)]
#[path = "resample_tests.rs"]
mod tests;
