use bellwether::market::Calendar;
use jiff::civil::date;

use super::*;
use crate::config::Config;

fn job(lines: &str) -> Job {
    let text = format!(
        "[universes.u]\nsymbols = [\"A\"]\n[[jobs]]\nname = \"j\"\nkind = \"gap_scan\"\nuniverse = \"u\"\nalert = {{ }}\n{lines}\n"
    );
    Config::parse(&text, "test", None).unwrap().jobs.remove(0)
}

fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    Calendar.at(local.date(), local.time())
}

fn utc(job: &Job, from: &str, until: &str) -> Vec<String> {
    due_between(job, at(from), at(until)).map(|due| due.to_string()).collect()
}

#[test]
fn the_wall_clock_holds_over_both_switches_of_2026() {
    let job = job("cron = [\"25 9 * * MON-FRI\"]");
    assert_eq!(
        utc(&job, "2026-03-05T12:00", "2026-03-10T12:00"),
        ["2026-03-06T14:25:00Z", "2026-03-09T13:25:00Z", "2026-03-10T13:25:00Z"],
        "spring: the Monday after the switch of 8 March"
    );
    assert_eq!(
        utc(&job, "2026-10-29T12:00", "2026-11-03T12:00"),
        ["2026-10-30T13:25:00Z", "2026-11-02T14:25:00Z", "2026-11-03T14:25:00Z"],
        "autumn: the Monday after the switch of 1 November"
    );
}

#[test]
fn a_time_that_is_skipped_comes_once_and_one_that_repeats_comes_once() {
    let job = job("cron = [\"30 2 * * *\"]\ncalendar = \"any_day\"");
    let spring = utc(&job, "2026-03-07T12:00", "2026-03-09T12:00");
    assert_eq!(spring, ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"], "02:30 does not exist on 8 March: 03:00 instead");
    let job = self::job("cron = [\"30 1 * * *\"]\ncalendar = \"any_day\"");
    let autumn = utc(&job, "2026-10-31T12:00", "2026-11-02T12:00");
    assert_eq!(autumn, ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"], "01:30 comes twice on 1 November: the first counts");
}

#[test]
fn nothing_is_due_on_closed_days_and_the_reason_is_told() {
    let job = job("cron = [\"0 8,9 * * MON-FRI\", \"25 9 * * MON-FRI\"]");
    assert!(utc(&job, "2025-01-09T00:00", "2025-01-09T23:59").is_empty());
    assert!(utc(&job, "2025-01-20T00:00", "2025-01-20T23:59").is_empty());
    let next: Vec<Upcoming> = upcoming(&job, at("2025-01-08T12:00")).take(2).collect();
    assert_eq!(
        next,
        [
            Upcoming::Gap(GapDay {
                at: at("2025-01-09T08:00"),
                date: date(2025, 1, 9),
                reason: "exchange closed: day of mourning for President Carter".into(),
            }),
            Upcoming::Run(at("2025-01-10T08:00")),
        ]
    );
    let Some(Upcoming::Gap(gap)) = upcoming(&job, at("2025-01-17T12:00")).next() else { panic!("a gap was expected") };
    assert_eq!(gap.reason, "exchange closed: Martin Luther King Jr. Day");
}

#[test]
fn a_session_ends_early_when_the_exchange_does() {
    let job = job("cron = [\"*/30 9-15 * * MON-FRI\"]\nsession = \"regular\"");
    let full = utc(&job, "2026-11-25T00:00", "2026-11-25T23:59");
    assert_eq!(full.len(), 13, "09:30 to 15:30");
    let half = utc(&job, "2026-11-27T00:00", "2026-11-27T23:59");
    assert_eq!(half.len(), 8, "09:30 to 13:00, when its last bar is complete");
    assert_eq!(half.last().unwrap(), "2026-11-27T18:00:00Z");
}

#[test]
fn several_patterns_make_one_ordered_list_without_repeats() {
    let job = job("cron = [\"0 9 * * MON-FRI\", \"0,30 9 * * MON-FRI\"]");
    assert_eq!(utc(&job, "2026-11-23T00:00", "2026-11-23T23:59").len(), 2);
}

#[test]
fn every_shipped_pattern_is_what_the_comments_say() {
    let config = Config::parse(crate::config::SHIPPED, "shipped", None).unwrap();
    let of = |name: &str| -> Vec<String> {
        due_between(config.job(name).unwrap(), at("2026-11-23T00:00"), at("2026-11-23T23:59"))
            .map(|due| due.to_zoned(bellwether::market::new_york()).time())
            .map(|clock| format!("{:02}:{:02}", clock.hour(), clock.minute()))
            .collect()
    };
    assert_eq!(of("premarket-gap"), ["08:00", "09:00", "09:25"]);
    let momentum = of("intraday-momentum");
    assert_eq!((momentum.first().unwrap().as_str(), momentum.last().unwrap().as_str()), ("09:35", "15:55"));
    assert_eq!(momentum.len(), 5 + 6 * 12);
    assert_eq!((of("risk-profiles"), of("features-daily")), (vec!["08:30".to_owned()], vec!["08:35".to_owned()]));
    let half_hours = of("features-30-minutes");
    assert_eq!((half_hours.len(), half_hours[0].as_str(), half_hours[12].as_str()), (13, "10:02", "16:02"));
    assert_eq!(of("housekeeping"), ["02:00"]);
}

#[test]
fn patterns_that_cannot_be_are_refused() {
    for (pattern, word) in [
        ("61 9 * * *", "not a cron pattern"),
        ("25 9 * *", "4 fields"),
        ("0 25 9 * * *", "6 fields"),
        ("0 0 30 2 *", "never comes"),
        ("5/5 9 * * *", "not a cron pattern"),
    ] {
        let error = format!("{:#}", Cron::parse(pattern).expect_err(pattern));
        assert!(error.contains(word), "{pattern}: {error}");
    }
}
