//! Account requests of the script with the calls of the Rust client.

use std::sync::Arc;

use ibapi::{orders::Order, prelude::*};
use serde_json::{Value, json};

use super::{
    account_events as told,
    events::{Event, event},
    feed::feed,
    rust_client::{RustClient, contract, int},
    script::Step,
};

impl RustClient {
    pub(super) async fn account_question(&mut self, ask: &str, step: &Step) -> Result<(), String> {
        let client = Arc::clone(&self.client);
        let field = |name: &str| &step.fields[name];
        let account = || AccountId(field("account").as_str().unwrap_or_default().to_owned());
        match ask {
            "account_summary" => {
                let tags: Vec<&str> = field("tags").as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let outcome = client.account_summary(&AccountGroup("All".to_owned()), &tags).await;
                self.opened(step, outcome.map(|it| feed(it, told::summary, None)));
            }
            "account_updates" => {
                let outcome = client.account_updates(&account()).await;
                self.opened(step, outcome.map(|it| feed(it, told::account_update, None)));
            }
            "positions" => {
                let outcome = client.positions().await;
                self.opened(step, outcome.map(|it| feed(it, told::position, None)));
            }
            "open_orders" => {
                let outcome = client.open_orders().await;
                self.opened(step, outcome.map(|it| feed(it, |it| told::order(it, "order"), Some("orders_end"))));
            }
            "all_open_orders" => {
                let outcome = client.all_open_orders().await;
                self.opened(step, outcome.map(|it| feed(it, |it| told::order(it, "order"), Some("orders_end"))));
            }
            "auto_open_orders" => {
                let outcome = client.auto_open_orders(field("bind") == true).await;
                self.opened(step, outcome.map(|it| feed(it, |it| told::order(it, "order"), Some("orders_end"))));
            }
            "completed_orders" => {
                let outcome = client.completed_orders(false).await;
                self.opened(step, outcome.map(|it| feed(it, |it| told::order(it, "completed"), Some("completed_end"))));
            }
            "executions" => {
                let filter = ExecutionFilter {
                    symbol: field("symbol").as_str().unwrap_or_default().to_owned(),
                    ..ExecutionFilter::default()
                };
                let outcome = client.executions(filter).await;
                self.opened(step, outcome.map(|it| feed(it, told::execution, Some("executions_end"))));
            }
            "pnl" => {
                let outcome = client.pnl(&account(), None).await;
                self.opened(step, outcome.map(|it| feed(it, told::profit, None)));
            }
            "pnl_single" => {
                let outcome = client.pnl_single(&account(), ContractId(int(field("of"))), None).await;
                self.opened(step, outcome.map(|it| feed(it, told::single_profit, None)));
            }
            "account_multi" => {
                let outcome = client.account_updates_multi(Some(&account()), None).await;
                self.opened(step, outcome.map(|it| feed(it, told::account_multi, None)));
            }
            "positions_multi" => {
                let outcome = client.positions_multi(Some(&account()), None).await;
                self.opened(step, outcome.map(|it| feed(it, told::position_multi, None)));
            }
            "place" => return self.place(step).await,
            "cancel_all" => self.once(step, client.global_cancel(), |()| Vec::new()).await,
            other => return Err(format!("has no call for {other}")),
        }

        Ok(())
    }

    async fn place(&mut self, step: &Step) -> Result<(), String> {
        let field = |name: &str| &step.fields[name];
        let text = |name: &str| field(name).as_str().map(str::to_owned);
        let id = match field("changes").as_str() {
            Some(changed) => self.orders[changed],
            None => *self.orders.entry(step.name.clone()).or_insert_with(|| self.client.next_order_id()),
        };
        let order = Order {
            action: if field("side") == "BUY" { Action::Buy } else { Action::Sell },
            total_quantity: field("quantity").as_f64().unwrap(),
            order_type: text("type").unwrap(),
            limit_price: field("limit").as_f64(),
            aux_price: field("aux").as_f64(),
            transmit: field("transmit") != false,
            parent_id: field("parent").as_str().map_or(0, |parent| self.orders[parent]),
            order_ref: text("reference").unwrap_or_default(),
            ..Order::default()
        };
        let contract = contract(field("of"));
        let client = Arc::clone(&self.client);
        self.once(step, client.submit_order(id, &contract, &order), |()| Vec::new()).await;
        Ok(())
    }

    /// Everything that is told of orders, asked for or not.
    pub(super) fn order_update(it: OrderUpdate) -> Vec<Event> {
        match it {
            OrderUpdate::OrderStatus(it) => told::status(&it),
            OrderUpdate::OpenOrder(it) => told::order_data(&it, "order"),
            OrderUpdate::ExecutionData(it) => told::execution_data(&it),
            OrderUpdate::CommissionReport(it) => told::commission(&it),
            other => vec![event("unforeseen", json!({ "what": format!("{other:?}") }))],
        }
    }
}
