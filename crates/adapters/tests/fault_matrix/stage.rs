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
/// Symbols whose quotes are followed on the board as scans do, those above among them.
const WATCHED: usize = 10;
/// Simulated seconds per second. One look of the gateway at what became due, 2 ms, is a simulated second.
const RATE: f64 = 500.0;

/// A market of so many sessions before that Friday and the Friday itself.
pub(crate) fn market_of(sessions_before: usize) -> Arc<Tape> {
    let spec = MarketSpec { symbols: 20, history_sessions: sessions_before, session: FRIDAY, ..MarketSpec::default() };
    Arc::new(generate(&spec).unwrap().tape)
}

/// The week's market, made once.
pub(crate) fn tape() -> Arc<Tape> {
    static TAPE: OnceLock<Arc<Tape>> = OnceLock::new();
    Arc::clone(TAPE.get_or_init(|| market_of(4)))
}

/// So many sessions before that Friday, and it.
pub(crate) fn sessions(before: usize) -> Vec<Date> {
    let earlier = Calendar.sessions_before(FRIDAY, before).unwrap();
    earlier.into_iter().map(|day| day.date).chain([FRIDAY]).collect()
}

/// The week's sessions.
pub(crate) fn days() -> Vec<Date> {
    sessions(4)
}

pub(crate) fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    Calendar.at(day, time(hour, minute, 0, 0))
}

/// The symbols that trade most on the week's tape.
pub(crate) fn liquid() -> Vec<Symbol> {
    most_traded(&tape(), SYMBOLS)
}

/// The symbols that trade most.
pub(crate) fn most_traded(tape: &Tape, count: usize) -> Vec<Symbol> {
    let mut symbols: Vec<&Symbol> = tape.instruments().iter().filter(|it| it.subscribed).map(|it| &it.symbol).collect();
    let traded = |symbol: &Symbol| tape.minutes().series(symbol.as_str()).volume.iter().sum::<f64>() as u64;
    symbols.sort_by_key(|symbol| std::cmp::Reverse(traded(symbol)));
    symbols.into_iter().take(count).cloned().collect()
}

pub(crate) struct Stage {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) gateway: GatewayHandle,
    pub(crate) session: IbSession,
    pub(crate) instruments: Vec<Instrument>,
    /// Those whose quotes are followed as scans do.
    pub(crate) watched: Vec<Instrument>,
}

impl Stage {
    pub(crate) async fn set(start: Timestamp) -> Self {
        let mut stage = Self::with(tape(), start, RATE, SYMBOLS).await;
        assert_eq!(stage.instruments.len(), SYMBOLS);
        stage.watched = stage.session.qualify(&most_traded(&tape(), WATCHED)).await.instruments;
        assert_eq!(stage.watched.len(), WATCHED);
        stage
    }

    /// A session with a gateway that plays `tape`, and the symbols that trade most.
    pub(crate) async fn with(tape: Arc<Tape>, start: Timestamp, rate: f64, symbols: usize) -> Self {
        let clock = SimClock::new(start, rate);
        let symbols = most_traded(&tape, symbols);
        // The clock jumps over nights: what is due then comes at once.
        let config = GatewayConfig { tick: Duration::from_millis(2), outbox: 1 << 18, ..GatewayConfig::default() };
        let gateway = Gateway::start(config, tape, Arc::clone(&clock)).await.unwrap();
        let config = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
        let session = IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let instruments = session.qualify(&symbols).await.instruments;
        Self { clock, gateway, session, instruments, watched: Vec::new() }
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

/// Resident memory of this process, KiB.
pub(crate) fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
