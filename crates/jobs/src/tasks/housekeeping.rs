//! Removes what is past keeping.

use jiff::{SignedDuration, Timestamp};

use super::TaskOutcome;
use crate::{config::HousekeepingConfig, context::Context};

/// Removes the snapshots of runs older than `keep_snapshots_days`. Rows stay: only the replay of old runs is given up.
pub(super) async fn run(context: &Context, config: &HousekeepingConfig, now: Timestamp) -> anyhow::Result<TaskOutcome> {
    let before = now - SignedDuration::from_hours(24 * i64::from(config.keep_snapshots_days));
    let archive = context.archive.clone();
    let removed = tokio::task::spawn_blocking(move || archive.prune(before)).await??;
    Ok(TaskOutcome {
        summary: format!("{removed} files of snapshots older than {} days removed", config.keep_snapshots_days),
        ..TaskOutcome::default()
    })
}
