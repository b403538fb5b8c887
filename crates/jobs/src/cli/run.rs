//! `bellwether run JOB`: one job, now or as of a past time.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use bellwether::{
    market::{Clock as _, Snapshot, Symbol},
    scanners::ScanReport,
};
use bellwether_adapters::MarketData;
use bellwether_store::RunStatus;
use jiff::Timestamp;
use serde_json::json;

use super::{Global, newest::Newest, output, services};
use crate::{
    alerts::Outbox,
    clock::SystemClock,
    config::{Config, Job, JobKind},
    context::Context,
    market::Market,
    schedule::{RunEvent, Runner},
    tasks::{self, Wanted},
};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// Name of the job in the schedule
    job: String,
    /// The instant to run as of: only what was known then is used [default: now]
    #[arg(long = "as-of", alias = "at", value_name = "TIME", value_parser = services::time_of)]
    as_of: Option<Timestamp>,
    /// A recorded folder instead of Interactive Brokers; its symbols are the universe, and nothing is stored or sent
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// Only these symbols
    #[arg(long, value_delimiter = ',', value_name = "A,B,…")]
    symbols: Option<Vec<Symbol>>,
    /// Compute and show, but store and send nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: RunArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.schedule()?;
    let job = config.job(&args.job)?.clone();
    let clock = Arc::new(SystemClock);
    let as_of = args.as_of.unwrap_or_else(|| clock.now());
    let snapshots = "scans, features and risk profiles";
    match (Wanted::by(&job.kind), args.source, args.dry_run) {
        (Some(wanted), Some(folder), _) => {
            let market = services::folder(folder).await?;
            let snapshot = of_folder(&market, &wanted, as_of, args.symbols).await?;
            show(&job, snapshot, global.json).await
        }
        (None, Some(_), _) => anyhow::bail!("--source is for {snapshots}; `{}` is {}", job.name, job.kind_name),
        (Some(wanted), None, true) => {
            let config = with_symbols(config, &job, args.symbols)?;
            let market = services::market(&config, clock.clone(), &global.data_dir()?).await?;
            let database = global.database().await?;
            let context = Context::new(config, database.store.clone(), clock, market, &global.data_dir()?);
            let snapshot = tasks::snapshot_of(&context, &job, &wanted, as_of).await;
            context.market.close().await;
            drop(context);
            database.close().await;
            show(&job, snapshot?, global.json).await
        }
        (None, None, true) => anyhow::bail!("--dry-run is for {snapshots}; `{}` is {}", job.name, job.kind_name),
        (_, None, false) => {
            let config = with_symbols(config, &job, args.symbols)?;
            stored(config, &job, as_of, global).await
        }
    }
}

/// The schedule with the job's universe replaced by `symbols`, where they are given.
fn with_symbols(mut config: Config, job: &Job, symbols: Option<Vec<Symbol>>) -> anyhow::Result<Config> {
    if let Some(symbols) = symbols {
        let name = job.universe.clone().with_context(|| format!("`{}` takes no symbols", job.name))?;
        let universe = crate::config::UniverseConfig { symbols: Some(symbols), file: None, ib_scanner: None };
        config.universes.insert(name, universe);
    }
    Ok(config)
}

async fn of_folder(market: &Market, wanted: &Wanted, as_of: Timestamp, symbols: Option<Vec<Symbol>>) -> anyhow::Result<Snapshot> {
    let Market::Files(files) = market else { anyhow::bail!("a recorded folder was expected") };
    let request = wanted.request(symbols.unwrap_or_else(|| files.symbols()));
    let files = Arc::clone(files);
    Ok(MarketData::snapshot(&*files, as_of, &request).await?)
}

async fn show(job: &Job, snapshot: Snapshot, as_json: bool) -> anyhow::Result<ExitCode> {
    let (as_of, snapshot) = (snapshot.as_of, Arc::new(snapshot));
    if !as_json {
        println!("{} as of {}", job.name, services::local_time(as_of));
    }
    match &job.kind {
        JobKind::Scan(scan) => {
            let (hash, report) = tasks::scan_snapshot(None, scan.clone(), snapshot).await?;
            match as_json {
                true => output::print_json(&report_json(&job.name, &report, &hash.to_string(), None)?)?,
                false => print_report(&report),
            }
        }
        JobKind::Compute(computation) => {
            let (hash, computed) = tasks::compute_snapshot(None, computation.clone(), snapshot).await?;
            let newest = Newest::of(&computed)?;
            match as_json {
                true => {
                    let mut json = newest.fields()?;
                    json.extend(identity(&job.name, &hash.to_string(), &computed.hash()?.to_string(), None));
                    output::print_json(&json)?;
                }
                false => newest.print(),
            }
        }
        _ => anyhow::bail!("`{}` is {}, which looks at no snapshot", job.name, job.kind_name),
    }
    if !as_json {
        println!("nothing was stored or sent");
    }
    Ok(ExitCode::SUCCESS)
}

/// What identifies a run, for programs.
fn identity(job: &str, snapshot: &str, report: &str, run_id: Option<&str>) -> serde_json::Map<String, serde_json::Value> {
    let stored = run_id.is_some();
    let fields = [
        ("job", json!(job)),
        ("snapshot_hash", json!(snapshot)),
        ("report_hash", json!(report)),
        ("stored", json!(stored)),
        ("run_id", json!(run_id)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The report with what identifies the run around it.
fn report_json(job: &str, report: &ScanReport, snapshot: &str, run_id: Option<&str>) -> anyhow::Result<serde_json::Value> {
    let mut json = serde_json::to_value(report)?;
    if let Some(object) = json.as_object_mut() {
        object.extend(identity(job, snapshot, &report.hash().to_string(), run_id));
        if report.scan == "momentum" {
            object.insert("results".to_owned(), report.momentum_results()["results"].clone());
        }
    }
    Ok(json)
}

fn print_report(report: &ScanReport) {
    if let Some(reason) = report.closed {
        println!("the exchange was closed on {}: {reason}", report.session);
    } else if report.hits.is_empty() {
        println!("no hits among {} symbols", report.considered);
    } else {
        println!("{}", output::hits_table(report, 50));
        println!("{} hits of {} symbols", report.hits.len(), report.considered);
    }
    for line in output::set_aside_lines(report) {
        println!("  {line}");
    }
    if let Some(told) = bellwether::market::other_sources(&report.provenance) {
        println!("  source: {told}");
    }
}

async fn stored(config: Config, job: &Job, as_of: Timestamp, global: &Global) -> anyhow::Result<ExitCode> {
    let clock = Arc::new(SystemClock);
    let market = services::market(&config, clock.clone(), &global.data_dir()?).await?;
    let database = global.database().await?;
    let context = Arc::new(Context::new(config, database.store.clone(), clock, market, &global.data_dir()?));
    let mut events = context.events.subscribe();
    let runner = Runner::new(Arc::clone(&context));
    let (claim, status) = runner.run_by_hand(job, as_of).await?;
    let mut ended = None;
    while let Ok(event) = events.try_recv() {
        if let RunEvent::Ended { reason, report, summary, .. } = event {
            ended = Some((reason, report, summary));
        }
    }
    let delivered = Outbox::new(Arc::clone(&context), &global.data_dir()?)?.drain(std::time::Duration::from_secs(30)).await;
    context.market.close().await;
    let stored = context.store.run(claim.run_id).await?;
    let newest = Newest::stored(&context.store, &stored).await?;
    let (reason, report, summary) = ended.unwrap_or((stored.reason.clone(), None, String::new()));
    if global.json {
        let (snapshot, id) = (stored.snapshot_hash.clone().unwrap_or_default(), claim.run_id.to_string());
        let json = match (&report, &newest) {
            (Some(report), _) => report_json(&job.name, report, &snapshot, Some(&id))?,
            (None, newest) => {
                let mut json = serde_json::to_value(&stored)?;
                if let (Some(object), Some(newest)) = (json.as_object_mut(), newest) {
                    object.extend(newest.fields()?);
                    object.insert("stored".to_owned(), json!(true));
                }
                json
            }
        };
        output::print_json(&json)?;
    } else {
        println!("{} as of {}: {status}", job.name, services::local_time(as_of));
        match (&report, &newest) {
            (Some(report), _) => print_report(report),
            (None, Some(newest)) => newest.print(),
            (None, None) if !summary.is_empty() => println!("{summary}"),
            (None, None) => {}
        }
        match stored.snapshot_hash {
            Some(_) => println!("stored as run {id}; `bellwether replay {id}` makes it again", id = claim.run_id),
            None => println!("stored as run {}", claim.run_id),
        }
    }
    drop(runner);
    drop(context);
    database.close().await;
    delivered?;
    match (status, reason) {
        (RunStatus::Failed, reason) => anyhow::bail!("{} failed: {}", job.name, reason.unwrap_or_default()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
