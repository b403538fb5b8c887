//! The date and the time of day, in New York, by the exchange's calendar, which is known in advance.

use super::entry::entries;
use crate::{
    features::{
        Family, Feature,
        LookBack::Bars,
        Unit,
        formula::{of_date, of_row},
    },
    market::Calendar,
};

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::Calendar);
    let flag = |is: bool| f64::from(u8::from(is));
    vec![
        entry(
            "day_of_week",
            Unit::Count,
            Bars(1),
            "1 for Monday to 7 for Sunday",
            of_date(|date| f64::from(date.weekday().to_monday_one_offset())),
        ),
        entry("day_of_month", Unit::Count, Bars(1), "1 to 31", of_date(|date| f64::from(date.day()))),
        entry("month", Unit::Count, Bars(1), "1 to 12", of_date(|date| f64::from(date.month()))),
        entry(
            "week_of_year",
            Unit::Count,
            Bars(1),
            "ISO 8601 week, 1 to 53",
            of_date(|date| f64::from(date.iso_week_date().week())),
        ),
        entry(
            "is_early_close",
            Unit::Flag,
            Bars(1),
            "1 on a session that ends at 13:00",
            of_row(move |row| row.day.map_or(f64::NAN, |day| flag(day.early_close.is_some()))),
        ),
        entry(
            "days_to_next_session",
            Unit::Count,
            Bars(1),
            "days from this session to the next: 1, or more before weekends and holidays",
            of_date(|date| Calendar.next(date).map_or(f64::NAN, |next| f64::from((next.date - date).get_days()))),
        ),
        entry(
            "is_last_session_of_month",
            Unit::Flag,
            Bars(1),
            "1 where the next session is in another month",
            of_date(move |date| Calendar.next(date).map_or(f64::NAN, |next| flag(next.date.month() != date.month()))),
        ),
        entry(
            "minutes_since_open",
            Unit::Minutes,
            Bars(1),
            "from 09:30 to the bar's start, negative before",
            of_row(|row| row.minutes_since_open()),
        )
        .intraday(),
        entry(
            "minutes_to_close",
            Unit::Minutes,
            Bars(1),
            "from the bar's end to the regular close, negative after",
            of_row(|row| row.minutes_to_close()),
        )
        .intraday(),
        entry(
            "is_regular_session",
            Unit::Flag,
            Bars(1),
            "1 for bars that begin between the open and the close",
            of_row(move |row| match row.day {
                Some(_) => flag(row.minutes_since_open() >= 0.0 && row.minutes_to_close() >= 0.0),
                None => f64::NAN,
            }),
        )
        .intraday(),
    ]
}
