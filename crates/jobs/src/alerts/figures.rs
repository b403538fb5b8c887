//! How numbers, times and lists are written for people.

use bellwether::market::new_york;
use jiff::Timestamp;

/// `+23.1 %`, `−17.0 %`.
pub(super) fn signed_percent(x: f64) -> String {
    // What rounds to zero has no sign.
    let rounded = (x * 10.0).round() / 10.0;
    match rounded {
        r if r < 0.0 => format!("−{:.1} %", -r),
        r if r > 0.0 => format!("+{r:.1} %"),
        _ => "0.0 %".to_owned(),
    }
}

/// USD in cents, in hundredths of cents below one dollar.
pub(super) fn price(x: f64) -> String {
    if x.abs() < 1.0 { format!("{x:.4}") } else { format!("{x:.2}") }
}

/// `4.2M`, `310K`.
pub(super) fn shares(x: f64) -> String {
    match x {
        x if x >= 999.95e6 => format!("{:.1}B", x / 1e9),
        x if x >= 999.5e3 => format!("{:.1}M", x / 1e6),
        x if x >= 1e4 => format!("{:.0}K", x / 1e3),
        x if x >= 1e3 => format!("{:.1}K", x / 1e3),
        x => format!("{x:.0}"),
    }
}

/// `8.4×`.
pub(super) fn multiple(x: f64) -> String {
    if x >= 99.95 { format!("{x:.0}×") } else { format!("{x:.1}×") }
}

/// `12 bp`.
pub(super) fn basis_points(x: f64) -> String {
    format!("{x:.0} bp")
}

/// `93`.
pub(super) fn whole(x: f64) -> String {
    format!("{x:.0}")
}

/// `2,431`.
pub(super) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 gapper`, `12 gappers`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// `09:25 ET`; seconds only where there are any.
pub(super) fn clock(at: Timestamp) -> String {
    let local = at.to_zoned(new_york());
    let form = if local.second() == 0 { "%H:%M ET" } else { "%H:%M:%S ET" };
    local.strftime(form).to_string()
}

/// `Thu 12 Mar 2026, 09:25 ET`.
pub(super) fn date_and_clock(at: Timestamp) -> String {
    format!("{}, {}", at.to_zoned(new_york()).strftime("%a %-d %b %Y"), clock(at))
}

/// Text on one line: control characters and runs of white space become one space. What goes into a header is made of this.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Line separators, and the marks that turn the direction of text around.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// At most `most` characters, the last one `…` when something was cut.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `A, B, C and 40 more`.
pub(super) fn listed<T: std::fmt::Display>(items: impl ExactSizeIterator<Item = T>, most: usize) -> String {
    let count = items.len();
    let named: Vec<String> = items.take(most).map(|item| item.to_string()).collect();
    let rest = count - named.len();
    if rest == 0 { named.join(", ") } else { format!("{} and {} more", named.join(", "), grouped(rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_trader_writes_them() {
        assert_eq!([23.14, -17.04, 0.04, -0.04].map(signed_percent), ["+23.1 %", "−17.0 %", "0.0 %", "0.0 %"]);
        assert_eq!(
            [999.0, 1234.0, 99_950.0, 999_499.0, 999_600.0, 4.2e6, 1.2e9].map(shares),
            ["999", "1.2K", "100K", "999K", "1.0M", "4.2M", "1.2B"]
        );
        assert_eq!([0.0512, 31.2].map(price), ["0.0512", "31.20"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(listed(["A", "B", "C"].iter(), 2), "A, B and 1 more");
    }

    #[test]
    fn times_are_new_york_on_both_sides_of_daylight_saving() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(clock(at("2026-03-12T13:25:00Z")), "09:25 ET");
        assert_eq!(clock(at("2026-03-05T14:25:00Z")), "09:25 ET");
        assert_eq!(date_and_clock(at("2026-03-12T13:25:07Z")), "Thu 12 Mar 2026, 09:25:07 ET");
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(one_line("a\r\nBcc: x\u{2028}b\u{0}\tc \u{202e} d"), "a Bcc: x b c d");
    }
}
