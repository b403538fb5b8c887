//! The header `Retry-After` (RFC 9110, 10.2.3).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// A service may ask for patience, not for silence.
const LONGEST: Duration = Duration::from_secs(3_600);

/// How long a service wants to be left alone: seconds, or a date set against the service's own `Date`. Without that
/// `Date` a date says nothing, because the clocks may differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text(RETRY_AFTER)?;
    let asked = match asked.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => http_date(text(DATE)?)?.duration_until(http_date(asked)?),
    };
    Some(Duration::try_from(asked).unwrap_or_default().min(LONGEST))
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates() {
        let read = |asked: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, asked.parse().unwrap());
            date.map(|date| headers.insert(DATE, date.parse().unwrap()));
            retry_after(&headers)
        };
        let date = Some("Thu, 12 Mar 2026 13:25:00 GMT");
        assert_eq!(read("30", None), Some(Duration::from_secs(30)));
        assert_eq!(read("Thu, 12 Mar 2026 13:27:30 GMT", date), Some(Duration::from_secs(150)));
        assert_eq!(read("Thu, 12 Mar 2026 13:20:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(read("4000000000", None), Some(LONGEST));
        for unreadable in ["soon", "-5", "1.5", "Thu, 12 Mar"] {
            assert_eq!(read(unreadable, date), None, "{unreadable}");
        }
        assert_eq!(read("Thu, 12 Mar 2026 13:27:30 GMT", None), None);
    }
}
