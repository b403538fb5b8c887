//! Order books from tables: a row a snapshot, four columns a level.

use std::collections::BTreeMap;

use jiff::Timestamp;
use polars::prelude::{DataFrame, DataType};

use super::{BookLevel, OrderBook, OrderBookSnapshot};
use crate::{
    error::{Error, Result},
    market::{Symbol, instants_of, numbers_of},
};

const TABLE: &str = "order book";
/// Names of the column that says when the book was in a state, the first that is there counts.
const TIMES: [&str; 5] = ["at", "time", "ts", "timestamp", "datetime"];
const PARTS: [&str; 4] = ["bid_price", "bid_size", "ask_price", "ask_size"];

/// The books of a table, one a symbol. Rows of different symbols may be mixed; those of one are in order of time.
///
/// | Column | What it is | When it is missing |
/// |---|---|---|
/// | `at` | when the book was in this state | `time`, `ts`, `timestamp` or `datetime`; without a zone in UTC |
/// | `bid_price_1`, `bid_size_1`, `ask_price_1`, `ask_size_1` | best level, USD and shares | `bid_price`, `bid_size`, `ask_price`, `ask_size` |
/// | the same with `_2`, `_3`, … | deeper levels | the book is as deep as the numbers go on without a gap |
/// | `symbol` | whose book | all rows are of `otherwise` |
///
/// A level that is not there is empty (or NaN) in price and size.
///
/// # Errors
/// [`Error::Column`] when a column is missing or of another kind, a level has a price without a size, and whatever
/// [`OrderBook::push`] refuses; rows are counted within the symbol then.
pub fn order_books_of(frame: &DataFrame, otherwise: Option<&Symbol>) -> Result<BTreeMap<Symbol, OrderBook>> {
    let refused = |column: &str, problem: String| Error::Column { table: TABLE.to_owned(), column: column.to_owned(), problem };
    let names: Vec<&str> = frame.get_column_names().iter().map(|name| name.as_str()).collect();
    let there = names.join(", ");
    let time = TIMES
        .into_iter()
        .find(|time| names.contains(time))
        .ok_or_else(|| refused(TIMES[0], format!("is missing, and so are {}; there are {there}", TIMES[1..].join(", "))))?;
    let times = instants_of(frame, TABLE, time)?;
    // Level by level: the four columns of it.
    let mut levels: Vec<[Vec<f64>; 4]> = Vec::new();
    loop {
        let numbered = PARTS.map(|part| format!("{part}_{}", levels.len() + 1));
        let plain = PARTS.map(str::to_owned);
        let found = |columns: &[String; 4]| columns.iter().any(|column| names.contains(&column.as_str()));
        let columns = match levels.len() {
            0 if !found(&numbered) && found(&plain) => plain,
            0 => numbered,
            _ if found(&numbered) => numbered,
            _ => break,
        };
        let [bid, bids, ask, asks] = columns.each_ref().map(|column| numbers_of(frame, TABLE, column));
        levels.push([bid?, bids?, ask?, asks?]);
    }
    let symbols = match frame.column("symbol") {
        Ok(column) => Some(column.cast(&DataType::String).map_err(Error::frame("order book: column `symbol`"))?),
        Err(_) => None,
    };
    let symbols = symbols.as_ref().map(|column| column.str()).transpose().map_err(Error::frame("order book: column `symbol`"))?;
    let mut books: BTreeMap<Symbol, OrderBook> = BTreeMap::new();
    for (row, at) in times.iter().enumerate() {
        let symbol = match symbols {
            None => otherwise.cloned().ok_or_else(|| refused("symbol", format!("is missing; there are {there}")))?,
            Some(symbols) => Symbol::new(symbols.get(row).ok_or_else(|| refused("symbol", format!("is empty in row {row}")))?)?,
        };
        let side = |name: &str, part: usize| {
            let side = levels.iter().enumerate().map(|(level, columns)| (level, columns[part][row], columns[part + 1][row]));
            side_of(side).map_err(|(level, problem)| refused(&format!("{name}_{level}"), format!("row {row}: {problem}")))
        };
        let at = Timestamp::from_microsecond(*at).map_err(|error| refused(time, format!("row {row}: {error}")))?;
        let snapshot = OrderBookSnapshot { at, bids: side("bid_size", 0)?, asks: side("ask_size", 2)? };
        let book = match books.entry(symbol.clone()) {
            std::collections::btree_map::Entry::Occupied(book) => book.into_mut(),
            std::collections::btree_map::Entry::Vacant(none) => none.insert(OrderBook::new(levels.len())?),
        };
        book.push(&snapshot).map_err(|error| match error {
            Error::Column { column, problem, .. } => Error::Column { table: format!("order book of {symbol}"), column, problem },
            other => other,
        })?;
    }
    Ok(books)
}

/// The levels there are, best first. The error is the number of a level, from 1, and what is wrong with it.
fn side_of(levels: impl Iterator<Item = (usize, f64, f64)>) -> std::result::Result<Vec<BookLevel>, (usize, &'static str)> {
    let mut side = Vec::new();
    let mut ended = false;
    for (level, price, size) in levels {
        match (price.is_nan(), size.is_nan()) {
            (true, true) => ended = true,
            (false, false) if ended => return Err((level + 1, "the level before is empty: levels are filled from the best on")),
            (false, false) => side.push(BookLevel { price, size }),
            _ => return Err((level + 1, "price and size must be there or empty together")),
        }
    }
    Ok(side)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;

    #[test]
    fn levels_symbols_and_absent_sides_are_read() {
        let frame = df!(
            "ts" => [1_i64, 1, 2],
            "symbol" => ["BBB", "AAA", "BBB"],
            "bid_price_1" => [Some(10.0), Some(5.0), None],
            "bid_size_1" => [Some(100), Some(7), None],
            "ask_price_1" => [10.1, 5.1, 10.1],
            "ask_size_1" => [50, 60, 70],
            "bid_price_2" => [Some(9.9), None, None],
            "bid_size_2" => [Some(30), None, None],
            "ask_price_2" => [None, Some(5.2), None::<f64>],
            "ask_size_2" => [None, Some(80), None::<i64>],
        );
        let mut frame = frame.unwrap();
        let at = frame.column("ts").unwrap().cast(&DataType::Datetime(polars::prelude::TimeUnit::Microseconds, None)).unwrap();
        frame.with_column(at).unwrap();
        let books = order_books_of(&frame, None).unwrap();
        let bbb = &books["BBB"];
        assert_eq!((books.len(), bbb.len(), bbb.depth(), bbb.at()), (2, 2, 2, &[1, 2][..]));
        assert_eq!((bbb.mid(0), bbb.mid(1)), (Some(10.05), None));
        assert_eq!(books["AAA"].mid(0), Some(5.05));
        assert!(bbb.crossed_rows().next().is_none());
        let alone = order_books_of(&frame.drop("symbol").unwrap().slice(0, 1), Some(&Symbol::new("ZZZ").unwrap())).unwrap();
        assert_eq!(alone.keys().map(Symbol::as_str).collect::<Vec<_>>(), ["ZZZ"]);

        let said = |column: &str| order_books_of(&frame.drop(column).unwrap(), None).unwrap_err().to_string();
        assert!(said("ask_size_2").contains("`ask_size_2`"), "{}", said("ask_size_2"));
        assert!(said("ts").contains("`at`") && said("ts").contains("datetime"), "{}", said("ts"));
        assert!(said("symbol").contains("`symbol`"), "{}", said("symbol"));
    }
}
