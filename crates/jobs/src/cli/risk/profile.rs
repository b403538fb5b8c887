//! `bellwether risk profile`: the risk of stocks against benchmarks.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use bellwether::{
    market::Symbol,
    risk::profile::{Profile, ProfileConfig, Profiles, VolatilityRegime, profiles},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    super::{features::read_bars, output},
    Global,
};

/// Arguments of `risk profile`.
#[derive(Debug, clap::Args)]
pub(super) struct ProfileArgs {
    /// Daily bars: Parquet or CSV with `symbol`, a time or `date`, `open, high, low, close, volume`, adjusted for splits
    #[arg(long, value_name = "FILE")]
    bars: PathBuf,
    /// Symbols among the bars that the others are compared with; tail dependence and diversification are of the first
    #[arg(long, value_delimiter = ',', default_value = "SPY,QQQ", value_name = "SYMBOL,…")]
    benchmarks: Vec<Symbol>,
    /// Show only these; scores are of all
    #[arg(long, value_delimiter = ',', value_name = "SYMBOL,…")]
    symbols: Vec<Symbol>,
    /// Use only what was known at this time, such as `2025-01-06` (its end) or `2025-01-06T09:25`, New York [default: everything]
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Days of the forecast
    #[arg(long, default_value_t = ProfileConfig::default().horizon)]
    horizon: usize,
    /// Newest daily returns used
    #[arg(long, default_value_t = ProfileConfig::default().window)]
    window: usize,
}

pub(super) fn run(args: &ProfileArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let bars = read_bars(&args.bars)?;
    let newest = bars.iter().filter_map(|(_, series)| series.close_at.last().copied()).max().context("no bar")?;
    let as_of = match &args.as_of {
        Some(text) => instant(text)?,
        None => Timestamp::from_microsecond(newest)?,
    };
    let config = ProfileConfig { horizon: args.horizon, window: args.window, ..ProfileConfig::default() };
    let mut found = profiles(&bars, &args.benchmarks, as_of, &config)?;
    if !args.symbols.is_empty() {
        let wanted: BTreeSet<&Symbol> = args.symbols.iter().collect();
        if let Some(stranger) = args.symbols.iter().find(|symbol| !bars.symbols().contains(symbol)) {
            anyhow::bail!("{}: holds no bar of {stranger}", args.bars.display());
        }
        found.profiles.retain(|profile| wanted.contains(&profile.symbol));
        found.unprofiled.retain(|stock| wanted.contains(&stock.symbol));
    }
    match global.json {
        true => output::print_json(&told(&found, &config))?,
        false => print(&found, &config),
    }
    ensure!(!found.profiles.is_empty(), "no stock could be profiled");
    Ok(ExitCode::SUCCESS)
}

/// A time of New York; a day alone is its end.
fn instant(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let zone = bellwether::market::new_york();
    let expected = || format!("--as-of {text}: a day such as 2025-01-06, or a time such as 2025-01-06T09:25, is needed");
    // What reads days would take a time too, and drop it.
    if text.len() > "2025-01-06".len() {
        let local: jiff::civil::DateTime = text.parse().ok().with_context(expected)?;
        return Ok(local.to_zoned(zone)?.timestamp());
    }
    let day: jiff::civil::Date = text.parse().ok().with_context(expected)?;
    Ok(day.tomorrow()?.to_zoned(zone)?.timestamp())
}

fn correlation_name(benchmark: &Symbol) -> String {
    format!("correlation_{}", benchmark.as_str().to_lowercase())
}

fn told(found: &Profiles, config: &ProfileConfig) -> Value {
    let of = |profile: &Profile| -> Value {
        let mut told: Map<String, Value> = match json!(profile) {
            Value::Object(told) => told,
            _ => Map::new(),
        };
        told.remove("correlations");
        for (benchmark, correlation) in found.benchmarks.iter().zip(&profile.correlations) {
            told.insert(correlation_name(benchmark), json!(correlation));
        }
        told.into()
    };
    json!({
        "as_of": found.as_of,
        "benchmarks": found.benchmarks,
        "config": config,
        "scores": if found.calibrated { "deciles of this universe" } else { "default scale" },
        "profiles": found.profiles.iter().map(of).collect::<Vec<_>>(),
        "unprofiled": found.unprofiled,
    })
}

fn print(found: &Profiles, config: &ProfileConfig) {
    println!(
        "Risk as of {}: volatility forecast for {} days, in percent a day\n",
        found.as_of.to_zoned(bellwether::market::new_york()).strftime("%Y-%m-%d %H:%M New York"),
        config.horizon
    );
    let correlations: Vec<String> = found.benchmarks.iter().map(|benchmark| format!("ρ {benchmark}")).collect();
    let mut headers = vec!["symbol", "score", "forecast", "interval", "a year", "last days", "regime"];
    headers.extend(correlations.iter().map(String::as_str));
    headers.extend(["tail", "diversifies"]);
    let mut table = output::table(&headers);
    for profile in &found.profiles {
        let [low, high] = profile.forecast_interval;
        let mut row = vec![
            profile.symbol.to_string(),
            profile.risk_score.map_or("—".to_owned(), |score| score.to_string()),
            format!("{:.2}", profile.forecast_volatility),
            format!("{low:.2}–{high:.2}"),
            format!("{:.1}", profile.annualized_vol),
            format!("{:.2}", profile.current_vol),
            match profile.vol_regime {
                VolatilityRegime::High => "high".to_owned(),
                VolatilityRegime::Normal => "normal".to_owned(),
            },
        ];
        row.extend(profile.correlations.iter().map(|correlation| format!("{correlation:.2}")));
        row.extend([format!("{:.2}", profile.tail_dependence_lower), format!("{:.2}", profile.diversification_benefit)]);
        table.add_row(row);
    }
    println!("{table}");
    let scale = if found.calibrated { "deciles of this universe" } else { "on the default scale: fewer than 30 stocks" };
    println!("stocks: {}; scores are {scale}", found.profiles.len());
    for stock in &found.unprofiled {
        println!("{}: no profile: {}", stock.symbol, stock.problem);
    }
    for (profile, note) in found.profiles.iter().flat_map(|profile| profile.notes.iter().map(move |note| (profile, note))) {
        println!("{}: no score: {note}", profile.symbol);
    }
}
