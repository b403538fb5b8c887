//! The account that trades: orders, fills against the tape, cash, positions and profits.
//!
//! ```text
//! ticket (what was asked)  ->  book (place, change, cancel)  ->  order
//!                                                                  │
//! prints (what the tape traded since) ── matching ─────────────────┤
//!                                                                  ▼
//!                        report <- executions, commission  ->  account  ->  feeds (positions, values, profits)
//! ```
//! Rules of trading, the same for every client and speed of the clock:
//!
//! - An order trades only on what the tape traded after the order came in; each trade of the tape is looked at once, in order of
//!   time over all instruments, and nothing past the clock.
//! - A trade at or below a buy's limit fills it, at the lower of its limit and the offer; a trade at or above a sale's limit, at
//!   the higher of its limit and the bid. A market order has no limit. In the auctions (OPG, MOC, LOC) the price is the trade's.
//! - A stop is set off by a trade at its price or beyond and is filled by later ones.
//! - In any minute the account's orders in a stock take at most [`TradingConfig::participation`] of what that minute has traded at
//!   prices the order could take, in whole shares. Market orders wait for a round lot, the rest of the order, or the minute's end.
//! - Halts and closed markets trade nothing, and so fill nothing. Splits are not applied to positions held over them.
//! - While the connection to the servers is lost nothing is reported; what happened meanwhile is, once it is back.
//!
//! Everything is under one lock, never held across a wait; who asks sees what happened until then first.

mod account;
mod book;
mod commission;
mod config;
mod feeds;
mod margin;
mod matching;
mod order;
mod prints;
mod profit;
mod report;
mod ticket;
mod values;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use bellwether::market::{Calendar, TradingDay};
use jiff::Timestamp;

pub(crate) use book::RESTRICTED;
pub use config::{OpeningPosition, TradingConfig};
pub(crate) use feeds::{FeedKind, Follow};
pub(crate) use report::{Execution, Told};
pub(crate) use ticket::read;

use self::{
    account::Account,
    feeds::Feeds,
    order::{Order, OrderKey, Seen, State, Waits},
};
use crate::{
    client::Client, config::GatewayConfig, faults::ActiveFaults, market::Market, shared::Shared, stats::Counters,
    tape::TapeInstrument,
};

/// First permanent id.
const FIRST_PERM_ID: i64 = 1_000_000_000;

/// What trading depends on besides its own state.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) market: &'a Market,
    pub(crate) config: &'a GatewayConfig,
    pub(crate) faults: &'a ActiveFaults,
    pub(crate) counters: &'a Counters,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    fn instrument(&self, index: usize) -> &TapeInstrument {
        self.market.instrument(index)
    }

    /// The last trade's price.
    fn mark(&self, instrument: usize) -> Option<f64> {
        let symbol = &self.instrument(instrument).symbol;
        self.market.tape().last_at(symbol, self.now).map(|last| last.price)
    }

    fn previous_close(&self, instrument: usize) -> Option<f64> {
        let symbol = &self.instrument(instrument).symbol;
        self.market.tape().day_at(symbol, self.now).and_then(|day| day.previous_close)
    }
}

/// The account and its orders.
#[derive(Debug)]
pub(crate) struct Trading {
    orders: BTreeMap<OrderKey, Order>,
    /// Highest order id, by client, among orders no longer kept.
    retired: BTreeMap<i32, i32>,
    executions: Vec<Execution>,
    account: Account,
    /// Equity when the date began.
    opening_equity: f64,
    feeds: Feeds,
    /// What the account has taken of the present minute, by instrument.
    taken: HashMap<usize, Seen>,
    matched_until: Timestamp,
    next_perm_id: i64,
    executed: u64,
    /// Messages by client id, in order.
    outgoing: Vec<(i32, Told)>,
}

impl Trading {
    pub(crate) fn new(config: &GatewayConfig, market: &Market, now: Timestamp) -> Self {
        let setup = &config.trading;
        let holdings = setup.positions.iter().filter_map(|position| {
            let instrument = market.by_symbol(position.symbol.as_str())?;
            Some((instrument, position.shares, position.average_cost))
        });
        let mut trading = Self {
            orders: BTreeMap::new(),
            retired: BTreeMap::new(),
            executions: Vec::new(),
            account: Account::new(setup.cash, holdings, Calendar.local_date(now)),
            opening_equity: 0.0,
            feeds: Feeds::default(),
            taken: HashMap::new(),
            matched_until: now,
            next_perm_id: FIRST_PERM_ID,
            executed: 0,
            outgoing: Vec::new(),
        };
        trading.opening_equity =
            trading.equity(&Desk { market, config, faults: &ActiveFaults::default(), counters: &Counters::default(), now });
        trading
    }

    /// The next order id that `client` may use.
    pub(crate) fn next_id(&self, client: i32, first: i32) -> i32 {
        let used = self.orders.range((client, i32::MIN)..=(client, i32::MAX)).next_back().map(|((_, id), _)| *id);
        used.max(self.retired.get(&client).copied()).map_or(first, |id| id.saturating_add(1).max(first))
    }

    /// Why an order that is alive does not work at `at`.
    fn waits(&self, order: &Order, day: Option<&TradingDay>, at: Timestamp) -> Option<Waits> {
        if order.state != State::Alive {
            return None;
        }
        let parent = order.ticket.parent.and_then(|parent| self.orders.get(&(order.key.0, parent)));
        if parent.is_some_and(Order::is_open) {
            Some(Waits::Parent)
        } else if order.unlocated {
            Some(Waits::Shares)
        } else if order.ticket.trigger.is_some() && !order.triggered {
            Some(Waits::Trigger)
        } else if !order.ticket.hours.contain(day, at) {
            Some(Waits::Hours)
        } else {
            None
        }
    }

    /// Sends a client the present state of an order. `acknowledged` orders are at the exchange when nothing else holds them.
    fn show(&mut self, desk: &Desk<'_>, key: OrderKey, acknowledged: bool) {
        let day = Calendar.day_of(desk.now).ok().flatten();
        let Some(order) = self.orders.get(&key) else { return };
        let waits = self.waits(order, day.as_ref(), desk.now);
        let shown = report::status(order.state, waits, acknowledged);
        let Some(order) = self.orders.get_mut(&key) else { return };
        order.shown = shown;
        let instrument = desk.instrument(order.ticket.instrument);
        let frames = [report::open_order(order, instrument, &desk.config.account), report::order_status(order, waits)];
        self.outgoing.extend(frames.map(|frame| (key.0, frame)));
    }

    fn error(&mut self, desk: &Desk<'_>, key: OrderKey, code: i32, text: &str) {
        self.outgoing.push((key.0, report::error(key.1, code, text, desk.now)));
    }

    /// Hands what there is to tell to the clients that are connected.
    fn deliver(&mut self, clients: &[Arc<Client>]) {
        for (id, told) in self.outgoing.drain(..) {
            if let Some(client) = clients.iter().find(|client| client.id == id) {
                client.send_frame(told.id, told.frame);
            }
        }
    }

    /// Open orders of one client, or of all, each with its status.
    pub(crate) fn open_orders(&self, desk: &Desk<'_>, client: Option<i32>) -> Vec<Told> {
        let day = Calendar.day_of(desk.now).ok().flatten();
        let open = self.orders.values().filter(|order| order.is_open() && client.is_none_or(|client| client == order.key.0));
        open.flat_map(|order| {
            let instrument = desk.instrument(order.ticket.instrument);
            let waits = self.waits(order, day.as_ref(), desk.now);
            [report::open_order(order, instrument, &desk.config.account), report::order_status(order, waits)]
        })
        .collect()
    }

    /// Orders that ended on the present New York date, of all clients.
    pub(crate) fn completed_orders(&self, desk: &Desk<'_>) -> Vec<Told> {
        let today = Calendar.local_date(desk.now);
        let mut ended: Vec<&Order> =
            self.orders.values().filter(|order| order.ended.is_some_and(|at| Calendar.local_date(at) == today)).collect();
        ended.sort_by_key(|order| (order.ended, order.perm_id));
        let tell = |order: &Order| report::completed_order(order, desk.instrument(order.ticket.instrument), &desk.config.account);
        ended.into_iter().map(tell).collect()
    }

    /// Executions that `wanted` accepts, each with its commission, as the answer to a request.
    pub(crate) fn executions(&self, desk: &Desk<'_>, request: i32, wanted: impl Fn(&Execution) -> bool) -> Vec<Told> {
        let account = &desk.config.account;
        let chosen = self.executions.iter().filter(|execution| wanted(execution));
        chosen
            .flat_map(|it| [report::execution(it, request, desk.instrument(it.instrument), account), report::commission(it)])
            .collect()
    }

    /// Starts a feed for a client and sends what is due at once.
    ///
    /// # Errors
    /// The feed's refusal, when the client has too many.
    pub(crate) fn follow(
        &mut self,
        desk: &Desk<'_>,
        client: &Arc<Client>,
        follow: Follow,
    ) -> Result<(), crate::requests::Refusal> {
        let mut feeds = std::mem::take(&mut self.feeds);
        let outcome = feeds.start(self, desk, client, follow);
        self.feeds = feeds;
        outcome
    }

    /// Ends a feed; `false` when there is none.
    pub(crate) fn unfollow(&mut self, client: &Client, kind: FeedKind, request: i32) -> bool {
        self.feeds.stop(client, kind, request)
    }

    /// Ends every feed of a connection; orders stay.
    pub(crate) fn forget(&mut self, connection: u64) {
        self.feeds.forget(connection);
    }
}

/// Lets the account see what happened until now, then acts on it, and tells clients of both, in this order.
pub(crate) fn with<R>(shared: &Shared, act: impl FnOnce(&mut Trading, &Desk<'_>) -> R) -> R {
    let mut trading = shared.trading();
    let faults = shared.faults.active();
    let (market, config, counters) = (&shared.market, &shared.config, &shared.counters);
    let desk = Desk { market, config, faults: &faults, counters, now: shared.now() };
    let clients = shared.clients();
    if !faults.disconnected() {
        trading.advance(&desk);
        trading.deliver(&clients);
    }
    let outcome = act(&mut trading, &desk);
    trading.deliver(&clients);
    outcome
}

/// What the passing of time does: fills, expiries, and what feeds have to tell.
pub(crate) fn tick(shared: &Shared) {
    with(shared, |trading, desk| {
        if !desk.faults.disconnected() {
            let mut feeds = std::mem::take(&mut trading.feeds);
            feeds.advance(trading, desk);
            trading.feeds = feeds;
        }
    });
}
