use ibapi::prelude::*;
use time::OffsetDateTime;

use crate::bench::{Bench, PATIENCE, eventually, instant, stock};

fn offset(at: &str) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(instant(at).as_second()).unwrap()
}

#[tokio::test]
async fn past_headlines_newest_first_and_none_of_the_future() {
    let bench = Bench::at("09:00").await;
    let client = bench.client(1).await;
    let providers: Vec<String> = client.news_providers().await.unwrap().into_iter().map(|provider| provider.code).collect();
    assert_eq!(providers, ["BRFG", "DJNL"]);
    let mut stream = client.historical_news(1_000, &["BRFG", "DJNL"], offset("04:00"), offset("20:00"), 10).await.unwrap();
    let found = stream.collect_to_end_within(PATIENCE).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|article| article.headline.as_str()).collect();
    assert_eq!(titles, ["Apple closes a shop", "Apple opens a shop"]);
    assert_eq!(found[0].time, offset("08:20"));
    let article = client.news_article(&found[0].provider_code, &found[0].article_id).await.unwrap();
    assert_eq!(article.article_text, "Apple closes a shop, at length");
}

#[tokio::test]
async fn headlines_arrive_as_they_appear() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.contract_news(&contract, &["BRFG"]).await.unwrap();
    eventually("subscribed", || bench.gateway.stats().messages_received >= 1).await;
    assert_eq!(bench.gateway.stats().lines, 0, "news takes no line");
    bench.clock.advance_to(instant("10:01"));
    match tokio::time::timeout(PATIENCE, stream.next()).await.unwrap() {
        Some(Ok(SubscriptionItem::Data(article))) => {
            assert_eq!((article.headline.as_str(), article.time), ("Apple opens it again", offset("10:00:30")));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bulletins_tell_of_halts() {
    let bench = Bench::at("17:59:00").await;
    let client = bench.client(1).await;
    let mut stream = client.news_bulletins(false).await.unwrap();
    client.server_time().await.unwrap();
    bench.clock.advance_to(instant("18:00"));
    let halted = crate::ticks::take(&mut stream, 1).await.remove(0);
    assert_eq!((halted.message.as_str(), halted.exchange.as_str()), ("Trading in TINY has been halted on NASDAQ.", "NASDAQ"));
    assert_eq!(halted.message_type, 1);
    bench.clock.advance_to(instant("18:45"));
    let resumed = crate::ticks::take(&mut stream, 1).await.remove(0);
    assert_eq!(resumed.message, "Trading in TINY has resumed on NASDAQ.");
    assert_ne!(resumed.message_id, halted.message_id);
    // Who comes later and wants all of them is told those of the day.
    let late = bench.client(2).await;
    let mut all = late.news_bulletins(true).await.unwrap();
    let told = crate::ticks::take(&mut all, 2).await;
    assert_eq!(told.iter().map(|it| it.message_id).collect::<Vec<_>>(), [halted.message_id, resumed.message_id]);
}
