//! Who goes next: first come, first served within a priority; and no priority is left out for ever.
//!
//! A request goes when every budget it draws on has room and nobody who is before it waits for one of them. One that waits
//! for a budget holds up only those behind it who need the same: contracts are looked up while bars wait. Requests that
//! are too much like one of just now hold up nobody.
//!
//! An urgent request passes those of lower priority, but of ten turns in a budget that several priorities wait for the
//! tenth belongs to the lower one.

use std::collections::VecDeque;

use super::{
    ask::{Ask, Priority},
    budgets::{Budgets, Pool, Verdict, pools_of},
};

/// Turns after which a lower priority has one.
const PASSED_AT_MOST: u32 = 9;
const PRIORITIES: usize = Priority::ALL.len();

/// Kinds of requests that draw on the same pools.
#[derive(Debug, Clone)]
struct Lane {
    pools: u8,
    waiting: VecDeque<Waiting>,
}

impl Lane {
    fn draws_on(&self, pool: Pool) -> bool {
        self.pools & pool.bit() != 0
    }
}

#[derive(Debug, Clone)]
struct Waiting {
    ticket: u64,
    ask: Ask,
}

/// A request whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Its place in the queue, as [`AdmissionQueue::join`] gave it.
    pub(super) ticket: u64,
    /// Its number in the budgets.
    pub(super) number: u64,
}

/// See the module. Pure, as the budgets are.
#[derive(Debug, Clone, Default)]
pub(super) struct AdmissionQueue {
    lanes: [Vec<Lane>; PRIORITIES],
    /// Turns in a pool that others had while one of this priority waited for it.
    passed: [[u32; Pool::ALL.len()]; PRIORITIES],
    next: u64,
}

/// What held up those who wait, and until when at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct HeldUp {
    /// Pools that someone waits for.
    pub(super) pools: u8,
    /// Someone waits because of likeness.
    pub(super) alike: bool,
    /// When time alone lets someone go.
    pub(super) until: Option<i64>,
}

impl HeldUp {
    fn by(&mut self, pools: u8, alike: bool, until: Option<i64>) {
        self.pools |= pools;
        self.alike |= alike;
        self.until = match (self.until, until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Where in the queue.
type Place = (usize, usize, usize);

impl AdmissionQueue {
    /// Takes a place in the queue; its ticket.
    pub(super) fn join(&mut self, ask: Ask, priority: Priority) -> u64 {
        let ticket = self.next;
        self.next += 1;
        let pools = pools_of(ask.kind());
        let lanes = &mut self.lanes[priority as usize];
        let waiting = Waiting { ticket, ask };
        match lanes.iter_mut().find(|lane| lane.pools == pools) {
            Some(lane) => lane.waiting.push_back(waiting),
            None => lanes.push(Lane { pools, waiting: VecDeque::from([waiting]) }),
        }
        ticket
    }

    /// Gives up a place.
    pub(super) fn leave(&mut self, ticket: u64) {
        for lane in self.lanes.iter_mut().flatten() {
            lane.waiting.retain(|waiting| waiting.ticket != ticket);
        }
    }

    pub(super) fn len_of(&self, priority: Priority) -> usize {
        self.lanes[priority as usize].iter().map(|lane| lane.waiting.len()).sum()
    }

    /// Admits everyone whose turn it is at `now`, in order; then says what holds up the others.
    pub(super) fn admit(&mut self, budgets: &mut Budgets, now: i64) -> (Vec<Turn>, HeldUp) {
        budgets.advance(now);
        let mut turns = Vec::new();
        loop {
            let mut held_up = HeldUp::default();
            let Some((priority, lane, index)) = self.pick(budgets, now, &mut held_up) else { return (turns, held_up) };
            let Some(Waiting { ticket, ask }) = self.lanes[priority][lane].waiting.remove(index) else {
                return (turns, held_up);
            };
            self.count(priority, self.lanes[priority][lane].pools);
            turns.push(Turn { ticket, number: budgets.admit(ask, now) });
        }
    }

    fn count(&mut self, priority: usize, pools: u8) {
        for pool in Pool::ALL.into_iter().filter(|pool| pools & pool.bit() != 0) {
            self.passed[priority][pool as usize] = 0;
            for lower in priority + 1..PRIORITIES {
                if self.lanes[lower].iter().any(|lane| lane.draws_on(pool) && !lane.waiting.is_empty()) {
                    self.passed[lower][pool as usize] += 1;
                }
            }
        }
    }

    fn pick(&self, budgets: &Budgets, now: i64, held_up: &mut HeldUp) -> Option<Place> {
        let mut claimed = 0;
        for priority in (0..PRIORITIES).rev() {
            for pool in Pool::ALL {
                if self.passed[priority][pool as usize] >= PASSED_AT_MOST {
                    let mut claims = claimed;
                    let lanes = |lane: &Lane| self.is_owed(priority, pool, lane);
                    let found = self.first(priority, lanes, &mut claims, budgets, now, held_up);
                    if found.is_some() {
                        return found;
                    }
                    // The turn that is owed is one in this pool.
                    claimed |= claims & pool.bit();
                }
            }
        }
        for priority in 0..PRIORITIES {
            let found = self.first(priority, |_| true, &mut claimed, budgets, now, held_up);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Whether a turn that is owed to a priority in `pool` may be one of this lane: not where it would be one in a scarcer
    /// pool that the more urgent wait for too.
    fn is_owed(&self, priority: usize, pool: Pool, lane: &Lane) -> bool {
        let scarcest = [Pool::SmallBars, Pool::Scanners, Pool::Open].into_iter().find(|it| lane.pools & it.bit() != 0);
        let scarcest = scarcest.unwrap_or(Pool::Messages);
        let wanted_more = || self.lanes[..priority].iter().flatten().any(|it| it.draws_on(scarcest) && !it.waiting.is_empty());
        lane.draws_on(pool) && (scarcest == pool || !wanted_more())
    }

    /// The first of a priority in some of its lanes that draws on nothing that is `claimed`, and may go. Those before it
    /// claim what they wait for.
    fn first(
        &self,
        priority: usize,
        among: impl Fn(&Lane) -> bool,
        claimed: &mut u8,
        budgets: &Budgets,
        now: i64,
        held_up: &mut HeldUp,
    ) -> Option<Place> {
        let mut lanes: Vec<usize> = (0..self.lanes[priority].len()).collect();
        lanes.retain(|lane| !self.lanes[priority][*lane].waiting.is_empty() && among(&self.lanes[priority][*lane]));
        lanes.sort_by_key(|lane| self.lanes[priority][*lane].waiting.front().map(|front| front.ticket));
        let mut found: Option<(u64, Place)> = None;
        for lane in lanes {
            let Lane { pools, waiting } = &self.lanes[priority][lane];
            for (index, Waiting { ticket, ask }) in waiting.iter().enumerate() {
                if pools & *claimed != 0 || found.is_some_and(|(earlier, _)| earlier < *ticket) {
                    break;
                }
                match budgets.verdict(ask, now) {
                    Verdict::Go => {
                        found = Some((*ticket, (priority, lane, index)));
                        break;
                    }
                    Verdict::Full { pools, until } => {
                        *claimed |= pools;
                        held_up.by(pools, false, until);
                    }
                    Verdict::Alike { until } => held_up.by(0, true, until),
                }
            }
        }
        found.map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ib::pacing::{
        ask::{HistoricalAsk, RequestKind},
        budgets::{PacingLimits, SECOND},
    };

    fn bars(contract: usize, what_to_show: &str, bar_seconds: u32) -> Ask {
        let contract = contract.to_string();
        Ask::bars(HistoricalAsk { contract: &contract, exchange: "SMART", what_to_show, bar_seconds, rest: "" })
    }

    fn other() -> Ask {
        Ask::of(RequestKind::Other)
    }

    /// Admits, and answers everything at once.
    fn step(queue: &mut AdmissionQueue, budgets: &mut Budgets, now: i64) -> Vec<u64> {
        let (turns, _) = queue.admit(budgets, now);
        turns.iter().for_each(|turn| budgets.over(turn.number, now));
        turns.into_iter().map(|turn| turn.ticket).collect()
    }

    #[test]
    fn first_come_first_served_within_a_priority_and_the_urgent_before() {
        let mut queue = AdmissionQueue::default();
        let mut budgets = Budgets::new(PacingLimits { messages_per_second: 2, ..PacingLimits::default() });
        let scans = [queue.join(other(), Priority::Scans), queue.join(other(), Priority::Scans)];
        let position = queue.join(other(), Priority::Positions);
        let alert = queue.join(other(), Priority::Alerts);
        assert_eq!(step(&mut queue, &mut budgets, 0), [position]);
        assert_eq!(queue.admit(&mut budgets, 0).1.until, Some(SECOND));
        let order: Vec<u64> = (1..4).flat_map(|i| step(&mut queue, &mut budgets, i * SECOND)).collect();
        assert_eq!(order, [alert, scans[0], scans[1]]);
    }

    #[test]
    fn who_waits_for_bars_holds_up_bars_and_nothing_else() {
        let mut queue = AdmissionQueue::default();
        let mut budgets = Budgets::new(PacingLimits { small_bars: 3, ..PacingLimits::default() });
        let fits = queue.join(bars(1, "BID_ASK", 5), Priority::Scans);
        let heavy = queue.join(bars(2, "BID_ASK", 5), Priority::Scans);
        // One unit is left, but it belongs to whoever came first.
        let light = queue.join(bars(3, "TRADES", 5), Priority::Ingest);
        let minute = queue.join(bars(4, "TRADES", 60), Priority::Ingest);
        let again = queue.join(bars(4, "TRADES", 60), Priority::Scans);
        let message = queue.join(other(), Priority::Ingest);
        assert_eq!(step(&mut queue, &mut budgets, 0), [fits, again, message]);
        let (_, held_up) = queue.admit(&mut budgets, 0);
        assert_eq!((held_up.pools, held_up.alike, held_up.until), (Pool::SmallBars.bit(), true, Some(15 * SECOND)));
        assert_eq!(step(&mut queue, &mut budgets, 15 * SECOND), [minute]);
        assert_eq!(step(&mut queue, &mut budgets, 600 * SECOND), [heavy, light]);
    }

    #[test]
    fn who_waits_for_something_without_an_end_holds_no_message_up() {
        let mut queue = AdmissionQueue::default();
        let limits = PacingLimits { messages_per_second: 4, scanners: 1, ..PacingLimits::default() };
        let mut budgets = Budgets::new(limits);
        let scan = || Ask::of(RequestKind::Scanner);
        let first = budgets.admit(scan(), 0);
        budgets.read(first, 0);
        for _ in 0..3 {
            let cancel = budgets.admit(Ask::of(RequestKind::Cancel), 0);
            budgets.read(cancel, 0);
        }
        // There is no message left, but the scan waits for more than that.
        queue.join(scan(), Priority::Scans);
        let cancel = queue.join(Ask::of(RequestKind::Cancel), Priority::Scans);
        let (turns, held_up) = queue.admit(&mut budgets, 0);
        assert_eq!((turns.len(), held_up.until), (0, Some(SECOND)));
        assert_eq!(step(&mut queue, &mut budgets, SECOND), [cancel]);
    }

    #[test]
    fn the_urgent_never_leave_the_others_out() {
        let mut queue = AdmissionQueue::default();
        let mut budgets = Budgets::new(PacingLimits { small_bars: 1, ..PacingLimits::default() });
        for contract in 0..40 {
            queue.join(bars(contract, "TRADES", 5), Priority::Positions);
            queue.join(other(), Priority::Positions);
        }
        let patient = queue.join(bars(99, "TRADES", 5), Priority::Ingest);
        queue.join(other(), Priority::Ingest);
        let turns: Vec<Vec<u64>> = (0..40).map(|i| step(&mut queue, &mut budgets, i * 600 * SECOND)).collect();
        let at = turns.iter().position(|turns| turns.contains(&patient)).expect("a turn");
        assert!((8..=10).contains(&at), "{at}");
        // And it was one turn, not all of those that followed.
        assert!(turns[at + 1..at + 5].iter().all(|turns| turns.len() == 1));
    }

    #[test]
    fn whoever_leaves_is_not_called() {
        let mut queue = AdmissionQueue::default();
        let mut budgets = Budgets::new(PacingLimits::default());
        let ticket = queue.join(other(), Priority::Scans);
        queue.leave(ticket);
        assert_eq!(queue.len_of(Priority::Scans), 0);
        assert!(queue.admit(&mut budgets, 0).0.is_empty());
    }
}
