//! Notebooks on the real kernel, over the library that the release build makes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cells;
mod notebooks;
mod parity;
mod rehearsal;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
    time::Duration,
};

use bellwether_jobs::lab::{Kernels, Outcome, Prepared, Quiet};
use bellwether_tests::{folder, program};

/// The lab of this checkout, in the user's cache: prepared once, and in a moment when nothing changed.
static LAB: LazyLock<Prepared> = LazyLock::new(|| {
    let data = folder();
    let output = Command::new(program())
        .args(["lab", "--prepare", "--json", "--checkout"])
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

/// Runs each list of cells in a kernel of its own, all at the same time.
fn sessions(jupyter_path: &Path, cells: &[Vec<String>]) -> Vec<Vec<Outcome>> {
    let place = folder();
    let kernels = Kernels {
        lab: Prepared { jupyter_path: jupyter_path.to_owned(), ..LAB.clone() },
        folder: place.path().to_owned(),
        log: place.path().join("log"),
        cell: Duration::from_secs(240),
        all: Duration::from_secs(1200),
    };
    kernels.run(cells, &Quiet).unwrap()
}

/// Runs cells one after the other in one new kernel.
fn session(cells: &[&str]) -> Vec<Outcome> {
    let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    sessions(&LAB.jupyter_path, &[cells]).remove(0)
}
