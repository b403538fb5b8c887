use std::{thread, time::Duration};

use bellwether::market::Clock;
use jiff::{SignedDuration, Timestamp};

use super::SimClock;

fn start() -> Timestamp {
    "2026-03-10T08:00:00Z".parse().unwrap()
}

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

#[test]
fn runs_at_its_rate() {
    let clock = SimClock::new(start(), 600.0);
    thread::sleep(Duration::from_millis(50));
    let shown = clock.now().duration_since(start());
    assert!(shown >= seconds(30), "50 ms at 600 is at least 30 s, shown {shown:?}");
}

#[test]
fn stands_still_at_rate_zero_and_at_rates_that_are_none() {
    for rate in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        let clock = SimClock::new(start(), rate);
        thread::sleep(Duration::from_millis(2));
        assert_eq!((clock.now(), clock.rate()), (start(), 0.0));
        assert_eq!(clock.wall_until(start() + seconds(1)), super::POLL);
    }
}

#[test]
fn advances_forward_and_never_back() {
    let clock = SimClock::new(start(), 0.0);
    clock.advance_to(start() + seconds(90));
    clock.advance_to(start() + seconds(10));
    assert_eq!(clock.now(), start() + seconds(90));
}

#[test]
fn waits_at_the_hold_and_goes_on_from_there() {
    let clock = SimClock::new(start(), 0.0);
    let hold = start() + seconds(60);
    clock.hold_at(Some(hold));
    clock.set_rate(1e6);
    thread::sleep(Duration::from_millis(5));
    assert_eq!(clock.now(), hold);
    clock.advance_to(start() + seconds(3600));
    assert_eq!(clock.now(), hold, "a jump stops at the hold too");
    assert_eq!(clock.wall_until(hold + seconds(1)), super::POLL);
    clock.set_rate(1.0);
    thread::sleep(Duration::from_millis(20));
    clock.hold_at(None);
    let after = clock.now().duration_since(hold);
    assert!(after < seconds(10), "time spent at the hold is not made up for: {after:?}");
    clock.advance_to(hold + seconds(60));
    assert!(clock.now() >= hold + seconds(60));
}

#[test]
fn an_unread_hold_owes_nothing_after_release() {
    let clock = SimClock::new(start(), 0.0);
    clock.hold_at(Some(start() + seconds(1)));
    clock.set_rate(1000.0);
    thread::sleep(Duration::from_millis(60));
    clock.set_rate(0.0);
    clock.hold_at(None);
    assert_eq!(clock.now(), start() + seconds(1));
}

#[test]
fn a_hold_in_the_past_stops_the_clock_where_it_is() {
    let clock = SimClock::new(start(), 0.0);
    clock.advance_to(start() + seconds(100));
    clock.set_rate(1000.0);
    clock.hold_at(Some(start()));
    let stopped = clock.now();
    assert!(stopped >= start() + seconds(100));
    thread::sleep(Duration::from_millis(3));
    assert_eq!(clock.now(), stopped);
}

#[test]
fn a_change_of_rate_is_seamless() {
    let clock = SimClock::new(start(), 1e3);
    thread::sleep(Duration::from_millis(3));
    let before = clock.now();
    clock.set_rate(1.0);
    let after = clock.now();
    assert!(after >= before && after.duration_since(before) < seconds(3600));
    thread::sleep(Duration::from_millis(3));
    assert!(clock.now().duration_since(after) < seconds(5), "the new rate is in force");
}

#[test]
fn time_is_counted_once_over_changes_of_rate() {
    let clock = SimClock::new(start(), 1e3);
    thread::sleep(Duration::from_millis(200));
    clock.set_rate(0.0);
    let stopped = clock.now();
    assert!(stopped >= start() + seconds(200));
    clock.set_rate(1e3);
    let after = clock.now().duration_since(stopped);
    assert!(after < seconds(150), "the 200 s before the stop are not counted again: {after:?}");
}

#[test]
fn is_monotone_under_threads() {
    let clock = SimClock::new(start(), 5e4);
    thread::scope(|scope| {
        for worker in 0..4_u32 {
            let clock = &clock;
            scope.spawn(move || {
                let mut last = clock.now();
                for step in 0..2_000_u32 {
                    match (worker, step % 50) {
                        (0, 0) => clock.set_rate(f64::from(step % 7) * 1e4),
                        (1, 0) => clock.hold_at(Some(last)),
                        (1, 25) => clock.hold_at(None),
                        (2, 0) => clock.advance_to(last + seconds(3)),
                        _ => {}
                    }
                    let now = clock.now();
                    assert!(now >= last, "{now} after {last}");
                    last = now;
                }
            });
        }
    });
}

#[test]
fn waiting_as_long_as_told_reaches_the_instant() {
    let clock = SimClock::new(start(), 3600.0);
    let target = start() + seconds(60);
    let wait = clock.wall_until(target);
    assert!(wait <= Duration::from_micros(16_667), "60 s at 3600: {wait:?}");
    thread::sleep(wait);
    assert!(clock.now() >= target);
    assert_eq!(clock.wall_until(start()), Duration::ZERO);
}
