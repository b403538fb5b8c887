//! `bellwether parity`: a notebook computes the scheduler's numbers, bit for bit, or it is said which do not agree.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use bellwether::market::{Calendar, Snapshot};
use bellwether_adapters::{FileSource, SnapshotRequest};
use bellwether_gateway::generator::MarketSpec;
use comfy_table::{Cell, CellAlignment};
use jiff::{Timestamp, civil::time};

use super::{Global, lab::Steps, output, services};
use crate::{
    config::Config,
    lab::{self, Places},
    market::{Market, generated_source},
    parity::{Certificate, Order, SHIPPED_CELLS, cells_of, certify},
    tasks::Wanted,
};

/// Symbols of the generated market.
const SYMBOLS: usize = 60;

/// Arguments of `parity`.
#[derive(Debug, clap::Args)]
pub(super) struct ParityArgs {
    /// The instant that both sides see [default: 10:30 of the generated market's day, when each scan finds something]
    #[arg(long = "as-of", alias = "at", value_name = "TIME", value_parser = services::time_of)]
    as_of: Option<Timestamp>,
    /// A recorded folder instead of a generated market; needs --as-of
    #[arg(long, value_name = "DIR", requires = "as_of")]
    source: Option<PathBuf>,
    /// Seed of the generated market
    #[arg(long, default_value_t = 7, conflicts_with = "source")]
    seed: u64,
    /// Cells to run instead of those that ship (crates/jobs/src/parity/cells.rs.txt), each beginning at a line `// %%`
    #[arg(long, value_name = "FILE")]
    cells: Option<PathBuf>,
    /// Write the certificate there, as Markdown
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The checkout whose lab runs the cells [default: around the current folder]
    #[arg(long, value_name = "DIR")]
    checkout: Option<PathBuf>,
}

pub(super) async fn run(args: ParityArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let places = Places::find(args.checkout.as_deref())?;
    // What is missing is made by its own command: it may take a while, and a certificate should not change what it certifies.
    let lab = lab::prepared(&places)?;
    let cells = cells(args.cells.as_deref())?;
    let config = global.schedule()?;
    let schedule = Config::text(global.config.as_deref())?;
    let (place, snapshot) = snapshot(&args, &config).await?;
    let steps = Steps::new(global.json);
    let log = places.log("parity");
    let order = Order { config, schedule, snapshot: Arc::new(snapshot), place, cells, lab, log };
    let certificate = certify(order, &steps).await?;
    steps.clear();
    if let Some(out) = &args.out {
        std::fs::write(out, certificate.markdown()).with_context(|| format!("{} cannot be written", out.display()))?;
    }
    match global.json {
        true => output::print_json(&certificate)?,
        false => print(&certificate),
    }
    Ok(if certificate.equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cells(file: Option<&Path>) -> anyhow::Result<Vec<String>> {
    let Some(file) = file else { return Ok(cells_of(SHIPPED_CELLS)) };
    let text = std::fs::read_to_string(file).with_context(|| format!("the cells {} cannot be read", file.display()))?;
    let cells = cells_of(&text);
    ensure!(!cells.is_empty(), "{} has no cell: each begins at a line `// %%`", file.display());
    Ok(cells)
}

/// With as many earlier sessions as the job that looks back furthest, and what any job compares with.
async fn snapshot(args: &ParityArgs, config: &Config) -> anyhow::Result<(String, Snapshot)> {
    let wanted: Vec<Wanted> = config.jobs.iter().filter_map(|job| Wanted::by(&job.kind)).collect();
    let history_sessions = wanted.iter().map(|it| it.minute_sessions).max().unwrap_or_default();
    let spec = MarketSpec { seed: args.seed, symbols: SYMBOLS, ..MarketSpec::default() };
    let (source, as_of) = match (&args.source, args.as_of) {
        (Some(folder), Some(as_of)) => match services::folder(folder.clone()).await? {
            Market::Files(source) => (source, as_of),
            _ => anyhow::bail!("a recorded folder was expected"),
        },
        (_, as_of) => {
            let as_of = as_of.unwrap_or_else(|| Calendar.at(spec.session, time(10, 30, 0, 0)));
            let (source, _) = tokio::task::spawn_blocking(move || generated_source(&spec)).await??;
            (Arc::new(source), as_of)
        }
    };
    // What is compared with may have daily bars only.
    let mut symbols = source.symbols();
    symbols.extend(wanted.into_iter().flat_map(|it| it.besides));
    symbols.sort();
    symbols.dedup();
    let request = SnapshotRequest { symbols: Some(symbols), history_sessions };
    let place = source.folder().display().to_string();
    let snapshot = tokio::task::spawn_blocking(move || FileSource::snapshot(&source, as_of, &request)).await??;
    ensure!(!snapshot.universe.is_empty(), "{place} holds no symbol");
    Ok((place, snapshot))
}

fn print(certificate: &Certificate) {
    for (label, value) in certificate.facts() {
        println!("{label:<12} {value}");
    }
    let mut table = output::table(&["frame", "rows", "columns", "values", ""]);
    for frame in &certificate.frames {
        let number = |value: u64| Cell::new(output::shares(value as f64)).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&frame.name),
            number(frame.rows),
            number(frame.columns),
            number(frame.values),
            Cell::new(frame.verdict()),
        ]);
    }
    println!("{table}");
    for problem in certificate.problems() {
        println!("✗ {problem}");
    }
    println!("{}", certificate.verdict());
}
