//! Indicators by name over bars of many symbols, frame in and frame out, beside TA-Lib's C library where Python has it.
//!
//! `cargo bench --workspace --bench indicators`; `BELLWETHER_PEER_PYTHON` names a Python with `numpy` and `TA-Lib`, and the runs of
//! both are interleaved then. 1,453 symbols of 500 bars: 40 indicators (47 columns), then the 61 candlestick patterns. The peer
//! gets arrays and drops its results; ours are read from frames and kept in frames. `one frame a symbol` does as the peer does,
//! symbol after symbol; `one long frame` holds all rows at once, which adds the first touch of all memory it returns.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::disallowed_methods, reason = "benchmarks measure time")]

use std::{hint::black_box, process::Command, time::Instant};

use bellwether::indicators::{Columns, IndicatorCall, Output, OutputKind, candles::Pattern, compute_frame};
use polars::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};

const SYMBOLS: usize = 1_453;
const BARS: usize = 500;
const ROUNDS: usize = 7;

const INDICATORS: [&str; 40] = [
    "SMA(timeperiod=20)",
    "EMA(timeperiod=20)",
    "WMA(timeperiod=10)",
    "DEMA(timeperiod=20)",
    "TEMA(timeperiod=20)",
    "KAMA(timeperiod=10)",
    "RSI(timeperiod=14)",
    "MACD(fastperiod=12,slowperiod=26,signalperiod=9)",
    "STOCH(fastk_period=14,slowk_period=3,slowk_matype=0,slowd_period=3,slowd_matype=0)",
    "STOCHRSI(timeperiod=14,fastk_period=5,fastd_period=3,fastd_matype=0)",
    "BBANDS(timeperiod=20,nbdevup=2.0,nbdevdn=2.0,matype=0)",
    "ATR(timeperiod=14)",
    "NATR(timeperiod=14)",
    "ADX(timeperiod=14)",
    "PLUS_DI(timeperiod=14)",
    "MINUS_DI(timeperiod=14)",
    "CCI(timeperiod=20)",
    "ROC(timeperiod=10)",
    "MOM(timeperiod=10)",
    "WILLR(timeperiod=14)",
    "MFI(timeperiod=14)",
    "OBV()",
    "AD()",
    "ADOSC(fastperiod=3,slowperiod=10)",
    "ULTOSC(timeperiod1=7,timeperiod2=14,timeperiod3=28)",
    "AROON(timeperiod=14)",
    "SAR(acceleration=0.02,maximum=0.2)",
    "TRIX(timeperiod=15)",
    "CMO(timeperiod=14)",
    "PPO(fastperiod=12,slowperiod=26,matype=0)",
    "LINEARREG_SLOPE(timeperiod=14)",
    "STDDEV(timeperiod=20,nbdev=1.0)",
    "VAR(timeperiod=20,nbdev=1.0)",
    "BETA(timeperiod=5)",
    "CORREL(timeperiod=30)",
    "T3(timeperiod=5,vfactor=0.7)",
    "TRIMA(timeperiod=20)",
    "AROONOSC(timeperiod=14)",
    "MIDPRICE(timeperiod=14)",
    "TRANGE()",
];

/// A small generator: uniform on 0..1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mean 0, standard deviation `scale`, near enough to a normal one.
    fn normal(&mut self, scale: f64) -> f64 {
        ((0..12).map(|_| self.next()).sum::<f64>() - 6.0) * scale
    }
}

/// Random walks from 50 with 1.5 % a bar.
fn bars() -> DataFrame {
    let rows = SYMBOLS * BARS;
    let mut noise = Noise(7);
    let [mut open, mut high, mut low, mut close, mut volume] = std::array::from_fn(|_| Vec::with_capacity(rows));
    for _ in 0..SYMBOLS {
        let mut price = 50.0_f64;
        for _ in 0..BARS {
            price *= noise.normal(0.015).exp();
            let first = price * noise.normal(0.004).exp();
            open.push(first);
            high.push(first.max(price) * noise.normal(0.004).abs().exp());
            low.push(first.min(price) * (-noise.normal(0.004).abs()).exp());
            close.push(price);
            volume.push((1e4 + noise.next() * 1e6).floor());
        }
    }
    let symbols: Vec<String> = (0..rows).map(|row| format!("S{:04}", row / BARS)).collect();
    let times: Vec<i64> = (0..rows).map(|row| (row % BARS) as i64 * 86_400_000_000).collect();
    let times = Int64Chunked::from_vec("open_at".into(), times).into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let mut columns = vec![Column::new("symbol".into(), symbols), times.into_series().into_column()];
    for (name, values) in [("open", open), ("high", high), ("low", low), ("close", close), ("volume", volume)] {
        columns.push(Float64Chunked::from_vec(name.into(), values).into_series().into_column());
    }
    DataFrame::new(rows, columns).unwrap()
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The kernels alone, over slices into buffers that are used again.
fn kernels(long: &DataFrame, calls: &[IndicatorCall]) {
    let column = |name: &str| long.column(name).unwrap().f64().unwrap().cont_slice().unwrap();
    let all = ["open", "high", "low", "close", "volume"].map(column);
    let most = calls.iter().map(|call| call.output_kinds().len()).max().unwrap();
    let mut reals = vec![vec![0.0; BARS]; most];
    let mut integers = vec![0; BARS];
    for symbol in 0..SYMBOLS {
        let [open, high, low, close, volume] = all.map(|values| &values[symbol * BARS..(symbol + 1) * BARS]);
        let columns = Columns::ohlcv(open, high, low, close, volume);
        for call in calls {
            let kinds = call.output_kinds();
            let mut outputs: Vec<Output<'_>> = match kinds[0] {
                OutputKind::Real => reals[..kinds.len()].iter_mut().map(|values| Output::Real(values)).collect(),
                _ => vec![Output::Integer(&mut integers)],
            };
            call.compute_into(&columns, &mut outputs).unwrap();
        }
        black_box((&reals, &integers));
    }
}

/// Times of one workload, a number a round each.
#[derive(Default)]
struct Times {
    kernels: Vec<f64>,
    frames: Vec<f64>,
    frames_two: Vec<f64>,
    long: Vec<f64>,
    long_two: Vec<f64>,
    peer: Vec<f64>,
}

fn round(times: &mut Times, long: &DataFrame, each: &[DataFrame], calls: &[IndicatorCall], pools: &[ThreadPool; 2]) {
    let by_symbol = || each.par_iter().for_each(|frame| drop(black_box(compute_frame(frame, calls).unwrap())));
    let whole = || drop(black_box(compute_frame(long, calls).unwrap()));
    times.kernels.push(seconds(|| kernels(long, calls)));
    times.frames.push(seconds(|| pools[0].install(by_symbol)));
    times.frames_two.push(seconds(|| pools[1].install(by_symbol)));
    times.long.push(seconds(|| pools[0].install(whole)));
    times.long_two.push(seconds(|| pools[1].install(whole)));
}

fn report(what: &str, times: &Times, target: f64) {
    let ms = |values: &[f64]| 1e3 * median(values);
    println!("{what}, median of {ROUNDS} rounds, ms");
    println!("  kernels alone, one thread                {:8.1}", ms(&times.kernels));
    println!("  one frame a symbol, one thread           {:8.1}", ms(&times.frames));
    println!(
        "  one frame a symbol, two threads          {:8.1}   {:.2} × faster",
        ms(&times.frames_two),
        ms(&times.frames) / ms(&times.frames_two)
    );
    println!("  one long frame, one thread               {:8.1}", ms(&times.long));
    println!(
        "  one long frame, two threads              {:8.1}   {:.2} × faster",
        ms(&times.long_two),
        ms(&times.long) / ms(&times.long_two)
    );
    if times.peer.is_empty() {
        println!("  TA-Lib C: not measured; name a Python that has it in BELLWETHER_PEER_PYTHON");
    } else {
        let peer = ms(&times.peer);
        println!("  TA-Lib C from Python, one thread         {peer:8.1}");
        println!(
            "  ratio to the peer: one frame a symbol {:.2}, one long frame {:.2} (target {target:.2})",
            ms(&times.frames) / peer,
            ms(&times.long) / peer
        );
    }
}

fn main() {
    let long = bars();
    let each: Vec<DataFrame> = (0..SYMBOLS).map(|symbol| long.slice((symbol * BARS) as i64, BARS)).collect();
    let indicators: Vec<IndicatorCall> = INDICATORS.iter().map(|tag| IndicatorCall::parse(tag).unwrap()).collect();
    let candles: Vec<IndicatorCall> =
        Pattern::ALL.iter().map(|pattern| IndicatorCall::parse(&format!("{}()", pattern.name())).unwrap()).collect();
    let pools = [1, 2].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let python = std::env::var("BELLWETHER_PEER_PYTHON").ok();
    let (mut of_indicators, mut of_candles) = (Times::default(), Times::default());
    let mut ignored = Times::default();
    round(&mut ignored, &long, &each, &indicators, &pools);
    for _ in 0..ROUNDS {
        round(&mut of_indicators, &long, &each, &indicators, &pools);
        round(&mut of_candles, &long, &each, &candles, &pools);
        if let Some(python) = &python {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/talib_peer.py");
            let output = Command::new(python).arg(script).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let times: Vec<f64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
            assert_eq!(times.len(), 2, "{}", String::from_utf8_lossy(&output.stderr));
            of_indicators.peer.push(times[0]);
            of_candles.peer.push(times[1]);
        }
    }
    report("40 indicators × 1,453 symbols × 500 bars", &of_indicators, 0.55);
    report("61 candlestick patterns × 1,453 symbols × 500 bars", &of_candles, 0.75);
    let mut costs: Vec<(f64, &str)> = indicators
        .iter()
        .zip(INDICATORS)
        .map(|(call, tag)| {
            let once = || seconds(|| kernels(&long, std::slice::from_ref(call)));
            (1e3 * median(&[once(), once(), once()]), tag)
        })
        .collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let dearest: Vec<String> = costs.iter().take(8).map(|(ms, tag)| format!("{tag} {ms:.1}")).collect();
    println!("dearest kernels, ms: {}", dearest.join(", "));
    // What writing every output once costs: the least that any way of making this frame can take.
    let columns: usize = indicators.iter().map(|call| call.output_kinds().len()).sum();
    let first = seconds(|| drop(black_box(vec![1.0_f64; SYMBOLS * BARS * columns])));
    println!("first touch of the {columns} output columns in one piece: {:.1} ms", 1e3 * first);
}
