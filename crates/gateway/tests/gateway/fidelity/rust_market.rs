//! Requests of the script for single ticks, books and rarer things with the calls of the Rust client.

use std::sync::Arc;

use ibapi::{news::NewsBulletin, prelude::*};
use serde_json::json;

use super::{
    events::event,
    feed::feed,
    rust_client::{RustClient, bar_size, contract, int, moment},
    script::Step,
    tick_events as told,
};

impl RustClient {
    /// `None` when the question is not of this kind.
    pub(super) async fn market_question(&mut self, ask: &str, step: &Step) -> Option<Result<(), String>> {
        let client = Arc::clone(&self.client);
        let field = |name: &str| &step.fields[name];
        let contract = || contract(field("of"));
        let end = |kind: &str| event(kind, json!({}));
        match ask {
            "tick_by_tick" => {
                let contract = contract();
                let request = client.tick_by_tick(&contract, 0);
                let outcome = match field("tick").as_str().unwrap() {
                    "Last" => request.last().await.map(|it| feed(it, told::trade, None)),
                    "AllLast" => request.all_last().await.map(|it| feed(it, told::trade, None)),
                    "BidAsk" => request.bid_ask(IgnoreSize::No).await.map(|it| feed(it, told::bid_ask, None)),
                    "MidPoint" => request.mid_point().await.map(|it| feed(it, told::mid_point, None)),
                    other => return Some(Err(format!("has no ticks of {other}"))),
                };
                self.opened(step, outcome);
            }
            "depth" | "smart_depth" => {
                let contract = contract();
                let smart = if ask == "depth" { SmartDepth::No } else { SmartDepth::Yes };
                let request = client.market_depth(&contract, int(field("rows"))).smart_depth(smart);
                let outcome = request.subscribe().await.map(|it| feed(it, told::depth, None));
                self.opened(step, outcome);
            }
            "depth_exchanges" => {
                self.once(step, client.market_depth_exchanges(), |all| all.iter().map(told::depth_exchange).collect()).await;
            }
            "past_ticks" => {
                let contract = contract();
                let mut request = client.historical_ticks(&contract, int(field("number"))).trading_hours(TradingHours::Extended);
                if let Some(from) = moment(field("from")) {
                    request = request.starting(from);
                }
                if let Some(to) = moment(field("to")) {
                    request = request.ending(to);
                }
                let end = Some("past_ticks_end");
                let outcome = match field("show").as_str().unwrap() {
                    "TRADES" => request.trade().await.map(|it| feed(it, told::past_trade, end)),
                    "BID_ASK" => request.bid_ask(IgnoreSize::No).await.map(|it| feed(it, told::past_bid_ask, end)),
                    "MIDPOINT" => request.mid_point().await.map(|it| feed(it, told::past_mid_point, end)),
                    other => return Some(Err(format!("has no past ticks of {other}"))),
                };
                self.opened(step, outcome);
            }
            "histogram" => {
                let wire = field("period").as_str().unwrap();
                let Some(period) = bar_size(wire) else { return Some(Err(format!("has no period `{wire}`"))) };
                let contract = contract();
                let asked = client.histogram_data(&contract, TradingHours::Regular, period);
                self.once(step, asked, |entries| told::histogram(&entries)).await;
            }
            "smart_components" => {
                self.once(step, client.smart_components(field("code").as_str().unwrap()), |all| {
                    let told = |it: &ibapi::contracts::SmartComponent| {
                        event("component", json!({ "bit": it.bit_number, "exchange": it.exchange, "letter": it.exchange_letter }))
                    };
                    all.iter().map(told).chain([end("components_end")]).collect()
                })
                .await;
            }
            "user_info" => {
                let tell = |it: ibapi::accounts::UserInfo| vec![event("user_info", json!({ "branding": it.white_branding_id }))];
                self.once(step, client.user_info(), tell).await;
            }
            "bulletins" => {
                let tell = |it: NewsBulletin| {
                    let fields =
                        json!({ "id": it.message_id, "type": it.message_type, "text": it.message, "exchange": it.exchange });
                    vec![event("bulletin", fields)]
                };
                let outcome = client.news_bulletins(true).await.map(|it| feed(it, tell, None));
                self.opened(step, outcome);
            }
            "families" => {
                self.once(step, client.family_codes(), |all| {
                    all.iter().map(|it| event("family", json!({ "account": it.account_id, "code": it.family_code }))).collect()
                })
                .await;
            }
            "tiers" => {
                self.once(step, client.soft_dollar_tiers(), |all| {
                    let told = |it: &ibapi::orders::SoftDollarTier| {
                        event("tier", json!({ "name": it.name, "value": it.value, "shown": it.display_name }))
                    };
                    all.iter().map(told).chain([end("tiers_end")]).collect()
                })
                .await;
            }
            "event_calendar" => {
                let tell = |it| vec![event("unforeseen", json!({ "what": format!("{it:?}") }))];
                self.once(step, client.wsh_metadata(), tell).await;
            }
            "display_groups" => {
                let tell = |it| vec![event("unforeseen", json!({ "what": format!("{it:?}") }))];
                self.once(step, client.display_groups(), tell).await;
            }
            "implied_volatility" => {
                let tell = |it| vec![event("unforeseen", json!({ "what": format!("{it:?}") }))];
                let contract = contract();
                self.once(step, client.calculate_implied_volatility(&contract, 10.0, 210.0), tell).await;
            }
            _ => return None,
        }
        Some(Ok(()))
    }
}
