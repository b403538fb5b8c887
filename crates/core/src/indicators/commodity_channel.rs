//! Commodity channel index, eight rows at once.
//!
//! TA-Lib sums each window afresh, in the order of a ring of `period` slots. That order is kept here, so the results are the
//! same to the last bit, bar by bar included; but rows a multiple of the period apart have the same order, and are summed side
//! by side.

/// Rows that are summed side by side: as many sums as registers hold.
const LANES: usize = 8;

type Lanes = [f64; LANES];

/// The index of every row from `period − 1` on, as TA-Lib defines it; `out` is as long.
///
/// Lane `l` of a slot holds the typical price of row `slot + l · period`, and the window of that row is what stands in the
/// slots up to its own, then in the later slots what stood there a period before.
pub(super) fn commodity_channel_index(high: &[f64], low: &[f64], close: &[f64], period: usize, out: &mut [f64]) {
    let rows = high.len();
    let length = period as f64;
    let (mut newer, mut older) = (vec![[0.0; LANES]; period], vec![[0.0; LANES]; period]);
    for start in (0..rows).step_by(LANES * period) {
        for (slot, (newer, older)) in newer.iter_mut().zip(&mut older).enumerate() {
            older[0] = newer[LANES - 1];
            for (lane, price) in newer.iter_mut().enumerate() {
                let row = start + lane * period + slot;
                *price = if row < rows { (high[row] + low[row] + close[row]) / 3.0 } else { 0.0 };
            }
            older[1..].copy_from_slice(&newer[..LANES - 1]);
        }
        let mut sums = [0.0; LANES];
        for slot in 0..period {
            let last = newer[slot];
            add(&mut sums, &last);
            let row = |lane: usize| start + lane * period + slot;
            // Whole windows are in the first lane or, before the first period is over, in the second; or in none.
            if row(usize::from(start == 0 && slot + 1 < period)) >= rows {
                continue;
            }
            let (newer, older) = (&newer[..=slot], &older[slot + 1..]);
            let mut averages = sums;
            older.iter().for_each(|prices| add(&mut averages, prices));
            let averages = averages.map(|sum| sum / length);
            let mut deviations = [0.0; LANES];
            newer.iter().for_each(|prices| add_distances(&mut deviations, prices, &averages));
            older.iter().for_each(|prices| add_distances(&mut deviations, prices, &averages));
            for lane in 0..LANES {
                if let Some(out) = (row(lane) + 1).checked_sub(period).and_then(|row| out.get_mut(row)) {
                    *out = index(last[lane] - averages[lane], deviations[lane] / length, averages[lane]);
                }
            }
        }
    }
}

fn add(sums: &mut Lanes, values: &Lanes) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

fn add_distances(sums: &mut Lanes, values: &Lanes, from: &Lanes) {
    sums.iter_mut().zip(values).zip(from).for_each(|((sum, value), from)| *sum += (value - from).abs());
}

/// 0 where the window is flat but for rounding.
fn index(distance: f64, deviation: f64, average: f64) -> f64 {
    let flat = 1e-14 * average.abs();
    let scale = 0.015 * deviation;
    if distance.abs() <= flat || deviation.abs() <= flat || scale == 0.0 { 0.0 } else { distance / scale }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::indicators::engine::CORE;

    fn same(prices: &[[f64; 3]], period: usize) {
        let [high, low, close] = [0, 1, 2].map(|part| prices.iter().map(|prices| prices[part]).collect::<Vec<f64>>());
        let length = prices.len() + 1 - period;
        let (mut ours, mut theirs) = (vec![f64::MAX; length], vec![f64::MAX; length]);
        commodity_channel_index(&high, &low, &close, period, &mut ours);
        CORE.cci(0, prices.len() - 1, &high, &low, &close, period as i32, &mut theirs).unwrap();
        for (row, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert!(ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan()), "row {row}: {ours} {theirs}");
        }
    }

    proptest! {
        #[test]
        fn every_bit_is_as_talib_has_it(
            prices in proptest::collection::vec(prop_oneof![
                40 => proptest::array::uniform3(1.0..1000.0),
                20 => Just([7.1; 3]),
                1 => Just([f64::NAN; 3]),
                1 => Just([f64::INFINITY; 3]),
                1 => Just([-0.0; 3]),
            ], 130..600),
            period in 2_usize..131,
        ) {
            same(&prices, period);
        }
    }

    #[test]
    fn series_around_the_length_of_the_period_are_whole() {
        let prices: Vec<[f64; 3]> =
            (0..200).map(|row| [1.0, 2.0, 3.0].map(|part| part + (f64::from(row) * 0.37).sin())).collect();
        for rows in 20..200 {
            same(&prices[..rows], 20);
        }
    }
}
