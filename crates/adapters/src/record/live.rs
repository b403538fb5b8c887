//! A live session, written down as it goes.
//!
//! Single trades, best bids and offers and order books are followed as they come. Minute bars and headlines are fetched
//! every round, whole and official, from where the last round ended; so what a lost connection did not deliver is
//! fetched after it, and only ticks and books can have gaps, which are written down too.

use std::{
    collections::BTreeMap,
    future::pending,
    pin::{Pin, pin},
    time::Duration,
};

use bellwether::market::{Bar, Calendar, Clock, DepthUpdate, Instrument, MissingData, MissingReason, SnapshotPart, Symbol, Tick};
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

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
/// How long the last minutes are waited for once the recording is to end, real time.
const LAST_ROUND: Duration = Duration::from_secs(10);
/// A year of daily bars.
const DAYS: u32 = 252;

/// Records until `stop`, which is heeded at once, whatever is being fetched; `told` hears of every round.
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
    let (followed, since) = (follow(session, plan), first_instants(clock, plan)?);
    let mut recording = Recording { session, clock, plan, recorder, followed, since, days: BTreeMap::new() };
    tokio::pin!(stop);
    loop {
        let mut progress = Progress::default();
        let mut stopped = !recording.round(stop.as_mut(), &mut progress).await?;
        if !stopped {
            stopped = recording.wait(stop.as_mut()).await?;
            // The last whole minutes are still to be had, if that takes no longer than one likes to wait for an end.
            if stopped && timeout(LAST_ROUND, recording.round(pin!(pending()), &mut progress)).await.is_err() {
                tracing::warn!(?LAST_ROUND, "the last minutes were not fetched in time; they are not in the recording");
            }
        }
        progress.recorded = recording.recorder.flush()?;
        progress.silent = recording.followed.iter().filter(|(_, handle)| handle.state().is_silent()).count();
        told(&progress);
        if stopped {
            return Ok(progress.recorded);
        }
    }
}

/// A recording under way.
struct Recording<'a> {
    session: &'a IbSession,
    clock: &'a dyn Clock,
    plan: &'a RecordingPlan,
    recorder: &'a mut Recorder,
    followed: Vec<(Symbol, SubscriptionHandle)>,
    since: BTreeMap<Symbol, Since>,
    /// Daily bars as far as they were had.
    days: BTreeMap<Symbol, Vec<Bar>>,
}

/// From when on something of a symbol is still to be fetched.
#[derive(Debug, Clone, Copy)]
struct Since {
    bars: Timestamp,
    headlines: Timestamp,
}

impl Recording<'_> {
    /// Fetches what came since the last round; false when `stop` came first. What was had by then is taken down.
    async fn round<S: Future<Output = ()>>(&mut self, mut stop: Pin<&mut S>, progress: &mut Progress) -> Result<bool> {
        if !self.daily(stop.as_mut(), progress).await? {
            return Ok(false);
        }
        for instrument in &self.plan.instruments {
            let bars = self.bars(instrument, stop.as_mut(), progress).await?;
            if !bars || (self.plan.headlines && !self.headlines(instrument, stop.as_mut(), progress).await?) {
                return Ok(false);
            }
        }
        take(&mut self.followed, self.recorder)?;
        Ok(true)
    }

    /// Follows until the next round is due; whether `stop` came first.
    async fn wait<S: Future<Output = ()>>(&mut self, mut stop: Pin<&mut S>) -> Result<bool> {
        let next = self.clock.now().saturating_add(ROUND).unwrap_or(Timestamp::MAX);
        let mut stopped = false;
        while self.clock.now() < next && !stopped {
            tokio::select! {
                () = &mut stop => stopped = true,
                () = tokio::time::sleep(self.clock.wall_until(next).clamp(LOOK.0, LOOK.1)) => {}
            }
            take(&mut self.followed, self.recorder)?;
        }
        Ok(stopped)
    }

    /// Does `work` and takes down what is followed meanwhile; none when `stop` came first.
    async fn unless<T, S: Future<Output = ()>>(
        &mut self,
        mut stop: Pin<&mut S>,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return Ok(None),
                done = &mut work => return Ok(Some(done)),
                () = tokio::time::sleep(LOOK.1) => take(&mut self.followed, self.recorder)?,
            }
        }
    }

    /// The daily bars before today, of symbols whose are not had yet; false when `stop` came first.
    async fn daily<S: Future<Output = ()>>(&mut self, mut stop: Pin<&mut S>, progress: &mut Progress) -> Result<bool> {
        let (session, had) = (self.session, self.days.len());
        let mut stopped = false;
        for instrument in &self.plan.instruments {
            let symbol = &instrument.symbol;
            if self.days.contains_key(symbol) {
                continue;
            }
            match self.unless(stop.as_mut(), session.daily_bars(instrument, DAYS, self.clock.now())).await? {
                Some(Ok(bars)) => drop(self.days.insert(symbol.clone(), bars)),
                Some(Err(error)) => progress.missing.push(error.into_missing(symbol, SnapshotPart::Daily)),
                None => {
                    stopped = true;
                    break;
                }
            }
        }
        // Some symbols' bars do not replace what an earlier recording had of all.
        if self.days.len() > had && !(stopped && self.recorder.has_daily_bars()) {
            self.recorder.daily_bars(self.days.iter().map(|(symbol, bars)| (symbol, &**bars)))?;
        }
        Ok(!stopped)
    }

    /// Minute bars of one symbol, a session at a time, so that what was fetched stays whatever comes after it; false when
    /// `stop` came first.
    async fn bars<S: Future<Output = ()>>(
        &mut self,
        instrument: &Instrument,
        mut stop: Pin<&mut S>,
        progress: &mut Progress,
    ) -> Result<bool> {
        let (session, symbol) = (self.session, &instrument.symbol);
        let now = whole_minute(self.clock.now());
        while let Some(from) = self.since.get(symbol).map(|since| since.bars).filter(|from| *from < now) {
            let next = Calendar.next(Calendar.local_date(from))?.pre_open;
            let until = next.min(now);
            match self.unless(stop.as_mut(), session.minute_bars(instrument, from, until)).await? {
                Some(Ok(bars)) => self.recorder.minute_bars(symbol, &bars)?,
                // Nothing was traded.
                Some(Err(error)) if error.reason() == MissingReason::NoData => {}
                Some(Err(error)) => {
                    progress.missing.push(error.into_missing(symbol, SnapshotPart::Today));
                    return Ok(true);
                }
                None => return Ok(false),
            }
            if let Some(since) = self.since.get_mut(symbol) {
                since.bars = until;
            }
        }
        Ok(true)
    }

    /// Headlines of one symbol; false when `stop` came first.
    async fn headlines<S: Future<Output = ()>>(
        &mut self,
        instrument: &Instrument,
        stop: Pin<&mut S>,
        progress: &mut Progress,
    ) -> Result<bool> {
        let (session, symbol) = (self.session, &instrument.symbol);
        let now = whole_minute(self.clock.now());
        let from = self.since.get(symbol).map(|since| since.headlines);
        let Some(from) = from.filter(|from| *from < now) else { return Ok(true) };
        match self.unless(stop, session.headlines(instrument, from, now)).await? {
            Some(Ok(headlines)) => self.recorder.headlines(&headlines)?,
            Some(Err(error)) if error.reason() == MissingReason::NoData => {}
            Some(Err(error)) => {
                progress.missing.push(error.into_missing(symbol, SnapshotPart::Headlines));
                return Ok(true);
            }
            None => return Ok(false),
        }
        if let Some(since) = self.since.get_mut(symbol) {
            since.headlines = now;
        }
        Ok(true)
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
fn first_instants(clock: &dyn Clock, plan: &RecordingPlan) -> Result<BTreeMap<Symbol, Since>> {
    let today = Calendar.local_date(clock.now());
    let earlier = Calendar.sessions_before(today, plan.history_sessions)?;
    let first = earlier.into_iter().next().or(Calendar.day(today)?);
    let from = first.map_or(clock.now(), |day| day.pre_open);
    let since = Since { bars: from, headlines: from };
    Ok(plan.instruments.iter().map(|instrument| (instrument.symbol.clone(), since)).collect())
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
