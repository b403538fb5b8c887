//! A run made again, as a notebook sees it.

use std::fmt;

use bellwether::market::Snapshot;
use bellwether_jobs::{
    tables::hits_of_report,
    tasks::{self, Remade, Replay},
};
use jiff::Timestamp;
use polars::prelude::DataFrame;

use crate::{Database, error::Result};

/// A stored run made again from its snapshot, and whether the same came out.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Id of the run.
    pub run_id: String,
    /// The job.
    pub job: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// Input and result are those of the stored run, bit for bit.
    pub identical: bool,
    /// The snapshot that was read is the one that the run saw.
    pub same_snapshot: bool,
    /// The report that came out is the one that was stored.
    pub same_report: bool,
    /// Version of bellwether that stored the run.
    pub stored_by: Option<String>,
    made: Remade,
}

impl Replayed {
    /// What came out: of a scan the hits, best first, with the columns of [`Database::hits`]; of a job that computes features or risk
    /// profiles all that it computed.
    ///
    /// # Errors
    /// When polars refuses the columns.
    pub fn frame(&self) -> Result<DataFrame> {
        match &self.made {
            Remade::Scan(report) => Ok(hits_of_report(report)?),
            Remade::Computed(computed) => Ok(computed.frame.clone()),
        }
    }
}

impl From<Replay> for Replayed {
    fn from(replay: Replay) -> Self {
        Self {
            identical: replay.identical(),
            same_snapshot: replay.same_snapshot(),
            same_report: replay.same_report(),
            run_id: replay.run.run_id.to_string(),
            job: replay.run.job,
            due_at: replay.run.due_at,
            stored_by: replay.run.code_version,
            made: replay.made,
        }
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let due = self.due_at.to_zoned(bellwether::market::new_york());
        write!(f, "{} due {} (run {}): ", self.job, due.strftime("%a %Y-%m-%d %H:%M %Z"), self.run_id)?;
        if self.identical {
            return match &self.made {
                Remade::Scan(report) => write!(f, "identical, {} hits", report.hits.len()),
                Remade::Computed(computed) => write!(f, "identical, {}", computed.report().map_err(|_| fmt::Error)?.summary()),
            };
        }
        let differs = match (self.same_snapshot, self.same_report) {
            (true, _) => "the report DIFFERS",
            (false, true) => "the snapshot DIFFERS",
            (false, false) => "snapshot and report DIFFER",
        };
        let by = self.stored_by.as_deref().unwrap_or("of an unknown version");
        write!(f, "{differs}; stored by bellwether {by}, this is {}", env!("CARGO_PKG_VERSION"))
    }
}

impl Database {
    /// What a run saw, bit for bit as it was kept. `run` is `latest`, a job's name (its latest run), or the beginning of a run's id.
    ///
    /// # Errors
    /// When there is no such run, it saw no snapshot, or its snapshot is gone (they are kept for 90 days) or damaged.
    pub fn snapshot(&self, run: &str) -> Result<Snapshot> {
        Ok(tasks::snapshot_of_run(self.archive(), &self.find(run)?)?)
    }

    /// Makes a run again from its snapshot and says whether the same comes out, as `bellwether replay RUN` does. Stores nothing.
    ///
    /// # Errors
    /// As [`Database::snapshot`], and when the run's settings are of another version.
    pub fn replay(&self, run: &str) -> Result<Replayed> {
        Ok(tasks::replay(self.archive(), self.find(run)?)?.into())
    }
}
