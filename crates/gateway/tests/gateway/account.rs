use std::collections::{BTreeMap, HashMap};

use bellwether::market::Symbol;
use bellwether_gateway::{Gateway, GatewayConfig, GatewayError, Limits, OpeningPosition, TradingConfig};
use ibapi::{
    accounts::{
        AccountSummaryResult, AccountSummaryTags, AccountUpdate, AccountUpdateMulti, PositionUpdate, PositionUpdateMulti,
    },
    orders::{Action, ExecutionFilter, ExecutionSide},
    prelude::*,
    subscriptions::Subscription,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    bench::{Bench, PATIENCE, eventually, instant, refused, stock},
    orders::{all_open, executions, order},
};

pub(crate) const ACCOUNT: &str = "DU0000001";

pub(crate) fn own() -> AccountId {
    AccountId::from(ACCOUNT)
}

fn all() -> AccountGroup {
    AccountGroup::from("All")
}

/// A hundred shares of Apple that cost 150, and fifty of Microsoft sold short at 410.
pub(crate) fn invested() -> GatewayConfig {
    let position =
        |name: &str, shares: f64, average_cost: f64| OpeningPosition { symbol: Symbol::new(name).unwrap(), shares, average_cost };
    let positions = vec![position("AAPL", 100.0, 150.0), position("MSFT", -50.0, 410.0)];
    let limits = Limits { messages_per_second: 10_000, ..Limits::default() };
    GatewayConfig {
        trading: TradingConfig { cash: 50_000.0, positions, ..TradingConfig::default() },
        limits,
        ..GatewayConfig::default()
    }
}

pub(crate) fn last(bench: &Bench, name: &str) -> f64 {
    bench.tape.last_at(&Symbol::new(name).unwrap(), bench.clock.now()).unwrap().price
}

/// Tag and currency of every row until the end of the first answer, with its value.
async fn rows(stream: &mut Subscription<AccountSummaryResult>) -> HashMap<(String, String), String> {
    let answer = stream.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(AccountSummaryResult::End))).await;
    assert!(matches!(answer.last(), Some(AccountSummaryResult::End)), "{answer:?}");
    let row = |row| if let AccountSummaryResult::Summary(it) = row { Some(((it.tag, it.currency), it.value)) } else { None };
    answer.into_iter().filter_map(row).collect()
}

async fn summary(client: &Client, tags: &[&str]) -> HashMap<(String, String), String> {
    rows(&mut client.account_summary(&all(), tags).await.unwrap()).await
}

pub(crate) async fn amounts<const N: usize>(client: &Client, tags: [&str; N]) -> [f64; N] {
    let rows = summary(client, &tags).await;
    tags.map(|tag| rows[&(tag.to_owned(), "USD".to_owned())].parse().unwrap())
}

async fn held(client: &Client) -> BTreeMap<String, (f64, f64)> {
    let mut stream = client.positions().await.unwrap();
    let rows = stream.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(PositionUpdate::PositionEnd))).await;
    rows.into_iter()
        .filter_map(|row| if let PositionUpdate::Position(it) = row { Some(it) } else { None })
        .map(|it| (it.contract.symbol.to_string(), (it.position, it.average_cost)))
        .collect()
}

#[tokio::test]
async fn a_summary_has_every_tag_and_its_amounts_agree() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let rows = summary(&client, AccountSummaryTags::ALL).await;
    for tag in AccountSummaryTags::ALL.iter().filter(|tag| !tag.starts_with('$')) {
        assert!(rows.keys().any(|(it, _)| it == tag), "no {tag}");
    }
    let amount = |tag: &str| -> f64 { rows[&(tag.to_owned(), "USD".to_owned())].parse().unwrap() };
    let (apple, microsoft) = (100.0 * last(&bench, "AAPL"), 50.0 * last(&bench, "MSFT"));
    let close = |tag: &str, expected: f64| assert!((amount(tag) - expected).abs() < 0.011, "{tag} {} {expected}", amount(tag));
    let (equity, margin) = (50_000.0 + apple - microsoft, 0.25 * apple + 0.3 * microsoft);
    close("TotalCashValue", 50_000.0);
    close("NetLiquidation", equity);
    close("GrossPositionValue", apple + microsoft);
    close("InitMarginReq", margin);
    close("AvailableFunds", equity - margin);
    close("BuyingPower", 4.0 * (equity - margin));
    close("CashBalance", 50_000.0);
    close("StockMarketValue", apple - microsoft);
    assert_eq!(rows[&("AccountType".to_owned(), String::new())], "INDIVIDUAL");
    assert!(rows.contains_key(&("NetLiquidationByCurrency".to_owned(), "BASE".to_owned())));
    assert_eq!(refused(client.account_summary(&AccountGroup::from("Others"), &["SMA"]).await.unwrap()).await.0, 321);
}

#[tokio::test]
async fn two_summaries_at_a_time_are_told_again_every_three_minutes() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let mut one = client.account_summary(&all(), &["NetLiquidation", "TotalCashValue"]).await.unwrap();
    let mut two = client.account_summary(&all(), &["SMA"]).await.unwrap();
    rows(&mut one).await;
    rows(&mut two).await;
    assert_eq!(refused(client.account_summary(&all(), &["SMA"]).await.unwrap()).await.0, 322);
    let before = last(&bench, "AAPL") * 100.0 - last(&bench, "MSFT") * 50.0;
    bench.clock.advance_to(instant("10:03"));
    // Cash has not changed and is not repeated.
    let again = one.collect_until(PATIENCE, |rows| !rows.is_empty()).await;
    let AccountSummaryResult::Summary(row) = &again[0] else { panic!("{again:?}") };
    let change = last(&bench, "AAPL") * 100.0 - last(&bench, "MSFT") * 50.0 - before;
    let value: f64 = row.value.parse().unwrap();
    assert_eq!((again.len(), row.tag.as_str()), (1, "NetLiquidation"));
    assert!((value - 50_000.0 - before - change).abs() < 0.011 && change != 0.0, "{value} {change}");
    // One that is given up makes room, and open orders are answered all the same.
    one.cancel().await;
    assert!(all_open(&client).await.is_empty());
    assert_eq!(summary(&client, &["SMA"]).await.len(), 1);
}

#[tokio::test]
async fn positions_are_told_when_they_change() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let mut stream = client.positions().await.unwrap();
    let mut multi = client.positions_multi(Some(&own()), None).await.unwrap();
    let first = stream.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(PositionUpdate::PositionEnd))).await;
    assert_eq!(first.len(), 3, "two positions and the end: {first:?}");
    let first = multi.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(PositionUpdateMulti::PositionEnd))).await;
    assert_eq!(first.len(), 3, "{first:?}");

    client.submit_order(1, &stock("MSFT"), &order(Action::Buy, 50.0, "MKT")).await.unwrap();
    while all_open(&client).await.is_empty() {}
    bench.clock.advance_to(instant("10:10"));
    let closed = |it: &PositionUpdate| matches!(it, PositionUpdate::Position(it) if it.contract.symbol == Symbol::new("MSFT").unwrap().as_str() && it.position == 0.0);
    let told = stream.collect_until(PATIENCE, |rows| rows.iter().any(closed)).await;
    let told = told.last().unwrap();
    assert!(
        matches!(told, PositionUpdate::Position(it) if it.position == 0.0 && it.average_cost == 0.0 && it.account == ACCOUNT),
        "{told:?}"
    );
    let closed = |it: &PositionUpdateMulti| matches!(it, PositionUpdateMulti::Position(it) if it.position == 0.0);
    assert!(multi.collect_until(PATIENCE, |rows| rows.iter().any(closed)).await.iter().any(closed));

    client.submit_order(2, &stock("AAPL"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    while all_open(&client).await.is_empty() {}
    bench.clock.advance_to(instant("10:11"));
    eventually_held(&client, 101.0).await;
    let bought = executions(&client, ExecutionFilter { symbol: "AAPL".to_owned(), ..ExecutionFilter::default() }).await.0;
    let (_, cost) = held(&client).await["AAPL"];
    let expected = (100.0 * 150.0 + bought[0].price + 1.0) / 101.0;
    assert!((cost - expected).abs() < 1e-6, "{cost} {expected}");
}

async fn eventually_held(client: &Client, apple: f64) {
    for _ in 0..100 {
        if held(client).await.get("AAPL").is_some_and(|(shares, _)| *shares == apple) {
            return;
        }
    }
    panic!("never held {apple} shares");
}

#[tokio::test]
async fn account_updates_have_the_portfolio_and_follow_trades() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let mut stream = client.account_updates(&own()).await.unwrap();
    let first = stream.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(AccountUpdate::End))).await;
    let portfolio: Vec<_> =
        first.iter().filter_map(|it| if let AccountUpdate::PortfolioValue(it) = it { Some(it) } else { None }).collect();
    let apple = last(&bench, "AAPL");
    assert_eq!(portfolio.len(), 2);
    assert_eq!((portfolio[0].position, portfolio[0].market_price, portfolio[0].average_cost), (100.0, apple, 150.0));
    assert!((portfolio[0].unrealized_pnl - 100.0 * (apple - 150.0)).abs() < 1e-6);
    assert!((portfolio[1].market_value + 50.0 * last(&bench, "MSFT")).abs() < 1e-6);
    let value = |rows: &[AccountUpdate], key: &str| {
        rows.iter().rev().find_map(|it| match it {
            AccountUpdate::AccountValue(it) if it.key == key && it.currency == "USD" => Some(it.value.clone()),
            _ => None,
        })
    };
    assert_eq!(value(&first, "TotalCashValue").unwrap(), "50000.00");

    client.submit_order(1, &stock("SPY"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    while all_open(&client).await.is_empty() {}
    bench.clock.advance_to(instant("10:01"));
    let told = stream.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(AccountUpdate::UpdateTime(_)))).await;
    let (filled, _) = executions(&client, ExecutionFilter::default()).await;
    let cash: f64 = value(&told, "TotalCashValue").unwrap().parse().unwrap();
    assert!((cash - (50_000.0 - filled[0].price - 1.0)).abs() < 0.011, "{cash}");
    assert!(told.iter().any(|it| matches!(it, AccountUpdate::PortfolioValue(it) if it.position == 1.0)), "{told:?}");

    let mut multi = client.account_updates_multi(Some(&own()), None).await.unwrap();
    let first = multi.collect_until(PATIENCE, |rows| matches!(rows.last(), Some(AccountUpdateMulti::End))).await;
    let same = |it: &AccountUpdateMulti| matches!(it, AccountUpdateMulti::AccountMultiValue(it) if it.key == "TotalCashValue" && it.value == format!("{cash:.2}"));
    assert!(first.iter().any(same), "{first:?}");
}

#[tokio::test]
async fn a_position_of_a_stranger_is_no_setting() {
    let bench = Bench::at("10:00").await;
    let stranger = OpeningPosition { symbol: Symbol::new("NOSUCH").unwrap(), shares: 1.0, average_cost: 1.0 };
    let apple = OpeningPosition { symbol: Symbol::new("AAPL").unwrap(), ..stranger.clone() };
    let broken = OpeningPosition { shares: 0.5, ..apple.clone() };
    let wrong = [
        TradingConfig { positions: vec![stranger], ..TradingConfig::default() },
        TradingConfig { positions: vec![apple.clone(), apple], ..TradingConfig::default() },
        TradingConfig { positions: vec![broken], ..TradingConfig::default() },
        TradingConfig { participation: 0.0, ..TradingConfig::default() },
        TradingConfig { active_orders: 0, ..TradingConfig::default() },
        TradingConfig { cash: f64::NAN, ..TradingConfig::default() },
    ];
    for trading in wrong {
        let config = GatewayConfig { trading: trading.clone(), ..GatewayConfig::default() };
        let outcome = Gateway::start(config, bench.tape.clone(), bench.clock.clone()).await;
        assert!(matches!(outcome, Err(GatewayError::Setting { .. })), "{trading:?}");
    }
}

/// Cash, positions and equity follow from the executions alone, whatever is traded.
#[tokio::test]
async fn the_books_balance_after_random_orders() {
    let seeds = 0..4_u64;
    for seed in seeds {
        let mut random = StdRng::seed_from_u64(seed);
        let limits = Limits { messages_per_second: 100_000, ..Limits::default() };
        let bench = Bench::with("09:45", GatewayConfig { limits, ..GatewayConfig::default() }).await;
        let client = bench.client(1).await;
        for id in 1..=40 {
            let name = ["AAPL", "BRK.B", "MSFT", "SPY", "TINY"][random.random_range(0..5)];
            let action = if random.random_bool(0.5) { Action::Buy } else { Action::Sell };
            let price = last(&bench, name);
            let near = |random: &mut StdRng| (price * 100.0 + random.random_range(-20.0..20.0_f64)).round() / 100.0;
            let mut placed =
                order(action, f64::from(random.random_range(1..120)), ["MKT", "LMT", "STP", "TRAIL"][random.random_range(0..4)]);
            match placed.order_type.as_str() {
                "LMT" => placed.limit_price = Some(near(&mut random)),
                "STP" => placed.aux_price = Some(near(&mut random)),
                "TRAIL" => placed.aux_price = Some(0.05),
                _ => {}
            }
            client.submit_order(id, &stock(&name.replace('.', " ")), &placed).await.unwrap();
            if random.random_bool(0.2) {
                let _cancelling = client.cancel_order(random.random_range(1..=id), "").await.unwrap();
            }
            // An answer shows that everything before it has been taken.
            client.next_valid_order_id().await.unwrap();
            bench.clock.advance_to(bench.clock.now() + std::time::Duration::from_secs(random.random_range(1..180)));
        }
        check_books(&bench, &client, seed).await;
    }
}

async fn check_books(bench: &Bench, client: &Client, seed: u64) {
    let (executions, commissions) = executions(client, ExecutionFilter::default()).await;
    assert!(executions.len() > 20, "only {} executions with seed {seed}", executions.len());
    let [cash, equity] = amounts(client, ["TotalCashValue", "NetLiquidation"]).await;
    let positions = held(client).await;
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    let mut expected = 1e6 - commissions;
    let by_order = orders_symbols(client).await;
    let mut taken: BTreeMap<(String, String), f64> = BTreeMap::new();
    for it in &executions {
        let signed = if it.side == ExecutionSide::Bought { it.shares } else { -it.shares };
        expected -= signed * it.price;
        *shares.entry(by_order[&it.order_id].clone()).or_default() += signed;
        *taken.entry((by_order[&it.order_id].clone(), it.time[..14].to_owned())).or_default() += it.shares;
    }
    assert!((cash - expected).abs() < 0.01, "cash {cash}, executions say {expected}, seed {seed}");
    let mut value = cash;
    for (name, shares) in &shares {
        assert_eq!(positions[name].0, *shares, "{name}, seed {seed}");
        value += shares * last(bench, &name.replace(' ', "."));
    }
    assert!((equity - value).abs() < 0.02, "equity {equity}, positions say {value}, seed {seed}");
    for ((name, minute), taken) in taken {
        let at =
            jiff::civil::DateTime::strptime("%Y%m%d %H:%M", &minute).unwrap().to_zoned(bellwether::market::new_york()).unwrap();
        let start = at.timestamp();
        let bars =
            bench.tape.minutes().series(&name.replace(' ', ".")).starting_in(start, start + std::time::Duration::from_secs(60));
        let volume: f64 = bars.volume.iter().sum();
        assert!(taken <= (0.1 * volume).floor(), "{taken} of {volume} shares of {name} at {minute}, seed {seed}");
    }
}

/// Symbol of every order, by its id.
async fn orders_symbols(client: &Client) -> HashMap<i32, String> {
    let mut all = all_open(client).await;
    let mut ended = client.completed_orders(false).await.unwrap();
    for row in ended.collect_to_end_within(PATIENCE).await.unwrap() {
        if let ibapi::orders::Orders::OrderData(data) = row {
            all.push(data);
        }
    }
    all.into_iter().map(|data| (data.order.order_id, data.contract.symbol.to_string())).collect()
}

#[tokio::test]
async fn a_feed_ends_with_its_connection() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut summaries = Vec::new();
    for _ in 0..2 {
        let mut stream = client.account_summary(&all(), &["SMA"]).await.unwrap();
        rows(&mut stream).await;
        summaries.push(stream);
    }
    client.disconnect().await;
    eventually("the client has left", || bench.gateway.stats().clients == 0).await;
    let client = bench.client(1).await;
    assert_eq!(summary(&client, &["SMA"]).await.len(), 1);
}
