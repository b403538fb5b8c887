//! Placing, changing and cancelling orders.

use bellwether::market::{Calendar, TradingDay};
use jiff::{SignedDuration, Timestamp};

use super::{
    Desk, Trading,
    commission::commission,
    margin::{margin, worst_margin},
    order::{Hours, Life, Order, OrderKey, Seen, Side, State, Ticket, Trigger},
    report,
};
use crate::{
    proto,
    requests::{Refusal, wire_time},
    stats::Violation,
};

/// How long an order lasts that does not wait.
const IMMEDIATE: SignedDuration = SignedDuration::from_secs(1);
/// Orders that ended are kept up to this number.
const MOST_ENDED: usize = 10_000;
/// Why an account that may not trade has its orders rejected.
pub(crate) const RESTRICTED: &str = "Order rejected - reason:The account is restricted from placing orders.";
/// Trading days searched for the next one.
const SEARCHED: usize = 10;

/// The next interval in which an order may trade and that has not ended at `at`.
fn next_window(hours: Hours, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = Calendar.local_date(at);
    let mut day: Option<TradingDay> = Calendar.day(today).ok()?;
    let mut date = today;
    for _ in 0..SEARCHED {
        if let Some(window) = day.as_ref().map(|day| hours.within(day)).filter(|(_, until)| *until > at) {
            return Some(window);
        }
        let next = Calendar.next(date).ok()?;
        date = next.date;
        day = Some(next);
    }
    None
}

impl Order {
    /// Makes an order count from `at` on.
    pub(super) fn arm(&mut self, at: Timestamp) {
        self.live_from = at;
        self.seen = Seen::default();
        self.expires = match self.ticket.life {
            Life::Day => next_window(self.ticket.hours, at).map(|(_, until)| until),
            Life::UntilCancelled => None,
            Life::Until(until) => Some(until),
            Life::Immediate | Life::AllOrNothing => at.checked_add(IMMEDIATE).ok(),
        };
    }
}

impl Trading {
    /// Takes an order, or changes the one that has this id.
    ///
    /// # Errors
    /// Why it cannot be taken. An order that was well-formed and is rejected (201) becomes an order all the same.
    pub(crate) fn place(&mut self, desk: &Desk<'_>, key: OrderKey, ticket: Ticket) -> Result<(), Refusal> {
        if let Life::Until(until) = ticket.life
            && until <= desk.now
        {
            return Err(Refusal::invalid("Good till date has passed"));
        }
        if desk.faults.orders_rejected() {
            self.reject_order(desk, key, ticket, RESTRICTED.to_owned());
            return Ok(());
        }
        if ticket.wire.what_if == Some(true) {
            self.preview(desk, key, ticket);
            return Ok(());
        }
        if self.orders.contains_key(&key) {
            return self.change(desk, key, ticket);
        }
        if self.retired.get(&key.0).is_some_and(|highest| key.1 <= *highest) {
            return Err(duplicate());
        }
        if let Some(parent) = ticket.parent {
            match self.orders.get(&(key.0, parent)).map(|parent| parent.state) {
                None => return Err(Refusal::new(135, format!("Can't find order with id ={parent}"))),
                Some(State::Cancelled | State::Rejected) => {
                    self.reject_order(desk, key, ticket, "Order rejected - reason:The parent order has ended.".to_owned());
                    return Ok(());
                }
                Some(_) => {}
            }
        }
        if let Some(reason) = self.objection(desk, key, &ticket) {
            self.reject_order(desk, key, ticket, reason);
            return Ok(());
        }
        let unlocated = self.needs_shares(desk, &ticket);
        let transmit = ticket.transmit;
        let mut order = self.fresh(desk, key, ticket);
        order.unlocated = unlocated;
        self.orders.insert(key, order);
        if transmit {
            self.transmit(desk, key);
        } else {
            self.show(desk, key, false);
        }
        Ok(())
    }

    fn fresh(&mut self, desk: &Desk<'_>, key: OrderKey, ticket: Ticket) -> Order {
        self.next_perm_id += 1;
        Order {
            key,
            perm_id: self.next_perm_id,
            ticket,
            state: State::Held,
            reduced: 0.0,
            filled: 0.0,
            value: 0.0,
            commission: 0.0,
            last_price: 0.0,
            live_from: desk.now,
            expires: None,
            triggered: false,
            unlocated: false,
            seen: Seen::default(),
            ended: None,
            reject_reason: None,
            shown: "",
        }
    }

    /// Transmits an order, its parent and the parent's other children, parents first.
    fn transmit(&mut self, desk: &Desk<'_>, key: OrderKey) {
        let family = self.orders.get(&key).and_then(|order| order.ticket.parent).map_or(key, |parent| (key.0, parent));
        let held: Vec<OrderKey> = self
            .orders
            .values()
            .filter(|order| order.state == State::Held && (order.key == key || family != key && self.belongs(order, family)))
            .map(|order| order.key)
            .collect();
        let (parents, children): (Vec<OrderKey>, Vec<OrderKey>) = held.into_iter().partition(|held| *held == family);
        for key in parents.into_iter().chain(children) {
            if let Some(order) = self.orders.get_mut(&key) {
                order.state = State::Alive;
                order.arm(desk.now);
            }
            self.show(desk, key, false);
            self.warn(desk, key);
        }
    }

    fn belongs(&self, order: &Order, family: OrderKey) -> bool {
        order.key == family || (order.key.0 == family.0 && order.ticket.parent == Some(family.1))
    }

    /// Tells why a new order does not work yet, where the real gateway does.
    fn warn(&mut self, desk: &Desk<'_>, key: OrderKey) {
        let Some(order) = self.orders.get(&key) else { return };
        let ticket = &order.ticket;
        let unlocated = order.unlocated;
        let ignored = ticket.wire.outside_rth == Some(true) && ticket.wire.order_type.as_deref() == Some("MKT");
        let later = next_window(ticket.hours, desk.now).filter(|(from, _)| *from > desk.now);
        // Auctions are meant to wait.
        let later = later.filter(|_| matches!(ticket.hours, Hours::Regular | Hours::Extended) && ticket.parent.is_none());
        let side = if ticket.side == Side::Buy { "BUY" } else { "SELL" };
        let instrument = desk.instrument(ticket.instrument);
        let subject = format!("{side} {} {} {}", ticket.shares, instrument.symbol, instrument.primary_exchange);
        if ignored {
            let text = "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order type and \
                        destination. PlaceOrder is now being processed.";
            self.error(desk, key, 2109, text);
        }
        if let Some((from, _)) = later {
            let from = wire_time::format(from);
            let text = format!("Order Message:\n{subject}\nWarning: Your order will not be placed at the exchange until {from}.");
            self.error(desk, key, 399, &text);
        }
        if unlocated {
            self.error(desk, key, 404, "Order held while securities are located.");
        }
    }

    /// An order that was well-formed and is not wanted.
    fn reject_order(&mut self, desk: &Desk<'_>, key: OrderKey, ticket: Ticket, reason: String) {
        if !self.orders.contains_key(&key) {
            let mut order = self.fresh(desk, key, ticket);
            order.state = State::Rejected;
            order.ended = Some(desk.now);
            order.reject_reason = Some(reason.clone());
            self.orders.insert(key, order);
            self.show(desk, key, true);
        }
        self.error(desk, key, 201, &reason);
        self.retire();
    }

    /// Why an order is rejected, if it is.
    fn objection(&self, desk: &Desk<'_>, key: OrderKey, ticket: &Ticket) -> Option<String> {
        let alike = |order: &&Order| {
            order.is_open()
                && order.key != key
                && order.ticket.instrument == ticket.instrument
                && order.ticket.side == ticket.side
        };
        let most = desk.config.trading.active_orders;
        if self.orders.values().filter(alike).count() >= most {
            desk.counters.violation(Violation::ActiveOrders);
            let side = if ticket.side == Side::Buy { "buy" } else { "sell" };
            return Some(format!(
                "Order rejected - reason:The maximum of {most} active orders on the {side} side of this contract has been reached."
            ));
        }
        // Children close what their parent opens.
        let child = ticket.parent.and_then(|parent| self.orders.get(&(key.0, parent))).is_some_and(Order::is_open);
        if child {
            return None;
        }
        let equity = self.equity(desk);
        let before = self.committed(desk, key, None);
        let after = self.committed(desk, key, Some(ticket));
        (after > before && after > equity).then(|| {
            format!(
                "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN \
                 VALUE [{equity:.2} USD] MUST EXCEED THE INITIAL MARGIN [{after:.2} USD]"
            )
        })
    }

    /// Margin of what positions and working orders can become; `key`'s own order is replaced by `ticket`.
    fn committed(&self, desk: &Desk<'_>, key: OrderKey, ticket: Option<&Ticket>) -> f64 {
        let mut demand: std::collections::BTreeMap<usize, (f64, f64, Option<f64>)> = std::collections::BTreeMap::new();
        let mut add = |instrument: usize, side: Side, shares: f64, limit: Option<f64>| {
            let (buys, sells, price) = demand.entry(instrument).or_default();
            match side {
                Side::Buy => *buys += shares,
                Side::Sell => *sells += shares,
            }
            *price = price.or(limit);
        };
        for order in self.orders.values().filter(|order| order.is_open() && order.key != key && order.ticket.parent.is_none()) {
            add(order.ticket.instrument, order.ticket.side, order.remaining(), order.ticket.limit);
        }
        if let Some(ticket) = ticket {
            let filled = self.orders.get(&key).map_or(0.0, |order| order.filled);
            add(ticket.instrument, ticket.side, (ticket.shares - filled).max(0.0), ticket.limit);
        }
        for (instrument, _) in self.account.positions() {
            demand.entry(instrument).or_default();
        }
        demand
            .into_iter()
            .map(|(instrument, (buys, sells, limit))| {
                let position = self.account.position(instrument);
                let price = desk.mark(instrument).or(limit).unwrap_or(position.average_cost);
                worst_margin(position.shares, buys, sells, price)
            })
            .sum()
    }

    /// Whether an order would sell shares short that cannot be borrowed.
    fn needs_shares(&self, desk: &Desk<'_>, ticket: &Ticket) -> bool {
        if ticket.side == Side::Buy || ticket.parent.is_some() || self.shortable(desk, ticket.instrument) {
            return false;
        }
        let sells: f64 = self
            .orders
            .values()
            .filter(|order| order.is_open() && order.ticket.instrument == ticket.instrument && order.ticket.side == Side::Sell)
            .map(Order::remaining)
            .sum();
        self.account.position(ticket.instrument).shares - sells - ticket.shares < 0.0
    }

    /// Whether an instrument can be sold short.
    pub(crate) fn shortable(&self, desk: &Desk<'_>, instrument: usize) -> bool {
        !desk.config.trading.hard_to_borrow.contains(&desk.instrument(instrument).symbol)
    }

    /// What an order would cost, without placing it.
    fn preview(&mut self, desk: &Desk<'_>, key: OrderKey, ticket: Ticket) {
        let signed = ticket.side.sign() * ticket.shares;
        let position = self.account.position(ticket.instrument).shares;
        let price = desk.mark(ticket.instrument).or(ticket.limit).unwrap_or_default();
        let fee = commission(ticket.shares, ticket.shares * ticket.limit.unwrap_or(price));
        let (before, equity) = (self.margin(desk), self.equity(desk));
        let change = margin(position + signed, price) - margin(position, price);
        let money = |amount: f64| Some((amount * 100.0).round() / 100.0);
        let state = proto::OrderState {
            status: Some("PreSubmitted".to_owned()),
            initial_margin_before: money(before),
            maintenance_margin_before: money(before),
            equity_before: money(equity),
            initial_margin_change: money(change),
            maintenance_margin_change: money(change),
            equity_change: money(-fee),
            initial_margin_after: money(before + change),
            maintenance_margin_after: money(before + change),
            equity_after: money(equity - fee),
            commission: Some(fee),
            least_commission: Some(fee),
            most_commission: Some(fee),
            commission_currency: Some("USD".to_owned()),
            margin_currency: Some("USD".to_owned()),
            ..proto::OrderState::default()
        };
        let order = self.fresh(desk, key, ticket);
        let instrument = desk.instrument(order.ticket.instrument);
        self.outgoing.push((key.0, report::preview(&order, instrument, &desk.config.account, state)));
    }

    fn change(&mut self, desk: &Desk<'_>, key: OrderKey, ticket: Ticket) -> Result<(), Refusal> {
        let Some(order) = self.orders.get(&key) else { return Err(duplicate()) };
        match order.state {
            State::Filled => return Err(Refusal::new(104, "Cannot modify a filled order.")),
            State::Cancelled | State::Rejected => return Err(duplicate()),
            State::Held | State::Alive => {}
        }
        let original = &order.ticket;
        let same = original.instrument == ticket.instrument
            && original.side == ticket.side
            && original.parent == ticket.parent
            && original.group == ticket.group;
        if !same {
            return Err(Refusal::new(105, "Order being modified does not match original order."));
        }
        if ticket.shares <= order.filled {
            return Err(Refusal::new(134, "Modify order failed. More shares than that have been filled."));
        }
        if let Some(reason) = self.objection(desk, key, &ticket) {
            return Err(Refusal::new(201, reason));
        }
        let transmit = ticket.transmit;
        let Some(order) = self.orders.get_mut(&key) else { return Err(duplicate()) };
        let moved = match (order.ticket.trigger, ticket.trigger) {
            // A trailing stop keeps the ground it has gained.
            (Some(Trigger::Trail { stop, .. }), Some(Trigger::Trail { by, stop: None })) => Some(Trigger::Trail { by, stop }),
            (_, trigger) => trigger,
        };
        order.ticket = Ticket { trigger: moved, ..ticket };
        order.reduced = 0.0;
        if order.state == State::Alive {
            order.arm(desk.now);
            self.show(desk, key, true);
        } else if transmit {
            self.transmit(desk, key);
        } else {
            self.show(desk, key, false);
        }
        Ok(())
    }

    /// Cancels an order of a client.
    ///
    /// # Errors
    /// 10147 when there is none, 10148 when it has ended.
    pub(crate) fn cancel(&mut self, desk: &Desk<'_>, key: OrderKey) -> Result<(), Refusal> {
        let id = key.1;
        match self.orders.get(&key) {
            None => Err(Refusal::new(10147, format!("OrderId {id} that needs to be cancelled is not found."))),
            Some(order) if !order.is_open() => {
                let text = format!("OrderId {id} that needs to be cancelled can not be cancelled, state: {}.", order.shown);
                Err(Refusal::new(10148, text))
            }
            Some(_) => {
                self.end(desk, key, desk.now);
                Ok(())
            }
        }
    }

    /// Cancels every open order of every client.
    pub(crate) fn cancel_all(&mut self, desk: &Desk<'_>) {
        let open: Vec<OrderKey> = self.orders.values().filter(|order| order.is_open()).map(|order| order.key).collect();
        for key in open {
            self.end(desk, key, desk.now);
        }
    }

    /// Ends an order unfilled, and the children that wait for it.
    pub(super) fn end(&mut self, desk: &Desk<'_>, key: OrderKey, at: Timestamp) {
        let Some(order) = self.orders.get_mut(&key).filter(|order| order.is_open()) else { return };
        order.state = State::Cancelled;
        order.ended = Some(at);
        self.show(desk, key, true);
        self.error(desk, key, 202, "Order Canceled - reason:");
        let children: Vec<OrderKey> = self
            .orders
            .values()
            .filter(|order| order.is_open() && order.key.0 == key.0 && order.ticket.parent == Some(key.1))
            .map(|order| order.key)
            .collect();
        for child in children {
            self.end(desk, child, at);
        }
        self.retire();
    }

    /// Forgets the oldest orders that ended, beyond what is kept.
    pub(super) fn retire(&mut self) {
        let mut ended: Vec<(i64, OrderKey)> =
            self.orders.values().filter(|order| !order.is_open()).map(|order| (order.perm_id, order.key)).collect();
        if ended.len() <= MOST_ENDED {
            return;
        }
        ended.sort_unstable();
        // Some at a time, so that this is not done for every order.
        for (_, (client, id)) in ended.into_iter().take(MOST_ENDED / 10) {
            self.orders.remove(&(client, id));
            let highest = self.retired.entry(client).or_insert(id);
            *highest = (*highest).max(id);
        }
    }
}

fn duplicate() -> Refusal {
    Refusal::new(103, "Duplicate order id")
}
