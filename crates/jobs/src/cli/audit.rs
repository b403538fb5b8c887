//! `bellwether audit`: whether numbers know the future.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bellwether::{
    Error,
    features::{AuditConfig, AuditReport, audit, compute},
    frames::{read_table, write_parquet},
    market::Bars,
};
use polars::prelude::DataFrame;

use super::{Global, features::Choice, output};

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

/// What can be audited.
#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Look for columns that know what comes later; exit status 1 when there are any
    Lookahead(LookaheadArgs),
}

#[derive(Debug, clap::Args)]
struct LookaheadArgs {
    #[command(flatten)]
    of: Choice,
    /// Audit a program of yours instead: it is run as `PROGRAM BARS.parquet OUT.parquet`, many times
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["set", "timeframe", "join", "benchmark", "extended"])]
    notebook_fn: Option<PathBuf>,
    /// Instants at which the past is compared
    #[arg(long, default_value_t = AuditConfig::default().cuts)]
    cuts: usize,
    /// Seconds that the program may take each time
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
}

pub(super) fn run(args: AuditArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let AuditCommand::Lookahead(args) = args.command;
    let config = AuditConfig { cuts: args.cuts, ..AuditConfig::default() };
    let bars = args.of.read()?;
    let report = match &args.notebook_fn {
        None => {
            let selection = args.of.selection()?;
            audit(&bars, &|bars| compute(bars, &selection), &config)?
        }
        Some(program) => {
            let folder = tempfile::tempdir().context("no folder for the program's files")?;
            let patience = Duration::from_secs(args.patience.max(1));
            audit(&bars, &|bars| made_by(program, bars, folder.path(), patience), &config)?
        }
    };
    tell(&report, global)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(report: &AuditReport, global: &Global) -> anyhow::Result<()> {
    if global.json {
        return output::print_json(report);
    }
    println!("{report}");
    Ok(())
}

/// What a program makes of bars.
fn made_by(program: &Path, bars: &Bars, folder: &Path, patience: Duration) -> bellwether::Result<DataFrame> {
    let (given, made) = (folder.join("bars.parquet"), folder.join("out.parquet"));
    write_parquet(&given, &mut bars.to_frame()?)?;
    // What an earlier run left must not be taken for this one's.
    let _ = std::fs::remove_file(&made);
    let failed = |problem: String| Error::file(program, problem);
    let mut child = Command::new(program)
        .args([&given, &made])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("cannot be run: {error}")))?;
    let began = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| failed(format!("cannot be waited for: {error}")))? {
            Some(status) => break status,
            None if began.elapsed() > patience => {
                // Killed or just ended: either way it is over.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!("did not end within {} s: see --patience", patience.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        return Err(failed(format!("ended with {status} on {} bars; what it said is above", bars.len())));
    }
    read_table(&made)
}
