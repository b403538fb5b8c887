//! `bellwether lab`: notebooks on the Rust kernel.

use std::{os::unix::process::CommandExt as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Global, output};
use crate::lab::{self, Places, Progress};

/// Arguments of `lab`.
#[derive(Debug, clap::Args)]
pub(super) struct LabArgs {
    /// Look at what is there and try a cell; change nothing
    #[arg(long, conflicts_with_all = ["prepare", "no_open"])]
    check: bool,
    /// Make everything ready, but do not start Jupyter
    #[arg(long)]
    prepare: bool,
    /// Start Jupyter without a browser, as on a server
    #[arg(long)]
    no_open: bool,
    /// The checkout whose library is used [default: around the current folder]
    #[arg(long, value_name = "DIR")]
    checkout: Option<PathBuf>,
    /// The folder that Jupyter opens [default: notebooks in the checkout]
    #[arg(long, value_name = "DIR")]
    notebooks: Option<PathBuf>,
    /// Further arguments for JupyterLab, after `--`, such as `--port 9000`
    #[arg(last = true, value_name = "ARGUMENT")]
    jupyter: Vec<String>,
}

pub(super) fn run(args: LabArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let places = Places::find(args.checkout.as_deref())?;
    let steps = Steps::new(global.json);
    if args.check {
        return check(&places, &steps, global.json);
    }
    let own = args.notebooks.is_none();
    let notebooks = args.notebooks.unwrap_or_else(|| places.checkout.join("notebooks"));
    ensure!(args.prepare || notebooks.is_dir(), "the folder of notebooks {} does not exist", notebooks.display());
    let prepared = lab::prepare(&places, &steps)?;
    if args.prepare {
        if global.json {
            output::print_json(&prepared)?;
        } else {
            println!("Ready: `bellwether lab` opens it.");
        }
        return Ok(ExitCode::SUCCESS);
    }
    if own && let Err(error) = lab::trust(&prepared, &notebooks) {
        eprintln!("pictures of the notebooks show only after running their cells: {error:#}");
    }
    let mut command = std::process::Command::new(&prepared.python);
    command.args(["-m", "jupyter", "lab"]).arg(format!("--ServerApp.root_dir={}", notebooks.display()));
    if args.no_open {
        command.arg("--no-browser");
    }
    let mut path = prepared.jupyter_path.into_os_string();
    if let Some(others) = std::env::var_os("JUPYTER_PATH").filter(|others| !others.is_empty()) {
        path.push(":");
        path.push(others);
    }
    command.args(args.jupyter).env("JUPYTER_PATH", path);
    // In place of this process, so that who stops it stops Jupyter.
    Err(command.exec()).context("JupyterLab cannot be started")
}

fn check(places: &Places, steps: &Steps, json: bool) -> anyhow::Result<ExitCode> {
    let findings = lab::check(places, steps)?;
    steps.clear();
    let good = findings.iter().all(|finding| finding.good);
    if json {
        output::print_json(&serde_json::json!({ "ok": good, "findings": findings }))?;
    } else {
        for finding in &findings {
            println!("{} {:<16} {}", if finding.good { "✓" } else { "✗" }, finding.what, finding.detail);
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One line a step; on a terminal the running one moves.
pub(super) struct Steps {
    bar: ProgressBar,
    name: std::cell::RefCell<String>,
}

impl Steps {
    pub(super) fn new(json: bool) -> Self {
        use std::io::IsTerminal as _;
        let bar = if json || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg:.dim}") {
            bar.set_style(style);
        }
        Self { bar, name: std::cell::RefCell::default() }
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Steps {
    fn begin(&self, step: &str) {
        step.clone_into(&mut self.name.borrow_mut());
        self.bar.reset();
        self.bar.set_prefix(format!("{step:<30}"));
        self.bar.set_message("");
        self.bar.enable_steady_tick(std::time::Duration::from_millis(120));
        if self.bar.is_hidden() {
            eprintln!("  {step} …");
        }
    }

    fn tell(&self, line: &str) {
        self.bar.set_message(line.to_owned());
    }

    fn end(&self, outcome: &str) {
        self.bar.finish_and_clear();
        eprintln!("✓ {:<30} {outcome}", self.name.borrow());
    }
}
