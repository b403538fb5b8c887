//! Account requests of the script with the calls of the Rust client.

use std::sync::Arc;

use ibapi::prelude::*;
use serde_json::Value;

use super::{account_events as told, feed::feed, rust_client::RustClient, script::Step};

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
            other => return Err(format!("has no call for {other}")),
        }

        Ok(())
    }
}
