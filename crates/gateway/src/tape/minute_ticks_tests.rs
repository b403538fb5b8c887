use proptest::prelude::*;

use super::*;

const OPEN_AT: i64 = 1_772_800_200_000_000;
const LENGTH: i64 = 60_000_000;

fn bar([open, high, low, close]: [f64; 4], volume: f64, trades: Option<f64>) -> Bar {
    Bar { open_at: OPEN_AT, close_at: OPEN_AT + LENGTH, open, high, low, close, volume, vwap: None, trades }
}

fn ticks(bar: &Bar) -> MinuteTicks {
    MinuteTicks::new(&Symbol::new("AAPL").unwrap(), bar, bar.close_at)
}

/// Bars in whole cents whose four prices may coincide, with any count of trades.
fn any_bar() -> impl Strategy<Value = Bar> {
    let counted = prop_oneof![Just(None), (1_u32..2_000).prop_map(|trades| Some(f64::from(trades)))];
    (1_i32..5_000, 0_i32..30, 0_i32..30, 0_i32..60, 0_u32..100_000, counted).prop_map(
        |(base, above, below, close, volume, trades)| {
            let close = base + (close - 30).clamp(-below, above);
            let price = |cents: i32| f64::from(cents + 100) / 100.0;
            let prices = [base, base + above, base - below, close];
            bar(prices.map(price), f64::from(volume), trades)
        },
    )
}

proptest! {
    #[test]
    fn the_trades_are_the_bar(bar in any_bar()) {
        let ticks = ticks(&bar);
        let n = ticks.trades;
        if let Some(counted) = bar.trades {
            prop_assert!(n as f64 == counted || (counted < 4.0 && n <= 4), "{n} for {counted}");
        }
        let prices: Vec<f64> = (0..n).map(|k| ticks.price(k)).collect();
        let range = ticks.range(0, n).unwrap();
        prop_assert_eq!((prices[0], prices[n - 1], range), (bar.open, bar.close, (bar.low, bar.high)));
        let met = prices.iter().fold((f64::MAX, f64::MIN), |(low, high), price| (low.min(*price), high.max(*price)));
        prop_assert_eq!(met, (bar.low, bar.high));
        prop_assert!(prices.iter().all(|price| (price * 100.0 - (price * 100.0).round()).abs() < 1e-6));
        let shares: f64 = (0..n).map(|k| ticks.size(k)).sum();
        prop_assert!((shares - bar.volume).abs() < 1e-6 * bar.volume.max(1.0), "{shares}");
        let least = if bar.volume >= n as f64 { 1.0 } else { 0.0 };
        prop_assert!((0..n).all(|k| ticks.size(k) >= least));
    }

    #[test]
    fn times_rise_and_count_what_is_made(bar in any_bar(), at in 0..LENGTH, cut in 0_i64..4) {
        let end = OPEN_AT + LENGTH - cut * 17_000_000;
        let ticks = MinuteTicks::new(&Symbol::new("BRK.B").unwrap(), &bar, end);
        let times: Vec<i64> = (0..ticks.trades).map(|k| ticks.at(k)).collect();
        prop_assert!(times.is_sorted());
        prop_assert!(times[0] == OPEN_AT && times.iter().all(|at| *at < end));
        let t = OPEN_AT + at;
        prop_assert_eq!(ticks.made_until(t), times.iter().filter(|made| **made <= t).count());
        for (k, at) in times.iter().enumerate() {
            prop_assert!(ticks.made_until(*at) > k && ticks.made_until(at - 1) <= k);
        }
    }

    #[test]
    fn a_range_is_that_of_its_trades(bar in any_bar(), from in 0_usize..2_000, length in 0_usize..2_000) {
        let ticks = ticks(&bar);
        let (from, end) = (from.min(ticks.trades), (from + length).min(ticks.trades));
        let prices: Vec<f64> = (from..end).map(|k| ticks.price(k)).collect();
        let expected = prices.iter().copied().reduce(f64::min).zip(prices.iter().copied().reduce(f64::max));
        prop_assert_eq!(ticks.range(from, end), expected);
    }
}

#[test]
fn a_bar_that_counts_too_few_trades_gets_those_it_needs() {
    let counted = |prices, trades| ticks(&bar(prices, 500.0, Some(trades))).trades;
    assert_eq!(counted([10.0, 10.0, 10.0, 10.0], 1.0), 1);
    assert_eq!(counted([10.0, 10.2, 10.0, 10.2], 1.0), 2);
    assert_eq!(counted([10.0, 10.3, 10.0, 10.2], 2.0), 3);
    assert_eq!(counted([10.0, 10.3, 9.9, 10.2], 1.0), 4);
    assert_eq!(counted([10.0, 10.3, 9.9, 10.2], 7.0), 7);
}

#[test]
fn sizes_differ() {
    let bar = bar([10.0, 10.4, 9.8, 10.1], 12_000.0, Some(100.0));
    let ticks = ticks(&bar);
    let mut sizes: Vec<f64> = (0..100).map(|k| ticks.size(k)).collect();
    sizes.sort_by(f64::total_cmp);
    assert!(sizes[10] < 70.0 && sizes[90] > 170.0, "{sizes:?}");
}
