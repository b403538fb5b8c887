//! A stored run made again from its snapshot: what it saw, and whether the same comes out.

use anyhow::Context as _;
use bellwether::{
    frames::SnapshotArchive,
    market::{ContentHash, Snapshot},
    scanners::ScanReport,
};
use bellwether_store::Run;

use crate::{
    computation::Computed,
    config::{JobKind, JobSettings},
};

/// A run made again.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The run as stored.
    pub run: Run,
    /// Hash of the snapshot as read.
    pub snapshot_hash: ContentHash,
    /// Hash of the new report.
    pub report_hash: ContentHash,
    /// What came out.
    pub made: Remade,
}

/// What came out of a run made again.
#[derive(Debug, Clone)]
pub enum Remade {
    /// Of a scan.
    Scan(ScanReport),
    /// Of a job that computes features or risk profiles.
    Computed(Computed),
}

impl Remade {
    fn hash(&self) -> anyhow::Result<ContentHash> {
        match self {
            Self::Scan(report) => Ok(report.hash()),
            Self::Computed(computed) => computed.hash(),
        }
    }
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
/// When the run saw no snapshot, it is gone or damaged, or the settings cannot be read any more.
pub fn replay(archive: &SnapshotArchive, run: Run) -> anyhow::Result<Replay> {
    let snapshot = snapshot_of_run(archive, &run)?;
    let made = match kind_of_run(&run)? {
        JobKind::Scan(scan) => Remade::Scan(scan.run(&snapshot)?),
        JobKind::Compute(computation) => Remade::Computed(computation.run(&snapshot)?),
        _ => anyhow::bail!("run {} neither scanned nor computed anything", run.run_id),
    };
    Ok(Replay { run, snapshot_hash: snapshot.hash(), report_hash: made.hash()?, made })
}

/// What a stored run saw. Reads files: not for async threads.
///
/// # Errors
/// When the run saw none, or it is gone or damaged.
pub fn snapshot_of_run(archive: &SnapshotArchive, run: &Run) -> anyhow::Result<Snapshot> {
    let named = run.snapshot_hash.as_deref().with_context(|| {
        format!(
            "run {} of `{}` ({}) has no snapshot: only scans, features and risk profiles that ended well can be replayed",
            run.run_id, run.job, run.status
        )
    })?;
    Ok(archive.load(&named.parse::<ContentHash>()?)?)
}

/// What a stored run did, with its settings.
fn kind_of_run(run: &Run) -> anyhow::Result<JobKind> {
    let settings = run.config.clone().with_context(|| format!("run {} was stored without its settings", run.run_id))?;
    let settings: JobSettings = serde_json::from_value(settings)
        .with_context(|| format!("the settings of run {} are of another version of bellwether", run.run_id))?;
    Ok(settings.kind)
}
