//! The requests of the script with the calls of the Rust client, and what came of them.

use std::{collections::BTreeMap, future::Future, str::FromStr, sync::Arc};

use futures::FutureExt as _;
use ibapi::{market_data::historical, prelude::*, scanner::ScannerSubscription};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    Outcome,
    events::{self, Event, event},
    feed::{Feed, failure, feed},
    script::{Action, Step},
};
use crate::bench::{Bench, PATIENCE, instant, stock};

/// A session of the Rust client.
pub(super) struct RustClient {
    pub(super) client: Arc<Client>,
    notices: NoticeStream,
    /// What goes on answering, by the step that asked.
    feeds: BTreeMap<String, Box<dyn Feed>>,
    /// What was answered at once.
    told: Vec<Event>,
    /// The order ids, by the step that placed the order.
    pub(super) orders: BTreeMap<String, i32>,
}

/// Why the client cannot ask this.
type Cannot = String;

impl RustClient {
    pub(super) async fn connect(bench: &Bench, client_id: i32) -> Self {
        let connecting = Client::builder()
            .address(bench.gateway.addr().to_string())
            .client_id(client_id)
            .one_shot_timeout(PATIENCE)
            .max_reconnect_attempts(1)
            .connect_with_notice_stream();
        let (client, notices) = tokio::time::timeout(PATIENCE, connecting).await.unwrap().unwrap();
        let orders = feed(client.order_update_stream().await.unwrap(), Self::order_update, None);
        let feeds = BTreeMap::from([("orders".to_owned(), orders)]);
        Self { client: Arc::new(client), notices, feeds, told: Vec::new(), orders: BTreeMap::new() }
    }

    pub(super) fn version(&self) -> i32 {
        self.client.server_version()
    }

    pub(super) async fn ask(&mut self, step: &Step) -> Outcome {
        let Action::Ask(ask) = &step.action else { panic!("nothing to ask in `{}`", step.name) };
        match self.question(ask, step).await {
            Ok(()) => Outcome::Asked,
            Err(reason) => Outcome::Cannot(reason),
        }
    }

    /// Waits until the gateway has answered all before, and gives the events since.
    pub(super) async fn fence(&mut self) -> Vec<Event> {
        let nothing = stock("NOSUCH");
        let mut fence = self.client.market_data(&nothing).subscribe().await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, fence.next()).await.expect("the fence is answered");
        assert!(matches!(&answer, Some(Err(Error::Notice(notice))) if notice.code == 200), "{answer:?}");
        let mut told = std::mem::take(&mut self.told);
        for (step, feed) in &mut self.feeds {
            told.extend(feed.drain().into_iter().map(|event| of_step(step, event)));
        }
        while let Some(Some(notice)) = self.notices.next().now_or_never() {
            told.push(of_step("notices", events::notice(&notice)));
        }
        told
    }

    pub(super) async fn quit(self) {
        drop(self.feeds);
        self.client.disconnect().await;
    }

    pub(super) fn tell(&mut self, step: &Step, told: impl IntoIterator<Item = Event>) {
        self.told.extend(told.into_iter().map(|event| of_step(&step.name, event)));
    }

    /// Tells what a call gave, or why it failed.
    pub(super) async fn once<T>(
        &mut self,
        step: &Step,
        call: impl Future<Output = Result<T, Error>>,
        tell: impl FnOnce(T) -> Vec<Event>,
    ) {
        let told = match tokio::time::timeout(PATIENCE, call).await {
            Ok(Ok(answer)) => tell(answer),
            Ok(Err(error)) => vec![failure(&error)],
            Err(_) => vec![event("silence", json!({}))],
        };
        self.tell(step, told);
    }

    pub(super) fn opened(&mut self, step: &Step, outcome: Result<Box<dyn Feed>, Error>) {
        match outcome {
            Ok(feed) => drop(self.feeds.insert(step.name.clone(), feed)),
            Err(error) => self.tell(step, [failure(&error)]),
        }
    }

    async fn question(&mut self, ask: &str, step: &Step) -> Result<(), Cannot> {
        let client = Arc::clone(&self.client);
        let field = |name: &str| &step.fields[name];
        let contract = || contract(field("of"));
        let end = |kind: &str| event(kind, json!({}));
        match ask {
            "time" => {
                let tell = |at: OffsetDateTime| vec![event("time", json!({ "seconds": at.unix_timestamp() }))];
                self.once(step, client.server_time(), tell).await;
            }
            "time_millis" => {
                let millis = |at: OffsetDateTime| (at.unix_timestamp_nanos() / 1_000_000) as i64;
                let tell = |at: OffsetDateTime| vec![event("time_millis", json!({ "millis": millis(at) }))];
                self.once(step, client.server_time_millis(), tell).await;
            }
            "accounts" => {
                let tell = |all: Vec<String>| vec![event("accounts", json!({ "accounts": all.join(",") }))];
                self.once(step, client.managed_accounts(), tell).await;
            }
            "next_id" => {
                self.once(step, client.next_valid_order_id(), |id| vec![event("next_id", json!({ "id": id }))]).await;
            }
            "contracts" => {
                self.once(step, client.contract_details(&contract()), |found| {
                    found.iter().map(events::contract).chain([end("contracts_end")]).collect()
                })
                .await;
            }
            "symbols" => {
                self.once(step, client.matching_symbols(field("pattern").as_str().unwrap()), |found| {
                    found.iter().map(events::symbol).chain([end("symbols_end")]).collect()
                })
                .await;
            }
            "market_rule" => {
                self.once(step, client.market_rule(int(field("rule"))), |rule| {
                    let id = rule.market_rule_id;
                    let told = |it: &ibapi::contracts::PriceIncrement| {
                        event("increment", json!({ "rule": id, "low_edge": it.low_edge, "increment": it.increment }))
                    };
                    rule.price_increments.iter().map(told).collect()
                })
                .await;
            }
            "data_type" => {
                let kind = MarketDataType::from(int(field("type")));
                if kind == MarketDataType::Unknown {
                    return Err("names four types only".to_owned());
                }
                self.once(step, client.switch_market_data_type(kind), |()| Vec::new()).await;
            }
            "market_data" => {
                let contract = contract();
                let ticks: Vec<&str> = field("ticks").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                // Of these ticks, headlines come through a call of their own.
                if let ["mdoff", sources @ ..] = ticks.as_slice() {
                    let sources: Vec<&str> = sources.iter().map(|source| source.trim_start_matches("292:")).collect();
                    let outcome = client.contract_news(&contract, &sources).await;
                    self.opened(step, outcome.map(|it| feed(it, events::news, None)));
                    return Ok(());
                }
                let mut request = client.market_data(&contract).generic_ticks(&ticks);
                if field("snapshot") == true {
                    request = request.snapshot();
                }
                let outcome = request.subscribe().await.map(|it| feed(it, events::tick, None));
                self.opened(step, outcome);
            }
            "broad_tape" => {
                let outcome = client.broad_tape_news(field("of").as_str().unwrap()).await;
                self.opened(step, outcome.map(|it| feed(it, events::news, None)));
            }
            "bars" => return self.bars(step).await,
            "schedule" => {
                let contract = contract();
                let duration = historical::Duration::from_str(field("duration").as_str().unwrap()).unwrap();
                let mut request = client.historical_schedules(&contract, duration);
                if let Some(end) = moment(field("end")) {
                    request = request.ending(end);
                }
                self.once(step, request.fetch(), |it| events::schedule(&it)).await;
            }
            "head" => {
                only_epoch(step)?;
                let (contract, show, hours) = (contract(), show(step)?, hours(step, true));
                let tell = |at: OffsetDateTime| vec![event("head", json!({ "time": at.unix_timestamp() }))];
                self.once(step, client.head_timestamp(&contract, show, hours), tell).await;
            }
            "real_time_bars" => {
                let contract = contract();
                let shown = match field("show").as_str().unwrap_or("TRADES") {
                    "TRADES" => RealtimeWhatToShow::Trades,
                    "MIDPOINT" => RealtimeWhatToShow::MidPoint,
                    "BID" => RealtimeWhatToShow::Bid,
                    "ASK" => RealtimeWhatToShow::Ask,
                    other => return Err(format!("has no {other} in real-time bars")),
                };
                let request = client.realtime_bars(&contract).what_to_show(shown).trading_hours(hours(step, false));
                let outcome = request.subscribe().await.map(|it| feed(it, events::real_time_bar, None));
                self.opened(step, outcome);
            }
            "scanner_parameters" => {
                let tell = |xml| vec![event("scanner_parameters", json!({ "xml": xml }))];
                self.once(step, client.scanner_parameters(), tell).await;
            }
            "scan" => {
                let wanted = ScannerSubscription {
                    instrument: Some("STK".to_owned()),
                    location_code: Some(field("location").as_str().unwrap_or("STK.US.MAJOR").to_owned()),
                    scan_code: Some(field("code").as_str().unwrap().to_owned()),
                    number_of_rows: field("rows").as_i64().map_or(-1, |rows| rows as i32),
                    above_price: field("abovePrice").as_f64(),
                    below_price: field("belowPrice").as_f64(),
                    above_volume: field("aboveVolume").as_i64().map(|volume| volume as i32),
                    ..ScannerSubscription::default()
                };
                let outcome = client.scanner_subscription(&wanted, &[]).await.map(|it| {
                    let rows = |rows: Vec<ibapi::scanner::ScannerData>| {
                        rows.iter().map(events::row).chain([event("rows_end", json!({}))]).collect()
                    };
                    feed(it, rows, None)
                });
                self.opened(step, outcome);
            }
            "news_providers" => {
                self.once(step, client.news_providers(), |all| {
                    all.iter().map(|it| event("provider", json!({ "code": it.code, "name": it.name }))).collect()
                })
                .await;
            }
            "headlines" => {
                let providers: Vec<&str> = field("providers").as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let (Some(from), Some(to)) = (moment(field("from")), moment(field("to"))) else {
                    return Err("always states both ends".to_owned());
                };
                let most = u8::try_from(int(field("most"))).map_err(|_| "asks for 255 headlines at most")?;
                let outcome = client.historical_news(int(field("of")), &providers, from, to, most).await;
                self.opened(step, outcome.map(|it| feed(it, |it| vec![events::headline(&it)], Some("headlines_end"))));
            }
            "article" => {
                let (provider, article) = (field("provider").as_str().unwrap(), field("article").as_str().unwrap());
                let tell = |it: ibapi::news::NewsArticleBody| {
                    vec![event("article", json!({ "type": it.article_type as i32, "text": it.article_text }))]
                };
                self.once(step, client.news_article(provider, article), tell).await;
            }
            "cancel" => return self.cancel(step).await,
            _ => {
                return match self.market_question(ask, step).await {
                    Some(outcome) => outcome,
                    None => self.account_question(ask, step).await,
                };
            }
        }
        Ok(())
    }

    async fn bars(&mut self, step: &Step) -> Result<(), Cannot> {
        only_epoch(step)?;
        let field = |name: &str| &step.fields[name];
        let (client, contract) = (Arc::clone(&self.client), contract(field("of")));
        let wire = field("size").as_str().unwrap();
        let size = bar_size(wire).ok_or_else(|| format!("has no bars of `{wire}`"))?;
        let wire = field("duration").as_str().unwrap();
        let duration = historical::Duration::from_str(wire).map_err(|_| format!("has no duration `{wire}`"))?;
        let request = client.historical_data(&contract, size).what_to_show(show(step)?).trading_hours(hours(step, true));
        let mut request = request.duration(duration);
        if let Some(end) = field("end").as_str().filter(|end| !end.is_empty()) {
            request = request.ending(moment(field("end")).ok_or_else(|| format!("has no time `{end}`"))?);
        }
        if field("go_on") == true {
            let outcome = request.stream().await;
            if let Err(Error::InvalidArgument(reason)) = outcome {
                return Err(reason);
            }
            self.opened(step, outcome.map(|it| feed(it, events::bar_update, None)));
        } else {
            self.once(step, request.fetch(), |data| events::bars(&data)).await;
        }
        Ok(())
    }

    async fn cancel(&mut self, step: &Step) -> Result<(), Cannot> {
        let Some(of) = step.fields["of"].as_str() else {
            return Err("cancels only what it has subscribed to".to_owned());
        };
        if step.fields["kind"] == "order" {
            let client = Arc::clone(&self.client);
            self.once(step, client.cancel_order(self.orders[of], ""), |_| Vec::new()).await;
            return Ok(());
        }
        self.feeds.get(of).ok_or_else(|| format!("`{of}` is not open"))?.cancel().await;
        Ok(())
    }
}

/// Labels an event with the stream that it belongs to.
fn of_step(step: &str, mut event: Event) -> Event {
    event.insert("step".to_owned(), json!(step));
    event
}

pub(super) fn int(value: &Value) -> i32 {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).expect("a whole number")
}

/// A symbol, or the fields of a contract.
pub(super) fn contract(of: &Value) -> Contract {
    let text = |name: &str, otherwise: &str| of[name].as_str().unwrap_or(otherwise).to_owned();
    match of.as_str() {
        Some(symbol) => stock(symbol),
        None => Contract {
            contract_id: of["con_id"].as_i64().unwrap_or_default() as i32,
            symbol: text("symbol", "").into(),
            security_type: match text("sec_type", "STK") {
                none if none.is_empty() => SecurityType::Other(none),
                named => SecurityType::from_str(&named).unwrap(),
            },
            exchange: text("exchange", "SMART").into(),
            currency: text("currency", "USD").into(),
            primary_exchange: text("primary_exchange", "").into(),
            ..Contract::default()
        },
    }
}

/// An instant of the script: RFC 3339.
pub(super) fn moment(value: &Value) -> Option<OffsetDateTime> {
    let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(OffsetDateTime::from_unix_timestamp(instant(&at.to_string()).as_second()).unwrap())
}

fn hours(step: &Step, otherwise: bool) -> TradingHours {
    match step.fields["regular"].as_bool().unwrap_or(otherwise) {
        true => TradingHours::Regular,
        false => TradingHours::Extended,
    }
}

fn show(step: &Step) -> Result<HistoricalWhatToShow, Cannot> {
    let wire = step.fields["show"].as_str().unwrap_or("TRADES");
    HistoricalWhatToShow::from_str(wire).map_err(|_| format!("has no data `{wire}`"))
}

fn only_epoch(step: &Step) -> Result<(), Cannot> {
    match step.fields["format"].as_i64() {
        Some(1) => Err("always asks for epoch seconds".to_owned()),
        _ => Ok(()),
    }
}

/// The bar size that this client writes so.
pub(super) fn bar_size(wire: &str) -> Option<HistoricalBarSize> {
    let names = [
        "SEC", "SEC5", "SEC10", "SEC15", "SEC30", "MIN", "MIN2", "MIN3", "MIN4", "MIN5", "MIN10", "MIN15", "MIN20", "MIN30",
        "HOUR", "HOUR2", "HOUR3", "HOUR4", "HOUR8", "DAY", "WEEK", "MONTH",
    ];
    names.iter().filter_map(|name| HistoricalBarSize::from_str(name).ok()).find(|size| size.to_string() == wire)
}
