//! Two client libraries that were not written here run one script of requests against the gateway.
//!
//! ```text
//! script.json ─► ibapi (Rust)            ─► events ┐
//!            └─► nautilus-ibapi (Python) ─► events ┴► what the script expects? the same from both?
//! ```
//! Each client has a gateway of its own, alike to the bit, whose clock stands still except where the script moves it. An
//! event is what a client made of a message (see `answers.py` and `events.rs`). A step that a client cannot make is marked
//! so in the script with the reason, which must be the one that the client's runner finds.

mod account_events;
mod bodies;
mod events;
mod feed;
mod programs;
mod python;
mod rust_account;
mod rust_client;
mod rust_market;
mod script;
mod tick_events;

use std::collections::BTreeSet;

use bellwether_gateway::{GatewayConfig, Limits};
use serde_json::json;

use crate::bench::{Bench, PATIENCE, instant};
use events::Event;
use python::PythonClient;
use rust_client::RustClient;
use script::{Action, Step, stream_of};

const SCRIPT: &str = include_str!("script.json");
const CLIENT_ID: i32 = 7;

/// What became of a step's request.
enum Outcome {
    Asked,
    /// The client has no way to ask this.
    Cannot(String),
}

enum Session {
    Rust(Box<RustClient>),
    Python(Box<PythonClient>),
}

impl Session {
    async fn ask(&mut self, step: &Step) -> Outcome {
        match self {
            Self::Rust(client) => client.ask(step).await,
            Self::Python(client) => client.ask(step).await,
        }
    }

    async fn fence(&mut self) -> Vec<Event> {
        match self {
            Self::Rust(client) => client.fence().await,
            Self::Python(client) => client.fence().await,
        }
    }
}

/// What one client got in one step; `None` when it could not make the step.
type Got = Option<Vec<Event>>;

/// A gateway whose limits are the usual ones, save that a clock that stands still makes every message one of the same
/// second.
async fn bench() -> Bench {
    let limits = Limits { messages_per_second: 100_000, ..Limits::default() };
    Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await
}

async fn run(bench: &Bench, session: &mut Session, name: &str, steps: &[Step], problems: &mut Vec<String>) -> Vec<Got> {
    let mut all = Vec::new();
    // The unasked news of a new session.
    session.fence().await;
    for step in steps {
        if let Action::Advance(to) = &step.action {
            bench.clock.advance_to(instant(to));
        } else if let Outcome::Cannot(reason) = session.ask(step).await {
            if step.cannot(name) != Some(reason.as_str()) {
                problems.push(format!("step `{}`: the {name} client {reason}; the script knows nothing of it", step.name));
            }
            all.push(None);
            continue;
        }
        if let Some(reason) = step.cannot(name) {
            problems.push(format!("step `{}`: the {name} client can, though the script says that it {reason}", step.name));
        }
        let mut got = session.fence().await;
        let began = std::time::Instant::now();
        // Quotes, bars and acknowledgements follow in their own time.
        while !step.satisfied(&got) && began.elapsed() < PATIENCE {
            tokio::task::yield_now().await;
            got.extend(session.fence().await);
        }
        // What came may be the first of one moment's messages: the fence waits for the moment to be over.
        got.extend(session.fence().await);
        if let Some(surprise) = step.surprise(&got) {
            problems.push(format!("step `{}` with the {name} client: {surprise}", step.name));
        }
        all.push(Some(got));
    }
    all
}

/// The first event that the clients decoded differently. Events of a stream have an order; between streams there is none.
fn difference(rust: &[Event], python: &[Event]) -> Option<String> {
    let streams: BTreeSet<&str> = rust.iter().chain(python).map(stream_of).collect();
    let of = |events: &[Event], name: &str| -> Vec<Event> {
        events.iter().filter(|event| stream_of(event) == name).cloned().collect()
    };
    streams.into_iter().find_map(|name| {
        let (rust, python) = (of(rust, name), of(python, name));
        let at = (0..rust.len().max(python.len())).find(|at| rust.get(*at) != python.get(*at))?;
        let shown = |event: Option<&Event>| event.map_or("nothing".to_owned(), |event| json!(event).to_string());
        Some(format!("`{name}` differs at {at}:\n  Rust   {}\n  Python {}", shown(rust.get(at)), shown(python.get(at))))
    })
}

#[tokio::test]
async fn both_clients_decode_the_same() {
    if python::skipped() {
        return;
    }
    let steps = script::read(SCRIPT);
    let (one, two) = (bench().await, bench().await);
    let rust = RustClient::connect(&one, CLIENT_ID).await;
    assert_eq!(rust.version(), 226);
    let python = PythonClient::connect(two.gateway.addr().port(), CLIENT_ID, None).await;
    assert_eq!(python.greeting["version"], 225);
    let (mut rust, mut python) = (Session::Rust(Box::new(rust)), Session::Python(Box::new(python)));
    let mut problems = Vec::new();
    let by_rust = run(&one, &mut rust, "rust", &steps, &mut problems).await;
    let mut by_python = run(&two, &mut python, "python", &steps, &mut problems).await;
    by_python.iter_mut().flatten().flatten().for_each(events::in_seconds);

    let mut compared = 0;
    for ((step, rust), python) in steps.iter().zip(&by_rust).zip(&by_python) {
        if let (Some(rust), Some(python)) = (rust, python) {
            compared += 1;
            problems.extend(difference(rust, python).map(|difference| format!("step `{}`: {difference}", step.name)));
        }
    }
    let only_one = steps.len() - compared;
    println!("{compared} steps alike with both clients, {only_one} that only one can make");
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    if let (Session::Rust(rust), Session::Python(python)) = (rust, python) {
        rust.quit().await;
        python.quit().await;
    }
}
