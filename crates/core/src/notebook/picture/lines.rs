//! Lines and points from the columns of a frame.

use polars::prelude::DataFrame;

use super::{
    Picture,
    axis::Axis,
    copula::cloud,
    ink::Ink,
    numbers::{column, in_order, range, times},
    refuse,
    sheet::{Plan, Sheet},
};
use crate::{error::Result, notebook::frame::unit_of, notebook::value::grouped};

/// Width of plots in pixels.
pub(in crate::notebook) const WIDTH: f64 = 860.0;

/// Columns of a frame as lines over another of its columns, numbers or times.
///
/// Over times the rows are drawn side by side, so nights and weekends take no room. A null or NaN breaks its line. Any number of rows
/// makes a picture of a few hundred kilobytes at most: of the rows on one pixel only the outermost are drawn.
///
/// # Errors
/// [`Error::Unknown`](crate::Error::Unknown) for a column that is not there, with the names there are;
/// [`Error::Column`](crate::Error::Column) for one that is not of numbers; [`Error::Picture`](crate::Error::Picture) without rows or
/// numbers, or with times out of order.
///
/// ```
/// use bellwether::notebook::plot;
/// use polars::prelude::{Column, DataFrame};
/// let frame = DataFrame::new(3, vec![
///     Column::new("day".into(), [1.0, 2.0, 3.0]),
///     Column::new("close".into(), [10.0, 10.5, 10.2]),
/// ]).unwrap();
/// assert!(plot(&frame, "day", &["close"]).unwrap().svg().contains("close, USD"));
/// assert!(plot(&frame, "day", &["open"]).unwrap_err().to_string().contains("use one of day, close"));
/// ```
pub fn plot(frame: &DataFrame, x: &str, y: &[&str]) -> Result<Picture> {
    let title = format!("{} by {x}", y.join(", "));
    if y.is_empty() {
        return Err(refuse(&title, "no column to draw is named"));
    }
    let columns = y.iter().map(|name| column(frame, name)).collect::<Result<Vec<_>>>()?;
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let (low, high) = range(&title, &slices)?;
    let (places, axis) = match times(frame, x)? {
        Some(instants) => {
            in_order(&title, &instants)?;
            ((0..instants.len()).map(|row| row as f64).collect(), Axis::times(&instants, 9))
        }
        None => {
            let places = column(frame, x)?;
            let (low, high) = range(&title, &[&places])?;
            let axis = Axis::numbers(low, high, 8, &with_unit(x));
            (places, axis)
        }
    };
    let legend = if y.len() > 1 {
        y.iter().enumerate().map(|(at, name)| (with_unit(name), Ink::Series(at))).collect()
    } else {
        Vec::new()
    };
    let label = if let [name] = y { with_unit(name) } else { shared_unit(y) };
    let plan = Plan { height: 300.0, y: Axis::numbers(low, high, 6, &label), legend };
    let rows = format!("{} rows", grouped(frame.height() as f64, 0));
    let (mut sheet, panels) = Sheet::new(WIDTH, &title, &rows, &axis, &[plan]);
    for (at, values) in columns.iter().enumerate() {
        let points: Vec<(f64, f64)> = places.iter().copied().zip(values.iter().copied()).collect();
        sheet.line(&panels[0], &points, Ink::Series(at), 1.4, None);
    }
    Ok(Picture::of_sheet(&title, sheet))
}

/// Two columns of a frame against each other, a point a row. More than 2,000 points are drawn as shaded cells: the darker, the more.
///
/// # Errors
/// As [`plot`].
pub fn scatter(frame: &DataFrame, x: &str, y: &str) -> Result<Picture> {
    let title = format!("{y} against {x}");
    let (xs, ys) = (column(frame, x)?, column(frame, y)?);
    let points: Vec<(f64, f64)> = xs.into_iter().zip(ys).filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let (xs, ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let ((left, right), (low, high)) = (range(&title, &[&xs])?, range(&title, &[&ys])?);
    let axis = Axis::numbers(left, right, 8, &with_unit(x));
    let plan = Plan { height: 420.0, y: Axis::numbers(low, high, 7, &with_unit(y)), legend: Vec::new() };
    let (mut sheet, panels) = Sheet::new(560.0, &title, &format!("{} points", grouped(points.len() as f64, 0)), &axis, &[plan]);
    cloud(&mut sheet, &panels[0], &points, Ink::Series(0));
    Ok(Picture::of_sheet(&title, sheet))
}

/// `close, USD`.
pub(in crate::notebook) fn with_unit(name: &str) -> String {
    let unit = unit_of(name);
    if unit.is_empty() { name.to_owned() } else { format!("{name}, {unit}") }
}

/// The unit that all have, where they have one.
fn shared_unit(names: &[&str]) -> String {
    let units: Vec<String> = names.iter().map(|name| unit_of(name)).collect();
    if units.windows(2).all(|pair| pair[0] == pair[1]) && !units[0].is_empty() { units[0].clone() } else { "value".to_owned() }
}
