//! Bad input gets one clear error that says what, where and what to do, and exit status 1.

use std::path::Path;

use bellwether_tests::{Said, folder, run};
use polars::prelude::*;

fn refused(said: &Said, words: &[&str]) {
    assert!(!said.ok, "it should have failed: {}", said.out);
    assert_eq!(said.err.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "`{word}` is not in: {}", said.err);
    }
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn schedules_are_refused_with_file_line_and_remedy() {
    let data = folder();
    let check = |text: &str| {
        std::fs::write(data.path().join("s.toml"), text).unwrap();
        run(data.path(), &["schedule", "check", "--config", "s.toml"])
    };
    refused(&check("[[jobs]\n"), &["s.toml", "line 1"]);
    refused(&check("[universe.x]\n"), &["s.toml", "line 1", "unknown field `universe`", "universes"]);
    let job =
        "[universes.u]\nsymbols=[\"A\"]\n[[jobs]]\nname=\"c\"\nkind=\"custom_scan\"\nuniverse=\"u\"\ncron=[\"0 9 * * *\"]\n";
    refused(&check(&format!("{job}custom={{condition=\"gap_prct > 4\"}}\n")), &["s.toml:4", "`gap_prct`", "gap_pct"]);
    refused(&run(data.path(), &["schedule", "check", "--config", "absent.toml"]), &["absent.toml"]);
    refused(&run(data.path(), &["run", "no-such-job"]), &["no job `no-such-job`", "premarket-gap"]);
}

#[test]
fn a_gateway_that_is_not_there_is_named() {
    let data = folder();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let text = format!("[ib]\nport = {port}\nconnect_attempts = 1\n{}", jobs());
    std::fs::write(data.path().join("s.toml"), text).unwrap();
    let said = run(data.path(), &["run", "g", "--config", "s.toml", "--dry-run"]);
    refused(&said, &[&port.to_string(), "cannot be reached"]);
    // A stored run that fails is a row with its reason, not nothing.
    let said = run(data.path(), &["run", "g", "--config", "s.toml"]);
    refused(&said, &["cannot be reached"]);
    let runs = run(data.path(), &["db", "runs", "--json"]).json();
    assert_eq!(runs[0]["status"], "failed", "{runs}");
    assert!(runs[0]["reason"].as_str().unwrap().contains("cannot be reached"));
}

fn jobs() -> &'static str {
    "[universes.u]\nsymbols=[\"A\"]\n[[jobs]]\nname=\"g\"\nkind=\"gap_scan\"\nuniverse=\"u\"\ncron=[\"25 9 * * MON-FRI\"]\n"
}

#[test]
fn a_port_that_is_no_gateway_is_told_apart_from_a_closed_one() {
    let data = folder();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let text = format!("[ib]\nport = {port}\nconnect_attempts = 1\nconnect_timeout = \"2s\"\n{}", jobs());
    std::fs::write(data.path().join("s.toml"), text).unwrap();
    let said = run(data.path(), &["run", "g", "--config", "s.toml", "--dry-run"]);
    refused(&said, &["does not answer as an IB Gateway"]);
}

#[test]
fn databases_that_cannot_be_used_are_told_apart_and_never_show_a_password() {
    let data = folder();
    let with = |url: &str| -> Said {
        bellwether_tests::bellwether(data.path()).args(["db", "status"]).env("DATABASE_URL", url).output().unwrap().into()
    };
    let said = with("postgres://me:hunter2@127.0.0.1:1/none?connect_timeout=2");
    refused(&said, &["127.0.0.1"]);
    assert!(!said.err.contains("hunter2"));
    let said = with("not a url hunter2");
    refused(&said, &["URL"]);
}

/// A recorded folder of one good and several bad symbols.
fn recorded(folder: &Path, bars: &mut DataFrame) {
    bellwether::frames::write_parquet(&folder.join("bars.parquet"), bars).unwrap();
}

fn minutes(rows: &[(&str, i64, f64, f64)]) -> DataFrame {
    // Minutes after 2025-01-06 08:00 New York; -4000 lies in the previous session.
    let base = "2025-01-06T13:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let ts: Vec<i64> = rows.iter().map(|(_, minute, ..)| base + minute * 60_000).collect();
    let ts = Int64Chunked::from_slice("ts".into(), &ts).into_datetime(TimeUnit::Milliseconds, None).into_series();
    let price: Vec<f64> = rows.iter().map(|(_, _, price, _)| *price).collect();
    let volume: Vec<f64> = rows.iter().map(|(.., volume)| *volume).collect();
    let symbols: Vec<&str> = rows.iter().map(|(symbol, ..)| *symbol).collect();
    let mut frame =
        df!("symbol" => symbols, "open" => &price, "high" => &price, "low" => &price, "close" => &price, "volume" => volume)
            .unwrap();
    frame.with_column(ts.into_column()).unwrap();
    frame
}

#[test]
fn one_bad_symbol_is_reported_beside_the_hits() {
    let data = folder();
    // Friday 15:59 New York is 2025-01-03T20:59Z: 3,841 minutes before Monday 08:00.
    let friday = -3841;
    let mut bars = minutes(&[
        ("GOOD", 5, 12.0, 200_000.0),
        ("GOOD", friday, 10.0, 1.0),
        ("GOOD", 5, 12.0, 200_000.0),
        ("NAN", friday, 10.0, 1.0),
        ("NAN", 5, f64::NAN, 200_000.0),
        ("TWICE", friday, 10.0, 1.0),
        ("TWICE", 5, 12.0, 200_000.0),
        ("TWICE", 5, 13.0, 200_000.0),
        ("NEW", 5, 12.0, 200_000.0),
    ]);
    recorded(data.path(), &mut bars);
    let dir = data.path().to_str().unwrap();
    let said = run(data.path(), &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T09:25", "--json"]);
    assert!(said.ok, "{}", said.err);
    let json = said.json();
    assert_eq!(json["hits"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["hits"][0]["symbol"], "GOOD");
    assert_eq!(json["hits"][0]["premarket_volume"], 200_000, "the repeated bar counts once");
    assert_eq!(json["no_previous_close"][0], "NEW");
    assert!(json["set_aside"][0]["reason"].as_str().unwrap().contains("is NaN"), "{json}");
    let aside: Vec<&str> = json["set_aside"].as_array().unwrap().iter().map(|aside| aside["symbol"].as_str().unwrap()).collect();
    assert_eq!(aside, ["NAN", "TWICE"]);
    let said = run(
        data.path(),
        &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T09:25", "--symbols", "GOOD,ZZZZ", "--json"],
    );
    let json = said.json();
    assert_eq!(json["missing"][0]["symbol"], "ZZZZ", "{json}");
    assert_eq!(json["missing"][0]["reason"], "unknown_contract");
}

#[test]
fn damage_later_than_the_instant_or_long_past_costs_nothing() {
    let data = folder();
    let friday = -3841;
    let mut bars = minutes(&[
        ("LATER", friday, 10.0, 1.0),
        ("LATER", 5, 12.0, 200_000.0),
        ("LATER", 300, f64::NAN, 1.0),
        ("PAST", friday - 5, f64::NAN, 1.0),
        ("PAST", friday, 10.0, 1.0),
        ("PAST", 5, 12.0, 200_000.0),
    ]);
    recorded(data.path(), &mut bars);
    let dir = data.path().to_str().unwrap();
    let said = run(data.path(), &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T09:25", "--json"]);
    let json = said.json();
    let found: Vec<&str> = json["hits"].as_array().unwrap().iter().map(|hit| hit["symbol"].as_str().unwrap()).collect();
    assert_eq!(found, ["LATER", "PAST"], "{json}");
    assert_eq!(json["missing"].as_array().unwrap().len(), 1, "what is damaged in the past is told: {json}");
    // Once the damaged minute is over, this session's numbers cannot be trusted.
    let said = run(data.path(), &["run", "premarket-gap", "--source", dir, "--as-of", "2025-01-06T14:00", "--json"]);
    assert_eq!(said.json()["set_aside"][0]["symbol"], "LATER");
}

#[test]
fn a_demo_touches_no_folder_that_is_not_its_own() {
    let data = folder();
    std::fs::create_dir(data.path().join("outbox")).unwrap();
    std::fs::write(data.path().join("outbox/mine.txt"), "mine").unwrap();
    refused(&run(data.path(), &["demo"]), &["not a demo's", "outbox", "--data-dir"]);
    assert_eq!(std::fs::read_to_string(data.path().join("outbox/mine.txt")).unwrap(), "mine");
}

#[test]
fn damaged_folders_are_refused_by_file_and_column() {
    let data = folder();
    let dir = data.path().to_str().unwrap().to_owned();
    let scan = || run(data.path(), &["run", "premarket-gap", "--source", &dir, "--as-of", "2025-01-06T09:25"]);
    refused(&scan(), &["bars.parquet"]);
    std::fs::write(data.path().join("bars.parquet"), b"PAR1 this is no Parquet file").unwrap();
    refused(&scan(), &["bars.parquet"]);
    let mut frame = minutes(&[("A", 1, 1.0, 1.0)]).drop("close").unwrap();
    recorded(data.path(), &mut frame);
    refused(&scan(), &["bars.parquet", "`close`"]);
    let mut frame = minutes(&[("A", 1, 1.0, 1.0)]);
    recorded(data.path(), &mut frame);
    let whole = std::fs::read(data.path().join("bars.parquet")).unwrap();
    std::fs::write(data.path().join("bars.parquet"), &whole[..whole.len() / 2]).unwrap();
    refused(&scan(), &["bars.parquet"]);
    refused(
        &run(data.path(), &["run", "premarket-gap", "--source", "/no/such/folder", "--as-of", "2025-01-06T09:25"]),
        &["/no/such/folder"],
    );
}

#[test]
fn times_that_are_none_are_refused() {
    let data = folder();
    let said = run(data.path(), &["run", "premarket-gap", "--as-of", "half past nine"]);
    assert!(!said.ok && said.err.contains("half past nine") && said.err.contains("2025-01-06T09:25"), "{}", said.err);
}
