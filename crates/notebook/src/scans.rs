//! Scans of the schedule, and hits as frames.

use bellwether::scanners::{Scan, ScanReport, columns};
use bellwether_jobs::config::{Config, JobKind};
use polars::prelude::{Column, DataFrame};
use serde_json::{Map, Value};

use crate::{
    columns::{counts, field, frame, texts},
    error::{DataError, Result},
};

/// The scan that a job of the schedule runs, with the job's settings: of `schedules.toml` in the notebook's folder, else of the
/// schedule that ships, whose scans are `premarket-gap` and `intraday-momentum`.
///
/// # Errors
/// When the schedule cannot be read, has no such job, or the job is no scan.
pub fn scheduled_scan(job: &str) -> Result<Scan> {
    let config = Config::load(None)?;
    let job = config.job(job)?;
    match &job.kind {
        JobKind::Scan(scan) => Ok(scan.clone()),
        _ => Err(DataError::place(&config.origin, format_args!("job `{}` is {}, which is no scan", job.name, job.kind_name))),
    }
}

/// The hits of a report as a frame, best first, with the columns of [`crate::Database::hits`].
///
/// # Errors
/// When polars refuses the columns.
pub fn hits_of_report(report: &ScanReport) -> Result<DataFrame> {
    let rows = report.hits.iter().filter_map(|hit| serde_json::to_value(hit).ok()?.as_object().cloned()).collect();
    frame("hits as a frame", hit_columns(rows))
}

/// Columns of hits as they are stored: `rank`, `symbol`, `name`; the numbers, in the order in which they are documented; `trend`
/// and `headline` where there are any; whatever else is there.
pub(crate) fn hit_columns(rows: Vec<Map<String, Value>>) -> Vec<Column> {
    const FIRST: [&str; 3] = ["rank", "symbol", "name"];
    const LAST: [&str; 2] = ["trend", "headline"];
    let there = |name: &str| rows.iter().any(|row| row.contains_key(name));
    let text = |name: &str| {
        let value = |row: &Map<String, Value>| row.get(name).and_then(Value::as_str).map(str::to_owned);
        texts(name, rows.iter().map(value).collect::<Vec<_>>())
    };
    let rank = |row: &Map<String, Value>| row.get("rank").and_then(Value::as_i64).unwrap_or_default();
    let mut all = vec![counts("rank", rows.iter().map(rank)), text("symbol"), text("name")];
    let documented: Vec<&str> = columns().iter().map(|column| column.name).collect();
    all.extend(documented.iter().filter(|name| there(name)).map(|name| field(name, &rows)));
    all.extend(LAST.into_iter().filter(|name| there(name)).map(text));
    let mut others: Vec<&String> = rows.iter().flat_map(Map::keys).collect();
    others.sort();
    others.dedup();
    let known = |name: &str| FIRST.contains(&name) || LAST.contains(&name) || documented.contains(&name);
    all.extend(others.into_iter().filter(|name| !known(name)).map(|name| field(name, &rows)));
    all
}
