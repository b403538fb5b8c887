//! A small market made by hand for the tests of scans: session Monday 2025-01-06, previous session Friday 2025-01-03.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::market::{
    Bar, BarsBuilder, Calendar, Headline, Instrument, InstrumentKind, MissingData, Quote, Snapshot, SnapshotInputs, Split, Symbol,
};

/// Builds snapshots.
#[derive(Default)]
pub(super) struct TestMarket {
    minutes: BarsBuilder,
    daily: BarsBuilder,
    pub(super) inputs: SnapshotInputs,
}

/// New York time as an instant.
pub(super) fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    Calendar.at(local.date(), local.time())
}

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

impl TestMarket {
    pub(super) fn stock(&mut self, name: &str) -> &mut Self {
        self.inputs.universe.push(Instrument::stock(symbol(name)));
        self
    }

    pub(super) fn etf(&mut self, name: &str) -> &mut Self {
        self.inputs.universe.push(Instrument { kind: InstrumentKind::Etf, ..Instrument::stock(symbol(name)) });
        self
    }

    /// Daily bars of `n` sessions before 2025-01-06, all alike but for the last close.
    pub(super) fn days(&mut self, name: &str, n: usize, close: f64, volume: f64) -> &mut Self {
        for day in Calendar.sessions_before(jiff::civil::date(2025, 1, 6), n).unwrap() {
            let bar = Bar {
                open_at: day.open.as_microsecond(),
                close_at: day.close.as_microsecond(),
                open: close,
                high: close * 1.02,
                low: close * 0.98,
                close,
                volume,
                vwap: None,
                trades: None,
            };
            self.daily.push(&symbol(name), bar);
        }
        self
    }

    /// Minute bars from `start`, one for each price.
    pub(super) fn minutes(&mut self, name: &str, start: &str, prices: &[f64], volume: f64) -> &mut Self {
        let start = at(start);
        for (minute, price) in (0..).zip(prices) {
            let open_at = (start + SignedDuration::from_mins(minute)).as_microsecond();
            let bar = Bar {
                open_at,
                close_at: open_at + 60_000_000,
                open: *price,
                high: *price,
                low: *price,
                close: *price,
                volume,
                vwap: None,
                trades: None,
            };
            self.minutes.push(&symbol(name), bar);
        }
        self
    }

    pub(super) fn halt(&mut self, name: &str) -> &mut Self {
        let quote = Quote {
            symbol: symbol(name),
            at: at("2025-01-06T09:00"),
            bid: None,
            ask: None,
            last: None,
            volume: None,
            halted: true,
            delayed: false,
        };
        self.inputs.quotes.push(quote);
        self
    }

    pub(super) fn quote(&mut self, name: &str, bid: f64, ask: f64) -> &mut Self {
        let (bid, ask) = (Some(bid), Some(ask));
        self.inputs.quotes.push(Quote {
            symbol: symbol(name),
            at: at("2025-01-06T09:00"),
            bid,
            ask,
            last: None,
            volume: None,
            halted: false,
            delayed: false,
        });
        self
    }

    pub(super) fn news(&mut self, name: &str, when: &str, title: &str) -> &mut Self {
        self.inputs.headlines.push(Headline { symbol: symbol(name), at: at(when), source: "T".into(), title: title.into() });
        self
    }

    pub(super) fn split(&mut self, name: &str, ratio: f64) -> &mut Self {
        self.inputs.splits.push(Split { symbol: symbol(name), ex_date: jiff::civil::date(2025, 1, 6), ratio });
        self
    }

    pub(super) fn missing(&mut self, missing: MissingData) -> &mut Self {
        self.inputs.missing.push(missing);
        self
    }

    /// The snapshot as of a New York time on 2025-01-06.
    pub(super) fn snapshot(&mut self, clock: &str) -> Snapshot {
        let mut inputs = std::mem::take(&mut self.inputs);
        let minutes = Arc::new(std::mem::take(&mut self.minutes).finish().0);
        inputs.daily = Arc::new(std::mem::take(&mut self.daily).finish().0);
        inputs.history = Arc::clone(&minutes);
        inputs.today = minutes;
        Snapshot::new(at(&format!("2025-01-06T{clock}")), inputs)
    }
}
