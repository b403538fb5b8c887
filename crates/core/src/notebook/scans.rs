//! Scans: the hits with units, and beside them what was set aside.

use super::{
    frame::unit_of,
    show::Show,
    table::{Field, Table},
    value::{Value, grouped},
    view::{View, instant},
};
use crate::{
    market::Symbol,
    scanners::{Hit, ScanReport},
};

impl Show for Hit {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(vec![fields(self)]))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(fields(self))
    }
}

fn fields(hit: &Hit) -> Vec<Field> {
    let mut row = vec![
        Field::new("rank", "", Value::Number(f64::from(hit.rank))),
        Field::new("symbol", "", Value::Text(hit.symbol.to_string())),
        Field::new("name", "", Value::text(&hit.name)),
    ];
    row.extend(hit.trend.map(|trend| Field::new("trend", "", Value::Text(trend.to_owned()))));
    row.extend(hit.numbers.0.iter().map(|(name, value)| Field::new(name, &unit_of(name), Value::number(*value))));
    row.push(Field::new("headline", "", Value::text(hit.headline.as_deref().unwrap_or_default())));
    row
}

impl Show for ScanReport {
    fn to_view(&self) -> View {
        let facts = vec![
            ("as of", instant(self.as_of)),
            ("session", self.session.to_string()),
            ("looked at", grouped(self.considered as f64, 0)),
            ("hits", grouped(self.hits.len() as f64, 0)),
        ];
        let mut view = View::titled(&format!("Scan: {}", self.scan)).facts(facts);
        if let Some(reason) = self.closed {
            view = view.problem(&format!("There was no session on {}: {reason}.", self.session));
        }
        view = if self.hits.is_empty() { view.note("no hits") } else { view.table(Table::of_rows(rows(&self.hits))) };
        let aside = set_aside(self);
        if !aside.is_empty() {
            view = view.heading("Set aside").table(Table::of_rows(aside));
        }
        view
    }
}

/// Rows of the same fields, though only some hits may have a trend.
fn rows(hits: &[Hit]) -> Vec<Vec<Field>> {
    let trends = hits.iter().any(|hit| hit.trend.is_some());
    let headlines = hits.iter().any(|hit| hit.headline.is_some());
    let row = |hit: &Hit| {
        let mut row = fields(hit);
        if trends && hit.trend.is_none() {
            row.insert(3, Field::new("trend", "", Value::Missing));
        }
        row.truncate(row.len() - usize::from(!headlines));
        row
    };
    hits.iter().map(row).collect()
}

/// Every symbol that was not ranked, and everything that was missing, with the reason.
fn set_aside(report: &ScanReport) -> Vec<Vec<Field>> {
    let row = |symbol: &Symbol, reason: String| {
        vec![Field::new("symbol", "", Value::Text(symbol.to_string())), Field::new("reason", "", Value::Text(reason))]
    };
    let mut rows: Vec<Vec<Field>> = Vec::new();
    rows.extend(report.suspected_splits.iter().map(|split| row(&split.symbol, "looks like a split, not a gap".to_owned())));
    rows.extend(report.halted.iter().map(|symbol| row(symbol, "halted".to_owned())));
    rows.extend(report.no_previous_close.iter().map(|symbol| row(symbol, "no previous close".to_owned())));
    rows.extend(report.set_aside.iter().map(|aside| row(&aside.symbol, aside.reason.clone())));
    let known: Vec<String> = report.set_aside.iter().map(|aside| format!("{}{}", aside.symbol, aside.reason)).collect();
    for missing in &report.missing {
        let said = format!("{}{}: {}", missing.symbol, missing.part.as_str(), missing.detail);
        if !known.contains(&said) {
            let reason = format!("missing {}: {} ({})", missing.part.as_str(), missing.reason.as_str(), missing.detail);
            rows.push(row(&missing.symbol, reason));
        }
    }
    rows
}

#[cfg(test)]
pub(in crate::notebook) mod tests {
    use super::*;
    use crate::{
        market::{MissingData, MissingReason, SnapshotPart},
        scanners::{Numbers, SetAside},
    };

    pub(in crate::notebook) fn report(gaps: &[f64]) -> ScanReport {
        let symbol = |text: &str| Symbol::new(text).unwrap();
        let hit = |(at, gap): (usize, &f64)| Hit {
            rank: at as u32 + 1,
            symbol: symbol(&format!("S{at}")),
            name: "Smith & <Sons>".into(),
            trend: None,
            headline: None,
            numbers: Numbers(vec![("gap_pct", Some(*gap)), ("last", Some(12.5)), ("premarket_volume", None)]),
        };
        ScanReport {
            scan: "gap",
            as_of: "2026-03-12T13:25:00Z".parse().unwrap(),
            session: "2026-03-12".parse().unwrap(),
            closed: None,
            considered: 5_123,
            hits: gaps.iter().enumerate().map(hit).collect(),
            suspected_splits: Vec::new(),
            halted: vec![symbol("HALT")],
            no_previous_close: vec![symbol("NEW")],
            set_aside: vec![SetAside {
                symbol: symbol("BAD"),
                reason: format!("{}: a price of zero", SnapshotPart::Today.as_str()),
            }],
            missing: vec![
                MissingData {
                    symbol: symbol("BAD"),
                    part: SnapshotPart::Today,
                    reason: MissingReason::BadData,
                    detail: "a price of zero".into(),
                },
                MissingData {
                    symbol: symbol("SLOW"),
                    part: SnapshotPart::Today,
                    reason: MissingReason::Timeout,
                    detail: "10 s".into(),
                },
            ],
            provenance: Vec::new(),
        }
    }

    #[test]
    fn hits_have_units_and_what_was_set_aside_has_reasons() {
        let report = report(&[12.345, -8.5]);
        let html = report.html();
        for part in [
            "gap_pct<br/><span class=\"u\">%</span>",
            "last<br/><span class=\"u\">USD</span>",
            "premarket_volume<br/><span class=\"u\">shares</span>",
            "Smith &amp; &lt;Sons&gt;",
            "2026-03-12 09:25 ET",
            "HALT",
            "no previous close",
            "no answer in time (10 s)",
            "5,123",
            "−8.50",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(report.plain_text().matches("BAD").count(), 1, "said once");
        assert!(!report.plain_text().contains("headline"), "no column for what nobody has");
    }

    #[test]
    fn a_day_without_a_session_says_so() {
        let closed = ScanReport { closed: Some("Good Friday"), hits: Vec::new(), ..report(&[]) };
        assert!(closed.plain_text().contains("! There was no session on 2026-03-12: Good Friday."));
        assert!(closed.plain_text().contains("no hits"));
    }
}
