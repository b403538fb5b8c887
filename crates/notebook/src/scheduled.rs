//! What the schedule's jobs find and compute, here.

use bellwether::{
    market::Snapshot,
    scanners::{Scan, ScanReport},
};
use bellwether_jobs::{
    computation::Computation,
    config::{Config, JobKind},
    tables,
};
use polars::prelude::DataFrame;

use crate::error::{DataError, Result};

/// The schedule that a notebook means: the nearest `schedules.toml`, in its folder or one above, else the one that ships.
pub(crate) fn schedule() -> Result<Config> {
    let here = std::env::current_dir().map_err(|error| DataError::place("the current folder", error))?;
    let nearest = here.ancestors().map(|folder| folder.join("schedules.toml")).find(|file| file.is_file());
    Ok(Config::load(nearest.as_deref())?)
}

/// The scan that a job of the schedule runs, with the job's settings. The schedule is the nearest `schedules.toml`: in the notebook's
/// folder or one above it, such as the checkout's; else the one that ships, whose scans are `premarket-gap` and `intraday-momentum`.
///
/// # Errors
/// When the schedule cannot be read, has no such job, or the job is no scan.
pub fn scheduled_scan(job: &str) -> Result<Scan> {
    let config = schedule()?;
    let job = config.job(job)?;
    match &job.kind {
        JobKind::Scan(scan) => Ok(scan.clone()),
        _ => Err(DataError::place(&config.origin, format_args!("job `{}` is {}, which is no scan", job.name, job.kind_name))),
    }
}

/// Names of the scans of that schedule, in its order.
///
/// # Errors
/// When the schedule cannot be read.
pub fn scheduled_scans() -> Result<Vec<String>> {
    Ok(schedule()?.scans().map(|(job, _)| job.name.clone()).collect())
}

/// Names of the jobs of that schedule that compute features or risk profiles, in its order.
///
/// # Errors
/// When the schedule cannot be read.
pub fn scheduled_computations() -> Result<Vec<String>> {
    Ok(schedule()?.computations().map(|(job, _)| job.name.clone()).collect())
}

/// What such a job computes over a snapshot, with the job's settings: `symbol`, of features `open_at` and `close_at` of each bar, then the
/// columns. (With a run the scheduler stores the newest row of each symbol: [`crate::Database::computed`].) Symbols of which nothing
/// can be computed are told below the cell, with the reason.
///
/// ```
/// use bellwether_notebook::{Market, compute_scheduled};
/// let market = Market::generated_on(7, 20, "2026-03-10", 3)?;
/// let risk = compute_scheduled("risk-profiles", &market.snapshot_at("2026-03-10 08:30")?)?;
/// assert!(risk.height() > 20);
/// # Ok::<(), bellwether_notebook::DataError>(())
/// ```
///
/// # Errors
/// When the schedule cannot be read or has no such job, the job computes nothing, a benchmark is missing, or nothing can be computed of any
/// symbol.
pub fn compute_scheduled(job: &str, snapshot: &Snapshot) -> Result<DataFrame> {
    let computed = scheduled_computation(job)?.run(snapshot)?;
    for one in &computed.without {
        eprintln!("{job}: {}: {}", one.symbol, one.problem);
    }
    Ok(computed.frame)
}

pub(crate) fn scheduled_computation(job: &str) -> Result<Computation> {
    let config = schedule()?;
    let job = config.job(job)?;
    match &job.kind {
        JobKind::Compute(computation) => Ok(computation.clone()),
        _ => {
            let problem =
                format_args!("job `{}` is {}, which computes neither features nor risk profiles", job.name, job.kind_name);
            Err(DataError::place(&config.origin, problem))
        }
    }
}

/// The hits of a report as a frame, best first, with the columns of [`crate::Database::hits`].
///
/// # Errors
/// When polars refuses the columns.
pub fn hits_of_report(report: &ScanReport) -> Result<DataFrame> {
    Ok(tables::hits_of_report(report)?)
}

/// A report in one row: `scan`, `as_of`, `considered` (symbols looked at), `hits`, and `report_hash`: two reports with one hash are the
/// same in every hit, split, halt, symbol set aside and missing part.
///
/// # Errors
/// When polars refuses the columns.
pub fn summary_of_report(report: &ScanReport) -> Result<DataFrame> {
    Ok(tables::summary_of_report(report)?)
}
