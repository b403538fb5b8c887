//! Every output of every indicator against series computed by TA-Lib's C library and by plain definitions.
//!
//! The committed fixtures are made by `fixtures/indicators/generate.py`; larger ones are read where they lie beside the project.

use std::path::{Path, PathBuf};

use bellwether::{
    frames::read_table,
    indicators::{IndicatorCall, compute_frame},
};
use polars::prelude::*;

/// Relative tolerance of a column, with a floor of as much of its median magnitude.
fn tolerance(function: &str) -> f64 {
    const RUNNING_SUMS: [&str; 11] =
        ["STDDEV", "VAR", "BBANDS", "BETA", "CORREL", "CCI", "ADOSC", "AD", "OBV", "CMF", "PERCENTRANK"];
    match function {
        name if RUNNING_SUMS.contains(&name) || name.starts_with("LINEARREG") => 1e-7,
        name if may_branch(name) => 1e-8,
        _ => 1e-9,
    }
}

/// Functions in which a difference of one rounding may take another branch: fewer than one row in a thousand is forgiven.
fn may_branch(function: &str) -> bool {
    function.starts_with("HT_") || ["MAMA", "SAR", "SAREXT"].contains(&function)
}

fn values(frame: &DataFrame, column: &str) -> Vec<f64> {
    let column = frame.column(column).unwrap_or_else(|_| panic!("there is no column {column}"));
    let column = column.cast(&DataType::Float64).unwrap();
    column.f64().unwrap().iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

/// What is wrong with the column `name`, if anything.
fn difference(name: &str, found: &[f64], expected: &[f64]) -> Option<String> {
    if found.len() != expected.len() {
        return Some(format!("{name}: {} rows, expected {}", found.len(), expected.len()));
    }
    let function = name.split(['(', '.']).next().unwrap();
    // Over a window without volume C divides what rounding left of its running sum by zero; 0/0 is the honest answer.
    let nothing_traded = |row: usize| function == "VWMA" && found[row].is_nan() && expected[row].is_infinite();
    if let Some(row) = (0..found.len()).find(|&row| found[row].is_nan() != expected[row].is_nan() && !nothing_traded(row)) {
        return Some(format!("{name}: row {row} is {}, expected {}", found[row], expected[row]));
    }
    let exact = function.starts_with("CDL");
    let mut sizes: Vec<f64> = expected.iter().filter(|value| value.is_finite()).map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
    let relative = tolerance(function);
    let wrong: Vec<usize> = (0..found.len())
        .filter(|&row| {
            let (a, b) = (found[row], expected[row]);
            let same = a == b || a.is_nan(); // NaN positions are compared above
            !same && (exact || b.is_infinite() || (a - b).abs() > relative * b.abs().max(median))
        })
        .collect();
    let forgiven = if may_branch(function) { found.len() / 1_000 } else { 0 };
    (wrong.len() > forgiven).then(|| {
        let row = wrong[0];
        format!("{name}: {} rows differ, first {row}: {:e}, expected {:e}", wrong.len(), found[row], expected[row])
    })
}

/// Checks every column of `expected`, whose name tells the tag; number of columns.
fn check(bars: &Path, expected: &Path) -> usize {
    let (bars, expected) = (read_table(bars).unwrap(), read_table(expected).unwrap());
    let columns: Vec<String> =
        expected.get_column_names().iter().map(|name| name.to_string()).filter(|name| name != "time").collect();
    let mut calls: Vec<IndicatorCall> = Vec::new();
    for column in &columns {
        let tag = column.rsplit_once('.').unwrap().0;
        if calls.iter().all(|call| call.tag() != tag) {
            calls.push(IndicatorCall::parse(tag).unwrap());
        }
    }
    let found = compute_frame(&bars, &calls).unwrap();
    let wrong: Vec<String> =
        columns.iter().filter_map(|name| difference(name, &values(&found, name), &values(&expected, name))).collect();
    assert!(wrong.is_empty(), "{} of {} columns:\n{}", wrong.len(), columns.len(), wrong.join("\n"));
    let produced: usize = calls.iter().map(|call| call.output_names().len()).sum();
    assert_eq!(produced, columns.len(), "an output that is not compared");
    columns.len()
}

/// The reference folder beside the project, or `None` with a printed reason.
fn reference() -> Option<PathBuf> {
    let shared = std::env::var("BELLWETHER_SHARED_DATA")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = shared.with_file_name("reference").join("indicators");
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

#[test]
fn reference_series_of_talib_conform() {
    let Some(folder) = reference() else { return };
    for series in ["spy_d", "bac_d", "sp500_d", "edge_a"] {
        let file = |kind: &str| folder.join(format!("{series}.{kind}.parquet"));
        assert_eq!(check(&file("input"), &file("talib")), 245, "{series}");
    }
}

#[test]
fn reference_series_of_plain_definitions_conform() {
    let Some(folder) = reference() else { return };
    for (series, columns) in
        [("spy_d", 23), ("bac_d", 23), ("sp500_d", 23), ("edge_a", 23), ("spy_minute", 27), ("bac_minute", 27)]
    {
        let file = |kind: &str| folder.join(format!("{series}.{kind}.parquet"));
        assert_eq!(check(&file("input"), &file("pandas")), columns, "{series}");
    }
}

#[test]
fn reference_realised_variation_conforms() {
    let Some(folder) = reference() else { return };
    for series in ["spy_minute", "bac_minute"] {
        check_realised(&folder.join(format!("{series}.input.parquet")), &folder.join(format!("{series}.realised.json")));
    }
}

/// The last row of each session against `{"2013-10-04": {"n": 78, "rv": …, "bv": …}, …}`.
fn check_realised(bars: &Path, expected: &Path) {
    let bars = read_table(bars).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
    let tag = "REALISED_VARIATION(5)";
    let found = compute_frame(&bars, &[IndicatorCall::parse(tag).unwrap()]).unwrap();
    let days = bars.column("time").unwrap().cast(&DataType::Date).unwrap().cast(&DataType::String).unwrap();
    let days: Vec<&str> = days.str().unwrap().iter().map(Option::unwrap).collect();
    let mut sessions = 0;
    for row in (0..days.len()).filter(|&row| days.get(row + 1) != Some(&days[row])) {
        for output in ["n", "rv", "bv"] {
            let (a, b) = (values(&found, &format!("{tag}.{output}"))[row], expected[days[row]][output].as_f64().unwrap());
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{} {output}: {a:e}, expected {b:e}", days[row]);
        }
        sessions += 1;
    }
    assert_eq!(sessions, expected.as_object().unwrap().len());
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/indicators").join(name)
}

#[test]
fn generated_series_of_talib_conform() {
    for series in ["walk", "ticks"] {
        let file = |kind: &str| fixture(&format!("{series}.{kind}.parquet"));
        assert!(check(&file("input"), &file("talib")) > 300, "{series}");
    }
}

#[test]
fn generated_series_of_plain_definitions_conform() {
    for (series, columns) in [("walk", 30), ("ticks", 30), ("minutes", 34)] {
        let file = |kind: &str| fixture(&format!("{series}.{kind}.parquet"));
        assert_eq!(check(&file("input"), &file("own")), columns, "{series}");
    }
}

#[test]
fn generated_realised_variation_conforms() {
    check_realised(&fixture("minutes.input.parquet"), &fixture("minutes.realised.json"));
}

#[test]
fn every_function_of_the_reference_is_known() {
    let walk = read_table(&fixture("walk.talib.parquet")).unwrap();
    let functions: std::collections::BTreeSet<String> =
        walk.get_column_names().iter().filter_map(|name| Some(name.split_once('(')?.0.to_owned())).collect();
    assert!(functions.iter().filter(|name| name.starts_with("CDL")).count() == 61, "{functions:?}");
    for name in functions {
        let call = IndicatorCall::parse(&format!("{name}()")).unwrap();
        assert_eq!(call.name(), name);
    }
}
