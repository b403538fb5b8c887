//! `bellwether features`: the catalogue, and its columns over a file of bars.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use bellwether::{
    features::{Catalogue, Selection, compute},
    frames::{self, write_parquet},
    market::{Bars, Symbol, Timeframe, TradingHours},
};
use serde_json::json;

use super::{Global, output};

/// Arguments of `features`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct FeaturesArgs {
    #[command(subcommand)]
    command: Option<FeaturesCommand>,
    #[command(flatten)]
    of: Choice,
    /// The Parquet file to write: symbol, times, then one column a feature
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What `features` can do besides computing.
#[derive(Debug, clap::Subcommand)]
enum FeaturesCommand {
    /// Show every feature with its formula, unit, look-back and source
    List,
}

/// Which features over which bars.
#[derive(Debug, clap::Args)]
pub(super) struct Choice {
    /// The bars: Parquet or CSV with `symbol`, a time or `date`, `open, high, low, close, volume`
    #[arg(long, value_name = "FILE")]
    pub(super) bars: Option<PathBuf>,
    /// Features: names and families separated by commas, or `all`
    #[arg(long, alias = "features", value_name = "NAMES", default_value = "all")]
    set: String,
    /// Length of the bars that rows are made of: 1m 5m 30m 1h 6h 1d; without it the bars as they are
    #[arg(long, value_name = "LENGTH")]
    timeframe: Option<Timeframe>,
    /// Features of longer bars beside them, as known at each row's close, such as `1d:rsi_14,gap_pct`; may be repeated
    #[arg(long, value_name = "LENGTH:NAMES")]
    join: Vec<String>,
    /// The symbol among the bars that market-relative features compare with
    #[arg(long, value_name = "SYMBOL")]
    benchmark: Option<Symbol>,
    /// Longer bars are made of the minutes before and after the regular session too
    #[arg(long)]
    extended: bool,
}

impl Choice {
    /// The selection, from the catalogue.
    pub(super) fn selection(&self) -> anyhow::Result<Selection> {
        let catalogue = Catalogue::shipped();
        let mut selection = Selection::of(catalogue.select(&self.set)?);
        if let Some(timeframe) = self.timeframe {
            selection = selection.on(timeframe);
        }
        for join in &self.join {
            let (timeframe, names) = join
                .split_once(':')
                .with_context(|| format!("--join {join}: a length, a colon and names are needed, such as `1d:rsi_14`"))?;
            selection = selection.joined(timeframe.parse()?, catalogue.select(names)?);
        }
        if let Some(benchmark) = &self.benchmark {
            selection = selection.against(benchmark.clone());
        }
        Ok(if self.extended { selection.within(TradingHours::Extended) } else { selection })
    }

    /// The bars of the file.
    pub(super) fn read(&self) -> anyhow::Result<Bars> {
        let path = self.bars.as_deref().context("--bars FILE is needed")?;
        read_bars(path)
    }
}

/// The symbol that a file of one symbol is named after.
pub(super) fn named_after(path: &Path) -> Option<Symbol> {
    path.file_stem().and_then(|stem| Symbol::new(&stem.to_string_lossy()).ok())
}

/// Bars of a Parquet or CSV file; rows that cannot be bars are told and left out.
pub(super) fn read_bars(path: &Path) -> anyhow::Result<Bars> {
    let (bars, faults) = frames::read_bars(path)?;
    for fault in faults.iter().take(10) {
        eprintln!("{}: {} at {} is left out: {}", path.display(), fault.symbol, fault.at, fault.problem);
    }
    if faults.len() > 10 {
        eprintln!("{}: and {} rows more", path.display(), faults.len() - 10);
    }
    Ok(bars)
}

pub(super) fn run(args: FeaturesArgs, global: &Global) -> anyhow::Result<ExitCode> {
    if matches!(args.command, Some(FeaturesCommand::List)) {
        list(global)?;
        return Ok(ExitCode::SUCCESS);
    }
    let out = args.out.context("--out FILE.parquet is needed; `bellwether features list` shows the catalogue")?;
    output::parquet(&out)?;
    let selection = args.of.selection()?;
    let mut frame = compute(&args.of.read()?, &selection)?;
    write_parquet(&out, &mut frame)?;
    let (rows, features) = (frame.height(), selection.names().len());
    match global.json {
        true => output::print_json(&json!({ "rows": rows, "features": features, "out": out }))?,
        false => println!("{rows} rows, {features} features → {}", out.display()),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(global: &Global) -> anyhow::Result<()> {
    let features = Catalogue::shipped().features();
    if global.json {
        return output::print_json(&features.iter().map(|feature| feature.about()).collect::<Vec<_>>());
    }
    let mut table = output::table(&["name", "family", "unit", "bars", "timeframes", "formula", "source"]);
    for feature in features {
        let about = feature.about();
        table.add_row([
            &about.name,
            about.family.as_str(),
            about.unit.as_str(),
            &about.look_back.to_string(),
            about.timeframe(),
            &about.formula,
            &about.source,
        ]);
    }
    println!("{table}\n{} features", features.len());
    Ok(())
}
