//! A live session, written down as it goes.
//!
//! Single trades, best bids and offers and order books are followed as they come. Minute bars and headlines are fetched
//! every round, whole and official, from where the last round ended; so what a lost connection did not deliver is
//! fetched after it, and only ticks and books can have gaps, which are written down too.

use std::{collections::BTreeMap, time::Duration};

use bellwether::market::{Calendar, Clock, DepthUpdate, Instrument, MissingData, MissingReason, SnapshotPart, Symbol, Tick};
use jiff::{SignedDuration, Timestamp};

use super::{Recorded, Recorder};
use crate::{
    error::Result,
    ib::{IbSession, MarketEvent, Subscription, SubscriptionHandle, SubscriptionKind, TickKind},
};

/// What is to be recorded.
#[derive(Debug, Clone, Default)]
pub struct RecordingPlan {
    /// Minute bars, daily bars and headlines of these.
    pub instruments: Vec<Instrument>,
    /// Of these also every trade and every change of the best bid and offer; IB allows few at a time.
    pub ticks: Vec<Symbol>,
    /// Of these also the order book, so many rows of each side; IB allows few at a time.
    pub depth: Vec<(Symbol, u8)>,
    /// Sessions of minute bars before today's.
    pub history_sessions: usize,
    /// Headlines are wanted.
    pub headlines: bool,
}

/// How far a recording is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What was written.
    pub recorded: Recorded,
    /// What could not be had in the last round, and why.
    pub missing: Vec<MissingData>,
    /// Subscriptions that should speak and do not.
    pub silent: usize,
}

/// Between two rounds, on the clock.
const ROUND: SignedDuration = SignedDuration::from_secs(60);
/// Between two looks at the clock, real time.
const LOOK: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));
/// A year of daily bars.
const DAYS: u32 = 252;

/// Records until `stop`; `told` hears of every round.
///
/// # Errors
/// A table cannot be written, or there is no exchange calendar for the day. What the broker does not give is in
/// [`Progress::missing`] and asked for again in the next round.
pub async fn record(
    session: &IbSession,
    clock: &dyn Clock,
    plan: &RecordingPlan,
    recorder: &mut Recorder,
    stop: impl Future<Output = ()>,
    mut told: impl FnMut(&Progress),
) -> Result<Recorded> {
    recorder.instruments(&plan.instruments);
    let mut followed = follow(session, plan);
    let mut until = first_instants(clock, plan)?;
    let mut daily_due = true;
    tokio::pin!(stop);
    loop {
        let mut progress = Progress::default();
        if daily_due {
            daily_due = !daily(session, clock, plan, recorder, &mut progress).await?;
        }
        for instrument in &plan.instruments {
            fetch(session, clock, plan, instrument, &mut until, recorder, &mut progress).await?;
        }
        let next = clock.now().saturating_add(ROUND).unwrap_or(Timestamp::MAX);
        let mut stopped = false;
        while clock.now() < next && !stopped {
            take(&mut followed, recorder)?;
            tokio::select! {
                () = &mut stop => stopped = true,
                () = tokio::time::sleep(clock.wall_until(next).clamp(LOOK.0, LOOK.1)) => {}
            }
        }
        take(&mut followed, recorder)?;
        if stopped {
            // The last whole minutes are still to be had.
            for instrument in &plan.instruments {
                fetch(session, clock, plan, instrument, &mut until, recorder, &mut progress).await?;
            }
        }
        progress.recorded = recorder.flush()?;
        progress.silent = followed.iter().filter(|(_, handle)| handle.state().is_silent()).count();
        told(&progress);
        if stopped {
            return Ok(progress.recorded);
        }
    }
}

fn follow(session: &IbSession, plan: &RecordingPlan) -> Vec<(Symbol, SubscriptionHandle)> {
    let mut followed = Vec::new();
    for instrument in &plan.instruments {
        let mut subscribe = |kind| {
            let handle = session.subscribe(Subscription { instrument: instrument.clone(), kind });
            followed.push((instrument.symbol.clone(), handle));
        };
        if plan.ticks.contains(&instrument.symbol) {
            subscribe(SubscriptionKind::TickByTick(TickKind::AllLast));
            subscribe(SubscriptionKind::TickByTick(TickKind::BidAsk));
        }
        if let Some((_, rows)) = plan.depth.iter().find(|(symbol, _)| *symbol == instrument.symbol) {
            subscribe(SubscriptionKind::Depth { rows: *rows });
        }
    }
    followed
}

/// From when on minute bars and headlines of each symbol are still to be fetched.
fn first_instants(clock: &dyn Clock, plan: &RecordingPlan) -> Result<BTreeMap<Symbol, Timestamp>> {
    let today = Calendar.local_date(clock.now());
    let earlier = Calendar.sessions_before(today, plan.history_sessions)?;
    let first = earlier.into_iter().next().or(Calendar.day(today)?);
    let from = first.map_or(clock.now(), |day| day.pre_open);
    Ok(plan.instruments.iter().map(|instrument| (instrument.symbol.clone(), from)).collect())
}

/// The daily bars before today; whether all were had.
async fn daily(
    session: &IbSession,
    clock: &dyn Clock,
    plan: &RecordingPlan,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<bool> {
    let mut found = Vec::new();
    for instrument in &plan.instruments {
        match session.daily_bars(instrument, DAYS, clock.now()).await {
            Ok(bars) => found.push((&instrument.symbol, bars)),
            Err(error) => progress.missing.push(error.into_missing(&instrument.symbol, SnapshotPart::Daily)),
        }
    }
    recorder.daily_bars(found.iter().map(|(symbol, bars)| (*symbol, &**bars)))?;
    Ok(found.len() == plan.instruments.len())
}

/// What came of one symbol since the last round.
async fn fetch(
    session: &IbSession,
    clock: &dyn Clock,
    plan: &RecordingPlan,
    instrument: &Instrument,
    until: &mut BTreeMap<Symbol, Timestamp>,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<()> {
    let symbol = &instrument.symbol;
    let now = whole_minute(clock.now());
    let Some(from) = until.get(symbol).copied().filter(|from| *from < now) else { return Ok(()) };
    match session.minute_bars(instrument, from, now).await {
        Ok(bars) => recorder.minute_bars(symbol, &bars)?,
        // Nothing was traded.
        Err(error) if error.reason() == MissingReason::NoData => {}
        Err(error) => {
            progress.missing.push(error.into_missing(symbol, SnapshotPart::Today));
            return Ok(());
        }
    }
    if plan.headlines {
        match session.headlines(instrument, from, now).await {
            Ok(headlines) => recorder.headlines(&headlines)?,
            Err(error) if error.reason() == MissingReason::NoData => {}
            Err(error) => {
                progress.missing.push(error.into_missing(symbol, SnapshotPart::Headlines));
                return Ok(());
            }
        }
    }
    until.insert(symbol.clone(), now);
    Ok(())
}

/// Takes down what came.
fn take(followed: &mut [(Symbol, SubscriptionHandle)], recorder: &mut Recorder) -> Result<()> {
    for (symbol, handle) in followed {
        let (mut ticks, mut depth): (Vec<Tick>, Vec<DepthUpdate>) = Default::default();
        while let Some(event) = handle.try_next() {
            match event {
                MarketEvent::Tick(tick) => ticks.push(tick),
                MarketEvent::Depth(update) => depth.push(update),
                _ => {}
            }
        }
        recorder.ticks(symbol, &ticks)?;
        recorder.depth(symbol, &depth)?;
    }
    Ok(())
}

fn whole_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap_or(at)
}
