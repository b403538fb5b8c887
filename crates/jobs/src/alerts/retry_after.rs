//! The header `Retry-After` (RFC 9110, 10.2.3).

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

/// A receiver may ask for patience, not for silence.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// How long a receiver wants to be left alone: seconds, or a date set against the receiver's own `Date`.
///
/// Without that `Date` a date says nothing (the clocks may differ), and what cannot be read is no wish at all.
pub(super) fn retry_after(value: &str, date: Option<&str>) -> Option<SignedDuration> {
    let value = value.trim();
    let asked = match value.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => http_date(date?)?.duration_until(http_date(value)?),
    };
    Some(asked.clamp(SignedDuration::ZERO, LONGEST))
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates() {
        let seconds = SignedDuration::from_secs;
        let date = Some("Thu, 12 Mar 2026 13:25:00 GMT");
        assert_eq!(retry_after("30", None), Some(seconds(30)));
        assert_eq!(retry_after(" 0 ", None), Some(seconds(0)));
        assert_eq!(retry_after("Thu, 12 Mar 2026 13:27:30 GMT", date), Some(seconds(150)));
        assert_eq!(retry_after("Thu, 12 Mar 2026 13:20:00 GMT", date), Some(seconds(0)));
        assert_eq!(retry_after("4000000000", None), Some(LONGEST));
        for unreadable in ["", "soon", "-5", "1.5", "99999999999999999999", "Thu, 12 Mar"] {
            assert_eq!(retry_after(unreadable, date), None, "{unreadable}");
        }
        assert_eq!(retry_after("Thu, 12 Mar 2026 13:27:30 GMT", None), None);
    }
}
