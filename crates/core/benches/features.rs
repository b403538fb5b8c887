//! The catalogue over many symbols, the newest row of one, one more bar, and the audit.
//!
//! `cargo bench --workspace --bench features`. 1,453 symbols of 500 daily bars, all features against a benchmark, bars in and a
//! frame out, on one and on two threads; then the most memory that a process holds that does so once.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]

use std::{hint::black_box, process::Command, time::Instant};

use bellwether::{
    features::{AuditConfig, Catalogue, Feature, LiveFeatures, NewestRow, Selection, audit, compute},
    market::{Bar, Bars, BarsBuilder, Calendar, Symbol},
};
use jiff::civil::date;
use rayon::ThreadPoolBuilder;

const SYMBOLS: usize = 1_453;
const BARS: usize = 500;
const ROUNDS: usize = 7;
/// Argument with which the benchmark measures memory alone.
const PEAK: &str = "--peak-alone";

/// A small generator: uniform on -0.5..0.5.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

/// Random walks over the sessions from 2023 on.
fn daily(symbols: usize, bars: usize) -> Bars {
    let mut noise = Noise(7);
    let mut days = Vec::new();
    let mut day = Calendar.day(date(2015, 1, 2)).unwrap().unwrap();
    while days.len() < bars {
        let next = Calendar.next(day.date).unwrap();
        days.push((day.open.as_microsecond(), day.close.as_microsecond()));
        day = next;
    }
    let mut builder = BarsBuilder::default();
    for symbol in 0..symbols {
        let symbol: Symbol = format!("S{symbol}").parse().unwrap();
        let mut price = 50.0;
        for (open_at, close_at) in days.iter().copied() {
            let open = price * (1.0 + 0.01 * noise.next());
            price = open * (1.0 + 0.05 * noise.next());
            let high = open.max(price) * (1.0 + 0.02 * noise.next().abs());
            let low = open.min(price) * (1.0 - 0.02 * noise.next().abs());
            let volume = (1e6 * (noise.next() + 0.6)).floor();
            let (vwap, trades) = (Some((high + low) / 2.0), None);
            builder.push(&symbol, Bar { open_at, close_at, open, high, low, close: price, volume, vwap, trades });
        }
    }
    let (bars, faults) = builder.finish();
    assert_eq!(faults, []);
    bars
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A line of `/proc/self/status`, MiB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0)
}

/// What one computation needs beside the bars, in a process of its own.
fn peak(features: &[Feature]) {
    let bars = daily(SYMBOLS, BARS);
    let (before, peak_before) = (memory("VmRSS"), memory("VmHWM"));
    let selection = Selection::of(features.to_vec()).against("S0".parse().unwrap());
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let frame = pool.install(|| compute(&bars, &selection).unwrap());
    let frame_mib = frame.estimated_size() as f64 / (1024.0 * 1024.0);
    let peak = memory("VmHWM");
    println!(
        "  frame {frame_mib:.0} MiB; bars {before:.0} MiB ({peak_before:.0} while they were made); peak {peak:.0} MiB (target < 1,500)"
    );
}

fn whole(features: &[Feature]) {
    let bars = daily(SYMBOLS, BARS);
    let selection = Selection::of(features.to_vec()).against("S0".parse().unwrap());
    let pools = [1, 2].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (pool, times) in pools.iter().zip(&mut times) {
            let mut frame = None;
            let time = seconds(|| frame = Some(pool.install(|| compute(&bars, &selection).unwrap())));
            drop(black_box(frame));
            // The first round finds everything cold.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let [one, two] = times.map(median);
    let columns = features.len();
    println!("{columns} columns × {SYMBOLS} symbols × {BARS} bars, bars to frame, median of {ROUNDS}");
    println!("  one thread   {one:8.3} s");
    println!("  two threads  {two:8.3} s   {:.2} × faster   (target < 1.0 s)", one / two);
    let alone = Command::new(std::env::current_exe().unwrap()).arg(PEAK).output().unwrap();
    print!("{}", String::from_utf8_lossy(&alone.stdout));
    let touched = seconds(|| {
        let frame: Vec<Vec<f64>> = (0..columns).map(|_| vec![1.0; SYMBOLS * BARS]).collect();
        drop(black_box(frame));
    });
    println!("  writing as many numbers once, one thread: {touched:.3} s");
    let mut costs: Vec<(f64, &str)> = features
        .iter()
        .map(|feature| {
            let selection = Selection::of(vec![feature.clone()]).against("S0".parse().unwrap());
            let once = || seconds(|| drop(black_box(pools[0].install(|| compute(&bars, &selection).unwrap()))));
            (1e3 * median(vec![once(), once(), once()]), feature.name())
        })
        .collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let dearest: Vec<String> = costs.iter().take(12).map(|(ms, name)| format!("{name} {ms:.0}")).collect();
    println!("  alone, dearest first, ms: {}", dearest.join(", "));
    println!("  alone, all together: {:.0} ms", costs.iter().map(|(ms, _)| ms).sum::<f64>());
}

fn one_symbol(features: &[Feature]) {
    let bars = daily(2, BARS + 2_000);
    let (series, benchmark) = (bars.series("S1"), bars.series("S0").close);
    let history = series.slice(0..BARS);
    let mut newest = NewestRow::of(features);
    let times: Vec<f64> =
        (0..2_000).map(|_| seconds(|| _ = black_box(newest.compute(history, Some(&benchmark[..BARS])).unwrap()))).collect();
    println!("newest row of {} columns, {BARS} bars of history: {:.1} µs (target < 200)", features.len(), 1e6 * median(times));
    let mut first = Vec::new();
    for _ in 0..50 {
        let mut newest = NewestRow::of(features);
        first.push(seconds(|| _ = black_box(newest.compute(history, Some(&benchmark[..BARS])).unwrap())));
    }
    println!("  the first time, at times not seen before: {:.1} µs", 1e6 * median(first));
    let mut live = LiveFeatures::of(features, false);
    let mut times = Vec::new();
    for (row, bar) in series.iter().enumerate() {
        let time = seconds(|| _ = black_box(live.push(bar, Some(benchmark[row])).unwrap()));
        if row >= BARS {
            times.push(time);
        }
    }
    println!("one more bar, all {} columns: {:.2} µs (target < 20)", features.len(), 1e6 * median(times));
}

fn audited(features: &[Feature]) {
    let bars = daily(5, 2_000);
    let selection = Selection::of(features.to_vec()).against("S0".parse().unwrap());
    let time = seconds(|| {
        let report = audit(&bars, &|bars| compute(bars, &selection), &AuditConfig::default()).unwrap();
        assert!(report.is_clean());
    });
    println!("audit of {} columns over 5 symbols × 2,000 bars: {time:.2} s (target < 10)", features.len());
}

fn main() {
    let features = Catalogue::shipped().features();
    if std::env::args().any(|argument| argument == PEAK) {
        return peak(features);
    }
    whole(features);
    one_symbol(features);
    audited(features);
}
