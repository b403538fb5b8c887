use std::time::Duration;

use bellwether::market::Symbol;
use bellwether_gateway::{Connectivity, GatewayConfig, Limits, TradingConfig};
use ibapi::{
    orders::{Action, ExecutionFilter, OcaType, Order, OrderData, OrderStatusKind, OrderUpdate, Orders, TimeInForce},
    prelude::*,
    subscriptions::Subscription,
};

use crate::bench::{Bench, PATIENCE, instant, refusal, stock};

/// What the gateway tells a client of its orders, in a few words each.
struct Watch(Subscription<OrderUpdate>);

impl Watch {
    async fn on(client: &Client) -> Self {
        Self(client.order_update_stream().await.unwrap())
    }

    async fn next(&mut self) -> String {
        match self.0.next().await.unwrap().unwrap() {
            SubscriptionItem::Notice(notice) => format!("error {} {}", notice.request_id.unwrap(), notice.code),
            SubscriptionItem::Data(OrderUpdate::OpenOrder(open)) => {
                format!("open {} {}", open.order_id, open.order_state.status.as_str())
            }
            SubscriptionItem::Data(OrderUpdate::OrderStatus(it)) => {
                format!("status {} {} {}+{} {}", it.order_id, it.status.as_str(), it.filled, it.remaining, it.why_held)
            }
            SubscriptionItem::Data(OrderUpdate::ExecutionData(data)) => {
                let it = data.execution;
                format!("execution {} {} {}@{:.2} {}", it.order_id, it.side.as_str(), it.shares, it.price, it.time)
            }
            SubscriptionItem::Data(OrderUpdate::CommissionReport(it)) => format!("commission {:.4}", it.commission),
            SubscriptionItem::Data(other) => panic!("{other:?}"),
        }
    }

    /// Everything up to the first that begins so.
    async fn until(&mut self, wanted: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let Ok(next) = tokio::time::timeout(PATIENCE, self.next()).await else {
                panic!("never came: {wanted}, but {seen:?}")
            };
            let found = next.starts_with(wanted);
            seen.push(next);
            if found {
                return seen;
            }
        }
    }
}

pub(crate) fn order(action: Action, shares: f64, kind: &str) -> Order {
    Order { action, total_quantity: shares, order_type: kind.to_owned(), transmit: true, ..Order::default() }
}

fn limit(action: Action, shares: f64, price: f64) -> Order {
    Order { limit_price: Some(price), ..order(action, shares, "LMT") }
}

fn stop(action: Action, shares: f64, price: f64) -> Order {
    Order { aux_price: Some(price), ..order(action, shares, "STP") }
}

fn advance(bench: &Bench, at: &str) {
    bench.clock.advance_to(instant(at));
}

fn second(at: &str, later: u64) -> jiff::Timestamp {
    instant(at) + Duration::from_secs(later)
}

/// The first millisecond after `at` until which the tape trades so much that an order gets `shares` of it.
fn moment_with(bench: &Bench, name: &str, at: &str, shares: f64) -> jiff::Timestamp {
    let symbol = Symbol::new(name).unwrap();
    let before = bench.tape.volume_at(&symbol, instant(at));
    (1..60_000)
        .map(|later| instant(at) + Duration::from_millis(later))
        .find(|moment| (0.1 * (bench.tape.volume_at(&symbol, *moment) - before)).floor() >= shares)
        .expect("volume within the minute")
}

pub(crate) async fn all_open(client: &Client) -> Vec<OrderData> {
    let mut stream = client.all_open_orders().await.unwrap();
    only_orders(stream.collect_to_end_within(PATIENCE).await.unwrap())
}

fn only_orders(rows: Vec<Orders>) -> Vec<OrderData> {
    rows.into_iter().filter_map(|row| if let Orders::OrderData(data) = row { Some(data) } else { None }).collect()
}

/// Executions that a filter accepts, and their commissions added up.
pub(crate) async fn executions(client: &Client, filter: ExecutionFilter) -> (Vec<ibapi::orders::Execution>, f64) {
    let mut stream = client.executions(filter).await.unwrap();
    let (mut executions, mut commissions) = (Vec::new(), 0.0);
    for row in stream.collect_to_end_within(PATIENCE).await.unwrap() {
        match row {
            ibapi::orders::Executions::ExecutionData(data) => executions.push(data.execution),
            ibapi::orders::Executions::CommissionReport(report) => commissions += report.commission,
        }
    }
    (executions, commissions)
}

#[tokio::test]
async fn a_market_order_buys_at_the_offer_once_the_tape_has_traded_enough() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &order(Action::Buy, 8.0, "MKT")).await.unwrap();
    assert_eq!(watch.next().await, "open 1 PreSubmitted");
    assert_eq!(watch.next().await, "status 1 PreSubmitted 0+8 ");
    assert_eq!(watch.until("status").await, ["open 1 Submitted", "status 1 Submitted 0+8 "]);

    let filled_at = moment_with(&bench, "AAPL", "10:00", 8.0);
    bench.clock.advance_to(filled_at - Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    bench.clock.advance_to(filled_at);
    let ask = bench.tape.quote_at(&Symbol::new("AAPL").unwrap(), filled_at).unwrap().ask.unwrap();
    let time = filled_at.to_zoned(bellwether::market::new_york()).strftime("%Y%m%d %H:%M:%S US/Eastern").to_string();
    let told = watch.until("commission").await;
    let expected = [
        format!("execution 1 BOT 8@{ask:.2} {time}"),
        "open 1 Filled".into(),
        "status 1 Filled 8+0 ".into(),
        "commission 1.0000".into(),
    ];
    assert_eq!(told, expected);
    assert!(all_open(&client).await.is_empty());
}

#[tokio::test]
async fn a_limit_rests_is_changed_and_fills_where_the_tape_crosses_it() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let symbol = Symbol::new("AAPL").unwrap();
    let bars = bench.tape.minutes().series("AAPL").starting_in(instant("10:02"), instant("10:12"));
    let lowest = bars.iter().min_by(|a, b| a.low.total_cmp(&b.low)).unwrap();
    client.submit_order(5, &stock("AAPL"), &limit(Action::Buy, 1.0, lowest.low - 0.5)).await.unwrap();
    watch.until("status 5 Submitted").await;
    advance(&bench, "10:01:30");
    client.submit_order(5, &stock("AAPL"), &limit(Action::Buy, 1.0, lowest.low)).await.unwrap();
    assert_eq!(watch.until("status").await, ["open 5 Submitted", "status 5 Submitted 0+1 "]);

    advance(&bench, "10:20");
    let told = watch.until("commission").await;
    assert!(told[0].starts_with(&format!("execution 5 BOT 1@{:.2} ", lowest.low)), "{told:?}");
    let (executions, commissions) = executions(&client, ExecutionFilter::default()).await;
    let execution = &executions[0];
    let start = jiff::Timestamp::from_microsecond(lowest.open_at).unwrap();
    let minute = start.to_zoned(bellwether::market::new_york()).strftime("%Y%m%d %H:%M").to_string();
    assert!(execution.time.starts_with(&minute), "{} is not in the minute {minute}", execution.time);
    assert!(bench.tape.quote_at(&symbol, start).unwrap().last.unwrap() >= lowest.low);
    // A hundredth of the value where that is less than the least of a dollar; here it is not.
    assert_eq!((executions.len(), commissions), (1, 1.0));
    assert_eq!(execution.last_liquidity, ibapi::orders::Liquidity::AddedLiquidity);
}

#[tokio::test]
async fn a_marketable_limit_trades_at_the_touch_not_at_its_limit() {
    for (action, side) in [(Action::Buy, "BOT"), (Action::Sell, "SLD")] {
        let bench = Bench::at("10:00").await;
        let client = bench.client(1).await;
        let mut watch = Watch::on(&client).await;
        let filled_at = moment_with(&bench, "SPY", "10:00", 1.0);
        let quote = bench.tape.quote_at(&Symbol::new("SPY").unwrap(), filled_at).unwrap();
        let (touch, beyond) = if action == Action::Buy { (quote.ask.unwrap(), 3.0) } else { (quote.bid.unwrap(), -3.0) };
        client.submit_order(1, &stock("SPY"), &limit(action, 1.0, (touch + beyond).round())).await.unwrap();
        watch.until("status 1 Submitted").await;
        bench.clock.advance_to(filled_at);
        let told = watch.until("commission").await;
        assert!(told[0].starts_with(&format!("execution 1 {side} 1@{touch:.2} ")), "{told:?}");
    }
}

#[tokio::test]
async fn a_child_does_not_trade_on_what_filled_its_parent() {
    let trading = TradingConfig { participation: 1.0, ..TradingConfig::default() };
    let bench = Bench::with("10:00", GatewayConfig { trading, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &Order { transmit: false, ..order(Action::Buy, 1.0, "MKT") }).await.unwrap();
    client.submit_order(2, &stock("AAPL"), &Order { parent_id: 1, ..order(Action::Sell, 1.0, "MKT") }).await.unwrap();
    watch.until("status 2 PreSubmitted").await;
    // One trade, of which both could have their share.
    bench.clock.advance_to(moment_with(&bench, "AAPL", "10:00", 1.0));
    watch.until("status 1 Filled").await;
    assert_eq!(all_open(&client).await.iter().map(|it| it.order_id).collect::<Vec<_>>(), [2]);
    advance(&bench, "10:00:30");
    watch.until("status 2 Filled").await;
}

#[tokio::test]
async fn a_stop_waits_for_its_price_and_then_trades_from_the_next_second_on() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let bars = bench.tape.minutes().series("AAPL").starting_in(instant("10:01"), instant("10:12"));
    let top = bars.iter().map(|bar| bar.high).fold(f64::MIN, f64::max);
    let highest = bars.iter().find(|bar| bar.high == top).unwrap();
    client.submit_order(1, &stock("AAPL"), &stop(Action::Buy, 1.0, highest.high)).await.unwrap();
    assert_eq!(watch.until("status").await, ["open 1 PreSubmitted", "status 1 PreSubmitted 0+1 trigger"]);
    advance(&bench, "10:12");
    assert_eq!(watch.until("status").await, ["open 1 Submitted", "status 1 Submitted 0+1 "]);
    let told = watch.until("commission").await;
    let price: f64 = told[0].split(['@', ' ']).nth(4).unwrap().parse().unwrap();
    assert!((price - highest.high).abs() < 0.3, "{told:?}");
    let (executions, _) = executions(&client, ExecutionFilter::default()).await;
    let start = jiff::Timestamp::from_microsecond(highest.open_at).unwrap();
    let minute = start.to_zoned(bellwether::market::new_york()).strftime("%Y%m%d %H:%M").to_string();
    assert!(executions[0].time >= minute, "{} is before {minute}", executions[0].time);
}

#[tokio::test]
async fn a_parents_fill_wakes_its_children_and_one_childs_fill_cancels_the_other() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let contract = stock("AAPL");
    let price = bench.tape.last_at(&Symbol::new("AAPL").unwrap(), instant("10:00")).unwrap().price;
    let bracket = [
        Order { transmit: false, ..order(Action::Buy, 2.0, "MKT") },
        Order { transmit: false, parent_id: 1, ..limit(Action::Sell, 2.0, (price * 100.0).round() / 100.0 + 0.1) },
        Order { parent_id: 1, ..stop(Action::Sell, 2.0, (price - 20.0).round()) },
    ];
    for (id, leg) in (1..).zip(&bracket) {
        client.submit_order(id, &contract, leg).await.unwrap();
    }
    let told = watch.until("status 3 PreSubmitted").await;
    assert!(told.contains(&"status 1 PendingSubmit 0+2 ".to_owned()), "{told:?}");
    assert!(told.contains(&"status 1 PreSubmitted 0+2 ".to_owned()), "{told:?}");
    assert_eq!(told.last().unwrap(), "status 3 PreSubmitted 0+2 child");
    bench.clock.advance_to(moment_with(&bench, "AAPL", "10:00", 2.0));
    let told = watch.until("status 3").await;
    assert!(told.contains(&"status 1 Filled 2+0 ".to_owned()), "{told:?}");
    assert!(told.contains(&"status 2 Submitted 0+2 ".to_owned()), "{told:?}");
    assert_eq!(told.last().unwrap(), "status 3 PreSubmitted 0+2 trigger");
    advance(&bench, "10:30");
    let told = watch.until("error 3 202").await;
    assert!(told.contains(&"status 2 Filled 2+0 ".to_owned()), "{told:?}");
    assert!(told.contains(&"status 3 Cancelled 0+2 ".to_owned()), "{told:?}");
    // Ends flat: the stop cannot sell what the limit has sold.
    advance(&bench, "15:00");
    assert!(all_open(&client).await.is_empty());
    let (executions, _) = executions(&client, ExecutionFilter::default()).await;
    assert_eq!(executions.iter().map(|it| it.order_id).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn a_cancelled_parent_takes_its_children_along() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let contract = stock("AAPL");
    client.submit_order(1, &contract, &Order { transmit: false, ..limit(Action::Buy, 2.0, 100.0) }).await.unwrap();
    client.submit_order(2, &contract, &Order { parent_id: 1, ..limit(Action::Sell, 2.0, 300.0) }).await.unwrap();
    watch.until("status 2 PreSubmitted").await;
    let _cancelling = client.cancel_order(1, "").await.unwrap();
    let told = watch.until("error 2 202").await;
    assert!(told.contains(&"error 1 202".to_owned()), "{told:?}");
    assert!(told.contains(&"status 2 Cancelled 0+2 ".to_owned()), "{told:?}");
    assert!(all_open(&client).await.is_empty());
}

#[tokio::test]
async fn orders_of_a_group_end_together() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let grouped = |order: Order| Order { oca_group: "either".to_owned(), oca_type: OcaType::CancelWithBlock, ..order };
    client.submit_order(1, &stock("AAPL"), &grouped(limit(Action::Buy, 1.0, 100.0))).await.unwrap();
    client.submit_order(2, &stock("MSFT"), &grouped(order(Action::Buy, 1.0, "MKT"))).await.unwrap();
    watch.until("status 2").await;
    advance(&bench, "10:01");
    let told = watch.until("error 1 202").await;
    assert!(told.contains(&"status 2 Filled 1+0 ".to_owned()), "{told:?}");
}

#[tokio::test]
async fn orders_are_cancelled_once() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    watch.until("status 1 Submitted").await;
    let _first = client.cancel_order(1, "").await.unwrap();
    assert_eq!(watch.until("error").await, ["open 1 Cancelled", "status 1 Cancelled 0+1 ", "error 1 202"]);
    let _again = client.cancel_order(1, "").await.unwrap();
    assert_eq!(watch.next().await, "error 1 10148");
    let _unknown = client.cancel_order(7, "").await.unwrap();
    assert_eq!(watch.next().await, "error 7 10147");
    let mut ended = client.completed_orders(false).await.unwrap();
    let ended = only_orders(ended.collect_to_end_within(PATIENCE).await.unwrap());
    assert_eq!((ended[0].order.order_id, &ended[0].order_state.status), (1, &OrderStatusKind::Cancelled));
    // Another client cannot cancel it, but a global cancel reaches everybody's.
    let other = bench.client(2).await;
    client.submit_order(2, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    watch.until("status 2 Submitted").await;
    other.global_cancel().await.unwrap();
    assert_eq!(watch.until("error").await.last().unwrap(), "error 2 202");
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_its_code() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let contract = stock("AAPL");
    let mut refused = async |id: i32, order: Order, contract: &Contract| {
        client.submit_order(id, contract, &order).await.unwrap();
        watch.until("error").await.pop().unwrap()
    };
    assert_eq!(refused(1, limit(Action::Buy, 1.0, 100.005), &contract).await, "error 1 110");
    assert_eq!(refused(2, order(Action::Buy, 1.0, "REL"), &contract).await, "error 2 387");
    assert_eq!(refused(3, order(Action::Buy, 1.0, "MKT"), &stock("NOSUCH")).await, "error 3 200");
    assert_eq!(refused(4, Order { parent_id: 99, ..order(Action::Buy, 1.0, "MKT") }, &contract).await, "error 4 135");
    assert_eq!(refused(5, order(Action::Buy, 1e7, "MKT"), &contract).await, "error 5 201");
    assert_eq!(refused(5, order(Action::Buy, 1.0, "MKT"), &contract).await, "error 5 103");
    let until =
        |at: &str| Order { tif: TimeInForce::GoodTillDate, good_till_date: at.to_owned(), ..limit(Action::Buy, 1.0, 100.0) };
    assert_eq!(refused(6, until("20250105 10:00:00 US/Eastern"), &contract).await, "error 6 321");
    client.submit_order(8, &contract, &limit(Action::Buy, 3.0, 100.0)).await.unwrap();
    assert_eq!(refused(8, limit(Action::Sell, 3.0, 300.0), &contract).await, "error 8 105");
    assert_eq!(refused(8, limit(Action::Buy, 3.0, 100.0), &stock("MSFT")).await, "error 8 105");
    client.submit_order(9, &contract, &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    assert_eq!(client.next_valid_order_id().await.unwrap(), 10);
    advance(&bench, "10:01");
    assert_eq!(refused(9, order(Action::Buy, 2.0, "MKT"), &contract).await, "error 9 104");
}

#[tokio::test]
async fn the_twenty_first_active_order_on_a_side_is_rejected() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    for id in 1..=20 {
        client.submit_order(id, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    }
    client.submit_order(21, &stock("AAPL"), &limit(Action::Sell, 1.0, 300.0)).await.unwrap();
    client.submit_order(22, &stock("MSFT"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    client.submit_order(23, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    let told = watch.until("error").await;
    assert_eq!(told.last().unwrap(), "error 23 201");
    assert!(told.contains(&"status 23 Inactive 0+1 ".to_owned()), "{told:?}");
    assert_eq!(all_open(&client).await.len(), 22);
    // A place that is given up can be taken again.
    let _cancelling = client.cancel_order(3, "").await.unwrap();
    client.submit_order(24, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    let told = watch.until("status 24").await;
    assert_eq!(told.last().unwrap(), "status 24 PreSubmitted 0+1 ");
}

#[tokio::test]
async fn orders_outlive_their_clients_connection() {
    let bench = Bench::at("10:00").await;
    let (first, second) = (bench.client(1).await, bench.client(2).await);
    let mut watch = Watch::on(&first).await;
    let price = bench.tape.last_at(&Symbol::new("AAPL").unwrap(), instant("10:00")).unwrap().price;
    first.submit_order(4, &stock("AAPL"), &limit(Action::Buy, 1.0, 100.0)).await.unwrap();
    first.submit_order(5, &stock("AAPL"), &limit(Action::Buy, 1.0, (price + 5.0).round())).await.unwrap();
    watch.until("status 5 Submitted").await;
    assert_eq!(all_open(&second).await.iter().map(|it| (it.order.client_id, it.order_id)).collect::<Vec<_>>(), [(1, 4), (1, 5)]);
    let mut own = second.open_orders().await.unwrap();
    assert!(own.collect_to_end_within(PATIENCE).await.unwrap().is_empty());
    // Another client's order id is its own business.
    let _cancelling = second.cancel_order(4, "").await.unwrap();
    first.disconnect().await;
    drop(watch);
    crate::bench::eventually("the first client has left", || bench.gateway.stats().clients == 1).await;
    advance(&bench, "10:01");
    assert_eq!(all_open(&second).await.len(), 1, "the other one fills meanwhile");
    let first = bench.client(1).await;
    let mut open = first.open_orders().await.unwrap();
    let mut open = only_orders(open.collect_to_end_within(PATIENCE).await.unwrap());
    // Told unasked when the client returned, and again as asked.
    open.dedup_by_key(|it| it.order_id);
    assert_eq!(open.iter().map(|it| it.order_id).collect::<Vec<_>>(), [4]);
    assert_eq!(open[0].order_state.status, OrderStatusKind::Submitted);
    let (executions, _) = executions(&first, ExecutionFilter::default()).await;
    assert_eq!(executions.iter().map(|it| (it.client_id, it.order_id)).collect::<Vec<_>>(), [(1, 5)]);
    assert_eq!(first.next_valid_order_id().await.unwrap(), 6);
    assert!(first.next_order_id() >= 6);
}

#[tokio::test]
async fn what_the_market_does_not_give_at_once_is_cancelled() {
    let trading = TradingConfig { participation: 1.0, ..TradingConfig::default() };
    let bench = Bench::with("10:00", GatewayConfig { trading, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let symbol = Symbol::new("AAPL").unwrap();
    let volume = |later| bench.tape.volume_at(&symbol, second("10:00", later));
    let start = (1..50).find(|later| volume(*later) < volume(later + 1)).unwrap();
    let traded = volume(start + 1) - volume(start);
    bench.clock.advance_to(second("10:00", start));
    let immediate = |tif: TimeInForce, shares: f64| Order { tif, ..order(Action::Buy, shares, "MKT") };
    client.submit_order(1, &stock("AAPL"), &immediate(TimeInForce::ImmediateOrCancel, 500.0)).await.unwrap();
    client.submit_order(2, &stock("MSFT"), &immediate(TimeInForce::FillOrKill, 500.0)).await.unwrap();
    watch.until("status 2 Submitted").await;
    let given = traded.floor();
    assert!(given >= 1.0, "the tape trades too little to tell");
    bench.clock.advance_to(second("10:00", start + 1));
    let told = watch.until("error 2 202").await;
    assert!(told.contains(&format!("status 1 Cancelled {given}+{} ", 500.0 - given)), "{told:?}");
    assert!(told.contains(&"status 2 Cancelled 0+500 ".to_owned()), "{told:?}");
    // Nor do they wait for a market that is closed.
    advance(&bench, "16:30");
    client.submit_order(3, &stock("AAPL"), &immediate(TimeInForce::ImmediateOrCancel, 5.0)).await.unwrap();
    watch.until("status 3").await;
    advance(&bench, "16:30:01");
    assert_eq!(watch.until("error 3 202").await.last().unwrap(), "error 3 202");
}

/// Ids of the executions are left out: they count, and say nothing.
async fn fills_of_a_big_order(steps: &[&str]) -> Vec<(String, f64, f64)> {
    let bench = Bench::at("10:00:30").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &order(Action::Buy, 900.0, "MKT")).await.unwrap();
    watch.until("status 1 Submitted").await;
    for step in steps {
        advance(&bench, step);
        // An answer shows that the gateway has looked at this instant.
        executions(&client, ExecutionFilter::default()).await;
    }
    let (executions, commissions) = executions(&client, ExecutionFilter::default()).await;
    assert!((commissions - 4.5).abs() < 1e-9, "900 shares at half a cent: {commissions}");
    executions.into_iter().map(|it| (it.time, it.shares, it.price)).collect()
}

#[tokio::test]
async fn a_big_order_fills_in_parts_within_its_share_of_the_volume_whatever_the_clocks_steps() {
    let fills = fills_of_a_big_order(&["11:00"]).await;
    assert_eq!(fills.iter().map(|(_, shares, _)| shares).sum::<f64>(), 900.0);
    let bench = Bench::at("10:00").await;
    let bars = bench.tape.minutes().series("AAPL").starting_in(instant("10:00"), instant("11:00"));
    let mut minutes = 0;
    for bar in bars.iter() {
        let start = jiff::Timestamp::from_microsecond(bar.open_at).unwrap().to_zoned(bellwether::market::new_york());
        let minute = start.strftime("%Y%m%d %H:%M").to_string();
        let within = fills.iter().filter(|(time, ..)| time.starts_with(&minute));
        let (shares, worst) = within.fold((0.0, f64::MIN), |(sum, worst), (_, shares, price)| (sum + shares, worst.max(*price)));
        assert!(shares <= (0.1 * bar.volume).floor(), "{shares} of {} at {minute}", bar.volume);
        // The offer is at most the tape's high and its spread.
        assert!(worst <= bar.high + 0.05, "{worst} above {}", bar.high);
        minutes += usize::from(shares > 0.0);
    }
    assert!(minutes >= 4, "filled within {minutes} minutes");
    assert_eq!(fills_of_a_big_order(&["10:00:33", "10:01:07", "10:01:08", "10:04", "10:09:59", "11:00"]).await, fills);
}

#[tokio::test]
async fn a_day_order_ends_with_its_session_and_a_lasting_one_does_not() {
    let bench = Bench::at("15:59").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let contract = stock("AAPL");
    let low = limit(Action::Buy, 1.0, 100.0);
    client.submit_order(1, &contract, &low).await.unwrap();
    client.submit_order(2, &contract, &Order { tif: TimeInForce::GoodTillCanceled, ..low.clone() }).await.unwrap();
    client.submit_order(3, &contract, &Order { outside_rth: true, ..low.clone() }).await.unwrap();
    let until = "20260105 16:05:00 US/Eastern".to_owned();
    client
        .submit_order(4, &contract, &Order { tif: TimeInForce::GoodTillDate, good_till_date: until, ..low.clone() })
        .await
        .unwrap();
    watch.until("status 4 Submitted").await;
    advance(&bench, "16:00");
    let told = watch.until("status 4 PreSubmitted").await;
    assert!(told.contains(&"error 1 202".to_owned()) && told.contains(&"status 2 PreSubmitted 0+1 ".to_owned()), "{told:?}");
    advance(&bench, "16:05");
    watch.until("error 4 202").await;
    advance(&bench, "20:00");
    watch.until("error 3 202").await;
    // One placed now is for the next session, and the client is told so.
    client.submit_order(5, &contract, &low).await.unwrap();
    assert_eq!(watch.until("error").await, ["open 5 PreSubmitted", "status 5 PreSubmitted 0+1 ", "error 5 399"]);
    assert_eq!(all_open(&client).await.iter().map(|it| it.order_id).collect::<Vec<_>>(), [2, 5]);
}

#[tokio::test]
async fn the_closing_auction_fills_orders_for_it_and_only_those() {
    let bench = Bench::at("15:58").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &order(Action::Buy, 1.0, "MOC")).await.unwrap();
    client.submit_order(2, &stock("AAPL"), &Order { limit_price: Some(100.0), ..order(Action::Buy, 1.0, "LOC") }).await.unwrap();
    assert_eq!(watch.until("status 2").await.last().unwrap(), "status 2 PreSubmitted 0+1 ");
    advance(&bench, "15:59:59");
    assert_eq!(all_open(&client).await.len(), 2);
    advance(&bench, "16:01");
    let told = watch.until("error 2 202").await;
    let at_close = bench.tape.minutes().series("AAPL").starting_in(instant("16:00"), instant("16:01")).bar(0);
    let execution = told.iter().find(|it| it.starts_with("execution 1")).unwrap();
    let price: f64 = execution.split(['@', ' ']).nth(4).unwrap().parse().unwrap();
    assert!((at_close.low..=at_close.high).contains(&price), "{execution}");
    assert!(told.contains(&"status 1 Filled 1+0 ".to_owned()), "{told:?}");
}

#[tokio::test]
async fn nothing_fills_outside_the_hours_of_an_order() {
    let bench = Bench::at("08:30").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    let price = (bench.tape.last_at(&Symbol::new("AAPL").unwrap(), instant("08:30")).unwrap().price + 5.0).round();
    client.submit_order(1, &stock("AAPL"), &limit(Action::Buy, 1.0, price)).await.unwrap();
    assert_eq!(watch.until("error").await.last().unwrap(), "error 1 399");
    client.submit_order(2, &stock("AAPL"), &Order { outside_rth: true, ..limit(Action::Buy, 1.0, price) }).await.unwrap();
    watch.until("status 2 Submitted").await;
    // The market is beyond this stop, but not at an hour in which it counts.
    client.submit_order(3, &stock("AAPL"), &stop(Action::Buy, 1.0, price - 20.0)).await.unwrap();
    watch.until("error 3 399").await;
    advance(&bench, "08:40");
    watch.until("status 2 Filled").await;
    advance(&bench, "09:29:59");
    let open = all_open(&client).await;
    assert_eq!(open.iter().map(|it| it.order_id).collect::<Vec<_>>(), [1, 3]);
    let mut statuses = client.all_open_orders().await.unwrap();
    let statuses = statuses.collect_to_end_within(PATIENCE).await.unwrap();
    assert!(statuses.iter().any(|row| matches!(row, Orders::OrderStatus(it) if it.order_id == 3 && it.why_held == "trigger")));
    advance(&bench, "09:31");
    let told = watch.until("status 3 Filled").await;
    for id in [1, 3] {
        assert!(told.iter().any(|it| it.starts_with(&format!("execution {id}")) && it.contains(" 09:30:")), "{told:?}");
    }
}

#[tokio::test]
async fn a_what_if_tells_the_cost_and_places_nothing() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let price = bench.tape.last_at(&Symbol::new("AAPL").unwrap(), instant("10:00")).unwrap().price;
    let contract = stock("AAPL");
    let state = client.order(&contract).buy(1_000).market().analyze().await.unwrap();
    assert_eq!(state.commission, Some(5.0));
    let change = state.initial_margin_change.unwrap();
    assert!((change - 250.0 * price).abs() < 0.01, "{change}");
    assert_eq!((state.equity_with_loan_before, state.equity_with_loan_after), (Some(1e6), Some(999_995.0)));
    assert!(all_open(&client).await.is_empty());
}

#[tokio::test]
async fn without_its_servers_the_gateway_takes_no_orders_and_catches_up_afterwards() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    watch.until("status 1 Submitted").await;
    bench.gateway.faults().connectivity(Connectivity::Lost);
    advance(&bench, "10:05");
    client.submit_order(2, &stock("AAPL"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    assert_eq!(watch.next().await, "error 2 201", "before any fill");
    bench.gateway.faults().connectivity(Connectivity::RestoredDataKept);
    let told = watch.until("commission").await;
    assert!(told[0].starts_with("execution 1 BOT 1@") && told[0].contains(" 10:00:0"), "{told:?}");
}

#[tokio::test]
async fn a_read_only_gateway_refuses_orders() {
    let bench = Bench::with("10:00", GatewayConfig { read_only: true, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut placed = client.place_order(1, &stock("AAPL"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    let first = tokio::time::timeout(PATIENCE, placed.next()).await.unwrap().unwrap();
    let (code, text) = refusal(first);
    assert_eq!(code, 321);
    assert!(text.contains("Read-Only mode"), "{text}");
}

#[tokio::test]
async fn shares_that_cannot_be_borrowed_are_not_sold_short() {
    let hard_to_borrow = [Symbol::new("AAPL").unwrap()].into();
    let trading = TradingConfig { hard_to_borrow, ..TradingConfig::default() };
    let bench = Bench::with("10:00", GatewayConfig { trading, ..GatewayConfig::default() }).await;
    let client = bench.client(1).await;
    let mut watch = Watch::on(&client).await;
    client.submit_order(1, &stock("AAPL"), &order(Action::Sell, 1.0, "MKT")).await.unwrap();
    let told = watch.until("error").await;
    assert_eq!(told[1..], ["status 1 PreSubmitted 0+1 locate", "error 1 404"]);
    client.submit_order(2, &stock("MSFT"), &order(Action::Sell, 1.0, "MKT")).await.unwrap();
    watch.until("status 2 Submitted").await;
    advance(&bench, "10:10");
    watch.until("status 2 Filled 1+0").await;
    assert_eq!(all_open(&client).await[0].order_id, 1);
}

#[tokio::test]
async fn executions_can_be_filtered_and_outlast_the_day() {
    let limits = Limits { messages_per_second: 500, ..Limits::default() };
    let bench = Bench::with("10:00", GatewayConfig { limits, ..GatewayConfig::default() }).await;
    let (first, second) = (bench.client(1).await, bench.client(2).await);
    let mut watch = Watch::on(&second).await;
    first.submit_order(1, &stock("AAPL"), &order(Action::Buy, 1.0, "MKT")).await.unwrap();
    second.submit_order(1, &stock("BRK B"), &order(Action::Sell, 1.0, "MKT")).await.unwrap();
    watch.until("status 1 Submitted").await;
    advance(&bench, "10:05");
    watch.until("commission").await;
    let count = async |filter: ExecutionFilter| executions(&first, filter).await.0.len();
    let filter = ExecutionFilter::default;
    assert_eq!(count(filter()).await, 2);
    assert_eq!(count(ExecutionFilter { client_id: Some(2), ..filter() }).await, 1);
    assert_eq!(count(ExecutionFilter { symbol: "BRK B".to_owned(), ..filter() }).await, 1);
    assert_eq!(count(ExecutionFilter { side: Some(ibapi::orders::ExecutionFilterSide::Buy), ..filter() }).await, 1);
    assert_eq!(count(ExecutionFilter { time: "20260105 10:03:00 US/Eastern".to_owned(), ..filter() }).await, 0);
    advance(&bench, "2026-01-06T15:00:00Z");
    assert_eq!(count(filter()).await, 0);
    assert_eq!(count(ExecutionFilter { last_n_days: 3, ..filter() }).await, 2);
    assert_eq!(count(ExecutionFilter { specific_dates: vec!["20260105".to_owned()], ..filter() }).await, 2);
}

#[tokio::test]
async fn only_client_zero_binds_orders() {
    let bench = Bench::at("10:00").await;
    let (zero, one) = (bench.client(0).await, bench.client(1).await);
    let mut bound = zero.auto_open_orders(true).await.unwrap();
    assert!(bound.collect_to_end_within(PATIENCE).await.unwrap().is_empty());
    let mut notices = one.notice_stream().unwrap();
    let _never = one.auto_open_orders(true).await.unwrap();
    let notice = tokio::time::timeout(PATIENCE, async {
        loop {
            let notice = notices.next().await.unwrap();
            if notice.code == 327 {
                return notice;
            }
        }
    });
    assert!(notice.await.unwrap().message.contains("clientId set to 0"));
}
