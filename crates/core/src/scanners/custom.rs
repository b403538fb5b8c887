//! Conditions of the user's own, in SQL over the documented columns.

use std::collections::BTreeMap;

use polars::{
    prelude::{Column, DataFrame, DataType, IntoColumn, IntoLazy, NamedFrom, Series as PolarsSeries},
    sql::SQLContext,
};
use serde::{Deserialize, Serialize};

use super::{
    Numbers, breakout, columns, gap, momentum,
    numbers::require,
    report::ScanReport,
    unusual_volume,
    view::{Sessions, measure_all},
};
use crate::{
    error::{Error, Result},
    market::{Instrument, Snapshot, SuspectedSplit},
};

/// Settings of a custom scan.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `condition` | | SQL condition over [`columns`] and the texts `symbol, name, kind, exchange, trend` | valid SQL |
/// | `order_by` | `symbol` | SQL ordering, such as `gap_pct DESC` | valid SQL |
/// | `history_sessions` | 20 | earlier sessions that relative volume is taken over | 1 to 60 |
/// | `limit` | 50 | most hits | >= 1 |
///
/// A comparison with an undefined number is not true, so such a symbol is not a hit. Suspected splits are set aside first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomConfig {
    /// SQL condition.
    pub condition: String,
    /// SQL ordering.
    #[serde(default = "by_symbol")]
    pub order_by: String,
    /// Earlier sessions that relative volume is taken over.
    #[serde(default = "twenty")]
    pub history_sessions: usize,
    /// Most hits.
    #[serde(default = "fifty")]
    pub limit: usize,
}

fn by_symbol() -> String {
    "symbol".to_owned()
}

fn twenty() -> usize {
    20
}

fn fifty() -> usize {
    50
}

/// Text columns beside the numbers.
const TEXTS: [&str; 5] = ["symbol", "name", "kind", "exchange", "trend"];

impl CustomConfig {
    /// Checks ranges and SQL: the condition is run over a table without rows.
    ///
    /// # Errors
    /// [`Error::Setting`], or [`Error::Condition`] that names an unknown column with near matches.
    pub fn check(&self) -> Result<()> {
        gap::check_history(self.history_sessions)?;
        require(self.limit >= 1, "limit", self.limit, "expected at least 1")?;
        require(!self.condition.trim().is_empty(), "condition", "empty", "expected an SQL condition")?;
        self.select(table(&[])?).map(|_| ())
    }

    /// Row numbers of `frame` that satisfy the condition, in order.
    fn select(&self, frame: DataFrame) -> Result<Vec<usize>> {
        // A condition is one expression; a second statement would be run in silence.
        if self.condition.contains(';') || self.order_by.contains(';') {
            return Err(Error::Condition { problem: "`;` is not allowed: write one condition and one ordering".to_owned() });
        }
        let query = format!(
            "SELECT row_number FROM scan WHERE ({}) ORDER BY {}, symbol LIMIT {}",
            self.condition, self.order_by, self.limit
        );
        let mut context = SQLContext::new();
        context.register("scan", frame.lazy());
        let rows = context.execute(&query).and_then(|lazy| lazy.collect()).map_err(|error| self.explain(&error))?;
        let numbers = rows
            .column("row_number")
            .and_then(|column| column.cast(&DataType::UInt64))
            .map_err(Error::frame("rows of the scan condition"))?;
        let numbers = numbers.u64().map_err(Error::frame("rows of the scan condition"))?;
        Ok(numbers.iter().flatten().map(|row| row as usize).collect())
    }

    fn explain(&self, error: &polars::error::PolarsError) -> Error {
        let text = error.to_string();
        let known: Vec<&str> = TEXTS.into_iter().chain(columns().iter().map(|column| column.name)).collect();
        let unknown = identifiers(&self.condition)
            .into_iter()
            .chain(identifiers(&self.order_by))
            .find(|word| !known.contains(&word.as_str()) && text.contains(word.as_str()));
        let upper = format!(" {} ", self.condition.to_uppercase());
        if let Some(word) = [" ORDER BY ", " LIMIT "].into_iter().find(|word| upper.contains(word)) {
            let (word, setting) =
                (word.trim(), if word.contains("LIMIT") { "limit = 10" } else { "order_by = \"gap_pct DESC\"" });
            return Error::Condition {
                problem: format!("`{word}` does not belong into the condition: write `{setting}` beside it"),
            };
        }
        let is_function =
            |word: &str| self.condition.contains(&format!("{word}(")) || self.order_by.contains(&format!("{word}("));
        let problem = match unknown {
            Some(word) if is_function(&word) => format!("unknown function `{word}` in `{}`", self.condition),
            Some(word) => {
                let mut near: Vec<(f64, &str)> =
                    known.iter().map(|name| (strsim::jaro_winkler(&word, name), *name)).filter(|(p, _)| *p > 0.7).collect();
                near.sort_by(|a, b| b.0.total_cmp(&a.0));
                let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
                let hint = if near.is_empty() {
                    "`bellwether schedule columns` lists them all".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                format!("unknown column `{word}` in `{}`; {hint}", self.condition)
            }
            None => format!("`{}` ordered by `{}`: {}", self.condition, self.order_by, first_line(&text)),
        };
        Error::Condition { problem }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// Words of an SQL text outside quotes.
fn identifiers(sql: &str) -> Vec<String> {
    let outside: String = sql.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    outside
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .map(str::to_owned)
        .collect()
}

/// One row of the table: everything all scans measure of a symbol.
struct Row<'a> {
    instrument: &'a Instrument,
    numbers: BTreeMap<&'static str, f64>,
    trend: Option<&'static str>,
}

fn table(rows: &[Row<'_>]) -> Result<DataFrame> {
    let texts = |name: &str, pick: &dyn Fn(&Row<'_>) -> Option<String>| -> Column {
        let values: Vec<Option<String>> = rows.iter().map(pick).collect();
        PolarsSeries::new(name.into(), values).into_column()
    };
    let row_numbers: Vec<u64> = (0..rows.len() as u64).collect();
    let mut all = vec![
        PolarsSeries::new("row_number".into(), row_numbers).into_column(),
        texts("symbol", &|row| Some(row.instrument.symbol.to_string())),
        texts("name", &|row| Some(row.instrument.name.clone())),
        texts("kind", &|row| Some(row.instrument.kind.as_str().to_owned())),
        texts("exchange", &|row| Some(row.instrument.primary_exchange.clone())),
        texts("trend", &|row| row.trend.map(str::to_owned)),
    ];
    for column in columns() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row.numbers.get(column.name).copied()).collect();
        all.push(PolarsSeries::new(column.name.into(), values).into_column());
    }
    DataFrame::new(rows.len(), all).map_err(Error::frame("the table of a custom scan"))
}

/// Runs the condition over every symbol that has traded this session.
///
/// # Errors
/// As [`CustomConfig::check`]. Data never makes it fail.
pub fn scan(snapshot: &Snapshot, config: &CustomConfig) -> Result<ScanReport> {
    config.check()?;
    let sessions = Sessions::of(snapshot, config.history_sessions);
    let mut report = ScanReport::new("custom", snapshot);
    let defaults = (momentum::MomentumConfig::default(), breakout::BreakoutConfig::default());
    let measured = measure_all(snapshot, &sessions, |view| {
        (
            gap::measure(view, &sessions),
            momentum::measure(view, &sessions, defaults.0.rsi_period),
            unusual_volume::measure(view, &sessions),
            breakout::measure(view, &sessions, defaults.1.high_days, defaults.1.range_days),
        )
    });
    let mut scored: Vec<momentum::MomentumNumbers> = measured.iter().filter_map(|(_, numbers)| numbers.1.clone()).collect();
    momentum::rank_cross_section(&mut scored);
    let mut scored = scored.into_iter();
    let mut splits: Vec<SuspectedSplit> = Vec::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (instrument, (gap, momentum, volume, breakout)) in measured {
        let momentum = momentum.and_then(|_| scored.next());
        let gap = match gap {
            gap::GapMeasure::NoPreviousClose => {
                report.no_previous_close.push(instrument.symbol.clone());
                continue;
            }
            gap::GapMeasure::NoTrade => continue,
            gap::GapMeasure::Gap(_, Some(split)) => {
                splits.push(split);
                continue;
            }
            gap::GapMeasure::Gap(numbers, None) => numbers,
        };
        let trend = momentum.as_ref().map(momentum::trend);
        let families = [
            breakout.map(|numbers| numbers.to_numbers()),
            volume.map(|numbers| numbers.to_numbers()),
            Some(gap.to_numbers()),
            momentum.map(|numbers| numbers.to_numbers()),
        ];
        let numbers = families
            .into_iter()
            .flatten()
            .flat_map(|Numbers(values)| values)
            .filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect();
        rows.push(Row { instrument, numbers, trend });
    }
    report.suspected_splits = splits;
    let chosen = config.select(table(&rows)?)?;
    let mut rows: Vec<Option<Row<'_>>> = rows.into_iter().map(Some).collect();
    let ranked = chosen
        .into_iter()
        .filter_map(|row| rows.get_mut(row).and_then(Option::take))
        .map(|row| {
            let all = columns().into_iter().map(|column| (column.name, row.numbers.get(column.name).copied())).collect();
            (row.instrument, Numbers(all), row.trend)
        })
        .collect();
    Ok(report.rank(snapshot, ranked, config.limit))
}

#[cfg(test)]
#[path = "custom_tests.rs"]
mod tests;
