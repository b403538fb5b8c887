use super::*;
use crate::ib::pacing::ask::HistoricalAsk;

const PATIENT: Duration = Duration::from_secs(30);

/// A clock that a test moves.
#[derive(Debug, Default)]
pub(crate) struct Stepped(std::sync::atomic::AtomicI64);

impl Stepped {
    pub(crate) fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for Stepped {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(std::sync::atomic::Ordering::SeqCst)).unwrap()
    }
    fn wall_until(&self, instant: Timestamp) -> Duration {
        // As if it ran at the speed of real time.
        Duration::try_from(instant.duration_since(self.now())).unwrap_or_default()
    }
}

pub(crate) fn planner(limits: PacingLimits) -> (Arc<Planner>, Arc<Stepped>) {
    let clock = Arc::new(Stepped::default());
    (Planner::new(limits, Arc::clone(&clock) as Arc<dyn Clock>), clock)
}

fn bars(contract: usize) -> Ask {
    let contract = contract.to_string();
    Ask::bars(HistoricalAsk { contract: &contract, exchange: "SMART", what_to_show: "TRADES", bar_seconds: 5, rest: "" })
}

async fn admit(planner: &Arc<Planner>, ask: &Ask) -> Permit {
    planner.admit("a request", ask, Priority::Scans, PATIENT).await.unwrap()
}

#[tokio::test]
async fn turns_come_with_time_on_the_clock_and_not_before() {
    let (planner, clock) = planner(PacingLimits { small_bars: 2, ..PacingLimits::default() });
    for contract in 0..2 {
        admit(&planner, &bars(contract)).await.finished();
    }
    let waits = tokio::spawn({
        let planner = Arc::clone(&planner);
        async move { admit(&planner, &bars(2)).await.finished() }
    });
    while planner.usage().waiting.is_empty() {
        tokio::task::yield_now().await;
    }
    clock.advance(599 * SECOND);
    let error = planner.admit("bars of B", &bars(3), Priority::Scans, Duration::from_millis(20)).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Timeout { .. }) && error.to_string().contains("bars of B"), "{error}");
    assert!(!waits.is_finished());
    clock.advance(SECOND);
    waits.await.unwrap();
    let usage = planner.usage();
    assert_eq!((usage.small_bars, usage.gave_up, usage.waiting.len()), ((1, 2), 1, 0));
}

#[tokio::test]
async fn what_is_not_answered_counts_as_read_after_a_while() {
    let (planner, clock) = planner(PacingLimits { messages_per_second: 2, ..PacingLimits::default() });
    let mut first = admit(&planner, &Ask::of(RequestKind::Other)).await;
    clock.advance(3_600 * SECOND);
    assert_eq!(planner.usage().messages, (2, 2), "however long that is on the clock");
    first.read();
    assert_eq!(planner.usage().messages, (1, 2));
    clock.advance(SECOND);
    let second = admit(&planner, &Ask::of(RequestKind::Other)).await;
    // Unanswered: read within a second of real time, after which it counts for one of the clock.
    let third = tokio::spawn({
        let planner = Arc::clone(&planner);
        async move { admit(&planner, &Ask::of(RequestKind::Other)).await.finished() }
    });
    while planner.usage().messages.0 == 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!third.is_finished());
    clock.advance(SECOND);
    third.await.unwrap();
    (first, second).0.finished();
}

#[tokio::test]
async fn what_was_given_up_frees_its_place_once_its_end_was_read() {
    let (planner, _clock) = planner(PacingLimits { open_historical: 1, ..PacingLimits::default() });
    let permit = admit(&planner, &bars(0)).await;
    drop(permit);
    assert_eq!(planner.usage().open_historical, (1, 1));
    // Within a second of real time.
    admit(&planner, &bars(1)).await.finished();
    assert_eq!(planner.usage().open_historical, (0, 1));
}

#[tokio::test]
async fn a_complaint_is_counted_and_heeded() {
    let (planner, clock) = planner(PacingLimits::default());
    let text = "Historical Market Data Service error message:Historical data request pacing violation";
    admit(&planner, &bars(0)).await.refused(162, text);
    assert_eq!(planner.usage().complaints, 1);
    assert!(planner.admit("bars", &bars(1), Priority::Scans, Duration::from_millis(20)).await.is_err());
    admit(&planner, &Ask::of(RequestKind::Other)).await.finished();
    clock.advance(5 * SECOND);
    admit(&planner, &bars(1)).await.finished();
    admit(&planner, &bars(2)).await.refused(162, "HMDS query returned no data: A@SMART Trades");
    assert_eq!(planner.usage().complaints, 1);
    admit(&planner, &bars(3)).await.finished();
}

#[tokio::test]
async fn whoever_stops_waiting_costs_nothing() {
    let (planner, clock) = planner(PacingLimits { small_bars: 1, ..PacingLimits::default() });
    admit(&planner, &bars(0)).await.finished();
    let waiting: Vec<_> = (1..30)
        .map(|contract| {
            let planner = Arc::clone(&planner);
            tokio::spawn(async move { admit(&planner, &bars(contract)).await.finished() })
        })
        .collect();
    while planner.usage().waiting.get(&Priority::Scans) != Some(&29) {
        tokio::task::yield_now().await;
    }
    // The turn comes at the moment that everybody leaves.
    clock.advance(600 * SECOND);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    let mut used = 0;
    for task in waiting {
        used += u32::from(task.await.is_ok());
    }
    let usage = planner.usage();
    assert_eq!((usage.waiting.len(), usage.small_bars.0, usage.open_historical.0), (0, used, 0));
}

#[tokio::test]
async fn a_clock_set_back_does_not_freeze_what_is_counted_by_it() {
    let (planner, clock) = planner(PacingLimits { small_bars: 1, ..PacingLimits::default() });
    clock.advance(7_200 * SECOND);
    admit(&planner, &bars(0)).await.finished();
    clock.advance(-3_600 * SECOND);
    assert_eq!(planner.usage().small_bars, (1, 1));
    clock.advance(600 * SECOND);
    admit(&planner, &bars(1)).await.finished();
}
