//! How values are distributed: histograms, and that of overnight gaps.

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    numbers::range,
    sheet::{Plan, Sheet},
};
use crate::{
    charts::round_step,
    error::Result,
    notebook::value::{grouped, number},
    scanners::ScanReport,
};

/// About so many bars.
const BARS: f64 = 44.0;

/// How many of the values lie where.
///
/// Bars have round edges. Values beyond the outer 0.5 % are counted in the outermost bars where they would squeeze all others into a few,
/// and the picture says so.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) without values, or when none is a number.
pub fn histogram(values: &[f64], title: &str, label: &str) -> Result<Picture> {
    draw(values, title, label, &[])
}

/// How large the overnight gaps of a scan's hits are, in percent, with the least gap that the scan asked for marked on both sides.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when no hit has a `gap_pct`.
pub fn gap_distribution(report: &ScanReport, threshold: f64) -> Result<Picture> {
    let gaps: Vec<f64> = report.hits.iter().filter_map(|hit| hit.numbers.get("gap_pct")).collect();
    gap_histogram(&gaps, threshold)
}

/// How large overnight gaps are, in percent, with a scan's least gap marked on both sides.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) without gaps, or when none is a number.
pub fn gap_histogram(gaps: &[f64], threshold: f64) -> Result<Picture> {
    let named = |at: f64| (at, format!("{} {} %", if at > 0.0 { "gap ≥" } else { "gap ≤" }, number(at)));
    let marks = if threshold > 0.0 { vec![named(-threshold), named(threshold)] } else { Vec::new() };
    draw(gaps, "Overnight gaps", "gap, %", &marks)
}

fn draw(values: &[f64], title: &str, label: &str, marks: &[(f64, String)]) -> Result<Picture> {
    let (low, high) = range(title, &[values])?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let quantile = |p: f64| sorted[((sorted.len() - 1) as f64 * p).round() as usize];
    let (inner_low, inner_high) = (quantile(0.005), quantile(0.995));
    let far = high - low > 2.5 * (inner_high - inner_low) && inner_high > inner_low && sorted.len() > 100;
    let (low, high) = if far { (inner_low, inner_high) } else { (low, high) };
    let width = round_step(
        ((high - low) / BARS.min(3.0 + (sorted.len() as f64).sqrt() * 1.5)).max(high.abs().max(low.abs()) * 1e-9).max(1e-12),
    );
    let first = (low / width).floor();
    let count = (((high / width).floor() - first) as usize + 1).min(500);
    let mut bars = vec![0_usize; count];
    for value in &sorted {
        bars[((value / width).floor() - first).clamp(0.0, count as f64 - 1.0) as usize] += 1;
    }
    let beyond = sorted.iter().filter(|value| **value < low || **value > high).count();
    let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
    let mut subtitle =
        format!("{} values, mean {}, median {}", grouped(sorted.len() as f64, 0), number(mean), number(quantile(0.5)));
    if sorted.len() < values.len() {
        subtitle += &format!(", {} not numbers", grouped((values.len() - sorted.len()) as f64, 0));
    }
    if beyond > 0 {
        subtitle += &format!("; {beyond} beyond the edges are in the outermost bars");
    }
    let (from, until) = (first * width, (first + count as f64) * width);
    let marked = |edge: f64, pick: fn(f64, f64) -> f64| marks.iter().map(|mark| mark.0).fold(edge, pick);
    let air = 0.02 * (until - from);
    let axis = Axis::exactly(marked(from, f64::min) - air, marked(until, f64::max) + air, 9, label);
    let most = bars.iter().copied().max().unwrap_or(0) as f64;
    let plan = Plan {
        height: 270.0,
        y: Axis::exactly(0.0, most * 1.12, 5.min(most as usize + 1), "values in the bar"),
        legend: Vec::new(),
    };
    let (mut sheet, panels) = Sheet::new(680.0, title, &subtitle, &axis, &[plan]);
    let edges = (0..count).map(|at| (from + at as f64 * width, from + (at as f64 + 0.92) * width, bars[at] as f64));
    sheet.bars(&panels[0], &edges.filter(|bar| bar.2 > 0.0).collect::<Vec<_>>(), 0.0, Ink::Series(0), 0.85);
    for (at, name) in marks {
        sheet.upright(&panels[0], *at, name, Ink::Mark);
    }
    Ok(Picture::of_sheet(title, sheet))
}
