//! Which market data lines are taken, by whom, who waits, and who must give one up.
//!
//! Pure: no clock, no waiting.

use std::collections::{BTreeMap, VecDeque};

use bellwether::market::Symbol;
use serde::{Deserialize, Serialize};

use crate::ib::pacing::Priority;

/// What a line is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineUse {
    /// A stream of quotes.
    Quotes,
    /// One quote.
    Snapshot,
    /// Five-second bars as they form.
    RealTimeBars,
    /// The order book.
    Depth,
    /// Single trades or quotes as they come.
    TickByTick,
}

/// Depth and tick-by-tick streams may each have one line in a hundred, but so many at least and at most.
const DEEP: (usize, usize) = (3, 60);

/// A line: whose, what for, and, where streams are not shared, by which lease.
pub(super) type Key = (Symbol, LineUse, u64);

#[derive(Debug, Clone)]
struct Line {
    /// Leases on this line.
    holders: BTreeMap<u64, Priority>,
    /// Order of being taken.
    since: u64,
    /// Its holders were told to give it up.
    recalled: bool,
    /// They were told, and did not.
    overdue: bool,
}

impl Line {
    /// The most urgent of its holders.
    fn priority(&self) -> Priority {
        self.holders.values().copied().min().unwrap_or(Priority::Ingest)
    }
}

#[derive(Debug, Clone)]
struct Waiting {
    lease: u64,
    key: Key,
}

/// A line handed to someone who waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) lease: u64,
    /// Nobody else has the line: the stream is to be opened.
    pub(super) opens: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct LineTable {
    total: usize,
    lines: BTreeMap<Key, Line>,
    /// Given back here, perhaps not yet at the gateway.
    cooling: BTreeMap<LineUse, usize>,
    waiting: [VecDeque<Waiting>; Priority::ALL.len()],
    next: u64,
    peak: usize,
    recalls: u64,
}

impl LineTable {
    pub(super) fn new(total: usize) -> Self {
        Self {
            total,
            lines: BTreeMap::new(),
            cooling: BTreeMap::new(),
            waiting: Default::default(),
            next: 0,
            peak: 0,
            recalls: 0,
        }
    }

    /// Asks for a line; the number of the lease to be, and the line.
    pub(super) fn ask(&mut self, symbol: Symbol, used: LineUse, priority: Priority) -> (u64, Key) {
        let lease = self.next;
        self.next += 1;
        // Quotes go to a board that everyone reads, so one quote of a symbol that streams needs nothing more; every other
        // stream has one reader.
        let quotes = (symbol, LineUse::Quotes, 0);
        let streams = self.lines.get(&quotes).is_some_and(|line| !line.recalled);
        let key = match used {
            LineUse::Quotes => quotes,
            LineUse::Snapshot if streams => quotes,
            _ => (quotes.0, used, lease),
        };
        self.waiting[priority as usize].push_back(Waiting { lease, key: key.clone() });
        (lease, key)
    }

    /// Whoever waited for this lease does not any more.
    pub(super) fn leave(&mut self, lease: u64) {
        self.waiting.iter_mut().for_each(|queue| queue.retain(|waiting| waiting.lease != lease));
    }

    /// Gives lines to those who wait, the most urgent first, in order of their coming.
    pub(super) fn grant(&mut self) -> Vec<Granted> {
        let mut granted = Vec::new();
        for priority in Priority::ALL {
            let mut queue = std::mem::take(&mut self.waiting[priority as usize]);
            queue.retain(|waiting| {
                let opens = !self.lines.contains_key(&waiting.key);
                if opens && !self.is_free(waiting.key.1) {
                    return true;
                }
                // A line that is to be given up is not shared: its stream is about to end.
                if self.lines.get(&waiting.key).is_some_and(|line| line.recalled) {
                    return true;
                }
                let line = self.lines.entry(waiting.key.clone()).or_insert_with(|| Line {
                    holders: BTreeMap::new(),
                    since: waiting.lease,
                    recalled: false,
                    overdue: false,
                });
                line.holders.insert(waiting.lease, priority);
                granted.push(Granted { lease: waiting.lease, opens });
                false
            });
            self.waiting[priority as usize] = queue;
        }
        self.peak = self.peak.max(self.taken());
        granted
    }

    /// Lines to be given up now, so that the more urgent get theirs: of the least urgent, those held longest. The leases
    /// on them.
    pub(super) fn recall(&mut self) -> Vec<(Key, Vec<u64>)> {
        let mut recalled = Vec::new();
        // What is coming back anyway need not be asked for.
        let mut coming =
            self.cooling.values().sum::<usize>() + self.lines.values().filter(|it| it.recalled && !it.overdue).count();
        for priority in Priority::ALL {
            for waiting in &self.waiting[priority as usize] {
                if coming > 0 {
                    coming -= 1;
                    continue;
                }
                // Where its kind is short, only its kind helps.
                let kind = (!self.has_room_for(waiting.key.1)).then_some(waiting.key.1);
                let victim = self
                    .lines
                    .iter_mut()
                    .filter(|(key, line)| !line.recalled && line.priority() > priority && kind.is_none_or(|kind| key.1 == kind))
                    .max_by_key(|(_, line)| (line.priority(), std::cmp::Reverse(line.since)));
                let Some((key, line)) = victim else { break };
                line.recalled = true;
                recalled.push((key.clone(), line.holders.keys().copied().collect()));
            }
        }
        self.recalls += recalled.len() as u64;
        recalled
    }

    /// A line that was to be given up by now; `true` when it was not, and another is to be recalled instead.
    pub(super) fn overdue(&mut self, key: &Key, lease: u64) -> bool {
        let Some(line) = self.lines.get_mut(key).filter(|line| line.recalled && line.holders.contains_key(&lease)) else {
            return false;
        };
        line.overdue = true;
        true
    }

    /// Gives a lease back; `true` when with it the line is, which stays taken until [`LineTable::cooled`] unless the gateway
    /// is known to have freed it.
    pub(super) fn give_back(&mut self, key: &Key, lease: u64, freed: bool) -> bool {
        let Some(line) = self.lines.get_mut(key) else { return false };
        line.holders.remove(&lease);
        if !line.holders.is_empty() {
            return false;
        }
        self.lines.remove(key);
        if !freed {
            *self.cooling.entry(key.1).or_default() += 1;
        }
        true
    }

    /// The gateway has freed a line given back.
    pub(super) fn cooled(&mut self, used: LineUse) {
        if let Some(count) = self.cooling.get_mut(&used) {
            *count = count.saturating_sub(1);
        }
    }

    /// Lines taken, those included that the gateway may not have freed yet.
    pub(super) fn taken(&self) -> usize {
        self.lines.len() + self.cooling.values().sum::<usize>()
    }

    /// Lines that streams of other things than quotes hold or wait for.
    pub(super) fn other_streams(&self) -> usize {
        let waiting = self.waiting.iter().flatten().map(|waiting| &waiting.key);
        self.lines.keys().chain(waiting).filter(|key| !matches!(key.1, LineUse::Quotes | LineUse::Snapshot)).count()
    }

    /// Whether someone waits for a line for this use of a symbol.
    pub(super) fn is_awaited(&self, symbol: &Symbol, used: LineUse) -> bool {
        self.waiting.iter().flatten().any(|waiting| waiting.key.0 == *symbol && waiting.key.1 == used)
    }

    /// Lines that are free, held by the less urgent, or held for one quote only.
    pub(super) fn free_for(&self, priority: Priority) -> usize {
        let stays = |(key, line): &(&Key, &Line)| key.1 != LineUse::Snapshot && line.priority() <= priority;
        self.total.saturating_sub(self.lines.iter().filter(stays).count())
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }

    fn is_free(&self, used: LineUse) -> bool {
        self.taken() < self.total && self.has_room_for(used)
    }

    /// Depth and tick-by-tick streams have limits of their own besides.
    fn has_room_for(&self, used: LineUse) -> bool {
        match used {
            LineUse::Depth | LineUse::TickByTick => {
                let most = (self.total / 100).clamp(DEEP.0, DEEP.1);
                let held = self.lines.keys().filter(|key| key.1 == used).count();
                held + self.cooling.get(&used).copied().unwrap_or_default() < most
            }
            LineUse::Quotes | LineUse::Snapshot | LineUse::RealTimeBars => true,
        }
    }

    pub(super) fn usage(&self) -> LinesUsage {
        let mut used = BTreeMap::new();
        for line in self.lines.values() {
            *used.entry(line.priority()).or_default() += 1;
        }
        LinesUsage {
            total: self.total,
            used,
            returning: self.cooling.values().sum(),
            waiting: self.waiting.iter().map(VecDeque::len).sum(),
            recalled: self.recalls,
            overdue: self.lines.values().filter(|line| line.overdue).count(),
            peak: self.peak,
        }
    }
}

/// How the market data lines are used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesUsage {
    /// Lines that there are.
    pub total: usize,
    /// Lines taken, by the most urgent of those who share each.
    pub used: BTreeMap<Priority, usize>,
    /// Lines given back that the gateway may not have freed yet.
    pub returning: usize,
    /// Who waits for one.
    pub waiting: usize,
    /// Lines that had to be given up for the more urgent, so far.
    pub recalled: u64,
    /// Lines that were to be given up and were not in time.
    pub overdue: usize,
    /// Most lines taken at a time.
    pub peak: usize,
}

impl LinesUsage {
    /// Lines taken, those included that are on their way back.
    pub fn taken(&self) -> usize {
        self.used.values().sum::<usize>() + self.returning
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
