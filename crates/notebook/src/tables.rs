//! What a database holds, as frames.

use std::collections::BTreeSet;

use bellwether::market::{Bars, Symbol, Timeframe};
use bellwether_jobs::tables::{hit_columns, rows_of_computed, rows_of_hits};
use bellwether_store::{Alert, AlertFilter, MarketConditions, Run, RunFilter};
use jiff::Timestamp;
use polars::prelude::{Column, DataFrame};
use serde_json::{Map, Value};

use crate::{
    Database,
    columns::{counts, frame, instants, numbers, texts},
    error::{DataError, Result},
    words::{interval, symbols, tell},
};

/// Rows that lists without an interval give.
const LATEST: i64 = 100;
/// Runs that [`Database::runs_of`] gives.
const MOST_RUNS: i64 = 10_000;

impl Database {
    /// Stored bars that opened at or after `from` and had closed by `until`, in order of symbol and time.
    ///
    /// Columns: `symbol`, `open_at`, `close_at`, `open`, `high`, `low`, `close` (USD, raw), `volume` (shares), `vwap` (USD),
    /// `trades`; the last two are null where unknown. `timeframe` is `1m`, `5m`, `30m`, `1h`, `6h` or `1d`.
    ///
    /// # Errors
    /// When an argument cannot be read, or the database cannot.
    pub fn bars(&self, symbols: &[&str], timeframe: &str, from: &str, until: &str) -> Result<DataFrame> {
        Ok(self.read_bars(symbols, timeframe, from, until)?.to_frame()?)
    }

    /// As [`Database::bars`], in the form that features, indicators and scans take.
    ///
    /// # Errors
    /// As [`Database::bars`].
    pub fn read_bars(&self, symbols: &[&str], timeframe: &str, from: &str, until: &str) -> Result<Bars> {
        let ((from, until), timeframe) = (interval(from, until)?, timeframe.parse::<Timeframe>()?);
        let symbols = self.named_or_all(symbols, timeframe)?;
        let (bars, faults) = self.store().bars(&symbols, timeframe, from, until)?;
        tell(&self.place(), &faults);
        Ok(bars)
    }

    pub(crate) fn named_or_all(&self, named: &[&str], timeframe: Timeframe) -> Result<Vec<Symbol>> {
        match named {
            [] => Ok(self.store().bar_coverage(timeframe)?.into_iter().map(|row| row.symbol).collect()),
            named => symbols(named),
        }
    }

    /// Which bars are stored. Columns: `timeframe`, `symbol`, `bars` (how many), `first_open_at`, `last_close_at`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn coverage(&self) -> Result<DataFrame> {
        let mut rows = Vec::new();
        for timeframe in Timeframe::ALL {
            rows.extend(self.store().bar_coverage(timeframe)?.into_iter().map(|row| (timeframe, row)));
        }
        frame(
            "coverage",
            vec![
                texts("timeframe", rows.iter().map(|(timeframe, _)| Some(timeframe.to_string()))),
                texts("symbol", rows.iter().map(|(_, row)| Some(row.symbol.to_string()))),
                counts("bars", rows.iter().map(|(_, row)| row.bars)),
                instants("first_open_at", rows.iter().map(|(_, row)| Some(row.first_open_at))),
                instants("last_close_at", rows.iter().map(|(_, row)| Some(row.last_close_at))),
            ],
        )
    }

    /// The latest 100 runs of all jobs, the latest due first.
    ///
    /// Columns: `run_id`, `job`, `kind`, `trigger` (`schedule` or `manual`), `due_at`, `as_of` (what time's data it saw, where not the
    /// due time's), `status` (`running`, `succeeded`, `late`, `failed`, `skipped`, `missed`), `reason` (where it did not succeed),
    /// `attempt`, `started_at`, `finished_at`, `seconds` (from start to end), `hits` (null for what is no scan), `considered` (symbols
    /// looked at), `snapshot_hash`, `report_hash`, `code_version`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn runs(&self) -> Result<DataFrame> {
        runs_frame(&self.store().runs(&RunFilter { limit: LATEST, ..RunFilter::default() })?)
    }

    /// The runs of one job that were due from `from` until `until`, the latest first, at most 10,000: columns as of
    /// [`Database::runs`].
    ///
    /// # Errors
    /// When a time cannot be read, or the database cannot.
    pub fn runs_of(&self, job: &str, from: &str, until: &str) -> Result<DataFrame> {
        runs_frame(&self.runs_between(job, from, until)?)
    }

    fn runs_between(&self, job: &str, from: &str, until: &str) -> Result<Vec<Run>> {
        let (from, until) = interval(from, until)?;
        let filter =
            RunFilter { job: Some(job.to_owned()), status: None, from: Some(from), until: Some(until), limit: MOST_RUNS };
        Ok(self.store().runs(&filter)?)
    }

    /// What a run found, best first. `run` is `latest`, a job's name (its latest run), or the beginning of a run's id.
    ///
    /// Columns: `rank` (1 is best), `symbol`, `name`; each number that made it a hit, under its documented name and in its
    /// documented unit (`bellwether::scanners::columns()` lists them; `…_pct` is percent, prices are USD); where there are any,
    /// `trend` and `headline`.
    ///
    /// # Errors
    /// When there is no such run, or the database cannot be read.
    pub fn hits(&self, run: &str) -> Result<DataFrame> {
        let hits = self.store().hits(self.find(run)?.run_id)?;
        Ok(rows_of_hits(hits.into_iter().map(|hit| object(hit.numbers)).collect())?)
    }

    /// What all runs of a job found that were due from `from` until `until`, oldest first: `run_id`, `due_at`, then the columns of
    /// [`Database::hits`].
    ///
    /// # Errors
    /// When a time cannot be read, or the database cannot.
    pub fn hits_of(&self, job: &str, from: &str, until: &str) -> Result<DataFrame> {
        let (mut of, mut rows) = (Vec::new(), Vec::new());
        for run in self.runs_between(job, from, until)?.into_iter().rev() {
            for hit in self.store().hits(run.run_id)? {
                of.push((run.run_id.to_string(), run.due_at));
                rows.push(object(hit.numbers));
            }
        }
        let mut columns = vec![
            texts("run_id", of.iter().map(|(run_id, _)| Some(run_id.clone()))),
            instants("due_at", of.iter().map(|(_, due_at)| Some(*due_at))),
        ];
        columns.extend(hit_columns(rows));
        frame("hits", columns)
    }

    /// What a run computed, features or risk profiles: the newest row of each symbol. `run` as for [`Database::hits`].
    ///
    /// Columns: `symbol`; of features `open_at` and `close_at` of the bar; then those that the job computed, null where undefined.
    ///
    /// # Errors
    /// When there is no such run, it computed nothing, or the database cannot be read.
    pub fn computed(&self, run: &str) -> Result<DataFrame> {
        let run = self.find(run)?;
        let columns = run.report.as_ref().and_then(|report| report["columns"].as_array());
        let columns = columns.ok_or_else(|| {
            DataError::place(self.place(), format_args!("run {} of `{}` ({}) computed nothing", run.run_id, run.job, run.status))
        })?;
        let columns: Vec<String> = columns.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let rows = self.store().computed(run.run_id)?;
        if rows.is_empty() {
            let problem = format_args!(
                "run {} of `{}` is so old that its rows were removed: `keep_computed_days` of the housekeeping job says when",
                run.run_id, run.job
            );
            return Err(DataError::place(self.place(), problem));
        }
        let rows = rows.into_iter().map(|row| (row.symbol, object(row.numbers))).collect();
        Ok(rows_of_computed(rows, &columns)?)
    }

    /// The latest 100 alerts, the latest written first.
    ///
    /// Columns: `alert_id`, `run_id`, `channel`, `kind` (`email` or `webhook`), `subject`, `status` (`pending`, `delivered`, `dead`),
    /// `attempts`, `created_at`, `delivered_at`, `last_error`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alerts(&self) -> Result<DataFrame> {
        alerts_frame(&self.store().alerts(&AlertFilter { limit: LATEST, ..AlertFilter::default() })?)
    }

    /// The alerts of one run: columns as of [`Database::alerts`], `run` as of [`Database::hits`].
    ///
    /// # Errors
    /// When there is no such run, or the database cannot be read.
    pub fn alerts_of(&self, run: &str) -> Result<DataFrame> {
        let run_id = Some(self.find(run)?.run_id);
        alerts_frame(&self.store().alerts(&AlertFilter { run_id, limit: MOST_RUNS, ..AlertFilter::default() })?)
    }

    /// Headlines published from `from` until `until`, oldest first. Columns: `symbol`, `at`, `source`, `title`, `url`.
    ///
    /// # Errors
    /// When an argument cannot be read, or the database cannot.
    pub fn headlines(&self, symbols: &[&str], from: &str, until: &str) -> Result<DataFrame> {
        let (symbols, (from, until)) = (self::symbols(symbols)?, interval(from, until)?);
        let rows = self.store().headlines(&symbols, from, until)?;
        let mut columns = headline_columns(rows.iter().map(|row| &row.headline));
        columns.push(texts("url", rows.iter().map(|row| row.url.clone())));
        frame("headlines", columns)
    }

    /// The market as a whole from `from` until `until`, oldest first. Columns: `as_of`; `spy_change_pct` and `qqq_change_pct`
    /// (against the previous close, percent); `breadth` (share of the universe that is up, 0 to 1); one for each economic series
    /// by its own name and in its own unit (`VIXCLS`, `DGS10`, …), where there are any.
    ///
    /// # Errors
    /// When a time cannot be read, or the database cannot.
    pub fn conditions(&self, from: &str, until: &str) -> Result<DataFrame> {
        let (from, until) = interval(from, until)?;
        let rows = self.store().market_conditions(from, until)?;
        let number = |name, of: fn(&MarketConditions) -> Option<f64>| numbers(name, rows.iter().map(of));
        let mut columns = vec![
            instants("as_of", rows.iter().map(|row| Some(row.as_of))),
            number("spy_change_pct", |row| row.spy_change_pct),
            number("qqq_change_pct", |row| row.qqq_change_pct),
            number("breadth", |row| row.breadth),
        ];
        let series: BTreeSet<&String> =
            rows.iter().filter_map(|row| row.details["series"].as_object()).flat_map(Map::keys).collect();
        columns.extend(
            series.into_iter().map(|id| numbers(id, rows.iter().map(|row| row.details["series"][id.as_str()]["value"].as_f64()))),
        );
        frame("market conditions", columns)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

pub(crate) fn headline_columns<'a>(rows: impl Iterator<Item = &'a bellwether::market::Headline> + Clone) -> Vec<Column> {
    vec![
        texts("symbol", rows.clone().map(|row| Some(row.symbol.to_string()))),
        instants("at", rows.clone().map(|row| Some(row.at))),
        texts("source", rows.clone().map(|row| Some(row.source.clone()))),
        texts("title", rows.map(|row| Some(row.title.clone()))),
    ]
}

fn runs_frame(runs: &[Run]) -> Result<DataFrame> {
    let text = |name: &str, of: fn(&Run) -> Option<String>| texts(name, runs.iter().map(of));
    let at = |name: &str, of: fn(&Run) -> Option<Timestamp>| instants(name, runs.iter().map(of));
    let in_report = |name, of: fn(&Value) -> Option<f64>| {
        numbers(name, runs.iter().map(|run| run.report.as_ref().and_then(of)).collect::<Vec<_>>())
    };
    frame(
        "runs",
        vec![
            text("run_id", |run| Some(run.run_id.to_string())),
            text("job", |run| Some(run.job.clone())),
            text("kind", |run| Some(run.kind.clone())),
            text("trigger", |run| Some(run.trigger.to_string())),
            at("due_at", |run| Some(run.due_at)),
            at("as_of", |run| run.as_of),
            text("status", |run| Some(run.status.to_string())),
            text("reason", |run| run.reason.clone()),
            counts("attempt", runs.iter().map(|run| i64::from(run.attempt))),
            at("started_at", |run| run.started_at),
            at("finished_at", |run| run.finished_at),
            numbers("seconds", runs.iter().map(|run| Some(run.finished_at?.duration_since(run.started_at?).as_secs_f64()))),
            in_report("hits", |report| Some(report["hits"].as_array()?.len() as f64)),
            in_report("considered", |report| report["considered"].as_f64()),
            text("snapshot_hash", |run| run.snapshot_hash.clone()),
            text("report_hash", |run| run.report_hash.clone()),
            text("code_version", |run| run.code_version.clone()),
        ],
    )
}

fn alerts_frame(alerts: &[Alert]) -> Result<DataFrame> {
    let text = |name: &str, of: fn(&Alert) -> Option<String>| texts(name, alerts.iter().map(of));
    let at = |name: &str, of: fn(&Alert) -> Option<Timestamp>| instants(name, alerts.iter().map(of));
    frame(
        "alerts",
        vec![
            text("alert_id", |alert| Some(alert.alert_id.to_string())),
            text("run_id", |alert| alert.run_id.map(|run_id| run_id.to_string())),
            text("channel", |alert| Some(alert.channel.clone())),
            text("kind", |alert| Some(alert.kind.to_string())),
            text("subject", |alert| Some(alert.subject.clone())),
            text("status", |alert| Some(alert.status.to_string())),
            counts("attempts", alerts.iter().map(|alert| i64::from(alert.attempts))),
            at("created_at", |alert| Some(alert.created_at)),
            at("delivered_at", |alert| alert.delivered_at),
            text("last_error", |alert| alert.last_error.clone()),
        ],
    )
}
