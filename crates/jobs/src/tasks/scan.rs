//! A scan: snapshot, keep, scan, report. The same steps serve the schedule and a run by hand.

use std::{collections::BTreeSet, sync::Arc};

use bellwether::{
    frames::SnapshotArchive,
    market::{ContentHash, Instrument, Snapshot, Symbol},
    scanners::{Hit, Scan, ScanReport},
};
use bellwether_store::{HitRow, MarketConditions, RunId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{
    TaskOutcome, Wanted, alerts_of,
    snapshot::{kept, snapshot_of},
};
use crate::{alerts::AlertContent, config::Job, context::Context};

/// What a scan of longer ago names is of no interest now.
const OF_TODAY: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn run(
    context: &Context,
    job: &Job,
    scan: &Scan,
    due_at: Timestamp,
    key: Uuid,
    run_id: RunId,
) -> anyhow::Result<TaskOutcome> {
    let snapshot = Arc::new(snapshot_of(context, job, &Wanted::from(scan), due_at).await?);
    let (hash, report) = scan_snapshot(Some(context.archive.clone()), scan.clone(), Arc::clone(&snapshot)).await?;
    let report = Arc::new(report);
    let tell = !job.alert.channels.is_empty() && (job.alert.when_empty || !report.hits.is_empty());
    let alerts = if tell {
        let named: BTreeSet<&Symbol> = report.hits.iter().take(job.alert.top).map(|hit| &hit.symbol).collect();
        let named: Vec<Instrument> = snapshot.universe.iter().filter(|it| named.contains(&it.symbol)).cloned().collect();
        if !named.is_empty() && context.clock.now().duration_since(due_at) < OF_TODAY {
            context.market.watch_closely(&named).await;
        }
        let (job, report, snapshot) = (job.clone(), Arc::clone(&report), Arc::clone(&snapshot));
        // Pictures are drawn here: off the threads that keep the clock.
        let content = tokio::task::spawn_blocking(move || {
            AlertContent::of_scan(&job.name, &report, &snapshot, &run_id.to_string(), job.alert.top)
        })
        .await??;
        Some(content)
    } else {
        None
    };
    let alerts = alerts.map(|content| alerts_of(context, job, key, &content)).unwrap_or_default();
    let summary = match report.hits.len() {
        1 => format!("1 hit of {} symbols", report.considered),
        n => format!("{n} hits of {} symbols", report.considered),
    };
    Ok(TaskOutcome {
        snapshot_hash: Some(hash.to_string()),
        report_hash: Some(report.hash().to_string()),
        stored_report: Some(serde_json::to_value(&*report)?),
        hits: hit_rows(&report),
        computed: Vec::new(),
        alerts,
        conditions: conditions(&snapshot),
        summary,
        report: Some(report),
    })
}

/// Keeps the snapshot where an archive is given, and scans it, off the async threads.
///
/// # Errors
/// When the snapshot cannot be kept (a decision that cannot be replayed is not made) or a setting is out of range.
pub async fn scan_snapshot(
    archive: Option<SnapshotArchive>,
    scan: Scan,
    snapshot: Arc<Snapshot>,
) -> anyhow::Result<(ContentHash, ScanReport)> {
    tokio::task::spawn_blocking(move || Ok((kept(archive.as_ref(), &snapshot)?, scan.run(&snapshot)?))).await?
}

/// The hits of a report as they are stored.
pub fn hit_rows(report: &ScanReport) -> Vec<HitRow> {
    report.hits.iter().map(hit_row).collect()
}

fn hit_row(hit: &Hit) -> HitRow {
    let number = |name| hit.numbers.get(name);
    let direction = number("gap_pct").or(number("change_pct"));
    HitRow {
        rank: i32::try_from(hit.rank).unwrap_or(i32::MAX),
        symbol: hit.symbol.clone(),
        side: direction.map(|pct| if pct < 0.0 { "down" } else { "up" }.to_owned()),
        score: number("score"),
        gap_pct: number("gap_pct"),
        last: number("last"),
        prev_close: number("prev_close"),
        volume: number("premarket_volume").or(number("volume")).or(number("session_volume")),
        numbers: json!(hit),
    }
}

/// SPY, QQQ and the share of symbols that are up, against previous closes.
fn conditions(snapshot: &Snapshot) -> Option<MarketConditions> {
    let change = |symbol: &str| {
        let previous = snapshot.daily.series(symbol).last()?.close;
        let last = snapshot.today.series(symbol).last()?.close;
        Some(100.0 * (last / previous - 1.0))
    };
    let changes: Vec<f64> = snapshot.universe.iter().filter_map(|instrument| change(instrument.symbol.as_str())).collect();
    let up = changes.iter().filter(|change| **change > 0.0).count();
    (!changes.is_empty()).then(|| MarketConditions {
        as_of: snapshot.as_of,
        spy_change_pct: change("SPY"),
        qqq_change_pct: change("QQQ"),
        breadth: Some(up as f64 / changes.len() as f64),
        details: json!({ "symbols": changes.len() }),
    })
}
