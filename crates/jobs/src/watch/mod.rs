//! Watching live market data: what is wrong with it is written down, shown by `bellwether status`, and told.
//!
//! ```text
//! IbSession::health ─► FeedReport ─► store (feed_status), every few seconds
//!                        └► Troubles: what lasts longer than `patience` is told once, its end is told once
//! IbSession::health_events ─► gaps ─► store (feed_gaps)
//! ```
//! A feed that dies does not fail any job by itself: without this, the next scan would simply see less.

mod config;
mod report;
mod trouble;

use std::time::Duration;

use bellwether::market::Calendar;
use bellwether_adapters::ib::{Gap, GapOutcome as IbOutcome, HealthChange, IbSession};
use bellwether_store::{FeedGap, FeedStatus, GapOutcome};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{alerts::AlertContent, context::Context, tasks};

pub use config::WatchConfig;
pub use report::{FeedBudget, FeedReport, FeedRotation, FeedSubscription};
use trouble::{Told, Troubles};

/// How often the state is written and judged.
const ROUND: Duration = Duration::from_secs(5);
/// Gaps held until they are written; beyond, the oldest go, and a log line says so.
const MOST_GAPS: usize = 10_000;
/// Before the pre-market opens, trouble is told this early.
const BEFORE_OPEN: SignedDuration = SignedDuration::from_mins(60);

/// Watches until `stop`, then ends the session, so that its last report says that it is closed.
pub async fn watch(context: &Context, session: &IbSession, stop: &CancellationToken) {
    let mut events = session.health_events();
    let mut troubles = Troubles::default();
    let mut gaps = Vec::new();
    let mut round = tokio::time::interval(ROUND);
    round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            event = events.recv() => match event {
                Ok(event) => {
                    if let HealthChange::GapOpened { gap } | HealthChange::GapSettled { gap } = event.change {
                        gaps.push((gap, event.at));
                    }
                }
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "changes of market data's health were not looked at"),
                Err(RecvError::Closed) => break,
            },
            _ = round.tick() => {
                let report = FeedReport::of(&session.health(), &session.pacing(), &session.rotation());
                write(context, &report, &mut gaps).await;
                let now = context.clock.now();
                let told = troubles.judge(&report, now, context.config.watch.patience, is_watched(now));
                tell(context, &report, &told).await;
            }
        }
    }
    if stop.is_cancelled() {
        session.shutdown().await;
    }
    let report = FeedReport::of(&session.health(), &session.pacing(), &session.rotation());
    write(context, &report, &mut gaps).await;
}

/// Whether anyone needs market data now: a session is on, or the pre-market opens soon.
fn is_watched(now: Timestamp) -> bool {
    let soon = now.saturating_add(BEFORE_OPEN).unwrap_or(now);
    [now, soon].into_iter().any(|at| {
        let day = Calendar.day(Calendar.local_date(at));
        day.is_ok_and(|day| day.is_some_and(|day| day.session_at(at).is_some()))
    })
}

async fn write(context: &Context, report: &FeedReport, gaps: &mut Vec<(Gap, Timestamp)>) {
    let excess = gaps.len().saturating_sub(MOST_GAPS);
    if excess > 0 {
        tracing::error!(excess, "gaps of market data were not written: the database is away for too long");
        gaps.drain(..excess);
    }
    let status = FeedStatus {
        name: report.name(),
        instance: context.instance.clone(),
        at: report.at,
        health: serde_json::to_value(report).unwrap_or_default(),
    };
    if let Err(error) = context.store.put_feed_status(&status).await {
        tracing::warn!(%error, "the state of market data could not be written");
        return;
    }
    let rows: Vec<FeedGap> = gaps.iter().map(|(gap, at)| row(&status.name, gap, *at)).collect();
    match context.store.put_feed_gaps(&rows).await {
        Ok(()) => gaps.clear(),
        Err(error) => tracing::warn!(%error, "gaps of market data could not be written; trying again"),
    }
}

fn row(feed: &str, gap: &Gap, noted_at: Timestamp) -> FeedGap {
    let (outcome, reason) = match &gap.outcome {
        IbOutcome::Open => (GapOutcome::Open, String::new()),
        IbOutcome::Backfilled => (GapOutcome::Filled, String::new()),
        IbOutcome::Lost { reason } => (GapOutcome::Lost, reason.clone()),
    };
    FeedGap {
        feed: feed.to_owned(),
        symbol: gap.symbol.to_string(),
        kind: gap.kind.to_owned(),
        from_at: gap.from,
        until_at: gap.until,
        outcome,
        reason,
        bars: i32::try_from(gap.bars).unwrap_or(i32::MAX),
        noted_at,
    }
}

async fn tell(context: &Context, report: &FeedReport, told: &[Told]) {
    for Told { trouble, since, over } in told {
        match over {
            None => tracing::error!(%since, "market data: {trouble}"),
            Some(after) => tracing::info!(%since, after_s = after.as_secs(), "market data: over: {trouble}"),
        }
        let content = AlertContent::of_market_data(&trouble.to_string(), *since, report.at, *over, &report.facts());
        let name = format!("{}/{}/{since}/{}/{}", report.name(), trouble.name(), over.is_some(), trouble.size());
        let key = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        let alerts = tasks::alerts_to(context, &context.config.watch.channels, key, &content);
        match context.store.enqueue_alerts(&alerts).await {
            Ok(_) => context.outbox_bell.notify_one(),
            Err(error) => tracing::error!(%error, "trouble with market data could not be told"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_and_the_weekend_wake_nobody_but_the_hour_before_the_pre_market_does() {
        let at = |text: &str| is_watched(text.parse().unwrap());
        assert!(at("2026-03-10T13:31:00Z"));
        assert!(at("2026-03-10T07:30:00Z"), "03:30 in New York");
        assert!(!at("2026-03-10T06:00:00Z"));
        assert!(at("2026-03-10T23:30:00Z") && !at("2026-03-11T00:30:00Z"), "the post-market ends at 20:00");
        assert!(!at("2026-03-14T15:00:00Z"), "a Saturday");
    }
}
