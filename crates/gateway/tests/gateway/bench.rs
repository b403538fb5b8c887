//! A small market whose every number is known, and clients on it.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Bar, BarsBuilder, Calendar, InstrumentKind, Symbol};
use bellwether_gateway::{Gateway, GatewayConfig, GatewayHandle, Halt, SimClock, Tape, TapeHeadline, TapeInstrument};
use ibapi::prelude::*;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};

/// Monday; the tape has minutes for it and the day before it, and daily bars up to it.
pub(crate) const MONDAY: Date = date(2026, 1, 5);
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const MINUTE: i64 = 60_000_000;

pub(crate) struct Bench {
    pub(crate) gateway: GatewayHandle,
    pub(crate) tape: Arc<Tape>,
    pub(crate) clock: Arc<SimClock>,
}

impl Bench {
    /// A gateway whose clock shows `now` and stands still.
    pub(crate) async fn at(now: &str) -> Self {
        Self::with(now, GatewayConfig::default()).await
    }

    pub(crate) async fn with(now: &str, config: GatewayConfig) -> Self {
        Self::playing(now, config, tape()).await
    }

    pub(crate) async fn playing(now: &str, config: GatewayConfig, tape: Tape) -> Self {
        let tape = Arc::new(tape);
        let clock = SimClock::new(instant(now), 0.0);
        let gateway = Gateway::start(config, Arc::clone(&tape), Arc::clone(&clock)).await.unwrap();
        Self { gateway, tape, clock }
    }

    pub(crate) async fn client(&self, id: i32) -> Client {
        self.try_client(id).await.unwrap()
    }

    pub(crate) async fn try_client(&self, id: i32) -> Result<Client, Error> {
        let connecting = Client::builder()
            .address(self.gateway.addr().to_string())
            .client_id(id)
            .one_shot_timeout(PATIENCE)
            .max_reconnect_attempts(1)
            .connect();
        tokio::time::timeout(PATIENCE, connecting).await.unwrap_or(Err(Error::Timeout))
    }
}

/// `HH:MM` or `HH:MM:SS` in New York on [`MONDAY`], or an instant in full.
pub(crate) fn instant(text: &str) -> Timestamp {
    match text.parse() {
        Ok(instant) => instant,
        Err(_) => Calendar.at(MONDAY, text.parse().unwrap()),
    }
}

pub(crate) fn stock(symbol: &str) -> Contract {
    Contract::stock(symbol).build()
}

/// Code and text of an error that the gateway sent.
pub(crate) fn refusal<T>(outcome: Result<T, Error>) -> (i32, String) {
    match outcome {
        Err(Error::Notice(notice)) => (notice.code, notice.message),
        Err(other) => panic!("not an answer of the gateway: {other:?}"),
        Ok(_) => panic!("was not refused"),
    }
}

/// The refusal of a stream that was asked for.
pub(crate) async fn refused<T: Send + 'static>(
    stream: impl StreamExt<Item = Result<SubscriptionItem<T>, Error>> + Unpin,
) -> (i32, String) {
    let mut stream = stream;
    let first = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap();
    refusal(first.expect("an answer"))
}

/// Polls until `condition` holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// Prices walk on a fixed zigzag, so that neighbouring minutes differ.
fn minute(open_at: i64, index: i64, base: f64, drift: f64) -> Bar {
    let cents = |price: f64| (price * 100.0).round() / 100.0;
    let price = |index: i64| base + drift * index as f64 / 100.0 + ((index * 37) % 11) as f64 / 50.0;
    let (open, close) = (cents(price(index)), cents(price(index + 1)));
    Bar {
        open_at,
        close_at: open_at + MINUTE,
        open,
        high: cents(open.max(close) + 0.05),
        low: cents(open.min(close) - 0.04),
        close,
        volume: 1_000.0 + ((index * 53) % 17) as f64 * 101.0,
        vwap: None,
        trades: Some(50.0 + (index % 7) as f64),
    }
}

pub(crate) fn tape() -> Tape {
    let calendar = Calendar;
    let mut instruments = Vec::new();
    let (mut minutes, mut daily) = (BarsBuilder::default(), BarsBuilder::default());
    // Symbol, previous close, price on Monday at 08:00, drift, spread.
    let traded = [
        ("AAPL", 200.0, 210.0, 0.2, 2.0),
        ("BRK.B", 480.0, 470.0, -0.3, 4.0),
        ("DARK", 20.0, 20.0, 0.0, 20.0),
        ("MSFT", 400.0, 404.0, 0.1, 1.0),
        ("SPY", 600.0, 601.0, 0.05, 0.5),
        ("TINY", 2.0, 2.6, 0.001, 80.0),
    ];
    for (index, (name, close, start, drift, spread)) in traded.into_iter().enumerate() {
        instruments.push(TapeInstrument {
            symbol: symbol(name),
            contract_id: 1_000 + index as i32,
            name: format!("{name} Incorporated"),
            kind: if name == "SPY" { InstrumentKind::Etf } else { InstrumentKind::Stock },
            primary_exchange: if name == "SPY" { "ARCA" } else { "NASDAQ" }.to_owned(),
            spread_bps: spread,
            subscribed: name != "DARK",
            float_shares: None,
        });
        let friday = calendar.previous(MONDAY).unwrap();
        for (day, base) in [(friday, close), (calendar.day(MONDAY).unwrap().unwrap(), start)] {
            // From 08:00 to 17:00; half of the pre-market minutes have no trade.
            let from = (day.open - 90.minutes()).as_microsecond();
            for i in 0..540 {
                if i >= 90 || i % 2 == 0 {
                    minutes.push(&symbol(name), minute(from + i * MINUTE, i, base, drift));
                }
            }
        }
        for (back, day) in calendar.sessions_before(date(2026, 1, 6), 300).unwrap().into_iter().rev().enumerate() {
            let base = if back == 0 { start } else { close - ((back - 1) % 5) as f64 / 100.0 };
            let bar = minute(day.open.as_microsecond(), 0, base, 0.0);
            let volume = 400_000.0 * (index + 1) as f64;
            let bar = Bar { close: base, high: bar.high.max(base), low: bar.low.min(base), volume, ..bar };
            daily.push(&symbol(name), Bar { close_at: day.close.as_microsecond(), ..bar });
        }
    }
    for filler in 0..110 {
        instruments.push(TapeInstrument {
            symbol: symbol(&format!("F{filler:03}")),
            contract_id: 5_000 + filler,
            name: String::new(),
            kind: InstrumentKind::Stock,
            primary_exchange: "NYSE".to_owned(),
            spread_bps: 5.0,
            subscribed: true,
            float_shares: None,
        });
    }
    let headline = |at: &str, provider: &str, title: &str| TapeHeadline {
        symbol: symbol("AAPL"),
        at: instant(at),
        provider: provider.to_owned(),
        title: title.to_owned(),
        body: format!("{title}, at length"),
    };
    let headlines = vec![
        headline("08:10", "BRFG", "Apple opens a shop"),
        headline("08:20", "DJNL", "Apple closes a shop"),
        headline("10:00:30", "BRFG", "Apple opens it again"),
    ];
    let halts = vec![Halt { symbol: symbol("TINY"), from: instant("18:00"), until: instant("18:30") }];
    let (minutes, faults) = minutes.finish();
    assert_eq!(faults, []);
    let (daily, faults) = daily.finish();
    assert_eq!(faults, []);
    Tape::new(instruments, minutes, daily, headlines, halts).unwrap()
}
