//! Account, positions and orders as the Rust client decodes them.

use ibapi::{
    accounts::{AccountSummaryResult, AccountUpdate, AccountUpdateMulti, PnL, PnLSingle, PositionUpdate, PositionUpdateMulti},
    orders::{CommissionReport, ExecutionData, Executions, Liquidity, OrderData, OrderStatus, Orders},
};
use serde_json::{Value, json};

use super::events::{Event, contract_fields, event};

/// An event of a contract and more.
fn on_contract(kind: &str, contract: &ibapi::contracts::Contract, fields: Value) -> Vec<Event> {
    let mut told = event(kind, contract_fields(contract));
    told.extend(event(kind, fields));
    vec![told]
}

pub(super) fn summary(it: AccountSummaryResult) -> Vec<Event> {
    vec![match it {
        AccountSummaryResult::Summary(it) => {
            event("summary", json!({ "account": it.account, "tag": it.tag, "value": it.value, "currency": it.currency }))
        }
        AccountSummaryResult::End => event("summary_end", json!({})),
    }]
}

pub(super) fn account_update(it: AccountUpdate) -> Vec<Event> {
    match it {
        AccountUpdate::AccountValue(it) => vec![event(
            "account_value",
            json!({ "tag": it.key, "value": it.value, "currency": it.currency, "account": it.account }),
        )],
        AccountUpdate::PortfolioValue(it) => on_contract(
            "portfolio",
            &it.contract,
            json!({
                "position": it.position, "price": it.market_price, "value": it.market_value, "cost": it.average_cost,
                "account": it.account, "unrealized": it.unrealized_pnl, "realized": it.realized_pnl,
            }),
        ),
        AccountUpdate::UpdateTime(it) => vec![event("account_time", json!({ "time": it.timestamp }))],
        AccountUpdate::End => vec![event("account_end", json!({}))],
    }
}

pub(super) fn position(it: PositionUpdate) -> Vec<Event> {
    match it {
        PositionUpdate::Position(it) => on_contract(
            "position",
            &it.contract,
            json!({ "account": it.account, "position": it.position, "cost": it.average_cost }),
        ),
        PositionUpdate::PositionEnd => vec![event("positions_end", json!({}))],
    }
}

pub(super) fn order(it: Orders, kind: &str) -> Vec<Event> {
    match it {
        Orders::OrderData(it) => order_data(&it, kind),
        Orders::OrderStatus(it) => status(&it),
    }
}

pub(super) fn order_data(it: &OrderData, kind: &str) -> Vec<Event> {
    let order = &it.order;
    on_contract(
        kind,
        &it.contract,
        json!({
            "order": Some(it.order_id).filter(|_| kind == "order"),
            "action": order.action.as_str(),
            "quantity": order.total_quantity,
            "type": order.order_type,
            "limit": order.limit_price,
            "aux": order.aux_price,
            "tif": order.tif.as_str(),
            "oca_group": order.oca_group,
            "account": order.account,
            "reference": order.order_ref,
            "perm_id": Some(order.perm_id).filter(|id| *id != 0),
            "client": order.client_id,
            "parent": Some(order.parent_id).filter(|id| *id != 0),
            "outside_rth": order.outside_rth,
            "status": it.order_state.status.as_str(),
        }),
    )
}

pub(super) fn status(it: &OrderStatus) -> Vec<Event> {
    vec![event(
        "status",
        json!({
            "order": it.order_id,
            "status": it.status.as_str(),
            "filled": it.filled,
            "remaining": it.remaining,
            "average": it.average_fill_price,
            "last": it.last_fill_price,
            "perm_id": Some(it.perm_id).filter(|id| *id != 0),
            "parent": Some(it.parent_id).filter(|id| *id != 0),
            "client": it.client_id,
            "held": it.why_held,
            "cap": it.market_cap_price,
        }),
    )]
}

pub(super) fn execution(it: Executions) -> Vec<Event> {
    match it {
        Executions::ExecutionData(it) => execution_data(&it),
        Executions::CommissionReport(it) => commission(&it),
    }
}

pub(super) fn execution_data(it: &ExecutionData) -> Vec<Event> {
    let told = &it.execution;
    let liquidity = match told.last_liquidity {
        Liquidity::None => 0,
        Liquidity::AddedLiquidity => 1,
        Liquidity::RemovedLiquidity => 2,
        Liquidity::LiquidityRoutedOut => 3,
        Liquidity::Unknown(other) => other,
    };
    on_contract(
        "execution",
        &it.contract,
        json!({
            "order": told.order_id,
            "client": told.client_id,
            "id": told.execution_id,
            "time": told.time,
            "account": told.account_number,
            "venue": told.exchange,
            "side": told.side.as_str(),
            "shares": told.shares,
            "price": told.price,
            "perm_id": Some(told.perm_id).filter(|id| *id != 0),
            "cumulative": told.cumulative_quantity,
            "average": told.average_price,
            "reference": told.order_reference,
            "liquidity": liquidity,
        }),
    )
}

pub(super) fn commission(it: &CommissionReport) -> Vec<Event> {
    vec![event(
        "commission",
        json!({
            "id": it.execution_id,
            "commission": it.commission,
            "currency": it.currency,
            "realized": it.realized_pnl,
        }),
    )]
}

/// This client passes on the largest number where a profit is not known.
fn known(number: f64) -> Option<f64> {
    Some(number).filter(|number| *number != f64::MAX)
}

pub(super) fn profit(it: PnL) -> Vec<Event> {
    let daily = known(it.daily_pnl);
    vec![event("pnl", json!({ "daily": daily, "unrealized": it.unrealized_pnl, "realized": it.realized_pnl }))]
}

pub(super) fn single_profit(it: PnLSingle) -> Vec<Event> {
    vec![event(
        "pnl_single",
        json!({
            "position": it.position,
            "daily": known(it.daily_pnl),
            "unrealized": known(it.unrealized_pnl),
            "realized": known(it.realized_pnl),
            "value": known(it.value),
        }),
    )]
}

pub(super) fn account_multi(it: AccountUpdateMulti) -> Vec<Event> {
    vec![match it {
        AccountUpdateMulti::AccountMultiValue(it) => event(
            "account_multi",
            json!({
                "account": it.account, "model": it.model_code, "tag": it.key, "value": it.value, "currency": it.currency,
            }),
        ),
        AccountUpdateMulti::End => event("account_multi_end", json!({})),
    }]
}

pub(super) fn position_multi(it: PositionUpdateMulti) -> Vec<Event> {
    match it {
        PositionUpdateMulti::Position(it) => on_contract(
            "position_multi",
            &it.contract,
            json!({
                "account": it.account, "model": it.model_code, "position": it.position, "cost": it.average_cost,
            }),
        ),
        PositionUpdateMulti::PositionEnd => vec![event("positions_multi_end", json!({}))],
    }
}
