//! From snapshot to ranked hits: the gap scan over a whole market, the momentum scan over a universe of 1,453 symbols.
//!
//! `cargo bench -p bellwether`. Data is synthetic: every symbol has 60 daily bars, some thirty pre-market minutes in each
//! of 21 sessions, and for the momentum scan 90 regular minutes as well.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on fails, and has no readers of its documentation"
)]

use std::sync::Arc;

use bellwether::{
    market::{Bar, Bars, BarsBuilder, Calendar, Instrument, Snapshot, SnapshotInputs, Symbol, TradingDay},
    scanners::{gap, momentum},
};
use jiff::{SignedDuration, Timestamp, civil::date};

fn main() {
    divan::main();
}

/// A small linear congruential generator: the same numbers on every run.
struct Draw(u64);

impl Draw {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn bar(open_at: Timestamp, minutes: i64, price: f64, volume: f64) -> Bar {
    Bar {
        open_at: open_at.as_microsecond(),
        close_at: (open_at + SignedDuration::from_mins(minutes)).as_microsecond(),
        open: price,
        high: price * 1.001,
        low: price * 0.999,
        close: price,
        volume,
        vwap: None,
        trades: None,
    }
}

fn minutes_of(day: &TradingDay, symbol: &Symbol, regular: i64, draw: &mut Draw, price: f64, into: &mut BarsBuilder) {
    let pre = (0..30).map(|n| day.pre_open + SignedDuration::from_mins(180 + 5 * n));
    let open = (0..regular).map(|n| day.open + SignedDuration::from_mins(n));
    let bars: Vec<Bar> =
        pre.chain(open).map(|at| bar(at, 1, price * (1.0 + 0.02 * draw.unit()), (10_000.0 * draw.unit()).round())).collect();
    into.extend(symbol, bars);
}

/// A market of `n` symbols as of `minute` minutes after the open (negative: before).
fn snapshot(n: usize, regular: i64, minute: i64) -> Snapshot {
    let session = Calendar.day(date(2025, 1, 6)).unwrap().unwrap();
    let earlier = Calendar.sessions_before(session.date, 60).unwrap();
    let mut draw = Draw(7);
    let (mut daily, mut history, mut today) = (BarsBuilder::default(), BarsBuilder::default(), BarsBuilder::default());
    let mut universe = Vec::new();
    for index in 0..n {
        let symbol = Symbol::new(&format!("S{index:05}")).unwrap();
        let price = 2.0 + 300.0 * draw.unit();
        daily.extend(&symbol, earlier.iter().map(|day| bar(day.open, 390, price, 1e6)));
        for day in &earlier[40..] {
            minutes_of(day, &symbol, regular, &mut draw, price, &mut history);
        }
        let gap = if index % 50 == 0 { 1.0 + 0.3 * draw.unit() } else { 1.0 };
        minutes_of(&session, &symbol, regular, &mut draw, price * gap, &mut today);
        universe.push(Instrument::stock(symbol));
    }
    let finish = |builder: BarsBuilder| -> Arc<Bars> { Arc::new(builder.finish().0) };
    let inputs = SnapshotInputs {
        universe,
        daily: finish(daily),
        history: finish(history),
        today: finish(today),
        ..SnapshotInputs::default()
    };
    Snapshot::new(session.open + SignedDuration::from_mins(minute), inputs)
}

#[divan::bench(sample_count = 15)]
fn gap_9867_symbols(bencher: divan::Bencher) {
    let snapshot = snapshot(9_867, 0, -5);
    bencher.bench_local(|| gap::scan(&snapshot, &gap::GapConfig::default()).unwrap());
}

#[divan::bench(sample_count = 15)]
fn momentum_1453_symbols(bencher: divan::Bencher) {
    let snapshot = snapshot(1_453, 90, 90);
    bencher.bench_local(|| momentum::scan(&snapshot, &momentum::MomentumConfig::default()).unwrap());
}

/// What naming a snapshot costs: hashing every byte of it.
#[divan::bench(sample_count = 5)]
fn hash_of_9867_symbols(bencher: divan::Bencher) {
    let snapshot = snapshot(9_867, 0, -5);
    bencher.bench_local(|| snapshot.hash());
}
