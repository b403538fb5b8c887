//! `bellwether risk tail`: how much positions may lose, and how such forecasts did.

use std::{path::PathBuf, process::ExitCode};

use anyhow::ensure;
use bellwether::risk::{
    garch::{Distribution, Specification, TestResult},
    tail::{
        Method, Position, TailConfig,
        backtest::{Backtest, RollingConfig, rolling},
        tail_risk,
    },
};
use serde_json::json;

use super::{super::output, Global, garch::number, series::read_series};

/// Arguments of `risk tail`.
#[derive(Debug, clap::Args)]
pub(super) struct TailArgs {
    /// Returns: Parquet or CSV with a column a position, in time order
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The columns of returns, one a position
    #[arg(long, value_delimiter = ',', required = true, value_name = "COLUMN,…")]
    columns: Vec<String>,
    /// What is held of each, negative when short [default: 1 of each]; losses are in this unit times that of the returns
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, value_name = "VALUE,…")]
    values: Vec<f64>,
    /// How: parametric, historical, filtered, copula
    #[arg(long, value_enum, default_value_t = MethodName::Filtered)]
    method: MethodName,
    /// The law of the parametric method: normal, t, skewt, ged
    #[arg(long, default_value = "t")]
    dist: Distribution,
    /// The model of volatility of the filtered and the copula method, and of back-tests
    #[arg(long, default_value = "constant garch t")]
    model: Specification,
    /// Probability of a larger loss
    #[arg(long, default_value_t = TailConfig::default().level)]
    level: f64,
    /// Returns ahead
    #[arg(long, default_value_t = TailConfig::default().horizon)]
    horizon: usize,
    /// Draws where there are any
    #[arg(long, default_value_t = TailConfig::default().paths)]
    paths: usize,
    /// Their seed
    #[arg(long, default_value_t = TailConfig::default().seed)]
    seed: u64,
    /// Instead: forecast each day from this many returns before it, and test the forecasts of what is held
    #[arg(long, value_name = "RETURNS", conflicts_with_all = ["method", "dist", "horizon", "paths"])]
    backtest: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MethodName {
    /// A law with one variance
    Parametric,
    /// What today's positions would have returned
    Historical,
    /// Past shocks at the volatilities to come
    Filtered,
    /// A t copula of the shocks at the volatilities to come
    Copula,
}

pub(super) fn run(args: &TailArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let returns = read_series(&args.data, &args.columns)?;
    let values = if args.values.is_empty() { vec![1.0; returns.len()] } else { args.values.clone() };
    ensure!(values.len() == returns.len(), "--values: {} for {} columns", values.len(), returns.len());
    if let Some(window) = args.backtest {
        return backtest(args, window, &returns, &values, global);
    }
    let method = match args.method {
        MethodName::Parametric => Method::Parametric(args.dist),
        MethodName::Historical => Method::Historical,
        MethodName::Filtered => Method::Filtered(args.model),
        MethodName::Copula => Method::Copula(args.model),
    };
    let config = TailConfig { method, level: args.level, horizon: args.horizon, paths: args.paths, seed: args.seed };
    let held = args.columns.iter().zip(&values).zip(&returns);
    let positions: Vec<Position<'_>> = held.map(|((name, value), returns)| Position { name, value: *value, returns }).collect();
    let found = tail_risk(&positions, &config)?;
    if global.json {
        let alone = positions.iter().zip(&found.alone);
        output::print_json(&json!({
            "method": format!("{:?}", args.method).to_lowercase(),
            "level": args.level,
            "horizon": args.horizon,
            "var": found.together.value_at_risk,
            "es": found.together.expected_shortfall,
            "diversification": found.diversification,
            "alone": alone.map(|(position, tail)| json!({
                "name": position.name, "value": position.value, "var": tail.value_at_risk, "es": tail.expected_shortfall,
            })).collect::<Vec<_>>(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("Losses that are exceeded with a probability of {} % over {} returns\n", args.level * 100.0, args.horizon);
    let mut table = output::table(&["position", "value", "VaR", "expected shortfall"]);
    for (position, tail) in positions.iter().zip(&found.alone) {
        let value = position.value.to_string();
        let numbers = [tail.value_at_risk, tail.expected_shortfall].map(number);
        table.add_row([position.name, &value, &numbers[0], &numbers[1]]);
    }
    let numbers = [found.together.value_at_risk, found.together.expected_shortfall].map(number);
    table.add_row(["together", "", &numbers[0], &numbers[1]]);
    println!("{table}");
    if let (Some(share), true) = (found.diversification, positions.len() > 1) {
        println!("held together they lose {:.0} % less in the tail than the sum of each alone", share * 100.0);
    }
    Ok(ExitCode::SUCCESS)
}

fn backtest(args: &TailArgs, window: usize, returns: &[Vec<f64>], values: &[f64], global: &Global) -> anyhow::Result<ExitCode> {
    let days = returns[0].len();
    let held: Vec<f64> =
        (0..days).map(|day| returns.iter().zip(values).map(|(returns, value)| value * returns[day]).sum()).collect();
    let config = RollingConfig { window, level: args.level, seed: args.seed, ..RollingConfig::default() };
    let found = rolling(&args.model, &held, &config)?;
    if global.json {
        output::print_json(&json!({
            "model": args.model.to_string(), "level": args.level, "window": window, "refitted_every": config.every, "backtest": found,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print_backtest(args, &found);
    Ok(ExitCode::SUCCESS)
}

fn print_backtest(args: &TailArgs, found: &Backtest) {
    let expected = args.level * found.days.len() as f64;
    let every = RollingConfig::default().every;
    println!("{}, {} days forecast one by one, fitted anew every {every}\n", args.model, found.days.len());
    println!("{} losses beyond the value at risk of {} %; {expected:.1} expected", found.exceedances, args.level * 100.0);
    if found.failed_fits > 0 {
        println!("{} fits failed; their days used the parameters before", found.failed_fits);
    }
    println!();
    let mut table = output::table(&["test", "statistic", "p", ""]);
    let verdict = |p: f64| if p < 0.05 { "rejected at 5 %" } else { "not rejected" };
    let mut add = |name: &str, statistic: f64, p: f64| {
        table.add_row([name.to_owned(), format!("{statistic:.3}"), format!("{p:.3}"), verdict(p).to_owned()]);
    };
    let TestResult { statistic, p_value, .. } = found.kupiec;
    add("Kupiec: as many as there should be", statistic, p_value);
    let TestResult { statistic, p_value, .. } = found.christoffersen;
    add("Christoffersen: and not one after another", statistic, p_value);
    if let (Some(z), Some(p)) = (found.acerbi_szekely.z1, found.acerbi_szekely.z1_p_value) {
        add("Acerbi–Székely 1: as large as expected", z, p);
    }
    add("Acerbi–Székely 2: number and size together", found.acerbi_szekely.z2, found.acerbi_szekely.z2_p_value);
    println!("{table}");
}
