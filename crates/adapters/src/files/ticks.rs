//! Single ticks and changes of order books from tables. A row that cannot be one costs only itself.

use std::collections::BTreeMap;

use bellwether::{
    Error,
    market::{BidAsk, BookOperation, BookSide, DepthUpdate, MissingData, MissingReason, SnapshotPart, Symbol, Tick, Trade},
};
use jiff::Timestamp;

use super::table::Table;

/// What a table of events gave.
#[derive(Debug, Clone)]
pub(super) struct EventsRead<T> {
    /// Each symbol's, in order of time; what has the same time stays in the order of the rows.
    pub(super) events: BTreeMap<Symbol, Vec<T>>,
    /// Rows left out: one report for each symbol.
    pub(super) left_out: Vec<MissingData>,
}

impl<T> Default for EventsRead<T> {
    fn default() -> Self {
        Self { events: BTreeMap::new(), left_out: Vec::new() }
    }
}

/// Trades and changes of the best bid and offer.
pub(super) fn ticks(table: &Table) -> Result<EventsRead<Tick>, Error> {
    let instants = table.instants("at")?;
    let kinds = table.texts("kind")?;
    let [price, size] = [table.numbers_if_any("price")?, table.numbers_if_any("size")?];
    let [exchange, conditions] = [table.texts_if_any("exchange")?, table.texts_if_any("conditions")?];
    let [past_limit, unreported] = [table.flags_if_any("past_limit")?, table.flags_if_any("unreported")?];
    let [bid, ask] = [table.numbers_if_any("bid")?, table.numbers_if_any("ask")?];
    let [bid_size, ask_size] = [table.numbers_if_any("bid_size")?, table.numbers_if_any("ask_size")?];
    collect(table, Tick::at, |row| {
        let at = instant(instants[row])?;
        Ok(match kinds[row].as_str() {
            "trade" => Tick::Trade(Trade {
                at,
                price: positive(price[row], "price")?,
                size: shares(size[row].unwrap_or_default(), "size")?,
                exchange: exchange[row].clone(),
                conditions: conditions[row].clone(),
                past_limit: past_limit[row].unwrap_or_default(),
                unreported: unreported[row].unwrap_or_default(),
            }),
            "bid_ask" => Tick::BidAsk(BidAsk {
                at,
                bid: bid[row].map(|price| positive(Some(price), "bid")).transpose()?,
                ask: ask[row].map(|price| positive(Some(price), "ask")).transpose()?,
                bid_size: shares(bid_size[row].unwrap_or_default(), "bid_size")?,
                ask_size: shares(ask_size[row].unwrap_or_default(), "ask_size")?,
            }),
            other => return Err(format!("`kind` is `{other}`, expected trade or bid_ask")),
        })
    })
}

/// Changes of order books.
pub(super) fn depth(table: &Table) -> Result<EventsRead<DepthUpdate>, Error> {
    let instants = table.instants("at")?;
    let [sides, operations] = [table.texts("side")?, table.texts("operation")?];
    let [positions, prices, sizes] =
        [table.numbers_if_any("position")?, table.numbers_if_any("price")?, table.numbers_if_any("size")?];
    let makers = table.texts_if_any("market_maker")?;
    collect(
        table,
        |update: &DepthUpdate| update.at,
        |row| {
            let operation = match operations[row].as_str() {
                "insert" => BookOperation::Insert,
                "update" => BookOperation::Update,
                "delete" => BookOperation::Delete,
                other => return Err(format!("`operation` is `{other}`, expected insert, update or delete")),
            };
            let deleted = operation == BookOperation::Delete;
            let position = positions[row].filter(|it| (0.0..10_000.0).contains(it) && it.fract() == 0.0);
            Ok(DepthUpdate {
                at: instant(instants[row])?,
                side: match sides[row].as_str() {
                    "bid" => BookSide::Bid,
                    "ask" => BookSide::Ask,
                    other => return Err(format!("`side` is `{other}`, expected bid or ask")),
                },
                position: position.ok_or("`position` is no row of a book")? as usize,
                operation,
                price: if deleted { prices[row].unwrap_or_default() } else { positive(prices[row], "price")? },
                size: shares(sizes[row].unwrap_or_default(), "size")?,
                market_maker: Some(makers[row].clone()).filter(|name| !name.is_empty()),
            })
        },
    )
}

fn collect<T>(
    table: &Table,
    at: impl Fn(&T) -> Timestamp,
    event: impl Fn(usize) -> Result<T, String>,
) -> Result<EventsRead<T>, Error> {
    let mut events: BTreeMap<Symbol, Vec<T>> = BTreeMap::new();
    // How many rows, and the first of them with what is wrong with it.
    let mut faults: BTreeMap<Symbol, (usize, usize, String)> = BTreeMap::new();
    let texts = table.texts("symbol")?;
    let mut symbol: Option<Symbol> = None;
    for (row, text) in texts.iter().enumerate() {
        // Runs of one symbol are the rule.
        if symbol.as_ref().is_none_or(|symbol| symbol.as_str() != text) {
            let parsed = Symbol::new(text);
            symbol = Some(parsed.map_err(|_| table.problem("symbol", format!("is `{text}` in row {row}, expected a ticker")))?);
        }
        let Some(symbol) = &symbol else { continue };
        match event(row) {
            Ok(event) => match events.get_mut(symbol) {
                Some(of_symbol) => of_symbol.push(event),
                None => drop(events.insert(symbol.clone(), vec![event])),
            },
            Err(problem) => {
                faults.entry(symbol.clone()).and_modify(|(count, ..)| *count += 1).or_insert((1, row, problem));
            }
        }
    }
    events.values_mut().for_each(|of_symbol| of_symbol.sort_by_key(&at));
    let report = |(symbol, (count, row, problem)): (Symbol, (usize, usize, String))| {
        let detail = format!("{}: {count} rows left out, the first is row {row}: {problem}", table.path);
        MissingData { symbol, part: SnapshotPart::Quote, reason: MissingReason::BadData, detail }
    };
    Ok(EventsRead { events, left_out: faults.into_iter().map(report).collect() })
}

fn instant(micros: Option<i64>) -> Result<Timestamp, String> {
    let at = micros.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    at.ok_or_else(|| "`at` is empty or no timestamp".to_owned())
}

fn positive(number: Option<f64>, name: &str) -> Result<f64, String> {
    match number {
        Some(number) if number > 0.0 => Ok(number),
        Some(number) => Err(format!("`{name}` is {number}, expected a price above 0")),
        None => Err(format!("`{name}` is empty or no number")),
    }
}

fn shares(number: f64, name: &str) -> Result<f64, String> {
    if number >= 0.0 { Ok(number) } else { Err(format!("`{name}` is {number}, expected 0 or more shares")) }
}

#[cfg(test)]
#[path = "ticks_tests.rs"]
mod tests;
