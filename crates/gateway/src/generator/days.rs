//! The days that a market is generated for.

use std::sync::Arc;

use bellwether::market::{Calendar, TradingDay};

use super::{MarketSpec, profile::Profile};
use crate::error::GatewayError;

/// Daily bars go back a year, so that yearly highs exist.
const DAILY_SESSIONS: usize = 252;

/// How one day is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Open to close only.
    Daily,
    /// Every minute.
    Minutes,
    /// Every minute of the session day, on which nothing wild happens but what is planted.
    Session,
}

/// One trading day.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) trading: TradingDay,
    pub(super) detail: Detail,
    pub(super) profile: Arc<Profile>,
}

/// All days, oldest first; the last is the session day.
pub(super) fn days(spec: &MarketSpec) -> Result<Vec<Day>, GatewayError> {
    let calendar = Calendar;
    let session = calendar.day(spec.session)?.ok_or_else(|| GatewayError::Setting {
        name: "session",
        problem: format!("{} is not a trading day of XNYS: choose one that is", spec.session),
    })?;
    let count = DAILY_SESSIONS.max(spec.history_sessions);
    let mut trading = calendar.sessions_before(spec.session, count)?;
    trading.push(session);
    let mut shapes: Vec<(bool, Arc<Profile>)> = Vec::with_capacity(2);
    let days = trading.into_iter().enumerate().map(|(index, trading)| {
        let detail = if index == count {
            Detail::Session
        } else if index + spec.history_sessions >= count {
            Detail::Minutes
        } else {
            Detail::Daily
        };
        // A day is whole or half: two shapes serve all.
        let half = trading.early_close.is_some();
        let known = shapes.iter().find(|(shape, _)| *shape == half).map(|(_, profile)| Arc::clone(profile));
        let profile = known.unwrap_or_else(|| {
            let profile = Arc::new(Profile::new(&trading));
            shapes.push((half, Arc::clone(&profile)));
            profile
        });
        Day { trading, detail, profile }
    });
    Ok(days.collect())
}
