//! Columns of frames.

use bellwether::Error;
use jiff::Timestamp;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, Float64Chunked, Int64Chunked, IntoColumn as _, IntoSeries as _, NewChunkedArray as _,
    StringChunked, TimeUnit, TimeZone,
};
use serde_json::{Map, Value};

/// Columns of one length as a frame.
///
/// # Errors
/// When they are not of one length, or a name is there twice.
pub fn frame(what: &str, columns: Vec<Column>) -> Result<DataFrame, Error> {
    let rows = columns.first().map_or(0, Column::len);
    DataFrame::new(rows, columns).map_err(Error::frame(what))
}

/// Text, or null.
pub fn texts(name: &str, values: impl IntoIterator<Item = Option<String>>) -> Column {
    StringChunked::from_iter_options(name.into(), values.into_iter()).into_column()
}

/// Numbers, or null.
pub fn numbers(name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Column {
    Float64Chunked::from_iter_options(name.into(), values.into_iter()).into_column()
}

/// Whole numbers.
pub fn counts(name: &str, values: impl IntoIterator<Item = i64>) -> Column {
    Int64Chunked::from_iter_options(name.into(), values.into_iter().map(Some)).into_column()
}

/// Times as `Datetime(us, UTC)`.
pub fn instants(name: &str, values: impl IntoIterator<Item = Option<Timestamp>>) -> Column {
    let micros = values.into_iter().map(|at| at.map(Timestamp::as_microsecond));
    Int64Chunked::from_iter_options(name.into(), micros)
        .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
        .into_series()
        .into_column()
}

/// One field of JSON objects: numbers where all are, truths where all are, else text, anything but text written as JSON.
pub fn field(name: &str, rows: &[Map<String, Value>]) -> Column {
    let values = || rows.iter().map(|row| row.get(name).filter(|value| !value.is_null()));
    if values().flatten().all(Value::is_number) {
        return numbers(name, values().map(|value| value.and_then(Value::as_f64)));
    }
    if values().flatten().all(Value::is_boolean) {
        return BooleanChunked::from_iter_options(name.into(), values().map(|value| value.and_then(Value::as_bool)))
            .into_column();
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    texts(name, values().map(|value| value.map(text)))
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataType;
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_have_the_kind_of_their_values() {
        let rows = [json!({"n": 1, "b": true, "t": "x", "m": 1}), json!({"n": 2.5, "b": null, "m": {"k": 2}})];
        let rows: Vec<_> = rows.iter().filter_map(|row| row.as_object().cloned()).collect();
        let kind = |name| field(name, &rows).dtype().clone();
        assert_eq!(["n", "b", "t", "m"].map(kind), [DataType::Float64, DataType::Boolean, DataType::String, DataType::String]);
        assert_eq!(field("m", &rows).str().unwrap().iter().collect::<Vec<_>>(), [Some("1"), Some("{\"k\":2}")]);
        assert_eq!(field("absent", &rows).null_count(), 2);
    }
}
