//! Copulas fitted, beside pyvinecopulib where Python has it.
//!
//! `cargo bench --workspace --bench copula`; `BELLWETHER_PEER_PYTHON` names a Python with `numpy` and `pyvinecopulib`, and the runs
//! of both are interleaved then, on the same data and with one thread. A pair has 1,000 rows of a t copula, the vine 2,000 rows of
//! five columns.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]

use std::{hint::black_box, process::Command, time::Instant};

use bellwether::risk::copula::{
    CorrelationMatrix, EllipticalCopula, Family, PairCopula, Rotation, SelectConfig, fit, pseudo_observations, select,
    select_vine,
};
use rayon::ThreadPoolBuilder;

const ROUNDS: usize = 5;

/// What is measured, passes a round, and how many times the peer's duration it may take.
const WORKLOADS: [(&str, usize, Option<f64>); 11] = [
    ("t fit", 31, Some(0.1)),
    ("gaussian fit", 101, Some(1.0)),
    ("clayton fit", 31, Some(1.0)),
    ("gumbel fit", 31, Some(1.0)),
    ("frank fit", 31, Some(1.0)),
    ("joe fit", 31, None),
    ("bb1 fit", 31, None),
    ("bb7 fit", 31, None),
    ("family by AIC", 15, None),
    ("vine of 5", 5, Some(0.2)),
    ("t density", 101, None),
];

const COMPARED: [Family; 6] =
    [Family::Independence, Family::Gaussian, Family::StudentT, Family::Clayton, Family::Gumbel, Family::Frank];

/// Ranks of draws from a t copula with 5 degrees of freedom, all correlations alike.
fn data(size: usize, rows: usize, correlation: f64) -> Vec<Vec<f64>> {
    let matrix = (0..size).map(|i| (0..size).map(|j| if i == j { 1.0 } else { correlation }).collect()).collect();
    let copula = EllipticalCopula::student(CorrelationMatrix::new(matrix).unwrap(), 5.0).unwrap();
    copula.simulate(rows, 1).iter().map(|column| pseudo_observations(column).unwrap()).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Median seconds of several passes after one that is not counted.
fn seconds(passes: usize, work: impl Fn()) -> f64 {
    work();
    let once = || {
        let began = Instant::now();
        work();
        began.elapsed().as_secs_f64()
    };
    median((0..passes).map(|_| once()).collect())
}

fn main() {
    let (pair, five) = (data(2, 1_000, 0.6), data(5, 2_000, 0.5));
    let (u, v) = (&pair[0], &pair[1]);
    let columns: Vec<&[f64]> = five.iter().map(Vec::as_slice).collect();
    let config = SelectConfig { families: COMPARED.to_vec(), ..SelectConfig::default() };
    let density = PairCopula::new(Family::StudentT, Rotation::R0, &[0.6, 5.0]).unwrap();
    let fitted = |family: Family| drop(black_box(fit(family, Rotation::R0, u, v).unwrap()));
    let works: [&dyn Fn(); 11] = [
        &|| fitted(Family::StudentT),
        &|| fitted(Family::Gaussian),
        &|| fitted(Family::Clayton),
        &|| fitted(Family::Gumbel),
        &|| fitted(Family::Frank),
        &|| fitted(Family::Joe),
        &|| fitted(Family::Bb1),
        &|| fitted(Family::Bb7),
        &|| drop(black_box(select(u, v, &config).unwrap())),
        &|| drop(black_box(select_vine(&columns, &config).unwrap())),
        &|| drop(black_box(density.density(u, v).unwrap())),
    ];
    ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    let python = std::env::var("BELLWETHER_PEER_PYTHON").ok();
    let file = std::env::temp_dir().join(format!("bellwether-copula-{}.json", std::process::id()));
    std::fs::write(&file, serde_json::json!({ "pair": pair, "five": five }).to_string()).unwrap();
    let mut ours = vec![Vec::new(); works.len()];
    let mut peers = vec![Vec::new(); works.len()];
    for _ in 0..ROUNDS {
        for ((work, (_, passes, _)), times) in works.iter().zip(WORKLOADS).zip(&mut ours) {
            times.push(seconds(passes, work));
        }
        if let Some(python) = &python {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/copula_peer.py");
            let threads = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"].map(|name| (name, "1"));
            let output = Command::new(python).arg(script).arg(&file).envs(threads).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let found: Vec<f64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
            assert_eq!(found.len(), works.len(), "{}", String::from_utf8_lossy(&output.stderr));
            peers.iter_mut().zip(found).for_each(|(times, found)| times.push(found));
        }
    }
    std::fs::remove_file(&file).unwrap();
    println!("median of {ROUNDS} rounds, one thread, ms");
    for (((name, _, target), ours), peers) in WORKLOADS.iter().zip(ours).zip(peers) {
        let ours = 1e3 * median(ours);
        let target = target.map_or_else(String::new, |target| format!(" (target {target:.2})"));
        if peers.is_empty() {
            println!("  {name:<14} {ours:9.3}   pyvinecopulib: name a Python that has it in BELLWETHER_PEER_PYTHON");
        } else {
            let peer = 1e3 * median(peers);
            println!("  {name:<14} {ours:9.3}   pyvinecopulib {peer:9.3}   ratio {:.3}{target}", ours / peer);
        }
    }
    let two = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let vine = two.install(|| seconds(5, || drop(black_box(select_vine(&columns, &config).unwrap()))));
    println!("  vine of 5, two threads: {:.3} ms", 1e3 * vine);
}
