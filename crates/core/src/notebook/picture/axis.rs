//! Axes: round numbers or round times, as many as there is room for.

use jiff::{Timestamp, tz::TimeZone};

use crate::{charts::round_step, market::new_york, notebook::value::grouped};

/// A range of an axis with its labelled places.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::notebook) struct Axis {
    pub(in crate::notebook) low: f64,
    pub(in crate::notebook) high: f64,
    pub(in crate::notebook) ticks: Vec<(f64, String)>,
    pub(in crate::notebook) label: String,
}

impl Axis {
    /// Covers `low..=high` with a little air, labelled at about `wanted` round numbers.
    pub(in crate::notebook) fn numbers(low: f64, high: f64, wanted: usize, label: &str) -> Self {
        let span = (high - low).max(low.abs().max(high.abs()) * 1e-6).max(1e-12);
        Self::exactly(low - 0.04 * span, high + 0.04 * span, wanted, label)
    }

    /// Covers `low..=high` and no more.
    pub(in crate::notebook) fn exactly(low: f64, high: f64, wanted: usize, label: &str) -> Self {
        let step = round_step((high - low) / wanted.max(1) as f64);
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let ticks = (first..=last).map(|tick| tick as f64 * step).map(|at| (at, tick_label(at, step, low.abs().max(high.abs()))));
        Self { low, high, ticks: ticks.collect(), label: label.to_owned() }
    }

    /// Rows of a table in time order, labelled by their New York times or dates at `most` places.
    pub(in crate::notebook) fn times(micros: &[i64], most: usize) -> Self {
        let zone = new_york();
        let zoned: Vec<jiff::Zoned> = micros
            .iter()
            .map(|at| Timestamp::from_microsecond(*at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()))
            .collect();
        let intraday = zoned.windows(2).any(|pair| pair[0].date() == pair[1].date());
        let (ticks, label) = time_ticks(&zoned, most.max(2), intraday);
        Self { low: -0.5, high: micros.len() as f64 - 0.5, ticks, label }
    }

    /// Characters of the longest label.
    pub(in crate::notebook) fn widest(&self) -> usize {
        self.ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(1)
    }
}

fn tick_label(at: f64, step: f64, size: f64) -> String {
    let at = if at.abs() < step * 1e-9 { 0.0 } else { at };
    if at != 0.0 && !(1e-5..1e15).contains(&size) {
        return format!("{at:.2e}").replace('-', "−");
    }
    let (at, step, suffix) = match size {
        size if size >= 1e9 => (at / 1e9, step / 1e9, "B"),
        size if size >= 1e6 => (at / 1e6, step / 1e6, "M"),
        _ => (at, step, ""),
    };
    let whole = |x: f64| x.round() != 0.0 && (x / x.round() - 1.0).abs() < 1e-6;
    let decimals = (0..9).find(|places| whole(step * 10f64.powi(*places))).unwrap_or(9) as usize;
    if at == 0.0 { "0".to_owned() } else { grouped(at, decimals) + suffix }
}

/// What the labels name, from fine to coarse.
const LEVELS: [Level; 12] = [
    Level::Minutes(5),
    Level::Minutes(15),
    Level::Minutes(30),
    Level::Minutes(60),
    Level::Minutes(120),
    Level::Minutes(180),
    Level::Day,
    Level::Week,
    Level::Months(1),
    Level::Months(3),
    Level::Months(12),
    Level::Months(60),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Minutes(i64),
    Day,
    Week,
    Months(i64),
}

impl Level {
    fn key(self, at: &jiff::Zoned) -> i64 {
        let day = at.date().to_zoned(TimeZone::UTC).map_or(0, |start| start.timestamp().as_second() / 86_400);
        match self {
            Self::Minutes(step) => day * 1_440 / step + (i64::from(at.hour()) * 60 + i64::from(at.minute())) / step,
            Self::Day => day,
            Self::Week => (day + 3).div_euclid(7),
            Self::Months(step) => (i64::from(at.year()) * 12 + i64::from(at.month()) - 1).div_euclid(step),
        }
    }

    fn format(self) -> &'static str {
        match self {
            Self::Minutes(_) => "%H:%M",
            Self::Day | Self::Week => "%b %-d",
            Self::Months(1..12) => "%b %Y",
            Self::Months(_) => "%Y",
        }
    }
}

/// The places at which the finest level begins anew that has at most so many, and what to call the axis.
fn time_ticks(zoned: &[jiff::Zoned], most: usize, intraday: bool) -> (Vec<(f64, String)>, String) {
    let one_day = zoned.first().map(jiff::Zoned::date) == zoned.last().map(jiff::Zoned::date);
    let levels = LEVELS.into_iter().filter(|level| (one_day && intraday) || !matches!(level, Level::Minutes(_)));
    let mut chosen = (Vec::new(), Level::Months(60));
    for level in levels {
        let keys: Vec<i64> = zoned.iter().map(|at| level.key(at)).collect();
        let begins: Vec<usize> = (1..keys.len()).filter(|row| keys[*row] != keys[*row - 1]).collect();
        if begins.len() <= most {
            chosen = (begins, level);
            break;
        }
    }
    let (mut rows, level) = chosen;
    // The first row begins nothing in particular; it is named where nothing else is near.
    let room = zoned.len() / most.max(1);
    if !zoned.is_empty() && rows.first().is_none_or(|first| *first > room) {
        rows.insert(0, 0);
    }
    let ticks = rows.into_iter().map(|row| (row as f64, zoned[row].strftime(level.format()).to_string())).collect();
    let date = zoned.first().map(|at| at.date().to_string()).unwrap_or_default();
    let name = match (one_day && intraday, zoned.first().map(jiff::Zoned::year), zoned.last().map(jiff::Zoned::year)) {
        (true, ..) => format!("{date}, New York time"),
        (false, Some(first), Some(last)) if first == last => format!("New York date, {first}"),
        _ => "New York date".to_owned(),
    };
    (ticks, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Calendar;

    #[test]
    fn ticks_are_round_and_inside() {
        for (low, high) in [(0.0, 1.0), (-3.2, 4.1), (17.2, 19.9), (1e-4, 3e-4), (5.0, 5.0), (0.0, 3.4e7), (-0.42, 0.0)] {
            let axis = Axis::numbers(low, high, 5, "x");
            assert!((2..=12).contains(&axis.ticks.len()), "{axis:?}");
            assert!(axis.ticks.iter().all(|(at, _)| (axis.low..=axis.high).contains(at)), "{axis:?}");
            assert!(axis.low < low && axis.high > high, "{axis:?}");
            let mut texts: Vec<&String> = axis.ticks.iter().map(|(_, text)| text).collect();
            texts.dedup();
            assert_eq!(texts.len(), axis.ticks.len(), "labels differ: {axis:?}");
        }
        let texts = |axis: Axis| axis.ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(texts(Axis::exactly(0.0, 2e7, 4, "")), ["0", "5M", "10M", "15M", "20M"]);
        assert_eq!(texts(Axis::exactly(-0.5, 0.5, 2, "")), ["−0.5", "0", "0.5"]);
    }

    #[test]
    fn times_are_named_in_new_york_and_not_too_often() {
        let day = |text: &str, hour: i8| Calendar.at(text.parse().unwrap(), jiff::civil::time(hour, 0, 0, 0)).as_microsecond();
        let minutes: Vec<i64> = (0..390).map(|minute| day("2026-03-12", 9) + (30 + minute) * 60_000_000).collect();
        let axis = Axis::times(&minutes, 8);
        assert_eq!(axis.label, "2026-03-12, New York time");
        assert!(axis.ticks.iter().any(|(_, text)| text == "12:00"), "{axis:?}");
        let days: Vec<i64> = (0..1_000).map(|at| day("2022-01-03", 16) + at * 86_400_000_000).collect();
        let axis = Axis::times(&days, 8);
        assert!(axis.ticks.len() <= 9 && axis.ticks.iter().any(|(_, text)| text == "2023"), "{axis:?}");
        assert_eq!(Axis::times(&[], 8).ticks, []);
    }
}
