//! The account of a subscription's bars: which came, which were missed, and fetching those.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bellwether::market::{Bar, Calendar, MissingReason};
use futures::FutureExt as _;
use jiff::{Timestamp, civil::Date};

use super::{Keeper, Side};
use crate::{
    error::AdapterError,
    ib::{
        backfill::{BarKind, fetch, may_come, starts},
        backoff::Backoff,
        clean::far_apart,
        forming::{FormingMinutes, Told},
        gaps::{Gap, GapOutcome},
        health::{BarAccount, HealthChange},
        hours::Window,
        ledger::{Arrival, BarLedger},
        monitor::count,
        subscription::{BarOrigin, MarketEvent, SubscriptionKind},
        waiting::after,
    },
};

/// First and longest pause between two requests for missed bars.
const FETCH: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(600));
/// Missed bars are asked for so often before they count as lost.
const FETCHES: u32 = 25;
/// The same when what comes cannot be used: that may pass, but usually does not.
const FETCHES_OF_BAD: u32 = 8;
/// A minute bar that is told so long after its end did not come when it was complete.
const LATE_AFTER: i64 = 60_000_000;

/// The account of bars.
pub(super) struct Bars {
    kind: BarKind,
    ledger: BarLedger,
    minutes: FormingMinutes,
    /// When everything that had come was read.
    read_at: Timestamp,
    disturbances: u64,
    /// What is yet to be read may have been said before the last of them.
    disturbed: bool,
    backoff: Backoff,
    fetch_at: Timestamp,
    fetches: u32,
}

impl Bars {
    /// The account of a subscription made at `now`, if it is one of bars.
    pub(super) fn of(kind: SubscriptionKind, now: Timestamp) -> Option<Self> {
        BarKind::of(kind).map(|kind| Self {
            kind,
            ledger: BarLedger::new(kind.step, now.as_microsecond()),
            minutes: FormingMinutes::default(),
            read_at: now,
            disturbances: 0,
            disturbed: false,
            backoff: Backoff::new(FETCH.0, FETCH.1),
            fetch_at: now,
            fetches: 0,
        })
    }

    /// Everything that had come was read by `now`.
    pub(super) fn read(&mut self, now: Timestamp) {
        self.read_at = now;
        if std::mem::take(&mut self.disturbed) {
            self.begin_again();
        }
    }

    /// So often has trading halted or resumed, or a connection behind the gateway changed; with each, words may be lost.
    pub(super) fn look_for_disturbances(&mut self, disturbances: u64) {
        if std::mem::replace(&mut self.disturbances, disturbances) != disturbances {
            self.begin_again();
            self.disturbed = true;
        }
    }

    /// What a stream says next does not follow from what it said before.
    pub(super) fn begin_again(&mut self) {
        self.minutes.forget();
    }

    /// From here on bars may be missed, in whatever session.
    pub(super) fn interrupt(&mut self) {
        self.ledger.interrupt();
    }
}

impl Keeper {
    /// Takes in a bar. A minute as it forms says nowhere that it is complete; [`FormingMinutes`] has the rule. The clock alone
    /// proves nothing, for what was held up on its way arrives long after it was true. A minute that does not prove complete
    /// in time is fetched, like one that never came.
    pub(super) fn bar(&mut self, bar: Bar, now: Timestamp) {
        let Some(bars) = &mut self.bars else { return };
        if self.wanted.kind != SubscriptionKind::MinuteBars {
            return self.complete(bar, BarOrigin::Live);
        }
        let told = Told { after: bars.read_at.as_microsecond(), by: now.as_microsecond() };
        let formed = bars.minutes.follow(bar, told);
        if formed.out_of_order {
            count(&self.link.monitor.counters.late_ticks);
        }
        if let Some(complete) = formed.complete {
            let late = complete.close_at + LATE_AFTER < now.as_microsecond();
            self.complete(complete, if late { BarOrigin::Backfilled } else { BarOrigin::Live });
        }
    }

    /// Accounts for a bar that is complete, and tells it if it is news.
    fn complete(&mut self, bar: Bar, origin: BarOrigin) {
        let (Some(bars), Some(hours)) = (&mut self.bars, &self.hours) else { return };
        let counters = &self.link.monitor.counters;
        let origin = match bars.ledger.receive(bar.open_at, hours) {
            Arrival::New => origin,
            Arrival::Late => {
                count(&counters.late_ticks);
                origin
            }
            // A stream of minutes begins with the last half hour each time.
            Arrival::Duplicate if self.wanted.kind == SubscriptionKind::MinuteBars => return,
            Arrival::Duplicate => return count(&counters.duplicates_dropped),
        };
        self.record.bars().push(bar);
        self.events.push(MarketEvent::Bar { bar, origin });
    }

    /// Looks after the account of bars: what should have come by `now` and has not, is fetched.
    pub(super) fn account(&mut self, now: Timestamp) {
        let (Some(bars), Some(hours)) = (&mut self.bars, &self.hours) else { return };
        let before = bars.ledger.missing();
        let due = now.as_microsecond() - i64::try_from(bars.kind.grace.as_micros()).unwrap_or_default();
        bars.ledger.expect(due, hours);
        let missing = bars.ledger.missing();
        if before == 0 && missing > 0 {
            bars.fetch_at = bars.fetch_at.max(after(now, FETCH.0));
            let opened = bars.ledger.open().next();
            if let Some((window, bars)) = opened {
                let gap = self.gap(window, bars, GapOutcome::Open);
                self.link.monitor.tell(HealthChange::GapOpened { gap });
            }
        }
        self.write_account();
        let (Some(bars), true) = (&mut self.bars, self.side.is_none() && self.link.is_connected()) else { return };
        if let Some(window) = bars.ledger.due(bars.kind.longest).filter(|_| now >= bars.fetch_at) {
            let (link, instrument, kind) = (Arc::clone(&self.link), self.wanted.instrument.clone(), bars.kind);
            let fetching = async move { Side::Fetched(window, fetch(&link, &instrument, kind, window).await) };
            self.side = Some(fetching.boxed());
        }
    }

    pub(super) fn write_account(&self) {
        let Some(Bars { ledger, .. }) = &self.bars else { return };
        let account =
            BarAccount { received: ledger.received, backfilled: ledger.backfilled, lost: ledger.lost, missing: ledger.missing() };
        self.record.account(account, ledger.open().map(|(window, bars)| self.gap(window, bars, GapOutcome::Open)).collect());
    }

    fn gap(&self, (from, until): Window, bars: u64, outcome: GapOutcome) -> Gap {
        let symbol = self.wanted.instrument.symbol.clone();
        Gap { symbol, kind: self.wanted.kind.as_str(), from: instant(from), until: instant(until), bars, outcome }
    }

    /// Missed bars of a stretch could not be fetched: they are asked for again, or are lost.
    pub(super) fn not_fetched(&mut self, window: Window, error: &AdapterError) {
        let now = self.link.clock.now();
        let Some(bars) = &mut self.bars else { return };
        bars.fetches += 1;
        let fetches = if error.reason() == MissingReason::BadData { FETCHES_OF_BAD } else { FETCHES };
        if may_come(error) && bars.fetches < fetches {
            bars.fetch_at = after(now, bars.backoff.limit());
            // The limit, not a random part of it: what is asked again too soon is a pacing violation.
            let _ = bars.backoff.next();
            return;
        }
        self.fetched(window, &[], &error.to_string());
    }

    /// Prices of this day that were believed were wrong: its bars, of those still held, count as missed, and are told again
    /// as they are fetched.
    pub(super) fn take_back(&mut self, now: Timestamp) {
        let Some(bars) = &mut self.bars else { return };
        bars.begin_again();
        let mut told = self.record.bars();
        let today = |bar: &&Bar| day(bar.open_at) == day(now.as_microsecond());
        let wrong: BTreeSet<i64> = told.as_slice().iter().filter(today).map(|bar| bar.open_at).collect();
        let right: Vec<Bar> = told.as_slice().iter().filter(|bar| !today(bar)).copied().collect();
        told.replace(right);
        drop(told);
        if let Some(first) = wrong.first() {
            tracing::warn!(what = self.what, "prices told since {} were wrong: asking for them again", instant(*first));
            bars.ledger.reopen(&wrong);
        }
    }

    /// Whether the bars of an answer cannot be believed: half as much again, or more, off one another, or off what was
    /// told of the same day before them and since. On a day with a halt they may be.
    pub(super) fn doubtful(&self, found: &[Bar]) -> bool {
        let (Some(first), Some(last)) = (found.first(), found.last()) else { return false };
        let now = self.link.clock.now();
        if self.halts.last_at().is_some_and(|at| day(at.as_microsecond()) == day(last.open_at)) {
            return false;
        }
        let known = self.record.bars();
        let earlier = known.as_slice().iter().filter(|bar| bar.open_at < first.open_at).max_by_key(|bar| bar.open_at);
        let before = earlier.filter(|bar| day(bar.open_at) == day(first.open_at)).map(|bar| bar.close);
        let since = self.intake.measure(now).filter(|_| day(last.open_at) == day(now.as_microsecond()));
        before.is_some_and(|before| far_apart(first.open, before))
            || since.is_some_and(|since| far_apart(since, last.close))
            || found.windows(2).any(|pair| day(pair[0].open_at) == day(pair[1].open_at) && far_apart(pair[1].open, pair[0].close))
    }

    /// Holds fetched bars among the others, in order.
    fn hold<'b>(&self, fetched: impl Iterator<Item = &'b Bar>) {
        let mut held = self.record.bars();
        let mut by_start: BTreeMap<i64, Bar> = held.as_slice().iter().map(|bar| (bar.open_at, *bar)).collect();
        let before = by_start.len();
        by_start.extend(fetched.map(|bar| (bar.open_at, *bar)));
        if by_start.len() > before {
            held.replace(by_start.into_values());
        }
    }

    /// Missed bars of a stretch are settled: those found are told, the others are lost.
    pub(super) fn fetched(&mut self, window: Window, found: &[Bar], otherwise: &str) {
        let now = self.link.clock.now();
        let Some(bars) = &mut self.bars else { return };
        bars.backoff.reset();
        bars.fetches = 0;
        bars.fetch_at = after(now, FETCH.0);
        let runs = bars.ledger.settle(window, &starts(found));
        let told = |bar: &&Bar| runs.iter().any(|run| run.fetched && (run.window.0..run.window.1).contains(&bar.open_at));
        self.hold(found.iter().filter(told));
        for run in runs {
            let inside = |bar: &&Bar| (run.window.0..run.window.1).contains(&bar.open_at);
            let told = found.iter().filter(inside).filter(|_| run.fetched);
            self.events.extend(told.map(|bar| MarketEvent::Bar { bar: *bar, origin: BarOrigin::Backfilled }));
            let counters = &self.link.monitor.counters;
            let (counter, outcome) = match run.fetched {
                true => (&counters.bars_backfilled, GapOutcome::Backfilled),
                false => (&counters.bars_lost, GapOutcome::Lost { reason: otherwise.to_owned() }),
            };
            counter.fetch_add(run.bars, Ordering::Relaxed);
            let gap = self.gap(run.window, run.bars, outcome);
            self.registry.settle(gap.clone());
            self.events.push(MarketEvent::Gap(gap));
        }
        self.write_account();
        self.deliver();
    }
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

/// The exchange's day.
fn day(micros: i64) -> Date {
    Calendar.local_date(instant(micros))
}
