//! What a request costs: the kind of request, whom it is for, and what makes it like another.

use std::{fmt::Write as _, sync::Arc};

use serde::{Deserialize, Serialize};

/// Whom a request or a market data line is for; earlier ones go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// What is held: its prices decide about money.
    Positions,
    /// Symbols that an alert was or may be sent about.
    Alerts,
    /// A scan that someone waits for.
    Scans,
    /// Filling the store; nobody waits.
    Ingest,
}

impl Priority {
    /// All, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Positions, Self::Alerts, Self::Scans, Self::Ingest];
}

/// Kinds of requests, as far as the gateway treats them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestKind {
    /// Description of a contract.
    Contract,
    /// A stream of quotes.
    Quotes,
    /// One quote.
    Snapshot,
    /// Historical bars of a minute or longer.
    Bars,
    /// Historical bars shorter than a minute.
    SmallBars,
    /// Single trades or quotes of the past.
    HistoricalTicks,
    /// Five-second bars as they form.
    RealTimeBars,
    /// A market scan of IB's.
    Scanner,
    /// The order book.
    Depth,
    /// Single trades or quotes as they come.
    TickByTick,
    /// Headlines and articles.
    News,
    /// The end of a stream or request; it has no answer.
    Cancel,
    /// Anything else that is one message and its answer.
    Other,
}

impl RequestKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Contract,
        Self::Quotes,
        Self::Snapshot,
        Self::Bars,
        Self::SmallBars,
        Self::HistoricalTicks,
        Self::RealTimeBars,
        Self::Scanner,
        Self::Depth,
        Self::TickByTick,
        Self::News,
        Self::Cancel,
        Self::Other,
    ];

    /// Whether a request returns once it is written: its first item comes when there is something to tell.
    pub(super) fn is_answered_late(self) -> bool {
        matches!(self, Self::RealTimeBars | Self::Depth | Self::TickByTick | Self::Cancel)
    }

    /// Whether it is over with its answer, and nothing goes on.
    pub(super) fn is_answered_once(self) -> bool {
        !matches!(self, Self::Quotes | Self::RealTimeBars | Self::Scanner | Self::Depth | Self::TickByTick)
    }

    /// In words, plural.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contracts",
            Self::Quotes => "quote streams",
            Self::Snapshot => "quote snapshots",
            Self::Bars => "bars of a minute or more",
            Self::SmallBars => "bars below a minute",
            Self::HistoricalTicks => "historical ticks",
            Self::RealTimeBars => "five-second bar streams",
            Self::Scanner => "scanner subscriptions",
            Self::Depth => "order books",
            Self::TickByTick => "tick-by-tick streams",
            Self::News => "news requests",
            Self::Cancel => "cancellations",
            Self::Other => "other requests",
        }
    }
}

/// One request, as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    kind: RequestKind,
    weight: u32,
    likeness: Option<Likeness>,
}

/// What the gateway compares between historical requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Likeness {
    /// Contract, exchange and kind of data.
    pub(super) subject: Arc<str>,
    /// Everything asked for.
    pub(super) identity: Arc<str>,
}

/// What distinguishes historical requests from one another.
#[derive(Debug, Clone, Copy)]
pub struct HistoricalAsk<'a> {
    /// Contract id, or ticker where there is none.
    pub contract: &'a str,
    /// Exchange that the request names.
    pub exchange: &'a str,
    /// `TRADES`, `MIDPOINT`, `BID`, `ASK`, `BID_ASK` …
    pub what_to_show: &'a str,
    /// Length of a bar, seconds.
    pub bar_seconds: u32,
    /// Duration, end, hours: whatever else the request says.
    pub rest: &'a str,
}

impl Ask {
    /// A request that costs its message alone, and what its kind holds while it is under way.
    pub fn of(kind: RequestKind) -> Self {
        Self { kind, weight: 1, likeness: None }
    }

    /// Historical bars.
    pub fn bars(asked: HistoricalAsk<'_>) -> Self {
        let kind = if asked.bar_seconds < 60 { RequestKind::SmallBars } else { RequestKind::Bars };
        Self::historical(kind, asked)
    }

    /// Single trades or quotes of the past.
    pub fn historical_ticks(asked: HistoricalAsk<'_>) -> Self {
        Self::historical(RequestKind::HistoricalTicks, asked)
    }

    /// A stream of five-second bars, whose opening counts as a historical request.
    pub fn real_time_bars(contract: &str, exchange: &str, what_to_show: &str) -> Self {
        let asked = HistoricalAsk { contract, exchange, what_to_show, bar_seconds: 5, rest: "as they form" };
        Self::historical(RequestKind::RealTimeBars, asked)
    }

    fn historical(kind: RequestKind, asked: HistoricalAsk<'_>) -> Self {
        let HistoricalAsk { contract, exchange, what_to_show, bar_seconds, rest } = asked;
        let mut subject = String::with_capacity(64);
        // Writing to a string cannot fail.
        let _ = write!(subject, "{contract}@{exchange} {what_to_show}");
        let identity = format!("{kind:?} {subject} {bar_seconds} {rest}");
        let likeness = Likeness { subject: subject.into(), identity: identity.into() };
        let weight = if what_to_show == "BID_ASK" { 2 } else { 1 };
        Self { kind, weight, likeness: Some(likeness) }
    }

    /// What kind of request this is.
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// How often it counts as a historical request.
    pub(super) fn weight(&self) -> u32 {
        self.weight
    }

    pub(super) fn likeness(&self) -> Option<&Likeness> {
        self.likeness.as_ref()
    }

    /// Messages it may cost before it is answered: the library cancels by itself what is refused.
    pub(super) fn messages(&self) -> u32 {
        if self.kind == RequestKind::Cancel { 1 } else { 2 }
    }
}

impl From<RequestKind> for Ask {
    fn from(kind: RequestKind) -> Self {
        Self::of(kind)
    }
}

tokio::task_local! {
    static PRIORITY: Priority;
}

/// Does `work` with this priority: every request that it makes in its own task waits for its turn, and takes lines, as
/// such. Requests made without are those of a scan.
pub async fn with_priority<T>(priority: Priority, work: impl Future<Output = T>) -> T {
    PRIORITY.scope(priority, work).await
}

impl Priority {
    /// The priority of what the present task does.
    pub(crate) fn of_task() -> Self {
        PRIORITY.try_with(|priority| *priority).unwrap_or(Self::Scans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_weights_follow_from_what_is_asked() {
        let asked = |what_to_show, bar_seconds| {
            Ask::bars(HistoricalAsk { contract: "265598", exchange: "SMART", what_to_show, bar_seconds, rest: "1 D" })
        };
        assert_eq!((asked("TRADES", 60).kind(), asked("TRADES", 30).kind()), (RequestKind::Bars, RequestKind::SmallBars));
        assert_eq!((asked("TRADES", 5).weight(), asked("BID_ASK", 5).weight()), (1, 2));
        let (a, b) = (asked("TRADES", 5), asked("TRADES", 10));
        let (a, b) = (a.likeness().unwrap(), b.likeness().unwrap());
        assert_eq!(a.subject, b.subject);
        assert_ne!(a.identity, b.identity);
        assert_ne!(a.subject, asked("BID", 5).likeness().unwrap().subject);
    }
}
