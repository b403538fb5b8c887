//! What jobs compute of every symbol, as rows of a database and as a frame again.

use anyhow::Context as _;
use bellwether::{Error, market::Symbol};
use jiff::Timestamp;
use polars::prelude::{AnyValue, Column, DataFrame};
use serde_json::{Map, Value, json};

use super::columns::{field, frame, instants, texts};

/// Columns of times.
const TIMES: [&str; 2] = ["open_at", "close_at"];

/// The newest row of each symbol, without the symbol: numbers read back exactly (−0, which databases do not know, as 0), what is undefined is
/// null, times are RFC 3339.
///
/// # Errors
/// When the frame has no column `symbol`, or a column of a kind that has no form in JSON.
pub fn newest_rows(computed: &DataFrame) -> anyhow::Result<Vec<(Symbol, Map<String, Value>)>> {
    let symbols = computed.column("symbol")?.str()?.clone();
    let symbol_at = |row| symbols.get(row).context("a row without a symbol");
    let columns: Vec<&Column> = computed.columns().iter().filter(|column| column.name() != "symbol").collect();
    let mut rows = Vec::new();
    for row in 0..computed.height() {
        let symbol = symbol_at(row)?;
        if row + 1 < computed.height() && symbol_at(row + 1)? == symbol {
            continue;
        }
        let numbers = columns.iter().map(|column| Ok((column.name().to_string(), value_of(column, row)?)));
        rows.push((Symbol::new(symbol)?, numbers.collect::<anyhow::Result<_>>()?));
    }
    Ok(rows)
}

fn value_of(column: &Column, row: usize) -> anyhow::Result<Value> {
    Ok(match column.get(row)? {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(value) => json!(value),
        AnyValue::Float64(value) => json!(if value == 0.0 { 0.0 } else { value }),
        AnyValue::UInt32(value) => json!(value),
        AnyValue::Int64(value) => json!(value),
        AnyValue::String(value) => json!(value),
        AnyValue::Datetime(micros, ..) => json!(Timestamp::from_microsecond(micros)?),
        other => anyhow::bail!("column `{}` is {}, which is not stored", column.name(), other.dtype()),
    })
}

/// Rows of [`newest_rows`] as a frame: `symbol`, then `columns` in their order; numbers as `f64`.
///
/// # Errors
/// When polars refuses the columns.
pub fn rows_of_computed(rows: Vec<(Symbol, Map<String, Value>)>, columns: &[String]) -> Result<DataFrame, Error> {
    let (symbols, rows): (Vec<Symbol>, Vec<Map<String, Value>>) = rows.into_iter().unzip();
    let mut all = vec![texts("symbol", symbols.iter().map(|symbol| Some(symbol.to_string())))];
    let time = |row: &Map<String, Value>, name: &str| row.get(name)?.as_str()?.parse::<Timestamp>().ok();
    all.extend(columns.iter().filter(|name| *name != "symbol").map(|name| match TIMES.contains(&name.as_str()) {
        true => instants(name, rows.iter().map(|row| time(row, name)).collect::<Vec<_>>()),
        false => field(name, &rows),
    }));
    frame("what was computed as a frame", all)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoColumn as _, NamedFrom as _, Series};

    use super::*;

    #[test]
    fn the_newest_row_of_each_symbol_reads_back() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).ok();
        let computed = frame(
            "a test",
            vec![
                texts("symbol", ["A", "A", "B"].map(|symbol| Some(symbol.to_owned()))),
                instants("close_at", [at(0), at(60), at(0)]),
                Series::new("x".into(), [Some(0.5), Some(0.1 + 0.2), None]).into_column(),
                Series::new("zero".into(), [0.0, -0.0, -0.0]).into_column(),
                Series::new("score".into(), [1_u32, 2, 3]).into_column(),
                texts("regime", ["high", "normal", "high"].map(|regime| Some(regime.to_owned()))),
            ],
        )
        .unwrap();
        let rows = newest_rows(&computed).unwrap();
        assert_eq!(rows.iter().map(|(symbol, _)| symbol.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        let columns: Vec<String> = computed.get_column_names().into_iter().map(ToString::to_string).collect();
        // As jsonb gives them back: in another order.
        let text = serde_json::to_string(&rows).unwrap();
        let again = rows_of_computed(serde_json::from_str(&text).unwrap(), &columns).unwrap();
        assert_eq!(again.get_column_names(), computed.get_column_names());
        assert_eq!(again.column("x").unwrap().f64().unwrap().iter().collect::<Vec<_>>(), [Some(0.1 + 0.2), None]);
        assert!(again.column("zero").unwrap().f64().unwrap().iter().all(|zero| zero.unwrap().is_sign_positive()));
        assert_eq!(again.column("close_at").unwrap().dtype(), computed.column("close_at").unwrap().dtype());
        assert_eq!(again.column("close_at").unwrap().get(0).unwrap(), computed.column("close_at").unwrap().get(1).unwrap());
        assert_eq!(again.column("regime").unwrap().str().unwrap().get(0), Some("normal"));
        assert_eq!(again.column("score").unwrap().f64().unwrap().get(1), Some(3.0));
    }

    #[test]
    fn what_cannot_be_stored_is_refused() {
        let lists = Series::new("bins".into(), [Series::new("".into(), [1.0, 2.0])]).into_column();
        let computed = frame("a test", vec![texts("symbol", [Some("A".to_owned())]), lists]).unwrap();
        assert!(newest_rows(&computed).unwrap_err().to_string().contains("column `bins`"));
    }
}
