//! Values of cells, and how a column of them is written: as precise as its numbers are, and no more.

use jiff::{Timestamp, civil::Date};

use crate::market::new_york;

/// Digits that a typical number of a column shows.
const DIGITS: i32 = 4;
/// Beyond so many decimals numbers are written with an exponent.
const MOST_DECIMALS: i32 = 6;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: shown as a dim dash.
    Missing,
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
    /// An instant, shown in New York time.
    Time(Timestamp),
    /// A day.
    Day(Date),
    /// Whether it is so.
    Flag(bool),
}

impl Value {
    /// A number, or nothing where it is not one.
    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Self::Missing, Self::Number)
    }

    /// Words; an empty text is nothing.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Missing } else { Self::Text(text.to_owned()) }
    }
}

/// How the values of one column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    decimals: usize,
    exponent: bool,
    seconds: bool,
    /// Numbers and times stand at the right, words at the left.
    pub(super) right: bool,
}

impl Style {
    /// The style that suits these values.
    pub(super) fn of(values: &[Value]) -> Self {
        let numbers: Vec<f64> = values
            .iter()
            .filter_map(|value| if let Value::Number(x) = value { x.is_finite().then_some(*x) } else { None })
            .collect();
        let words = values.iter().any(|value| matches!(value, Value::Text(_) | Value::Flag(_)));
        let seconds = values.iter().any(|value| matches!(value, Value::Time(at) if at.as_second() % 60 != 0));
        let (decimals, exponent) = precision(&numbers);
        Self { decimals, exponent, seconds, right: !words }
    }

    /// A value as text; nothing for a missing one.
    pub(super) fn write(self, value: &Value) -> Option<String> {
        match value {
            Value::Missing => None,
            Value::Number(x) if x.is_nan() => None,
            Value::Number(x) => Some(self.number(*x)),
            Value::Text(text) => Some(text.clone()),
            Value::Time(at) => {
                let pattern = if self.seconds { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
                Some(at.to_zoned(new_york()).strftime(pattern).to_string())
            }
            Value::Day(day) => Some(day.to_string()),
            Value::Flag(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        }
    }

    fn number(self, x: f64) -> String {
        if x.is_infinite() {
            return if x > 0.0 { "∞" } else { "−∞" }.to_owned();
        }
        let vanishes = x != 0.0 && x.abs() < 0.5 * 10f64.powi(-(self.decimals as i32));
        if self.exponent || vanishes || x.abs() >= 1e15 {
            return if x == 0.0 { "0".to_owned() } else { signed(&format!("{x:.2e}")) };
        }
        grouped(x, self.decimals)
    }
}

/// One number on its own, to four digits or two decimals, whichever says more.
pub(super) fn number(x: f64) -> String {
    if x.is_nan() {
        return "–".to_owned();
    }
    Style::of(&[Value::Number(x)]).number(x)
}

/// `1,234,567.89`, with a real minus sign.
pub(super) fn grouped(x: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, x.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::with_capacity(text.len() + text.len() / 3 + 3);
    if x < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn signed(text: &str) -> String {
    text.strip_prefix('-').map_or_else(|| text.to_owned(), |rest| format!("−{rest}"))
}

/// Decimals for a column, and whether it needs exponents: enough that its median shows four digits, two at least unless fewer say
/// all of every number.
fn precision(numbers: &[f64]) -> (usize, bool) {
    let mut sizes: Vec<f64> = numbers.iter().map(|x| x.abs()).filter(|x| *x > 0.0).collect();
    if sizes.is_empty() {
        return (0, false);
    }
    sizes.sort_by(f64::total_cmp);
    let typical = sizes[sizes.len() / 2];
    let places = DIGITS - 1 - typical.log10().floor() as i32;
    if places > MOST_DECIMALS + DIGITS - 1 {
        return (MOST_DECIMALS as usize, true);
    }
    let wanted = places.clamp(2, MOST_DECIMALS) as usize;
    let exact = |decimals: usize| {
        let scale = 10f64.powi(decimals as i32);
        numbers.iter().all(|x| ((x * scale).round() / scale - x).abs() <= x.abs() * 1e-12)
    };
    ((0..wanted).find(|decimals| exact(*decimals)).unwrap_or(wanted), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(numbers: &[f64]) -> Vec<String> {
        let values: Vec<Value> = numbers.iter().map(|x| Value::Number(*x)).collect();
        let style = Style::of(&values);
        values.iter().map(|value| style.write(value).unwrap_or_else(|| "-".into())).collect()
    }

    #[test]
    fn a_column_is_as_precise_as_its_numbers() {
        assert_eq!(column(&[12.5, 13.25, 1_234.0]), ["12.50", "13.25", "1,234.00"]);
        assert_eq!(column(&[1e6, 2_500_000.0, -3.0]), ["1,000,000", "2,500,000", "−3"]);
        assert_eq!(column(&[0.012345678, 0.5]), ["0.0123", "0.5000"]);
        assert_eq!(column(&[0.012345678, 0.015, 0.5]), ["0.01235", "0.01500", "0.50000"]);
        assert_eq!(column(&[101.123456, 99.9]), ["101.12", "99.90"]);
        assert_eq!(column(&[0.0, -0.0]), ["0", "0"]);
    }

    #[test]
    fn what_would_round_to_nothing_keeps_its_digits() {
        assert_eq!(column(&[1.5, 2.123456, 1e-12]), ["1.500", "2.123", "1.00e-12"]);
        assert_eq!(column(&[3.14159e-12, 0.0]), ["3.14e-12", "0"]);
        assert_eq!(column(&[-1e-9, 1.0, 2.0005, 3.0]), ["−1.00e-9", "1.000", "2.001", "3.000"]);
    }

    #[test]
    fn numbers_that_are_none_are_missing() {
        assert_eq!(column(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0]), ["-", "∞", "−∞", "1"]);
        assert_eq!(Style::of(&[]).write(&Value::Missing), None);
    }

    #[test]
    fn times_are_new_york_and_show_seconds_only_where_there_are_some() {
        let summer: Timestamp = "2026-07-01T13:30:00Z".parse().unwrap();
        let winter: Timestamp = "2026-01-05T14:30:05Z".parse().unwrap();
        assert_eq!(Style::of(&[Value::Time(summer)]).write(&Value::Time(summer)).unwrap(), "2026-07-01 09:30");
        let both = [Value::Time(summer), Value::Time(winter)];
        assert_eq!(Style::of(&both).write(&both[1]).unwrap(), "2026-01-05 09:30:05");
    }

    #[test]
    fn numbers_and_times_stand_right_and_words_left() {
        assert!(Style::of(&[Value::Number(1.0), Value::Missing]).right);
        assert!(!Style::of(&[Value::Text("a".into()), Value::Missing]).right);
    }
}
