//! From a scan's report to what is told of it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bellwether::{
    charts::{CandlePicture, ChartTheme, PriceMark, candles_png},
    market::{MissingReason, Snapshot, other_sources},
    scanners::{Hit, ScanReport},
};

use super::{
    content::{AlertContent, Cell, Column, Fact, Note, Occasion, Picture, Row, Tone},
    figures::{
        basis_points, clock, counted, date_and_clock, grouped, listed, multiple, one_line, price, shares, shortened,
        signed_percent, whole,
    },
};

/// Pictures are for the best hits: more would make the mail too heavy for a telephone.
const MOST_PICTURES: usize = 5;
/// Hits named in the subject.
const NAMED_IN_SUBJECT: usize = 3;
/// Symbols named in a note.
const NAMED_IN_NOTE: usize = 12;

/// A number of the scan as it is shown.
struct Shown {
    key: &'static str,
    label: &'static str,
    write: fn(f64) -> String,
    signed: bool,
}

const fn shown(key: &'static str, label: &'static str, write: fn(f64) -> String) -> Shown {
    Shown { key, label, write, signed: false }
}

const fn signed(key: &'static str, label: &'static str) -> Shown {
    Shown { key, label, write: signed_percent, signed: true }
}

/// How a kind of scan is told: what its hits are called, and its columns, the first of which names a hit in the subject.
struct Telling {
    one: &'static str,
    many: &'static str,
    columns: Vec<Shown>,
}

fn telling(scan: &str) -> Telling {
    let (one, many, columns) = match scan {
        "gap" => (
            "gapper",
            "gappers",
            vec![
                signed("gap_pct", "Gap"),
                shown("last", "Last", price),
                shown("prev_close", "Prev", price),
                shown("premarket_volume", "Volume", shares),
                shown("premarket_rvol", "RVol", multiple),
                shown("spread_bps", "Spread", basis_points),
            ],
        ),
        "momentum" => (
            "mover",
            "movers",
            vec![
                shown("score", "Score", whole),
                signed("change_pct", "Change"),
                shown("last", "Last", price),
                shown("volume", "Volume", shares),
                shown("rvol", "RVol", multiple),
                shown("rsi", "RSI", whole),
            ],
        ),
        "unusual_volume" => (
            "unusual volume",
            "unusual volumes",
            vec![
                shown("session_rvol", "RVol", multiple),
                signed("change_pct", "Change"),
                shown("last", "Last", price),
                shown("prev_close", "Prev", price),
                shown("session_volume", "Volume", shares),
            ],
        ),
        "breakout" => (
            "breakout",
            "breakouts",
            vec![
                signed("breakout_pct", "Above"),
                shown("last", "Last", price),
                shown("prior_high", "Prior high", price),
                shown("session_volume", "Volume", shares),
                shown("session_rvol", "RVol", multiple),
            ],
        ),
        _ => (
            "hit",
            "hits",
            vec![
                signed("change_pct", "Change"),
                signed("gap_pct", "Gap"),
                shown("last", "Last", price),
                shown("session_volume", "Volume", shares),
                shown("session_rvol", "RVol", multiple),
                shown("score", "Score", whole),
            ],
        ),
    };
    Telling { one, many, columns }
}

impl AlertContent {
    /// What `report` found: at most `top` hits, with pictures of the best from the bars of `snapshot`.
    ///
    /// A hit that cannot be drawn is told without its picture.
    ///
    /// # Errors
    /// When the numbers of a hit are not those of its scan.
    pub fn of_scan(job: &str, report: &ScanReport, snapshot: &Snapshot, run_id: &str, top: usize) -> anyhow::Result<Self> {
        let telling = telling(report.scan);
        let listed = &report.hits[..report.hits.len().min(top)];
        let any = |column: &&Shown| listed.iter().any(|hit| hit.numbers.get(column.key).is_some());
        let columns: Vec<&Shown> = telling.columns.iter().filter(any).collect();
        anyhow::ensure!(listed.is_empty() || !columns.is_empty(), "no hit of the {} scan has any of its numbers", report.scan);
        let job = one_line(job);
        Ok(Self {
            occasion: Occasion::Scan,
            scan: Some(report.scan.to_owned()),
            due_at: report.as_of,
            as_of: report.as_of,
            run_id: Some(run_id.to_owned()),
            subject: subject(&job, report, &telling),
            facts: facts(&job, report),
            rows: listed.iter().map(|hit| row(hit, &columns)).collect(),
            columns: columns.iter().map(|column| Column { key: column.key.to_owned(), label: column.label.to_owned() }).collect(),
            found: report.hits.len(),
            pictures: listed.iter().take(MOST_PICTURES).filter_map(|hit| picture(hit, snapshot, &columns)).collect(),
            notes: notes(report),
            footer: format!("`bellwether replay {run_id}` makes this scan again from its snapshot and compares every bit."),
            compressed: false,
            job,
        })
    }
}

/// `3 gappers 09:25 ET: PLTR +23.1 %, ABC −17.0 %, XYZ +6.2 %`.
fn subject(job: &str, report: &ScanReport, telling: &Telling) -> String {
    let at = clock(report.as_of);
    let of = if report.scan == "custom" { format!(" of {job}") } else { String::new() };
    if report.hits.is_empty() {
        return format!("No {}{of} {at}", telling.many);
    }
    let named = report.hits.iter().take(NAMED_IN_SUBJECT).map(|hit| {
        let first = telling.columns.iter().find_map(|column| Some((column.write)(hit.numbers.get(column.key)?)));
        format!("{} {}", hit.symbol, first.unwrap_or_default()).trim_end().to_owned()
    });
    let mut named: Vec<String> = named.collect();
    if report.hits.len() > NAMED_IN_SUBJECT {
        named.push("…".to_owned());
    }
    format!("{}{of} {at}: {}", counted(report.hits.len(), telling.one, telling.many), named.join(", "))
}

fn facts(job: &str, report: &ScanReport) -> Vec<Fact> {
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let direction = |hit: &Hit| hit.numbers.get("gap_pct").or(hit.numbers.get("change_pct"));
    let up = report.hits.iter().filter(|hit| direction(hit).is_some_and(|x| x > 0.0)).count();
    let down = report.hits.iter().filter(|hit| direction(hit).is_some_and(|x| x < 0.0)).count();
    let found = format!("{} of {}", grouped(report.hits.len()), counted(report.considered, "symbol", "symbols"));
    let split = if up + down > 0 { format!(" ({up} up, {down} down)") } else { String::new() };
    let mut facts = vec![fact("Job", job.to_owned()), fact("As of", date_and_clock(report.as_of)), fact("Found", found + &split)];
    facts.extend(other_sources(&report.provenance).map(|told| fact("Source", told)));
    facts
}

fn row(hit: &Hit, columns: &[&Shown]) -> Row {
    let cell = |column: &&Shown| {
        let value = hit.numbers.get(column.key);
        let text = value.map_or_else(|| "–".to_owned(), column.write);
        let tone = match value {
            Some(x) if column.signed && x > 0.0 => Tone::Up,
            Some(x) if column.signed && x < 0.0 => Tone::Down,
            _ => Tone::Neutral,
        };
        Cell { text, value, tone }
    };
    Row {
        rank: hit.rank,
        symbol: hit.symbol.to_string(),
        name: one_line(&hit.name),
        trend: hit.trend.map(str::to_owned),
        headline: hit.headline.as_deref().map(one_line).filter(|headline| !headline.is_empty()),
        cells: columns.iter().map(cell).collect(),
        numbers: hit.numbers.to_json(),
    }
}

fn picture(hit: &Hit, snapshot: &Snapshot, columns: &[&Shown]) -> Option<Picture> {
    let figures = columns
        .iter()
        .filter_map(|column| Some(format!("{} {}", column.label.to_lowercase(), (column.write)(hit.numbers.get(column.key)?))));
    let figures: Vec<String> = figures.take(4).collect();
    let levels = [("prev_close", "prev close"), ("prior_high", "prior high")];
    let marks = levels.into_iter().filter_map(|(key, label)| {
        let price = hit.numbers.get(key).filter(|price| price.is_finite())?;
        columns.iter().any(|column| column.key == key).then(|| PriceMark { price, label: label.to_owned() })
    });
    let drawn = CandlePicture {
        title: format!("{}  {}", hit.symbol, one_line(&hit.name)).trim_end().to_owned(),
        subtitle: format!("{}   as of {}", figures.join("   "), clock(snapshot.as_of)),
        bars: snapshot.today.series(hit.symbol.as_str()).iter().collect(),
        marks: marks.collect(),
        width: 640,
        height: 320,
        theme: ChartTheme::Dark,
    };
    match candles_png(&drawn) {
        Ok(png) => Some(Picture {
            symbol: hit.symbol.to_string(),
            description: format!("Candles and volume of {} today: {}", hit.symbol, figures.join(", ")),
            png: STANDARD.encode(png),
        }),
        Err(error) => {
            tracing::warn!(symbol = %hit.symbol, %error, "told without a picture");
            None
        }
    }
}

fn notes(report: &ScanReport) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |title: String, lines: Vec<String>| {
        if !lines.is_empty() {
            notes.push(Note { title, lines });
        }
    };
    let splits = report.suspected_splits.iter().take(NAMED_IN_NOTE).map(|split| {
        let kind = if split.ratio < 1.0 {
            format!("1-for-{} reverse split", trimmed(split.ratio.recip()))
        } else {
            format!("{}-for-1 split", trimmed(split.ratio))
        };
        format!("{}: {} after a close of {} fits a {kind}", split.symbol, price(split.last), price(split.prev_close))
    });
    let mut splits: Vec<String> = splits.collect();
    if report.suspected_splits.len() > NAMED_IN_NOTE {
        splits.push(format!("and {} more", grouped(report.suspected_splits.len() - NAMED_IN_NOTE)));
    }
    note(counted(report.suspected_splits.len(), "suspected split, not ranked", "suspected splits, not ranked"), splits);
    let one_line_of = |symbols: &[bellwether::market::Symbol]| {
        if symbols.is_empty() { Vec::new() } else { vec![listed(symbols.iter(), NAMED_IN_NOTE)] }
    };
    note(counted(report.halted.len(), "halted symbol", "halted symbols"), one_line_of(&report.halted));
    let closes = &report.no_previous_close;
    note(counted(closes.len(), "symbol without a previous close", "symbols without a previous close"), one_line_of(closes));
    let aside: Vec<String> = report
        .set_aside
        .iter()
        .take(NAMED_IN_NOTE)
        .map(|aside| format!("{}: {}", aside.symbol, shortened(&one_line(&aside.reason), 160)))
        .collect();
    note(counted(report.set_aside.len(), "symbol set aside", "symbols set aside"), aside);
    let mut missing: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    // Bad data is named above, symbol by symbol.
    for lack in report.missing.iter().filter(|lack| lack.reason != MissingReason::BadData) {
        missing.entry((lack.part, lack.reason)).or_default().push(lack.symbol.as_str());
    }
    let missing = missing.iter().map(|((part, reason), symbols)| {
        format!("{}, {} ({}): {}", part.as_str(), reason.as_str(), grouped(symbols.len()), listed(symbols.iter(), NAMED_IN_NOTE))
    });
    note("Data that could not be had".to_owned(), missing.collect());
    notes
}

/// `10`, `1.5`.
fn trimmed(x: f64) -> String {
    let rounded = (x * 100.0).round() / 100.0;
    rounded.to_string()
}
