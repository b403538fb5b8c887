//! Returns and their volatility under a fitted model, and what may follow.

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    lines::WIDTH,
    numbers::range,
    refuse,
    sheet::{Panel, Plan, Sheet},
};
use crate::{
    error::Result,
    notebook::value::grouped,
    risk::garch::{Fitted, Paths},
};

/// Quantiles of the fan, the outer pair first.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Newest returns that are shown at least, and how many times as many as the steps of the forecast.
const NEWEST: (usize, usize) = (120, 6);

/// Returns with the model's volatility around their means, the volatility itself below, and both continued by the quantiles
/// (5, 25, 50, 75, 95 %) of simulated [`Paths`]: of each step's own return, not of their sum. The newest 120 returns are shown, more
/// for a long forecast. `unit` is that of the returns the model was fitted to, such as `%`; volatility is that of one return.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when there are no returns or no paths, or when none is a number.
pub fn volatility_picture(fitted: &Fitted, paths: &Paths, unit: &str) -> Result<Picture> {
    let title = fitted.model.to_string();
    let (count, steps) = (fitted.residuals.len(), paths.horizon);
    if steps == 0 || paths.returns.is_empty() {
        return Err(refuse(&title, "there are no simulated paths: draw some with `fitted.paths(…)`"));
    }
    let shown = count.min(NEWEST.0.max(NEWEST.1 * steps));
    let means = &fitted.means[count - shown..];
    let observed: Vec<f64> = means.iter().zip(&fitted.residuals[count - shown..]).map(|(mean, e)| mean + e).collect();
    let volatilities = &fitted.volatilities[count - shown..];
    let returns: Vec<Vec<f64>> = QUANTILES.iter().map(|p| paths.return_quantiles(*p)).collect();
    let ahead: Vec<Vec<f64>> = QUANTILES
        .iter()
        .map(|p| paths.variance_quantiles(*p).into_iter().map(|variance| variance.max(0.0).sqrt()).collect())
        .collect();
    let slices: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    range(&title, &[&observed])?;
    let around = |sign: f64| -> Vec<f64> { means.iter().zip(volatilities).map(|(mean, x)| mean + sign * x).collect() };
    let (above, below) = (around(2.0), around(-2.0));
    let (low, high) = range(&title, &[&[&observed[..], &above, &below], &slices[..]].concat())?;
    let slices: Vec<&[f64]> = ahead.iter().map(Vec::as_slice).collect();
    let (_, most) = range(&title, &[&[volatilities], &slices[..]].concat())?;
    let fan =
        |name: &str| vec![(name.to_owned(), Ink::Series(1)), ("fan 5 to 95 %, 25 to 75 %, median".to_owned(), Ink::Series(2))];
    let mut upper = fan("mean ± 2 volatilities");
    upper.insert(0, ("return".to_owned(), Ink::Series(5)));
    let plans = [
        Plan { height: 210.0, y: Axis::numbers(low, high, 6, &format!("return, {unit}")), legend: upper },
        Plan {
            height: 140.0,
            y: Axis::exactly(0.0, most * 1.08, 4, &format!("volatility, {unit}")),
            legend: fan("conditional volatility of a return"),
        },
    ];
    let label = "returns before (−) and after (+) the newest one";
    let axis = Axis::exactly(-(shown as f64) - 0.5, steps as f64 + 1.5, 10, label);
    let subtitle = format!(
        "newest {} of {} returns; {} paths of {steps} steps",
        grouped(shown as f64, 0),
        grouped(count as f64, 0),
        grouped((paths.returns.len() / steps) as f64, 0)
    );
    let (mut sheet, panels) = Sheet::new(WIDTH, &title, &subtitle, &axis, &plans);
    let place = |row: usize| row as f64 - shown as f64 + 1.0;
    let bars: Vec<(f64, f64, f64)> =
        observed.iter().enumerate().map(|(row, x)| (place(row) - 0.35, place(row) + 0.35, *x)).collect();
    sheet.bars(&panels[0], &bars, 0.0, Ink::Series(5), 0.9);
    for edge in [above, below] {
        let line: Vec<(f64, f64)> = edge.into_iter().enumerate().map(|(row, x)| (place(row), x)).collect();
        sheet.line(&panels[0], &line, Ink::Series(1), 1.1, None);
    }
    fan_of(&mut sheet, &panels[0], &returns, None);
    let line: Vec<(f64, f64)> = volatilities.iter().enumerate().map(|(row, x)| (place(row), *x)).collect();
    sheet.line(&panels[1], &line, Ink::Series(1), 1.4, None);
    fan_of(&mut sheet, &panels[1], &ahead, volatilities.last().copied());
    for panel in &panels {
        sheet.upright(panel, 0.5, "", Ink::Mark);
    }
    Ok(Picture::of_sheet(&title, sheet))
}

/// Bands between the outer and the inner quantiles, and the median.
fn fan_of(sheet: &mut Sheet, panel: &Panel, quantiles: &[Vec<f64>], last: Option<f64>) {
    let joined = |values: &Vec<f64>| last.into_iter().chain(values.iter().copied()).collect::<Vec<f64>>();
    let first = if last.is_some() { 0 } else { 1 };
    let steps: Vec<f64> = (first..=quantiles[0].len()).map(|step| step as f64).collect();
    sheet.band(panel, &steps, &joined(&quantiles[0]), &joined(&quantiles[4]), Ink::Series(2), 0.25);
    sheet.band(panel, &steps, &joined(&quantiles[1]), &joined(&quantiles[3]), Ink::Series(2), 0.35);
    let median: Vec<(f64, f64)> = steps.into_iter().zip(joined(&quantiles[2])).collect();
    sheet.line(panel, &median, Ink::Series(2), 1.6, None);
}
