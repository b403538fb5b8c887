//! `bellwether indicators`: tags over a file of bars, and what it says of input that cannot be used.

use std::path::Path;

use bellwether_tests::{Said, folder, run};
use polars::prelude::*;

/// 60 daily bars of each symbol, times in New York's evening.
fn bars(symbols: &[&str]) -> DataFrame {
    let rows = 60 * symbols.len();
    let path = |row: usize| 50.0 + (row as f64 * 0.7).sin() * 3.0;
    let column = |name: &str, value: &dyn Fn(usize) -> f64| Column::new(name.into(), (0..rows).map(value).collect::<Vec<_>>());
    let times: Vec<i64> = (0..rows).map(|row| (row % 60) as i64 * 86_400_000_000).collect();
    DataFrame::new(
        rows,
        vec![
            Column::new("symbol".into(), (0..rows).map(|row| symbols[row / 60]).collect::<Vec<_>>()),
            Int64Chunked::from_vec("open_at".into(), times)
                .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                .into_series()
                .into_column(),
            column("open", &|row| path(row) - 0.1),
            column("high", &|row| path(row) + 1.0),
            column("low", &|row| path(row) - 1.0),
            column("close", &path),
            column("volume", &|row| 1_000.0 + row as f64),
        ],
    )
    .unwrap()
}

fn write(path: &Path, mut frame: DataFrame) {
    ParquetWriter::new(std::fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
}

fn indicators(data: &Path, bars: &str, tags: &str) -> Said {
    run(data, &["indicators", "--bars", bars, "--tags", tags, "--out", "out.parquet"])
}

#[test]
fn columns_are_named_by_tag_and_output_and_symbols_do_not_mix() {
    let data = folder();
    write(&data.path().join("bars.parquet"), bars(&["AAA", "BBB"]));
    let said = indicators(
        data.path(),
        "bars.parquet",
        "RSI(timeperiod=14),MACD(fastperiod=3, slowperiod=6),CDLDOJI(),KELTNER(20,10,2.0)",
    );
    assert!(said.ok, "{}", said.err);
    let read = || ParquetReader::new(std::fs::File::open(data.path().join("out.parquet")).unwrap()).finish().unwrap();
    let out = read();
    let names: Vec<&str> = out.get_column_names().iter().map(|name| name.as_str()).collect();
    let macd = "MACD(fastperiod=3, slowperiod=6)";
    let [a, b, c] = ["macd", "macdsignal", "macdhist"].map(|output| format!("{macd}.{output}"));
    let keltner = ["mid", "upper", "lower"].map(|output| format!("KELTNER(20,10,2.0).{output}"));
    let expected = ["symbol", "open_at", "RSI(timeperiod=14).real", &a, &b, &c, "CDLDOJI().integer"];
    assert_eq!(names[..7], expected);
    assert_eq!(names[7..], keltner);
    let rsi = out.column("RSI(timeperiod=14).real").unwrap().f64().unwrap();
    for row in [0, 13, 60, 73] {
        assert_eq!(rsi.get(row), None, "row {row} is of the look-back");
    }
    assert!(rsi.get(14).is_some() && rsi.get(74).is_some());
    // The same from a JSON file, as a list and as the entries of a manifest.
    for (name, text) in [("a.json", r#"["RSI(timeperiod=14)"]"#), ("b.json", r#"[{"tag": "RSI(timeperiod=14)", "core": true}]"#)]
    {
        std::fs::write(data.path().join(name), text).unwrap();
        assert!(indicators(data.path(), "bars.parquet", name).ok);
        assert!(read().column("RSI(timeperiod=14).real").unwrap().equals_missing(out.column("RSI(timeperiod=14).real").unwrap()));
    }
    let list = run(data.path(), &["indicators", "--list"]);
    assert!(list.ok && list.out.lines().any(|line| line == "SESSION_VWAP"), "{}", list.out);
}

#[test]
fn what_cannot_be_used_is_named_and_nothing_is_written() {
    let data = folder();
    let good = bars(&["AAA"]);
    write(&data.path().join("good.parquet"), good.clone());
    let refused = |bars: &str, tags: &str, words: &[&str]| {
        let said = indicators(data.path(), bars, tags);
        assert!(!said.ok, "{tags} over {bars} should have failed");
        assert_eq!(said.err.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{}", said.err);
        for word in words {
            assert!(said.err.contains(word), "`{word}` is not in: {}", said.err);
        }
        assert!(!data.path().join("out.parquet").exists(), "a file was left behind");
        assert!(!std::fs::read_dir(data.path()).unwrap().any(|entry| entry.unwrap().path().to_string_lossy().contains(".part")));
    };
    refused("good.parquet", "OBV(),RSY(timeperiod=14)", &["`RSY(timeperiod=14)`", "did you mean `RSI`"]);
    refused("good.parquet", "RSI(timeperiods=14)", &["`timeperiods`", "`timeperiod`"]);
    refused("good.parquet", "RSI(timeperiod=1)", &["`timeperiod` is 1", "2 to 100000"]);
    refused("good.parquet", "RSI(timeperiod=14", &["closing parenthesis"]);
    refused("good.parquet", "RSI(14)", &["RSI(timeperiod=14)"]);
    refused("good.parquet", "OBV(),OBV()", &["`OBV()`", "twice"]);
    refused("good.parquet", " , ", &["names no indicator"]);
    refused("absent.parquet", "OBV()", &["absent.parquet"]);
    refused("good.parquet", "absent.json", &["absent.json"]);

    let bad = |name: &str, frame: DataFrame| write(&data.path().join(name), frame);
    bad("no_volume.parquet", good.drop("volume").unwrap());
    refused("no_volume.parquet", "OBV()", &["no_volume.parquet", "`volume`", "is missing"]);
    assert!(indicators(data.path(), "no_volume.parquet", "RSI()").ok, "a column that is not read may be missing");
    std::fs::remove_file(data.path().join("out.parquet")).unwrap();
    bad("no_time.parquet", good.drop("open_at").unwrap());
    refused("no_time.parquet", "RSI()", &["`time`", "`open_at`"]);
    bad("twice.parquet", good.head(Some(5)).vstack(&good.slice(4, 3)).unwrap());
    refused("twice.parquet", "RSI()", &["`open_at`", "same in rows 4 and 5"]);
    bad("unsorted.parquet", good.slice(5, 3).vstack(&good.head(Some(2))).unwrap());
    refused("unsorted.parquet", "RSI()", &["`open_at`", "earlier in row 3", "sort"]);
    let mut null = good.clone();
    let values: Vec<Option<f64>> = (0..60).map(|row| (row != 7).then_some(5.0)).collect();
    null.with_column(Column::new("close".into(), values)).unwrap();
    bad("null.parquet", null);
    refused("null.parquet", "RSI()", &["`close`", "empty in row 7"]);
    let mut text = good;
    text.with_column(Column::new("close".into(), vec!["1"; 60])).unwrap();
    bad("text.parquet", text);
    refused("text.parquet", "RSI()", &["`close`", "expected numbers"]);
}
