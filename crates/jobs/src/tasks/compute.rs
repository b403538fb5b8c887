//! Features or risk profiles of a universe: snapshot, keep, compute, store the newest row of each symbol.

use std::sync::Arc;

use bellwether::{
    frames::SnapshotArchive,
    market::{ContentHash, Snapshot},
};
use bellwether_store::ComputedRow;
use jiff::Timestamp;

use super::{
    TaskOutcome, Wanted,
    snapshot::{kept, snapshot_of},
};
use crate::{
    computation::{Computation, Computed},
    config::Job,
    context::Context,
    tables::newest_rows,
};

pub(super) async fn run(
    context: &Context,
    job: &Job,
    computation: &Computation,
    due_at: Timestamp,
) -> anyhow::Result<TaskOutcome> {
    let snapshot = Arc::new(snapshot_of(context, job, &Wanted::from(computation), due_at).await?);
    let (hash, computed) = compute_snapshot(Some(context.archive.clone()), computation.clone(), snapshot).await?;
    // Hashing takes its time too.
    tokio::task::spawn_blocking(move || {
        let (rows, report) = (newest_rows(&computed.frame)?.into_iter(), computed.report()?);
        Ok(TaskOutcome {
            snapshot_hash: Some(hash.to_string()),
            report_hash: Some(computed.hash()?.to_string()),
            stored_report: Some(serde_json::to_value(&report)?),
            computed: rows.map(|(symbol, numbers)| ComputedRow { symbol, numbers: numbers.into() }).collect(),
            summary: report.summary(),
            ..TaskOutcome::default()
        })
    })
    .await?
}

/// Keeps the snapshot where an archive is given, and computes over it, off the async threads.
///
/// # Errors
/// When the snapshot cannot be kept (what cannot be replayed is not stored), or as [`Computation::run`].
pub async fn compute_snapshot(
    archive: Option<SnapshotArchive>,
    computation: Computation,
    snapshot: Arc<Snapshot>,
) -> anyhow::Result<(ContentHash, Computed)> {
    tokio::task::spawn_blocking(move || Ok((kept(archive.as_ref(), &snapshot)?, computation.run(&snapshot)?))).await?
}
