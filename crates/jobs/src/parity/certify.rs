//! One snapshot through both sides.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use bellwether::{frames::SnapshotArchive, market::Clock as _, market::Snapshot};

use super::{Certificate, FailedCell, Side, SnapshotTold, cells, compare, handed, scheduler_side};
use crate::{
    clock::SystemClock,
    config::Config,
    lab::{Kernels, Prepared, Progress},
};

/// Computing everything, the start of a kernel included.
const CELL: Duration = Duration::from_secs(15 * 60);
const ALL: Duration = Duration::from_secs(60 * 60);

/// What is to be certified.
#[derive(Debug)]
pub struct Order {
    /// The schedule, and its text for the notebook's side.
    pub config: Config,
    /// See `config`.
    pub schedule: String,
    /// What both sides see.
    pub snapshot: Arc<Snapshot>,
    /// Where that comes from.
    pub place: String,
    /// The cells of the notebook's side.
    pub cells: Vec<String>,
    /// The lab that runs them.
    pub lab: Prepared,
    /// File for what the kernel says beside the cells.
    pub log: PathBuf,
}

/// Computes both sides and compares them. The snapshot and the frames are kept in a temporary folder while it lasts.
///
/// # Errors
/// When a side cannot be run at all. What differs, fails or is missing is in the certificate.
pub async fn certify(order: Order, progress: &dyn Progress) -> anyhow::Result<Certificate> {
    let place = tempfile::tempdir().context("no folder for what is compared")?;
    let folder = |name: &str| place.path().join(name);
    let archive = SnapshotArchive::new(folder("snapshots"));

    progress.begin("scheduler");
    let hash = archive.keep(&order.snapshot)?.to_string();
    let not_computed = scheduler_side(&order.config, &archive, &order.snapshot, &folder("scheduler")).await?;
    let ours = handed(&folder("scheduler"))?;
    progress.end(&frames(ours.len()));

    progress.begin("notebook");
    // The notebook's side reads the schedule as a notebook does: from its own folder.
    std::fs::create_dir_all(folder("cells"))?;
    std::fs::write(folder("cells").join("schedules.toml"), &order.schedule)?;
    let kernels = Kernels { lab: order.lab.clone(), folder: folder("cells"), log: order.log.clone(), cell: CELL, all: ALL };
    let mut sources = vec![cells::given(&folder("snapshots"), &hash, &folder("notebook"))];
    sources.extend(order.cells.iter().cloned());
    let outcomes = tokio::task::block_in_place(|| kernels.run(&[sources], progress)).context("the cells were not run")?;
    let outcomes = outcomes.into_iter().flatten().enumerate();
    // The first is the one that comes before the file's.
    let failed_cells: Vec<FailedCell> = outcomes
        .filter(|(_, outcome)| !outcome.is_ok())
        .map(|(cell, outcome)| FailedCell { cell, said: outcome.said() })
        .collect();
    let theirs = handed(&folder("notebook"))?;
    progress.end(&frames(theirs.len()));

    let snapshot = &order.snapshot;
    Ok(Certificate {
        equal: false,
        made_at: SystemClock.now(),
        snapshot: SnapshotTold {
            hash,
            as_of: snapshot.as_of,
            place: order.place,
            symbols: snapshot.universe.len(),
            bars: snapshot.daily.len() + snapshot.history.len() + snapshot.today.len(),
        },
        scheduler: Side::of(&ours),
        notebook: Side::of(&theirs),
        frames: compare(&folder("scheduler"), &folder("notebook"))?,
        failed_cells,
        not_computed,
        not_scheduled: not_scheduled(&order.config),
    }
    .judged())
}

fn not_scheduled(config: &Config) -> Vec<&'static str> {
    let kinds: Vec<&str> = config.computations().map(|(_, computation)| computation.kind()).collect();
    let mut lacking: Vec<&'static str> = ["features", "risk_profiles"].into_iter().filter(|kind| !kinds.contains(kind)).collect();
    if config.scans().next().is_none() {
        lacking.push("scans");
    }
    lacking
}

fn frames(count: usize) -> String {
    format!("{count} frames")
}
