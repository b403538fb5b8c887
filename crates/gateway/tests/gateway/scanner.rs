use ibapi::{prelude::*, scanner::ScannerSubscription};

use crate::bench::{Bench, PATIENCE};

async fn rows(client: &Client, code: &str, change: impl FnOnce(&mut ScannerSubscription)) -> Vec<String> {
    let mut wanted = ScannerSubscription {
        instrument: Some("STK".to_owned()),
        location_code: Some("STK.US.MAJOR".to_owned()),
        scan_code: Some(code.to_owned()),
        ..ScannerSubscription::default()
    };
    change(&mut wanted);
    let mut stream = client.scanner_subscription(&wanted, &[]).await.unwrap();
    match tokio::time::timeout(PATIENCE, stream.next()).await.unwrap() {
        Some(Ok(SubscriptionItem::Data(rows))) => {
            assert!(rows.iter().enumerate().all(|(rank, row)| row.rank == rank as i32));
            rows.iter().map(|row| row.contract_details.contract.symbol.to_string()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rows_are_ranked_by_what_the_code_says() {
    let bench = Bench::at("09:25").await;
    let client = bench.client(1).await;
    // On Monday TINY is up 30 %, AAPL 5 %, MSFT 1 %, SPY a little, DARK nothing much; BRK B is down 2 %.
    let gainers = rows(&client, "TOP_PERC_GAIN", |_| {}).await;
    assert_eq!(gainers[..3], ["TINY", "AAPL", "MSFT"]);
    assert_eq!(gainers.last().unwrap(), "BRK B");
    assert_eq!(rows(&client, "TOP_PERC_LOSE", |_| {}).await[0], "BRK B");
    assert_eq!(rows(&client, "HIGH_OPEN_GAP", |_| {}).await[..2], ["TINY", "AAPL"]);
    assert_eq!(rows(&client, "LOW_OPEN_GAP", |_| {}).await[0], "BRK B");
    // All trade alike here, and average volume grows down the list of instruments.
    assert_eq!(rows(&client, "HOT_BY_VOLUME", |_| {}).await[0], "AAPL");
    assert_eq!(rows(&client, "MOST_ACTIVE", |_| {}).await.len(), 6);
}

#[tokio::test]
async fn filters_and_row_counts_hold() {
    let bench = Bench::at("09:25").await;
    let client = bench.client(1).await;
    let dear = rows(&client, "TOP_PERC_GAIN", |wanted| wanted.above_price = Some(100.0)).await;
    assert_eq!(dear[0], "AAPL");
    assert!(!dear.contains(&"TINY".to_owned()));
    let cheap = rows(&client, "TOP_PERC_GAIN", |wanted| wanted.below_price = Some(100.0)).await;
    assert_eq!(cheap, ["TINY", "DARK"]);
    assert_eq!(rows(&client, "MOST_ACTIVE", |wanted| wanted.above_volume = Some(100_000_000)).await, Vec::<String>::new());
    assert_eq!(rows(&client, "TOP_PERC_GAIN", |wanted| wanted.number_of_rows = 2).await.len(), 2);
    assert_eq!(rows(&client, "TOP_PERC_GAIN", |wanted| wanted.stock_type_filter = Some("ETF".to_owned())).await, ["SPY"]);
}

#[tokio::test]
async fn the_parameters_name_the_codes() {
    let bench = Bench::at("09:25").await;
    let xml = bench.client(1).await.scanner_parameters().await.unwrap();
    assert!(xml.starts_with("<?xml") && xml.contains("<scanCode>HIGH_OPEN_GAP</scanCode>"));
}
