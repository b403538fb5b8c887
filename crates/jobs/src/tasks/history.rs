//! Bars of earlier sessions, from the database: read once for a session and universe, shared by all jobs of the day.

use std::{ops::Range, sync::Arc};

use bellwether::market::{Answered, Bars, Calendar, Provenance, SnapshotPart, Symbol, Timeframe};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};

use super::Wanted;
use crate::{context::Context, market::Market};

/// The last answers, and what they were answers to. Daily and minute bars apart: jobs want as many of the one and others of the other.
#[derive(Debug)]
pub struct HistoryCache {
    minutes: Held,
    daily: Held,
}

impl Default for HistoryCache {
    fn default() -> Self {
        let held = |part, timeframe| Held { part, timeframe, key: None, earlier: Earlier::default() };
        Self { minutes: held(SnapshotPart::History, Timeframe::Min1), daily: held(SnapshotPart::Daily, Timeframe::Day1) }
    }
}

/// Bars of one length.
#[derive(Debug)]
struct Held {
    part: SnapshotPart,
    timeframe: Timeframe,
    /// Symbols, the session that wants them, and when they start.
    key: Option<(Vec<Symbol>, Date, Range<Timestamp>)>,
    earlier: Earlier,
}

#[derive(Debug, Clone, Default)]
struct Earlier {
    bars: Arc<Bars>,
    /// Who gave them, where there is more than one source to choose from.
    answered: Vec<Answered>,
}

/// Bars of earlier sessions.
#[derive(Debug)]
pub(super) struct EarlierBars {
    pub(super) minutes: Arc<Bars>,
    pub(super) daily: Arc<Bars>,
    /// Who gave them, where there is more than one source to choose from.
    pub(super) from: Vec<Provenance>,
}

/// The bars of `symbols` before the session of `as_of`, as many sessions as wanted; of daily bars the session's own too where it is wanted
/// and over.
pub(super) async fn earlier_bars(
    context: &Context,
    symbols: &[Symbol],
    as_of: Timestamp,
    wanted: &Wanted,
) -> anyhow::Result<EarlierBars> {
    let session = Calendar.local_date(as_of);
    let mut cache = context.history.lock().await;
    let minutes = cache.minutes.of(context, symbols, session, wanted.minutes_in(as_of)?).await?;
    let daily = cache.daily.of(context, symbols, session, wanted.days_in(as_of)?).await?;
    let from = Provenance::gather(minutes.answered.into_iter().chain(daily.answered).collect());
    Ok(EarlierBars { minutes: minutes.bars, daily: daily.bars, from })
}

impl Held {
    /// The bars that start in the interval; none where there is none.
    async fn of(
        &mut self,
        context: &Context,
        symbols: &[Symbol],
        session: Date,
        interval: Option<Range<Timestamp>>,
    ) -> anyhow::Result<Earlier> {
        let Some(interval) = interval else { return Ok(Earlier::default()) };
        let (first, until) = (interval.start, interval.end);
        let key = (symbols.to_vec(), session, interval);
        if self.key.as_ref() == Some(&key) {
            return Ok(self.earlier.clone());
        }
        let (bars, faults) = context.store.read_bars(symbols, self.timeframe, first, until).await?;
        for fault in faults {
            tracing::warn!(symbol = %fault.symbol, at = %fault.at, problem = fault.problem, "stored bars set aside");
        }
        let mut answered = Vec::new();
        if let Market::Chain(_) = context.market {
            for origin in context.store.bar_origins(symbols, self.timeframe, first, until).await? {
                answered.push(Answered {
                    symbol: origin.symbol,
                    part: self.part,
                    source: format!("database:{}", origin.sources.join("+")),
                    fetched_at: origin.written_at.unwrap_or(until),
                    delayed: false,
                    instead_of: Vec::new(),
                });
            }
        }
        self.earlier = Earlier { bars: Arc::new(bars), answered };
        // The session's own bar may be brought in at any time.
        self.key = (until <= Calendar.at(session, Time::midnight())).then_some(key);
        Ok(self.earlier.clone())
    }
}
