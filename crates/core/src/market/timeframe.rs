//! The six bar lengths of the product.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Length of a bar. Written `1m 5m 30m 1h 6h 1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Timeframe {
    /// One minute.
    Min1,
    /// Five minutes.
    Min5,
    /// Thirty minutes.
    Min30,
    /// One hour.
    Hour1,
    /// Six hours.
    Hour6,
    /// One session.
    Day1,
}

impl Timeframe {
    /// All of them, shortest first.
    pub const ALL: [Self; 6] = [Self::Min1, Self::Min5, Self::Min30, Self::Hour1, Self::Hour6, Self::Day1];

    /// Nominal length in minutes (a day counts 24 hours).
    pub fn minutes(self) -> i64 {
        match self {
            Self::Min1 => 1,
            Self::Min5 => 5,
            Self::Min30 => 30,
            Self::Hour1 => 60,
            Self::Hour6 => 360,
            Self::Day1 => 1440,
        }
    }

    /// The name, as written in files and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Min1 => "1m",
            Self::Min5 => "5m",
            Self::Min30 => "30m",
            Self::Hour1 => "1h",
            Self::Hour6 => "6h",
            Self::Day1 => "1d",
        }
    }
}

impl FromStr for Timeframe {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|timeframe| timeframe.as_str() == text).ok_or_else(|| Error::Unknown {
            what: "timeframe",
            text: text.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

impl TryFrom<String> for Timeframe {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Timeframe> for String {
    fn from(timeframe: Timeframe) -> Self {
        timeframe.as_str().to_owned()
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
