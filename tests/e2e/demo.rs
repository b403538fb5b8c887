//! `bellwether demo`, as a newcomer runs it.

use bellwether_tests::{Said, bellwether, folder, run};

/// Mornings of the default schedule up to 11:00: three gap scans, momentum scans from 09:35 on, features at 10:02 and 10:32.
const GAP_RUNS: usize = 3;
const MOMENTUM_RUNS: usize = 18;
const HALF_HOURS: usize = 2;

fn check(data: &std::path::Path, said: &Said) {
    assert!(said.ok, "{}\n{}", said.out, said.err);
    for words in ["embedded Postgres", "simulated IB Gateway", "premarket-gap", "what happened", "how to look", "first alert"] {
        assert!(said.out.contains(words), "`{words}` is not in:\n{}", said.out);
    }
    let mails: Vec<_> = std::fs::read_dir(data.join("outbox")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(mails.len() >= GAP_RUNS, "{mails:?}");
    assert!(mails.iter().all(|mail| mail.extension().is_some_and(|extension| extension == "eml")), "{mails:?}");
    let runs = run(data, &["db", "runs", "-n", "1000", "--json"]).json();
    let runs = runs.as_array().unwrap();
    assert!(runs.iter().all(|run| run["status"] == "succeeded"), "{runs:#?}");
    let of = |job: &str| runs.iter().filter(|run| run["job"] == job).count();
    assert_eq!((of("premarket-gap"), of("intraday-momentum")), (GAP_RUNS, MOMENTUM_RUNS));
    assert_eq!((of("risk-profiles"), of("features-daily"), of("features-30-minutes")), (1, 1, HALF_HOURS));
}

#[test]
fn two_at_once_in_different_folders_and_then_one_again() {
    let (one, two) = (folder(), folder());
    let start = |data: &std::path::Path| {
        let mut command = bellwether(data);
        command.arg("demo").stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let (first, second) = (start(one.path()), start(two.path()));
    let first: Said = first.wait_with_output().unwrap().into();
    let second: Said = second.wait_with_output().unwrap().into();
    check(one.path(), &first);
    check(two.path(), &second);

    // The same seed is the same morning: the scans of both saw and found the same, bit for bit.
    let reports = |data: &std::path::Path| {
        let runs = run(data, &["db", "runs", "-n", "1000", "--json"]).json();
        let mut hashes: Vec<(String, String)> = runs
            .as_array()
            .unwrap()
            .iter()
            .filter(|run| run["job"] == "premarket-gap")
            .map(|run| (run["due_at"].to_string(), run["report"]["hits"].to_string()))
            .collect();
        hashes.sort();
        hashes
    };
    let (a, b) = (reports(one.path()), reports(two.path()));
    let symbols = |rows: &[(String, String)]| -> Vec<Vec<String>> {
        rows.iter()
            .map(|(_, hits)| {
                let hits: serde_json::Value = serde_json::from_str(hits).unwrap();
                hits.as_array()
                    .unwrap()
                    .iter()
                    .map(|hit| format!("{} {} {}", hit["symbol"], hit["gap_pct"], hit["premarket_volume"]))
                    .collect()
            })
            .collect()
    };
    assert_eq!(symbols(&a), symbols(&b));
    assert!(symbols(&a).iter().all(|hits| !hits.is_empty()), "true gappers were planted");

    // Any of its runs can be made again.
    for which in ["latest", "premarket-gap", "risk-profiles", "features-30-minutes"] {
        let said = run(one.path(), &["replay", which, "--json"]);
        assert!(said.ok, "{}", said.err);
        assert_eq!(said.json()["identical"], true);
    }
    // And written as a whole: of features every row, not the newest alone.
    let whole = one.path().join("whole.parquet");
    let said = run(one.path(), &["replay", "features-30-minutes", "--out", whole.to_str().unwrap()]);
    assert!(said.ok && said.out.contains("whole.parquet"), "{}\n{}", said.out, said.err);
    let rows = bellwether::frames::read_table(&whole).unwrap();
    let symbols = rows.column("symbol").unwrap().n_unique().unwrap();
    assert!(rows.height() > 20 * symbols && symbols > 20, "{} rows of {symbols} symbols", rows.height());
    let said = run(one.path(), &["replay", "latest", "--out", "whole.csv"]);
    assert!(!said.ok && said.err.contains("must be a .parquet file"), "{}", said.err);
    let again = run(one.path(), &["demo"]);
    check(one.path(), &again);
}

#[test]
fn a_recorded_morning_plays_too() {
    let Some(january) = bellwether_tests::january_2025() else { return };
    let data = folder();
    let said = run(data.path(), &["demo", "--replay", january.to_str().unwrap(), "--session", "2025-01-06"]);
    assert!(said.ok, "{}\n{}", said.out, said.err);
    assert!(said.out.contains("RHE"), "{}", said.out);
    let runs = run(data.path(), &["db", "runs", "--job", "premarket-gap", "--json"]).json();
    let last = runs.as_array().unwrap().iter().find(|run| run["due_at"] == "2025-01-06T14:25:00Z").unwrap();
    let hits: Vec<&str> = last["report"]["hits"].as_array().unwrap().iter().map(|hit| hit["symbol"].as_str().unwrap()).collect();
    assert_eq!(hits.len(), 11, "{hits:?}");
    assert_eq!(hits[0], "RHE");
}
