//! A market of many symbols, made by hand: as many as are asked for, with two hours of minute bars and a few days each.

use std::sync::Arc;

use bellwether::market::{Bar, BarsBuilder, Calendar, Instrument, InstrumentKind, Symbol};
use bellwether_gateway::{Tape, TapeInstrument};
use jiff::{
    Timestamp,
    civil::{Date, date, time},
};

/// The day that clocks stand on.
pub(crate) const TODAY: Date = date(2026, 3, 10);
const MINUTE: i64 = 60_000_000;

/// An instant of the day before, when there are minute bars from 10:00 to 12:00, New York time.
pub(crate) fn yesterday(hour: i8, minute: i8) -> Timestamp {
    Calendar.at(Calendar.previous(TODAY).unwrap().date, time(hour, minute, 0, 0))
}

/// An instant of the day itself.
pub(crate) fn today(hour: i8, minute: i8) -> Timestamp {
    Calendar.at(TODAY, time(hour, minute, 0, 0))
}

/// The tape, and its instruments as a session knows them.
pub(crate) fn wide_market(symbols: usize) -> (Arc<Tape>, Vec<Instrument>) {
    let (mut minutes, mut daily) = (BarsBuilder::default(), BarsBuilder::default());
    let mut listed = Vec::with_capacity(symbols);
    let days = Calendar.sessions_before(TODAY, 3).unwrap();
    for index in 0..symbols {
        let symbol: Symbol = ticker(index).parse().unwrap();
        let price = 20.0 + index as f64 / 10.0;
        let bar = |open_at, close_at, drift: f64| Bar {
            open_at,
            close_at,
            open: price + drift,
            high: price + drift + 0.4,
            low: price + drift - 0.4,
            close: price + drift + 0.1,
            volume: 1_000.0 + index as f64,
            vwap: Some(price + drift),
            trades: Some(10.0),
        };
        let session = |from: Timestamp, count: i64| {
            let from = from.as_microsecond();
            (0..count).map(move |i| bar(from + i * MINUTE, from + (i + 1) * MINUTE, (i % 7) as f64 / 10.0))
        };
        minutes.extend(&symbol, session(yesterday(10, 0), 120).chain(session(today(9, 30), 60)));
        daily.extend(&symbol, days.iter().map(|day| bar(day.open.as_microsecond(), day.close.as_microsecond(), 0.0)));
        listed.push(TapeInstrument {
            name: format!("Company {index}"),
            contract_id: 10_000 + i32::try_from(index).unwrap(),
            kind: InstrumentKind::Stock,
            primary_exchange: "NASDAQ".to_owned(),
            spread_bps: 5.0,
            subscribed: true,
            float_shares: None,
            symbol,
        });
    }
    let instruments = listed
        .iter()
        .map(|it| Instrument {
            name: it.name.clone(),
            primary_exchange: it.primary_exchange.clone(),
            contract_id: Some(it.contract_id),
            ..Instrument::stock(it.symbol.clone())
        })
        .collect();
    let (minutes, daily) = (minutes.finish().0, daily.finish().0);
    (Arc::new(Tape::new(listed, minutes, daily, Vec::new(), Vec::new()).unwrap()), instruments)
}

/// `QAAA`, `QAAB` …
fn ticker(index: usize) -> String {
    let letter = |place: u32| char::from(b'A' + (index / 26usize.pow(place) % 26) as u8);
    format!("Q{}{}{}", letter(2), letter(1), letter(0))
}
