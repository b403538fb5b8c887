//! From rows that name their start or their date to bars that know when they end.

use std::collections::BTreeMap;

use bellwether::market::{Bar, Calendar};
use jiff::{Timestamp, civil::Date};

use crate::error::Result;

const MINUTE: i64 = 60_000_000;

/// Prices and volume of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prices {
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: f64,
}

impl Prices {
    fn bar(self, open_at: i64, close_at: i64) -> Bar {
        let Self { open, high, low, close, volume } = self;
        Bar { open_at, close_at, open, high, low, close, volume, vwap: None, trades: None }
    }
}

/// The rows whose minute starts in `[from, until)` and ends by `until`, oldest first. A row that does not start with a
/// minute is the last trade that some services append, no bar.
pub(super) fn minutes(rows: impl IntoIterator<Item = (Timestamp, Prices)>, from: Timestamp, until: Timestamp) -> Vec<Bar> {
    let (from, until) = (from.as_microsecond(), until.as_microsecond());
    let rows = rows.into_iter().filter_map(|(start, prices)| {
        let open_at = start.as_microsecond();
        let whole = open_at % MINUTE == 0 && open_at >= from && open_at + MINUTE <= until;
        whole.then(|| prices.bar(open_at, open_at + MINUTE))
    });
    let mut bars: Vec<Bar> = rows.collect();
    bars.sort_by_key(|bar| bar.open_at);
    bars
}

/// The first whole minute not before `at`.
pub(super) fn next_minute(at: Timestamp) -> Timestamp {
    let up = at.as_microsecond().div_euclid(MINUTE) + i64::from(at.as_microsecond().rem_euclid(MINUTE) > 0);
    Timestamp::from_microsecond(up * MINUTE).unwrap_or(at)
}

/// The last `sessions` rows of days whose regular session was over at `end`, oldest first; of two rows of one day the
/// first counts. Days without trading are left out, and said.
pub(super) fn days(
    what: &str,
    rows: impl IntoIterator<Item = (Date, Prices)>,
    sessions: u32,
    end: Timestamp,
) -> Result<Vec<Bar>> {
    let mut by_day = BTreeMap::new();
    for (date, prices) in rows {
        by_day.entry(date).or_insert(prices);
    }
    let mut bars = Vec::with_capacity(by_day.len());
    for (date, prices) in by_day {
        match Calendar.day(date)? {
            Some(day) if day.close <= end => {
                bars.push(prices.bar(day.open.as_microsecond(), day.close.as_microsecond()));
            }
            Some(_) => {}
            None => tracing::warn!(what, %date, "daily bar on a day without trading left out"),
        }
    }
    bars.drain(..bars.len().saturating_sub(sessions as usize));
    Ok(bars)
}

/// The date from which at least `sessions` sessions end by `end`.
pub(super) fn first_day(sessions: u32, end: Timestamp) -> Result<Date> {
    let today = Calendar.local_date(end);
    let earlier = Calendar.sessions_before(today, sessions.max(1) as usize)?;
    Ok(earlier.first().map_or(today, |day| day.date))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const PRICES: Prices = Prices { open: 1.0, high: 2.0, low: 0.5, close: 1.5, volume: 10.0 };

    #[test]
    fn a_minute_that_has_not_ended_is_no_bar() {
        let starts = ["2025-01-06T14:30:00Z", "2025-01-06T14:31:00Z", "2025-01-06T14:31:17Z", "2025-01-06T14:29:00Z"];
        let rows = starts.map(|start| (at(start), PRICES));
        let bars = minutes(rows, at("2025-01-06T14:30:00Z"), at("2025-01-06T14:31:30Z"));
        assert_eq!(bars.len(), 1);
        assert_eq!(bars[0].close_at - bars[0].open_at, MINUTE);
    }

    #[test]
    fn a_day_is_its_regular_session_and_early_closes_count() {
        let rows = [date(2024, 12, 24), date(2024, 12, 25), date(2024, 12, 26), date(2024, 12, 23)].map(|day| (day, PRICES));
        let bars = days("x", rows, 2, at("2024-12-26T20:59:59Z")).unwrap();
        assert_eq!(bars.len(), 2, "Christmas is no session, and that of the 26th is not over");
        assert_eq!(bars[1].close_at, at("2024-12-24T18:00:00Z").as_microsecond());
        assert_eq!(first_day(2, at("2024-12-26T20:59:59Z")).unwrap(), date(2024, 12, 23));
    }
}
