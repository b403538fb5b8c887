//! What a scan will take, told before it, and what it took.

use std::sync::{Mutex, PoisonError};

use bellwether::market::{Calendar, Symbol};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    lines::LinesUsage,
    pacing::{Forecast, PacingUsage, Priority, ScanWork, Workload},
    session::IbSession,
};
use crate::{
    error::Result,
    market_data::{ScanRequest, reaches},
};

/// What takes less, in seconds, is no news.
const WORTH_TELLING_S: f64 = 5.0;

/// How forecasts have done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ForecastRecord {
    /// Workloads that were forecast and came to their end.
    pub kept: u64,
    /// The last of them.
    pub last: Option<ForecastOutcome>,
    /// The one that was furthest off, relative to what it took.
    pub worst: Option<ForecastOutcome>,
}

/// A forecast and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastOutcome {
    /// Of what.
    pub workload: String,
    /// How long it was said to take.
    pub predicted: SignedDuration,
    /// How long it took.
    pub actual: SignedDuration,
}

impl ForecastOutcome {
    /// How far off the forecast was, as a share of what it took: 0 is exact.
    pub fn error(&self) -> f64 {
        (self.predicted.as_secs_f64() - self.actual.as_secs_f64()).abs() / self.actual.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// The record as it is kept.
#[derive(Debug, Default)]
pub(super) struct Forecasts(Mutex<ForecastRecord>);

impl Forecasts {
    fn keep(&self, outcome: ForecastOutcome) {
        // Nothing under the lock can panic half-way through a change.
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record.kept += 1;
        if record.worst.as_ref().is_none_or(|worst| worst.error() < outcome.error()) {
            record.worst = Some(outcome.clone());
        }
        record.last = Some(outcome);
    }
}

impl IbSession {
    /// What `workload` will take if it begins now: by letting it run against what is used and who waits at present, on a
    /// virtual clock. Its coverage is the share of its symbols that will be done by `deadline`.
    ///
    /// The forecast learns from the answers of this session: the first one assumes what is usual.
    pub fn plan(&self, workload: &Workload, deadline: Option<Timestamp>) -> Forecast {
        let priority = Priority::of_task();
        self.link.planner.plan(workload, priority, self.link.lines.free_for(priority), deadline)
    }

    /// How much of what the gateway allows is used.
    pub fn pacing(&self) -> PacingUsage {
        self.link.planner.usage()
    }

    /// How the market data lines are used.
    pub fn lines(&self) -> LinesUsage {
        self.link.lines.usage()
    }

    /// How forecasts have done.
    pub fn forecasts(&self) -> ForecastRecord {
        self.forecasts.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does `work`, whose requests are `workload`: the forecast is logged before and compared after. Both are told.
    pub async fn forecast_and_do<T>(
        &self,
        workload: &Workload,
        deadline: Option<Timestamp>,
        work: impl Future<Output = T>,
    ) -> (T, Forecast, SignedDuration) {
        let forecast = self.plan(workload, deadline);
        let requests: usize = forecast.requests.values().sum();
        let duration_s = forecast.duration.map(|duration| duration.as_secs_f64());
        let (workload, coverage, lines) = (&forecast.workload, forecast.coverage, forecast.lines_used);
        let bottleneck = &forecast.bottleneck;
        match duration_s.is_some_and(|seconds| seconds < WORTH_TELLING_S) {
            true => tracing::debug!(%workload, duration_s, coverage, lines, requests, %bottleneck, "forecast"),
            false => tracing::info!(%workload, duration_s, coverage, lines, requests, %bottleneck, "forecast"),
        }
        let began = self.link.clock.now();
        let done = work.await;
        let actual = self.link.clock.now().duration_since(began);
        if let Some(predicted) = forecast.duration {
            let outcome = ForecastOutcome { workload: forecast.workload.clone(), predicted, actual };
            let (predicted_s, actual_s) = (predicted.as_secs_f64(), actual.as_secs_f64());
            let workload = &outcome.workload;
            // Of what is over in a moment, how far off the forecast was in relation to it says nothing.
            match predicted_s.max(actual_s) < WORTH_TELLING_S {
                true => tracing::debug!(%workload, predicted_s, actual_s, "forecast and what came"),
                false => tracing::info!(%workload, predicted_s, actual_s, error = outcome.error(), "forecast and what came"),
            }
            self.forecasts.keep(outcome);
        }
        (done, forecast, actual)
    }

    /// What a scan of `symbols` will ask for, given what is known and held.
    pub(super) async fn scan_workload(&self, symbols: &[Symbol], as_of: Timestamp, request: &ScanRequest) -> Result<Workload> {
        let session = Calendar.local_date(as_of);
        let daily_due = request.daily_bars.due(as_of)?;
        let minutes = request.with_today && Calendar.day(session)?.is_some_and(|day| day.pre_open < as_of);
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for symbol in symbols {
            match self.contracts.get(symbol).await {
                Some(_) => known.push(symbol),
                None => unknown.push(symbol),
            }
        }
        let lacks_days = |symbol: &Symbol| {
            let held = request.daily.series(symbol.as_str()).as_of(as_of);
            daily_due.is_some_and(|due| !reaches(held, due))
        };
        let work = ScanWork {
            known: known.len(),
            minutes,
            days_of: symbols.iter().filter(|symbol| lacks_days(symbol)).map(Symbol::to_string).collect(),
            headlines: request.with_headlines,
            quotes: request.with_quotes,
            streaming: self.link.config.streams(),
            symbols: known.into_iter().chain(unknown).map(Symbol::to_string).collect(),
        };
        Ok(work.workload("scan", self.link.config.market_data_lines))
    }
}
