use bellwether::market::Calendar;
use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

const STEP: i64 = 5_000_000;

fn at(hour: i8, minute: i8, second: i8) -> i64 {
    Calendar.at(date(2026, 3, 10), time(hour, minute, second, 0)).as_microsecond()
}

fn counts(ledger: &BarLedger) -> (u64, u64, u64, u64) {
    (ledger.received, ledger.backfilled, ledger.lost, ledger.missing())
}

#[test]
fn a_jump_in_the_regular_session_is_a_gap() {
    let hours = MarketHours::us();
    let mut ledger = BarLedger::new(STEP, at(10, 0, 0));
    assert_eq!(ledger.receive(at(10, 0, 0), &hours), Arrival::New);
    assert_eq!(ledger.receive(at(10, 0, 20), &hours), Arrival::New);
    assert_eq!(counts(&ledger), (2, 0, 0, 3));
    assert_eq!(ledger.receive(at(10, 0, 20), &hours), Arrival::Duplicate);
    assert_eq!(ledger.receive(at(10, 0, 10), &hours), Arrival::Late);
    assert_eq!(ledger.receive(at(9, 59, 55), &hours), Arrival::Duplicate, "before the subscription");
    let due = ledger.due(3_600_000_000).unwrap();
    assert_eq!(due, (at(10, 0, 5), at(10, 0, 20)));
    let runs = ledger.settle(due, &BTreeSet::from([at(10, 0, 5), at(10, 0, 10)]));
    assert_eq!(
        runs,
        [
            Run { window: (at(10, 0, 5), at(10, 0, 10)), bars: 1, fetched: true },
            Run { window: (at(10, 0, 15), at(10, 0, 20)), bars: 1, fetched: false },
        ]
    );
    assert_eq!(counts(&ledger), (3, 1, 1, 0));
}

#[test]
fn bars_that_were_wrong_are_missed_after_all() {
    let hours = MarketHours::us();
    let mut ledger = BarLedger::new(STEP, at(9, 0, 0));
    let came = BTreeSet::from([at(9, 0, 0), at(9, 0, 5), at(9, 0, 20)]);
    came.iter().for_each(|bar| assert_eq!(ledger.receive(*bar, &hours), Arrival::New));
    ledger.reopen(&came);
    assert_eq!(counts(&ledger), (0, 0, 0, 3), "not what never came");
    assert_eq!(ledger.open().count(), 2);
    ledger.reopen(&came);
    assert_eq!(counts(&ledger), (0, 0, 0, 3), "once");
    let runs = ledger.settle(ledger.due(3_600_000_000).unwrap(), &came);
    assert_eq!(runs.iter().map(|run| (run.bars, run.fetched)).collect::<Vec<_>>(), [(2, true), (1, true)]);
    assert_eq!(counts(&ledger), (0, 3, 0, 0));
}

#[test]
fn outside_the_regular_session_only_an_interruption_makes_a_gap() {
    let hours = MarketHours::us();
    let mut ledger = BarLedger::new(STEP, at(8, 0, 0));
    ledger.receive(at(8, 0, 0), &hours);
    ledger.receive(at(8, 10, 0), &hours);
    ledger.expect(at(9, 0, 0), &hours);
    assert_eq!(ledger.missing(), 0);
    assert_eq!(ledger.receive(at(8, 50, 0), &hours), Arrival::New, "late, but never missed");
    ledger.interrupt();
    ledger.expect(at(9, 1, 0), &hours);
    assert_eq!(ledger.missing(), 12);
    ledger.receive(at(9, 2, 0), &hours);
    assert_eq!(ledger.missing(), 24);
    ledger.receive(at(9, 10, 0), &hours);
    assert_eq!(ledger.missing(), 24, "the interruption is over");
}

#[test]
fn nights_are_no_gaps_and_stretches_are_short_enough_to_ask_for() {
    let hours = MarketHours::us();
    let mut ledger = BarLedger::new(STEP, at(15, 0, 0));
    ledger.interrupt();
    ledger.expect(at(15, 0, 0) + 24 * 3_600_000_000, &hours);
    // To 20:00, and from 04:00 to 15:00.
    assert_eq!(ledger.missing(), 16 * 720);
    let mut stretches = 0;
    while let Some((from, until)) = ledger.due(3_600_000_000) {
        assert!(until - from <= 3_600_000_000);
        ledger.settle((from, until), &BTreeSet::new());
        stretches += 1;
    }
    assert_eq!((stretches, ledger.lost), (16, 16 * 720));
}

proptest! {
    /// Whatever comes, in whatever order: each bar of the regular session is accounted for once.
    #[test]
    fn nothing_is_unaccounted_for(
        arrivals in proptest::collection::vec((0_i64..720, any::<bool>(), any::<bool>()), 1..200),
        there in proptest::collection::btree_set(0_i64..720, 0..300),
    ) {
        let hours = MarketHours::us();
        let begin = at(10, 0, 0);
        let bar = |n: i64| begin + n * STEP;
        let mut ledger = BarLedger::new(STEP, begin);
        let mut delivered = BTreeSet::new();
        for (n, interrupted, settles) in arrivals {
            if interrupted {
                ledger.interrupt();
            }
            if ledger.receive(bar(n), &hours) != Arrival::Duplicate {
                prop_assert!(delivered.insert(n), "bar {} came twice", n);
            }
            if let Some(due) = ledger.due(600_000_000).filter(|_| settles) {
                let held: BTreeSet<i64> = there.iter().map(|n| bar(*n)).collect();
                for run in ledger.settle(due, &held).into_iter().filter(|run| run.fetched) {
                    for n in (run.window.0 - begin) / STEP..(run.window.1 - begin) / STEP {
                        prop_assert!(delivered.insert(n), "bar {} was fetched though it had come", n);
                    }
                }
            }
        }
        ledger.expect(bar(720), &hours);
        prop_assert_eq!(ledger.received + ledger.backfilled + ledger.lost + ledger.missing(), 720);
        prop_assert_eq!(delivered.len() as u64, ledger.received + ledger.backfilled);
    }
}
