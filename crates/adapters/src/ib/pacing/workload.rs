//! A body of work to come, as far as pacing goes.

use std::collections::BTreeSet;

use super::ask::{Ask, HistoricalAsk, RequestKind};

/// What happens to a request once it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The answer is all.
    Answered,
    /// It is a stream, ended after its first item by a message.
    Cancelled,
    /// It is a stream that goes on.
    Stays,
}

/// One request of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is asked.
    pub ask: Ask,
    /// It takes a market data line, until it has ended.
    pub takes_line: bool,
    /// How it ends.
    pub ending: Ending,
}

impl From<Ask> for Step {
    fn from(ask: Ask) -> Self {
        use RequestKind::{Depth, Quotes, RealTimeBars, Scanner, Snapshot, TickByTick};
        let kind = ask.kind();
        let ending = match kind {
            Scanner => Ending::Cancelled,
            kind if kind.is_answered_once() => Ending::Answered,
            _ => Ending::Stays,
        };
        Self { ask, takes_line: matches!(kind, Quotes | Snapshot | RealTimeBars | Depth | TickByTick), ending }
    }
}

/// What is asked about one symbol, one request after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The symbol.
    pub name: String,
    /// Its requests in order.
    pub steps: Vec<Step>,
}

/// A part of a workload that begins when the one before is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phase {
    /// What it is, such as "contracts".
    pub name: String,
    /// Symbols worked on at a time.
    pub at_once: usize,
    /// The symbols in order.
    pub items: Vec<Item>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workload {
    /// What it is, such as "gap scan".
    pub name: String,
    /// Its parts in order.
    pub phases: Vec<Phase>,
}

/// Symbols looked up at a time; see [`crate::ib::IbSession::qualify`].
pub(crate) const CONTRACTS_AT_ONCE: usize = 20;
/// Symbols whose history is fetched at a time.
pub(crate) const HISTORY_AT_ONCE: usize = 40;

/// A scan of many symbols, in the words of whoever plans one.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `symbols` | none | whom the scan is about | |
/// | `known` | 0 | how many of them have a contract already, the first ones | 0 to symbols |
/// | `minutes` | false | the session's minute bars so far | |
/// | `days_of` | none | whose daily bars are wanted: one request each, however many days | |
/// | `headlines` | false | headlines of each symbol | |
/// | `quotes` | false | one quote of each | |
/// | `streaming` | 0 | whose quotes stream from then on, the first ones; the others are asked for snapshots in rotation | 0 to lines |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanWork {
    /// Whom the scan is about.
    pub symbols: Vec<String>,
    /// How many of them have a contract already, the first ones.
    pub known: usize,
    /// The session's minute bars so far.
    pub minutes: bool,
    /// Whose daily bars are wanted.
    pub days_of: BTreeSet<String>,
    /// Headlines of each symbol.
    pub headlines: bool,
    /// One quote of each.
    pub quotes: bool,
    /// Whose quotes stream from then on, the first ones.
    pub streaming: usize,
}

impl ScanWork {
    /// The requests that the scan will make; at most `lines` quotes are asked for at a time.
    pub fn workload(&self, name: &str, lines: usize) -> Workload {
        let item = |symbol: &String, steps: Vec<Step>| Item { name: symbol.clone(), steps };
        let contracts = self.symbols.iter().skip(self.known);
        let contracts = contracts.map(|symbol| item(symbol, vec![Ask::of(RequestKind::Contract).into()]));
        let bars = |symbol: &str, bar_seconds, rest: &str| {
            let asked = HistoricalAsk { contract: symbol, exchange: "SMART", what_to_show: "TRADES", bar_seconds, rest };
            Step::from(Ask::bars(asked))
        };
        let history = self.symbols.iter().map(|symbol| {
            let mut steps = Vec::new();
            if self.minutes {
                steps.push(bars(symbol, 60, "the session so far"));
            }
            if self.days_of.contains(symbol) {
                steps.push(bars(symbol, 86_400, "days"));
            }
            if self.headlines {
                steps.push(Ask::of(RequestKind::News).into());
            }
            item(symbol, steps)
        });
        let quotes = self.symbols.iter().enumerate().filter(|_| self.quotes);
        let quotes = quotes.map(|(index, symbol)| {
            let kind = if index < self.streaming { RequestKind::Quotes } else { RequestKind::Snapshot };
            item(symbol, vec![Ask::of(kind).into()])
        });
        let phase = |name: &str, at_once, items: Vec<Item>| Phase { name: name.to_owned(), at_once, items };
        let mut phases = vec![
            phase("contracts", CONTRACTS_AT_ONCE, contracts.collect()),
            phase("bars and headlines", HISTORY_AT_ONCE, history.filter(|item| !item.steps.is_empty()).collect()),
            phase("quotes", lines.max(1), quotes.collect()),
        ];
        phases.retain(|phase| !phase.items.is_empty());
        Workload { name: name.to_owned(), phases }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_asks_what_it_needs() {
        let symbols: Vec<String> = (0..5).map(|i| format!("A{i}")).collect();
        let days_of = symbols.iter().cloned().collect();
        let work = ScanWork { symbols, known: 2, minutes: true, days_of, quotes: true, streaming: 1, ..ScanWork::default() };
        let workload = work.workload("gap scan", 100);
        let kinds: Vec<Vec<RequestKind>> = workload
            .phases
            .iter()
            .map(|phase| phase.items.iter().flat_map(|item| item.steps.iter().map(|step| step.ask.kind())).collect())
            .collect();
        let quotes = [vec![RequestKind::Quotes], vec![RequestKind::Snapshot; 4]].concat();
        assert_eq!(kinds, [vec![RequestKind::Contract; 3], vec![RequestKind::Bars; 10], quotes]);
        assert!(workload.phases[2].items.iter().all(|item| item.steps[0].takes_line));
        let nothing = ScanWork { symbols: vec!["A".to_owned()], known: 1, ..ScanWork::default() };
        assert!(nothing.workload("nothing", 100).phases.is_empty());
    }
}
