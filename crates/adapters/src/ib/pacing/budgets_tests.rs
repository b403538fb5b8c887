use super::*;
use crate::ib::pacing::ask::HistoricalAsk;

fn bars(contract: &str, what_to_show: &str, bar_seconds: u32, rest: &str) -> Ask {
    Ask::bars(HistoricalAsk { contract, exchange: "SMART", what_to_show, bar_seconds, rest })
}

/// Admits and answers at once; how long it had to wait.
fn ask(budgets: &mut Budgets, ask: Ask, now: i64) -> i64 {
    let mut at = now;
    loop {
        budgets.advance(at);
        let until = match budgets.verdict(&ask, at) {
            Verdict::Go => break,
            Verdict::Full { until, .. } | Verdict::Alike { until } => until.expect("time alone helps"),
        };
        assert!(until > at);
        at = until;
    }
    let number = budgets.admit(ask, at);
    budgets.over(number, at);
    at - now
}

fn roomy() -> Budgets {
    Budgets::new(PacingLimits { messages_per_second: 1_000, ..PacingLimits::default() })
}

#[test]
fn sixty_small_bars_in_ten_minutes_and_bid_ask_twice() {
    let mut budgets = roomy();
    for i in 0..30 {
        assert_eq!(ask(&mut budgets, bars(&format!("A{i}"), "BID_ASK", 5, ""), i * SECOND), 0);
    }
    assert_eq!(ask(&mut budgets, bars("B", "TRADES", 5, ""), 30 * SECOND), 570 * SECOND);
    // A minute and more are not counted there.
    assert_eq!(ask(&mut budgets, bars("B", "TRADES", 60, ""), 30 * SECOND), 0);
}

#[test]
fn five_second_bars_and_ticks_count_as_small_bars() {
    let mut budgets = roomy();
    for i in 0..59 {
        assert_eq!(ask(&mut budgets, Ask::real_time_bars(&format!("A{i}"), "SMART", "TRADES"), 0), 0);
    }
    let asked = HistoricalAsk { contract: "B", exchange: "SMART", what_to_show: "TRADES", bar_seconds: 0, rest: "" };
    assert_eq!(ask(&mut budgets, Ask::historical_ticks(asked), 0), 0);
    assert_eq!(ask(&mut budgets, bars("C", "TRADES", 5, ""), 0), 600 * SECOND);
}

#[test]
fn the_same_again_waits_fifteen_seconds_and_the_sixth_of_a_contract_two() {
    let mut budgets = roomy();
    for i in 0..5 {
        assert_eq!(ask(&mut budgets, bars("A", "TRADES", 60, &i.to_string()), 0), 0);
    }
    assert_eq!(ask(&mut budgets, bars("A", "TRADES", 60, "5"), SECOND), SECOND);
    assert_eq!(ask(&mut budgets, bars("A", "TRADES", 60, "0"), 3 * SECOND), 12 * SECOND);
    assert_eq!(ask(&mut budgets, bars("A", "BID", 60, "0"), 3 * SECOND), 0);
}

#[test]
fn open_requests_and_scanners_end_the_wait_of_others_and_time_does_not() {
    let mut budgets = roomy();
    let numbers: Vec<u64> = (0..50).map(|i| budgets.admit(bars(&format!("A{i}"), "TRADES", 60, ""), 0)).collect();
    let next = bars("B", "TRADES", 60, "");
    assert_eq!(budgets.verdict(&next, 0), Verdict::Full { pools: Pool::Open.bit(), until: None });
    budgets.over(numbers[7], 1);
    assert_eq!(budgets.verdict(&next, 1), Verdict::Go);
    let scan = Ask::of(RequestKind::Scanner);
    let scans: Vec<u64> = (0..10).map(|_| budgets.admit(scan.clone(), 0)).collect();
    budgets.read(scans[0], 1);
    assert_eq!(budgets.verdict(&scan, 1), Verdict::Full { pools: Pool::Scanners.bit(), until: None });
    budgets.over(scans[0], 2);
    assert_eq!(budgets.verdict(&scan, 2), Verdict::Go);
}

#[test]
fn a_message_unread_holds_room_for_its_cancellation() {
    let mut budgets = Budgets::new(PacingLimits { messages_per_second: 4, ..PacingLimits::default() });
    let other = Ask::of(RequestKind::Other);
    let first = budgets.admit(other.clone(), 0);
    budgets.admit(other.clone(), 0);
    assert!(matches!(budgets.verdict(&other, 0), Verdict::Full { until: None, .. }));
    budgets.over(first, 0);
    assert!(matches!(budgets.verdict(&other, 0), Verdict::Full { until: Some(SECOND), .. }));
    // Refused instead: what the library sends by itself has its place.
    budgets.unasked(0);
    assert_eq!(budgets.used(Pool::Messages), (4, 4));
}

#[test]
fn what_was_written_before_an_answered_request_was_read_before_it() {
    let mut budgets = roomy();
    let cancel = budgets.admit(Ask::of(RequestKind::Cancel), 0);
    let sent_meanwhile = budgets.admit(Ask::of(RequestKind::Other), 0);
    budgets.written(cancel);
    let later = budgets.admit(Ask::of(RequestKind::Other), 0);
    budgets.over(sent_meanwhile, 1);
    assert!(!budgets.is_read(cancel), "it may have overtaken the cancellation");
    budgets.over(later, 2);
    assert!(budgets.is_read(cancel));
}

#[test]
fn what_was_given_up_is_open_until_its_end_was_read() {
    let mut budgets = roomy();
    let number = budgets.admit(bars("A", "TRADES", 60, ""), 0);
    let cancel = budgets.abandon(number, 5);
    assert_eq!(budgets.used(Pool::Open).0, 1);
    budgets.read(cancel, 9);
    assert_eq!(budgets.used(Pool::Open).0, 0);
    assert!(budgets.under_way().next().is_none());
}

#[test]
fn what_was_withdrawn_costs_nothing() {
    let mut budgets = roomy();
    let small = bars("A", "BID_ASK", 5, "");
    let number = budgets.admit(small.clone(), 0);
    assert!(matches!(budgets.verdict(&small, 0), Verdict::Alike { until: None }));
    budgets.withdraw(number);
    assert_eq!(budgets.verdict(&small, 0), Verdict::Go);
    assert!(Pool::ALL.iter().all(|pool| budgets.used(*pool).0 == 0));
}

#[test]
fn complaints_hold_back_longer_each_time() {
    let mut budgets = roomy();
    assert_eq!(budgets.penalise(Pool::SmallBars, 0), 5 * SECOND);
    assert_eq!(budgets.penalise(Pool::SmallBars, SECOND), 4 * SECOND, "of the same burst");
    assert_eq!(ask(&mut budgets, bars("A", "TRADES", 5, ""), SECOND), 4 * SECOND);
    assert_eq!(ask(&mut budgets, bars("A", "TRADES", 60, ""), SECOND), 0);
    assert_eq!(budgets.penalise(Pool::SmallBars, 6 * SECOND), 10 * SECOND);
    assert_eq!(budgets.penalise(Pool::SmallBars, 2_000 * SECOND), 5 * SECOND);
}

#[test]
fn nothing_is_kept_of_what_no_longer_counts() {
    let mut budgets = roomy();
    for i in 0..5_000 {
        ask(&mut budgets, bars(&format!("A{i}"), "TRADES", 60, ""), i * SECOND);
    }
    assert!(budgets.identical.len() + budgets.alike.len() < 600, "{}", budgets.identical.len());
    assert!(budgets.under_way().next().is_none());
}
