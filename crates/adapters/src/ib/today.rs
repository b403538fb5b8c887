//! What was fetched before and need not be fetched again: the session's minute bars so far, and daily bars.

use std::collections::BTreeMap;

use bellwether::market::{Bar, Calendar, Instrument, MissingReason, Symbol, TradingDay};
use jiff::{Timestamp, civil::Date};
use tokio::sync::Mutex;

use super::session::IbSession;
use crate::error::Result;

const MINUTE: i64 = 60_000_000;

/// See the module. It holds one session, the last asked for.
#[derive(Debug, Default)]
pub(super) struct TodayCache {
    sessions: Mutex<BTreeMap<Date, Fetched>>,
}

#[derive(Debug, Default)]
struct Fetched {
    minutes: BTreeMap<Symbol, Minutes>,
    daily: BTreeMap<Symbol, Days>,
}

#[derive(Debug, Clone)]
struct Days {
    bars: Vec<Bar>,
    /// How many were asked for, and which close they should reach.
    sessions: u32,
    due: Timestamp,
}

#[derive(Debug, Clone, Default)]
struct Minutes {
    bars: Vec<Bar>,
    /// Every bar that ends by this instant was fetched, microseconds.
    until: i64,
}

impl TodayCache {
    async fn with<T>(&self, session: Date, act: impl FnOnce(&mut Fetched) -> T) -> T {
        let mut sessions = self.sessions.lock().await;
        sessions.retain(|date, _| *date == session);
        act(sessions.entry(session).or_default())
    }
}

impl IbSession {
    /// The minute bars of `day` complete at `as_of`: fetches only what the last call did not.
    pub(super) async fn todays_minutes(&self, instrument: &Instrument, day: &TradingDay, as_of: Timestamp) -> Result<Vec<Bar>> {
        let symbol = &instrument.symbol;
        let known = self.today.with(day.date, |fetched| fetched.minutes.get(symbol).cloned().unwrap_or_default()).await;
        // What is asked for ends with a whole minute: the one in progress is no bar yet.
        let until = whole_minute(as_of.min(day.post_close).min(self.link.clock.now())).as_microsecond();
        let known_at = |bars: Vec<Bar>| bars.into_iter().filter(|bar| bar.close_at <= as_of.as_microsecond()).collect();
        if until <= known.until.max(day.pre_open.as_microsecond()) {
            return Ok(known_at(known.bars));
        }
        // The last minute is fetched again: late trades, or clocks that disagree, may have left it incomplete.
        let from = (known.until - MINUTE).max(day.pre_open.as_microsecond());
        let mut bars = known.bars;
        match self.minute_bars(instrument, instant(from), instant(until)).await {
            Ok(new) => {
                bars.retain(|bar| bar.open_at < from);
                bars.extend(new);
            }
            // No trades since the last scan are no news; none at all are.
            Err(error) if error.reason() == MissingReason::NoData && !bars.is_empty() => {}
            Err(error) => return Err(error),
        }
        let fetched = Minutes { bars: bars.clone(), until };
        self.today
            .with(day.date, |today| match today.minutes.get_mut(symbol) {
                // Another scan may have been faster.
                Some(known) if known.until >= until => {}
                Some(known) => *known = fetched,
                None => drop(today.minutes.insert(symbol.clone(), fetched)),
            })
            .await;
        Ok(known_at(bars))
    }

    /// The newest daily bars complete at `as_of`, which should reach the close `due`. What was fetched once is not fetched again, but for the
    /// session's own bar as long as it is not there: it comes when the closing auction is over.
    pub(super) async fn complete_days(
        &self,
        instrument: &Instrument,
        due: Timestamp,
        sessions: u32,
        as_of: Timestamp,
    ) -> Result<Vec<Bar>> {
        let session = Calendar.local_date(as_of);
        let symbol = &instrument.symbol;
        let known = self.today.with(session, |fetched| fetched.daily.get(symbol).cloned()).await;
        if let Some(known) = known.filter(|known| known.due >= due && known.sessions >= sessions) {
            return Ok(known.bars);
        }
        let bars = self.daily_bars(instrument, sessions, as_of).await?;
        let reached = bars.last().is_some_and(|bar| bar.close_at >= due.as_microsecond());
        if reached || Calendar.local_date(due) < session {
            let days = Days { bars: bars.clone(), sessions, due };
            self.today.with(session, |fetched| fetched.daily.insert(symbol.clone(), days)).await;
        }
        Ok(bars)
    }
}

fn whole_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap_or(at)
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}
