//! A stored run made again from its snapshot: what it saw, and whether the same comes out.

use anyhow::Context as _;
use bellwether::{
    frames::SnapshotArchive,
    market::{ContentHash, Snapshot},
    scanners::{Scan, ScanReport},
};
use bellwether_store::Run;

use crate::config::{JobKind, JobSettings};

/// A run made again.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The run as stored.
    pub run: Run,
    /// Hash of the snapshot as read.
    pub snapshot_hash: ContentHash,
    /// Hash of the new report.
    pub report_hash: ContentHash,
    /// The new report.
    pub report: ScanReport,
}

impl Replay {
    /// The snapshot is the stored run's, bit for bit.
    pub fn same_snapshot(&self) -> bool {
        self.run.snapshot_hash.as_deref() == Some(&*self.snapshot_hash.to_string())
    }

    /// The report is the stored run's, bit for bit.
    pub fn same_report(&self) -> bool {
        self.run.report_hash.as_deref() == Some(&*self.report_hash.to_string())
    }

    /// Input and result are those of the stored run, bit for bit.
    pub fn identical(&self) -> bool {
        self.same_snapshot() && self.same_report()
    }
}

/// Makes a stored run again from its snapshot. Reads files and computes: not for async threads.
///
/// # Errors
/// When the run was no scan, its snapshot is gone or damaged, or its settings cannot be read any more.
pub fn replay(archive: &SnapshotArchive, run: Run) -> anyhow::Result<Replay> {
    let snapshot = snapshot_of_run(archive, &run)?;
    let report = scan_of_run(&run)?.run(&snapshot)?;
    Ok(Replay { run, snapshot_hash: snapshot.hash(), report_hash: report.hash(), report })
}

/// What a stored run saw. Reads files: not for async threads.
///
/// # Errors
/// When the run was no scan, or its snapshot is gone or damaged.
pub fn snapshot_of_run(archive: &SnapshotArchive, run: &Run) -> anyhow::Result<Snapshot> {
    let named = run.snapshot_hash.as_deref().with_context(|| {
        format!(
            "run {} of `{}` ({}) has no snapshot: only a scan that ended well can be replayed",
            run.run_id, run.job, run.status
        )
    })?;
    Ok(archive.load(&named.parse::<ContentHash>()?)?)
}

/// The scan that a stored run was, with its settings.
///
/// # Errors
/// When the run was no scan, or its settings cannot be read any more.
pub fn scan_of_run(run: &Run) -> anyhow::Result<Scan> {
    let settings = run.config.clone().with_context(|| format!("run {} was stored without its settings", run.run_id))?;
    let settings: JobSettings = serde_json::from_value(settings)
        .with_context(|| format!("the settings of run {} are of another version of bellwether", run.run_id))?;
    match settings.kind {
        JobKind::Scan(scan) => Ok(scan),
        _ => anyhow::bail!("run {} was no scan", run.run_id),
    }
}
