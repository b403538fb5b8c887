//! The catalogue and the audit from the command line, over a file of bars.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use bellwether::{
    frames::{read_table, write_parquet},
    market::{Bar, BarsBuilder, Calendar, Symbol},
};
use bellwether_tests::{folder, program, run};

/// Daily bars of two symbols that wander.
fn bars(path: &Path) {
    let mut builder = BarsBuilder::default();
    for (number, name) in ["AAA", "SPY"].into_iter().enumerate() {
        let symbol = Symbol::new(name).unwrap();
        let mut close = 50.0 + number as f64;
        for (row, day) in Calendar.sessions_before(jiff::civil::date(2026, 1, 1), 90).unwrap().iter().enumerate() {
            let open = close;
            close *= 1.0 + 0.02 * ((row * (7 + number)) as f64).sin();
            let (open_at, close_at) = (day.open.as_microsecond(), day.close.as_microsecond());
            let (high, low) = (1.01 * open.max(close), 0.99 * open.min(close));
            let volume = 1e5 + 1e3 * (row % 7) as f64;
            builder.push(&symbol, Bar { open_at, close_at, open, high, low, close, volume, vwap: None, trades: None });
        }
    }
    write_parquet(path, &mut builder.finish().0.to_frame().unwrap()).unwrap();
}

#[test]
fn the_catalogue_is_shown_computed_and_clean() {
    let data = folder();
    let (file, out) = (data.path().join("bars.parquet"), data.path().join("features.parquet"));
    bars(&file);
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let listed = run(data.path(), &["features", "list", "--json"]).json();
    let listed = listed.as_array().unwrap();
    assert!(listed.len() >= 120 && listed.iter().any(|it| it["name"] == "rsi_14"), "{}", listed.len());
    let shown = run(data.path(), &["features", "list"]);
    assert!(shown.ok && shown.out.contains("rsi_14"), "{}", shown.err);
    let told = run(data.path(), &["features", "--bars", file, "--benchmark", "SPY", "--out", out, "--json"]).json();
    assert_eq!((told["rows"].as_u64(), told["features"].as_u64()), (Some(180), Some(listed.len() as u64)));
    let frame = read_table(Path::new(out)).unwrap();
    assert_eq!((frame.height(), frame.width()), (180, 3 + listed.len()));
    let clean = run(data.path(), &["audit", "lookahead", "--bars", file, "--benchmark", "SPY", "--cuts", "6", "--json"]).json();
    assert_eq!((clean["leaks"].as_array().unwrap().len(), clean["columns"].as_array().unwrap().len()), (0, listed.len()));
}

#[test]
fn a_program_of_ones_own_is_audited() {
    let data = folder();
    let file = data.path().join("bars.parquet");
    bars(&file);
    let made = data.path().join("made_in_a_notebook");
    let bellwether = program();
    let bellwether = bellwether.display();
    fs::write(&made, format!("#!/bin/sh\nexec {bellwether} features --bars \"$1\" --set returns,day_of_week --out \"$2\"\n"))
        .unwrap();
    fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).unwrap();
    let (file, made) = (file.to_str().unwrap(), made.to_str().unwrap());
    let audit =
        |program: &str| run(data.path(), &["audit", "lookahead", "--bars", file, "--cuts", "3", "--notebook-fn", program]);
    let clean = audit(made);
    assert!(clean.ok && clean.out.contains("0 of 2 columns look ahead"), "{} {}", clean.out, clean.err);
    let missing = audit("/no/such/program");
    assert!(!missing.ok && missing.err.contains("cannot be run"), "{}", missing.err);
}
