//! The parts that planted stocks play. One function each; [`scripts`] lists them all.

use super::{
    company::{Company, Size},
    factors::Sector,
    plan::{Plan, at},
    story::StoryKind,
};

mod gappers;
mod movers;
mod traps;

/// A planted stock and what becomes of it on the session day.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) company: Company,
    pub(super) kind: StoryKind,
    /// What happened, in a few words.
    pub(super) about: &'static str,
    pub(super) plan: fn(&Scene) -> Plan,
    pub(super) news: Vec<News>,
    /// Minutes (from 04:00) between which trading is halted.
    pub(super) halt: Option<(usize, usize)>,
}

/// What a plan may depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    /// Close before the session day, USD.
    pub(super) previous_close: f64,
    /// Highest price of the last 60 sessions, USD.
    pub(super) high: f64,
    /// First minute after the regular session.
    pub(super) close: usize,
}

/// A headline of the session day.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    /// Minute from 04:00.
    pub(super) minute: usize,
    pub(super) provider: &'static str,
    pub(super) title: &'static str,
    pub(super) body: &'static str,
}

/// Every script. Stocks first; the fund that gaps is the last.
pub(super) fn scripts() -> Vec<Script> {
    vec![
        gappers::earnings(),
        gappers::approval(),
        gappers::small_cap(),
        gappers::guidance(),
        gappers::upgrade(),
        gappers::faded(),
        gappers::halted(),
        traps::reverse_split(),
        traps::forward_split(),
        traps::illiquid(),
        traps::not_subscribed(),
        movers::leader(),
        movers::breakout(),
        traps::fund(),
    ]
}

fn stock(symbol: &str, name: &str, sector: Sector, size: Size) -> Company {
    Company::stock(symbol, name, sector, size, [0.5; 4])
}
