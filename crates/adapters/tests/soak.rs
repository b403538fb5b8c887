//! The soak: sessions back to back, with faults in each, and the memory that the process holds after each of them.
//!
//! `cargo test` plays a few short ones; `BELLWETHER_SOAK_SESSIONS=8 BELLWETHER_SOAK_HOURS=6 cargo test --test soak --
//! --nocapture` plays eight of a whole regular session. The process is the test's own: nothing else runs in it.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]
#![allow(dead_code, reason = "the stage has more than one story uses")]

#[path = "fault_matrix/stage.rs"]
mod stage;

use std::{sync::Arc, time::Duration};

use bellwether_adapters::ib::{IbSession, SubscriptionKind, SubscriptionState};
use bellwether_gateway::{FaultScript, RandomFaults};
use jiff::civil::Date;

use stage::{Stage, at, market_of, resident_kib, sessions};

const SYMBOLS: usize = 12;
const FAULTS: usize = 6;
/// Simulated seconds per second.
const RATE: f64 = 1_500.0;
/// In the first sessions buffers grow to their bounds; from then on memory may not grow by more than so much.
const MOST_GROWTH: f64 = 0.05;
/// The same where there are few sessions to tell growth from the allocator's habits.
const MOST_GROWTH_OF_FEW: f64 = 0.15;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat_through_sessions_with_faults() {
    let count = setting("BELLWETHER_SOAK_SESSIONS", 4).max(4);
    let hours = i8::try_from(setting("BELLWETHER_SOAK_HOURS", 2)).unwrap();
    let tape = market_of(count - 1);
    let days: Vec<Date> = sessions(count - 1);
    let stage = Stage::with(Arc::clone(&tape), at(days[0], 9, 29), RATE, SYMBOLS).await;
    let symbols: Vec<String> = stage.instruments.iter().map(|instrument| instrument.symbol.to_string()).collect();
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
        memory.push(resident_kib());
        if let Some(next) = days.get(index + 1) {
            stage.clock.advance_to(at(*next, 9, 29));
        }
    }
    println!("resident KiB at the end of each session: {memory:?}; {:?}", stage.session.health().counters);
    stage.session.shutdown().await;
    let mut events = 0;
    for handle in handles {
        events +=
            tokio::time::timeout(Duration::from_secs(10), handle).await.expect("a subscription ends with its session").unwrap();
    }
    println!("{events} events in {count} sessions of {hours} h");
    stage.gateway.shutdown().await;
    // The lowest: what a busy machine has not worked off yet is no leak.
    let lowest = |sessions: &[u64]| sessions.iter().copied().min().unwrap_or_default();
    let (before, after) = (lowest(&memory[1..count / 2 + 1]), lowest(&memory[count - count / 2..]));
    let growth = after as f64 / before as f64 - 1.0;
    println!("growth from the lowest of the first sessions, the very first apart, to that of the last: {:.1} %", 100.0 * growth);
    assert!(growth < if count >= 8 { MOST_GROWTH } else { MOST_GROWTH_OF_FEW }, "{memory:?}");
}
