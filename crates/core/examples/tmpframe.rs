use bellwether::indicators::{IndicatorCall, compute_frame};
use polars::prelude::*;
use std::hint::black_box;
use std::time::Instant;
fn main() {
    let n = 500;
    let x: Vec<f64> = (0..n).map(|i| 50.0 + ((i * 7919) % 101) as f64 * 0.1).collect();
    let syms: Vec<String> = (0..n).map(|_| "S1".to_string()).collect();
    let times: Vec<i64> = (0..n).map(|i| i as i64 * 86_400_000_000).collect();
    let times = Int64Chunked::from_vec("open_at".into(), times).into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let mut cols = vec![Column::new("symbol".into(), syms), times.into_series().into_column()];
    for name in ["open", "high", "low", "close", "volume"] {
        let k = match name {
            "high" => 1.0,
            "low" => -1.0,
            _ => 0.0,
        };
        cols.push(Float64Chunked::from_vec(name.into(), x.iter().map(|v| v + k).collect()).into_series().into_column());
    }
    let f = DataFrame::new(n, cols).unwrap();
    for count in [1usize, 2, 10, 20, 40] {
        let calls: Vec<_> = (0..count).map(|i| IndicatorCall::parse(&format!("MOM(timeperiod={})", i + 1)).unwrap()).collect();
        let mut t: Vec<f64> = (0..2000)
            .map(|_| {
                let a = Instant::now();
                drop(black_box(compute_frame(&f, &calls).unwrap()));
                a.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        t.sort_by(f64::total_cmp);
        println!("{count} calls {:.2} us", t[1000]);
        let v = vec![0.0f64; n];
        let mut t: Vec<f64> = (0..2000)
            .map(|_| {
                let a = Instant::now();
                for c in &calls {
                    let mut o = v.clone();
                    let cols = bellwether::indicators::Columns::ohlcv(&x, &x, &x, &x, &x);
                    c.compute_into(&cols, &mut [bellwether::indicators::Output::Real(&mut o)]).unwrap();
                    black_box(o);
                }
                a.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        t.sort_by(f64::total_cmp);
        println!("   kernels {:.2} us", t[1000]);
    }
}
