//! What is there, and whether a cell answers.

use std::{process::Command, time::Duration};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use super::{
    Progress, external, jupyter, kernel, launcher, library,
    places::Places,
    toolchain::{self, Toolchain},
};

/// One thing that the lab needs.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What it is.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
    /// What was found; when it is not good, what to do.
    pub detail: String,
}

/// A kernel is started, answers one cell, and is shut down.
const FIRST_CELL: &str = include_str!("first_cell.py");

/// What the script prints.
#[derive(Deserialize)]
struct FirstCell {
    seconds: f64,
    status: String,
    said: String,
}

/// Looks at everything that the lab needs and changes nothing.
///
/// # Errors
/// Never for what it looks at: that is a finding.
pub fn check(places: &Places, progress: &dyn Progress) -> anyhow::Result<Vec<Finding>> {
    let tools = toolchain::find(&places.checkout);
    let rust = tools.as_ref().map(|tools| tools.version.clone()).map_err(|error| anyhow::anyhow!("{error:#}"));
    let mut findings = vec![
        finding("checkout", Ok(places.checkout.display().to_string())),
        finding("cache", Ok(places.cache.display().to_string())),
        finding("Rust", rust),
    ];
    if let Ok(tools) = &tools {
        findings.push(finding("sources of std", sources(places, tools)));
    }
    findings.push(finding("Jupyter", jupyter(places)));
    findings.push(finding("Rust kernel", kernel_program(places)));
    findings.push(finding("library", newest(places)));
    if findings.iter().all(|finding| finding.good) {
        findings.push(finding("first cell", first_cell(places, progress)));
    }
    Ok(findings)
}

fn finding(what: &'static str, outcome: anyhow::Result<String>) -> Finding {
    match outcome {
        Ok(detail) => Finding { what, good: true, detail },
        Err(error) => Finding { what, good: false, detail: format!("{error:#}") },
    }
}

fn sources(places: &Places, tools: &Toolchain) -> anyhow::Result<String> {
    let copy = toolchain::std_copy(places, tools);
    ensure!(
        copy.is_dir(),
        "not there: variables need their type written down until `rustup component add rust-src` and `bellwether lab --prepare`"
    );
    Ok(copy.display().to_string())
}

fn jupyter(places: &Places) -> anyhow::Result<String> {
    let python = jupyter::python(places)?;
    ensure!(python.exists(), "not installed: run `bellwether lab --prepare`");
    external::ask(Command::new(&python).args(["-m", "jupyter", "lab", "--version"]))
        .map(|version| format!("JupyterLab {version}"))
}

fn kernel_program(places: &Places) -> anyhow::Result<String> {
    let program = kernel::program(places);
    ensure!(program.is_file(), "not installed: run `bellwether lab --prepare`");
    Ok(program.display().to_string())
}

fn newest(places: &Places) -> anyhow::Result<String> {
    let id = std::fs::read_to_string(places.newest()).context("not built for this checkout: run `bellwether lab --prepare`")?;
    ensure!(places.library(&id).is_dir(), "library {id} is gone from the cache: run `bellwether lab --prepare`");
    ensure!(library::is_current(places)?, "library {id} is older than the sources: run `bellwether lab --prepare`");
    Ok(id)
}

fn first_cell(places: &Places, progress: &dyn Progress) -> anyhow::Result<String> {
    progress.begin("first cell");
    let mut command = Command::new(jupyter::python(places)?);
    command.args(["-c", FIRST_CELL, launcher::NAME]).env("JUPYTER_PATH", places.jupyter_path());
    let output = external::run(command, &places.log("first_cell"), Duration::from_secs(180), progress)?;
    // The kernel writes to the same standard output before.
    let last = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let cell: FirstCell = serde_json::from_slice(last).context("the first cell gave no answer that can be read")?;
    ensure!(cell.status == "ok", "a kernel starts, but its first cell fails: {}", cell.said);
    Ok(format!("answers {:.1} s after the start of a kernel", cell.seconds))
}
