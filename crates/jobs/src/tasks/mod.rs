//! What jobs do: one file per kind. A task is given everything and answers with what is to be stored and sent; the
//! runner writes that in one transaction.

mod compute;
mod history;
mod housekeeping;
mod ingest_bars;
mod market_conditions;
mod replay;
mod scan;
mod snapshot;

use std::sync::Arc;

use bellwether::scanners::ScanReport;
use bellwether_adapters::ib::{Priority, with_priority};
use bellwether_store::{AlertKind, ComputedRow, HitRow, MarketConditions, NewAlert, RunId};
use jiff::Timestamp;
use uuid::Uuid;

pub use compute::compute_snapshot;
pub use history::HistoryCache;
pub use ingest_bars::{IngestSummary, Supply, ingest};
pub use replay::{Remade, Replay, replay, snapshot_of_run};
pub use scan::{hit_rows, scan_snapshot};
pub use snapshot::{Wanted, snapshot_of};

use crate::{
    alerts::AlertContent,
    config::{Job, JobKind},
    context::Context,
};

/// What a task leaves.
#[derive(Debug, Default)]
pub struct TaskOutcome {
    /// Name of the snapshot that a scan saw.
    pub snapshot_hash: Option<String>,
    /// Hash of the report.
    pub report_hash: Option<String>,
    /// The report.
    pub report: Option<Arc<ScanReport>>,
    /// The report as stored.
    pub stored_report: Option<serde_json::Value>,
    /// Its hits as rows.
    pub hits: Vec<HitRow>,
    /// What was computed of each symbol.
    pub computed: Vec<ComputedRow>,
    /// What is to be told.
    pub alerts: Vec<NewAlert>,
    /// State of the market.
    pub conditions: Option<MarketConditions>,
    /// In words.
    pub summary: String,
}

/// Does what `job` is for, as of `due_at`.
pub(crate) async fn run(
    context: &Context,
    job: &Job,
    due_at: Timestamp,
    key: Uuid,
    run_id: RunId,
) -> anyhow::Result<TaskOutcome> {
    match &job.kind {
        JobKind::Scan(scan) => scan::run(context, job, scan, due_at, key, run_id).await,
        JobKind::Compute(computation) => compute::run(context, job, computation, due_at).await,
        // Nobody waits for it.
        JobKind::IngestBars(config) => with_priority(Priority::Ingest, ingest_bars::run(context, job, config, due_at)).await,
        JobKind::MarketConditions(config) => market_conditions::run(context, config, due_at).await,
        JobKind::Housekeeping(config) => housekeeping::run(context, config, due_at).await,
    }
}

/// One alert per channel of `job`, with ids that are the same however often the run is made again.
fn alerts_of(context: &Context, job: &Job, key: Uuid, content: &AlertContent) -> Vec<NewAlert> {
    alerts_to(context, &job.alert.channels, key, content)
}

/// One alert per channel, with ids that follow from `key`.
pub(crate) fn alerts_to(context: &Context, channels: &[String], key: Uuid, content: &AlertContent) -> Vec<NewAlert> {
    let mut content = content.clone();
    content.compressed = context.rehearsal;
    let payload = serde_json::to_value(&content).unwrap_or_default();
    let channels = channels.iter().filter_map(|name| context.config.channels.get_key_value(name));
    channels
        .map(|(name, channel)| NewAlert {
            alert_id: Uuid::new_v5(&key, name.as_bytes()),
            channel: name.clone(),
            kind: if channel.is_email() { AlertKind::Email } else { AlertKind::Webhook },
            subject: content.subject.clone(),
            payload: payload.clone(),
            created_at: context.clock.now(),
        })
        .collect()
}

/// What the channels of `job` are told when a due time fails or is missed: ids apart from those of its result.
pub(crate) fn failure_alerts(context: &Context, job: &Job, key: Uuid, content: &AlertContent) -> Vec<NewAlert> {
    alerts_of(context, job, Uuid::new_v5(&key, b"failure"), content)
}
