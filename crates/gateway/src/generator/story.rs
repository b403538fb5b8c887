//! What was planted in a generated session, so that tests and the demonstration can say what a scan must and must not find.

use bellwether::market::Symbol;

/// Kind of a planted story, and what a gap scan at 09:25 should make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StoryKind {
    /// A gap with news and heavy pre-market volume: must be found.
    Gapper,
    /// A gap with news and volume, halted before 09:25: must not be traded, and must be shown as halted.
    HaltedGapper,
    /// A gap at 08:00 that is gone by 09:00: found early, not at 09:25.
    FadedGapper,
    /// Old shares became fewer: the raw price jumps, nothing happened. Must not be found.
    ReverseSplit,
    /// Old shares became more. Must not be found.
    ForwardSplit,
    /// A gap on next to no trades. Must not be found.
    IlliquidGap,
    /// A fund that gaps: left out unless funds are asked for.
    FundGap,
    /// A gap that the account may not see: must be reported as not permitted, not as absent.
    NotSubscribed,
    /// No gap; climbs from 09:35 to 11:00 on several times its usual volume.
    MomentumLeader,
    /// No gap; passes its highest price of 60 sessions on volume after 10:18.
    Breakout,
}

/// One planted story.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Ticker.
    pub symbol: Symbol,
    /// Kind.
    pub kind: StoryKind,
    /// A sentence with the numbers as generated.
    pub text: String,
    /// Last price before 09:25 over the raw previous close, minus 1. `None` without a print before 09:25.
    pub gap_at_0925: Option<f64>,
    /// Shares traded from 04:00 to 09:25.
    pub premarket_volume: f64,
}
