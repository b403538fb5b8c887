//! What clients are told of orders and executions.

use bytes::Bytes;
use jiff::Timestamp;
use prost::Message;

use super::order::{Order, OrderKey, Side, State, Waits};
use crate::{
    proto,
    requests::{wire_contract, wire_time},
    tape::TapeInstrument,
    wire::{encode, outgoing},
};

/// Liquidity as the protocol numbers it.
const ADDED: i32 = 1;
const REMOVED: i32 = 2;
const CURRENCY: &str = "USD";

/// A message for a client.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: i32,
    pub(crate) frame: Bytes,
}

fn told(id: i32, body: &impl Message) -> Told {
    Told { id, frame: encode(id, body) }
}

/// One trade of the account, as it was reported.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Execution {
    pub(crate) id: String,
    pub(crate) key: OrderKey,
    pub(crate) perm_id: i64,
    pub(crate) order_ref: Option<String>,
    pub(crate) instrument: usize,
    pub(crate) side: Side,
    pub(crate) at: Timestamp,
    pub(crate) shares: f64,
    pub(crate) price: f64,
    pub(crate) cumulative: f64,
    pub(crate) average_price: f64,
    pub(crate) added_liquidity: bool,
    pub(crate) commission: f64,
    pub(crate) realized: Option<f64>,
}

impl Execution {
    /// Whether it is on the side that a filter names.
    pub(crate) fn is_side(&self, side: &str) -> bool {
        match self.side {
            Side::Buy => matches!(side, "BUY" | "BOT"),
            Side::Sell => matches!(side, "SELL" | "SLD" | "SSHORT"),
        }
    }
}

/// The word for a state.
pub(crate) fn status(state: State, waits: Option<Waits>, acknowledged: bool) -> &'static str {
    match state {
        State::Held => "PendingSubmit",
        State::Alive if waits.is_none() && acknowledged => "Submitted",
        State::Alive => "PreSubmitted",
        State::Filled => "Filled",
        State::Cancelled => "Cancelled",
        State::Rejected => "Inactive",
    }
}

fn why_held(waits: Option<Waits>) -> String {
    match waits {
        Some(Waits::Parent) => "child",
        Some(Waits::Trigger) => "trigger",
        Some(Waits::Shares) => "locate",
        Some(Waits::Hours) | None => "",
    }
    .to_owned()
}

fn wire_order(order: &Order, account: &str) -> proto::Order {
    proto::Order {
        client_id: Some(order.key.0),
        order_id: Some(order.key.1),
        perm_id: Some(order.perm_id),
        total_quantity: Some(order.total().to_string()),
        account: Some(account.to_owned()),
        time_in_force: order.ticket.wire.time_in_force.clone().filter(|tif| !tif.is_empty()).or_else(|| Some("DAY".to_owned())),
        filled_quantity: Some(order.filled.to_string()),
        ..order.ticket.wire.clone()
    }
}

pub(crate) fn open_order(order: &Order, instrument: &TapeInstrument, account: &str) -> Told {
    let body = proto::OpenOrder {
        order_id: Some(order.key.1),
        contract: Some(wire_contract(instrument)),
        order: Some(wire_order(order, account)),
        state: Some(proto::OrderState {
            status: Some(order.shown.to_owned()),
            commission: (order.filled > 0.0).then_some(order.commission),
            commission_currency: (order.filled > 0.0).then(|| CURRENCY.to_owned()),
            reject_reason: order.reject_reason.clone(),
            ..proto::OrderState::default()
        }),
    };
    told(outgoing::OPEN_ORDER, &body)
}

pub(crate) fn order_status(order: &Order, waits: Option<Waits>) -> Told {
    let body = proto::OrderStatus {
        order_id: Some(order.key.1),
        status: Some(order.shown.to_owned()),
        filled: Some(order.filled.to_string()),
        remaining: Some(order.remaining().to_string()),
        average_price: Some(order.average_price()),
        perm_id: Some(order.perm_id),
        parent_id: Some(order.ticket.parent.unwrap_or_default()),
        last_price: Some(order.last_price),
        client_id: Some(order.key.0),
        why_held: Some(why_held(waits)),
        market_cap_price: Some(0.0),
    };
    told(outgoing::ORDER_STATUS, &body)
}

/// An order that has ended, with what is left of it as its quantity.
pub(crate) fn completed_order(order: &Order, instrument: &TapeInstrument, account: &str) -> Told {
    let completed = match order.state {
        State::Filled => format!("Filled Size: {}", order.filled),
        State::Rejected => "Rejected".to_owned(),
        _ => "Cancelled".to_owned(),
    };
    let left = if order.state == State::Filled { 0.0 } else { order.remaining() };
    let body = proto::CompletedOrder {
        contract: Some(wire_contract(instrument)),
        order: Some(proto::Order { total_quantity: Some(left.to_string()), ..wire_order(order, account) }),
        state: Some(proto::OrderState {
            status: Some(order.shown.to_owned()),
            commission: (order.filled > 0.0).then_some(order.commission),
            commission_currency: (order.filled > 0.0).then(|| CURRENCY.to_owned()),
            reject_reason: order.reject_reason.clone(),
            completed_time: order.ended.map(wire_time::format),
            completed_status: Some(completed),
            ..proto::OrderState::default()
        }),
    };
    told(outgoing::COMPLETED_ORDER, &body)
}

/// An execution; `request` is -1 when nobody asked.
pub(crate) fn execution(execution: &Execution, request: i32, instrument: &TapeInstrument, account: &str) -> Told {
    let side = match execution.side {
        Side::Buy => "BOT",
        Side::Sell => "SLD",
    };
    let body = proto::ExecutionDetails {
        req_id: Some(request),
        contract: Some(wire_contract(instrument)),
        execution: Some(proto::Execution {
            order_id: Some(execution.key.1),
            execution_id: Some(execution.id.clone()),
            time: Some(wire_time::format(execution.at)),
            account: Some(account.to_owned()),
            exchange: Some(instrument.primary_exchange.clone()),
            side: Some(side.to_owned()),
            shares: Some(execution.shares.to_string()),
            price: Some(execution.price),
            perm_id: Some(execution.perm_id),
            client_id: Some(execution.key.0),
            cumulative: Some(execution.cumulative.to_string()),
            average_price: Some(execution.average_price),
            order_ref: execution.order_ref.clone(),
            liquidity: Some(if execution.added_liquidity { ADDED } else { REMOVED }),
        }),
    };
    told(outgoing::EXECUTION, &body)
}

/// What an execution cost; nothing realized is `f64::MAX` on the wire.
pub(crate) fn commission(execution: &Execution) -> Told {
    let body = proto::CommissionReport {
        execution_id: Some(execution.id.clone()),
        commission: Some(execution.commission),
        currency: Some(CURRENCY.to_owned()),
        realized: Some(execution.realized.unwrap_or(f64::MAX)),
    };
    told(outgoing::COMMISSION, &body)
}

pub(crate) fn error(order_id: i32, code: i32, text: &str, now: Timestamp) -> Told {
    let body = proto::ErrorMessage {
        id: Some(order_id),
        time_ms: Some(now.as_millisecond()),
        code: Some(code),
        text: Some(text.to_owned()),
    };
    told(outgoing::ERROR, &body)
}

/// What an order that is not placed would cost.
pub(crate) fn preview(order: &Order, instrument: &TapeInstrument, account: &str, state: proto::OrderState) -> Told {
    let body = proto::OpenOrder {
        order_id: Some(order.key.1),
        contract: Some(wire_contract(instrument)),
        order: Some(wire_order(order, account)),
        state: Some(state),
    };
    told(outgoing::OPEN_ORDER, &body)
}
