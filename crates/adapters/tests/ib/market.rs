//! A generated market behind a gateway, and a session with it.

use std::sync::{Arc, OnceLock};

use bellwether::market::{Bar, Bars, BarsBuilder, Calendar, Clock, Symbol};
use bellwether_adapters::ib::{IbConfig, IbSession};
use bellwether_gateway::{
    Gateway, GatewayConfig, GatewayHandle, SimClock, Tape,
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
    pub(crate) tape: Arc<Tape>,
}

/// The symbol that trades most, so that its silence is none of its own.
pub(crate) fn most_traded(market: &Market) -> Symbol {
    let traded = |symbol: &Symbol| market.tape.minutes().series(symbol.as_str()).volume.iter().sum::<f64>() as u64;
    let visible = market.tape.instruments().iter().filter(|instrument| instrument.subscribed);
    visible.map(|instrument| instrument.symbol.clone()).max_by_key(traded).unwrap()
}

/// 150 stocks, made once for all tests.
pub(crate) fn market() -> Arc<Market> {
    static MARKET: OnceLock<Arc<Market>> = OnceLock::new();
    let make = || {
        let spec = MarketSpec { symbols: 150, history_sessions: 2, session: SESSION, ..MarketSpec::default() };
        let GeneratedMarket { tape, .. } = generate(&spec).unwrap();
        Arc::new(Market { tape: Arc::new(tape) })
    };
    Arc::clone(MARKET.get_or_init(make))
}

/// The market in which `symbol` is worth `factor` times as much from `jump` on.
pub(crate) fn market_with_jump(symbol: &Symbol, jump: Timestamp, factor: f64) -> Arc<Market> {
    let tape = &market().tape;
    let mut minutes = BarsBuilder::default();
    for bar in tape.minutes().series(symbol.as_str()).iter() {
        let factor = if bar.open_at < jump.as_microsecond() { 1.0 } else { factor };
        let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(|price| price * factor);
        minutes.push(symbol, Bar { open, high, low, close, vwap: bar.vwap.map(|vwap| vwap * factor), ..bar });
    }
    let (minutes, faults) = minutes.finish();
    assert_eq!(faults, []);
    let listed = tape.instrument(symbol).unwrap().clone();
    Arc::new(Market { tape: Arc::new(Tape::new(vec![listed], minutes, Bars::default(), Vec::new(), Vec::new()).unwrap()) })
}

impl Simulated {
    /// A gateway whose clock starts at `start` and runs `rate` times as fast as real time.
    pub(crate) async fn start(start: Timestamp, rate: f64) -> Self {
        // Making it takes seconds, which are none of the clock's.
        let market = market();
        Self::start_with(market, start, rate).await
    }

    /// The same with another market.
    pub(crate) async fn start_with(market: Arc<Market>, start: Timestamp, rate: f64) -> Self {
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
