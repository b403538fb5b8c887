//! Fits of the GARCH family beside the Python package `arch`, on the same series, round by round.
//!
//! `cargo bench --workspace --bench garch`; `BELLWETHER_PEER_PYTHON` names a Python with `arch`. One thread. Both build the model,
//! fit it and compute both kinds of standard errors. Also printed: likelihood evaluations a fit costs, and what one costs an
//! observation.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]

use std::{
    hint::black_box,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    time::Instant,
};

use bellwether::risk::garch::Specification;
use serde_json::{Value, json};

const ROUNDS: usize = 9;

/// Model, parameters that simulate it, returns, and the largest share of the peer's time it may take.
const CASES: [(&str, &[f64], usize, f64); 8] = [
    ("constant garch t", &[0.05, 0.02, 0.09, 0.9, 6.0], 1_000, 1.0 / 15.0),
    ("constant garch t", &[0.05, 0.02, 0.09, 0.9, 6.0], 5_000, 1.0 / 8.0),
    ("constant garch normal", &[0.05, 0.02, 0.09, 0.9], 5_000, 1.0 / 8.0),
    ("constant garch skewt", &[0.05, 0.02, 0.09, 0.9, 6.0, -0.1], 5_000, 1.0 / 8.0),
    ("constant gjr t", &[0.05, 0.02, 0.02, 0.14, 0.9, 6.0], 5_000, 1.0 / 8.0),
    ("constant egarch t", &[0.05, 0.0, 0.15, -0.12, 0.98, 6.0], 5_000, 1.0 / 8.0),
    ("constant gjr t", &[0.05, 0.02, 0.02, 0.14, 0.9, 6.0], 1_000, 1.0 / 8.0),
    ("constant egarch t", &[0.05, 0.0, 0.15, -0.12, 0.98, 6.0], 1_000, 1.0 / 8.0),
];

/// A Python that fits what it is sent, and answers with seconds.
struct Peer(Child, BufReader<ChildStdout>);

impl Peer {
    fn start() -> Option<Self> {
        let python = std::env::var("BELLWETHER_PEER_PYTHON").ok()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/garch_peer.py");
        let mut child =
            Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the peer starts");
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Self(child, answers))
    }

    fn seconds(&mut self, case: &Value) -> f64 {
        writeln!(self.0.stdin.as_mut().unwrap(), "{case}").unwrap();
        let mut answer = String::new();
        self.1.read_line(&mut answer).unwrap();
        answer.trim().parse().expect("seconds")
    }
}

fn median_of(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn main() {
    let mut peer = Peer::start();
    if peer.is_none() {
        println!("BELLWETHER_PEER_PYTHON is not set: our times alone");
    }
    println!(
        "{:24} {:>6} {:>12} {:>12} {:>8} {:>8} {:>6} {:>9}",
        "model", "n", "ours ms", "arch ms", "ratio", "bar", "evals", "ns/eval/n"
    );
    for (name, parameters, count, bar) in CASES {
        let model: Specification = name.parse().unwrap();
        let returns = model.simulate(parameters, count, 11).unwrap().returns;
        let [mean, volatility, distribution] = name.split(' ').collect::<Vec<_>>()[..] else { unreachable!() };
        let case = json!({ "mean": mean, "vol": volatility, "dist": distribution, "returns": returns });
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let evaluations = model.fit(&returns).unwrap().report.unwrap().evaluations;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            black_box(model.fit(black_box(&returns)).unwrap());
            ours.push(began.elapsed().as_secs_f64());
            theirs.extend(peer.as_mut().map(|peer| peer.seconds(&case)));
        }
        let began = Instant::now();
        let times = 200;
        for _ in 0..times {
            black_box(model.at(black_box(parameters), &returns).unwrap());
        }
        let each = began.elapsed().as_secs_f64() / times as f64 / count as f64 * 1e9;
        let median = median_of(&mut ours);
        let peer_median = if theirs.is_empty() { f64::NAN } else { median_of(&mut theirs) };
        let ratio = median / peer_median;
        println!(
            "{name:24} {count:6} {:12.3} {:12.3} {ratio:8.4} {bar:8.4} {evaluations:6} {each:9.2}",
            median * 1e3,
            peer_median * 1e3,
        );
    }
}
