//! A session written down is the session: what the gateway told comes back from the folder.

use std::sync::{Arc, Mutex};

use bellwether::market::{Clock, Tick};
use bellwether_adapters::{
    FileSource,
    record::{Progress, Recorder, RecordingPlan, record},
};
use bellwether_gateway::Fault;
use jiff::SignedDuration;

use crate::market::{Simulated, at};

#[tokio::test]
async fn a_recorded_session_comes_back_whole_even_when_the_connection_was_lost_meanwhile() {
    let simulated = Simulated::start(at(10, 0), 60.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(3)).await.instruments;
    let symbols: Vec<_> = instruments.iter().map(|instrument| instrument.symbol.clone()).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::open(folder.path()).unwrap();
    let plan = RecordingPlan {
        instruments,
        ticks: vec![symbols[0].clone()],
        depth: vec![(symbols[1].clone(), 5)],
        history_sessions: 1,
        headlines: true,
    };
    let clock = Arc::clone(&simulated.clock);
    let faults = simulated.gateway.faults().clone();
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let ended = Mutex::new(at(0, 0));
    let stop = async {
        // What was before is had; what comes now is recorded as it goes.
        while told.lock().unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let began = clock.now();
        let mut cut = false;
        while clock.now() < began + SignedDuration::from_mins(6) {
            if !cut && clock.now() >= began + SignedDuration::from_mins(2) {
                cut = true;
                faults.inject(&Fault::KillSockets { client: None }).unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        *ended.lock().unwrap() = clock.now();
    };
    let tell = |progress: &Progress| told.lock().unwrap().push(progress.clone());
    let recorded = record(&session, &*clock as &dyn Clock, &plan, &mut recorder, stop, tell).await.unwrap();
    drop(recorder);
    assert!(recorded.ticks > 0 && recorded.depth > 0 && recorded.bars > 0, "{recorded:?}");
    assert!(told.lock().unwrap().last().unwrap().missing.is_empty(), "{:?}", told.lock().unwrap().last());

    let files = FileSource::open(folder.path()).unwrap();
    assert!(files.faults().is_empty(), "{:?}", files.faults());
    let tape = &simulated.market.tape;
    for symbol in &symbols {
        let (from, until) = (at(9, 30), *ended.lock().unwrap() - SignedDuration::from_mins(2));
        let ours = files.minutes().series(symbol.as_str()).starting_in(from, until);
        let theirs = tape.minutes().series(symbol.as_str()).starting_in(from, until);
        assert_eq!((ours.open_at, ours.close, ours.volume), (theirs.open_at, theirs.close, theirs.volume), "{symbol}");
        let before = files.minutes().series(symbol.as_str()).starting_in(at(0, 0) - SignedDuration::from_hours(24 * 4), at(0, 0));
        assert!(!before.is_empty(), "the session before is there too");
        assert!(!files.daily().series(symbol.as_str()).is_empty());
    }
    let ticks = &files.ticks()[&symbols[0]];
    assert!(ticks.iter().any(|tick| matches!(tick, Tick::Trade(_))) && ticks.iter().any(|tick| matches!(tick, Tick::BidAsk(_))));
    assert_eq!(ticks.len() as u64, recorded.ticks);
    assert_eq!(files.depth()[&symbols[1]].len() as u64, recorded.depth);
    simulated.end(session).await;
}

/// What was had stays, what was not is not waited for.
#[tokio::test]
async fn a_recording_ends_when_it_is_told_to_though_its_history_is_still_being_fetched() {
    const SYMBOLS: usize = 40;
    let simulated = Simulated::start(at(10, 0), 1.0).await;
    let session = simulated.session().await;
    let instruments = session.qualify(&simulated.symbols(SYMBOLS)).await.instruments;
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::open(folder.path()).unwrap();
    let plan = RecordingPlan { instruments, history_sessions: 2, ..RecordingPlan::default() };
    let received = || simulated.gateway.stats().messages_received;
    // Every symbol's daily bars, and the minutes of some.
    let enough = received() + SYMBOLS as u64 + 20;
    let stop = async {
        while received() < enough {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let clock: Arc<dyn Clock> = Arc::clone(&simulated.clock) as _;
    let recorded = record(&session, &*clock, &plan, &mut recorder, stop, |_| {}).await.unwrap();
    assert!(recorded.bars > 0 && recorder.has_minute_bars(), "{recorded:?}");
    drop(recorder);
    let files = FileSource::open(folder.path()).unwrap();
    assert_eq!(files.daily().symbols().len(), SYMBOLS);
    let minutes = files.minutes().symbols().len();
    assert!((1..SYMBOLS).contains(&minutes), "minutes of {minutes} symbols");
    simulated.end(session).await;
}
