//! What a job computed, on the terminal: the newest row of each symbol, told alike of a run that is stored and of one that is not.

use std::collections::BTreeSet;

use bellwether::market::{Symbol, other_sources};
use bellwether_store::{Run, Store};
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use serde_json::{Map, Value, json};

use super::output;
use crate::{
    computation::{Computed, ComputedReport},
    tables::newest_rows,
};

/// Columns that fit beside each other.
const FITTING: usize = 16;
/// Rows that are shown.
const SHOWN: usize = 50;

/// See the module.
pub(super) struct Newest {
    report: ComputedReport,
    rows: Vec<(Symbol, Map<String, Value>)>,
}

impl Newest {
    /// Of what was computed just now.
    pub(super) fn of(computed: &Computed) -> anyhow::Result<Self> {
        Ok(Self { report: computed.report()?, rows: newest_rows(&computed.frame)? })
    }

    /// Of a stored run; none when it computed nothing.
    pub(super) async fn stored(store: &Store, run: &Run) -> anyhow::Result<Option<Self>> {
        let rows = store.computed(run.run_id).await?;
        let Some(report) = run.report.clone().filter(|_| !rows.is_empty()) else { return Ok(None) };
        let numbers = |value| if let Value::Object(numbers) = value { numbers } else { Map::new() };
        let rows = rows.into_iter().map(|row| (row.symbol, numbers(row.numbers))).collect();
        Ok(Some(Self { report: serde_json::from_value(report)?, rows }))
    }

    /// The report and the rows, for programs.
    pub(super) fn fields(&self) -> anyhow::Result<Map<String, Value>> {
        let newest = self.rows.iter().map(|(symbol, numbers)| json!({ "symbol": symbol, "numbers": numbers })).collect();
        Ok(Map::from_iter([("report".to_owned(), serde_json::to_value(&self.report)?), ("newest".to_owned(), newest)]))
    }

    /// The table where it fits, and what there is to know beside it.
    pub(super) fn print(&self) {
        if let Some(table) = self.table() {
            println!("{table}");
        }
        println!("{}", self.report.summary());
        for one in &self.report.without {
            println!("  {}: {}", one.symbol, one.problem);
        }
        // Those without a row are told already.
        let without: BTreeSet<&Symbol> = self.report.without.iter().map(|one| &one.symbol).collect();
        for line in output::missing_lines(self.report.missing.iter().filter(|missing| !without.contains(&missing.symbol))) {
            println!("  {line}");
        }
        if let Some(told) = other_sources(&self.report.provenance) {
            println!("  source: {told}");
        }
    }

    /// The newest row of each symbol; none where there are more columns than fit.
    pub(super) fn table(&self) -> Option<Table> {
        let names = &self.report.columns;
        if names.len() > FITTING {
            return None;
        }
        let headers: Vec<String> = names.iter().map(|name| name.replace('_', "\n")).collect();
        let mut table = output::table(&headers.iter().map(String::as_str).collect::<Vec<_>>());
        table.set_content_arrangement(ContentArrangement::Disabled);
        for (symbol, numbers) in self.rows.iter().take(SHOWN) {
            let mut row = vec![Cell::new(symbol).add_attribute(Attribute::Bold)];
            row.extend(names.iter().skip(1).map(|name| match numbers.get(name) {
                Some(Value::Number(value)) if value.is_f64() => {
                    Cell::new(format!("{:.3}", value.as_f64().unwrap_or_default())).set_alignment(CellAlignment::Right)
                }
                Some(Value::Number(value)) => Cell::new(value).set_alignment(CellAlignment::Right),
                Some(Value::String(text)) => Cell::new(text),
                Some(Value::Bool(truth)) => Cell::new(truth),
                _ => Cell::new("—").set_alignment(CellAlignment::Right),
            }));
            table.add_row(row);
        }
        Some(table)
    }
}
