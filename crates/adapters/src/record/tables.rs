//! Rows as columns, in the form that a recorded folder has.

use bellwether::{
    Error,
    market::{Bar, BookOperation, BookSide, Calendar, DepthUpdate, Headline, Instrument, Symbol, Tick},
};
use jiff::Timestamp;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn as _, NamedFrom as _, Series, TimeUnit, TimeZone};

use crate::error::Result;

/// A table being filled.
pub(super) trait Rows: Default {
    fn len(&self) -> usize;
    fn frame(&self) -> Result<DataFrame>;
}

fn column<V, P: ?Sized>(name: &str, values: V) -> Column
where
    Series: polars::prelude::NamedFrom<V, P>,
{
    Series::new(name.into(), values).into_column()
}

/// Microseconds as instants in UTC.
fn instants(name: &str, micros: &[i64]) -> Result<Column> {
    let kind = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    Ok(column(name, micros).cast(&kind).map_err(Error::frame(format!("column `{name}` of a recording")))?)
}

fn frame(columns: Vec<Column>) -> Result<DataFrame> {
    let height = columns.first().map_or(0, Column::len);
    Ok(DataFrame::new(height, columns).map_err(Error::frame("a table of a recording"))?)
}

/// Trades and changes of the best bid and offer, in one table in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct TickRows {
    symbol: Vec<String>,
    at: Vec<i64>,
    kind: Vec<&'static str>,
    price: Vec<Option<f64>>,
    size: Vec<Option<f64>>,
    exchange: Vec<Option<String>>,
    conditions: Vec<Option<String>>,
    past_limit: Vec<Option<bool>>,
    unreported: Vec<Option<bool>>,
    bid: Vec<Option<f64>>,
    ask: Vec<Option<f64>>,
    bid_size: Vec<Option<f64>>,
    ask_size: Vec<Option<f64>>,
}

impl TickRows {
    pub(super) fn push(&mut self, symbol: &Symbol, tick: &Tick) {
        self.symbol.push(symbol.to_string());
        self.at.push(tick.at().as_microsecond());
        let (trade, quote) = match tick {
            Tick::Trade(trade) => (Some(trade), None),
            Tick::BidAsk(quote) => (None, Some(quote)),
        };
        self.kind.push(if trade.is_some() { "trade" } else { "bid_ask" });
        self.price.push(trade.map(|it| it.price));
        self.size.push(trade.map(|it| it.size));
        self.exchange.push(trade.map(|it| it.exchange.clone()));
        self.conditions.push(trade.map(|it| it.conditions.clone()));
        self.past_limit.push(trade.map(|it| it.past_limit));
        self.unreported.push(trade.map(|it| it.unreported));
        self.bid.push(quote.and_then(|it| it.bid));
        self.ask.push(quote.and_then(|it| it.ask));
        self.bid_size.push(quote.map(|it| it.bid_size));
        self.ask_size.push(quote.map(|it| it.ask_size));
    }
}

impl Rows for TickRows {
    fn len(&self) -> usize {
        self.at.len()
    }

    fn frame(&self) -> Result<DataFrame> {
        frame(vec![
            column("symbol", &*self.symbol),
            instants("at", &self.at)?,
            column("kind", &*self.kind),
            column("price", &*self.price),
            column("size", &*self.size),
            column("exchange", &*self.exchange),
            column("conditions", &*self.conditions),
            column("past_limit", &*self.past_limit),
            column("unreported", &*self.unreported),
            column("bid", &*self.bid),
            column("ask", &*self.ask),
            column("bid_size", &*self.bid_size),
            column("ask_size", &*self.ask_size),
        ])
    }
}

/// Changes of order books.
#[derive(Debug, Default)]
pub(super) struct DepthRows {
    symbol: Vec<String>,
    at: Vec<i64>,
    side: Vec<&'static str>,
    position: Vec<i64>,
    operation: Vec<&'static str>,
    price: Vec<f64>,
    size: Vec<f64>,
    market_maker: Vec<Option<String>>,
}

impl DepthRows {
    pub(super) fn push(&mut self, symbol: &Symbol, update: &DepthUpdate) {
        self.symbol.push(symbol.to_string());
        self.at.push(update.at.as_microsecond());
        self.side.push(match update.side {
            BookSide::Bid => "bid",
            BookSide::Ask => "ask",
        });
        self.position.push(i64::try_from(update.position).unwrap_or(i64::MAX));
        self.operation.push(match update.operation {
            BookOperation::Insert => "insert",
            BookOperation::Update => "update",
            BookOperation::Delete => "delete",
        });
        self.price.push(update.price);
        self.size.push(update.size);
        self.market_maker.push(update.market_maker.clone());
    }
}

impl Rows for DepthRows {
    fn len(&self) -> usize {
        self.at.len()
    }

    fn frame(&self) -> Result<DataFrame> {
        frame(vec![
            column("symbol", &*self.symbol),
            instants("at", &self.at)?,
            column("side", &*self.side),
            column("position", &*self.position),
            column("operation", &*self.operation),
            column("price", &*self.price),
            column("size", &*self.size),
            column("market_maker", &*self.market_maker),
        ])
    }
}

/// The numbers that minute and daily bars share.
#[derive(Debug, Default)]
struct BarColumns {
    symbol: Vec<String>,
    open_at: Vec<i64>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    vwap: Vec<Option<f64>>,
    trades: Vec<Option<f64>>,
}

impl BarColumns {
    fn push(&mut self, symbol: &Symbol, bar: &Bar) {
        self.symbol.push(symbol.to_string());
        self.open_at.push(bar.open_at);
        self.open.push(bar.open);
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.close.push(bar.close);
        self.volume.push(bar.volume);
        self.vwap.push(bar.vwap);
        self.trades.push(bar.trades);
    }

    fn frame(&self, time: Column) -> Result<DataFrame> {
        frame(vec![
            column("symbol", &*self.symbol),
            time,
            column("open", &*self.open),
            column("high", &*self.high),
            column("low", &*self.low),
            column("close", &*self.close),
            column("volume", &*self.volume),
            column("vwap", &*self.vwap),
            column("trades", &*self.trades),
        ])
    }
}

/// Minute bars, by their start.
#[derive(Debug, Default)]
pub(super) struct BarRows(BarColumns);

impl BarRows {
    pub(super) fn push(&mut self, symbol: &Symbol, bar: &Bar) {
        self.0.push(symbol, bar);
    }
}

impl Rows for BarRows {
    fn len(&self) -> usize {
        self.0.open_at.len()
    }

    fn frame(&self) -> Result<DataFrame> {
        self.0.frame(instants("ts", &self.0.open_at)?)
    }
}

/// Daily bars, by their session's date in New York.
#[derive(Debug, Default)]
pub(super) struct DailyRows(BarColumns);

impl DailyRows {
    pub(super) fn push(&mut self, symbol: &Symbol, bar: &Bar) {
        self.0.push(symbol, bar);
    }

    /// The table; nothing is held afterwards.
    pub(super) fn take(&mut self) -> Result<DataFrame> {
        let columns = std::mem::take(&mut self.0);
        let dates: Vec<String> = columns
            .open_at
            .iter()
            .map(|open_at| Calendar.local_date(Timestamp::from_microsecond(*open_at).unwrap_or_default()).to_string())
            .collect();
        columns.frame(column("date", &*dates))
    }
}

/// Headlines.
#[derive(Debug, Default)]
pub(super) struct HeadlineRows(Vec<Headline>);

impl HeadlineRows {
    pub(super) fn push(&mut self, headline: &Headline) {
        self.0.push(headline.clone());
    }
}

impl Rows for HeadlineRows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn frame(&self) -> Result<DataFrame> {
        let texts = |of: fn(&Headline) -> String| self.0.iter().map(of).collect::<Vec<String>>();
        let at: Vec<i64> = self.0.iter().map(|headline| headline.at.as_microsecond()).collect();
        frame(vec![
            column("symbol", &*texts(|it| it.symbol.to_string())),
            instants("at", &at)?,
            column("source", &*texts(|it| it.source.clone())),
            column("title", &*texts(|it| it.title.clone())),
        ])
    }
}

/// The table of instruments.
pub(super) fn instruments<'a>(instruments: impl Iterator<Item = &'a Instrument> + Clone) -> Result<DataFrame> {
    let texts = |of: fn(&Instrument) -> String| instruments.clone().map(of).collect::<Vec<String>>();
    let floats: Vec<Option<f64>> = instruments.clone().map(|it| it.float_shares).collect();
    frame(vec![
        column("symbol", &*texts(|it| it.symbol.to_string())),
        column("name", &*texts(|it| it.name.clone())),
        column("kind", &*texts(|it| it.kind.as_str().to_owned())),
        column("exchange", &*texts(|it| it.primary_exchange.clone())),
        column("float_shares", &*floats),
    ])
}
