//! The shipped notebooks: executed from scratch, cell by cell, and compared with what is saved in them.
//!
//! After a change that is meant to move numbers: `BELLWETHER_SAVE_NOTEBOOKS=1 cargo test --test lab notebooks`, look at the
//! notebooks, and commit them.

use std::{fs, path::Path, process::Command};

use bellwether_notebook::Market;
use serde::Deserialize;
use serde_json::Value;

use crate::{LAB, checkout};

/// All of them, in the order in which they are read.
const NOTEBOOKS: [&str; 4] = ["01_first_look.ipynb", "02_features.ipynb", "03_risk.ipynb", "04_scan_research.ipynb"];

#[derive(Deserialize)]
struct Report {
    failed: Option<Value>,
    moved: Vec<Value>,
    seconds: Vec<(usize, f64)>,
    start: f64,
}

fn executed(mode: &str, notebook: &Path) -> Report {
    let output = Command::new(&LAB.python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/notebook.py"))
        .arg(mode)
        .arg(notebook)
        .env("JUPYTER_PATH", &LAB.jupyter_path)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(out.trim_end().lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {out} / {}", String::from_utf8_lossy(&output.stderr)))
}

fn holds(name: &str) {
    let notebook = checkout().join("notebooks").join(name);
    let save = std::env::var_os("BELLWETHER_SAVE_NOTEBOOKS").is_some();
    let report = executed(if save { "save" } else { "check" }, &notebook);
    assert!(report.failed.is_none(), "{name}: a cell fails: {}", report.failed.unwrap());
    assert!(save || report.moved.is_empty(), "{name}: what cells show has moved: {}", serde_json::json!(report.moved));
    let mut seconds: Vec<f64> = report.seconds.iter().map(|(_, seconds)| *seconds).collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "{name}: kernel {:.1} s; {} cells, median {:.2} s, slowest {:.2} s",
        report.start,
        seconds.len(),
        seconds[seconds.len() / 2],
        seconds[seconds.len() - 1]
    );
}

#[test]
fn first_look() {
    holds(NOTEBOOKS[0]);
}

#[test]
fn features() {
    holds(NOTEBOOKS[1]);
}

#[test]
fn risk() {
    holds(NOTEBOOKS[2]);
}

#[test]
fn scan_research() {
    holds(NOTEBOOKS[3]);
}

/// The line at the top, and nothing else, changed to a recorded folder.
#[test]
fn every_notebook_runs_on_a_recorded_folder() {
    let folder = bellwether_tests::folder();
    let recording = folder.path().join("recording");
    let market = Market::generated(3, 40).unwrap();
    market.save(recording.to_str().unwrap()).unwrap();
    // In place of the risk notebook's third stock, which is one of another market's.
    let other = market.symbols().unwrap().remove(0);
    for name in NOTEBOOKS {
        let text = fs::read_to_string(checkout().join("notebooks").join(name)).unwrap();
        let generated = "let market = Market::generated(7, 60)?;";
        let opened = format!("let market = Market::open(\\\"{}\\\")?;", recording.display());
        let text = text.replacen(generated, &opened, 1).replace("DQLN", &other);
        assert!(text.contains(&opened), "{name} does not begin with `{generated}`");
        let notebook = folder.path().join(name);
        fs::write(&notebook, text).unwrap();
        let report = executed("check", &notebook);
        assert!(report.failed.is_none(), "{name}: a cell fails: {}", report.failed.unwrap());
    }
}

/// What a cell shows is a table or a picture: text alone is how the kernel shows a value that it could not ask.
#[test]
fn no_saved_result_is_text_alone() {
    for name in NOTEBOOKS {
        let text = fs::read_to_string(checkout().join("notebooks").join(name)).unwrap();
        let notebook: Value = serde_json::from_str(&text).unwrap();
        for cell in notebook["cells"].as_array().unwrap() {
            for output in cell["outputs"].as_array().into_iter().flatten().filter(|output| output["data"].is_object()) {
                assert!(
                    output["data"]["text/html"].is_array() || output["data"]["text/html"].is_string(),
                    "{name}: {}",
                    cell["source"]
                );
            }
        }
    }
}

/// A number that moved and a cell that fails are found: the test of these tests.
#[test]
fn a_moved_number_and_a_failing_cell_are_found() {
    let folder = bellwether_tests::folder();
    let notebook = |name: &str, source: &str, saved: &str| {
        let path = folder.path().join(name);
        let text = serde_json::json!({
            "cells": [{
                "cell_type": "code", "id": "a", "execution_count": 1, "metadata": {}, "source": source,
                "outputs": [{ "output_type": "stream", "name": "stdout", "text": saved }],
            }],
            "metadata": { "kernelspec": { "name": "bellwether", "display_name": "Bellwether (Rust)", "language": "rust" } },
            "nbformat": 4, "nbformat_minor": 5,
        });
        std::fs::write(&path, text.to_string()).unwrap();
        path
    };
    let right = executed("check", &notebook("right.ipynb", "println!(\"{}\", 0.1 + 0.2);", "0.30000000000000004\n"));
    assert!(right.failed.is_none() && right.moved.is_empty(), "{:?}", right.moved);
    let moved = executed("check", &notebook("moved.ipynb", "println!(\"{}\", 0.1 + 0.2);", "0.30000000000000005\n"));
    assert_eq!((moved.failed.is_none(), moved.moved.len()), (true, 1));
    let failing = executed("check", &notebook("failing.ipynb", "let x: u8 = \"300\".parse()?;", "\n"));
    let failed = failing.failed.expect("a failing `?` fails the cell").to_string();
    assert!(failed.contains("number too large"), "{failed}");
}
