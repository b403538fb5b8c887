//! A week of a generated market, a gateway for it on a clock of its own, and a session that follows some symbols.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bellwether::market::{Calendar, Clock, Instrument, Symbol};
use bellwether_adapters::ib::{IbConfig, IbSession};
use bellwether_gateway::{
    Gateway, GatewayConfig, GatewayHandle, SimClock, Tape,
    generator::{MarketSpec, generate},
};
use jiff::{
    Timestamp,
    civil::{Date, date, time},
};

/// A Friday: with the four sessions before it, a week.
const FRIDAY: Date = date(2026, 3, 13);
/// The symbols followed, of those that trade most.
pub(crate) const SYMBOLS: usize = 2;
/// Simulated seconds per second. One look of the gateway at what became due, 2 ms, is a simulated second.
const RATE: f64 = 500.0;

/// The week's market, made once.
pub(crate) fn tape() -> Arc<Tape> {
    static TAPE: OnceLock<Arc<Tape>> = OnceLock::new();
    let make = || {
        let spec = MarketSpec { symbols: 20, history_sessions: 4, session: FRIDAY, ..MarketSpec::default() };
        Arc::new(generate(&spec).unwrap().tape)
    };
    Arc::clone(TAPE.get_or_init(make))
}

/// The week's sessions.
pub(crate) fn days() -> Vec<Date> {
    let before = Calendar.sessions_before(FRIDAY, 4).unwrap();
    before.into_iter().map(|day| day.date).chain([FRIDAY]).collect()
}

pub(crate) fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    Calendar.at(day, time(hour, minute, 0, 0))
}

/// The symbols that trade most on this tape.
pub(crate) fn liquid() -> Vec<Symbol> {
    let tape = tape();
    let mut symbols: Vec<&Symbol> = tape.instruments().iter().filter(|it| it.subscribed).map(|it| &it.symbol).collect();
    let traded = |symbol: &Symbol| tape.minutes().series(symbol.as_str()).volume.iter().sum::<f64>() as u64;
    symbols.sort_by_key(|symbol| std::cmp::Reverse(traded(symbol)));
    symbols.into_iter().take(SYMBOLS).cloned().collect()
}

pub(crate) struct Stage {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) gateway: GatewayHandle,
    pub(crate) session: IbSession,
    pub(crate) instruments: Vec<Instrument>,
}

impl Stage {
    pub(crate) async fn set(start: Timestamp) -> Self {
        let clock = SimClock::new(start, RATE);
        // The clock jumps over nights: what is due then comes at once.
        let config = GatewayConfig { tick: Duration::from_millis(2), outbox: 1 << 18, ..GatewayConfig::default() };
        let gateway = Gateway::start(config, tape(), Arc::clone(&clock)).await.unwrap();
        let config = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
        let session = IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let instruments = session.qualify(&liquid()).await.instruments;
        assert_eq!(instruments.len(), SYMBOLS);
        Self { clock, gateway, session, instruments }
    }

    /// Waits for an instant of the clock.
    pub(crate) async fn wait_for(&self, instant: Timestamp) {
        while self.clock.now() < instant {
            tokio::time::sleep(self.clock.wall_until(instant).clamp(Duration::from_millis(1), Duration::from_millis(200))).await;
        }
    }

    pub(crate) async fn close(self) {
        self.session.shutdown().await;
        self.gateway.shutdown().await;
    }
}
