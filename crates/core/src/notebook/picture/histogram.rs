//! How values are distributed: histograms, and that of overnight gaps.

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    numbers::range,
    refuse,
    sheet::{Plan, Sheet},
};
use crate::{
    charts::round_step,
    error::Result,
    market::Snapshot,
    notebook::{
        value::{grouped, number},
        view::instant,
    },
    scanners::{
        Scan,
        gap::{self, Direction, GapConfig},
    },
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

/// How far the symbols of a snapshot have moved overnight, in percent, with the least gap that a gap scan asks for marked.
///
/// Every symbol that has traded and has a previous close is counted, whatever else the scan asks for: what lies beyond a threshold alone
/// does not tell where it should be. Suspected splits are left out.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when the scan is of another kind, or no symbol has a gap.
pub fn gap_distribution(snapshot: &Snapshot, scan: &Scan) -> Result<Picture> {
    let Scan::Gap(config) = scan else {
        return Err(refuse("overnight gaps", format!("a {} scan asks for no gap: give one of kind gap", scan.name())));
    };
    let everything = GapConfig {
        min_gap_pct: 0.0,
        direction: Direction::Both,
        min_volume: 0.0,
        min_dollar_volume: 0.0,
        min_price: 0.0,
        max_price: f64::INFINITY,
        min_prints: 0,
        max_spread_bps: None,
        max_float_shares: None,
        exclude_etfs: false,
        exclude_halted: false,
        history_sessions: config.history_sessions,
        limit: usize::MAX,
    };
    let report = gap::scan(snapshot, &everything)?;
    let gaps: Vec<f64> = report.hits.iter().filter_map(|hit| hit.numbers.get("gap_pct")).collect();
    let marks = marks(config.min_gap_pct, config.direction);
    draw(&gaps, &format!("Overnight gaps as of {}", instant(report.as_of)), "gap, %", &marks)
}

/// How large given overnight gaps are, in percent, with a least gap marked on both sides.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) without gaps, or when none is a number.
pub fn gap_histogram(gaps: &[f64], threshold: f64) -> Result<Picture> {
    draw(gaps, "Overnight gaps", "gap, %", &marks(threshold, Direction::Both))
}

fn marks(least: f64, direction: Direction) -> Vec<(f64, String)> {
    let up = (least, format!("gap ≥ {} %", number(least)));
    let down = (-least, format!("gap ≤ {} %", number(-least)));
    match direction {
        _ if least <= 0.0 => Vec::new(),
        Direction::Up => vec![up],
        Direction::Down => vec![down],
        Direction::Both => vec![down, up],
    }
}

fn draw(values: &[f64], title: &str, label: &str, marks: &[(f64, String)]) -> Result<Picture> {
    let (low, high) = range(title, &[values])?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let quantile = |p: f64| sorted[((sorted.len() - 1) as f64 * p).round() as usize];
    let median = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
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
    let mut subtitle = format!("{} values, mean {}, median {}", grouped(sorted.len() as f64, 0), number(mean), number(median));
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
