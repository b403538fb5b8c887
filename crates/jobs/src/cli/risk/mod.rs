//! `bellwether risk`: volatility, dependence and tail risk over files.

mod garch;
mod series;

use std::process::ExitCode;

use super::Global;

/// Arguments of `risk`.
#[derive(Debug, clap::Args)]
pub(super) struct RiskArgs {
    #[command(subcommand)]
    command: RiskCommand,
}

/// What `risk` can do.
#[derive(Debug, clap::Subcommand)]
enum RiskCommand {
    /// Fit a volatility model to a column of returns, or evaluate it at given parameters
    Garch(garch::GarchArgs),
}

pub(super) fn run(args: &RiskArgs, global: &Global) -> anyhow::Result<ExitCode> {
    match &args.command {
        RiskCommand::Garch(args) => garch::run(args, global),
    }
}
