//! `bellwether ingest`: bars into the database, and what a folder says of their instruments.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use bellwether::market::{Clock as _, Symbol, Timeframe};
use bellwether_adapters::FileSource;
use serde_json::json;

use super::{Global, output, services};
use crate::{clock::SystemClock, config::IngestConfig, context::Context, sources::SourceName, tasks};

/// Arguments of `ingest`.
#[derive(Debug, clap::Args)]
pub(super) struct IngestArgs {
    /// A recorded folder (bars.parquet, daily.parquet, or a Lean folder) instead of the schedule's sources
    #[arg(long, value_name = "DIR", conflicts_with_all = ["symbols", "universe", "sessions", "days"])]
    source: Option<PathBuf>,
    /// These symbols
    #[arg(long, value_delimiter = ',', value_name = "A,B,…", conflicts_with = "universe")]
    symbols: Option<Vec<Symbol>>,
    /// The symbols of this universe of the schedule
    #[arg(long)]
    universe: Option<String>,
    /// Sessions of minute bars
    #[arg(long, default_value_t = 20)]
    sessions: usize,
    /// Sessions of daily bars
    #[arg(long, default_value_t = IngestConfig::default().daily_sessions)]
    days: usize,
    /// Only this one of the schedule's [sources], instead of all in their order
    #[arg(long, value_name = "NAME", conflicts_with = "source")]
    from: Option<SourceName>,
}

pub(super) async fn run(args: IngestArgs, global: &Global) -> anyhow::Result<ExitCode> {
    match &args.source {
        Some(folder) => from_folder(folder.clone(), global).await,
        None => from_sources(&args, global).await,
    }
}

async fn from_folder(folder: PathBuf, global: &Global) -> anyhow::Result<ExitCode> {
    let source = tokio::task::spawn_blocking(move || FileSource::open(&folder)).await??;
    let database = global.database().await?;
    let watch = std::time::Instant::now();
    let written = async {
        database.store.upsert_instruments(&source.instruments(), SystemClock.now()).await?;
        let minutes = database.store.write_bars(source.minutes(), Timeframe::Min1, "files").await?;
        let daily = database.store.write_bars(source.daily(), Timeframe::Day1, "files").await?;
        anyhow::Ok((minutes, daily))
    }
    .await;
    database.close().await;
    let (minutes, daily) = written?;
    let faults = source.faults();
    if global.json {
        output::print_json(&json!({ "minute_bars": minutes, "daily_bars": daily, "set_aside": faults }))?;
    } else {
        let seconds = watch.elapsed().as_secs_f64();
        println!(
            "{} minute bars and {} daily bars in {seconds:.1} s",
            output::shares(minutes as f64),
            output::shares(daily as f64)
        );
        for fault in faults {
            println!("set aside: {} {}: {}", fault.symbol, fault.part.as_str(), fault.detail);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn from_sources(args: &IngestArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.schedule()?;
    anyhow::ensure!(
        args.symbols.is_some() || args.universe.is_some(),
        "name --symbols A,B,…, a --universe of the schedule, or a --source DIR"
    );
    let symbols = services::symbols(&config, args.symbols.clone(), args.universe.as_deref())?;
    let clock = Arc::new(SystemClock);
    let market = services::market(&config, clock.clone(), &global.data_dir()?).await?;
    let database = global.database().await?;
    let context = Context::new(config, database.store.clone(), clock.clone(), market, &global.data_dir()?);
    let settings = IngestConfig { minute_sessions: args.sessions, daily_sessions: args.days, source: args.from };
    let bar = indicatif::ProgressBar::new(symbols.len() as u64);
    let outcome = async {
        let supply = tasks::Supply::of(&context.market, settings.source).await?;
        let told = |done: usize, _: usize| bar.set_position(done as u64);
        tasks::ingest(&context, &supply, &symbols, &settings, clock.now(), &told).await
    }
    .await;
    bar.finish_and_clear();
    context.market.close().await;
    drop(context);
    database.close().await;
    let summary = outcome?;
    if global.json {
        let (minutes, daily) = (summary.minute_bars, summary.daily_bars);
        let (sources, missing) = (&summary.sources, &summary.missing);
        output::print_json(&json!({ "minute_bars": minutes, "daily_bars": daily, "sources": sources, "missing": missing }))?;
    } else {
        let (minutes, daily) = (summary.minute_bars as f64, summary.daily_bars as f64);
        println!("{} minute bars and {} daily bars of {} symbols", output::shares(minutes), output::shares(daily), symbols.len());
        for (source, bars) in summary.sources.iter().filter(|_| summary.sources.len() > 1) {
            println!("from {source}: {}", output::shares(*bars as f64));
        }
        for missing in &summary.missing {
            println!("missing: {} {}: {} ({})", missing.symbol, missing.part.as_str(), missing.reason.as_str(), missing.detail);
        }
    }
    let nothing = summary.minute_bars + summary.daily_bars == 0 && !summary.missing.is_empty();
    Ok(if nothing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
