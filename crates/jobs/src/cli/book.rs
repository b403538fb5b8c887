//! `bellwether book`: features and order flow of a file of order-book snapshots.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use bellwether::{
    frames::{read_table, write_parquet},
    indicators::book::{BookFeaturesConfig, OrderBook, PriceImpact, book_frame, flow_by_interval, order_books_of, price_impact},
    market::Symbol,
};
use jiff::Timestamp;
use polars::prelude::{Column, DataFrame};
use serde::Serialize;
use serde_json::json;

use super::{Global, features::named_after, output};

/// Arguments of `book`.
#[derive(Debug, clap::Args)]
pub(super) struct BookArgs {
    /// The snapshots: Parquet or CSV with a time `at` (UTC unless it has a zone), `bid_price_1`, `bid_size_1`, `ask_price_1`,
    /// `ask_size_1`, the same with `_2`, `_3`, … for deeper levels, and `symbol` if several; a level that is not there is empty
    #[arg(long, value_name = "FILE")]
    snapshots: PathBuf,
    /// The Parquet file to write: symbol, time, the features, and the order-flow imbalance of each level
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Whose book it is, where there is no column `symbol` [default: what the file is named after]
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<Symbol>,
    /// Levels a side that volumes, imbalance, pressure and VWAP mid are taken over
    #[arg(long, default_value_t = BookFeaturesConfig::default().levels)]
    levels: usize,
    /// Size of the order whose impact is estimated
    #[arg(long, value_name = "SHARES", default_value_t = BookFeaturesConfig::default().impact_shares)]
    impact_shares: f64,
    /// Snapshots of the rolling features
    #[arg(long, value_name = "SNAPSHOTS", default_value_t = BookFeaturesConfig::default().window)]
    window: usize,
    /// Snapshots back that imbalance momentum compares with
    #[arg(long, value_name = "SNAPSHOTS", default_value_t = BookFeaturesConfig::default().momentum_lag)]
    momentum_lag: usize,
    /// Length of the intervals over which price changes are set against order flow
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=86_400))]
    interval: i64,
    /// Take books whose best bid is above the best ask: what is measured from the mid price is undefined in them
    #[arg(long)]
    allow_crossed: bool,
}

/// What is told of one symbol's book.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    symbol: &'a Symbol,
    rows: usize,
    levels: usize,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// Rows without mid price: a side is empty or the book is crossed.
    without_mid: usize,
    crossed: usize,
    /// Least squares of mid-price change on order flow at the best level; nothing where either never varies.
    price_impact: Option<PriceImpact>,
}

pub(super) fn run(args: BookArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let (file, out) = (args.snapshots.display(), &args.out);
    output::parquet(out)?;
    let config = BookFeaturesConfig {
        levels: args.levels,
        impact_shares: args.impact_shares,
        window: args.window,
        momentum_lag: args.momentum_lag,
    };
    let table = read_table(&args.snapshots)?;
    let symbol = args.symbol.clone().or_else(|| named_after(&args.snapshots));
    anyhow::ensure!(
        symbol.is_some() || table.column("symbol").is_ok(),
        "{file}: has no column `symbol` and is not named after one: say whose book it is with --symbol"
    );
    let books = order_books_of(&table, symbol.as_ref()).with_context(|| file.to_string())?;
    anyhow::ensure!(!books.is_empty(), "{file}: holds no snapshot");
    let mut all = DataFrame::default();
    let mut summaries = Vec::new();
    for (symbol, book) in &books {
        let crossed = book.crossed_rows().count();
        if let Some(row) = book.crossed_rows().next().filter(|_| !args.allow_crossed) {
            let at = time_of(book, row).map_or_else(String::new, |at| format!(", {at}"));
            anyhow::bail!(
                "{file}: order book of {symbol}: in row {row}{at} the best bid is above the best ask, and so in {crossed} of {} \
                 rows; --allow-crossed takes them, with what is measured from the mid price undefined",
                book.len()
            );
        }
        let mut frame = book_frame(book, &config)?;
        frame.insert_column(0, Column::new("symbol".into(), vec![symbol.as_str(); book.len()]))?;
        all.vstack_mut(&frame)?;
        summaries.push(Summary {
            symbol,
            rows: book.len(),
            levels: book.depth(),
            first: time_of(book, 0),
            last: time_of(book, book.len() - 1),
            without_mid: (0..book.len()).filter(|&row| book.mid(row).is_none()).count(),
            crossed,
            price_impact: price_impact(&flow_by_interval(book, 0, args.interval * 1_000_000)?),
        });
    }
    write_parquet(out, &mut all)?;
    let (rows, columns) = (all.height(), all.width() - 2);
    if global.json {
        output::print_json(&json!({ "rows": rows, "columns": columns, "out": out, "books": summaries }))?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("{rows} rows, {columns} columns → {}", out.display());
    for book in &summaries {
        let impact = match book.price_impact {
            Some(impact) => format!(
                "100 shares of order flow in {} s move the mid price by {:.4} USD (R² {:.2}, {} intervals)",
                args.interval,
                100.0 * impact.slope,
                impact.r_squared,
                impact.intervals
            ),
            None => "too little varies to tell what order flow does to the price".to_owned(),
        };
        println!(
            "{}: {} snapshots, levels a side {}, {} without mid price, {} crossed; {impact}",
            book.symbol, book.rows, book.levels, book.without_mid, book.crossed
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn time_of(book: &OrderBook, row: usize) -> Option<Timestamp> {
    book.at().get(row).and_then(|at| Timestamp::from_microsecond(*at).ok())
}
