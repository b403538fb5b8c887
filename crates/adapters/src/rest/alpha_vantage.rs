//! Alpha Vantage (`/query`): `TIME_SERIES_INTRADAY`, `TIME_SERIES_DAILY`, `GLOBAL_QUOTE`.
//!
//! Every answer has status 200; what it is, its first key says: a table, `Error Message` (unknown symbol, wrong key), or
//! `Note` and `Information` (asked too often, or not part of the plan; the free plan's notice mentions both, and quotes
//! the key). Times are New York wall-clock time, at the start of a minute, 04:00 to 20:00. Prices are as traded, not
//! adjusted. A free key may ask 25 times a day: enough for few symbols, so it belongs at the end of the order.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bellwether::market::{Bar, Calendar, Clock, MissingReason, Quote, Symbol};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    door::{Answer, Ask, Door, refused},
    http_config::{HttpConfig, address, secret_of},
    rows::{self, Prices},
};
use crate::{
    error::{AdapterError, Result},
    market_data::{BarSource, QuoteSource, SourcedQuote},
};

/// Requests a minute and a day that a free key may make.
const FREE: (u32, u32) = (5, 25);
/// Days of `outputsize=compact`.
const COMPACT: u32 = 100;
/// How long the service is left alone once the day's requests are used up.
const UNTIL_LATER: Duration = Duration::from_secs(3_600);
const A_MINUTE: Duration = Duration::from_secs(60);

/// Settings of [`AlphaVantageSource`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `base_url` | <https://www.alphavantage.co> | where it is | https |
/// | `api_key_env` | ALPHA_VANTAGE_API_KEY | environment variable with the key | set |
/// | `format` | csv | how series are asked for; csv is a third of the size | csv, json |
/// | `entitlement` | end_of_day | what the key is entitled to; anything but `realtime` counts as delayed | end_of_day, delayed, realtime |
/// | `full_history` | false | more than 100 daily bars, which the free plan refuses | |
/// | `http` | 5 a minute, 25 a day | see [`HttpConfig`] | |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlphaVantageConfig {
    /// Where it is.
    pub base_url: String,
    /// Environment variable with the key.
    pub api_key_env: String,
    /// How series are asked for.
    pub format: SeriesFormat,
    /// What the key is entitled to.
    pub entitlement: Entitlement,
    /// More than 100 daily bars may be asked for.
    pub full_history: bool,
    /// How it is asked.
    pub http: HttpConfig,
}

/// Format of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesFormat {
    /// A table in text.
    #[default]
    Csv,
    /// An object keyed by time.
    Json,
}

/// What a key is entitled to, as the service names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// Nothing named: yesterday's data.
    #[default]
    EndOfDay,
    /// 15 minutes behind.
    Delayed,
    /// Of the moment.
    Realtime,
}

impl Default for AlphaVantageConfig {
    fn default() -> Self {
        Self {
            base_url: "https://www.alphavantage.co".to_owned(),
            api_key_env: "ALPHA_VANTAGE_API_KEY".to_owned(),
            format: SeriesFormat::Csv,
            entitlement: Entitlement::EndOfDay,
            full_history: false,
            http: HttpConfig::default(),
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct AlphaVantageSource {
    door: Door,
    key: SecretString,
    config: AlphaVantageConfig,
    clock: Arc<dyn Clock>,
}

impl AlphaVantageSource {
    /// A source with these settings and the key from the environment. Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range, or the variable is not set.
    pub fn open(config: &AlphaVantageConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_key(config, secret_of("api_key_env", &config.api_key_env)?, clock)
    }

    /// A source with these settings and this key.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn with_key(config: &AlphaVantageConfig, key: SecretString, clock: Arc<dyn Clock>) -> Result<Self> {
        let agent = concat!("bellwether/", env!("CARGO_PKG_VERSION"));
        let door = Door::open(address(&config.base_url)?, agent, config.http.clone(), (FREE.0, Some(FREE.1)))?;
        Ok(Self { door, key, config: config.clone(), clock })
    }

    async fn answer(&self, what: &str, function: &str, symbol: &Symbol, more: Vec<(&'static str, String)>) -> Result<Answer> {
        let spelled = symbol.as_str().replace(['.', '/'], "-");
        let mut ask = Ask::get(what, "/query").query("function", function).query("symbol", spelled);
        for (name, value) in more {
            ask = ask.query(name, value);
        }
        ask = match self.config.entitlement {
            Entitlement::EndOfDay => ask,
            Entitlement::Delayed => ask.query("entitlement", "delayed"),
            Entitlement::Realtime => ask.query("entitlement", "realtime"),
        };
        let answer = self.door.ask(ask.secret_query("apikey", self.key.clone())).await?;
        if !answer.status.is_success() {
            let reason = match answer.status.as_u16() {
                401 | 403 => MissingReason::NoPermission,
                _ => MissingReason::BadData,
            };
            return Err(refused(what, reason, Some(i32::from(answer.status.as_u16())), answer.words()));
        }
        match self.complaint(what, &answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// What the service says instead of data, whatever format was asked for.
    fn complaint(&self, what: &str, answer: &Answer) -> Option<AdapterError> {
        if !answer.body.trim_start().starts_with('{') {
            return None;
        }
        let Ok(object) = answer.document::<Map<String, Value>>(what) else { return None };
        let said = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(words) = said("Error Message") {
            let reason = match words.to_ascii_lowercase().contains("apikey") {
                true => MissingReason::NoPermission,
                false => MissingReason::UnknownContract,
            };
            return Some(refused(what, reason, None, words));
        }
        let words = said("Note").or_else(|| said("Information"))?;
        let lower = words.to_ascii_lowercase();
        let any = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
        // The notice about asking too often also advertises premium plans: it is looked for first.
        if any(&["rate limit", "call frequency", "spreading out", "more sparingly", "calls per minute", "requests per minute"]) {
            let rest =
                if any(&["per day"]) && !any(&["per minute", "per second", "spreading out"]) { UNTIL_LATER } else { A_MINUTE };
            self.door.close_for(rest, "it was asked too often");
            return Some(refused(what, MissingReason::Pacing, None, words));
        }
        let reason =
            if any(&["premium", "demo", "api key", "entitle"]) { MissingReason::NoPermission } else { MissingReason::BadData };
        Some(refused(what, reason, None, words))
    }

    /// The rows of a series: New York date and time, prices. Dates alone are midnight.
    fn series(&self, what: &str, answer: &Answer) -> Result<Vec<(DateTime, Prices)>> {
        match answer.body.trim_start().starts_with('{') {
            true => json_series(what, answer),
            false => csv_series(what, &answer.body),
        }
    }

    fn format(&self) -> (&'static str, String) {
        ("datatype", if self.config.format == SeriesFormat::Csv { "csv" } else { "json" }.to_owned())
    }
}

fn bad(what: &str, detail: String) -> AdapterError {
    refused(what, MissingReason::BadData, None, detail)
}

fn moment(text: &str) -> Option<DateTime> {
    match text.len() {
        ..=10 => text.parse::<Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight())),
        _ => text.parse().ok(),
    }
}

fn json_series(what: &str, answer: &Answer) -> Result<Vec<(DateTime, Prices)>> {
    let object: Map<String, Value> = answer.document(what)?;
    if object.is_empty() {
        return Ok(Vec::new());
    }
    let series = object.iter().find(|(key, _)| key.starts_with("Time Series")).and_then(|(_, series)| series.as_object());
    let series = series.ok_or_else(|| {
        let keys: Vec<&str> = object.keys().map(String::as_str).collect();
        bad(what, format!("no `Time Series …` in the answer; it has {}", keys.join(", ")))
    })?;
    let row = |(time, fields): (&String, &Value)| {
        let at = moment(time).ok_or_else(|| bad(what, format!("`{time}` is not a time")))?;
        let number = |name: &str| {
            // Keys are numbered, `1. open`, and not by the same numbers everywhere.
            let found = fields.as_object().and_then(|fields| fields.iter().find(|(key, _)| key.ends_with(&format!(". {name}"))));
            let text = found.and_then(|(_, value)| value.as_str());
            text.and_then(|text| text.trim().parse::<f64>().ok())
                .ok_or_else(|| bad(what, format!("no number `{name}` in the row of {time}")))
        };
        let (open, high, low, close) = (number("open")?, number("high")?, number("low")?, number("close")?);
        Ok((at, Prices { open, high, low, close, volume: number("volume")? }))
    };
    series.iter().map(row).collect()
}

fn csv_series(what: &str, body: &str) -> Result<Vec<(DateTime, Prices)>> {
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(head) = lines.next() else { return Ok(Vec::new()) };
    let names: Vec<&str> = head.split(',').map(str::trim).collect();
    let place = |name: &str| {
        names
            .iter()
            .position(|known| *known == name)
            .ok_or_else(|| bad(what, format!("no column `{name}` in the table; its head is `{}`", shortened(head))))
    };
    let columns = [place("open")?, place("high")?, place("low")?, place("close")?, place("volume")?];
    let time = place("timestamp")?;
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let wrong = || bad(what, format!("`{}` is not a row of {head}", shortened(line)));
        if cells.len() != names.len() {
            return Err(wrong());
        }
        let at = moment(cells[time]).ok_or_else(wrong)?;
        let mut numbers = [0.0; 5];
        for (number, column) in numbers.iter_mut().zip(columns) {
            *number = cells[column].parse().map_err(|_| wrong())?;
        }
        let [open, high, low, close, volume] = numbers;
        Ok((at, Prices { open, high, low, close, volume }))
    };
    lines.map(row).collect()
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

fn or_none(what: &str, bars: Vec<Bar>) -> Result<Vec<Bar>> {
    match bars.is_empty() {
        true => Err(refused(what, MissingReason::NoData, None, "the series has no complete bar of the time asked for")),
        false => Ok(bars),
    }
}

#[async_trait]
impl BarSource for AlphaVantageSource {
    /// One request for each month that the time touches.
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("minute bars of {symbol}");
        let (mut month, last) = (Calendar.local_date(from).first_of_month(), Calendar.local_date(until).first_of_month());
        let mut bars = Vec::new();
        while month <= last {
            let more = vec![
                ("interval", "1min".to_owned()),
                ("month", month.strftime("%Y-%m").to_string()),
                ("outputsize", "full".to_owned()),
                ("extended_hours", "true".to_owned()),
                ("adjusted", "false".to_owned()),
                self.format(),
            ];
            let answer = self.answer(&what, "TIME_SERIES_INTRADAY", symbol, more).await?;
            let series = self.series(&what, &answer)?;
            let rows = series.into_iter().map(|(local, prices)| (Calendar.at(local.date(), local.time()), prices));
            bars.extend(rows::minutes(rows, from, until));
            month = month.last_of_month().tomorrow().map_err(|_| bad(&what, format!("{month} is outside the calendar")))?;
        }
        or_none(&what, bars)
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("daily bars of {symbol}");
        let full = self.config.full_history && rows::first_day(sessions, end)? < rows::first_day(COMPACT, self.clock.now())?;
        let size = if full { "full" } else { "compact" }.to_owned();
        let answer = self.answer(&what, "TIME_SERIES_DAILY", symbol, vec![("outputsize", size), self.format()]).await?;
        let series = self.series(&what, &answer)?;
        or_none(&what, rows::days(&what, series.into_iter().map(|(local, prices)| (local.date(), prices)), sessions, end)?)
    }

    fn bars_delayed(&self) -> bool {
        self.config.entitlement != Entitlement::Realtime
    }
}

#[async_trait]
impl QuoteSource for AlphaVantageSource {
    /// The last price and volume of the last trading day that the service knows; there is no bid and no offer.
    async fn quotes(&self, symbols: &[Symbol]) -> Vec<Result<SourcedQuote>> {
        let asked = symbols.iter().map(|symbol| self.global_quote(symbol));
        futures::future::join_all(asked).await
    }
}

impl AlphaVantageSource {
    async fn global_quote(&self, symbol: &Symbol) -> Result<SourcedQuote> {
        let what = format!("quote of {symbol}");
        let answer = self.answer(&what, "GLOBAL_QUOTE", symbol, Vec::new()).await?;
        let object: Map<String, Value> = answer.document(&what)?;
        // `Global Quote - DATA DELAYED BY 15 MINUTES` where the key is entitled to delayed quotes.
        let quote = object.iter().find(|(key, _)| key.starts_with("Global Quote")).and_then(|(_, quote)| quote.as_object());
        let quote = quote.ok_or_else(|| bad(&what, "no `Global Quote` in the answer".to_owned()))?;
        if quote.is_empty() {
            return Err(refused(&what, MissingReason::UnknownContract, None, "the service knows no such symbol"));
        }
        let text =
            |name: &str| quote.iter().find(|(key, _)| key.ends_with(&format!(". {name}"))).and_then(|(_, value)| value.as_str());
        let number = |name: &str| text(name).and_then(|text| text.trim().parse::<f64>().ok());
        let last = number("price").filter(|price| price.is_finite() && *price > 0.0);
        let last = last.ok_or_else(|| bad(&what, "no `price` in the quote".to_owned()))?;
        let day = text("latest trading day").and_then(|day| day.parse::<Date>().ok());
        let day = day.ok_or_else(|| bad(&what, "no `latest trading day` in the quote".to_owned()))?;
        // Only the day is told: its close, or now while the session lasts.
        let close = Calendar.day(day)?.map_or_else(|| Calendar.at(day, jiff::civil::time(16, 0, 0, 0)), |day| day.close);
        let quote = Quote {
            symbol: symbol.clone(),
            at: close.min(self.clock.now()),
            bid: None,
            ask: None,
            last: Some(last),
            volume: number("volume").filter(|volume| *volume >= 0.0),
            halted: false,
            delayed: self.config.entitlement != Entitlement::Realtime,
        };
        Ok(SourcedQuote { delayed: quote.delayed, quote })
    }
}
