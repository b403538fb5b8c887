//! The date and the time of day, in New York, by the exchange's calendar, which is known in advance.

use jiff::civil::Date;

use super::entry::entries;
use crate::{
    features::{Family, Feature, LookBack::Bars, Unit, View},
    market::Calendar,
};

/// One number a session, at each of its rows.
fn of_date(view: &View<'_>, of: impl Fn(Date) -> f64) -> Vec<f64> {
    let sessions = view.sessions();
    let by_session: Vec<f64> = sessions.first_rows().iter().map(|row| of(sessions.date(*row))).collect();
    (0..view.len()).map(|row| by_session[sessions.number(row)]).collect()
}

/// Minutes from a bar's end to the regular close; negative after it.
fn minutes_to_close(view: &View<'_>, row: usize) -> f64 {
    let close_at = view.bars().close_at[row];
    view.sessions().day(row).map_or(f64::NAN, |day| (day.close.as_microsecond() - close_at) as f64 / 60e6)
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Calendar);
    vec![
        entry(
            "day_of_week",
            Unit::Count,
            Bars(1),
            "1 for Monday to 7 for Sunday",
            Box::new(|view| of_date(view, |date| f64::from(date.weekday().to_monday_one_offset()))),
        ),
        entry("day_of_month", Unit::Count, Bars(1), "1 to 31", Box::new(|view| of_date(view, |date| f64::from(date.day())))),
        entry("month", Unit::Count, Bars(1), "1 to 12", Box::new(|view| of_date(view, |date| f64::from(date.month())))),
        entry(
            "week_of_year",
            Unit::Count,
            Bars(1),
            "ISO 8601 week, 1 to 53",
            Box::new(|view| of_date(view, |date| f64::from(date.iso_week_date().week()))),
        ),
        entry(
            "is_early_close",
            Unit::Flag,
            Bars(1),
            "1 on a session that ends at 13:00",
            Box::new(|view| {
                let flag = |row| view.sessions().day(row).map_or(f64::NAN, |day| f64::from(u8::from(day.early_close.is_some())));
                (0..view.len()).map(flag).collect()
            }),
        ),
        entry(
            "days_to_next_session",
            Unit::Count,
            Bars(1),
            "days from this session to the next: 1, or more before weekends and holidays",
            Box::new(|view| {
                of_date(view, |date| Calendar.next(date).map_or(f64::NAN, |next| f64::from((next.date - date).get_days())))
            }),
        ),
        entry(
            "is_last_session_of_month",
            Unit::Flag,
            Bars(1),
            "1 where the next session is in another month",
            Box::new(|view| {
                of_date(view, |date| {
                    Calendar.next(date).map_or(f64::NAN, |next| f64::from(u8::from(next.date.month() != date.month())))
                })
            }),
        ),
        entry(
            "minutes_since_open",
            Unit::Minutes,
            Bars(1),
            "from 09:30 to the bar's start, negative before",
            Box::new(|view| (0..view.len()).map(|row| view.sessions().minutes_since_open(row)).collect()),
        )
        .intraday(),
        entry(
            "minutes_to_close",
            Unit::Minutes,
            Bars(1),
            "from the bar's end to the regular close, negative after",
            Box::new(|view| (0..view.len()).map(|row| minutes_to_close(view, row)).collect()),
        )
        .intraday(),
        entry(
            "is_regular_session",
            Unit::Flag,
            Bars(1),
            "1 for bars that begin between the open and the close",
            Box::new(|view| {
                let flag = |row| {
                    let since = view.sessions().minutes_since_open(row);
                    if since.is_nan() {
                        f64::NAN
                    } else {
                        f64::from(u8::from(since >= 0.0 && minutes_to_close(view, row) >= 0.0))
                    }
                };
                (0..view.len()).map(flag).collect()
            }),
        )
        .intraday(),
    ]
}
