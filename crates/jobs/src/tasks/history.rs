//! Bars of earlier sessions, from the database: read once for a session and universe, shared by all scans of the day.

use std::sync::Arc;

use bellwether::market::{Answered, Bars, Calendar, Provenance, SnapshotPart, Symbol, Timeframe};
use jiff::{Timestamp, civil::Date};

use crate::{context::Context, market::Market};

/// Sessions of daily bars that scans look back on.
pub const DAILY_SESSIONS: usize = 60;

/// The last answer, and what it was an answer to.
#[derive(Debug, Default)]
pub struct HistoryCache {
    key: Option<(Vec<Symbol>, Date, usize)>,
    held: EarlierBars,
}

/// Bars of earlier sessions.
#[derive(Debug, Clone, Default)]
pub(super) struct EarlierBars {
    pub(super) minutes: Arc<Bars>,
    pub(super) daily: Arc<Bars>,
    /// Who gave them, where there is more than one source to choose from.
    pub(super) from: Vec<Provenance>,
}

/// The bars of `symbols` before the session of `as_of`.
pub(super) async fn earlier_bars(
    context: &Context,
    symbols: &[Symbol],
    as_of: Timestamp,
    sessions: usize,
) -> anyhow::Result<EarlierBars> {
    let session = Calendar.local_date(as_of);
    let key = (symbols.to_vec(), session, sessions);
    let mut cache = context.history.lock().await;
    if cache.key.as_ref() == Some(&key) {
        return Ok(cache.held.clone());
    }
    let midnight = Calendar.at(session, jiff::civil::Time::midnight());
    let first = |n: usize| -> anyhow::Result<Timestamp> {
        Ok(Calendar.sessions_before(session, n)?.first().map_or(midnight, |day| day.pre_open))
    };
    let (minutes, minute_faults) = context.store.read_bars(symbols, Timeframe::Min1, first(sessions)?, midnight).await?;
    let (daily, daily_faults) = context.store.read_bars(symbols, Timeframe::Day1, first(DAILY_SESSIONS)?, midnight).await?;
    for fault in minute_faults.iter().chain(&daily_faults) {
        tracing::warn!(symbol = %fault.symbol, at = %fault.at, problem = fault.problem, "stored bars set aside");
    }
    let from = match context.market {
        Market::Chain(_) => {
            let parts = [
                (SnapshotPart::History, Timeframe::Min1, first(sessions)?),
                (SnapshotPart::Daily, Timeframe::Day1, first(DAILY_SESSIONS)?),
            ];
            let mut answers = Vec::new();
            for (part, timeframe, from) in parts {
                for origin in context.store.bar_origins(symbols, timeframe, from, midnight).await? {
                    answers.push(Answered {
                        symbol: origin.symbol,
                        part,
                        source: format!("database:{}", origin.sources.join("+")),
                        fetched_at: origin.written_at.unwrap_or(midnight),
                        delayed: false,
                        instead_of: Vec::new(),
                    });
                }
            }
            Provenance::gather(answers)
        }
        Market::Files(_) | Market::Ib(_) => Vec::new(),
    };
    let held = EarlierBars { minutes: Arc::new(minutes), daily: Arc::new(daily), from };
    *cache = HistoryCache { key: Some(key), held: held.clone() };
    Ok(held)
}
