//! The columns of one series that indicators read.

use super::session::SessionTimes;
use crate::{
    error::{Error, Result},
    market::Series,
};

/// A column that an indicator may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Input {
    /// `open`, USD.
    Open,
    /// `high`, USD.
    High,
    /// `low`, USD.
    Low,
    /// `close`, USD.
    Close,
    /// `volume`, shares.
    Volume,
    /// `periods`: the look-back of each row, for `MAVP`.
    Periods,
    /// Day and minute of the day of each bar.
    Session,
}

impl Input {
    /// Name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Periods => "periods",
            Self::Session => "time",
        }
    }
}

/// The bars of one series, oldest first; a column that no indicator asked for may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'a> {
    /// Opening prices, USD.
    pub open: Option<&'a [f64]>,
    /// Highest prices, USD.
    pub high: Option<&'a [f64]>,
    /// Lowest prices, USD.
    pub low: Option<&'a [f64]>,
    /// Closing prices, USD.
    pub close: Option<&'a [f64]>,
    /// Volumes, shares.
    pub volume: Option<&'a [f64]>,
    /// Look-back of each row, for `MAVP`.
    pub periods: Option<&'a [f64]>,
    /// Day and minute of each bar.
    pub session: Option<&'a SessionTimes>,
}

impl<'a> Columns<'a> {
    /// Prices and volume, without session.
    pub fn ohlcv(open: &'a [f64], high: &'a [f64], low: &'a [f64], close: &'a [f64], volume: &'a [f64]) -> Self {
        Self { open: Some(open), high: Some(high), low: Some(low), close: Some(close), volume: Some(volume), ..Self::default() }
    }

    /// The same with day and minute of each bar.
    #[must_use]
    pub fn with_session(self, session: &'a SessionTimes) -> Self {
        Self { session: Some(session), ..self }
    }

    /// Number of rows; 0 without any column.
    pub fn rows(&self) -> usize {
        [self.close, self.open, self.high, self.low, self.volume, self.periods]
            .into_iter()
            .flatten()
            .map(<[f64]>::len)
            .next()
            .or(self.session.map(|session| session.day.len()))
            .unwrap_or(0)
    }

    /// The numbers of `input`.
    ///
    /// # Errors
    /// [`Error::Column`] when they are absent or of another length than the other columns.
    pub(super) fn numbers(&self, input: Input) -> Result<&'a [f64]> {
        let found = match input {
            Input::Open => self.open,
            Input::High => self.high,
            Input::Low => self.low,
            Input::Close => self.close,
            Input::Volume => self.volume,
            Input::Periods => self.periods,
            Input::Session => None,
        };
        match found {
            Some(values) if values.len() == self.rows() => Ok(values),
            Some(values) => Err(missing(input, &format!("has {} rows, expected {}", values.len(), self.rows()))),
            None => Err(missing(input, "is missing")),
        }
    }

    /// Day and minute of each bar.
    ///
    /// # Errors
    /// [`Error::Column`] when they are absent or of another length than the other columns.
    pub(super) fn session(&self) -> Result<&'a SessionTimes> {
        match self.session {
            Some(session) if session.day.len() == self.rows() && session.minute.len() == self.rows() => Ok(session),
            Some(_) => Err(missing(Input::Session, "is of another length than the other columns")),
            None => Err(missing(Input::Session, "is missing: this indicator needs the time of each bar")),
        }
    }
}

impl<'a> From<Series<'a>> for Columns<'a> {
    fn from(bars: Series<'a>) -> Self {
        Self::ohlcv(bars.open, bars.high, bars.low, bars.close, bars.volume)
    }
}

fn missing(input: Input, problem: &str) -> Error {
    Error::Column { table: "bars".to_owned(), column: input.name().to_owned(), problem: problem.to_owned() }
}
