use jiff::civil::date;

use super::*;

fn closed(day: Date) -> Option<&'static str> {
    Calendar.closure(day).unwrap().map(|closure| closure.reason)
}

#[test]
fn one_off_closures_are_closed_and_their_neighbours_trade() {
    for (from, until) in [
        (date(2001, 9, 11), date(2001, 9, 14)),
        (date(2004, 6, 11), date(2004, 6, 11)),
        (date(2007, 1, 2), date(2007, 1, 2)),
        (date(2012, 10, 29), date(2012, 10, 30)),
        (date(2018, 12, 5), date(2018, 12, 5)),
        (date(2025, 1, 9), date(2025, 1, 9)),
    ] {
        let mut day = from;
        while day <= until {
            assert!(closed(day).is_some(), "{day}");
            day = day.tomorrow().unwrap();
        }
    }
    assert_eq!(closed(date(2001, 9, 10)), None);
    assert_eq!(closed(date(2001, 9, 17)), None);
    assert_eq!(closed(date(2012, 10, 31)), None);
    assert_eq!(closed(date(2025, 1, 8)), None);
    assert_eq!(closed(date(2025, 1, 10)), None);
}

#[test]
fn holidays_follow_their_rules_at_the_edges() {
    // 1 January 2022 was a Saturday and is not made up for; 25 December 2021 was, on Friday the 24th.
    assert_eq!(closed(date(2021, 12, 31)), None);
    assert_eq!(closed(date(2021, 12, 24)), Some("Christmas Day"));
    // Sundays move to Monday, Saturdays to Friday.
    assert_eq!(closed(date(2023, 1, 2)), Some("New Year's Day"));
    assert_eq!(closed(date(2026, 7, 3)), Some("Independence Day"));
    assert_eq!(closed(date(2022, 6, 20)), Some("Juneteenth"));
    assert_eq!(closed(date(2021, 6, 18)), None, "Juneteenth began in 2022");
    assert_eq!(closed(date(2024, 3, 29)), Some("Good Friday"));
    assert_eq!(closed(date(2035, 3, 23)), Some("Good Friday"));
    assert_eq!(closed(date(2026, 11, 26)), Some("Thanksgiving Day"));
    assert_eq!(closed(date(2026, 11, 21)), Some("weekend"));
}

#[test]
fn early_closes_end_the_regular_session_at_one() {
    for day in [date(2002, 7, 5), date(2013, 7, 3), date(2019, 7, 3), date(2024, 12, 24), date(2025, 11, 28), date(1999, 12, 31)]
    {
        let day = Calendar.day(day).unwrap().unwrap();
        assert!(day.early_close.is_some(), "{}", day.date);
        assert_eq!(day.close.to_zoned(new_york()).time(), time(13, 0, 0, 0));
        assert_eq!(day.post_close.to_zoned(new_york()).time(), time(17, 0, 0, 0));
    }
    for day in [date(2002, 7, 3), date(2013, 7, 5), date(2021, 12, 23), date(2020, 7, 2), date(2015, 12, 31)] {
        assert_eq!(Calendar.day(day).unwrap().unwrap().early_close, None, "{day}");
    }
}

#[test]
fn sessions_keep_their_wall_clock_over_both_switches_of_2026() {
    for (day, open) in [
        (date(2026, 3, 6), "2026-03-06T14:30:00Z"),
        (date(2026, 3, 9), "2026-03-09T13:30:00Z"),
        (date(2026, 10, 30), "2026-10-30T13:30:00Z"),
        (date(2026, 11, 2), "2026-11-02T14:30:00Z"),
    ] {
        let day = Calendar.day(day).unwrap().unwrap();
        assert_eq!(day.open.to_string(), open);
        assert_eq!(day.open.duration_since(day.pre_open).as_mins(), 330);
        assert_eq!(day.session_at(day.pre_open), Some(SessionKind::Pre));
        assert_eq!(day.session_at(day.open), Some(SessionKind::Regular));
        assert_eq!(day.session_at(day.close), Some(SessionKind::Post));
        assert_eq!(day.session_at(day.post_close), None);
    }
}

#[test]
fn every_year_trades_a_plausible_number_of_days() {
    for year in 1998..=2035 {
        let mut day = date(year, 1, 1);
        let mut trading = 0;
        while day.year() == year {
            trading += usize::from(Calendar.day(day).unwrap().is_some());
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        assert!((248..=253).contains(&trading), "{year}: {trading}");
    }
}

#[test]
fn outside_its_years_the_calendar_says_so() {
    let error = Calendar.closure(date(1997, 12, 31)).unwrap_err().to_string();
    assert!(error.contains("1998-01-01"), "{error}");
    assert!(Calendar.next(date(2035, 12, 31)).is_err());
}

#[test]
fn neighbours_skip_closed_days() {
    assert_eq!(Calendar.previous(date(2025, 1, 10)).unwrap().date, date(2025, 1, 8));
    assert_eq!(Calendar.next(date(2026, 11, 25)).unwrap().date, date(2026, 11, 27));
    let before: Vec<Date> = Calendar.sessions_before(date(2025, 1, 13), 3).unwrap().iter().map(|day| day.date).collect();
    assert_eq!(before, [date(2025, 1, 7), date(2025, 1, 8), date(2025, 1, 10)]);
}

/// Every weekday of 38 years against the package `exchange_calendars`.
#[test]
fn agrees_with_exchange_calendars() {
    let mut day = date(1998, 1, 1);
    let mut ours = vec!["date,kind".to_owned()];
    while day <= date(2035, 12, 31) {
        match (closed(day), Calendar.day(day).unwrap()) {
            (Some("weekend"), _) => {}
            (Some(_), _) => ours.push(format!("{day},closed")),
            (None, Some(TradingDay { early_close: Some(_), .. })) => ours.push(format!("{day},early")),
            _ => {}
        }
        day = day.tomorrow().unwrap();
    }
    let peer: Vec<&str> = include_str!("../../tests/fixtures/xnys.csv").lines().collect();
    let only =
        |these: &[String], those: &[&str]| these.iter().filter(|row| !those.contains(&row.as_str())).cloned().collect::<Vec<_>>();
    let peers: Vec<String> = peer.iter().map(|row| (*row).to_owned()).collect();
    let own: Vec<&str> = ours.iter().map(String::as_str).collect();
    assert_eq!(only(&ours, &peer), Vec::<String>::new(), "only here");
    assert_eq!(only(&peers, &own), Vec::<String>::new(), "only there");
}

/// The market hours that QuantConnect's Lean ships, and every difference to them, explained.
#[test]
fn agrees_with_lean_but_for_explained_days() {
    let Some(shared) = crate::test_data::shared() else { return };
    let text = std::fs::read_to_string(shared.join("lean_us/market_hours_equity_usa.json")).unwrap();
    let hours: serde_json::Value = serde_json::from_str(&text).unwrap();
    let us = &hours["Equity-usa-[*]"];
    let day_of = |text: &str| {
        let mut parts = text.split('/').map(|part| part.parse::<i16>().unwrap());
        let (month, day, year) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        Date::new(year, month as i8, day as i8).unwrap()
    };
    let holidays: std::collections::BTreeSet<Date> =
        us["holidays"].as_array().unwrap().iter().map(|text| day_of(text.as_str().unwrap())).collect();
    let early: std::collections::BTreeSet<Date> =
        us["earlyCloses"].as_object().unwrap().keys().map(|text| day_of(text)).collect();
    let mut differences = Vec::new();
    let mut day = date(1998, 1, 1);
    while day <= date(2028, 12, 31) {
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            if closed(day).is_some() != holidays.contains(&day) {
                differences.push((day, "holiday"));
            }
            let ours = Calendar.day(day).unwrap().is_some_and(|day| day.early_close.is_some());
            if ours != early.contains(&day) {
                differences.push((day, "early close"));
            }
        }
        day = day.tomorrow().unwrap();
    }
    // Each of these is Lean's list being incomplete or wrong; the exchange's own notices say otherwise.
    let explained: &[(Date, &str, &str)] = &EXPLAINED;
    for (day, kind) in &differences {
        assert!(explained.iter().any(|(known, what, _)| known == day && what == kind), "unexplained: {day} {kind}");
    }
    assert_eq!(differences.len(), explained.len(), "an explanation is no longer needed: {differences:?}");
}

const EXPLAINED: [(Date, &str, &str); 3] = [
    (date(1998, 11, 27), "early close", "Lean's list of days after Thanksgiving begins in 1999; the rule is from 1992"),
    (date(1998, 12, 24), "early close", "Lean's list of Christmas Eves begins in 2001; this one was a Thursday"),
    (date(1999, 12, 31), "early close", "Lean lacks the one-off close at 13:00 on the eve of 2000"),
];
