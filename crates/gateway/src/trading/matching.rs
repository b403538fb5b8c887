//! Fills, triggers and expiries, as time passes.

use bellwether::market::{Calendar, TradingDay};
use jiff::Timestamp;

use super::{
    Desk, Trading,
    account::Trade,
    commission::commission,
    order::{Hours, Life, Order, OrderKey, Seen, Side, State, Waits},
    prints::{Print, collect},
    report::{self, Execution},
};

const MINUTE: i64 = 60_000_000;
/// Market orders trade in lots of so many shares.
const ROUND_LOT: f64 = 100.0;
/// Executions are kept for this many days.
const KEPT_DAYS: i64 = 7;

/// An order that is alive when a minute begins.
struct Alive {
    perm_id: i64,
    instrument: usize,
    key: OrderKey,
}

/// What an order gets of a print.
struct Fill {
    shares: f64,
    price: f64,
    added_liquidity: bool,
}

impl Trading {
    /// Sees everything that the tape traded since it looked last, until `desk.now`.
    pub(crate) fn advance(&mut self, desk: &Desk<'_>) {
        while self.matched_until < desk.now {
            let from = self.matched_until;
            let minute = Timestamp::from_microsecond((from.as_microsecond().div_euclid(MINUTE) + 1) * MINUTE);
            let until = minute.map_or(desk.now, |minute| minute.min(desk.now));
            self.begin_date(desk, from);
            if !self.orders.values().any(Order::is_open) {
                self.matched_until = desk.now;
                break;
            }
            self.match_minute(desk, from, until);
            self.matched_until = until;
        }
        self.begin_date(desk, desk.now);
        self.refresh(desk);
    }

    fn begin_date(&mut self, desk: &Desk<'_>, at: Timestamp) {
        let date = Calendar.local_date(at);
        if self.account.begin(date) {
            self.opening_equity = self.equity(&Desk { now: at, ..*desk });
            let kept = |execution: &Execution| {
                date.since(Calendar.local_date(execution.at)).is_ok_and(|age| i64::from(age.get_days()) < KEPT_DAYS)
            };
            self.executions.retain(kept);
        }
    }

    /// From one instant to a later one of the same minute.
    fn match_minute(&mut self, desk: &Desk<'_>, from: Timestamp, until: Timestamp) {
        let day = Calendar.day_of(from).ok().flatten();
        // First come, first served. None joins within the minute: children are alive before their parent fills.
        let mut alive: Vec<Alive> = self
            .orders
            .values()
            .filter(|order| order.state == State::Alive)
            .map(|order| Alive { perm_id: order.perm_id, instrument: order.ticket.instrument, key: order.key })
            .collect();
        alive.sort_by_key(|alive| alive.perm_id);
        let mut instruments: Vec<usize> = alive.iter().map(|alive| alive.instrument).collect();
        instruments.sort_unstable();
        instruments.dedup();
        let mut prints = Vec::new();
        for instrument in instruments {
            collect(desk.market, instrument, from, until, &mut prints);
        }
        prints.sort_by_key(|print| (print.at, print.instrument));
        for print in &prints {
            // What happens to orders does not depend on how far the clock has run meanwhile.
            let desk = Desk { now: print.at, ..*desk };
            self.expire(&desk, &alive, |expires| expires < print.at);
            for alive in alive.iter().filter(|alive| alive.instrument == print.instrument) {
                self.match_order(&desk, print, day.as_ref(), alive.key);
            }
        }
        self.expire(desk, &alive, |expires| expires <= until);
    }

    fn expire(&mut self, desk: &Desk<'_>, alive: &[Alive], over: impl Fn(Timestamp) -> bool) {
        for Alive { key, .. } in alive {
            let expires = self.orders.get(key).filter(|order| order.state == State::Alive).and_then(|order| order.expires);
            if let Some(at) = expires.filter(|at| over(*at)) {
                self.end(&Desk { now: at, ..*desk }, *key, at);
            }
        }
    }

    fn match_order(&mut self, desk: &Desk<'_>, print: &Print, day: Option<&TradingDay>, key: OrderKey) {
        let Some(order) = self.orders.get(&key).filter(|order| order.state == State::Alive) else { return };
        if print.at <= order.live_from || !order.ticket.hours.contain(day, print.at) {
            return;
        }
        let waits = self.waits(order, day, print.at);
        match waits {
            Some(Waits::Trigger) => {
                let Some(order) = self.orders.get_mut(&key) else { return };
                let side = order.ticket.side;
                if order.ticket.trigger.as_mut().is_some_and(|trigger| trigger.pulled(side, print.price)) {
                    order.triggered = true;
                    order.live_from = print.at;
                    self.show(desk, key, true);
                }
            }
            Some(_) => {}
            None => {
                if let Some(fill) = self.offered(desk, print, key) {
                    self.fill(desk, key, print, &fill);
                }
            }
        }
    }

    /// What a print gives an order that works.
    fn offered(&mut self, desk: &Desk<'_>, print: &Print, key: OrderKey) -> Option<Fill> {
        let minute = print.minute();
        let taken = self.taken.get(&print.instrument).filter(|taken| taken.minute == minute).map_or(0.0, |taken| taken.shares);
        let order = self.orders.get_mut(&key)?;
        let ticket = &order.ticket;
        let auction = matches!(ticket.hours, Hours::Opening | Hours::Closing);
        let within = ticket.limit.is_none_or(|limit| match ticket.side {
            Side::Buy => print.price <= limit,
            Side::Sell => print.price >= limit,
        });
        if !within {
            return None;
        }
        if order.seen.minute != minute {
            order.seen = Seen { minute, shares: 0.0 };
        }
        order.seen.shares += print.shares;
        let remaining = order.remaining();
        let allowed = (desk.config.trading.participation * order.seen.shares).floor() - taken;
        let least = match (ticket.life, ticket.limit) {
            (Life::AllOrNothing, _) => remaining,
            (Life::Immediate, _) | (_, Some(_)) => 1.0,
            (_, None) if print.ends_minute() => 1.0,
            (_, None) => remaining.min(ROUND_LOT),
        };
        if allowed < least.max(1.0) {
            return None;
        }
        let (price, added_liquidity) = if auction {
            (print.price, false)
        } else {
            let best = print.bid_ask(desk.market)?;
            match (ticket.side, ticket.limit) {
                (Side::Buy, Some(limit)) => (limit.min(best.ask?), limit < best.ask?),
                (Side::Buy, None) => (best.ask?, false),
                (Side::Sell, Some(limit)) => (limit.max(best.bid?), limit > best.bid?),
                (Side::Sell, None) => (best.bid?, false),
            }
        };
        Some(Fill { shares: allowed.min(remaining), price, added_liquidity })
    }

    fn fill(&mut self, desk: &Desk<'_>, key: OrderKey, print: &Print, fill: &Fill) {
        let minute = print.minute();
        let taken = self.taken.entry(print.instrument).or_default();
        if taken.minute != minute {
            *taken = Seen { minute, shares: 0.0 };
        }
        taken.shares += fill.shares;

        let Some(order) = self.orders.get_mut(&key) else { return };
        order.filled += fill.shares;
        order.value += fill.shares * fill.price;
        order.last_price = fill.price;
        let due = commission(order.filled, order.value);
        let fee = due - order.commission;
        order.commission = due;
        if order.remaining() == 0.0 {
            order.state = State::Filled;
            order.ended = Some(print.at);
        }
        let side = order.ticket.side;
        let trade = Trade { instrument: print.instrument, shares: side.sign() * fill.shares, price: fill.price, commission: fee };
        self.executed += 1;
        let execution = Execution {
            id: format!("{:08x}.{:08x}.01.01", print.at.as_second(), self.executed),
            key,
            perm_id: order.perm_id,
            order_ref: order.ticket.wire.order_ref.clone(),
            instrument: print.instrument,
            side,
            at: print.at,
            shares: fill.shares,
            price: fill.price,
            cumulative: order.filled,
            average_price: order.average_price(),
            added_liquidity: fill.added_liquidity,
            commission: fee,
            realized: self.account.book(trade),
        };
        let account = &desk.config.account;
        self.outgoing.push((key.0, report::execution(&execution, -1, desk.instrument(print.instrument), account)));
        self.show(desk, key, true);
        self.outgoing.push((key.0, report::commission(&execution)));
        self.executions.push(execution);
        self.awake_children(desk, key, print.at);
        self.settle_group(desk, key, fill.shares, print.at);
        self.retire();
    }

    /// Children of a filled order come alive.
    fn awake_children(&mut self, desk: &Desk<'_>, key: OrderKey, at: Timestamp) {
        if self.orders.get(&key).is_none_or(|order| order.state != State::Filled) {
            return;
        }
        let awakened: Vec<OrderKey> = self
            .orders
            .values_mut()
            .filter(|order| order.state == State::Alive && order.key.0 == key.0 && order.ticket.parent == Some(key.1))
            .map(|order| {
                order.arm(at);
                order.key
            })
            .collect();
        for child in awakened {
            self.show(desk, child, true);
        }
    }

    /// What a fill does to the other orders of its group. Children of one parent are a group that reduces.
    fn settle_group(&mut self, desk: &Desk<'_>, key: OrderKey, shares: f64, at: Timestamp) {
        let Some(order) = self.orders.get(&key) else { return };
        let ticket = &order.ticket;
        let reduces = ticket.group.as_ref().map_or(ticket.parent.is_some(), |group| group.reduces);
        let part = if order.state == State::Filled || !reduces { 1.0 } else { shares / ticket.shares };
        let alike = |other: &Order| match (&ticket.group, &other.ticket.group) {
            (Some(own), Some(group)) => own.name == group.name,
            (None, None) => ticket.parent.is_some() && ticket.parent == other.ticket.parent,
            _ => false,
        };
        let others: Vec<OrderKey> = self
            .orders
            .values()
            .filter(|other| other.is_open() && other.key != key && other.key.0 == key.0 && alike(other))
            .map(|other| other.key)
            .collect();
        for other in others {
            let Some(order) = self.orders.get_mut(&other) else { continue };
            if part < 1.0 {
                order.reduced += (part * order.ticket.shares + 1e-9).floor();
            }
            if part >= 1.0 || order.remaining() == 0.0 {
                self.end(desk, other, at);
            } else {
                self.show(desk, other, true);
            }
        }
    }

    /// Reports orders whose state has changed by time alone.
    fn refresh(&mut self, desk: &Desk<'_>) {
        let day = Calendar.day_of(desk.now).ok().flatten();
        let changed: Vec<OrderKey> = self
            .orders
            .values()
            .filter(|order| order.state == State::Alive)
            .filter(|order| report::status(order.state, self.waits(order, day.as_ref(), desk.now), true) != order.shown)
            .map(|order| order.key)
            .collect();
        for key in changed {
            self.show(desk, key, true);
        }
    }
}
