use ibapi::prelude::*;

use crate::bench::{Bench, refusal, stock};

#[tokio::test]
async fn details_of_a_known_stock() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let found = client.contract_details(&stock("AAPL")).await.unwrap();
    assert_eq!(found.len(), 1);
    let details = &found[0];
    assert_eq!(details.contract.contract_id, 1_000);
    assert_eq!(details.contract.primary_exchange.to_string(), "NASDAQ");
    assert_eq!(details.long_name, "AAPL Incorporated");
    assert_eq!(details.stock_type, "COMMON");
    assert_eq!(details.min_tick, 0.01);
    assert_eq!(details.liquid_hours[0], "20260105:0930-20260105:1600");
    assert_eq!(details.trading_hours[0], "20260105:0400-20260105:2000");
    assert_eq!(details.liquid_hours[5], "20260110:CLOSED");
}

#[tokio::test]
async fn a_share_class_follows_a_space() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let found = client.contract_details(&stock("BRK B")).await.unwrap();
    assert_eq!(found[0].contract.symbol.to_string(), "BRK B");
    let samples = client.matching_symbols("BRK").await.unwrap();
    assert_eq!(samples[0].contract.contract_id, 1_001);
    let by_name = client.matching_symbols("msft inc").await.unwrap();
    assert_eq!(by_name[0].contract.symbol.to_string(), "MSFT");
}

#[tokio::test]
async fn what_is_unknown_or_ambiguous_is_error_200() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let unknown = (200, "No security definition has been found for the request".to_owned());
    assert_eq!(refusal(client.contract_details(&stock("NOSUCH")).await), unknown);
    let elsewhere = Contract::stock("AAPL").in_currency("JPY").build();
    assert_eq!(refusal(client.contract_details(&elsewhere).await), unknown);
    let vague = Contract::stock("AAPL").in_currency("").build();
    let (code, text) = refusal(client.historical_data(&vague, HistoricalBarSize::Day).duration(5.days()).fetch().await);
    assert_eq!((code, text.as_str()), (200, "The contract description specified for AAPL is ambiguous."));
    // Details with the currency left open are a search, which finds it.
    assert_eq!(client.contract_details(&vague).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_exchanges_of_the_best_bid_and_offer_have_letters() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut quotes = client.market_data(&contract).subscribe().await.unwrap();
    let told = quotes.collect_for(std::time::Duration::from_millis(200)).await;
    let parameters = told.into_iter().find_map(|tick| match tick {
        TickTypes::RequestParameters(parameters) => Some(parameters),
        _ => None,
    });
    let components = client.smart_components(&parameters.unwrap().bbo_exchange).await.unwrap();
    let arca = components.iter().find(|it| it.exchange == "ARCA").unwrap();
    assert_eq!(arca.exchange_letter, "P");
    let bits: std::collections::BTreeSet<i32> = components.iter().map(|it| it.bit_number).collect();
    assert_eq!(bits.len(), components.len());
    assert_eq!(refusal(client.smart_components("nonsense").await).0, 321);
    assert_eq!(client.user_info().await.unwrap().white_branding_id, "");
}
