//! Tables and numbers on the terminal.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal as _,
    path::Path,
};

use bellwether::{
    market::{MissingData, MissingReason, SnapshotPart, Symbol},
    scanners::{Hit, ScanReport},
};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

/// Standard output is a terminal and colour is wanted.
pub(super) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new(' ', '─', '─', ' '));

/// An empty table in the house style.
pub(super) fn table(headers: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(120);
    }
    if !colour() {
        table.force_no_tty();
    }
    table.set_header(headers.iter().map(|header| Cell::new(header).add_attribute(Attribute::Bold)));
    table
}

/// What a scan's table shows: header, number, how it is written.
type Shown = (&'static str, &'static str, fn(f64) -> String);

fn shown(scan: &str) -> &'static [Shown] {
    match scan {
        "gap" => &[
            ("gap", "gap_pct", signed_percent),
            ("last", "last", price),
            ("prev close", "prev_close", price),
            ("pre-mkt vol", "premarket_volume", shares),
            ("prints", "prints", shares),
            ("rvol", "premarket_rvol", times),
            ("spread bp", "spread_bps", plain),
        ],
        "momentum" => &[
            ("score", "score", plain),
            ("change", "change_pct", signed_percent),
            ("from open", "change_from_open_pct", signed_percent),
            ("last", "last", price),
            ("rvol", "rvol", times),
            ("RSI", "rsi", plain),
            ("vs vwap", "vwap_distance_pct", signed_percent),
            ("volume", "volume", shares),
        ],
        "unusual_volume" => &[
            ("rvol", "session_rvol", times),
            ("volume", "session_volume", shares),
            ("last", "last", price),
            ("change", "change_pct", signed_percent),
        ],
        "breakout" => &[
            ("above high", "breakout_pct", signed_percent),
            ("prior high", "prior_high", price),
            ("last", "last", price),
            ("rvol", "session_rvol", times),
            ("volume", "session_volume", shares),
        ],
        _ => &[
            ("gap", "gap_pct", signed_percent),
            ("change", "change_pct", signed_percent),
            ("last", "last", price),
            ("rvol", "session_rvol", times),
            ("volume", "session_volume", shares),
            ("score", "score", plain),
        ],
    }
}

/// The ranked hits of a report, at most `most`.
pub(super) fn hits_table(report: &ScanReport, most: usize) -> Table {
    let columns = shown(report.scan);
    let trend = report.hits.iter().any(|hit| hit.trend.is_some());
    let news = report.hits.iter().any(|hit| hit.headline.is_some());
    let mut headers = vec!["#", "symbol"];
    headers.extend(columns.iter().map(|(header, ..)| *header));
    headers.extend(trend.then_some("trend"));
    headers.extend(news.then_some("headline"));
    let mut table = table(&headers);
    table.set_content_arrangement(ContentArrangement::Disabled);
    for index in 0..2 + columns.len() {
        if let Some(column) = table.column_mut(index).filter(|_| index != 1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for hit in report.hits.iter().take(most) {
        let mut row =
            vec![Cell::new(hit.rank).set_alignment(CellAlignment::Right), Cell::new(&hit.symbol).add_attribute(Attribute::Bold)];
        row.extend(columns.iter().map(|column| number_cell(hit, column)));
        if trend {
            row.push(Cell::new(hit.trend.unwrap_or_default()));
        }
        if news {
            let text = shortened(hit.headline.as_deref().unwrap_or_default(), 40);
            row.push(Cell::new(text).fg(Color::DarkGrey));
        }
        table.add_row(row);
    }
    table
}

/// `text` in at most `most` characters, with an ellipsis where something was cut.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

fn number_cell(hit: &Hit, (_, name, write): &Shown) -> Cell {
    let value = hit.numbers.get(name);
    let cell = Cell::new(value.map_or_else(|| "–".to_owned(), write)).set_alignment(CellAlignment::Right);
    match value {
        Some(x) if name.ends_with("_pct") && colour() => cell.fg(if x < 0.0 { Color::Red } else { Color::Green }),
        _ => cell,
    }
}

/// What a report set aside, in a line each.
pub(super) fn set_aside_lines(report: &ScanReport) -> Vec<String> {
    let mut lines = Vec::new();
    for split in &report.suspected_splits {
        let ratio =
            if split.ratio < 1.0 { format!("1:{:.0} reverse", split.ratio.recip()) } else { format!("{}:1", split.ratio) };
        lines.push(format!(
            "{}: {} → {} on {} shares looks like a {ratio} split, not a gap",
            split.symbol,
            price(split.prev_close),
            price(split.last),
            shares(split.volume)
        ));
    }
    if !report.halted.is_empty() {
        lines.push(format!("halted, not ranked: {}", join(&report.halted)));
    }
    if !report.no_previous_close.is_empty() {
        lines.push(format!("no previous close: {}", join(&report.no_previous_close)));
    }
    for aside in &report.set_aside {
        lines.push(format!("{} set aside: {}", aside.symbol, aside.reason));
    }
    lines.extend(missing_lines(report.missing.iter().filter(|missing| missing.reason != MissingReason::BadData)));
    lines
}

/// What was missing, a line for each reason.
pub(super) fn missing_lines<'a>(missing: impl Iterator<Item = &'a MissingData>) -> Vec<String> {
    let mut others: BTreeMap<MissingReason, (BTreeSet<&Symbol>, BTreeSet<SnapshotPart>)> = BTreeMap::new();
    for missing in missing {
        let (symbols, parts) = others.entry(missing.reason).or_default();
        symbols.insert(&missing.symbol);
        parts.insert(missing.part);
    }
    let line = |(reason, (symbols, parts)): (MissingReason, (BTreeSet<&Symbol>, BTreeSet<SnapshotPart>))| {
        let (symbols, parts): (Vec<_>, Vec<_>) =
            (symbols.into_iter().collect(), parts.into_iter().map(SnapshotPart::as_str).collect());
        format!("{}: {} ({})", reason.as_str(), join(&symbols), parts.join(", "))
    };
    others.into_iter().map(line).collect()
}

fn join<T: std::fmt::Display>(items: &[T]) -> String {
    let shown: Vec<String> = items.iter().take(12).map(ToString::to_string).collect();
    let more = items.len().saturating_sub(12);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// `+23.1 %`
pub(super) fn signed_percent(x: f64) -> String {
    format!("{}{:.1} %", if x < 0.0 { '−' } else { '+' }, x.abs())
}

fn price(x: f64) -> String {
    if x < 1.0 { format!("{x:.4}") } else { format!("{x:.2}") }
}

/// `11,455,877`
pub(super) fn shares(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if x < 0.0 { format!("−{out}") } else { out }
}

fn times(x: f64) -> String {
    if x < 10.0 { format!("{x:.1}×") } else { format!("{}×", shares(x)) }
}

fn plain(x: f64) -> String {
    format!("{x:.1}")
}

/// What is written is Parquet, and the file is to say so.
pub(super) fn parquet(out: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        out.extension().is_some_and(|extension| extension == "parquet"),
        "{}: the output must be a .parquet file",
        out.display()
    );
    Ok(())
}

/// Prints a value as JSON on standard output.
pub(super) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(shares(11_455_877.0), "11,455,877");
        assert_eq!(shares(999.0), "999");
        assert_eq!(shares(1000.0), "1,000");
        assert_eq!(signed_percent(-4.04), "−4.0 %");
        assert_eq!(signed_percent(201.29), "+201.3 %");
    }
}
