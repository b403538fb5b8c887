//! How much the gateway serves the real client library: historical bars per second, and quotes of a whole generated
//! market under a fast clock. Prints; judges nothing. The gateway has one thread, the clients have another.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bellwether_gateway::{Gateway, GatewayConfig, GatewayHandle, Limits, SimClock, Tape, generator};
use ibapi::prelude::*;
use jiff::Timestamp;

fn main() {
    let spec = generator::MarketSpec::default();
    let market = generator::generate(&spec).expect("the default market");
    let open = bellwether::market::Calendar.day(spec.session).expect("covered").expect("a trading day").open;
    let clock = SimClock::new(open, 0.0);
    let gateway = served(Arc::new(market.tape), Arc::clone(&clock));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(&gateway.addr().to_string(), 1).await.expect("a connection");
        history(&client).await;
        streams(&client, &gateway, &clock, open).await;
    });
}

/// A gateway on a thread of its own.
fn served(tape: Arc<Tape>, clock: Arc<SimClock>) -> GatewayHandle {
    let limits = Limits { messages_per_second: 1_000_000, ..Limits::default() };
    let config = GatewayConfig { limits, ..GatewayConfig::default() };
    let (give, take) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            give.send(Gateway::start(config, tape, clock).await.expect("a free port")).expect("a listener");
            std::future::pending::<()>().await;
        });
    });
    take.recv().expect("a gateway")
}

/// All that trade: the best and the worst fifty are everything here.
async fn symbols(client: &Client) -> BTreeSet<String> {
    let mut symbols = BTreeSet::new();
    for code in ["TOP_PERC_GAIN", "TOP_PERC_LOSE"] {
        let wanted = ibapi::scanner::ScannerSubscription { scan_code: Some(code.to_owned()), ..Default::default() };
        let mut scan = client.scanner_subscription(&wanted, &[]).await.expect("a scan");
        match scan.next().await {
            Some(Ok(SubscriptionItem::Data(rows))) => {
                symbols.extend(rows.into_iter().map(|row| row.contract_details.contract.symbol.to_string()));
            }
            other => panic!("{other:?}"),
        }
    }
    symbols
}

async fn history(client: &Client) {
    let (begun, mut bars, mut requests) = (Instant::now(), 0, 0);
    while begun.elapsed() < Duration::from_secs(3) {
        let contract = Contract::stock("SPY").build();
        let request = client.historical_data(&contract, HistoricalBarSize::Min).duration(1.days());
        bars += request.fetch().await.expect("bars").bars.len();
        requests += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("history: {:.0} bars/s in {:.0} requests/s", f64::from(bars as u32) / seconds, f64::from(requests) / seconds);
}

async fn streams(client: &Client, gateway: &GatewayHandle, clock: &SimClock, open: Timestamp) {
    let seen = Arc::new(AtomicU64::new(0));
    for symbol in symbols(client).await {
        let contract = Contract::stock(symbol.as_str()).build();
        let Ok(mut stream) = client.market_data(&contract).subscribe().await else { continue };
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Some(Ok(_)) = stream.next().await {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for rate in [1.0, 60.0, 500.0, 1_000.0] {
        let (sent, got, dropped) = (gateway.stats().messages_sent, seen.load(Ordering::Relaxed), gateway.stats().quotes_dropped);
        let begun = (Instant::now(), clock.now());
        clock.set_rate(rate);
        tokio::time::sleep(Duration::from_secs(5)).await;
        clock.set_rate(0.0);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (wall, simulated) = (begun.0.elapsed().as_secs_f64() - 0.5, clock.now().duration_since(begun.1).as_secs_f64());
        println!(
            "{rate:>5}x, {} lines: {:.0} messages/s sent, {:.0}/s read, {} dropped; {simulated:.0} simulated seconds in {wall:.1}",
            gateway.stats().lines,
            (gateway.stats().messages_sent - sent) as f64 / wall,
            (seen.load(Ordering::Relaxed) - got) as f64 / wall,
            gateway.stats().quotes_dropped - dropped,
        );
    }
    assert!(clock.now() > open);
}
