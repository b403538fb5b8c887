//! Times as people write them: New York wall-clock time unless they carry a zone.

use bellwether::market::Calendar;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};

/// Reads a time: RFC 3339 with a zone, else New York wall-clock time; a date alone is its midnight.
///
/// # Errors
/// The sentence to show.
pub fn time_of(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let local: DateTime =
        text.parse().map_err(|_| format!("`{text}` is not a time; write 2025-01-06T09:25 (New York) or 2025-01-06T14:25:00Z"))?;
    Ok(Calendar.at(local.date(), local.time()))
}

/// Reads the end of an interval: as [`time_of`], but a date alone is the end of that day, so that it is part of the interval.
///
/// # Errors
/// The sentence to show.
pub fn end_of(text: &str) -> Result<Timestamp, String> {
    // A date of ten characters; longer texts have a time of day.
    match text.trim().parse::<Date>().ok().filter(|_| text.trim().len() <= 10).and_then(|date| date.tomorrow().ok()) {
        Some(next) => Ok(Calendar.at(next, Time::midnight())),
        None => time_of(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_alone_is_its_beginning_or_its_end() {
        let utc = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(time_of("2025-01-06"), Ok(utc("2025-01-06T05:00:00Z")));
        assert_eq!(end_of("2025-01-06"), Ok(utc("2025-01-07T05:00:00Z")));
        for text in ["2025-07-01T09:25", "2025-07-01 09:25", "2025-07-01T13:25:00Z"] {
            assert_eq!((time_of(text), end_of(text)), (Ok(utc("2025-07-01T13:25:00Z")), Ok(utc("2025-07-01T13:25:00Z"))));
        }
        assert!(time_of("noon").unwrap_err().contains("`noon` is not a time; write 2025-01-06T09:25"));
    }
}
