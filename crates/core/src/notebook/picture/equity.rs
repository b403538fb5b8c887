//! An equity curve, and below it how far it stands under its highest point so far.

use jiff::Timestamp;
use polars::prelude::DataFrame;

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    lines::WIDTH,
    numbers::{column, in_order, range, same_length, times},
    refuse,
    sheet::{Plan, Sheet},
};
use crate::{
    error::{Error, Result},
    notebook::value::{grouped, number},
};

/// An equity curve from two columns of a frame: times, and what the account is worth in USD.
///
/// # Errors
/// [`Error::Unknown`] for a column that is not there; [`Error::Column`] when they are not of times and numbers; else as
/// [`equity_curve_of`].
pub fn equity_curve(frame: &DataFrame, time: &str, equity: &str) -> Result<Picture> {
    let Some(micros) = times(frame, time)? else {
        let problem = "is not of times: choose a column of dates or instants".to_owned();
        return Err(Error::Column { table: "picture".into(), column: time.into(), problem });
    };
    draw(&micros, &column(frame, equity)?)
}

/// An equity curve in USD, with its drawdown in percent of the highest equity so far below.
///
/// ```text
/// drawdown = 100 (equity / max of equity so far − 1)
/// ```
///
/// # Errors
/// [`Error::Picture`] when there are no values, when times and values are not as many, when times are out of order, or when an equity is
/// not a positive number: a drawdown of it means nothing.
pub fn equity_curve_of(times: &[Timestamp], equity: &[f64]) -> Result<Picture> {
    let micros: Vec<i64> = times.iter().map(|at| at.as_microsecond()).collect();
    draw(&micros, equity)
}

fn draw(micros: &[i64], equity: &[f64]) -> Result<Picture> {
    const TITLE: &str = "Equity and drawdown";
    same_length(TITLE, ("the times", micros.len()), ("the equity", equity.len()))?;
    let (low, high) = range(TITLE, &[equity])?;
    in_order(TITLE, micros)?;
    if let Some(row) = equity.iter().position(|value| !(value.is_finite() && *value > 0.0)) {
        return Err(refuse(TITLE, format!("equity of row {row} is {}: it must be a positive number of USD", equity[row])));
    }
    let mut best = f64::MIN;
    let drawdown: Vec<f64> = equity
        .iter()
        .map(|value| {
            best = best.max(*value);
            100.0 * (value / best - 1.0)
        })
        .collect();
    let (deepest, depth) =
        drawdown.iter().copied().enumerate().fold((0, 0.0), |worst, (row, x)| if x < worst.1 { (row, x) } else { worst });
    let gain = 100.0 * (equity[equity.len() - 1] / equity[0] - 1.0);
    let subtitle = format!(
        "{} values, {}{} % over all, deepest drawdown {} %",
        grouped(equity.len() as f64, 0),
        if gain > 0.0 { "+" } else { "" },
        number((gain * 10.0).round() / 10.0),
        number((depth * 10.0).round() / 10.0)
    );
    let plans = [
        Plan { height: 230.0, y: Axis::numbers(low, high, 6, "equity, USD"), legend: Vec::new() },
        Plan { height: 100.0, y: Axis::exactly((depth * 1.12).min(-0.1), 0.0, 3, "drawdown, %"), legend: Vec::new() },
    ];
    let (mut sheet, panels) = Sheet::new(WIDTH, TITLE, &subtitle, &Axis::times(micros, 9), &plans);
    let places: Vec<f64> = (0..equity.len()).map(|row| row as f64).collect();
    let points = |values: &[f64]| places.iter().copied().zip(values.iter().copied()).collect::<Vec<(f64, f64)>>();
    sheet.line(&panels[0], &points(equity), Ink::Series(0), 1.5, None);
    sheet.area(&panels[1], &points(&drawdown), 0.0, Ink::Down, 0.3);
    sheet.line(&panels[1], &points(&drawdown), Ink::Down, 1.2, None);
    if depth < 0.0 {
        let peak = (0..=deepest).max_by(|a, b| equity[*a].total_cmp(&equity[*b])).unwrap_or(0);
        for (row, name) in [(peak, "peak"), (deepest, "trough")] {
            sheet.dot(&panels[0], (row as f64, equity[row]), name, Ink::Mark);
        }
    }
    Ok(Picture::of_sheet(TITLE, sheet))
}
