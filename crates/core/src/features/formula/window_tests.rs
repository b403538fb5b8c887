use super::*;
use crate::features::{Sessions, random::SplitMix};

/// Numbers with some undefined ones in between.
fn numbers(rows: usize) -> Vec<f64> {
    let mut random = SplitMix(3);
    (0..rows).map(|row| if row % 97 == 90 { f64::NAN } else { 100.0 + random.unit() }).collect()
}

/// What an operation answers over whole columns, and row by row.
fn both_ways(operation: &dyn Operation, inputs: &[&[f64]]) -> [Vec<Vec<f64>>; 2] {
    let rows = inputs[0].len();
    let open_at: Vec<i64> = (0..rows as i64).collect();
    let sessions = Sessions::of(&open_at);
    let bars = crate::market::Series {
        open_at: &open_at,
        close_at: &open_at,
        open: inputs[0],
        high: inputs[0],
        low: inputs[0],
        close: inputs[0],
        volume: inputs[0],
        vwap: inputs[0],
        trades: inputs[0],
    };
    let when = Rows { bars, sessions: &sessions, first: 0 };
    let mut whole = vec![vec![1.0; rows]; operation.outputs()];
    operation.fill(when, inputs, &mut whole);
    let mut running = operation.running(inputs.len());
    let mut one_by_one = vec![Vec::new(); operation.outputs()];
    let mut now = vec![0.0; operation.outputs()];
    for (index, row) in when.iter().enumerate() {
        let given: Vec<f64> = inputs.iter().map(|input| input[index]).collect();
        running.push(&row, &given, &mut now);
        one_by_one.iter_mut().zip(&now).for_each(|(column, value)| column.push(*value));
    }
    [whole, one_by_one]
}

fn bits(columns: &[Vec<f64>]) -> Vec<Vec<Option<u64>>> {
    let bits = |value: &f64| (!value.is_nan()).then_some(value.to_bits());
    columns.iter().map(|column| column.iter().map(bits).collect()).collect()
}

#[test]
fn whole_columns_rows_one_by_one_and_windows_alone_agree_to_the_last_bit() {
    let (x, y) = (numbers(400), numbers(401));
    let y = &y[1..];
    let middles = Columnwise { reach: 5, of: |x: &[&[f64]]| rolling_mean(x[0], 5) };
    let operations: [(&dyn Operation, usize); 9] = [
        (&Sum(1), 1),
        (&Sum(7), 7),
        (&Sum(20), 20),
        (&Sum(64), 64),
        (&Moments { n: 20, order: 2 }, 20),
        (&Moments { n: 21, order: 4 }, 21),
        (&PairMoments(20), 20),
        (&PairMoments(60), 60),
        (&middles, 5),
    ];
    for (operation, n) in operations {
        let [whole, one_by_one] = both_ways(operation, &[&x, y]);
        assert_eq!(bits(&whole), bits(&one_by_one), "{operation:?}");
        assert!(whole[0][..n - 1].iter().all(|value| value.is_nan()) && !whole[0][n - 1].is_nan(), "{operation:?}");
        for row in [n, 139, 240, 399] {
            let cut = row + 1 - n..row + 1;
            let [alone, _] = both_ways(operation, &[&x[cut.clone()], &y[cut]]);
            for (alone, whole) in alone.iter().zip(&whole) {
                let (alone, whole) = (alone[n - 1], whole[row]);
                assert!(alone.to_bits() == whole.to_bits() || alone.is_nan() && whole.is_nan(), "{operation:?} row {row}");
            }
        }
    }
}

fn rolling_mean(x: &[f64], n: usize) -> Vec<f64> {
    let known = x.windows(n).map(|window| window.iter().sum::<f64>() / n as f64);
    std::iter::repeat_n(f64::NAN, x.len().min(n - 1)).chain(known).collect()
}

#[test]
fn windows_begin_when_full_and_again_after_a_gap() {
    let x = [1.0, 2.0, f64::NAN, 4.0, 6.0, 9.0];
    let [sums, _] = both_ways(&Sum(2), &[&x]);
    assert!(sums[0][0].is_nan() && sums[0][2].is_nan() && sums[0][3].is_nan());
    assert_eq!((sums[0][1], sums[0][4], sums[0][5]), (3.0, 10.0, 15.0));
}

#[test]
fn moments_of_known_samples() {
    let x = [1.0, 2.0, 3.0, 4.0, 10.0];
    let [moments, _] = both_ways(&Moments { n: 5, order: 4 }, &[&x]);
    assert_eq!(moments.map_last(), [4.0, 50.0, 180.0, 1394.0]);
    let y = [2.0, 4.0, 6.0, 8.0, 20.0];
    let [pair, _] = both_ways(&PairMoments(5), &[&x, &y]);
    assert_eq!(pair.map_last(), [4.0, 8.0, 50.0, 200.0, 100.0]);
    // What does not move has deviations of rounding errors alone.
    let [still, _] = both_ways(&Moments { n: 5, order: 4 }, &[&[0.1; 5]]);
    assert_eq!(still.map_last()[1..], [0.0; 3]);
    let [pair, _] = both_ways(&PairMoments(5), &[&[0.1; 5], &y]);
    assert_eq!(pair.map_last()[2..], [0.0, 200.0, 0.0]);
}

trait MapLast {
    fn map_last(&self) -> Vec<f64>;
}

impl MapLast for Vec<Vec<f64>> {
    fn map_last(&self) -> Vec<f64> {
        self.iter().filter_map(|column| column.last().copied()).collect()
    }
}
