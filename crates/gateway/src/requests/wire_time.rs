//! Instants as this protocol writes them.

use bellwether::market::new_york;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Reads `YYYYMMDD HH:MM:SS`, with a zone or in New York time, or `YYYYMMDD-HH:MM:SS` in UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(utc) = DateTime::strptime("%Y%m%d-%H:%M:%S", text) {
        return utc.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    let mut parts = text.splitn(3, ' ');
    let (date, time) = (parts.next()?, parts.next()?);
    let zone = match parts.next().map(str::trim) {
        None | Some("" | "US/Eastern" | "EST" | "EDT") => new_york(),
        Some("UTC" | "GMT") => TimeZone::UTC,
        Some(name) => TimeZone::get(name).ok()?,
    };
    let local = DateTime::strptime("%Y%m%d %H:%M:%S", format!("{date} {time}")).ok()?;
    local.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

/// Writes `YYYYMMDD HH:MM:SS US/Eastern`.
pub(crate) fn format(at: Timestamp) -> String {
    at.to_zoned(new_york()).strftime("%Y%m%d %H:%M:%S US/Eastern").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_one_instant() {
        let instant: Timestamp = "2026-07-01T14:30:00Z".parse().unwrap();
        for text in [
            "20260701-14:30:00",
            "20260701 14:30:00 UTC",
            "20260701 10:30:00 US/Eastern",
            "20260701 10:30:00 America/New_York",
            "20260701 10:30:00",
        ] {
            assert_eq!(parse(text), Some(instant), "{text}");
        }
        assert_eq!(parse(&format(instant)), Some(instant));
        for text in ["", "20260701", "2026-07-01 10:30:00", "20260701 10:30:00 Nowhere/City"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
