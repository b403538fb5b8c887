//! `bellwether book`: order-book snapshots from a file, and what it says of those that cannot be used.

use std::{fs, path::Path};

use bellwether::frames::read_table;
use bellwether_tests::{Said, folder, run};

const HEADER: &str = "at,symbol,bid_price_1,bid_size_1,ask_price_1,ask_size_1,bid_price_2,bid_size_2,ask_price_2,ask_size_2";

/// Forty snapshots of AAA and BBB in turn; buyers arrive at one, sellers at the other, and a bid is missing in the last.
fn snapshots() -> Vec<String> {
    let row = |row: usize| {
        let (symbol, up) = if row.is_multiple_of(2) { ("AAA", 1.0) } else { ("BBB", -1.0) };
        let step = (row / 2) as f64;
        let bid = 100.0 + up * 0.01 * (step * 0.9).floor();
        let (size, second) = (300.0 + 7.0 * step, 200.0 + step);
        let at = format!("2026-03-10T14:{:02}:{:02}.250000", 30 + row / 6, 10 * (row % 6));
        match row {
            39 => format!("{at},{symbol},,,{:.2},{size},,,,", bid + 0.02),
            _ => format!("{at},{symbol},{bid:.2},{size},{:.2},100,{:.2},{second},{:.2},900", bid + 0.02, bid - 0.01, bid + 0.03),
        }
    };
    (0..40).map(row).collect()
}

fn write(path: &Path, header: &str, rows: &[String]) {
    fs::write(path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

fn book(data: &Path, more: &[&str]) -> Said {
    let mut arguments = vec!["book", "--snapshots", "book.csv", "--out", "out.parquet"];
    arguments.extend(more);
    run(data, &arguments)
}

#[test]
fn features_and_flow_of_two_books_are_written_and_summed_up() {
    let data = folder();
    write(&data.path().join("book.csv"), HEADER, &snapshots());
    let said = book(data.path(), &["--json", "--window", "5", "--impact-shares", "250"]);
    assert!(said.ok, "{}", said.err);
    let told = said.json();
    assert_eq!((told["rows"].as_u64(), told["columns"].as_u64()), (Some(40), Some(22)));
    assert_eq!(told["books"][0]["symbol"], "AAA");
    let numbers = |field: &str| [0, 1].map(|book| told["books"][book][field].as_u64().unwrap());
    assert_eq!((numbers("rows"), numbers("levels")), ([20, 20], [2, 2]));
    assert_eq!((numbers("without_mid"), numbers("crossed")), ([0, 1], [0, 0]));
    assert_eq!(told["books"][0]["first"], "2026-03-10T14:30:00.25Z");
    assert!(told["books"][0]["price_impact"]["r_squared"].as_f64().unwrap() >= 0.0);

    let frame = read_table(&data.path().join("out.parquet")).unwrap();
    let names: Vec<&str> = frame.get_column_names().iter().map(|name| name.as_str()).collect();
    assert_eq!((names[0], names[1], names[21..].len()), ("symbol", "at", 3));
    assert_eq!(names[22..], ["order_flow_imbalance_1", "order_flow_imbalance_2"]);
    let column = |name: &str| frame.column(name).unwrap().f64().unwrap().clone();
    let spread = column("spread_bps").get(0).unwrap();
    assert!((spread - 10_000.0 * 0.02 / 100.01).abs() < 1e-6, "{spread}");
    let (flow, mean) = (column("order_flow_imbalance_1"), column("imbalance_mean"));
    // The second snapshot of AAA: 7 shares more are bid, nothing else changes.
    assert_eq!((flow.get(0), flow.get(1), flow.get(20)), (None, Some(7.0), None));
    assert!(mean.get(3).is_none() && mean.get(4).is_some() && mean.get(23).is_none() && mean.get(24).is_some());
    assert_eq!(column("spread_bps").get(39), None, "a side is empty");
    let shown = book(data.path(), &[]);
    assert!(shown.ok && shown.out.contains("AAA: 20 snapshots"), "{}", shown.out);
}

#[test]
fn what_cannot_be_used_is_named_and_nothing_is_written() {
    let data = folder();
    let file = data.path().join("book.csv");
    let refused = |words: &[&str]| {
        let said = book(data.path(), &[]);
        assert!(!said.ok && !data.path().join("out.parquet").exists());
        words.iter().for_each(|word| assert!(said.err.contains(word), "{word}: {}", said.err));
    };
    let rows = snapshots();
    write(&file, &HEADER.replace("ask_size_2", "ask_shares_2"), &rows);
    refused(&["book.csv", "`ask_size_2`", "ask_shares_2"]);
    write(&file, &HEADER.replace("at,", "when,"), &rows);
    refused(&["`at`", "timestamp"]);
    let mut unsorted = rows.clone();
    unsorted.swap(4, 6);
    write(&file, HEADER, &unsorted);
    refused(&["order book of AAA", "row 3", "sort by time"]);
    let mut crossed = rows.clone();
    crossed[5] = "2026-03-10T14:30:50.250000,BBB,100.20,300,100.10,100,,,,".to_owned();
    write(&file, HEADER, &crossed);
    refused(&["order book of BBB", "row 2", "2026-03-10T14:30:50.25Z", "above the best ask", "--allow-crossed"]);
    let allowed = book(data.path(), &["--allow-crossed", "--json"]).json();
    assert_eq!((allowed["books"][1]["crossed"].as_u64(), allowed["books"][1]["without_mid"].as_u64()), (Some(1), Some(2)));
}
