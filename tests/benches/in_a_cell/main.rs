//! The same work in this program and in a notebook's cell: `cargo bench --workspace --bench in_a_cell`.
//!
//! What the library computes was compiled once, with optimisation, so a cell must take as long as the program. Both run in turn; the
//! ratio is of the medians. Preparing the lab is not timed.

use std::{collections::BTreeMap, path::Path, time::Duration};

use bellwether_jobs::lab::{self, Kernels, Places, Quiet};

/// What is timed, as the text of a cell.
const WORK: &str = include_str!("work.rs");
const ROUNDS: usize = 5;

/// The same, compiled into this program. Prints a line `name seconds` for each piece of work.
fn work(out: &mut Vec<(String, f64)>) -> Result<(), Box<dyn std::error::Error>> {
    let mut timed = |name: &str, seconds: f64| out.push((name.to_owned(), seconds));
    include!("work.rs");
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Only what `cargo bench` asks for.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("a checkout")?;
    let lab = lab::prepare(&Places::find(Some(checkout))?, &Quiet)?;

    let mut here: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut seconds = Vec::new();
        work(&mut seconds)?;
        seconds.into_iter().for_each(|(name, seconds)| here.entry(name).or_default().push(seconds));
    }
    let cell = format!("{{ let timed = |name: &str, seconds: f64| println!(\"{{name}} {{seconds}}\"); {WORK} }}");
    let mut cells = vec!["use bellwether::prelude::*;".to_owned()];
    cells.extend(std::iter::repeat_n(cell, ROUNDS));
    let place = bellwether_tests::folder();
    let kernels = Kernels {
        lab,
        folder: place.path().to_owned(),
        log: place.path().join("log"),
        cell: Duration::from_secs(240),
        all: Duration::from_secs(1800),
    };
    let sessions = kernels.run(&[cells], &Quiet)?;
    let mut there: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for outcome in sessions.iter().flatten().skip(1) {
        if !outcome.is_ok() {
            return Err(format!("a cell fails: {}", outcome.said()).into());
        }
        for line in outcome.stdout.lines() {
            if let Some((name, seconds)) = line.rsplit_once(' ') {
                there.entry(name.to_owned()).or_default().push(seconds.parse()?);
            }
        }
    }
    println!("{:<44} {:>10} {:>10} {:>7}", "", "program s", "cell s", "ratio");
    for (name, mut seconds) in here {
        let mut cell = there.remove(&name).ok_or("a piece of work that no cell did")?;
        for all in [&mut seconds, &mut cell] {
            all.sort_by(f64::total_cmp);
        }
        let (program, cell) = (seconds[seconds.len() / 2], cell[cell.len() / 2]);
        println!("{name:<44} {program:>10.4} {cell:>10.4} {:>7.2}", cell / program);
    }
    Ok(())
}
