use std::time::Duration;

use ibapi::prelude::*;
use jiff::Timestamp;

use crate::bench::{Bench, instant, stock};

#[tokio::test]
async fn a_client_connects_and_learns_account_version_and_time() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(7).await;
    assert_eq!(client.server_version(), 226);
    assert_eq!(client.next_order_id(), 1);
    assert_eq!(client.managed_accounts().await.unwrap(), ["DU0000001"]);
    assert_eq!(client.server_time().await.unwrap().unix_timestamp(), instant("10:00").as_second());
    let connected = client.connection_time().unwrap().unix_timestamp();
    assert_eq!(Timestamp::from_second(connected).unwrap(), instant("10:00"));
}

#[tokio::test]
async fn a_client_id_serves_one_client_at_a_time() {
    let bench = Bench::at("10:00").await;
    let first = bench.client(7).await;
    assert!(matches!(bench.try_client(7).await, Err(Error::ClientIdInUse { client_id: 7 })));
    // The first is undisturbed, a second id is free, and the id is free again once its client left.
    let second = bench.client(8).await;
    assert!(first.server_time().await.is_ok() && second.server_time().await.is_ok());
    assert_eq!(bench.gateway.stats().clients, 2);
    first.disconnect().await;
    crate::bench::eventually("the client left", || bench.gateway.stats().clients == 1).await;
    bench.client(7).await;
}

#[tokio::test]
async fn two_clients_have_streams_of_their_own() {
    let bench = Bench::at("10:00").await;
    let (one, two) = (bench.client(1).await, bench.client(2).await);
    let (apple, microsoft) = (stock("AAPL"), stock("MSFT"));
    let mut first = one.market_data(&apple).subscribe().await.unwrap();
    let mut second = two.market_data(&microsoft).subscribe().await.unwrap();
    let lasts = |ticks: Vec<TickTypes>| {
        ticks.into_iter().find_map(|tick| match tick {
            TickTypes::PriceSize(tick) if tick.price > 100.0 => Some(tick.price),
            _ => None,
        })
    };
    let first = lasts(first.collect_for(Duration::from_millis(300)).await).unwrap();
    let second = lasts(second.collect_for(Duration::from_millis(300)).await).unwrap();
    assert!((205.0..220.0).contains(&first) && (400.0..410.0).contains(&second), "{first} {second}");
}

#[tokio::test]
async fn the_account_is_valid_and_empty() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut positions = client.positions().await.unwrap();
    let end = tokio::time::timeout(crate::bench::PATIENCE, positions.next()).await.unwrap();
    assert!(matches!(end, Some(Ok(SubscriptionItem::Data(PositionUpdate::PositionEnd)))), "{end:?}");
    let group = AccountGroup("All".to_owned());
    let mut summary = client.account_summary(&group, &["NetLiquidation"]).await.unwrap();
    let first = tokio::time::timeout(crate::bench::PATIENCE, summary.next()).await.unwrap();
    match first {
        Some(Ok(SubscriptionItem::Data(AccountSummaryResult::Summary(row)))) => assert_eq!(row.tag, "NetLiquidation"),
        other => panic!("{other:?}"),
    }
}
