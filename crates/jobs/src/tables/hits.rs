//! Hits and reports of scans.

use bellwether::{
    Error,
    scanners::{ScanReport, columns},
};
use polars::prelude::{Column, DataFrame};
use serde_json::{Map, Value};

use super::columns::{counts, field, frame, instants, texts};

/// The hits of a report as a frame, best first, with the columns that a database's hits have.
///
/// # Errors
/// When polars refuses the columns.
pub fn hits_of_report(report: &ScanReport) -> Result<DataFrame, Error> {
    let rows = report.hits.iter().filter_map(|hit| serde_json::to_value(hit).ok()?.as_object().cloned()).collect();
    rows_of_hits(rows)
}

/// The same of hits as a database has them, each an object.
///
/// # Errors
/// When polars refuses the columns.
pub fn rows_of_hits(rows: Vec<Map<String, Value>>) -> Result<DataFrame, Error> {
    frame("hits as a frame", hit_columns(rows))
}

/// A report in one row: `scan`, `as_of`, `considered` (symbols looked at), `hits`, and `report_hash`, which every hit, split, halt,
/// symbol set aside and missing part goes into.
///
/// # Errors
/// When polars refuses the columns.
pub fn summary_of_report(report: &ScanReport) -> Result<DataFrame, Error> {
    frame(
        "a report as a frame",
        vec![
            texts("scan", [Some(report.scan.to_owned())]),
            instants("as_of", [Some(report.as_of)]),
            counts("considered", [report.considered as i64]),
            counts("hits", [report.hits.len() as i64]),
            texts("report_hash", [Some(report.hash().to_string())]),
        ],
    )
}

/// Columns of hits as they are stored: `rank`, `symbol`, `name`; the numbers, in the order in which they are documented; `trend`
/// and `headline` where there are any; whatever else is there.
pub fn hit_columns(rows: Vec<Map<String, Value>>) -> Vec<Column> {
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
