//! What clients follow of the account: values, positions and profits.
//!
//! | Feed | Again |
//! |---|---|
//! | positions, positions by model | when a position changes |
//! | account updates, updates by model | when cash or positions change, and every three minutes; only what differs |
//! | account summary | every three minutes, only what differs |
//! | profit, profit of one position | every second of the clock, droppable |

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use bellwether::market::new_york;
use jiff::Timestamp;
use prost::Message;

use super::{Desk, Trading, profit::Profit, values::Value};
use crate::{
    client::Client,
    proto::{
        self, AccountDownloadEnd, AccountSummary, AccountUpdateMulti, AccountUpdateTime, AccountValue, Empty, PortfolioValue,
        PositionMulti, RequestId,
    },
    requests::{Refusal, wire_contract},
    wire::outgoing,
};

/// Account summaries that a client may follow at a time.
const MOST_SUMMARIES: usize = 2;
/// Seconds after which values are told again.
const REPEATED_AFTER: i64 = 180;

/// Which cancel ends a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FeedKind {
    Updates,
    Summary,
    Positions,
    PositionsMulti,
    UpdatesMulti,
    Profit,
    ProfitSingle,
}

/// What a client wants to follow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Follow {
    pub(crate) kind: FeedKind,
    /// 0 for feeds without a request id.
    pub(crate) request: i32,
    /// Tags of an account summary.
    pub(crate) tags: Vec<String>,
    /// Of the profit of one position; `None` for a contract that the gateway does not know.
    pub(crate) instrument: Option<usize>,
    pub(crate) model: Option<String>,
}

/// A feed, and what it has told.
#[derive(Debug)]
struct Feed {
    client: Arc<Client>,
    follow: Follow,
    values: HashMap<(&'static str, &'static str), String>,
    /// Shares and average cost.
    positions: BTreeMap<usize, (f64, f64)>,
    version: u64,
    /// Seconds since the epoch.
    told_at: i64,
}

/// All feeds of all clients.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    feeds: BTreeMap<(u64, FeedKind, i32), Feed>,
}

impl Feeds {
    pub(crate) fn start(
        &mut self,
        trading: &Trading,
        desk: &Desk<'_>,
        client: &Arc<Client>,
        follow: Follow,
    ) -> Result<(), Refusal> {
        let key = (client.connection, follow.kind, follow.request);
        let refuse = |cause: &str| Err(Refusal::new(322, format!("Error processing request.-'bW' : cause - {cause}")));
        // Asking again for a feed without a request id starts it anew.
        if follow.request != 0 && self.feeds.contains_key(&key) {
            return refuse("Duplicate ticker id");
        }
        let summaries = self.feeds.keys().filter(|(connection, kind, _)| *connection == key.0 && *kind == FeedKind::Summary);
        if follow.kind == FeedKind::Summary && summaries.count() >= MOST_SUMMARIES {
            return refuse("Maximum number of account summary requests exceeded");
        }
        let mut feed = Feed {
            client: Arc::clone(client),
            follow,
            values: HashMap::new(),
            positions: BTreeMap::new(),
            version: trading.account.version,
            told_at: desk.now.as_second(),
        };
        feed.begin(trading, desk);
        self.feeds.insert(key, feed);
        Ok(())
    }

    pub(crate) fn stop(&mut self, client: &Client, kind: FeedKind, request: i32) -> bool {
        self.feeds.remove(&(client.connection, kind, request)).is_some()
    }

    pub(crate) fn forget(&mut self, connection: u64) {
        self.feeds.retain(|(of, _, _), _| *of != connection);
    }

    pub(crate) fn advance(&mut self, trading: &Trading, desk: &Desk<'_>) {
        for feed in self.feeds.values_mut() {
            feed.advance(trading, desk);
        }
    }
}

impl Feed {
    fn send(&self, id: i32, body: &impl Message) {
        self.client.send(id, body);
    }

    fn request(&self) -> RequestId {
        RequestId { req_id: Some(self.follow.request) }
    }

    fn begin(&mut self, trading: &Trading, desk: &Desk<'_>) {
        let account = Some(desk.config.account.clone());
        match self.follow.kind {
            FeedKind::Updates => {
                self.updates(trading, desk);
                self.send(outgoing::ACCOUNT_DOWNLOAD_END, &AccountDownloadEnd { account });
            }
            FeedKind::Summary => {
                self.tell_values(trading, desk);
                self.send(outgoing::ACCOUNT_SUMMARY_END, &self.request());
            }
            FeedKind::UpdatesMulti => {
                self.tell_values(trading, desk);
                self.send(outgoing::ACCOUNT_UPDATE_MULTI_END, &self.request());
            }
            FeedKind::Positions => {
                self.tell_positions(trading, desk);
                self.send(outgoing::POSITION_END, &Empty {});
            }
            FeedKind::PositionsMulti => {
                self.tell_positions(trading, desk);
                self.send(outgoing::POSITION_MULTI_END, &self.request());
            }
            FeedKind::Profit | FeedKind::ProfitSingle => self.tell_profit(trading, desk),
        }
    }

    fn advance(&mut self, trading: &Trading, desk: &Desk<'_>) {
        let second = desk.now.as_second();
        let age = second - self.told_at;
        let changed = self.version != trading.account.version;
        let due = match self.follow.kind {
            FeedKind::Updates | FeedKind::UpdatesMulti => changed || age >= REPEATED_AFTER,
            FeedKind::Summary => age >= REPEATED_AFTER,
            FeedKind::Positions | FeedKind::PositionsMulti => changed,
            FeedKind::Profit | FeedKind::ProfitSingle => age >= 1,
        };
        if !due {
            return;
        }
        self.version = trading.account.version;
        self.told_at = second;
        match self.follow.kind {
            FeedKind::Updates => self.updates(trading, desk),
            FeedKind::Summary | FeedKind::UpdatesMulti => self.tell_values(trading, desk),
            FeedKind::Positions | FeedKind::PositionsMulti => self.tell_positions(trading, desk),
            FeedKind::Profit | FeedKind::ProfitSingle => self.tell_profit(trading, desk),
        }
    }

    fn updates(&mut self, trading: &Trading, desk: &Desk<'_>) {
        self.tell_values(trading, desk);
        for (instrument, position) in trading.account.positions() {
            let profit = trading.profit_of(desk, instrument);
            let body = PortfolioValue {
                contract: Some(wire_contract(desk.instrument(instrument))),
                position: Some(position.shares.to_string()),
                market_price: Some(desk.mark(instrument).unwrap_or_default()),
                market_value: Some(profit.value.unwrap_or_default()),
                average_cost: Some(position.average_cost),
                unrealized: Some(profit.unrealized.unwrap_or_default()),
                realized: Some(profit.realized.unwrap_or_default()),
                account: Some(desk.config.account.clone()),
            };
            self.send(outgoing::PORTFOLIO_VALUE, &body);
        }
        self.send(outgoing::ACCOUNT_UPDATE_TIME, &AccountUpdateTime { time: Some(clock(desk.now)) });
    }

    /// Tells the values that differ from what was told.
    fn tell_values(&mut self, trading: &Trading, desk: &Desk<'_>) {
        let values = match self.follow.kind {
            FeedKind::Summary => trading.tagged_values(desk, &self.follow.tags),
            _ => trading.all_values(desk),
        };
        for value in values {
            let before = self.values.insert((value.key, value.currency), value.value.clone());
            if before.as_ref() != Some(&value.value) {
                self.tell_value(desk, value);
            }
        }
    }

    fn tell_value(&self, desk: &Desk<'_>, value: Value) {
        let req_id = Some(self.follow.request);
        let account = Some(desk.config.account.clone());
        let (key, currency) = (Some(value.key.to_owned()), Some(value.currency.to_owned()));
        let value = Some(value.value);
        match self.follow.kind {
            FeedKind::Summary => {
                self.send(outgoing::ACCOUNT_SUMMARY, &AccountSummary { req_id, account, tag: key, value, currency });
            }
            FeedKind::UpdatesMulti => {
                let model = self.follow.model.clone();
                let body = AccountUpdateMulti { req_id, account, model, key, value, currency };
                self.send(outgoing::ACCOUNT_UPDATE_MULTI, &body);
            }
            _ => self.send(outgoing::ACCOUNT_VALUE, &AccountValue { key, value, currency, account }),
        }
    }

    /// Tells the positions that differ from what was told; a closed one once, with no shares.
    fn tell_positions(&mut self, trading: &Trading, desk: &Desk<'_>) {
        let mut present: BTreeMap<usize, (f64, f64)> =
            trading.account.positions().map(|(instrument, it)| (instrument, (it.shares, it.average_cost))).collect();
        for instrument in self.positions.keys() {
            present.entry(*instrument).or_default();
        }
        for (instrument, (shares, average_cost)) in present {
            let before = self.positions.get(&instrument).copied().unwrap_or_default();
            if before == (shares, average_cost) {
                continue;
            }
            self.positions.insert(instrument, (shares, average_cost));
            let account = Some(desk.config.account.clone());
            let contract = Some(wire_contract(desk.instrument(instrument)));
            let (position, average_cost) = (Some(shares.to_string()), Some(average_cost));
            if self.follow.kind == FeedKind::PositionsMulti {
                let model = self.follow.model.clone();
                let req_id = Some(self.follow.request);
                self.send(outgoing::POSITION_MULTI, &PositionMulti { req_id, account, contract, position, average_cost, model });
            } else {
                self.send(outgoing::POSITION, &proto::Position { account, contract, position, average_cost });
            }
        }
    }

    /// What is not known is `f64::MAX` on the wire.
    fn tell_profit(&self, trading: &Trading, desk: &Desk<'_>) {
        let req_id = Some(self.follow.request);
        let number = |amount: Option<f64>| Some(amount.unwrap_or(f64::MAX));
        if self.follow.kind == FeedKind::Profit {
            let Profit { daily, unrealized, realized, .. } = trading.profit(desk);
            let body = proto::Profit { req_id, daily: number(daily), unrealized: number(unrealized), realized: number(realized) };
            self.client.send_quote(outgoing::PNL, &body);
        } else {
            let profit = self.follow.instrument.map(|instrument| trading.profit_of(desk, instrument)).unwrap_or_default();
            let body = proto::ProfitSingle {
                req_id,
                position: Some(profit.shares.to_string()),
                daily: number(profit.daily),
                unrealized: number(profit.unrealized),
                realized: number(profit.realized),
                value: number(profit.value),
            };
            self.client.send_quote(outgoing::PNL_SINGLE, &body);
        }
    }
}

fn clock(at: Timestamp) -> String {
    at.to_zoned(new_york()).strftime("%H:%M").to_string()
}
