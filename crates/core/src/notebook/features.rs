//! Features: the catalogue, and what an audit for look-ahead found.

use super::{
    show::Show,
    table::{Field, Table},
    value::{Value, grouped},
    view::View,
};
use crate::features::{AuditReport, Catalogue, Feature, Leak, Looks};

fn feature(feature: &Feature) -> Vec<Field> {
    let about = feature.about();
    vec![
        Field::new("name", "", Value::text(feature.name())),
        Field::new("formula", "", Value::text(&about.formula)),
        Field::new("unit", "", Value::text(about.unit.as_str())),
        Field::new("family", "", Value::text(about.family.as_str())),
        Field::new("look-back", "bars", Value::Text(about.look_back.to_string())),
        Field::new("timeframes", "", Value::text(about.timeframe())),
        Field::new("source", "", Value::text(&about.source)),
    ]
}

impl Show for Feature {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(vec![feature(self)]))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(feature(self))
    }
}

/// Family by family, in the order in which families come first.
impl Show for Catalogue {
    fn to_view(&self) -> View {
        let features = self.features();
        let mut families: Vec<&str> = Vec::new();
        for family in features.iter().map(|feature| feature.about().family.as_str()) {
            if !families.contains(&family) {
                families.push(family);
            }
        }
        let of = |family| features.iter().filter(move |feature| feature.about().family.as_str() == family);
        View::titled("Features")
            .facts(vec![("features", grouped(features.len() as f64, 0)), ("families", grouped(families.len() as f64, 0))])
            .table(Table::of_all_rows(families.iter().flat_map(|family| of(*family)).map(feature).collect()))
    }
}

fn leak(leak: &Leak) -> Vec<Field> {
    let looks = match leak.looks {
        Looks::Bars(1) => "1 bar".to_owned(),
        Looks::Bars(bars) => format!("{bars} bars"),
        Looks::ToTheEnd => "to the end of the data".to_owned(),
    };
    vec![
        Field::new("column", "", Value::text(&leak.column)),
        Field::new("looks ahead", "", Value::Text(looks)),
        Field::new("symbol", "", Value::text(&leak.symbol)),
        Field::new("first row", "from 0", Value::Number(leak.row as f64)),
        Field::new("at", "New York, ET", Value::Time(leak.at)),
        Field::new("with the future", "", Value::number(leak.with_future)),
        Field::new("without", "", Value::number(leak.without)),
    ]
}

impl Show for Leak {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(vec![leak(self)]))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(leak(self))
    }
}

impl Show for AuditReport {
    fn to_view(&self) -> View {
        let view = View::titled("Look-ahead audit").facts(vec![
            ("columns", grouped(self.columns.len() as f64, 0)),
            ("rows", grouped(self.rows as f64, 0)),
            ("instants compared", grouped(self.cuts as f64, 0)),
            ("runs", grouped(self.runs as f64, 0)),
        ]);
        if self.is_clean() {
            return view.note("No column looks ahead.");
        }
        let mut names: Vec<&str> = self.leaks.iter().map(|leak| leak.column.as_str()).collect();
        names.dedup();
        view.problem(&format!("{} of {} columns look ahead: {}.", names.len(), self.columns.len(), names.join(", ")))
            .table(Table::of_rows(self.leaks.iter().map(leak).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_shows_every_feature() {
        let catalogue = Catalogue::shipped();
        let html = catalogue.html();
        for feature in catalogue.features() {
            assert!(html.contains(&format!("<td>{}</td>", feature.name())), "{}", feature.name());
        }
        assert!(html.contains("look-back") && html.contains("source"));
    }

    #[test]
    fn an_audit_names_what_leaks_and_from_which_row() {
        let clean =
            AuditReport { columns: vec!["rsi_14".into(), "next".into()], rows: 3_900, cuts: 12, runs: 13, leaks: Vec::new() };
        assert!(clean.plain_text().contains("No column looks ahead.") && clean.plain_text().contains("3,900"));
        let leak = Leak {
            column: "next".into(),
            symbol: "AAPL".into(),
            row: 17,
            at: "2026-03-12T13:30:00Z".parse().unwrap(),
            looks: Looks::Bars(1),
            with_future: Some(1.5),
            without: None,
        };
        let text = AuditReport { leaks: vec![leak], ..clean }.plain_text();
        for part in ["! 1 of 2 columns look ahead: next.", "1 bar", "AAPL", "17", "2026-03-12 09:30", "–"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
