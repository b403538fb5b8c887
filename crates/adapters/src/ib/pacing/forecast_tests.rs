use std::time::Duration;

use super::*;
use crate::ib::pacing::{Item, ScanWork, ask::HistoricalAsk, budgets::PacingLimits, planner::tests::planner};

fn bars(contract: &str, what_to_show: &str, bar_seconds: u32, rest: &str) -> Step {
    Ask::bars(HistoricalAsk { contract, exchange: "SMART", what_to_show, bar_seconds, rest }).into()
}

fn one_phase(at_once: usize, steps: impl IntoIterator<Item = Vec<Step>>) -> Workload {
    let items = steps.into_iter().enumerate().map(|(index, steps)| Item { name: format!("S{index}"), steps }).collect();
    Workload { name: "test".to_owned(), phases: vec![Phase { name: "all".to_owned(), at_once, items }] }
}

fn seconds(forecast: &Forecast) -> f64 {
    forecast.duration.expect("an end").as_secs_f64()
}

#[tokio::test]
async fn small_bars_take_ten_minutes_for_each_sixty() {
    let (planner, clock) = planner(PacingLimits::default());
    let workload = one_phase(40, (0..150).map(|i| vec![bars(&i.to_string(), "TRADES", 5, "")]));
    let deadline = Timestamp::from_second(601 + 60).unwrap();
    let forecast = planner.plan(&workload, Priority::Scans, 100, Some(deadline));
    assert!((1_200.0..1_280.0).contains(&seconds(&forecast)), "{forecast:?}");
    assert_eq!(forecast.coverage, 120.0 / 150.0);
    assert_eq!(forecast.requests, BTreeMap::from([(RequestKind::SmallBars, 150)]));
    assert!(forecast.bottleneck.starts_with("60 requests for bars below a minute"), "{}", forecast.bottleneck);
    // What was used already is not to be had again.
    for i in 0..60 {
        let ask = bars(&format!("X{i}"), "TRADES", 5, "").ask;
        planner.admit("x", &ask, Priority::Scans, Duration::from_secs(9)).await.unwrap().finished();
        clock.advance(SECOND);
    }
    let later = planner.plan(&workload, Priority::Scans, 100, None);
    assert!((1_740.0..1_820.0).contains(&seconds(&later)), "{later:?}");
    assert_eq!(planner.usage().small_bars.0, 60, "planning uses nothing");
}

#[tokio::test]
async fn a_scan_of_the_whole_market_in_seconds() {
    let (planner, _) = planner(PacingLimits::default());
    let symbols: Vec<String> = (0..1_453).map(|i| format!("S{i}")).collect();
    let days_of = symbols.iter().cloned().collect();
    let work = ScanWork { symbols, minutes: true, days_of, quotes: true, ..ScanWork::default() };
    let forecast = planner.plan(&work.workload("gap scan", 100), Priority::Scans, 100, None);
    // 5,812 messages at 45 a second.
    assert!(seconds(&forecast) > 129.0, "{forecast:?}");
    assert_eq!((forecast.coverage, forecast.lines_used), (1.0, 100));
    assert_eq!(forecast.requests.values().sum::<usize>(), 4 * 1_453);
    assert_eq!(forecast.phases.len(), 3);
    let sum: SignedDuration = forecast.phases.iter().map(|(_, duration)| *duration).sum();
    assert_eq!(Some(sum), forecast.duration);
}

#[tokio::test]
async fn repeats_and_scanners_wait_for_their_own() {
    let (planner, _) = planner(PacingLimits::default());
    let again = one_phase(9, [vec![bars("A", "TRADES", 60, ""); 4]]);
    let forecast = planner.plan(&again, Priority::Scans, 100, None);
    assert!((45.0..60.0).contains(&seconds(&forecast)), "{forecast:?}");
    assert!(forecast.bottleneck.contains("alike"), "{}", forecast.bottleneck);

    let scans = one_phase(30, (0..30).map(|_| vec![Ask::of(RequestKind::Scanner).into()]));
    let forecast = planner.plan(&scans, Priority::Scans, 100, None);
    assert_eq!(forecast.requests, BTreeMap::from([(RequestKind::Scanner, 30), (RequestKind::Cancel, 30)]));
    assert!(forecast.bottleneck.contains("10 scanners"), "{}", forecast.bottleneck);
}

#[tokio::test]
async fn what_others_hold_without_end_has_no_end() {
    let (planner, _) = planner(PacingLimits::default());
    let streams = one_phase(9, (0..5).map(|i| vec![Ask::real_time_bars(&i.to_string(), "SMART", "TRADES").into()]));
    let forecast = planner.plan(&streams, Priority::Scans, 3, None);
    assert_eq!((forecast.duration, forecast.coverage, forecast.lines_used), (None, 0.6, 3));
    assert!(forecast.bottleneck.contains("held by others"), "{}", forecast.bottleneck);
    assert!(planner.plan(&streams, Priority::Scans, 5, None).duration.is_some());
}

#[tokio::test]
async fn nothing_takes_no_time() {
    let (planner, _) = planner(PacingLimits::default());
    let forecast = planner.plan(&Workload::default(), Priority::Scans, 100, None);
    assert_eq!((forecast.duration, forecast.coverage), (Some(SignedDuration::ZERO), 1.0));
}
