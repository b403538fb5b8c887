//! Cells run in new kernels by a program: what `--check`, the parity certificate and the tests do.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::{Prepared, external, launcher, progress::Progress};

const SCRIPT: &str = include_str!("cells.py");

/// Where kernels are found, where they start, and for how long.
///
/// | Field | Purpose |
/// |---|---|
/// | `lab` | what was prepared |
/// | `folder` | where kernels start: relative paths in cells begin there, and a `schedules.toml` in it is used |
/// | `log` | file for what Jupyter and the kernel say beside the cells |
/// | `cell` | how long the start of a kernel, and each cell, may take |
/// | `all` | how long all of it may take |
#[derive(Debug, Clone)]
pub struct Kernels {
    /// What was prepared.
    pub lab: Prepared,
    /// Where kernels start.
    pub folder: PathBuf,
    /// What Jupyter and the kernel say beside the cells.
    pub log: PathBuf,
    /// For one cell.
    pub cell: Duration,
    /// For everything.
    pub all: Duration,
}

/// What came of a cell.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    /// `ok` or `error`.
    pub status: String,
    /// What it printed.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What it showed as HTML.
    pub html: String,
    /// What it showed as text.
    pub text: String,
    /// Why it failed, as the kernel says it.
    pub error: String,
    /// How long it took.
    pub seconds: f64,
    /// From the start of the kernel to its end.
    pub since_start: f64,
}

impl Outcome {
    /// Whether the cell did not fail.
    pub fn is_ok(&self) -> bool {
        self.status == "ok"
    }

    /// Everything that it wrote, and why it failed: for an error's message.
    pub fn said(&self) -> String {
        let parts = [&self.stdout, &self.stderr, &self.error].map(|part| part.trim());
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

impl Kernels {
    /// Runs each list of cells in a kernel of its own, all at the same time. A cell that fails does not end its list.
    ///
    /// # Errors
    /// When a kernel does not start or a cell takes too long, with the end of what was said.
    pub fn run(&self, sessions: &[Vec<String>], progress: &dyn Progress) -> anyhow::Result<Vec<Vec<Outcome>>> {
        let mut order = tempfile::NamedTempFile::new().context("no file for the cells")?;
        let json = serde_json::json!({ "kernel": launcher::NAME, "cell_seconds": self.cell.as_secs(), "sessions": sessions });
        order.write_all(json.to_string().as_bytes())?;
        order.flush()?;
        let mut command = Command::new(&self.lab.python);
        command.args([Path::new("-c"), Path::new(SCRIPT), order.path()]);
        command.env("JUPYTER_PATH", &self.lab.jupyter_path).current_dir(&self.folder);
        let output = external::run(command, &self.log, self.all, progress)?;
        // The kernel writes to the same standard output before.
        let last = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let outcomes: Vec<Vec<Outcome>> = serde_json::from_slice(last).context("the cells gave no answer that can be read")?;
        let complete = outcomes.len() == sessions.len() && sessions.iter().zip(&outcomes).all(|(a, b)| a.len() == b.len());
        ensure!(complete, "not every cell was run; what was said is in {}", self.log.display());
        Ok(outcomes)
    }
}
