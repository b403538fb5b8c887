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
mod tape;
mod tick_events;

use std::collections::BTreeSet;

use bellwether_gateway::{GatewayConfig, Limits, Repetition};
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
    let limits = Limits { messages_per_second: 100_000, repetition: Repetition::AllowedForLongBars, ..Limits::default() };
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

/// What the Python client gets that offers server versions up to `newest`, and the gateway that it asked.
async fn by_python(newest: Option<i32>, steps: &[Step], problems: &mut Vec<String>) -> (Bench, Vec<Got>) {
    let bench = bench().await;
    let client = PythonClient::connect(bench.gateway.addr().port(), CLIENT_ID, newest).await;
    assert_eq!(client.greeting["version"], newest.unwrap_or(225));
    let mut session = Session::Python(Box::new(client));
    let mut got = run(&bench, &mut session, "python", steps, problems).await;
    got.iter_mut().flatten().flatten().for_each(events::in_seconds);
    if let Session::Python(client) = session {
        client.quit().await;
    }
    (bench, got)
}

#[tokio::test]
async fn both_clients_decode_the_same() {
    if python::skipped() {
        return;
    }
    let steps = script::read(SCRIPT);
    let mut problems = Vec::new();
    let bench = bench().await;
    let rust = RustClient::connect(&bench, CLIENT_ID).await;
    assert_eq!(rust.version(), 226);
    let mut rust = Session::Rust(Box::new(rust));
    let by_rust = run(&bench, &mut rust, "rust", &steps, &mut problems).await;
    if let Session::Rust(client) = rust {
        client.quit().await;
    }
    let (bench, python) = by_python(None, &steps, &mut problems).await;

    let mut compared = 0;
    for ((step, rust), python) in steps.iter().zip(&by_rust).zip(&python) {
        if let (Some(rust), Some(python)) = (rust, python) {
            compared += 1;
            problems.extend(difference(rust, python).map(|difference| format!("step `{}`: {difference}", step.name)));
        }
    }
    let by_step = steps.iter().zip(&python).filter_map(|(step, got)| Some((step.name.as_str(), got.as_deref()?)));
    problems.extend(tape::differences(&bench, &by_step.collect()));
    println!("{compared} steps alike with both clients, {} that only one can make", steps.len() - compared);

    // Bodies are the same in every version that has them for all messages.
    for newest in [220, 213] {
        let (_, older) = by_python(Some(newest), &steps, &mut problems).await;
        for ((step, python), older) in steps.iter().zip(&python).zip(&older) {
            let difference = difference(python.as_deref().unwrap_or_default(), older.as_deref().unwrap_or_default());
            problems.extend(difference.map(|it| format!("step `{}` at version {newest}, which is `Python`: {it}", step.name)));
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
