//! A generated market behind a gateway, and a session with it.

use std::sync::{Arc, OnceLock};

use bellwether::market::{Calendar, Clock, Symbol};
use bellwether_adapters::ib::{IbConfig, IbSession};
use bellwether_gateway::{
    Gateway, GatewayConfig, GatewayHandle, SimClock,
    generator::{GeneratedMarket, MarketSpec, generate},
};
use jiff::{
    Timestamp,
    civil::{Date, date, time},
};

/// The day with the stories.
pub(crate) const SESSION: Date = date(2026, 3, 10);

/// An instant of the session day, New York time.
pub(crate) fn at(hour: i8, minute: i8) -> Timestamp {
    Calendar.at(SESSION, time(hour, minute, 0, 0))
}

/// A gateway, its clock and its market.
pub(crate) struct Simulated {
    pub(crate) gateway: GatewayHandle,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) market: Arc<Market>,
}

/// What the gateway knows.
pub(crate) struct Market {
    pub(crate) tape: Arc<bellwether_gateway::Tape>,
}

/// 150 stocks, made once for all tests.
fn market() -> Arc<Market> {
    static MARKET: OnceLock<Arc<Market>> = OnceLock::new();
    let make = || {
        let spec = MarketSpec { symbols: 150, history_sessions: 2, session: SESSION, ..MarketSpec::default() };
        let GeneratedMarket { tape, .. } = generate(&spec).unwrap();
        Arc::new(Market { tape: Arc::new(tape) })
    };
    Arc::clone(MARKET.get_or_init(make))
}

impl Simulated {
    /// A gateway whose clock starts at `start` and runs `rate` times as fast as real time.
    pub(crate) async fn start(start: Timestamp, rate: f64) -> Self {
        // Making it takes seconds, which are none of the clock's.
        let market = market();
        let clock = SimClock::new(start, rate);
        let gateway = Gateway::start(GatewayConfig::default(), Arc::clone(&market.tape), Arc::clone(&clock)).await.unwrap();
        Self { gateway, clock, market }
    }

    pub(crate) fn config(&self) -> IbConfig {
        IbConfig { port: self.gateway.addr().port(), ..IbConfig::default() }
    }

    pub(crate) async fn session(&self) -> IbSession {
        IbSession::connect(self.config(), Arc::clone(&self.clock) as Arc<dyn Clock>).await.unwrap()
    }

    /// The first `n` symbols that the account may see.
    pub(crate) fn symbols(&self, n: usize) -> Vec<Symbol> {
        let visible = self.market.tape.instruments().iter().filter(|instrument| instrument.subscribed);
        visible.map(|instrument| instrument.symbol.clone()).take(n).collect()
    }

    /// Ends everything and checks that the session kept to every limit.
    pub(crate) async fn end(self, session: IbSession) {
        session.shutdown().await;
        let stats = self.gateway.stats();
        println!("{stats:?}");
        assert!(stats.violations.is_empty(), "{:?}", stats.violations);
        self.gateway.shutdown().await;
    }
}

/// Waits, five seconds at most, until `holds`.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("still not so after 5 s: {what}");
}
