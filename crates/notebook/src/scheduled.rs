//! Scans of the schedule, and hits as frames.

use bellwether::scanners::{Scan, ScanReport};
use bellwether_jobs::{
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
