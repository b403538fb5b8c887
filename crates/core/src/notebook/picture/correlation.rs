//! Correlations of a frame's columns as a map: Pearson's below the diagonal, Spearman's above.

use polars::prelude::DataFrame;

use super::{
    Picture,
    ink::Ink,
    numbers::column,
    refuse,
    shape::{Anchor, Label, Shape},
    sheet::{CHARACTER, SMALL, Sheet, rectangle},
};
use crate::{
    error::Result,
    notebook::value::grouped,
    risk::copula::{correlation, pseudo_observations},
};

/// More columns than this cannot be read.
const MOST_COLUMNS: usize = 24;
/// Pairs fewer than this say nothing.
const FEWEST: usize = 3;
/// Longest name.
const LONGEST: usize = 24;

/// Correlations of all numeric columns of a frame, each over the rows in which both are numbers: Pearson's below the diagonal and
/// Spearman's (of ranks) above it. A column that does not vary has none.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when there are fewer than two numeric columns, or more than 24.
pub fn correlation_map(frame: &DataFrame) -> Result<Picture> {
    const TITLE: &str = "Correlations";
    let numeric = frame.columns().iter().filter(|column| column.dtype().is_primitive_numeric());
    let names: Vec<String> = numeric.map(|column| column.name().to_string()).collect();
    match names.len() {
        0 | 1 => return Err(refuse(TITLE, format!("{} numeric columns are too few: two at least are needed", names.len()))),
        2..=MOST_COLUMNS => {}
        count => return Err(refuse(TITLE, format!("{count} numeric columns cannot be read: select {MOST_COLUMNS} at most"))),
    }
    let columns = names.iter().map(|name| column(frame, name)).collect::<Result<Vec<_>>>()?;
    let rows = format!("{} rows; below the diagonal Pearson's, above it Spearman's", grouped(frame.height() as f64, 0));
    Ok(Picture::of_sheet(TITLE, sheet(TITLE, &rows, &names, &columns)))
}

fn sheet(title: &str, subtitle: &str, names: &[String], columns: &[Vec<f64>]) -> Sheet {
    let count = names.len();
    let cell = if count <= 8 { 58.0 } else { 42.0 };
    let names: Vec<String> = names.iter().map(|name| shortened(name)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(1) as f64 * CHARACTER;
    // Names lie flat where all fit into their columns, and stand upright otherwise.
    let upright = longest > cell - 6.0;
    let (left, top) = (longest + 22.0, 56.0 + if upright { longest + 8.0 } else { 20.0 });
    let mut sheet = Sheet { width: (left + cell * count as f64 + 14.0).max(430.0), ..Sheet::default() };
    sheet.height = top + cell * count as f64 + 14.0;
    let label = |at: (f64, f64), text: &str, size: u32, anchor: Anchor, ink: Ink| Label {
        at,
        text: text.to_owned(),
        size,
        anchor,
        ink,
        bold: false,
        upright: false,
    };
    sheet.shapes.push(Shape::Label(Label { bold: true, ..label((14.0, 22.0), title, 15, Anchor::Start, Ink::Text) }));
    sheet.shapes.push(Shape::Label(label((14.0, 40.0), subtitle, 12, Anchor::Start, Ink::Muted)));
    for (at, name) in names.iter().enumerate() {
        let middle = (at as f64 + 0.5) * cell;
        sheet.label((left - 8.0, top + middle + 4.0), name, Anchor::End, Ink::Text);
        let head = if upright { (left + middle + 4.0, top - 8.0) } else { (left + middle, top - 8.0) };
        let anchor = if upright { Anchor::Start } else { Anchor::Middle };
        sheet.shapes.push(Shape::Label(Label { upright, ..label(head, name, SMALL, anchor, Ink::Text) }));
    }
    for row in 0..count {
        for column in (0..count).filter(|column| *column != row) {
            let value = measured(&columns[row], &columns[column], column > row);
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            let text = value.map_or_else(|| "–".to_owned(), |rho| grouped(rho, 2));
            if let Some(rho) = value.filter(|rho| rho.abs() >= 0.005) {
                let ink = if rho > 0.0 { Ink::Series(0) } else { Ink::Series(1) };
                // Weak enough that the page's own ink reads on it, dark or light.
                sheet.fill(rectangle(x + 1.0, y + 1.0, cell - 2.0, cell - 2.0), ink, 0.62 * rho.abs());
            }
            sheet.label((x + cell / 2.0, y + cell / 2.0 + 4.0), &text, Anchor::Middle, Ink::Text);
        }
    }
    let size = cell * count as f64;
    sheet.stroke(format!("M{left} {top}h{size}v{size}h-{size}zM{left} {top}l{size} {size}"), Ink::Axis, 1.0);
    sheet
}

/// A name without its middle: columns of a kind differ at the end.
fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= LONGEST {
        return name.to_owned();
    }
    let (head, tail) = (&letters[..LONGEST / 2], &letters[letters.len() + 1 - LONGEST / 2..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// Correlation of two columns over the rows that both have; none where it is undefined.
fn measured(one: &[f64], other: &[f64], ranks: bool) -> Option<f64> {
    let pairs = one.iter().zip(other).filter(|(a, b)| a.is_finite() && b.is_finite());
    let (one, other): (Vec<f64>, Vec<f64>) = pairs.map(|(a, b)| (*a, *b)).unzip();
    let varies = |values: &[f64]| values.iter().any(|value| *value != values[0]);
    if one.len() < FEWEST || !varies(&one) || !varies(&other) {
        return None;
    }
    if ranks {
        return Some(correlation(&pseudo_observations(&one).ok()?, &pseudo_observations(&other).ok()?));
    }
    Some(correlation(&one, &other))
}
