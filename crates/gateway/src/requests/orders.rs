//! Orders and what became of them.

use bellwether::market::Calendar;
use jiff::ToSpan;

use super::{Asked, Refusal, wire_time};
use crate::{
    client::NO_REQUEST,
    proto::{CancelOrderRequest, Empty, ExecutionFilter, ExecutionRequest, PlaceOrderRequest, RequestId},
    trading::{self, Execution, Told},
    wire::outgoing,
};

impl Asked<'_> {
    /// # Errors
    /// 321 in read-only mode; 201 while the connection to the servers is lost.
    fn may_trade(&self) -> Result<(), Refusal> {
        if self.shared.config.read_only {
            return Err(Refusal::invalid("The API interface is currently in Read-Only mode."));
        }
        if self.shared.faults.active().disconnected() {
            return Err(Refusal::new(
                201,
                "Order rejected - reason:Connectivity between IB and Trader Workstation has been lost.",
            ));
        }
        Ok(())
    }

    fn push(&self, told: Vec<Told>) {
        told.into_iter().for_each(|told| self.client.send_frame(told.id, told.frame));
    }
}

pub(super) fn place(asked: &Asked<'_>, request: PlaceOrderRequest) {
    let id = request.order_id;
    asked.settle(id, try_place(asked, request));
}

fn try_place(asked: &Asked<'_>, request: PlaceOrderRequest) -> Result<(), Refusal> {
    asked.may_trade()?;
    if request.attached.is_some_and(|attached| attached.stop_loss_id.is_some() || attached.profit_taker_id.is_some()) {
        return Err(Refusal::invalid("The simulated gateway has no presets from which to attach orders"));
    }
    let instrument = asked.instrument(request.contract.as_ref())?;
    let id = request.order_id.unwrap_or_default();
    let ticket = trading::read(id, instrument, request.order.unwrap_or_default(), &asked.shared.config.account);
    // An account that may not trade is told so whatever it asks.
    let ticket = ticket.map_err(|refusal| match asked.shared.faults.active().orders_rejected() {
        true => Refusal::new(201, trading::RESTRICTED),
        false => refusal,
    })?;
    trading::with(asked.shared, |trading, desk| trading.place(desk, (asked.client.id, id), ticket))
}

pub(super) fn cancel(asked: &Asked<'_>, request: CancelOrderRequest) {
    let id = request.order_id.unwrap_or_default();
    let outcome =
        asked.may_trade().and_then(|()| trading::with(asked.shared, |trading, desk| trading.cancel(desk, (asked.client.id, id))));
    asked.settle(Some(id), outcome);
}

pub(super) fn cancel_all(asked: &Asked<'_>) {
    match asked.may_trade() {
        Ok(()) => trading::with(asked.shared, |trading, desk| trading.cancel_all(desk)),
        refused => asked.settle(None, refused),
    }
}

/// The open orders of the client.
pub(super) fn own(asked: &Asked<'_>) {
    trading::with(asked.shared, |trading, desk| {
        asked.push(trading.open_orders(desk, Some(asked.client.id)));
        asked.send(outgoing::OPEN_ORDER_END, &Empty {});
    });
}

/// The open orders of all clients.
pub(super) fn all(asked: &Asked<'_>) {
    trading::with(asked.shared, |trading, desk| {
        asked.push(trading.open_orders(desk, None));
        asked.send(outgoing::OPEN_ORDER_END, &Empty {});
    });
}

/// Binds orders placed by hand, of which there are none here: the answer is the client's own orders.
pub(super) fn auto_bind(asked: &Asked<'_>) {
    if asked.client.id == 0 {
        own(asked);
    } else {
        let text = "Only API connections with clientId set to 0 can set the auto bind TWS orders property.";
        asked.error(NO_REQUEST, 327, text);
    }
}

/// Orders that survived their client's absence are told to it unasked.
pub(super) fn resume(asked: &Asked<'_>) {
    trading::with(asked.shared, |trading, desk| asked.push(trading.open_orders(desk, Some(asked.client.id))));
}

pub(super) fn completed(asked: &Asked<'_>) {
    trading::with(asked.shared, |trading, desk| {
        asked.push(trading.completed_orders(desk));
        asked.send(outgoing::COMPLETED_ORDERS_END, &Empty {});
    });
}

pub(super) fn executions(asked: &Asked<'_>, request: ExecutionRequest) {
    let filter = request.filter.unwrap_or_default();
    let id = request.req_id;
    trading::with(asked.shared, |trading, desk| {
        let frames = trading.executions(desk, id.unwrap_or(NO_REQUEST), |execution| wanted(asked, &filter, execution));
        asked.push(frames);
        asked.send(outgoing::EXECUTION_END, &RequestId { req_id: id });
    });
}

/// Whether a filter accepts an execution: those of the present New York date unless it names other days.
fn wanted(asked: &Asked<'_>, filter: &ExecutionFilter, execution: &Execution) -> bool {
    let given = |field: &Option<String>| field.clone().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let instrument = asked.shared.market.instrument(execution.instrument);
    let date = Calendar.local_date(execution.at);
    let number = i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day());
    let today = Calendar.local_date(asked.now);
    let days = filter.last_days.filter(|days| (1..=7).contains(days)).unwrap_or(1);
    let first = today.checked_sub(i64::from(days - 1).days()).unwrap_or(today);
    let on_day = if filter.dates.is_empty() { date >= first } else { filter.dates.contains(&number) };
    on_day
        && filter.client_id.is_none_or(|client| client == 0 || client == execution.key.0)
        && given(&filter.account).is_none_or(|account| account == asked.shared.config.account)
        && given(&filter.time).and_then(|time| wire_time::parse(&time)).is_none_or(|time| execution.at >= time)
        && given(&filter.symbol).is_none_or(|symbol| symbol.replace(' ', ".").eq_ignore_ascii_case(instrument.symbol.as_str()))
        && given(&filter.sec_type).is_none_or(|kind| kind == "STK")
        && given(&filter.exchange).is_none_or(|exchange| exchange == "SMART" || exchange == instrument.primary_exchange)
        && given(&filter.side).is_none_or(|side| execution.is_side(&side))
}
