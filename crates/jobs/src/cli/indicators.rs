//! `bellwether indicators`: indicators by name over a file of bars.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use bellwether::{
    frames::{read_table, write_parquet},
    indicators::{IndicatorCall, compute_frame, split_tags},
};
use serde_json::{Value, json};

use super::{Global, output};

/// Arguments of `indicators`.
#[derive(Debug, clap::Args)]
pub(super) struct IndicatorsArgs {
    /// The bars: Parquet or CSV with `time` or `open_at`, the prices and volume that the indicators read, and `symbol` if several
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    bars: Option<PathBuf>,
    /// Tags such as `RSI(timeperiod=14),OBV()`, or a JSON file: a list of tags, or of objects with a `tag` each
    #[arg(long, value_name = "FILE|TAG,…", required_unless_present = "list")]
    tags: Option<String>,
    /// The Parquet file to write: the bars' symbol and times, then a column `TAG.output` for each output
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    out: Option<PathBuf>,
    /// Print the names of all indicators instead
    #[arg(long, conflicts_with_all = ["bars", "tags", "out"])]
    list: bool,
}

pub(super) fn run(args: IndicatorsArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let (Some(bars), Some(tags), Some(out)) = (&args.bars, &args.tags, &args.out) else {
        let names = bellwether::indicators::names();
        match global.json {
            true => output::print_json(&json!(names))?,
            false => names.iter().for_each(|name| println!("{name}")),
        }
        return Ok(ExitCode::SUCCESS);
    };
    output::parquet(out)?;
    let calls = calls(tags)?;
    let frame = read_table(bars)?;
    let mut computed = compute_frame(&frame, &calls).with_context(|| bars.display().to_string())?;
    write_parquet(out, &mut computed)?;
    let outputs: usize = calls.iter().map(|call| call.output_names().len()).sum();
    match global.json {
        true => output::print_json(&json!({
            "rows": computed.height(), "indicators": calls.len(), "columns": outputs, "out": out,
        }))?,
        false => println!("{} rows, {} indicators, {outputs} columns → {}", computed.height(), calls.len(), out.display()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The calls that `--tags` asks for.
fn calls(text: &str) -> anyhow::Result<Vec<IndicatorCall>> {
    let is_file = Path::new(text).extension().is_some_and(|extension| extension == "json");
    let tags = if is_file { tags_in(Path::new(text))? } else { split_tags(text).into_iter().map(str::to_owned).collect() };
    anyhow::ensure!(!tags.is_empty(), "--tags names no indicator; `bellwether indicators --list` prints all names");
    Ok(tags.iter().map(|tag| IndicatorCall::parse(tag)).collect::<Result<_, _>>()?)
}

/// Tags of a JSON file: a list of texts, or of objects with a `tag` each.
fn tags_in(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let expected = || format!("{}: expected a list of tags, or of objects with a `tag` each", path.display());
    let entries = value.as_array().with_context(expected)?;
    entries
        .iter()
        .map(|entry| entry.as_str().or_else(|| entry["tag"].as_str()).map(str::to_owned).with_context(expected))
        .collect()
}
