//! Removes what is past keeping.

use jiff::{SignedDuration, Timestamp};

use super::TaskOutcome;
use crate::{config::HousekeepingConfig, context::Context};

/// How long a market data session that has ended is shown.
const KEEP_FEEDS: SignedDuration = SignedDuration::from_hours(24);

/// Removes the snapshots of runs older than `keep_snapshots_days`, what runs older than `keep_computed_days` computed, and the last
/// words of market data sessions that ended more than a day ago. The rows of runs stay.
pub(super) async fn run(context: &Context, config: &HousekeepingConfig, now: Timestamp) -> anyhow::Result<TaskOutcome> {
    // A century is for ever.
    let before = |days: u32| now - SignedDuration::from_hours(24 * i64::from(days.min(36_500)));
    let snapshots_before = before(config.keep_snapshots_days);
    let archive = context.archive.clone();
    let removed = tokio::task::spawn_blocking(move || archive.prune(snapshots_before)).await??;
    let rows = context.store.prune_computed(before(config.keep_computed_days)).await?;
    let rows = match rows {
        0 => String::new(),
        _ => format!("; {rows} rows computed more than {} days ago removed", config.keep_computed_days),
    };
    // By the clock, not by when this was due: a run made up for later must not spare what is gone, nor a late one hit the living.
    let ended = context.store.prune_feed_statuses(context.clock.now() - KEEP_FEEDS).await?;
    let feeds = match ended {
        0 => String::new(),
        1 => "; 1 market data session that has ended forgotten".to_owned(),
        _ => format!("; {ended} market data sessions that have ended forgotten"),
    };
    Ok(TaskOutcome {
        summary: format!("{removed} files of snapshots older than {} days removed{rows}{feeds}", config.keep_snapshots_days),
        ..TaskOutcome::default()
    })
}
