//! Removes what is past keeping.

use jiff::{SignedDuration, Timestamp};

use super::TaskOutcome;
use crate::{config::HousekeepingConfig, context::Context};

/// How long a market data session that has ended is shown.
const KEEP_FEEDS: SignedDuration = SignedDuration::from_hours(24);

/// Removes the snapshots of runs older than `keep_snapshots_days`, and the last words of market data sessions that ended
/// more than a day ago. The rows of runs stay: only the replay of old runs is given up.
pub(super) async fn run(context: &Context, config: &HousekeepingConfig, now: Timestamp) -> anyhow::Result<TaskOutcome> {
    let before = now - SignedDuration::from_hours(24 * i64::from(config.keep_snapshots_days));
    let archive = context.archive.clone();
    let removed = tokio::task::spawn_blocking(move || archive.prune(before)).await??;
    // By the clock, not by when this was due: a run made up for later must not spare what is gone, nor a late one hit the living.
    let ended = context.store.prune_feed_statuses(context.clock.now() - KEEP_FEEDS).await?;
    let feeds = match ended {
        0 => String::new(),
        1 => "; 1 market data session that has ended forgotten".to_owned(),
        _ => format!("; {ended} market data sessions that have ended forgotten"),
    };
    Ok(TaskOutcome {
        summary: format!("{removed} files of snapshots older than {} days removed{feeds}", config.keep_snapshots_days),
        ..TaskOutcome::default()
    })
}
