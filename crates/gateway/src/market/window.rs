//! How far back a historical request reaches.

use bellwether::market::{Calendar, TradingDay, new_york};
use jiff::{Span, Timestamp, ToSpan, civil};

/// The `duration` of a historical request, such as `2 D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duration {
    Seconds(i64),
    /// Trading days.
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

impl Duration {
    /// Reads the protocol's spelling; counts are positive and at most what the calendar covers.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count: i64 = count.parse().ok().filter(|count| *count > 0)?;
        let (duration, most) = match unit {
            "S" => (Self::Seconds(count), 86_400),
            "D" => (Self::Days(count), 365),
            "W" => (Self::Weeks(count), 520),
            "M" => (Self::Months(count), 240),
            "Y" => (Self::Years(count), 40),
            _ => return None,
        };
        (count <= most).then_some(duration)
    }

    /// Nominal length in seconds, for the rule on bar sizes.
    pub(crate) fn seconds(self) -> i64 {
        let day = 86_400;
        match self {
            Self::Seconds(n) => n,
            Self::Days(n) => n * day,
            Self::Weeks(n) => n * 7 * day,
            Self::Months(n) => n * 30 * day,
            Self::Years(n) => n * 365 * day,
        }
    }
}

/// The interval that an answer covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Window {
    /// The window of length `duration` that ends at `end`: days are trading days whose session began before `end`, the
    /// one in progress included; weeks, months and years are calendar time, whole days; seconds count back from `end`,
    /// or from the last moment of trading before it. `None` outside the calendar.
    pub(crate) fn ending(end: Timestamp, duration: Duration, regular_only: bool) -> Option<Self> {
        let opens = |day: &TradingDay| if regular_only { day.open } else { day.pre_open };
        let closes = |day: &TradingDay| if regular_only { day.close } else { day.post_close };
        let today = Calendar.local_date(end);
        let mut session = match Calendar.day(today).ok()? {
            Some(day) if opens(&day) < end => day,
            _ => Calendar.previous(today).ok()?,
        };
        let midnight = |date: civil::Date, back: Span| -> Option<Timestamp> {
            let date = date.checked_sub(back).ok()?.tomorrow().ok()?;
            Some(date.to_zoned(new_york()).ok()?.timestamp())
        };
        let from = match duration {
            Duration::Seconds(seconds) => end.min(closes(&session)).checked_sub(seconds.seconds()).ok()?,
            Duration::Days(days) => {
                for _ in 1..days {
                    session = Calendar.previous(session.date).ok()?;
                }
                opens(&session)
            }
            Duration::Weeks(weeks) => midnight(today, weeks.weeks())?,
            Duration::Months(months) => midnight(today, months.months())?,
            Duration::Years(years) => midnight(today, years.years())?,
        };
        Some(Self { from, until: end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(end: &str, duration: &str, regular_only: bool) -> (String, String) {
        let window = Window::ending(end.parse().unwrap(), Duration::parse(duration).unwrap(), regular_only).unwrap();
        (window.from.to_string(), window.until.to_string())
    }

    #[test]
    fn days_are_trading_days() {
        // Monday 2026-01-05 11:00 New York.
        let end = "2026-01-05T16:00:00Z";
        assert_eq!(window(end, "1 D", true).0, "2026-01-05T14:30:00Z");
        assert_eq!(window(end, "1 D", false).0, "2026-01-05T09:00:00Z");
        assert_eq!(window(end, "2 D", true).0, "2026-01-02T14:30:00Z");
        assert_eq!(window(end, "3 D", true).0, "2025-12-31T14:30:00Z");
        // Before the regular session there is only the one before.
        assert_eq!(window("2026-01-05T12:00:00Z", "1 D", true).0, "2026-01-02T14:30:00Z");
        // On a Sunday, Friday's.
        assert_eq!(window("2026-01-04T12:00:00Z", "1 D", true).0, "2026-01-02T14:30:00Z");
    }

    #[test]
    fn other_units_are_calendar_time() {
        let end = "2026-01-07T16:00:00Z";
        assert_eq!(window(end, "1 W", true).0, "2026-01-01T05:00:00Z");
        assert_eq!(window(end, "1 M", true).0, "2025-12-08T05:00:00Z");
        assert_eq!(window(end, "1 Y", true).0, "2025-01-08T05:00:00Z");
        assert_eq!(window(end, "3600 S", true).0, "2026-01-07T15:00:00Z");
        assert_eq!(window("2026-01-04T12:00:00Z", "3600 S", true).0, "2026-01-02T20:00:00Z");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "D", "0 D", "-1 D", "1 Q", "86401 S", "1D", "999 Y"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
