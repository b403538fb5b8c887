//! What may be asked of the gateway at an instant, and from when on what may not.
//!
//! | budget | limit | counted |
//! |---|---|---|
//! | messages | `messages_per_second` | in any second |
//! | small bars | 60; twice for `BID_ASK` | in any ten minutes: bars below a minute, historical ticks, openings of five-second bars |
//! | identical | 1 | in any 15 s: any historical request |
//! | alike | 5; twice for `BID_ASK` | in any 2 s: historical requests of one contract, exchange and kind of data |
//! | open | 50 | under way: historical bars and ticks |
//! | scanners | 10 | subscribed |
//!
//! Pure: the time is an argument, and a clone behaves as the original would. That is what makes a forecast possible.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ask::{Ask, RequestKind},
    window::SlidingWindow,
};

pub(super) const SECOND: i64 = 1_000_000;
/// How long nothing of a kind is asked after the gateway complained, doubled each time in a row: first, and at most.
const PENALTY: (i64, i64) = (5 * SECOND, 600 * SECOND);
/// Without a complaint for so long, the next one is the first again.
const FORGIVEN: i64 = 1_200 * SECOND;

/// What the gateway allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PacingLimits {
    pub(crate) messages_per_second: u32,
    pub(crate) small_bars: u32,
    pub(crate) alike: u32,
    pub(crate) open_historical: u32,
    pub(crate) scanners: u32,
}

impl Default for PacingLimits {
    fn default() -> Self {
        Self { messages_per_second: 45, small_bars: 60, alike: 5, open_historical: 50, scanners: 10 }
    }
}

/// A budget that many requests share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pool {
    Messages,
    SmallBars,
    Open,
    Scanners,
}

impl Pool {
    pub(super) const ALL: [Self; 4] = [Self::Messages, Self::SmallBars, Self::Open, Self::Scanners];

    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The pools that a kind of request draws on, one bit each.
pub(super) fn pools_of(kind: RequestKind) -> u8 {
    use RequestKind::{Bars, HistoricalTicks, RealTimeBars, Scanner, SmallBars};
    let more = match kind {
        Bars => Pool::Open.bit(),
        SmallBars | HistoricalTicks => Pool::Open.bit() | Pool::SmallBars.bit(),
        RealTimeBars => Pool::SmallBars.bit(),
        Scanner => Pool::Scanners.bit(),
        _ => 0,
    };
    Pool::Messages.bit() | more
}

/// Whether a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// These pools are used up, until then where time alone helps; others that have room again before are not named.
    Full {
        pools: u8,
        until: Option<i64>,
    },
    /// It is too much like others of just now.
    Alike {
        until: Option<i64>,
    },
}

/// Something admitted whose end is not known yet.
#[derive(Debug, Clone)]
pub(super) struct Admitted {
    pub(super) ask: Ask,
    pub(super) at: i64,
    /// Known to have been read.
    pub(super) read: bool,
    /// As a message it counts as read, which is supposed sooner.
    passed: bool,
    /// It was in the socket before the request of this number was admitted.
    written_before: Option<u64>,
    /// For a cancellation: the request that is over once it is read.
    ends: Option<u64>,
}

/// Complaints of the gateway about one pool.
#[derive(Debug, Clone, Copy, Default)]
struct Penalty {
    until: i64,
    last: i64,
    in_a_row: u32,
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Budgets {
    limits: PacingLimits,
    messages: SlidingWindow,
    small_bars: SlidingWindow,
    identical: BTreeMap<Arc<str>, SlidingWindow>,
    alike: BTreeMap<Arc<str>, SlidingWindow>,
    open: u32,
    scanners: u32,
    admitted: BTreeMap<u64, Admitted>,
    next: u64,
    penalties: [Penalty; 4],
    /// The maps are cleared of what is empty when they have grown to this.
    tidy_at: usize,
}

impl Budgets {
    pub(super) fn new(limits: PacingLimits) -> Self {
        Self {
            limits,
            messages: SlidingWindow::new(limits.messages_per_second, SECOND),
            small_bars: SlidingWindow::new(limits.small_bars, 600 * SECOND),
            identical: BTreeMap::new(),
            alike: BTreeMap::new(),
            open: 0,
            scanners: 0,
            admitted: BTreeMap::new(),
            next: 0,
            penalties: [Penalty::default(); 4],
            tidy_at: 256,
        }
    }

    /// Brings everything to `now`.
    pub(super) fn advance(&mut self, now: i64) {
        self.messages.expire(now);
        self.small_bars.expire(now);
        let windows = self.identical.len() + self.alike.len();
        if windows >= self.tidy_at {
            for map in [&mut self.identical, &mut self.alike] {
                map.retain(|_, window| {
                    window.expire(now);
                    !window.is_empty()
                });
            }
            self.tidy_at = (2 * (self.identical.len() + self.alike.len())).max(256);
        }
    }

    /// Whether `ask` may go at `now`, to which everything was brought.
    pub(super) fn verdict(&self, ask: &Ask, now: i64) -> Verdict {
        let wanted = pools_of(ask.kind());
        // Without an end sorts last.
        let (mut pools, mut last) = (0, now);
        for pool in Pool::ALL.into_iter().filter(|pool| wanted & pool.bit() != 0) {
            let free_at = self.free_at(pool, ask, now).unwrap_or(i64::MAX);
            if free_at > last {
                (pools, last) = (pool.bit(), free_at);
            } else if free_at == last && free_at > now {
                pools |= pool.bit();
            }
        }
        if pools != 0 {
            return Verdict::Full { pools, until: (last != i64::MAX).then_some(last) };
        }
        let Some(likeness) = ask.likeness() else { return Verdict::Go };
        let identical = room_at(&self.identical, &likeness.identity, 1, now);
        let alike = room_at(&self.alike, &likeness.subject, ask.weight(), now);
        match (identical, alike) {
            (Some(one), Some(other)) if one <= now && other <= now => Verdict::Go,
            (one, other) => Verdict::Alike { until: one.zip(other).map(|(one, other)| one.max(other)) },
        }
    }

    fn free_at(&self, pool: Pool, ask: &Ask, now: i64) -> Option<i64> {
        let under = |used: u32, limit: u32| (used < limit).then_some(now);
        let free_at = match pool {
            Pool::Messages => self.messages.room_at(ask.messages(), now),
            Pool::SmallBars => self.small_bars.room_at(ask.weight(), now),
            Pool::Open => under(self.open, self.limits.open_historical),
            Pool::Scanners => under(self.scanners, self.limits.scanners),
        };
        free_at.map(|free_at| free_at.max(self.penalties[pool as usize].until).max(now))
    }

    /// Hands out what `ask` costs; its number.
    pub(super) fn admit(&mut self, ask: Ask, now: i64) -> u64 {
        self.messages.take(ask.messages());
        let pools = pools_of(ask.kind());
        if pools & Pool::SmallBars.bit() != 0 {
            self.small_bars.take(ask.weight());
        }
        self.open += u32::from(pools & Pool::Open.bit() != 0);
        self.scanners += u32::from(pools & Pool::Scanners.bit() != 0);
        if let Some(likeness) = ask.likeness() {
            let limit = self.limits.alike;
            let window = |map: &mut BTreeMap<Arc<str>, SlidingWindow>, key: &Arc<str>, capacity, length, weight| {
                let window = map.entry(Arc::clone(key)).or_insert_with(|| SlidingWindow::new(capacity, length));
                window.expire(now);
                window.take(weight);
            };
            window(&mut self.identical, &likeness.identity, 1, 15 * SECOND, 1);
            window(&mut self.alike, &likeness.subject, limit, 2 * SECOND, ask.weight());
        }
        let number = self.next;
        self.next += 1;
        self.admitted.insert(number, Admitted { ask, at: now, read: false, passed: false, written_before: None, ends: None });
        number
    }

    /// The request is in the socket: whatever is admitted from now on comes after it.
    pub(super) fn written(&mut self, number: u64) {
        let next = self.next;
        if let Some(admitted) = self.admitted.get_mut(&number) {
            admitted.written_before = Some(next);
        }
    }

    /// The gateway has read the request, and with it whatever was written before.
    pub(super) fn read(&mut self, number: u64, now: i64) {
        let earlier = |admitted: &Admitted| !admitted.read && admitted.written_before.is_some_and(|before| before <= number);
        let mut read: Vec<u64> = self.admitted.iter().filter(|(_, it)| earlier(it)).map(|(earlier, _)| *earlier).collect();
        read.push(number);
        for number in read {
            self.read_one(number, now);
        }
    }

    /// The gateway must have taken the message by now, whatever it does with the request. What was asked is supposed to be
    /// counted only once that is known: a second more or less is much for a second's budget and nothing for one of minutes.
    pub(super) fn pass(&mut self, number: u64, now: i64) {
        let Some(admitted) = self.admitted.get_mut(&number).filter(|admitted| !admitted.passed) else { return };
        admitted.passed = true;
        let messages = admitted.ask.messages();
        self.messages.put_back(messages - 1);
        self.messages.read(1, now);
    }

    fn read_one(&mut self, number: u64, now: i64) {
        self.pass(number, now);
        let Some(admitted) = self.admitted.get_mut(&number).filter(|admitted| !admitted.read) else { return };
        admitted.read = true;
        let ask = admitted.ask.clone();
        if pools_of(ask.kind()) & Pool::SmallBars.bit() != 0 {
            self.small_bars.read(ask.weight(), now);
        }
        if let Some(likeness) = ask.likeness() {
            let read = |map: &mut BTreeMap<Arc<str>, SlidingWindow>, key, weight| {
                if let Some(window) = map.get_mut(key) {
                    window.read(weight, now);
                }
            };
            read(&mut self.identical, &likeness.identity, 1);
            read(&mut self.alike, &likeness.subject, ask.weight());
        }
        if ask.kind() == RequestKind::Cancel
            && let Some(ended) = self.admitted.remove(&number).and_then(|cancel| cancel.ends)
        {
            self.over(ended, now);
        }
    }

    /// The request is over, at the gateway too.
    pub(super) fn over(&mut self, number: u64, now: i64) {
        self.read(number, now);
        if let Some(admitted) = self.admitted.remove(&number) {
            self.close(&admitted.ask);
        }
    }

    /// The request was never handed over.
    pub(super) fn withdraw(&mut self, number: u64) {
        let Some(Admitted { ask, read: false, passed, .. }) = self.admitted.remove(&number) else { return };
        if !passed {
            self.messages.put_back(ask.messages());
        }
        self.close(&ask);
        if pools_of(ask.kind()) & Pool::SmallBars.bit() != 0 {
            self.small_bars.put_back(ask.weight());
        }
        if let Some(likeness) = ask.likeness() {
            if let Some(window) = self.identical.get_mut(&likeness.identity) {
                window.put_back(1);
            }
            if let Some(window) = self.alike.get_mut(&likeness.subject) {
                window.put_back(ask.weight());
            }
        }
    }

    fn close(&mut self, ask: &Ask) {
        let pools = pools_of(ask.kind());
        self.open -= u32::from(pools & Pool::Open.bit() != 0);
        self.scanners -= u32::from(pools & Pool::Scanners.bit() != 0);
    }

    /// A message that asked no one: the library's own end of a request that is over. Its number.
    pub(super) fn unasked(&mut self, now: i64) -> u64 {
        self.admit(Ask::of(RequestKind::Cancel), now)
    }

    /// Nobody waits for the request any more, and the library cancels it: it is over once that was read. The number of
    /// the cancellation.
    pub(super) fn abandon(&mut self, number: u64, now: i64) -> u64 {
        let cancel = self.unasked(now);
        self.end_with(number, cancel);
        cancel
    }

    /// The request is over once `cancel` was read.
    pub(super) fn end_with(&mut self, number: u64, cancel: u64) {
        if let Some(admitted) = self.admitted.get_mut(&cancel) {
            admitted.ends = Some(number);
        }
    }

    /// The gateway said that too much was asked of `pool`: nothing is for a while. How long.
    pub(super) fn penalise(&mut self, pool: Pool, now: i64) -> i64 {
        let penalty = &mut self.penalties[pool as usize];
        if now - penalty.last > FORGIVEN {
            penalty.in_a_row = 0;
        }
        // What was under way when the first complaint came is not told apart from new offences by complaints.
        if now >= penalty.until {
            let length = (PENALTY.0 << penalty.in_a_row.min(16)).min(PENALTY.1);
            penalty.in_a_row += 1;
            penalty.until = now + length;
        }
        penalty.last = now;
        penalty.until - now
    }

    /// Everything admitted and not over.
    pub(super) fn under_way(&self) -> impl Iterator<Item = (u64, &Admitted)> {
        self.admitted.iter().map(|(number, admitted)| (*number, admitted))
    }

    /// Whether it costs nothing but its message, for which being taken is all.
    pub(super) fn is_message_alone(&self, number: u64) -> bool {
        self.admitted.get(&number).is_none_or(|admitted| admitted.ask.likeness().is_none())
    }

    pub(super) fn is_read(&self, number: u64) -> bool {
        self.admitted.get(&number).is_none_or(|admitted| admitted.read)
    }

    /// What of each pool counts at present, and its limit.
    pub(super) fn used(&self, pool: Pool) -> (u32, u32) {
        match pool {
            Pool::Messages => (self.messages.used(), self.limits.messages_per_second),
            Pool::SmallBars => (self.small_bars.used(), self.limits.small_bars),
            Pool::Open => (self.open, self.limits.open_historical),
            Pool::Scanners => (self.scanners, self.limits.scanners),
        }
    }
}

fn room_at(map: &BTreeMap<Arc<str>, SlidingWindow>, key: &Arc<str>, weight: u32, now: i64) -> Option<i64> {
    map.get(key).map_or(Some(now), |window| window.room_at(weight, now))
}

#[cfg(test)]
#[path = "budgets_tests.rs"]
mod tests;
