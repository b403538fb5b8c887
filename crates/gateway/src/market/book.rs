//! The order book around the tape's best bid and offer, and what turns one state of it into the next.

use bellwether::market::{BookOperation, BookSide, Calendar, DepthUpdate};
use jiff::Timestamp;

use super::Market;
use crate::tape::{BookSalt, fits, mix, nth, side_of};

/// Exchanges whose orders make up the book, in this protocol's spelling.
pub(crate) const DEPTH_EXCHANGES: [&str; 8] = ["ISLAND", "ARCA", "BATS", "NYSE", "IEX", "DRCTEDGE", "MEMX", "BEX"];
/// The most rows of a side.
pub(crate) const MOST_ROWS: usize = 60;

/// One row of one side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BookRow {
    pub(crate) price: f64,
    pub(crate) size: f64,
    pub(crate) market_maker: Option<String>,
}

/// Both sides, best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Book {
    pub(crate) bids: Vec<BookRow>,
    pub(crate) asks: Vec<BookRow>,
}

/// Which book is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BookQuery {
    pub(crate) instrument: usize,
    pub(crate) rows: usize,
    /// One row per price and exchange, not one per price.
    pub(crate) by_exchange: bool,
}

/// The book at `now`; empty outside trading hours.
///
/// ```text
/// first row   the tape's best bid or offer, price and shares
/// grid        a cent, or half the spread when that is more
/// other rows  on the grid behind it; three prices in four have orders, which ones a hash of symbol and price says
/// shares      100 to 2,500 by a hash of symbol, price, minute and every sixteenth trade in it
/// exchange    one or two at a price, by the same hash; two share its lots
/// ```
/// So a row stands while the best price moves around it, and its shares change now and then.
pub(crate) fn book(market: &Market, query: BookQuery, now: Timestamp) -> Book {
    let trading = Calendar.day_of(now).ok().flatten().is_some_and(|day| day.session_at(now).is_some());
    let (Some(best), Some(salt)) = (market.best(query.instrument, now), market.tape().book_salt(query.instrument, now)) else {
        return Book::default();
    };
    if !trading {
        return Book::default();
    }
    let spread = best.ask.zip(best.bid).map_or(0.01, |(ask, bid)| ask - bid);
    let grid = ((spread * 50.0).floor() as i64).max(1);
    let side = |side, price: Option<f64>, size| match price {
        Some(price) => rows(market, &query, Side { side, best: price, size, grid, salt }),
        None => Vec::new(),
    };
    Book { bids: side(BookSide::Bid, best.bid, best.bid_size), asks: side(BookSide::Ask, best.ask, best.ask_size) }
}

/// Does to a book what a change says; `false` when the book has no such row, and nothing is done.
pub(crate) fn apply(book: &mut Book, change: &DepthUpdate) -> bool {
    let Book { bids, asks } = book;
    let rows = side_of(change, bids, asks);
    if !fits(change, rows.len()) {
        return false;
    }
    let row = BookRow { price: change.price, size: change.size, market_maker: change.market_maker.clone() };
    match change.operation {
        BookOperation::Insert => rows.insert(change.position, row),
        BookOperation::Update => rows[change.position] = row,
        BookOperation::Delete => drop(rows.remove(change.position)),
    }
    true
}

/// What the rows of one side follow from.
struct Side {
    side: BookSide,
    best: f64,
    size: f64,
    /// Cents between two prices.
    grid: i64,
    salt: BookSalt,
}

fn rows(market: &Market, query: &BookQuery, of: Side) -> Vec<BookRow> {
    let symbol = market.instrument(query.instrument).symbol.as_str();
    let away = if of.side == BookSide::Bid { -1 } else { 1 };
    let best = (of.best * 100.0).round() as i64;
    // The first grid price that is worse than the best.
    let first = match of.side {
        BookSide::Bid => (best - 1).div_euclid(of.grid) * of.grid,
        BookSide::Ask => (best + of.grid).div_euclid(of.grid) * of.grid,
    };
    let mut rows = Vec::with_capacity(query.rows);
    level(query, (of.best, of.size), mix(symbol, of.salt.minute ^ best as u64), &mut rows);
    let mut cents = first;
    while rows.len() < query.rows && cents > 0 {
        // An eighth of a cent apart from the other side's, so that both sides of one price differ.
        let place = mix(symbol, (cents * 8 + away) as u64);
        if !place.is_multiple_of(4) {
            let shares = nth(place, of.salt.minute ^ of.salt.generation);
            let size = 100.0 * (1 + (shares >> 8) % 25) as f64;
            level(query, (cents as f64 / 100.0, size), place, &mut rows);
        }
        cents += away * of.grid;
    }
    rows.truncate(query.rows);
    rows
}

/// The orders at one price.
fn level(query: &BookQuery, (price, size): (f64, f64), place: u64, rows: &mut Vec<BookRow>) {
    if !query.by_exchange {
        rows.push(BookRow { price, size, market_maker: None });
        return;
    }
    let first = (place >> 16) as usize % DEPTH_EXCHANGES.len();
    let second = (first + 1 + (place >> 24) as usize % (DEPTH_EXCHANGES.len() - 1)) % DEPTH_EXCHANGES.len();
    // Whole lots each; what a single exchange has is not shared.
    let shared = if place >> 32 & 1 == 0 { (size / 200.0).floor() * 100.0 } else { 0.0 };
    for (exchange, size) in [(first, size - shared), (second, shared)] {
        if size > 0.0 {
            rows.push(BookRow { price, size, market_maker: Some(DEPTH_EXCHANGES[exchange].to_owned()) });
        }
    }
}

/// The changes that turn `before` into `after`, each to be made on the result of those before it. No state in between has more
/// rows than the longer of the two.
pub(crate) fn changes(before: &Book, after: &Book, at: Timestamp) -> Vec<DepthUpdate> {
    let mut changes = Vec::new();
    side_changes(BookSide::Bid, (&before.bids, &after.bids), at, &mut changes);
    side_changes(BookSide::Ask, (&before.asks, &after.asks), at, &mut changes);
    changes
}

fn side_changes(side: BookSide, (before, after): (&[BookRow], &[BookRow]), at: Timestamp, changes: &mut Vec<DepthUpdate>) {
    let same = |a: &BookRow, b: &BookRow| a.price == b.price && a.market_maker == b.market_maker;
    let mut change = |position, operation, row: &BookRow| {
        let market_maker = row.market_maker.clone();
        changes.push(DepthUpdate { at, side, position, operation, price: row.price, size: row.size, market_maker });
    };
    // Rows that stay are in the same order in both: pair them off.
    let mut kept = Vec::with_capacity(before.len());
    let mut next = 0;
    for row in before {
        let found = after[next..].iter().position(|it| same(it, row));
        kept.push(found.map(|offset| next + offset));
        if let Some(offset) = found {
            next += offset + 1;
        }
    }
    for (position, row) in before.iter().enumerate().rev().filter(|(position, _)| kept[*position].is_none()) {
        change(position, BookOperation::Delete, row);
    }
    let stayed: Vec<(usize, usize)> = kept.iter().enumerate().filter_map(|(old, new)| new.map(|new| (new, old))).collect();
    for (position, row) in after.iter().enumerate() {
        match stayed.binary_search_by_key(&position, |(new, _)| *new) {
            Err(_) => change(position, BookOperation::Insert, row),
            Ok(found) if before[stayed[found].1].size != row.size => change(position, BookOperation::Update, row),
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
