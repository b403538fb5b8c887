//! Orders, their states, executions and commissions.

use super::Contract;

/// An order as clients write it and as the gateway tells it again.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Order {
    #[prost(int32, optional, tag = "1")]
    pub(crate) client_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) order_id: Option<i32>,
    #[prost(int64, optional, tag = "3")]
    pub(crate) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "4")]
    pub(crate) parent_id: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub(crate) action: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) total_quantity: Option<String>,
    #[prost(int32, optional, tag = "7")]
    pub(crate) display_size: Option<i32>,
    #[prost(string, optional, tag = "8")]
    pub(crate) order_type: Option<String>,
    #[prost(double, optional, tag = "9")]
    pub(crate) limit_price: Option<f64>,
    #[prost(double, optional, tag = "10")]
    pub(crate) aux_price: Option<f64>,
    #[prost(string, optional, tag = "11")]
    pub(crate) time_in_force: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(crate) account: Option<String>,
    #[prost(bool, optional, tag = "16")]
    pub(crate) all_or_none: Option<bool>,
    #[prost(bool, optional, tag = "18")]
    pub(crate) hidden: Option<bool>,
    #[prost(bool, optional, tag = "19")]
    pub(crate) outside_rth: Option<bool>,
    #[prost(double, optional, tag = "22")]
    pub(crate) trailing_percent: Option<f64>,
    #[prost(double, optional, tag = "23")]
    pub(crate) trail_stop_price: Option<f64>,
    #[prost(int32, optional, tag = "24")]
    pub(crate) min_quantity: Option<i32>,
    #[prost(string, optional, tag = "25")]
    pub(crate) good_after_time: Option<String>,
    #[prost(string, optional, tag = "26")]
    pub(crate) good_till_date: Option<String>,
    #[prost(string, optional, tag = "27")]
    pub(crate) oca_group: Option<String>,
    #[prost(string, optional, tag = "28")]
    pub(crate) order_ref: Option<String>,
    #[prost(int32, optional, tag = "30")]
    pub(crate) oca_type: Option<i32>,
    #[prost(int32, optional, tag = "31")]
    pub(crate) trigger_method: Option<i32>,
    #[prost(int32, optional, tag = "48")]
    pub(crate) scale_initial_size: Option<i32>,
    #[prost(string, optional, tag = "59")]
    pub(crate) hedge_type: Option<String>,
    #[prost(string, optional, tag = "61")]
    pub(crate) algo_strategy: Option<String>,
    #[prost(bool, optional, tag = "65")]
    pub(crate) what_if: Option<bool>,
    #[prost(bool, optional, tag = "66")]
    pub(crate) transmit: Option<bool>,
    #[prost(string, optional, tag = "93")]
    pub(crate) adjusted_order_type: Option<String>,
    #[prost(message, repeated, tag = "100")]
    pub(crate) conditions: Vec<OrderCondition>,
    #[prost(double, optional, tag = "106")]
    pub(crate) cash_quantity: Option<f64>,
    #[prost(string, optional, tag = "115")]
    pub(crate) filled_quantity: Option<String>,
    #[prost(int64, optional, tag = "121")]
    pub(crate) parent_perm_id: Option<i64>,
    #[prost(int32, optional, tag = "123")]
    pub(crate) duration: Option<i32>,
}

/// A condition of an order; only that there is one matters here.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct OrderCondition {
    #[prost(int32, optional, tag = "1")]
    pub(crate) kind: Option<i32>,
}

/// Places an order, or changes the one with this id.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PlaceOrderRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(crate) order: Option<Order>,
    #[prost(message, optional, tag = "4")]
    pub(crate) attached: Option<AttachedOrders>,
}

/// Orders that the gateway would attach by its presets.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct AttachedOrders {
    #[prost(int32, optional, tag = "1")]
    pub(crate) stop_loss_id: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) profit_taker_id: Option<i32>,
}

/// Cancels an order.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct CancelOrderRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
}

/// How an order stands, and what it would cost.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OrderState {
    #[prost(string, optional, tag = "1")]
    pub(crate) status: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(crate) initial_margin_before: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub(crate) maintenance_margin_before: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(crate) equity_before: Option<f64>,
    #[prost(double, optional, tag = "5")]
    pub(crate) initial_margin_change: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(crate) maintenance_margin_change: Option<f64>,
    #[prost(double, optional, tag = "7")]
    pub(crate) equity_change: Option<f64>,
    #[prost(double, optional, tag = "8")]
    pub(crate) initial_margin_after: Option<f64>,
    #[prost(double, optional, tag = "9")]
    pub(crate) maintenance_margin_after: Option<f64>,
    #[prost(double, optional, tag = "10")]
    pub(crate) equity_after: Option<f64>,
    #[prost(double, optional, tag = "11")]
    pub(crate) commission: Option<f64>,
    #[prost(double, optional, tag = "12")]
    pub(crate) least_commission: Option<f64>,
    #[prost(double, optional, tag = "13")]
    pub(crate) most_commission: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(crate) commission_currency: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(crate) margin_currency: Option<String>,
    #[prost(string, optional, tag = "26")]
    pub(crate) reject_reason: Option<String>,
    #[prost(string, optional, tag = "28")]
    pub(crate) warning_text: Option<String>,
    #[prost(string, optional, tag = "29")]
    pub(crate) completed_time: Option<String>,
    #[prost(string, optional, tag = "30")]
    pub(crate) completed_status: Option<String>,
}

/// An order with its contract and its state.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OpenOrder {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(crate) order: Option<Order>,
    #[prost(message, optional, tag = "4")]
    pub(crate) state: Option<OrderState>,
}

/// What is filled of an order and what is left; quantities are texts.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OrderStatus {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) status: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) filled: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) remaining: Option<String>,
    #[prost(double, optional, tag = "5")]
    pub(crate) average_price: Option<f64>,
    #[prost(int64, optional, tag = "6")]
    pub(crate) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "7")]
    pub(crate) parent_id: Option<i32>,
    #[prost(double, optional, tag = "8")]
    pub(crate) last_price: Option<f64>,
    #[prost(int32, optional, tag = "9")]
    pub(crate) client_id: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub(crate) why_held: Option<String>,
    #[prost(double, optional, tag = "11")]
    pub(crate) market_cap_price: Option<f64>,
}

/// An order that has ended.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CompletedOrder {
    #[prost(message, optional, tag = "1")]
    pub(crate) contract: Option<Contract>,
    #[prost(message, optional, tag = "2")]
    pub(crate) order: Option<Order>,
    #[prost(message, optional, tag = "3")]
    pub(crate) state: Option<OrderState>,
}

/// One trade of the account.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Execution {
    #[prost(int32, optional, tag = "1")]
    pub(crate) order_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) execution_id: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) exchange: Option<String>,
    /// `BOT` or `SLD`.
    #[prost(string, optional, tag = "6")]
    pub(crate) side: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(crate) shares: Option<String>,
    #[prost(double, optional, tag = "8")]
    pub(crate) price: Option<f64>,
    #[prost(int64, optional, tag = "9")]
    pub(crate) perm_id: Option<i64>,
    #[prost(int32, optional, tag = "10")]
    pub(crate) client_id: Option<i32>,
    #[prost(string, optional, tag = "12")]
    pub(crate) cumulative: Option<String>,
    #[prost(double, optional, tag = "13")]
    pub(crate) average_price: Option<f64>,
    #[prost(string, optional, tag = "14")]
    pub(crate) order_ref: Option<String>,
    /// 1 added liquidity, 2 removed it.
    #[prost(int32, optional, tag = "18")]
    pub(crate) liquidity: Option<i32>,
}

/// An execution with its contract; request id -1 when it was not asked for.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ExecutionDetails {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Contract>,
    #[prost(message, optional, tag = "3")]
    pub(crate) execution: Option<Execution>,
}

/// What an execution cost and brought.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CommissionReport {
    #[prost(string, optional, tag = "1")]
    pub(crate) execution_id: Option<String>,
    #[prost(double, optional, tag = "2")]
    pub(crate) commission: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub(crate) currency: Option<String>,
    #[prost(double, optional, tag = "4")]
    pub(crate) realized: Option<f64>,
}

/// Asks for executions.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ExecutionRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) filter: Option<ExecutionFilter>,
}

/// Which executions; what is left out matches all.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ExecutionFilter {
    #[prost(int32, optional, tag = "1")]
    pub(crate) client_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) account: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) time: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) symbol: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) sec_type: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(crate) side: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(crate) last_days: Option<i32>,
    /// Dates as numbers, 20260105.
    #[prost(int32, repeated, tag = "9")]
    pub(crate) dates: Vec<i32>,
}
