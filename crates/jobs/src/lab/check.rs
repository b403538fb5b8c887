//! What is there, and whether a cell answers.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::{
    Kernels, Prepared, inputs, jupyter, kernel,
    places::Places,
    progress::Progress,
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
    findings.push(finding("Jupyter", jupyter::installed(places)));
    findings.push(finding("Rust kernel", kernel_program(places)));
    let library = newest(places);
    let lab = library.as_ref().ok().map(|id| Prepared::of(places, id.clone()));
    findings.push(finding("library", library));
    if let Some(lab) = lab.filter(|_| findings.iter().all(|finding| finding.good)) {
        findings.push(finding("first cell", lab.and_then(|lab| first_cell(places, lab, progress))));
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

fn kernel_program(places: &Places) -> anyhow::Result<String> {
    let program = kernel::program(places);
    ensure!(program.is_file(), "not installed: run `bellwether lab --prepare`");
    Ok(program.display().to_string())
}

fn newest(places: &Places) -> anyhow::Result<String> {
    let id = std::fs::read_to_string(places.newest()).context("not built for this checkout: run `bellwether lab --prepare`")?;
    ensure!(places.library(&id).is_dir(), "library {id} is gone from the cache: run `bellwether lab --prepare`");
    let made_from = std::fs::read_to_string(places.inputs()).unwrap_or_default();
    let now = inputs::digest(places, &toolchain::find(&places.checkout)?)?;
    ensure!(made_from == now, "library {id} is not of the sources as they are: run `bellwether lab --prepare`");
    Ok(id)
}

/// What a preparation of this checkout left, if all of it is there and of the sources as they are now.
///
/// # Errors
/// What is missing or old, and that `bellwether lab --prepare` makes it.
pub fn prepared(places: &Places) -> anyhow::Result<Prepared> {
    let ready = || -> anyhow::Result<Prepared> {
        let lab = Prepared::of(places, newest(places)?)?;
        kernel_program(places).context("Rust kernel")?;
        jupyter::installed(places).context("Jupyter")?;
        Ok(lab)
    };
    ready().with_context(|| format!("the lab of {} is not ready", places.checkout.display()))
}

fn first_cell(places: &Places, lab: Prepared, progress: &dyn Progress) -> anyhow::Result<String> {
    progress.begin("first cell");
    let kernels = Kernels {
        lab,
        folder: places.checkout.clone(),
        log: places.log("first_cell"),
        cell: Duration::from_secs(150),
        all: Duration::from_secs(180),
    };
    let outcomes = kernels.run(&[vec!["use bellwether::prelude::*;".to_owned()]], progress)?;
    let cell = outcomes.first().and_then(|cells| cells.first()).context("the first cell gave no answer")?;
    ensure!(cell.is_ok(), "a kernel starts, but its first cell fails: {}", cell.said());
    Ok(format!("answers {:.1} s after the start of a kernel", cell.since_start))
}
