//! Frames as tables: units of the columns that have known ones, times in New York.

use jiff::Timestamp;
use polars::prelude::{AnyValue, Column, DataFrame, Series, TimeUnit};

use super::{
    show::Show,
    table::{MOST_COLUMNS, Table, shown},
    value::{Value, grouped},
    view::{View, instant},
};
use crate::{
    features::Catalogue,
    market::{Bar, Bars},
    scanners,
};

/// What the head of a column of instants names.
const ZONE: &str = "New York, ET";

/// Units of columns that other tables of the crate have.
const UNITS: [(&str, &str); 19] = [
    ("open", "USD"),
    ("high", "USD"),
    ("low", "USD"),
    ("close", "USD"),
    ("vwap", "USD"),
    ("bid", "USD"),
    ("ask", "USD"),
    ("price", "USD"),
    ("equity", "USD"),
    ("prev_close", "USD"),
    ("volume", "shares"),
    ("premarket_volume", "shares"),
    ("shares", "shares"),
    ("forecast_volatility", "% a day"),
    ("forecast_low", "% a day"),
    ("forecast_high", "% a day"),
    ("current_vol", "% a day"),
    ("annualized_vol", "% a year"),
    ("risk_score", "1 to 10"),
];

/// The unit of a column that the crate itself names so; empty for others.
pub(super) fn unit_of(name: &str) -> String {
    if let Some((_, unit)) = UNITS.iter().find(|(known, _)| *known == name) {
        return (*unit).to_owned();
    }
    if let Some(feature) = Catalogue::shipped().features().iter().find(|feature| feature.name() == name) {
        return feature.about().unit.as_str().to_owned();
    }
    scanners::columns().iter().find(|column| column.name == name).map(|column| column.unit.to_owned()).unwrap_or_default()
}

/// A cell of a frame.
fn value(cell: &AnyValue<'_>) -> Value {
    let instant = |count: i64, unit: TimeUnit| {
        let micros = match unit {
            TimeUnit::Nanoseconds => count.div_euclid(1_000),
            TimeUnit::Microseconds => count,
            TimeUnit::Milliseconds => count.saturating_mul(1_000),
        };
        Timestamp::from_microsecond(micros).map_or(Value::Missing, Value::Time)
    };
    match cell {
        AnyValue::Null => Value::Missing,
        AnyValue::Boolean(flag) => Value::Flag(*flag),
        AnyValue::String(text) => Value::Text((*text).to_owned()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string()),
        AnyValue::Datetime(count, unit, _) => instant(*count, *unit),
        AnyValue::DatetimeOwned(count, unit, _) => instant(*count, *unit),
        AnyValue::Date(days) => Timestamp::UNIX_EPOCH
            .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(*days)))
            .map_or(Value::Missing, |at| Value::Day(at.to_zoned(jiff::tz::TimeZone::UTC).date())),
        number if number.is_primitive_numeric() => Value::number(number.extract::<f64>()),
        other => Value::Text(other.to_string()),
    }
}

/// Some rows of a column, and the unit that its head names.
fn cells(column: &Series, rows: &[usize]) -> (String, Vec<Value>) {
    let values: Vec<Value> = rows.iter().map(|row| column.get(*row).map_or(Value::Missing, |cell| value(&cell))).collect();
    let unit = match column.dtype() {
        dtype if dtype.is_datetime() => ZONE.to_owned(),
        dtype if dtype.is_primitive_numeric() => {
            Some(unit_of(column.name())).filter(|unit| unit != column.name().as_str()).unwrap_or_default()
        }
        _ => String::new(),
    };
    (unit, values)
}

/// A frame as a table.
pub(super) fn table(frame: &DataFrame) -> Table {
    let rows = shown(frame.height());
    let columns = frame.columns().iter().take(MOST_COLUMNS).map(|column| {
        let (unit, values) = cells(column.as_materialized_series(), &rows);
        (column.name().to_string(), unit, values)
    });
    let hidden = frame.columns().iter().skip(MOST_COLUMNS).map(|column| column.name().to_string()).collect();
    Table::of_columns(frame.height(), columns.collect(), hidden)
}

impl Show for DataFrame {
    fn to_view(&self) -> View {
        let size = format!("{} rows × {} columns", grouped(self.height() as f64, 0), self.width());
        View::default().table(table(self)).note(&size)
    }
}

impl Show for Series {
    fn to_view(&self) -> View {
        let rows = shown(self.len());
        let (unit, values) = cells(self, &rows);
        let numbered = rows.iter().map(|row| Value::Number(*row as f64)).collect();
        let columns = vec![("row".to_owned(), String::new(), numbered), (self.name().to_string(), unit, values)];
        let size = format!("{} values of type {}, {} null", grouped(self.len() as f64, 0), self.dtype(), self.null_count());
        View::default().table(Table::of_columns(self.len(), columns, Vec::new())).note(&size)
    }
}

impl Show for Column {
    fn to_view(&self) -> View {
        self.as_materialized_series().to_view()
    }
}

/// Read where they lie: only the rows that are shown are copied, however many there are.
impl Show for Bars {
    fn to_view(&self) -> View {
        let spans = self.iter().filter_map(|(_, series)| Some((*series.open_at.first()?, *series.close_at.last()?)));
        let (from, to) = spans.fold((None, None), |(from, to): (Option<i64>, Option<i64>), (first, last)| {
            (Some(from.map_or(first, |known| known.min(first))), Some(to.map_or(last, |known| known.max(last))))
        });
        let at = |micros: Option<i64>| {
            micros.and_then(|it| Timestamp::from_microsecond(it).ok()).map_or_else(|| "–".to_owned(), instant)
        };
        View::titled("Bars")
            .facts(vec![
                ("bars", grouped(self.len() as f64, 0)),
                ("symbols", grouped(self.symbols().len() as f64, 0)),
                ("from", at(from)),
                ("to", at(to)),
            ])
            .table(bars_table(self))
    }
}

fn bars_table(bars: &Bars) -> Table {
    let mut rows: Vec<(String, Bar)> = Vec::new();
    let mut wanted = shown(bars.len()).into_iter().peekable();
    let mut before = 0;
    for (symbol, series) in bars.iter() {
        while let Some(row) = wanted.next_if(|row| *row < before + series.len()) {
            rows.push((symbol.to_string(), series.bar(row - before)));
        }
        before += series.len();
    }
    let column = |name: &str, unit: &str, of: &dyn Fn(&Bar) -> Value| {
        (name.to_owned(), unit.to_owned(), rows.iter().map(|(_, bar)| of(bar)).collect::<Vec<Value>>())
    };
    let time = |micros: i64| Timestamp::from_microsecond(micros).map_or(Value::Missing, Value::Time);
    let symbols = rows.iter().map(|(symbol, _)| Value::Text(symbol.clone())).collect();
    let mut columns = vec![
        ("symbol".to_owned(), String::new(), symbols),
        column("open_at", ZONE, &|bar| time(bar.open_at)),
        column("close_at", ZONE, &|bar| time(bar.close_at)),
        column("open", "USD", &|bar| Value::Number(bar.open)),
        column("high", "USD", &|bar| Value::Number(bar.high)),
        column("low", "USD", &|bar| Value::Number(bar.low)),
        column("close", "USD", &|bar| Value::Number(bar.close)),
        column("volume", "shares", &|bar| Value::Number(bar.volume)),
    ];
    if rows.iter().any(|(_, bar)| bar.vwap.is_some()) {
        columns.push(column("vwap", "USD", &|bar| Value::number(bar.vwap)));
    }
    if rows.iter().any(|(_, bar)| bar.trades.is_some()) {
        columns.push(column("trades", "", &|bar| Value::number(bar.trades)));
    }
    Table::of_columns(bars.len(), columns, Vec::new())
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::features::doc_bars;

    fn frame(rows: usize) -> DataFrame {
        let micros: Vec<i64> = (0..rows as i64).map(|row| 1_773_322_200_000_000 + row * 60_000_000).collect();
        let at =
            Series::new("open_at".into(), micros).cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
        let close: Vec<Option<f64>> = (0..rows).map(|row| (row != 1).then_some(row as f64 + 0.125)).collect();
        let names: Vec<String> = (0..rows).map(|row| format!("<i>{row}</i>")).collect();
        DataFrame::new(rows, vec![at.into_column(), Column::new("close".into(), close), Column::new("name".into(), names)])
            .unwrap()
    }

    #[test]
    fn a_frame_tells_units_zone_and_what_is_left_out() {
        let html = frame(9_867).html();
        assert!(html.contains("close<br/><span class=\"u\">USD</span>"), "{html}");
        assert!(
            html.contains("open_at<br/><span class=\"u\">New York, ET</span>") && html.contains(">2026-03-12 09:30<"),
            "{html}"
        );
        assert!(html.contains("… 9,817 more rows") && html.contains("9,867 rows × 3 columns"), "{html}");
        assert!(html.contains("&lt;i&gt;0&lt;/i&gt;") && !html.contains("<i>"), "{html}");
        assert!(html.contains("<span class=\"dim\">–</span>"), "{html}");
        assert!(html.len() < 25_000, "{} bytes", html.len());
    }

    #[test]
    fn columns_and_bars_are_tables_too() {
        let frame = frame(3);
        let text = frame.column("close").unwrap().plain_text();
        assert!(text.contains("3 values of type f64, 1 null") && text.contains("–"), "{text}");
        let bars = doc_bars();
        let text = bars.plain_text();
        assert!(text.contains("symbols") && text.contains("volume (shares)") && text.contains(" ET"), "{text}");
        let heading = text.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(heading[0], "Bars");
        assert!(heading[1].starts_with(&format!("bars {}", grouped(bars.len() as f64, 0))), "{heading:?}");
        let frame = bars.to_frame().unwrap().plain_text();
        let rows = |text: &str| {
            text.lines()
                .filter(|line| line.contains(':'))
                .map(|line| line.split_whitespace().take(3).collect::<String>())
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&text)[1..], rows(&frame)[..], "the same rows as its frame");
    }

    #[test]
    fn a_wide_frame_names_what_it_hides() {
        let columns = (0..130).map(|at| Column::new(format!("c{at}").into(), [1.0])).collect();
        let text = DataFrame::new(1, columns).unwrap().plain_text();
        assert!(text.contains("… 10 more columns: c120, c121"), "{text}");
    }
}
