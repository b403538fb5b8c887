//! What analysts write as text, read.

use bellwether::market::{BarFault, Symbol};
use bellwether_jobs::times;
use jiff::Timestamp;

use crate::error::{DataError, Result};

/// Rows left out that are told one by one.
const TOLD: usize = 10;

pub(crate) fn symbols(texts: &[&str]) -> Result<Vec<Symbol>> {
    texts.iter().map(|text| Ok(Symbol::new(text)?)).collect()
}

pub(crate) fn time(text: &str) -> Result<Timestamp> {
    times::time_of(text).map_err(DataError::Time)
}

/// Beginning and end of an interval, in that order.
pub(crate) fn interval(from: &str, until: &str) -> Result<(Timestamp, Timestamp)> {
    let (start, end) = (time(from)?, times::end_of(until).map_err(DataError::Time)?);
    match start <= end {
        true => Ok((start, end)),
        false => Err(DataError::Time(format!("the interval from `{from}` until `{until}` ends before it begins"))),
    }
}

/// Tells of rows that could not be bars, below the cell: they are left out, the others are there.
pub(crate) fn tell(place: &str, faults: &[BarFault]) {
    for BarFault { symbol, at, problem } in faults.iter().take(TOLD) {
        eprintln!("{place}: {symbol} at {at} is left out: {problem}");
    }
    if faults.len() > TOLD {
        eprintln!("{place}: and {} rows more", faults.len() - TOLD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_dates_holds_its_last_day() {
        let (from, until) = interval("2025-01-06", "2025-01-07").unwrap();
        assert_eq!(until.duration_since(from), jiff::SignedDuration::from_hours(48));
        let error = interval("2025-01-07", "2025-01-05").unwrap_err();
        assert_eq!(format!("{error:?}"), "the interval from `2025-01-07` until `2025-01-05` ends before it begins");
        assert!(symbols(&["SPY", "not,one"]).unwrap_err().to_string().contains("`not,one` is not a ticker symbol"));
    }
}
