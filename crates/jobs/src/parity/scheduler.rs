//! The scheduler's side: the tasks that its jobs run, over the snapshot.

use std::{path::Path, sync::Arc};

use bellwether::{frames::SnapshotArchive, market::Snapshot};
use polars::prelude::DataFrame;

use super::hand_over;
use crate::{config::Config, tables, tasks};

/// Hands over, under these names:
///
/// ```text
/// JOB, JOB-report          of each scan of the schedule: its hits as a run stores them; the report's hash
/// JOB                      of each job that computes features or risk profiles: all that it computed
/// ```
/// Answers what could not be computed over this snapshot, and why.
///
/// # Errors
/// When the snapshot or a frame cannot be written.
pub async fn scheduler_side(
    config: &Config,
    archive: &SnapshotArchive,
    snapshot: &Arc<Snapshot>,
    folder: &Path,
) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    // Hashing and writing take their time: off the async threads.
    let put = async |name: String, frame: DataFrame| -> anyhow::Result<()> {
        let folder = folder.to_owned();
        tokio::task::spawn_blocking(move || hand_over(&name, &frame, &folder)).await??;
        Ok(())
    };
    for (job, scan) in config.scans() {
        match tasks::scan_snapshot(Some(archive.clone()), scan.clone(), Arc::clone(snapshot)).await {
            Ok((_, report)) => {
                let rows = tasks::hit_rows(&report).into_iter().filter_map(|hit| hit.numbers.as_object().cloned()).collect();
                put(job.name.clone(), tables::rows_of_hits(rows)?).await?;
                put(format!("{}-report", job.name), tables::summary_of_report(&report)?).await?;
            }
            Err(error) => problems.push(format!("{}: {error:#}", job.name)),
        }
    }
    for (job, computation) in config.computations() {
        match tasks::compute_snapshot(Some(archive.clone()), computation.clone(), Arc::clone(snapshot)).await {
            Ok((_, computed)) => put(job.name.clone(), computed.frame).await?,
            Err(error) => problems.push(format!("{}: {error:#}", job.name)),
        }
    }
    Ok(problems)
}
