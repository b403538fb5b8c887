//! The soak: sessions back to back, with faults in each, and the memory that is allocated after each of them.
//!
//! `cargo test` plays a few short ones; `BELLWETHER_SOAK_SESSIONS=8 BELLWETHER_SOAK_HOURS=6 cargo test --test soak --
//! --nocapture` plays eight of a whole regular session. The process is the test's own: nothing else runs in it.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]
#![allow(dead_code, reason = "the stage has more than one story uses")]

#[path = "fault_matrix/stage.rs"]
mod stage;

use std::{sync::Arc, time::Duration};

use bellwether::market::Symbol;
use bellwether_adapters::ib::{IbSession, SubscriptionKind, SubscriptionState};
use bellwether_gateway::{FaultScript, RandomFaults};
use jiff::civil::Date;
use peak_alloc::PeakAlloc;

use stage::{Stage, at, market_of, resident_kib, sessions};

/// Counts what is allocated and not given back. What the process has resident is besides a habit of the allocator: with an arena for
/// each thread it grows for dozens of sessions.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const SYMBOLS: usize = 12;
const FAULTS: usize = 6;
/// Simulated seconds per second.
const RATE: f64 = 1_500.0;
/// In the first sessions buffers grow to their bounds; from then on what is allocated may not grow by more than so much.
const MOST_GROWTH: f64 = 0.05;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

async fn settled(session: &IbSession) -> bool {
    let all = async {
        while session.health().subscriptions.iter().any(|it| it.state != SubscriptionState::Live) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.is_ok()
}

/// The lowest over a while: an answer on its way is no growth.
async fn allocated_kib() -> usize {
    let mut lowest = usize::MAX;
    for _ in 0..50 {
        lowest = lowest.min(ALLOCATED.current_usage() >> 10);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    lowest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat_through_sessions_with_faults() {
    let count = setting("BELLWETHER_SOAK_SESSIONS", 4).max(4);
    let hours = i8::try_from(setting("BELLWETHER_SOAK_HOURS", 2)).unwrap();
    let tape = market_of(count - 1);
    let days: Vec<Date> = sessions(count - 1);
    let stage = Stage::with(Arc::clone(&tape), at(days[0], 9, 29), RATE, SYMBOLS).await;
    let symbols: Vec<String> = stage.instruments.iter().map(|instrument| instrument.symbol.to_string()).collect();
    // The market adds its days up when it is first asked for them: that is no growth.
    for (day, symbol) in days.iter().flat_map(|day| symbols.iter().map(move |symbol| (day, symbol))) {
        tape.volume_at(&Symbol::new(symbol).unwrap(), at(*day, 12, 0));
    }
    // Nothing is written down: what grows here would be the adapter's.
    let mut handles = Vec::new();
    for instrument in &stage.instruments {
        for kind in [SubscriptionKind::Quotes, SubscriptionKind::FiveSecondBars] {
            let handle = stage.session.subscribe(bellwether_adapters::ib::Subscription { instrument: instrument.clone(), kind });
            handles.push(tokio::spawn(async move {
                let mut handle = handle;
                let mut events = 0_u64;
                while handle.next().await.is_some() {
                    events += 1;
                }
                events
            }));
        }
    }
    let mut memory = Vec::new();
    for (index, day) in days.iter().enumerate() {
        stage.wait_for(at(*day, 9, 31)).await;
        let choice =
            RandomFaults { from: at(*day, 9, 32), until: at(*day, 9 + hours, 20), count: FAULTS, symbols: symbols.clone() };
        stage.gateway.run_script(&FaultScript::random(1_000 + index as u64, &choice).unwrap()).unwrap();
        stage.wait_for(at(*day, 9 + hours, 30)).await;
        assert!(settled(&stage.session).await, "{day}: {:?}", stage.session.health().subscriptions);
        memory.push(allocated_kib().await);
        if let Some(next) = days.get(index + 1) {
            stage.clock.advance_to(at(*next, 9, 29));
        }
    }
    println!(
        "allocated KiB at the end of each session: {memory:?}; resident: {}; {:?}",
        resident_kib(),
        stage.session.health().counters
    );
    stage.session.shutdown().await;
    let mut events = 0;
    for handle in handles {
        events +=
            tokio::time::timeout(Duration::from_secs(10), handle).await.expect("a subscription ends with its session").unwrap();
    }
    println!("{events} events in {count} sessions of {hours} h");
    stage.gateway.shutdown().await;
    // The lowest: what a busy machine has not worked off yet is no leak.
    let lowest = |sessions: &[usize]| sessions.iter().copied().min().unwrap_or_default();
    let (before, after) = (lowest(&memory[1..count / 2 + 1]), lowest(&memory[count - count / 2..]));
    let growth = after as f64 / before as f64 - 1.0;
    println!("growth from the lowest of the first sessions, the very first apart, to that of the last: {:.1} %", 100.0 * growth);
    assert!(growth < MOST_GROWTH, "{memory:?}");
}
