//! Bars of a stretch that a subscription missed, from IB's history.

use std::{collections::BTreeSet, time::Duration};

use bellwether::market::{Bar, Instrument, MissingReason};
use ibapi::market_data::{
    TradingHours,
    historical::{self, BarSize, BarTimestamp, WhatToShow},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    bars,
    clean::{Doubt, far_apart},
    hours::Window,
    link::Link,
    pacing::{Ask, HistoricalAsk},
    subscription::SubscriptionKind,
    waiting::pause,
    wire,
};
use crate::error::{AdapterError, Result};

const SECONDS: i64 = 1_000_000;
/// IB's history knows of a trade after so long; and the floor in real time.
const HISTORY_KNOWS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_millis(50));

/// Bars that come in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct BarKind {
    /// Length of a bar, microseconds.
    pub(super) step: i64,
    /// A bar is expected so long after its end.
    pub(super) grace: Duration,
    /// Longest stretch that one request may ask for, microseconds.
    pub(super) longest: i64,
    size: BarSize,
}

impl BarKind {
    pub(super) fn of(kind: SubscriptionKind) -> Option<Self> {
        match kind {
            SubscriptionKind::FiveSecondBars => {
                Some(Self { step: 5 * SECONDS, grace: Duration::from_secs(15), longest: 3_600 * SECONDS, size: BarSize::Sec5 })
            }
            SubscriptionKind::MinuteBars => Some(Self {
                step: 60 * SECONDS,
                grace: Duration::from_secs(30),
                longest: 6 * 3_600 * SECONDS,
                size: BarSize::Min,
            }),
            _ => None,
        }
    }
}

/// The bars of a stretch that there are, oldest first; none is an answer.
///
/// # Errors
/// What the gateway refused and why, except that it has no data; no answer in time; no connection.
pub(super) async fn fetch(link: &Link, instrument: &Instrument, kind: BarKind, (from, until): Window) -> Result<Vec<Bar>> {
    let what = format!("missed bars of {}", instrument.symbol);
    let contract = wire::contract(instrument);
    let seconds = i32::try_from((until - from).div_euclid(SECONDS).max(30)).unwrap_or(3_600);
    let end = wire::offset(Timestamp::from_microsecond(until).unwrap_or(Timestamp::MAX));
    let ask = Ask::bars(HistoricalAsk {
        contract: &wire::paced_name(instrument),
        exchange: "SMART",
        what_to_show: "TRADES",
        bar_seconds: u32::try_from(kind.step / SECONDS).unwrap_or(60),
        rest: &format!("{seconds} s to {}", until.div_euclid(SECONDS)),
    });
    let answer = link.ask(&what, ask, |client| async move {
        let request = client.historical_data(&contract, kind.size).what_to_show(WhatToShow::Trades);
        let request = request.trading_hours(TradingHours::Extended).duration(historical::Duration::seconds(seconds));
        request.ending(end).fetch().await
    });
    let found = match answer.await {
        Ok(found) => found.bars,
        Err(error) if error.reason() == MissingReason::NoData => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut bars = Vec::with_capacity(found.len());
    for bar in &found {
        let BarTimestamp::DateTime(start) = bar.date else { continue };
        let open_at = start.unix_timestamp().saturating_mul(SECONDS);
        if open_at >= from && open_at + kind.step <= until {
            // A bar that cannot be is as good as none.
            bars.extend(bars::checked(&what, bar, open_at, open_at + kind.step).ok());
        }
    }
    Ok(bars)
}

/// Whether IB's history has trades since `since` that a subscription should have told of.
///
/// # Errors
/// As [`fetch`].
pub(super) async fn traded_since(link: &Link, instrument: &Instrument, since: Timestamp, now: Timestamp) -> Result<bool> {
    let Some(kind) = BarKind::of(SubscriptionKind::FiveSecondBars) else { return Ok(false) };
    let earliest = now.saturating_sub(SignedDuration::from_mins(30)).unwrap_or(Timestamp::MIN);
    let from = since.max(earliest).as_microsecond().div_euclid(kind.step) * kind.step + kind.step;
    let until = now.as_microsecond().div_euclid(kind.step) * kind.step;
    if from >= until {
        return Ok(false);
    }
    let bars = fetch(link, instrument, kind, (from, until)).await?;
    Ok(bars.iter().any(|bar| bar.volume > 0.0))
}

/// Whether IB's history tells of the move from the price that was believed to the one that is not: it had the first when
/// that was believed, and has the second now.
///
/// # Errors
/// As [`fetch`].
pub(super) async fn moved(link: &Link, instrument: &Instrument, doubt: Doubt) -> Result<bool> {
    // The bar with the move in it has to be complete.
    pause(&*link.clock, HISTORY_KNOWS.0, HISTORY_KNOWS.1).await;
    let Some(kind) = BarKind::of(SubscriptionKind::FiveSecondBars) else { return Ok(false) };
    let until = link.clock.now().as_microsecond().div_euclid(kind.step) * kind.step;
    let believed_at = doubt.believed_at.as_microsecond();
    let from = (believed_at.div_euclid(kind.step) * kind.step - 600 * SECONDS).max(until - kind.longest);
    let bars = fetch(link, instrument, kind, (from, until)).await?;
    let then = bars.iter().rfind(|bar| bar.close_at <= believed_at);
    let now = bars.last().is_some_and(|bar| !far_apart(bar.close, doubt.price));
    Ok(now && then.is_none_or(|bar| !far_apart(bar.close, doubt.believed)))
}

/// The starts of bars.
pub(super) fn starts(bars: &[Bar]) -> BTreeSet<i64> {
    bars.iter().map(|bar| bar.open_at).collect()
}

/// Whether another try at fetching can help.
pub(super) fn may_come(error: &AdapterError) -> bool {
    error.is_retryable()
        || matches!(
            error.reason(),
            MissingReason::Pacing | MissingReason::Timeout | MissingReason::Disconnected | MissingReason::BadData
        )
}
