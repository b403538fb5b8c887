//! The small tables of a folder: instruments, headlines, splits.

use std::collections::BTreeMap;

use bellwether::{
    Error,
    market::{Headline, Instrument, InstrumentKind, Split, Symbol},
};
use jiff::Timestamp;

use super::table::{Table, date_of};

/// The instruments that a folder lists; none when it has no such table.
pub(crate) fn instruments_in(folder: &std::path::Path) -> Result<BTreeMap<Symbol, Instrument>, Error> {
    Table::find(folder, &["instruments"])?.as_ref().map(instruments).transpose().map(Option::unwrap_or_default)
}

/// What is known of each symbol besides its prices.
pub(super) fn instruments(table: &Table) -> Result<BTreeMap<Symbol, Instrument>, Error> {
    let symbols = symbols(table)?;
    let names = table.texts_if_any("name")?;
    let kinds = table.texts_if_any("kind")?;
    let exchanges = table.texts_if_any("exchange")?;
    let floats = table.numbers_if_any("float_shares")?;
    let mut known = BTreeMap::new();
    for (row, symbol) in symbols.into_iter().enumerate() {
        let kind = match kinds[row].to_ascii_lowercase().as_str() {
            "" | "stock" => InstrumentKind::Stock,
            "etf" => InstrumentKind::Etf,
            other => return Err(table.problem("kind", format!("is `{other}` in row {row}, expected stock or etf"))),
        };
        let instrument = Instrument {
            name: names[row].clone(),
            kind,
            primary_exchange: exchanges[row].clone(),
            float_shares: floats[row],
            ..Instrument::stock(symbol.clone())
        };
        known.insert(symbol, instrument);
    }
    Ok(known)
}

/// Headlines, in the order of the file.
pub(super) fn headlines(table: &Table) -> Result<Vec<Headline>, Error> {
    let symbols = symbols(table)?;
    let instants = table.instants("at")?;
    let sources = table.texts_if_any("source")?;
    let titles = table.texts("title")?;
    let headline = |(row, symbol): (usize, Symbol)| {
        let at = instants[row].and_then(|at| Timestamp::from_microsecond(at).ok());
        let at = at.ok_or_else(|| table.problem("at", format!("is empty or no timestamp in row {row}")))?;
        Ok(Headline { symbol, at, source: sources[row].clone(), title: titles[row].clone() })
    };
    symbols.into_iter().enumerate().map(headline).collect()
}

/// Known splits.
pub(super) fn splits(table: &Table) -> Result<Vec<Split>, Error> {
    let symbols = symbols(table)?;
    let days = table.days("ex_date")?;
    let ratios = table.numbers_if_any("ratio")?;
    let split = |(row, symbol): (usize, Symbol)| {
        let ex_date = days[row].and_then(date_of);
        let ex_date = ex_date.ok_or_else(|| table.problem("ex_date", format!("is empty or no date in row {row}")))?;
        let ratio = ratios[row].filter(|ratio| *ratio > 0.0);
        let ratio = ratio.ok_or_else(|| table.problem("ratio", format!("is not a number above 0 in row {row}")))?;
        Ok(Split { symbol, ex_date, ratio })
    };
    symbols.into_iter().enumerate().map(split).collect()
}

fn symbols(table: &Table) -> Result<Vec<Symbol>, Error> {
    let symbol = |(row, text): (usize, &String)| {
        Symbol::new(text).map_err(|_| table.problem("symbol", format!("is `{text}` in row {row}, expected a ticker")))
    };
    table.texts("symbol")?.iter().enumerate().map(symbol).collect()
}
