//! The bar sizes a client may ask for.

/// Length of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BarSize {
    /// 1 to 30 seconds.
    Seconds(i64),
    /// 1 minute to 8 hours.
    Minutes(i64),
    Day,
    Week,
    Month,
}

impl BarSize {
    /// Reads the protocol's spelling, such as `5 mins`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "1 secs" | "1 sec" => Self::Seconds(1),
            "5 secs" => Self::Seconds(5),
            "10 secs" => Self::Seconds(10),
            "15 secs" => Self::Seconds(15),
            "30 secs" => Self::Seconds(30),
            "1 min" => Self::Minutes(1),
            "2 mins" => Self::Minutes(2),
            "3 mins" => Self::Minutes(3),
            "4 mins" => Self::Minutes(4),
            "5 mins" => Self::Minutes(5),
            "10 mins" => Self::Minutes(10),
            "15 mins" => Self::Minutes(15),
            "20 mins" => Self::Minutes(20),
            "30 mins" => Self::Minutes(30),
            "1 hour" => Self::Minutes(60),
            "2 hours" => Self::Minutes(120),
            "3 hours" => Self::Minutes(180),
            "4 hours" => Self::Minutes(240),
            "8 hours" => Self::Minutes(480),
            "1 day" => Self::Day,
            "1 week" | "1W" => Self::Week,
            "1 month" | "1M" => Self::Month,
            _ => return None,
        })
    }

    /// Nominal length in seconds.
    pub(crate) fn seconds(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Minutes(minutes) => minutes * 60,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
        }
    }

    /// Bars of a day and longer are stamped with a date.
    pub(crate) fn is_dated(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }
}
