//! The scheduler's side: the task that a scan's job runs, over the snapshot; and, as no job computes them, the library's features
//! and risk profiles in the program.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use bellwether::{
    features::{Catalogue, Selection, compute},
    frames::SnapshotArchive,
    market::{Snapshot, Symbol, Timeframe},
    risk::profile::{ProfileConfig, profiles},
};
use polars::prelude::DataFrame;

use super::hand_over;
use crate::{config::Config, tables, tasks};

/// What the shipped cells measure against: features the first, profiles both.
pub const BENCHMARKS: [&str; 2] = ["SPY", "QQQ"];

/// Hands over, under these names:
///
/// ```text
/// JOB, JOB-report          for each scan of the schedule: its hits as a run stores them; the report's hash
/// features-daily           the catalogue over daily bars, against SPY
/// features-30-minutes      the catalogue over half hours made of the earlier sessions' minutes
/// features-today           the catalogue over the session's minutes
/// risk-profiles            every symbol against SPY and QQQ
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
    for (job, scan) in config.scans() {
        match tasks::scan_snapshot(Some(archive.clone()), scan.clone(), Arc::clone(snapshot)).await {
            Ok((_, report)) => {
                let rows = tasks::hit_rows(&report).into_iter().filter_map(|hit| hit.numbers.as_object().cloned()).collect();
                hand_over(&job.name, &tables::rows_of_hits(rows)?, folder)?;
                hand_over(&format!("{}-report", job.name), &tables::summary_of_report(&report)?, folder)?;
            }
            Err(error) => problems.push(format!("{}: {error:#}", job.name)),
        }
    }
    let (snapshot, folder) = (Arc::clone(snapshot), folder.to_owned());
    tokio::task::spawn_blocking(move || {
        let computed: [(&str, anyhow::Result<DataFrame>); 4] = [
            ("features-daily", daily(&snapshot)),
            ("features-30-minutes", half_hours(&snapshot)),
            ("features-today", today(&snapshot)),
            ("risk-profiles", risk(&snapshot)),
        ];
        for (name, frame) in computed {
            match frame {
                Ok(frame) => {
                    hand_over(name, &frame, &folder)?;
                }
                Err(error) => problems.push(format!("{name}: {error:#}")),
            }
        }
        Ok(problems)
    })
    .await
    .context("the scheduler's side was cancelled")?
}

fn catalogue() -> anyhow::Result<Selection> {
    Ok(Selection::of(Catalogue::shipped().select("all")?))
}

fn daily(snapshot: &Snapshot) -> anyhow::Result<DataFrame> {
    Ok(compute(&snapshot.daily, &catalogue()?.against(Symbol::new(BENCHMARKS[0])?))?)
}

fn half_hours(snapshot: &Snapshot) -> anyhow::Result<DataFrame> {
    Ok(compute(&snapshot.history, &catalogue()?.on(Timeframe::Min30))?)
}

fn today(snapshot: &Snapshot) -> anyhow::Result<DataFrame> {
    Ok(compute(&snapshot.today, &catalogue()?)?)
}

fn risk(snapshot: &Snapshot) -> anyhow::Result<DataFrame> {
    let benchmarks = [Symbol::new(BENCHMARKS[0])?, Symbol::new(BENCHMARKS[1])?];
    Ok(profiles(&snapshot.daily, &benchmarks, snapshot.as_of, &ProfileConfig::default())?.table()?)
}
