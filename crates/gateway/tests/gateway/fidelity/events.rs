//! What the Rust client decoded, in the words that both clients share (see `answers.py`).

use ibapi::{
    Notice,
    contracts::{Contract, ContractDescription, ContractDetails},
    market_data::{
        historical::{Bar, BarTimestamp, HistoricalBarUpdate, HistoricalData, Schedule},
        realtime::{self, TickAttribute, TickTypes},
    },
    news::NewsArticle,
    scanner::ScannerData,
};
use serde_json::{Map, Value, json};
use time::{Date, OffsetDateTime};

pub(super) type Event = Map<String, Value>;

/// An event of a kind; fields that are unset or empty are left out.
pub(super) fn event(kind: &str, fields: Value) -> Event {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    let set = fields.into_iter().filter(|(_, value)| !value.is_null() && value != "");
    set.chain([("is".to_owned(), json!(kind))]).collect()
}

fn with(kind: &str, first: Value, second: Value) -> Event {
    let mut all = event(kind, first);
    all.extend(event(kind, second));
    all
}

/// Zero is what this client has for an absent number.
fn nonzero(number: impl Into<f64>) -> Option<f64> {
    Some(number.into()).filter(|number| *number != 0.0)
}

fn integer(number: i32) -> Option<i32> {
    Some(number).filter(|number| *number != 0)
}

pub(super) fn notice(notice: &Notice) -> Event {
    let millis = notice.error_time.map(|at| (at.unix_timestamp_nanos() / 1_000_000) as i64);
    let reject = notice.advanced_order_reject_json.as_str();
    event("error", json!({ "time_ms": millis, "code": notice.code, "text": notice.message, "reject": reject }))
}

pub(super) fn contract_fields(it: &Contract) -> Value {
    json!({
        "con_id": integer(it.contract_id),
        "symbol": it.symbol.as_str(),
        "sec_type": it.security_type.as_str(),
        "expiry": it.last_trade_date_or_contract_month,
        "strike": nonzero(it.strike),
        "right": it.right.map(|right| right.as_str()),
        "multiplier": it.multiplier,
        "exchange": it.exchange.as_str(),
        "primary_exchange": it.primary_exchange.as_str(),
        "currency": it.currency.as_str(),
        "local_symbol": it.local_symbol,
        "trading_class": it.trading_class,
        "description": it.description,
        "issuer": it.issuer_id,
        "legs": it.combo_legs_description,
    })
}

pub(super) fn contract(it: &ContractDetails) -> Event {
    let securities: Vec<String> = it.sec_id_list.iter().map(|pair| format!("{}={}", pair.tag, pair.value)).collect();
    let details = json!({
        "market_name": it.market_name,
        "min_tick": nonzero(it.min_tick),
        "order_types": it.order_types.join(","),
        "valid_exchanges": it.valid_exchanges.join(","),
        "price_magnifier": integer(it.price_magnifier),
        "under_con_id": integer(it.under_contract_id),
        "long_name": it.long_name,
        "contract_month": it.contract_month,
        "industry": it.industry,
        "category": it.category,
        "subcategory": it.subcategory,
        "time_zone": it.time_zone_id,
        "trading_hours": it.trading_hours.join(";"),
        "liquid_hours": it.liquid_hours.join(";"),
        "aggregated_group": integer(it.agg_group),
        "market_rule_ids": it.market_rule_ids.join(","),
        "stock_type": it.stock_type,
        "min_size": it.min_size,
        "size_increment": it.size_increment,
        "suggested_size_increment": it.suggested_size_increment,
        "securities": securities.join(","),
    });
    with("contract", contract_fields(&it.contract), details)
}

pub(super) fn symbol(it: &ContractDescription) -> Event {
    with("symbol", contract_fields(&it.contract), json!({ "derivatives": it.derivative_security_types.join(",") }))
}

pub(super) fn row(it: &ScannerData) -> Event {
    let details = &it.contract_details;
    let rest = json!({ "rank": it.rank, "market_name": details.market_name, "combo": it.leg });
    with("row", contract_fields(&details.contract), rest)
}

fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

fn bar_time(time: BarTimestamp) -> Value {
    match time {
        BarTimestamp::Date(date) => json!(compact(date)),
        BarTimestamp::DateTime(at) => json!(at.unix_timestamp()),
    }
}

pub(super) fn bar(kind: &str, it: &Bar) -> Event {
    let prices = json!({ "open": it.open, "high": it.high, "low": it.low, "close": it.close });
    let rest = json!({ "time": bar_time(it.date), "volume": it.volume, "wap": it.wap, "count": it.count });
    with(kind, prices, rest)
}

pub(super) fn bars(data: &HistoricalData) -> Vec<Event> {
    let mut events: Vec<Event> = data.bars.iter().map(|it| bar("bar", it)).collect();
    events.push(bars_end(data.start, data.end));
    events
}

fn bars_end(start: OffsetDateTime, end: OffsetDateTime) -> Event {
    event("bars_end", json!({ "start": start.unix_timestamp(), "end": end.unix_timestamp() }))
}

pub(super) fn bar_update(update: HistoricalBarUpdate) -> Vec<Event> {
    match update {
        HistoricalBarUpdate::Historical(data) => data.bars.iter().map(|it| bar("bar", it)).collect(),
        HistoricalBarUpdate::Update(it) => vec![bar("bar_update", &it)],
        HistoricalBarUpdate::End { start, end } => vec![bars_end(start, end)],
    }
}

pub(super) fn schedule(it: &Schedule) -> Vec<Event> {
    let span = |start: OffsetDateTime, end: OffsetDateTime| json!({ "start": start.unix_timestamp(), "end": end.unix_timestamp(), "zone": it.time_zone });
    let mut events = vec![event("schedule", span(it.start, it.end))];
    events.extend(
        it.sessions
            .iter()
            .map(|session| with("session", span(session.start, session.end), json!({ "date": compact(session.reference) }))),
    );
    events
}

pub(super) fn real_time_bar(it: realtime::Bar) -> Vec<Event> {
    let prices = json!({ "open": it.open, "high": it.high, "low": it.low, "close": it.close });
    let rest = json!({ "time": it.date.unix_timestamp(), "volume": it.volume, "wap": it.wap, "count": it.count });
    vec![with("real_time_bar", prices, rest)]
}

pub(super) fn tick(tick: TickTypes) -> Vec<Event> {
    let price = |tick: i32, price: f64, flags: &TickAttribute| {
        let flags = json!({ "auto": flags.can_auto_execute, "past_limit": flags.past_limit, "pre_open": flags.pre_open });
        with("price", json!({ "tick": tick, "price": price }), flags)
    };
    let size = |tick: i32, size: f64| event("size", json!({ "tick": tick, "size": size }));
    match tick {
        TickTypes::Price(it) => vec![price(it.tick_type as i32, it.price, &it.attributes)],
        TickTypes::Size(it) => vec![size(it.tick_type as i32, it.size)],
        // One message: the other client tells of it as two.
        TickTypes::PriceSize(it) => {
            vec![price(it.price_tick_type as i32, it.price, &it.attributes), size(it.size_tick_type as i32, it.size)]
        }
        TickTypes::String(it) => vec![event("text", json!({ "tick": it.tick_type as i32, "value": it.value }))],
        TickTypes::Generic(it) => vec![event("generic", json!({ "tick": it.tick_type as i32, "value": it.value }))],
        TickTypes::SnapshotEnd => vec![event("snapshot_end", json!({}))],
        TickTypes::MarketDataType(kind) => vec![event("data_type", json!({ "type": kind as i32 }))],
        TickTypes::RequestParameters(it) => vec![event(
            "tick_parameters",
            json!({
                "min_tick": it.min_tick,
                "bbo_exchange": it.bbo_exchange,
                "snapshot_permissions": it.snapshot_permissions,
            }),
        )],
        other => vec![event("unforeseen", json!({ "what": format!("{other:?}") }))],
    }
}

/// A headline as it appears.
pub(super) fn news(it: NewsArticle) -> Vec<Event> {
    let millis = (it.time.unix_timestamp_nanos() / 1_000_000) as i64;
    vec![event(
        "news",
        json!({
            "time_ms": millis,
            "provider": it.provider_code,
            "article": it.article_id,
            "title": it.headline,
            "extra": it.extra_data,
        }),
    )]
}

/// A headline of the past.
pub(super) fn headline(it: &NewsArticle) -> Event {
    let time = it.time.unix_timestamp();
    event("headline", json!({ "time": time, "provider": it.provider_code, "article": it.article_id, "title": it.headline }))
}

/// Times that the other client leaves as text, in seconds: the end of bars, schedules, past headlines.
pub(super) fn in_seconds(event: &mut Event) {
    if !["bars_end", "schedule", "session", "headline"].iter().any(|kind| event["is"] == *kind) {
        return;
    }
    let zone = event.get("zone").and_then(Value::as_str).unwrap_or("UTC").to_owned();
    for name in ["start", "end", "time"] {
        let seconds = event.get(name).and_then(Value::as_str).and_then(|text| seconds(text, &zone));
        if let Some(seconds) = seconds {
            event.insert(name.to_owned(), json!(seconds));
        }
    }
}

/// Reads `20260105 10:00:00 US/Eastern`, `20260105-10:00:00` in `zone`, and `2026-01-05 10:00:00.0`.
fn seconds(text: &str, zone: &str) -> Option<i64> {
    let with_zone = jiff::fmt::strtime::parse("%Y%m%d %H:%M:%S %Q", text).and_then(|parsed| parsed.to_zoned());
    if let Ok(zoned) = with_zone {
        return Some(zoned.timestamp().as_second());
    }
    let local = ["%Y%m%d-%H:%M:%S", "%Y-%m-%d %H:%M:%S.0"]
        .iter()
        .find_map(|format| jiff::civil::DateTime::strptime(format, text).ok())?;
    Some(local.in_tz(zone).ok()?.timestamp().as_second())
}
