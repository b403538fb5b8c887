//! `bellwether replay RUN`: a stored run made again from its snapshot.

use std::{path::PathBuf, process::ExitCode};

use bellwether::frames::{SnapshotArchive, write_parquet};
use serde_json::json;

use super::{Global, newest::Newest, output, services};
use crate::{
    tables::hits_of_report,
    tasks::{self, Remade},
};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(super) struct ReplayArgs {
    /// A run's id or its beginning, a job's name (its latest run), or `latest`
    run: String,
    /// Where to write what comes out as a whole: the hits of a scan, every row of features or risk profiles
    #[arg(long, value_name = "FILE.parquet")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: ReplayArgs, global: &Global) -> anyhow::Result<ExitCode> {
    args.out.as_deref().map_or(Ok(()), output::parquet)?;
    let database = global.database().await?;
    let archive = SnapshotArchive::new(global.data_dir()?.join("snapshots"));
    let found = database.store.find_run(&args.run).await;
    database.close().await;
    let found = found?;
    let replay = tokio::task::spawn_blocking(move || tasks::replay(&archive, found)).await??;
    let (same_snapshot, same_report) = (replay.same_snapshot(), replay.same_report());
    let tasks::Replay { run, snapshot_hash, report_hash, made } = replay;
    if let Some(out) = &args.out {
        let mut frame = match &made {
            Remade::Scan(report) => hits_of_report(report)?,
            Remade::Computed(computed) => computed.frame.clone(),
        };
        write_parquet(out, &mut frame)?;
    }
    let (snapshot, again) = (snapshot_hash.to_string(), report_hash.to_string());
    if global.json {
        let report = match &made {
            Remade::Scan(report) => serde_json::to_value(report)?,
            Remade::Computed(computed) => serde_json::to_value(computed.report()?)?,
        };
        output::print_json(&json!({
            "run_id": run.run_id, "job": run.job, "due_at": run.due_at, "identical": same_snapshot && same_report,
            "snapshot_hash": { "stored": run.snapshot_hash, "replayed": snapshot },
            "report_hash": { "stored": run.report_hash, "replayed": again },
            "report": report, "out": args.out,
        }))?;
    } else {
        println!("{} due {} (run {})", run.job, services::local_time(run.due_at), run.run_id);
        let table = match &made {
            Remade::Scan(report) => (!report.hits.is_empty()).then(|| output::hits_table(report, 50)),
            Remade::Computed(computed) => Newest::of(computed)?.table(),
        };
        table.iter().for_each(|table| println!("{table}"));
        let verdict = |same: bool| if same { "identical" } else { "DIFFERENT" };
        if let Some(out) = &args.out {
            println!("→ {}", out.display());
        }
        println!("snapshot {snapshot}  {}", verdict(same_snapshot));
        println!("report   {again}  {}", verdict(same_report));
        if !same_report {
            let by = run.code_version.unwrap_or_else(|| "an unknown version".to_owned());
            println!("stored by bellwether {by}; this is {}", env!("CARGO_PKG_VERSION"));
        }
    }
    Ok(if same_snapshot && same_report { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
