//! Quotes and price history (`/marketdata/v1`).

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bellwether::market::{Bar, Calendar, Clock, MissingReason, Quote, Symbol};
use jiff::{SignedDuration, Timestamp, civil::Time};
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{
    AGENT, SchwabConfig, USUAL,
    tokens::{App, TokenKeeper},
};
use crate::{
    error::{AdapterError, Result},
    market_data::{BarSource, QuoteSource, SourcedQuote},
    rest::{
        door::{Answer, Ask, Door, refused},
        http_config::address,
        rows::{self, Prices},
    },
};

/// Symbols in one request for quotes.
const QUOTES_AT_ONCE: usize = 200;
/// Minute bars that one request may span.
const MOST_MINUTES: SignedDuration = SignedDuration::from_hours(10 * 24);

/// See [`SchwabConfig`]. Tickers' classes follow a slash in this service: `BRK/B`.
#[derive(Debug)]
pub struct SchwabSource {
    door: Door,
    tokens: TokenKeeper,
}

#[derive(Debug, Deserialize)]
struct History {
    candles: Vec<Candle>,
}

#[derive(Debug, Deserialize)]
struct Candle {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
    /// Milliseconds: the start of a minute; of a day, midnight in Chicago.
    datetime: i64,
}

#[derive(Debug, Deserialize)]
struct Complaints {
    errors: Vec<Complaint>,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

#[derive(Debug, Deserialize)]
struct Quoted {
    /// False: behind the market. Not said: taken as behind.
    realtime: Option<bool>,
    quote: Level1,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Level1 {
    bid_price: Option<f64>,
    ask_price: Option<f64>,
    last_price: Option<f64>,
    total_volume: Option<f64>,
    /// Milliseconds.
    quote_time: Option<i64>,
    /// Milliseconds.
    trade_time: Option<i64>,
    security_status: Option<String>,
}

impl SchwabSource {
    /// A source with these settings, the app's key and secret from the environment, and the tokens of the last login.
    /// Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range, or a variable is not set.
    pub fn open(config: &SchwabConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_app(config, App::of_environment(config)?, clock)
    }

    /// A source with this key and secret.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn with_secrets(config: &SchwabConfig, id: SecretString, secret: SecretString, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_app(config, App { id, secret }, clock)
    }

    fn with_app(config: &SchwabConfig, app: App, clock: Arc<dyn Clock>) -> Result<Self> {
        let door = Door::open(address(&config.base_url)?, AGENT, config.http.clone(), (USUAL, None))?;
        Ok(Self { tokens: TokenKeeper::new(door.clone(), app, config.token_file.clone(), clock), door })
    }

    /// Asks with a good token; one that the service turns down is renewed, once.
    async fn ask(&self, what: &str, ask: Ask) -> Result<Answer> {
        let mut token = self.tokens.access(None).await?;
        let bearer = |token: &SecretString| SecretString::from(format!("Bearer {}", token.expose_secret()));
        let mut answer = self.door.ask(ask.clone().authorization(bearer(&token))).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            token = self.tokens.access(Some(&token)).await?;
            answer = self.door.ask(ask.authorization(bearer(&token))).await?;
        }
        if answer.status.is_success() {
            return Ok(answer);
        }
        let words = match answer.document::<Complaints>(what) {
            Ok(Complaints { errors }) => {
                let said = errors.iter().map(|error| format!("{} {}", error.title, error.detail).trim().to_owned());
                said.collect::<Vec<_>>().join("; ")
            }
            Err(_) => answer.words(),
        };
        let reason = match answer.status.as_u16() {
            401 | 403 => MissingReason::NoPermission,
            404 => MissingReason::UnknownContract,
            _ => MissingReason::BadData,
        };
        Err(refused(what, reason, Some(i32::from(answer.status.as_u16())), words))
    }

    async fn candles(&self, what: &str, ask: Ask) -> Result<Vec<(Timestamp, Prices)>> {
        let history: History = self.ask(what, ask).await?.document(what)?;
        let row = |candle: Candle| {
            let at = Timestamp::from_millisecond(candle.datetime)
                .map_err(|_| refused(what, MissingReason::BadData, None, format!("{} is no time", candle.datetime)))?;
            let Candle { open, high, low, close, volume, .. } = candle;
            Ok((at, Prices { open, high, low, close, volume }))
        };
        history.candles.into_iter().map(row).collect()
    }

    async fn some_quotes(&self, symbols: &[Symbol]) -> Result<BTreeMap<String, Value>> {
        let names: Vec<String> = symbols.iter().map(spelled).collect();
        let ask =
            Ask::get("quotes", "/marketdata/v1/quotes").query("symbols", names.join(",")).query("fields", "quote,reference");
        self.ask("quotes", ask).await?.document("quotes")
    }
}

fn spelled(symbol: &Symbol) -> String {
    symbol.as_str().replace('.', "/")
}

fn or_none(what: &str, bars: Vec<Bar>) -> Result<Vec<Bar>> {
    match bars.is_empty() {
        true => Err(refused(what, MissingReason::NoData, None, "the price history has no complete bar of the time asked for")),
        false => Ok(bars),
    }
}

/// One symbol's part of an answer with quotes.
fn quote_of(symbol: &Symbol, answer: &BTreeMap<String, Value>) -> Result<SourcedQuote> {
    let what = format!("quote of {symbol}");
    let Some(found) = answer.get(&spelled(symbol)) else {
        return Err(refused(&what, MissingReason::UnknownContract, None, "the service knows no such symbol"));
    };
    let quoted: Quoted = serde_json::from_value(found.clone())
        .map_err(|error| refused(&what, MissingReason::BadData, None, format!("not the documented JSON: {error}")))?;
    let price = |value: Option<f64>| value.filter(|value| value.is_finite() && *value > 0.0);
    let level1 = quoted.quote;
    let at = level1.quote_time.max(level1.trade_time).and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let at = at.ok_or_else(|| refused(&what, MissingReason::BadData, None, "the quote has no time"))?;
    let quote = Quote {
        symbol: symbol.clone(),
        at,
        bid: price(level1.bid_price),
        ask: price(level1.ask_price),
        last: price(level1.last_price),
        volume: level1.total_volume.filter(|volume| *volume >= 0.0),
        halted: level1.security_status.is_some_and(|status| status.eq_ignore_ascii_case("halted")),
        delayed: quoted.realtime != Some(true),
    };
    if (quote.bid, quote.ask, quote.last) == (None, None, None) {
        return Err(refused(&what, MissingReason::NoData, None, "no price is quoted"));
    }
    Ok(SourcedQuote { delayed: quote.delayed, quote })
}

#[async_trait]
impl BarSource for SchwabSource {
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("minute bars of {symbol}");
        let mut bars = Vec::new();
        let mut start = rows::next_minute(from);
        while start < until {
            let end = (start + MOST_MINUTES).min(until);
            let ask = Ask::get(&what, "/marketdata/v1/pricehistory")
                .query("symbol", spelled(symbol))
                .query("periodType", "day")
                .query("frequencyType", "minute")
                .query("frequency", "1")
                .query("startDate", start.as_millisecond().to_string())
                .query("endDate", end.as_millisecond().to_string())
                .query("needExtendedHoursData", "true");
            bars.extend(rows::minutes(self.candles(&what, ask).await?, start, end));
            start = end;
        }
        or_none(&what, bars)
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("daily bars of {symbol}");
        let first = Calendar.at(rows::first_day(sessions, end)?, Time::midnight());
        let ask = Ask::get(&what, "/marketdata/v1/pricehistory")
            .query("symbol", spelled(symbol))
            .query("periodType", "year")
            .query("frequencyType", "daily")
            .query("frequency", "1")
            .query("startDate", first.as_millisecond().to_string())
            .query("endDate", end.as_millisecond().to_string());
        // Midnight in Chicago is one o'clock in New York: the same day.
        let rows = self.candles(&what, ask).await?.into_iter().map(|(at, prices)| (Calendar.local_date(at), prices));
        or_none(&what, rows::days(&what, rows, sessions, end)?)
    }
}

#[async_trait]
impl QuoteSource for SchwabSource {
    async fn quotes(&self, symbols: &[Symbol]) -> Vec<Result<SourcedQuote>> {
        let mut quotes = Vec::with_capacity(symbols.len());
        for some in symbols.chunks(QUOTES_AT_ONCE) {
            match self.some_quotes(some).await {
                Ok(answer) => quotes.extend(some.iter().map(|symbol| quote_of(symbol, &answer))),
                Err(error) => {
                    let (reason, detail) = (error.reason(), error.detail());
                    quotes.extend(some.iter().map(|symbol| Err(same(&format!("quote of {symbol}"), reason, &detail))));
                }
            }
        }
        quotes
    }
}

fn same(what: &str, reason: MissingReason, detail: &str) -> AdapterError {
    refused(what, reason, None, detail)
}
