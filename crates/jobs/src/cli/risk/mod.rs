//! `bellwether risk`: volatility, dependence and tail risk over files.

mod copula;
mod copula_report;
mod garch;
mod parameters;
mod profile;
mod series;
mod tail;

use std::process::ExitCode;

use serde_json::json;

use super::{Global, output};

/// Arguments of `risk`.
#[derive(Debug, clap::Args)]
pub(super) struct RiskArgs {
    #[command(subcommand)]
    command: RiskCommand,
}

/// What `risk` can do.
#[derive(Debug, clap::Subcommand)]
enum RiskCommand {
    /// How columns depend on each other: copulas of two, elliptical copulas and vines of more
    Copula(copula::CopulaArgs),
    /// Fit a volatility model to a column of returns, or evaluate it at given parameters
    Garch(garch::GarchArgs),
    /// The risk of stocks against benchmarks, to put beside hits: volatility to come, dependence, a score
    Profile(profile::ProfileArgs),
    /// Value at risk and expected shortfall of positions, or a back-test of such forecasts
    Tail(tail::TailArgs),
}

pub(super) fn run(args: &RiskArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let outcome = match &args.command {
        RiskCommand::Copula(args) => copula::run(args, global),
        RiskCommand::Garch(args) => garch::run(args, global),
        RiskCommand::Profile(args) => profile::run(args, global),
        RiskCommand::Tail(args) => tail::run(args, global),
    };
    // A program that asked for JSON is told in JSON, too, that there are no numbers.
    if let (true, Err(error)) = (global.json, &outcome) {
        output::print_json(&json!({ "converged": false, "reason": format!("{error:#}"), "params": null }))?;
    }
    outcome
}
