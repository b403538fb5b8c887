//! Yahoo's chart document (`/v8/finance/chart/{symbol}`): bars, splits, dividends, the last price.
//!
//! The service is public but not documented by its owner and promises nothing: it is asked gently. What to know of it:
//!
//! - Prices are adjusted for splits, not for dividends; `adjclose` of daily bars is adjusted for both.
//! - Minute bars reach back 30 days, and outside regular hours their volume is usually 0: a scan that wants
//!   pre-market volume finds none here.
//! - It does not say whether a number is delayed, so all of this session counts as delayed.
//! - Numbers are single-precision: they are read as the shortest decimal that they stand for, 189.99 and not
//!   189.99000549316406.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bellwether::market::{Bar, MissingReason, Quote, Split, Symbol};
use jiff::{
    SignedDuration, Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Serialize};

use super::{
    door::{Ask, Door, refused},
    http_config::{HttpConfig, address},
    rows::{self, Prices},
};
use crate::{
    error::Result,
    market_data::{BarSource, QuoteSource, SourcedQuote},
};

/// Requests a minute that nobody has been seen to mind.
const USUAL: u32 = 60;
/// Minute bars that one request may span.
const MOST_MINUTES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Settings of [`YahooSource`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `base_url` | <https://query1.finance.yahoo.com> | where it is | https |
/// | `user_agent` | a browser's beginning and our name | the service turns bare programs away | |
/// | `http` | 60 a minute | see [`HttpConfig`] | |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct YahooConfig {
    /// Where it is.
    pub base_url: String,
    /// How this program names itself.
    pub user_agent: String,
    /// How it is asked.
    pub http: HttpConfig,
}

impl Default for YahooConfig {
    fn default() -> Self {
        Self {
            base_url: "https://query1.finance.yahoo.com".to_owned(),
            user_agent: concat!("Mozilla/5.0 (compatible; bellwether/", env!("CARGO_PKG_VERSION"), ")").to_owned(),
            http: HttpConfig::default(),
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct YahooSource {
    door: Door,
}

/// What one chart document says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    /// The bars, oldest first.
    pub bars: Vec<Bar>,
    /// For daily bars: their closes adjusted for splits and dividends, USD.
    pub adjusted_close: Vec<Option<f64>>,
    /// Splits in the time asked for.
    pub splits: Vec<Split>,
    /// Dividends in the time asked for.
    pub dividends: Vec<Dividend>,
}

/// Cash paid on one share.
#[derive(Debug, Clone, PartialEq)]
pub struct Dividend {
    /// First session without it.
    pub ex_date: Date,
    /// USD a share.
    pub amount: f64,
}

#[derive(Debug, Deserialize)]
struct Document {
    chart: Envelope,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    result: Option<Vec<Found>>,
    error: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    code: String,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
struct Found {
    meta: Meta,
    #[serde(default)]
    timestamp: Vec<i64>,
    #[serde(default)]
    events: Events,
    indicators: Indicators,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    currency: Option<String>,
    exchange_timezone_name: Option<String>,
    /// Seconds east of UTC; only there because the zone's name may be absent.
    gmtoffset: Option<i32>,
    regular_market_volume: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
struct Events {
    #[serde(default)]
    splits: BTreeMap<String, SplitEvent>,
    #[serde(default)]
    dividends: BTreeMap<String, DividendEvent>,
}

#[derive(Debug, Deserialize)]
struct SplitEvent {
    date: i64,
    numerator: f64,
    denominator: f64,
}

#[derive(Debug, Deserialize)]
struct DividendEvent {
    date: i64,
    amount: f64,
}

#[derive(Debug, Deserialize)]
struct Indicators {
    #[serde(default)]
    quote: Vec<Columns>,
    #[serde(default)]
    adjclose: Vec<Adjusted>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Columns {
    open: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    close: Vec<Option<f64>>,
    volume: Vec<Option<f64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Adjusted {
    adjclose: Vec<Option<f64>>,
}

impl YahooSource {
    /// A source with these settings. Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn open(config: &YahooConfig) -> Result<Self> {
        let door = Door::open(address(&config.base_url)?, &config.user_agent, config.http.clone(), (USUAL, None))?;
        Ok(Self { door })
    }

    /// The daily bars of the last `sessions` sessions complete at `end`, with their adjusted closes, splits and dividends.
    ///
    /// # Errors
    /// See [`AdapterError`](crate::AdapterError).
    pub async fn daily_chart(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Chart> {
        let what = format!("daily bars of {symbol}");
        let first = bellwether::market::Calendar.at(rows::first_day(sessions, end)?, jiff::civil::Time::midnight());
        let found = self.found(&what, symbol, "1d", first, end).await?;
        let zone = found.zone();
        let date = |seconds: i64| Some(Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone()).date());
        let dated = found.rows(&what)?.into_iter().filter_map(|(start, prices)| Some((date(start.as_second())?, prices)));
        let bars = rows::days(&what, dated, sessions, end)?;
        let mut adjusted = BTreeMap::new();
        let closes = found.indicators.adjclose.first().map(|adjusted| adjusted.adjclose.as_slice()).unwrap_or_default();
        for (seconds, close) in found.timestamp.iter().zip(closes) {
            if let Some(day) = date(*seconds) {
                adjusted.entry(day).or_insert(close.map(shortest));
            }
        }
        let day_of = |bar: &Bar| Timestamp::from_microsecond(bar.open_at).ok().map(|at| at.to_zoned(zone.clone()).date());
        let adjusted_close = bars.iter().map(|bar| adjusted.get(&day_of(bar)?).copied().flatten()).collect();
        let splits = found.events.splits.values().filter_map(|event| {
            let ratio = event.numerator / event.denominator;
            let ratio = (ratio.is_finite() && ratio > 0.0).then_some(ratio)?;
            Some(Split { symbol: symbol.clone(), ex_date: date(event.date)?, ratio })
        });
        let dividends = found
            .events
            .dividends
            .values()
            .filter_map(|event| Some(Dividend { ex_date: date(event.date)?, amount: event.amount }));
        let (splits, dividends) = (splits.collect(), dividends.collect());
        some_bars(&what, Chart { bars, adjusted_close, splits, dividends })
    }

    async fn found(&self, what: &str, symbol: &Symbol, interval: &str, from: Timestamp, until: Timestamp) -> Result<Found> {
        let spelled = symbol.as_str().replace(['.', '/'], "-");
        let ask = Ask::get(what, format!("/v8/finance/chart/{spelled}"))
            .query("interval", interval)
            .query("period1", from.as_second().to_string())
            .query("period2", until.as_second().to_string())
            .query("includePrePost", "true")
            .query("events", "div,splits");
        self.read(what, ask).await
    }

    async fn read(&self, what: &str, ask: Ask) -> Result<Found> {
        let answer = self.door.ask(ask).await?;
        let code = Some(i32::from(answer.status.as_u16()));
        let envelope = match answer.document::<Document>(what) {
            Ok(document) => document.chart,
            // Other refusals come in other documents, or as text.
            Err(_) if !answer.status.is_success() => {
                let reason = match answer.status.as_u16() {
                    401 | 403 => MissingReason::NoPermission,
                    404 => MissingReason::UnknownContract,
                    _ => MissingReason::BadData,
                };
                return Err(refused(what, reason, code, answer.words()));
            }
            Err(error) => return Err(error),
        };
        if let Some(Complaint { code: kind, description }) = envelope.error {
            // "Not Found" is an unknown symbol; every other complaint is about the time asked for.
            let reason = match (answer.status.as_u16(), &*kind) {
                (404, _) | (_, "Not Found") => MissingReason::UnknownContract,
                (401 | 403, _) | (_, "Unauthorized") => MissingReason::NoPermission,
                _ => MissingReason::NoData,
            };
            return Err(refused(what, reason, code, format!("{kind}: {description}")));
        }
        let found = envelope.result.unwrap_or_default().into_iter().next();
        let found = found.ok_or_else(|| refused(what, MissingReason::NoData, code, "the chart is empty"))?;
        found.check(what)?;
        Ok(found)
    }
}

fn some_bars(what: &str, chart: Chart) -> Result<Chart> {
    match chart.bars.is_empty() {
        true => Err(refused(what, MissingReason::NoData, None, "the chart has no complete bar of the time asked for")),
        false => Ok(chart),
    }
}

impl Found {
    /// Only what trades in dollars on New York time is understood: its sessions are those of the calendar.
    fn check(&self, what: &str) -> Result<()> {
        let strange = |detail: String| Err(refused(what, MissingReason::UnknownContract, None, detail));
        match (self.meta.currency.as_deref(), self.meta.exchange_timezone_name.as_deref()) {
            (Some(currency), _) if currency != "USD" => strange(format!("it trades in {currency}, not in USD")),
            (_, Some(zone)) if zone != "America/New_York" => strange(format!("it trades on the time of {zone}, not New York's")),
            _ => Ok(()),
        }
    }

    fn zone(&self) -> TimeZone {
        let named = self.meta.exchange_timezone_name.is_some();
        let offset = self.meta.gmtoffset.filter(|_| !named).and_then(|seconds| Offset::from_seconds(seconds).ok());
        offset.map_or_else(bellwether::market::new_york, TimeZone::fixed)
    }

    /// The rows in which nothing is null.
    fn rows(&self, what: &str) -> Result<Vec<(Timestamp, Prices)>> {
        let n = self.timestamp.len();
        let empty = Columns::default();
        let columns = self.indicators.quote.first().unwrap_or(&empty);
        let all = [&columns.open, &columns.high, &columns.low, &columns.close, &columns.volume];
        if n > 0 && all.iter().any(|column| column.len() != n) {
            let lengths = all.map(Vec::len);
            let detail = format!("there are {n} times but {lengths:?} opens, highs, lows, closes, volumes");
            return Err(refused(what, MissingReason::BadData, None, detail));
        }
        let row = |index: usize| {
            let [open, high, low, close, volume] = all.map(|column| column[index]);
            let prices = Prices {
                open: shortest(open?),
                high: shortest(high?),
                low: shortest(low?),
                close: shortest(close?),
                volume: volume?,
            };
            Some((Timestamp::from_second(self.timestamp[index]).ok()?, prices))
        };
        Ok((0..n).filter_map(row).collect())
    }
}

/// The shortest decimal that the single-precision number `x` stands for; other numbers as they are.
fn shortest(x: f64) -> f64 {
    let single = x as f32;
    match f64::from(single) == x {
        true => single.to_string().parse().unwrap_or(x),
        false => x,
    }
}

#[async_trait]
impl BarSource for YahooSource {
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("minute bars of {symbol}");
        let mut bars = Vec::new();
        let mut empty = None;
        // Bars start with whole minutes, and so do the pieces: no bar lies across two.
        let mut start = rows::next_minute(from);
        while start < until {
            let end = (start + MOST_MINUTES).min(until);
            match self.found(&what, symbol, "1m", start, end).await {
                Ok(found) => bars.extend(rows::minutes(found.rows(&what)?, start, end)),
                Err(error) if error.reason() == MissingReason::NoData => empty = Some(error),
                Err(error) => return Err(error),
            }
            start = end;
        }
        match empty {
            Some(error) if bars.is_empty() => Err(error),
            _ => some_bars(&what, Chart { bars, ..Chart::default() }).map(|chart| chart.bars),
        }
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>> {
        Ok(self.daily_chart(symbol, sessions, end).await?.bars)
    }

    fn bars_delayed(&self) -> bool {
        true
    }
}

#[async_trait]
impl QuoteSource for YahooSource {
    /// The last price of today's minutes, extended hours included; there is no bid and no offer.
    async fn quotes(&self, symbols: &[Symbol]) -> Vec<Result<SourcedQuote>> {
        let asked = symbols.iter().map(|symbol| self.last_price(symbol));
        futures::future::join_all(asked).await
    }
}

impl YahooSource {
    async fn last_price(&self, symbol: &Symbol) -> Result<SourcedQuote> {
        let what = format!("quote of {symbol}");
        let spelled = symbol.as_str().replace(['.', '/'], "-");
        let ask = Ask::get(&what, format!("/v8/finance/chart/{spelled}"))
            .query("interval", "1m")
            .query("range", "1d")
            .query("includePrePost", "true");
        let found = self.read(&what, ask).await?;
        let rows = found.rows(&what)?;
        let Some((start, prices)) = rows.last() else {
            return Err(refused(&what, MissingReason::NoData, None, "nothing has traded today"));
        };
        let quote = Quote {
            symbol: symbol.clone(),
            at: *start,
            bid: None,
            ask: None,
            last: (prices.close > 0.0).then_some(prices.close),
            volume: found.meta.regular_market_volume,
            halted: false,
            delayed: true,
        };
        Ok(SourcedQuote { quote, delayed: true })
    }
}
