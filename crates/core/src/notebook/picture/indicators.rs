//! The price above, one panel for each indicator below, over the same times.

use polars::prelude::{DataFrame, DataType};

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    lines::{WIDTH, with_unit},
    numbers::{column, in_order, range, times},
    refuse,
    sheet::{Panel, Plan, Sheet, rectangle, snap, tenth},
};
use crate::{
    error::{Error, Result},
    notebook::value::grouped,
};

/// More candles than this are too thin.
const MOST_CANDLES: usize = 300;
/// More panels than this are no picture.
const MOST_PANELS: usize = 12;

/// The prices of a frame of one symbol as candles, and one panel below for each of the named columns, over a shared axis of time.
///
/// The frame has `close_at` or `open_at`, and `open`, `high`, `low`, `close`; with `close` alone the price is a line. More than 300 rows
/// are joined to candles of several rows, which the picture says; the indicators keep every row.
///
/// # Errors
/// [`Error::Unknown`] for a column that is not there, with the names there are; [`Error::Column`] for one that is not of numbers;
/// [`Error::Picture`] when the frame has no rows, several symbols, times out of order, or a column without any number.
pub fn indicator_panels(frame: &DataFrame, indicators: &[&str]) -> Result<Picture> {
    let symbol = symbol_of(frame)?;
    let title = if symbol.is_empty() { indicators.join(", ") } else { format!("{symbol}: {}", indicators.join(", ")) };
    if !(1..=MOST_PANELS).contains(&indicators.len()) {
        return Err(refuse(&title, format!("{} indicators: name 1 to {MOST_PANELS} columns", indicators.len())));
    }
    let time =
        ["close_at", "open_at", "at", "time", "date"].into_iter().find(|name| frame.column(name).is_ok()).unwrap_or("close_at");
    let micros = times(frame, time)?.ok_or_else(|| Error::Column {
        table: "picture".into(),
        column: time.into(),
        problem: "is not of times: it must tell when each row was known".into(),
    })?;
    in_order(&title, &micros)?;
    let close = column(frame, "close")?;
    let prices: Option<Vec<Vec<f64>>> = ["open", "high", "low"].into_iter().map(|name| column(frame, name).ok()).collect();
    let columns = indicators.iter().map(|name| column(frame, name)).collect::<Result<Vec<_>>>()?;
    let (low, high) = match prices.as_deref() {
        Some([_, high, low]) => range(&title, &[high, low, &close])?,
        _ => range(&title, &[&close])?,
    };
    let mut plans = vec![Plan { height: 220.0, y: Axis::numbers(low, high, 6, "price, USD"), legend: Vec::new() }];
    for (name, values) in indicators.iter().zip(&columns) {
        let (low, high) = range(&format!("{title}, column {name}"), &[values])?;
        plans.push(Plan { height: 92.0, y: Axis::numbers(low, high, 3, &with_unit(name)), legend: Vec::new() });
    }
    let rows = close.len().div_ceil(MOST_CANDLES).max(1);
    let mut subtitle = format!("{} rows", grouped(close.len() as f64, 0));
    if prices.is_some() && rows > 1 {
        subtitle += &format!("; each candle joins {rows} rows");
    }
    let (mut sheet, panels) = Sheet::new(WIDTH, &title, &subtitle, &Axis::times(&micros, 9), &plans);
    let line = |values: &[f64]| values.iter().enumerate().map(|(row, x)| (row as f64, *x)).collect::<Vec<(f64, f64)>>();
    match prices.as_deref() {
        Some([open, high, low]) => draw_candles(&mut sheet, &panels[0], [open, high, low, &close], rows),
        _ => sheet.line(&panels[0], &line(&close), Ink::Text, 1.3, None),
    }
    for ((at, values), panel) in columns.iter().enumerate().zip(&panels[1..]) {
        sheet.line(panel, &line(values), Ink::Series(at), 1.3, None);
    }
    Ok(Picture::of_sheet(&title, sheet))
}

/// The one symbol of a frame; empty when it has no such column.
fn symbol_of(frame: &DataFrame) -> Result<String> {
    let Ok(found) = frame.column("symbol") else { return Ok(String::new()) };
    let texts = found.cast(&DataType::String).map_err(Error::frame("reading column `symbol`"))?;
    let mut names: Vec<&str> = texts.str().map_err(Error::frame("reading column `symbol`"))?.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    match names[..] {
        [] => Ok(String::new()),
        [one] => Ok(one.to_owned()),
        _ => {
            Err(refuse("indicators", format!("the frame has {} symbols ({}, {}, …): keep one", names.len(), names[0], names[1])))
        }
    }
}

/// Rising candles in one path, falling ones in another, each of so many rows.
fn draw_candles(sheet: &mut Sheet, panel: &Panel, [open, high, low, close]: [&[f64]; 4], rows: usize) {
    let width = ((panel.x(rows as f64) - panel.x(0.0)) * 0.72).clamp(1.0, 12.0);
    let mut wicks = [String::new(), String::new()];
    let mut bodies = [String::new(), String::new()];
    for from in (0..close.len()).step_by(rows) {
        let until = (from + rows).min(close.len());
        let whole = from..until;
        let first = whole.clone().find(|row| open[*row].is_finite());
        let last = whole.clone().rev().find(|row| close[*row].is_finite());
        let (Some(first), Some(last)) = (first, last) else { continue };
        let top = whole.clone().map(|row| high[row]).fold(f64::NAN, f64::max);
        let floor = whole.map(|row| low[row]).fold(f64::NAN, f64::min);
        let side = usize::from(close[last] < open[first]);
        let middle = snap(panel.x((from + until - 1) as f64 / 2.0));
        if top.is_finite() && floor.is_finite() {
            wicks[side] += &format!("M{middle} {}V{}", tenth(panel.y(top)), tenth(panel.y(floor)));
        }
        let (above, below) = (panel.y(open[first].max(close[last])), panel.y(open[first].min(close[last])));
        bodies[side] += &rectangle(middle - width / 2.0, above, width, (below - above).max(1.0));
    }
    for ((wick, body), ink) in wicks.into_iter().zip(bodies).zip([Ink::Up, Ink::Down]) {
        sheet.stroke(wick, ink, 1.0);
        sheet.fill(body, ink, 1.0);
    }
}
