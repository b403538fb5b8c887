use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn days(text: &str) -> Vec<String> {
    text.split(';').map(str::to_owned).collect()
}

#[test]
fn us_stocks_follow_the_calendar_where_nothing_is_told() {
    let hours = MarketHours::us();
    let state = |text| hours.at(at(text)).0;
    assert_eq!(state("2026-03-10T07:59:59Z"), MarketState::Closed);
    assert_eq!(hours.at(at("2026-03-10T08:00:01Z")), (MarketState::Extended, at("2026-03-10T08:00:00Z")));
    assert_eq!(hours.at(at("2026-03-10T13:31:00Z")), (MarketState::Regular, at("2026-03-10T13:30:00Z")));
    assert_eq!(hours.at(at("2026-03-10T21:00:00Z")), (MarketState::Extended, at("2026-03-10T20:00:00Z")));
    // A Saturday, a holiday, an early close.
    assert_eq!(state("2026-03-14T15:00:00Z"), MarketState::Closed);
    assert_eq!(state("2026-07-03T15:00:00Z"), MarketState::Closed);
    assert_eq!(state("2026-11-27T19:00:00Z"), MarketState::Extended);
}

#[test]
fn another_market_keeps_its_own_zone_and_its_lunch() {
    let trading = days("20260310:0900-20260310:1130,20260310:1230-20260310:1530;20260311:CLOSED");
    let hours = MarketHours::parse("Japan", &trading, &trading);
    let state = |text| hours.at(at(text)).0;
    assert_eq!(state("2026-03-09T23:59:00Z"), MarketState::Closed);
    assert_eq!(hours.at(at("2026-03-10T00:01:00Z")), (MarketState::Regular, at("2026-03-10T00:00:00Z")));
    assert_eq!(state("2026-03-10T03:00:00Z"), MarketState::Closed, "lunch");
    assert_eq!(state("2026-03-10T03:31:00Z"), MarketState::Regular);
    // In the middle of New York's session of that day nothing trades in Tokyo.
    assert_eq!(state("2026-03-10T15:00:00Z"), MarketState::Closed);
    assert!(hours.know(at("2026-03-11T05:00:00Z")), "the closed day was told");
    assert!(!hours.know(at("2026-03-12T05:00:00Z")));
}

#[test]
fn told_hours_win_over_the_calendar_and_the_calendar_fills_the_rest() {
    // A day that IB says closes at noon, though the calendar knows nothing of it.
    let trading = days("20260310:0400-20260310:1200");
    let liquid = days("20260310:0930-1200");
    let hours = MarketHours::parse("US/Eastern", &trading, &liquid);
    assert_eq!(hours.at(at("2026-03-10T17:00:00Z")).0, MarketState::Closed);
    assert_eq!(hours.at(at("2026-03-10T15:00:00Z")).0, MarketState::Regular);
    assert_eq!(hours.at(at("2026-03-11T17:00:00Z")).0, MarketState::Regular, "the next day is the calendar's");
    let from = at("2026-03-10T00:00:00Z").as_microsecond();
    let until = at("2026-03-12T00:00:00Z").as_microsecond();
    let lengths: Vec<i64> = hours.windows(true, from, until).iter().map(|(from, until)| (until - from) / 60_000_000).collect();
    assert_eq!(lengths, [150, 390]);
}

#[test]
fn hours_over_midnight_and_what_was_told_before() {
    let mut later = MarketHours::parse("America/Chicago", &days("20260311:1700-1600"), &days("20260311:0830-1500"));
    let before = MarketHours::parse("America/Chicago", &days("20260310:1700-1600"), &days("20260310:0830-1500"));
    assert_eq!(before.at(at("2026-03-11T03:00:00Z")).0, MarketState::Extended);
    assert_eq!(later.at(at("2026-03-10T15:00:00Z")).0, MarketState::Closed);
    later.remember(&before);
    assert_eq!(later.at(at("2026-03-10T15:00:00Z")).0, MarketState::Regular);
    assert!(later.know(at("2026-03-10T15:00:00Z")));
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let hours = MarketHours::parse("US/Eastern", &days("nonsense;2026:0930-1600;20260310:09-16;20260310:2560-2600"), &[]);
    assert_eq!(hours.at(at("2026-03-11T15:00:00Z")).0, MarketState::Regular);
    assert!(!MarketHours::parse("Mars/Olympus", &days("20260310:0930-1600"), &[]).know(at("2026-03-10T15:00:00Z")));
}
