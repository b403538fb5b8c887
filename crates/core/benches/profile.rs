//! Risk profiles of a universe: 1,453 stocks of 1,000 daily returns against SPY and QQQ, on two threads and on one.
//!
//! `cargo bench --workspace --bench profile`. Prints seconds, the peak of memory, and the time with everything kept.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]

use std::{hint::black_box, time::Instant};

use bellwether::{
    market::{Bar, Bars, BarsBuilder, Symbol},
    risk::{
        garch::Specification,
        profile::{ProfileCache, ProfileConfig, profiles},
    },
};
use jiff::Timestamp;
use rayon::ThreadPoolBuilder;

const STOCKS: usize = 1_453;
const RETURNS: usize = 1_000;
const ROUNDS: usize = 5;
const DAY: i64 = 86_400_000_000;

/// Daily bars of stocks that follow the market by different parts, each with volatility of its own that clusters.
fn universe() -> Bars {
    let draw = |model: &str, parameters: &[f64], seed: u64| {
        let model: Specification = model.parse().unwrap();
        model.simulate(parameters, RETURNS, seed).unwrap().returns
    };
    let market = draw("constant gjr t", &[0.04, 0.02, 0.03, 0.12, 0.89, 7.0], 1);
    let mut builder = BarsBuilder::default();
    let mut add = |name: &str, returns: &[f64]| {
        let symbol = Symbol::new(name).unwrap();
        let mut close = 100.0;
        let bar = |day: usize, close: f64| {
            let open_at = 1_500_000_000_000_000 + day as i64 * DAY;
            Bar {
                open_at,
                close_at: open_at + 23_400_000_000,
                open: close,
                high: close * 1.01,
                low: close * 0.99,
                close,
                volume: 1e6,
                vwap: None,
                trades: None,
            }
        };
        builder.push(&symbol, bar(0, close));
        for (day, value) in returns.iter().enumerate() {
            close *= 1.0 + value / 100.0;
            builder.push(&symbol, bar(day + 1, close));
        }
    };
    add("SPY", &market);
    for stock in 0..STOCKS {
        let own = draw("constant garch t", &[0.0, 0.05, 0.08, 0.9, 5.0], 100 + stock as u64);
        let part = 0.4 + 1.2 * (stock % 17) as f64 / 17.0;
        let returns: Vec<f64> = market.iter().zip(&own).map(|(market, own)| (part * market + 0.8 * own).max(-60.0)).collect();
        add(&if stock == 0 { "QQQ".to_owned() } else { format!("S{stock:04}") }, &returns);
    }
    builder.finish().0
}

/// The most memory this process ever held, in MiB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn main() {
    let bars = universe();
    let benchmarks = ["SPY", "QQQ"].map(|name| Symbol::new(name).unwrap());
    let as_of: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    let config = ProfileConfig::default();
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut seconds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                let found = pool.install(|| profiles(black_box(&bars), &benchmarks, as_of, &config).unwrap());
                assert!(found.unprofiled.is_empty(), "{:?}", found.unprofiled);
                began.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        println!("{} stocks on {threads} threads: median {:.2} s, least {:.2} s", STOCKS + 1, seconds[ROUNDS / 2], seconds[0]);
    }
    let mut cache = ProfileCache::default();
    cache.profiles(&bars, &benchmarks, as_of, &config).unwrap();
    let began = Instant::now();
    black_box(cache.profiles(&bars, &benchmarks, as_of, &config).unwrap());
    println!("again, from what is kept: {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
    println!("peak of memory, the bars included: {:.0} MiB", peak_memory().unwrap_or(f64::NAN));
}
