//! When the New York Stock Exchange does not trade, or closes early: the rules of NYSE Rule 7.2 and the one-off days.
//!
//! # References
//! NYSE, *Holidays & Trading Hours* and press notices for the one-off closings; Meeus/Jones/Butcher for Easter.

use jiff::civil::{Date, Weekday, date};

/// Days on which the exchange closed for a reason that no rule gives.
const ONE_OFF: [(Date, &str); 10] = [
    (date(2001, 9, 11), "attacks of September 11"),
    (date(2001, 9, 12), "attacks of September 11"),
    (date(2001, 9, 13), "attacks of September 11"),
    (date(2001, 9, 14), "attacks of September 11"),
    (date(2004, 6, 11), "day of mourning for President Reagan"),
    (date(2007, 1, 2), "day of mourning for President Ford"),
    (date(2012, 10, 29), "Hurricane Sandy"),
    (date(2012, 10, 30), "Hurricane Sandy"),
    (date(2018, 12, 5), "day of mourning for President G. H. W. Bush"),
    (date(2025, 1, 9), "day of mourning for President Carter"),
];

/// Early closings at 13:00 that no rule gives.
const ONE_OFF_EARLY: [(Date, &str); 2] =
    [(date(1999, 12, 31), "eve of the year 2000"), (date(2003, 12, 26), "day after Christmas")];

/// Why the exchange is closed on `day`, weekends aside; `None` when it trades.
pub(super) fn holiday(day: Date) -> Option<&'static str> {
    if let Some((_, reason)) = ONE_OFF.iter().find(|(closed, _)| *closed == day) {
        return Some(reason);
    }
    let year = day.year();
    let fixed = |month, number| observed(date(year, month, number)) == day;
    let nth = |month, weekday, n| nth_weekday(year, month, weekday, n) == Some(day);
    if new_year(year) == Some(day) {
        Some("New Year's Day")
    } else if nth(1, Weekday::Monday, 3) {
        Some("Martin Luther King Jr. Day")
    } else if nth(2, Weekday::Monday, 3) {
        Some("Washington's Birthday")
    } else if good_friday(year) == Some(day) {
        Some("Good Friday")
    } else if nth(5, Weekday::Monday, -1) {
        Some("Memorial Day")
    } else if year >= 2022 && fixed(6, 19) {
        Some("Juneteenth")
    } else if fixed(7, 4) {
        Some("Independence Day")
    } else if nth(9, Weekday::Monday, 1) {
        Some("Labor Day")
    } else if nth(11, Weekday::Thursday, 4) {
        Some("Thanksgiving Day")
    } else if fixed(12, 25) {
        Some("Christmas Day")
    } else {
        None
    }
}

/// Why trading ends at 13:00 on `day` (a day that trades); `None` when it ends at 16:00.
///
/// The day after Thanksgiving; Christmas Eve and 3 July when they fall on Monday to Thursday (on a Friday they are the
/// observed holiday itself). Before 2013, when 4 July fell on a Thursday, the Friday *after* it closed early instead of
/// the Wednesday before.
pub(super) fn early_close(day: Date) -> Option<&'static str> {
    if let Some((_, reason)) = ONE_OFF_EARLY.iter().find(|(early, _)| *early == day) {
        return Some(reason);
    }
    let year = day.year();
    let thursday_fourth = date(year, 7, 4).weekday() == Weekday::Thursday;
    let weekday = day.weekday();
    if nth_weekday(year, 11, Weekday::Thursday, 4).and_then(|thanksgiving| thanksgiving.tomorrow().ok()) == Some(day) {
        return Some("day after Thanksgiving");
    }
    if day == date(year, 12, 24) && weekday != Weekday::Friday {
        return Some("Christmas Eve");
    }
    if day == date(year, 7, 3) && weekday != Weekday::Friday && !(thursday_fourth && year < 2013) {
        return Some("eve of Independence Day");
    }
    if day == date(year, 7, 5) && thursday_fourth && year < 2013 {
        return Some("day after Independence Day");
    }
    None
}

/// A fixed date moved from Saturday to Friday and from Sunday to Monday.
fn observed(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => day.yesterday().unwrap_or(day),
        Weekday::Sunday => day.tomorrow().unwrap_or(day),
        _ => day,
    }
}

/// New Year's Day moves from Sunday to Monday, but a Saturday is not made up for: Friday 31 December is a
/// settlement day at the year's end.
fn new_year(year: i16) -> Option<Date> {
    let first = date(year, 1, 1);
    match first.weekday() {
        Weekday::Saturday => None,
        _ => Some(observed(first)),
    }
}

fn nth_weekday(year: i16, month: i8, weekday: Weekday, n: i8) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(n, weekday).ok()
}

/// Two days before Easter Sunday (anonymous Gregorian computus).
fn good_friday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?.checked_sub(jiff::Span::new().days(2)).ok()
}
