use bellwether::market::Symbol;
use ibapi::{
    accounts::{PnL, PnLSingle},
    orders::Action,
    prelude::*,
    subscriptions::Subscription,
};

use crate::{
    account::{amounts, invested, last, own},
    bench::{Bench, PATIENCE, instant, refused, stock},
    orders::{all_open, order},
};

/// Unknown amounts on this wire.
const UNKNOWN: f64 = f64::MAX;

async fn single(stream: &mut Subscription<PnLSingle>) -> PnLSingle {
    stream.collect_until(PATIENCE, |rows| !rows.is_empty()).await.pop().unwrap()
}

async fn total(stream: &mut Subscription<PnL>) -> PnL {
    stream.collect_until(PATIENCE, |rows| !rows.is_empty()).await.pop().unwrap()
}

#[track_caller]
fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-6, "{got}, not {expected}");
}

#[tokio::test]
async fn the_profit_of_a_position_is_its_shares_times_the_change_of_price() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let apple = Symbol::new("AAPL").unwrap();
    let contract = ContractId::from(bench.tape.instrument(&apple).unwrap().contract_id);
    let mut stream = client.pnl_single(&own(), contract, None).await.unwrap();
    let first = single(&mut stream).await;
    let before = last(&bench, "AAPL");
    let previous_close = bench.tape.day_at(&apple, instant("10:00")).unwrap().previous_close.unwrap();
    assert_eq!(first.position, 100.0);
    close(first.value, 100.0 * before);
    close(first.daily_pnl, 100.0 * (before - previous_close));
    close(first.unrealized_pnl, 100.0 * (before - 150.0));
    assert_eq!(first.realized_pnl, UNKNOWN, "nothing was closed");

    bench.clock.advance_to(instant("10:07"));
    let second = single(&mut stream).await;
    let change = last(&bench, "AAPL") - before;
    assert_ne!(change, 0.0);
    close(second.unrealized_pnl - first.unrealized_pnl, 100.0 * change);
    close(second.daily_pnl - first.daily_pnl, 100.0 * change);
    // Once a second, not more often.
    bench.clock.advance_to(instant("10:07") + std::time::Duration::from_millis(900));
    assert!(stream.collect_for(std::time::Duration::from_millis(100)).await.is_empty());
    bench.clock.advance_to(instant("10:07:01"));
    single(&mut stream).await;
}

#[tokio::test]
async fn what_is_not_held_has_no_profit() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    for contract in [1_004, 999_999] {
        let mut stream = client.pnl_single(&own(), ContractId::from(contract), None).await.unwrap();
        let it = single(&mut stream).await;
        assert_eq!((it.position, it.unrealized_pnl, it.realized_pnl), (0.0, UNKNOWN, UNKNOWN));
    }
    assert_eq!(refused(client.pnl(&AccountId::from("U7777777"), None).await.unwrap()).await.0, 321);
}

#[tokio::test]
async fn the_accounts_profit_is_its_change_of_equity() {
    let bench = Bench::with("10:00", invested()).await;
    let client = bench.client(1).await;
    let mut stream = client.pnl(&own(), None).await.unwrap();
    let close_of = |name: &str| bench.tape.day_at(&Symbol::new(name).unwrap(), instant("10:00")).unwrap().previous_close.unwrap();
    let yesterday = 50_000.0 + 100.0 * close_of("AAPL") - 50.0 * close_of("MSFT");
    let first = total(&mut stream).await;
    close(first.daily_pnl, 50_000.0 + 100.0 * last(&bench, "AAPL") - 50.0 * last(&bench, "MSFT") - yesterday);
    assert_eq!(first.realized_pnl, Some(0.0));

    client.submit_order(1, &stock("MSFT"), &order(Action::Buy, 70.0, "MKT")).await.unwrap();
    client.submit_order(2, &stock("AAPL"), &order(Action::Sell, 30.0, "MKT")).await.unwrap();
    while all_open(&client).await.len() < 2 {}
    bench.clock.advance_to(instant("10:30"));
    let after = total(&mut stream).await;
    let [equity, cash] = amounts(&client, ["NetLiquidation", "TotalCashValue"]).await;
    assert_ne!(cash, 50_000.0);
    assert!((after.daily_pnl - (equity - yesterday)).abs() < 0.01, "{} {}", after.daily_pnl, equity - yesterday);
    // Against cost: fifty sold at 410 and a hundred bought at 150.
    let (unrealized, realized) = (after.unrealized_pnl.unwrap(), after.realized_pnl.unwrap());
    let at_cost = 50_000.0 + 100.0 * 150.0 - 50.0 * 410.0;
    assert!((unrealized + realized - (equity - at_cost)).abs() < 0.01, "{unrealized} + {realized}");
    assert!(realized != 0.0);
}
