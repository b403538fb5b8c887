//! Notebooks on the real kernel, over the library that the release build makes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cells;
mod notebooks;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use bellwether_tests::{folder, program};
use serde::Deserialize;

/// What `bellwether lab --prepare --json` says.
#[derive(Deserialize)]
struct Lab {
    python: PathBuf,
    jupyter_path: PathBuf,
    library: String,
}

/// The lab of this checkout, in the user's cache: prepared once, and in a moment when nothing changed.
static LAB: LazyLock<Lab> = LazyLock::new(|| {
    let data = folder();
    let output = Command::new(program())
        .args(["lab", "--prepare", "--json", "--source"])
        .arg(checkout())
        .current_dir(data.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("what was prepared")
});

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What came of a cell.
#[derive(Debug, Clone, Deserialize)]
struct Outcome {
    status: String,
    stdout: String,
    stderr: String,
    error: String,
}

/// Runs each list of cells in a kernel of its own, all at the same time.
fn sessions(jupyter_path: &Path, cells: &[Vec<String>]) -> Vec<Vec<Outcome>> {
    let mut python = Command::new(&LAB.python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/session.py"))
        .env("JUPYTER_PATH", jupyter_path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let order = serde_json::json!({ "kernel": "bellwether", "sessions": cells });
    python.stdin.take().unwrap().write_all(order.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let last = out.trim_end().lines().last().unwrap_or_default();
    let outcomes: Vec<Vec<Outcome>> =
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {out} / {}", String::from_utf8_lossy(&output.stderr)));
    for (cells, outcomes) in cells.iter().zip(&outcomes) {
        assert_eq!(cells.len(), outcomes.len(), "a session ended early: {}", String::from_utf8_lossy(&output.stderr));
    }
    outcomes
}

/// Runs cells one after the other in one new kernel.
fn session(cells: &[&str]) -> Vec<Outcome> {
    let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    sessions(&LAB.jupyter_path, &[cells]).remove(0)
}
