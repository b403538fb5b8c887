//! One order of the account: what was asked, and what has become of it.

use bellwether::market::TradingDay;
use jiff::{SignedDuration, Timestamp};

use crate::proto;

/// Client id and the id that the client gave.
pub(crate) type OrderKey = (i32, i32);

/// How long the opening and the closing auction take orders.
pub(crate) const AUCTION: SignedDuration = SignedDuration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Buy,
    Sell,
}

impl Side {
    /// 1 for a purchase, -1 for a sale.
    pub(crate) fn sign(self) -> f64 {
        match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        }
    }
}

/// What must happen before an order works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trigger {
    /// A trade at the price or beyond it, against the position that the order protects.
    Stop(f64),
    /// A trade at the price or beyond it, on the order's own side.
    Touched(f64),
    /// A stop that follows the market.
    Trail {
        by: TrailBy,
        /// Where it is now; unknown until the first trade when the client named none.
        stop: Option<f64>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TrailBy {
    Usd(f64),
    Percent(f64),
}

impl TrailBy {
    fn behind(self, side: Side, price: f64) -> f64 {
        let distance = match self {
            Self::Usd(distance) => distance,
            Self::Percent(percent) => price * percent / 100.0,
        };
        price + side.sign() * distance
    }
}

impl Trigger {
    /// Whether a trade at `price` sets it off; moves a trailing stop otherwise.
    pub(crate) fn pulled(&mut self, side: Side, price: f64) -> bool {
        let reached = |stop: f64| match side {
            Side::Buy => price >= stop,
            Side::Sell => price <= stop,
        };
        match self {
            Self::Stop(stop) => reached(*stop),
            Self::Touched(touched) => match side {
                Side::Buy => price <= *touched,
                Side::Sell => price >= *touched,
            },
            Self::Trail { by, stop } => {
                if stop.is_some_and(reached) {
                    return true;
                }
                let next = by.behind(side, price);
                *stop = Some(stop.map_or(next, |stop| if side == Side::Buy { stop.min(next) } else { stop.max(next) }));
                false
            }
        }
    }
}

/// When an order may trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hours {
    Regular,
    /// Pre- and post-market too.
    Extended,
    /// The first minute of the regular session.
    Opening,
    /// The first minute after the regular session.
    Closing,
}

impl Hours {
    /// The interval of a day in which an order may trade, half-open.
    pub(crate) fn within(self, day: &TradingDay) -> (Timestamp, Timestamp) {
        let later = |at: Timestamp| at.saturating_add(AUCTION).unwrap_or(at);
        match self {
            Self::Regular => (day.open, day.close),
            Self::Extended => (day.pre_open, day.post_close),
            Self::Opening => (day.open, later(day.open)),
            Self::Closing => (day.close, later(day.close)),
        }
    }

    pub(crate) fn contain(self, day: Option<&TradingDay>, at: Timestamp) -> bool {
        day.is_some_and(|day| {
            let (from, until) = self.within(day);
            (from..until).contains(&at)
        })
    }
}

/// How long an order lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until the end of the session that it may trade in next.
    Day,
    UntilCancelled,
    Until(Timestamp),
    /// One second: what the market does not give in it is cancelled.
    Immediate,
    /// One second: all at once or nothing.
    AllOrNothing,
}

/// Orders of which one ends the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OcaGroup {
    pub(crate) name: String,
    /// A part filled takes the same part from the others instead of cancelling them.
    pub(crate) reduces: bool,
}

/// A valid order, as asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) instrument: usize,
    pub(crate) side: Side,
    pub(crate) shares: f64,
    pub(crate) limit: Option<f64>,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) hours: Hours,
    pub(crate) life: Life,
    /// Order id of the parent, of the same client.
    pub(crate) parent: Option<i32>,
    pub(crate) group: Option<OcaGroup>,
    pub(crate) transmit: bool,
    /// The order as the client wrote it.
    pub(crate) wire: proto::Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not transmitted.
    Held,
    /// Alive, whether it may trade yet or not.
    Alive,
    Filled,
    Cancelled,
    Rejected,
}

/// Why an order that is alive does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waits {
    Parent,
    Trigger,
    Shares,
    Hours,
}

/// Volume that an order could have taken in one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) minute: i64,
    pub(crate) shares: f64,
}

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) key: OrderKey,
    /// Unique over all clients, in the order of receipt.
    pub(crate) perm_id: i64,
    pub(crate) ticket: Ticket,
    pub(crate) state: State,
    /// Shares cancelled by an OCA group that reduces.
    pub(crate) reduced: f64,
    pub(crate) filled: f64,
    /// USD of what is filled.
    pub(crate) value: f64,
    pub(crate) commission: f64,
    pub(crate) last_price: f64,
    /// Trades after this instant count.
    pub(crate) live_from: Timestamp,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) triggered: bool,
    /// No shares to borrow.
    pub(crate) unlocated: bool,
    pub(crate) seen: Seen,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) reject_reason: Option<String>,
    /// What was last reported.
    pub(crate) shown: &'static str,
}

impl Order {
    pub(crate) fn total(&self) -> f64 {
        self.ticket.shares - self.reduced
    }

    pub(crate) fn remaining(&self) -> f64 {
        (self.total() - self.filled).max(0.0)
    }

    pub(crate) fn average_price(&self) -> f64 {
        if self.filled > 0.0 { self.value / self.filled } else { 0.0 }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Held | State::Alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_stop_follows_and_never_retreats() {
        let mut trail = Trigger::Trail { by: TrailBy::Usd(0.5), stop: None };
        assert!(!trail.pulled(Side::Sell, 10.2));
        assert_eq!(trail, Trigger::Trail { by: TrailBy::Usd(0.5), stop: Some(9.7) });
        assert!(!trail.pulled(Side::Sell, 9.8));
        assert_eq!(trail, Trigger::Trail { by: TrailBy::Usd(0.5), stop: Some(9.7) });
        assert!(trail.pulled(Side::Sell, 9.7));
        let mut trail = Trigger::Trail { by: TrailBy::Percent(10.0), stop: Some(11.5) };
        assert!(!trail.pulled(Side::Buy, 10.0));
        assert_eq!(trail, Trigger::Trail { by: TrailBy::Percent(10.0), stop: Some(11.0) });
        assert!(trail.pulled(Side::Buy, 11.0));
    }

    #[test]
    fn stops_and_touches_look_in_opposite_directions() {
        assert!(Trigger::Stop(10.0).pulled(Side::Sell, 9.9));
        assert!(!Trigger::Stop(10.0).pulled(Side::Sell, 10.1));
        assert!(Trigger::Touched(10.0).pulled(Side::Buy, 9.9));
        assert!(!Trigger::Touched(10.0).pulled(Side::Sell, 9.9));
    }
}
