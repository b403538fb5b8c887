//! What the run ledger speaks of.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{ComputedRow, HitRow, MarketConditions, NewAlert, Result, StoreError};

/// Names a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub Uuid);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What set a run off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The schedule: one run for each job and due time.
    Schedule,
    /// A person: as many as they like.
    Manual,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Claimed and at work.
    Running,
    /// Done in time.
    Succeeded,
    /// Done, but later than it should.
    Late,
    /// Ended with an error; see its reason.
    Failed,
    /// Deliberately not run; see its reason.
    Skipped,
    /// Was due while nothing was there to run it; see its reason.
    Missed,
}

macro_rules! named {
    ($type:ident, $table:literal, $column:literal, $($variant:ident = $name:literal),+) => {
        impl $type {
            /// The name, as stored.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for $type {
            type Err = StoreError;
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(StoreError::Value { table: $table, column: $column, found: format!("`{text}`") }),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named!(Trigger, "runs", "trigger", Schedule = "schedule", Manual = "manual");
named!(
    RunStatus,
    "runs",
    "status",
    Running = "running",
    Succeeded = "succeeded",
    Late = "late",
    Failed = "failed",
    Skipped = "skipped",
    Missed = "missed"
);

/// A run to be claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// The job's name.
    pub job: String,
    /// The job's kind, such as `gap_scan`.
    pub kind: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// When it is due.
    pub due_at: Timestamp,
    /// What time's data it sees, when that differs from the due time.
    pub as_of: Option<Timestamp>,
    /// Who claims it: a name unique among the processes that share the database.
    pub instance: String,
    /// Now.
    pub started_at: Timestamp,
    /// The job's configuration.
    pub config: Option<Value>,
    /// Version of the program.
    pub code_version: Option<String>,
}

/// The right to work on a run and to end it. Void as soon as another instance takes the run over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunClaim {
    /// The run.
    pub run_id: RunId,
    /// Who holds it.
    pub instance: String,
    /// How often the run has been claimed, this time included.
    pub attempt: i32,
}

/// How a run ended and what it leaves, written together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// How it ended; not `Running`, not `Missed`.
    pub status: RunStatus,
    /// Why, when it did not succeed.
    pub reason: Option<String>,
    /// Now.
    pub finished_at: Timestamp,
    /// Hash of its input.
    pub snapshot_hash: Option<String>,
    /// Hash of its result.
    pub report_hash: Option<String>,
    /// Its result.
    pub report: Option<Value>,
    /// Its result's lines.
    pub hits: Vec<HitRow>,
    /// What it computed of each symbol, each once.
    pub computed: Vec<ComputedRow>,
    /// What people shall be told.
    pub alerts: Vec<NewAlert>,
    /// The market around it.
    pub conditions: Option<MarketConditions>,
}

impl RunOutcome {
    /// An outcome that leaves nothing but its status.
    pub fn bare(status: RunStatus, finished_at: Timestamp) -> Self {
        Self {
            status,
            reason: None,
            finished_at,
            snapshot_hash: None,
            report_hash: None,
            report: None,
            hits: Vec::new(),
            computed: Vec::new(),
            alerts: Vec::new(),
            conditions: None,
        }
    }
}

/// A due time at which nothing ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Unrun {
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// `Skipped` or `Missed`.
    pub status: RunStatus,
    /// Why.
    pub reason: String,
    /// Who records it.
    pub instance: String,
    /// Now.
    pub recorded_at: Timestamp,
    /// What people shall be told.
    pub alerts: Vec<NewAlert>,
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The run.
    pub run_id: RunId,
    /// The job's name.
    pub job: String,
    /// The job's kind.
    pub kind: String,
    /// What set it off.
    pub trigger: Trigger,
    /// When it was due.
    pub due_at: Timestamp,
    /// What time's data it saw, when that differs from the due time.
    pub as_of: Option<Timestamp>,
    /// Where it stands.
    pub status: RunStatus,
    /// Why, when it did not succeed.
    pub reason: Option<String>,
    /// Who holds or held it.
    pub instance: String,
    /// How often it was claimed.
    pub attempt: i32,
    /// When the present attempt started; empty for a due time at which nothing ran.
    pub started_at: Option<Timestamp>,
    /// Last sign of life.
    pub heartbeat_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Hash of its input.
    pub snapshot_hash: Option<String>,
    /// Hash of its result.
    pub report_hash: Option<String>,
    /// Its result.
    pub report: Option<Value>,
    /// The job's configuration.
    pub config: Option<Value>,
    /// Version of the program.
    pub code_version: Option<String>,
}
