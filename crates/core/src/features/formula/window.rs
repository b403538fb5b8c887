//! Windows of the last rows. What a window answers depends on its rows alone, to the last bit: not on what came before
//! it, nor on how many rows are computed at once. A NaN leaves with the row that brought it.
//!
//! Sums are added pairwise, in blocks of powers of two that neighbouring windows share: log n additions a row instead of n,
//! and smaller rounding errors than adding one after the other.

use std::fmt;

use super::{
    operation::{Operation, Reach, Row, Rows, Running},
    rowwise::name_of,
};

/// The last rows of the inputs, each input's in one piece.
#[derive(Debug)]
struct Recent {
    length: usize,
    columns: Vec<Vec<f64>>,
}

impl Recent {
    fn new(length: usize, inputs: usize) -> Self {
        Self { length, columns: (0..inputs).map(|_| Vec::with_capacity(4 * length)).collect() }
    }

    /// Takes in a row; whether there are as many as the window has.
    fn push(&mut self, inputs: &[f64]) -> bool {
        for (column, input) in self.columns.iter_mut().zip(inputs) {
            if column.len() == column.capacity() {
                column.drain(..column.len() + 1 - self.length);
            }
            column.push(*input);
        }
        self.columns.first().is_some_and(|column| column.len() >= self.length)
    }

    fn window(&self, input: usize) -> &[f64] {
        let column = &self.columns[input];
        &column[column.len() - self.length..]
    }
}

/// An operation over one window: all that is known of it is a function of slices.
#[derive(Debug)]
struct Windowed<O> {
    recent: Recent,
    of: O,
}

/// What is computed of the rows of a window.
trait OfWindow: fmt::Debug + Send {
    fn answer(&self, recent: &Recent, outputs: &mut [f64]);
}

impl<O: OfWindow> Running for Windowed<O> {
    fn push(&mut self, _: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        match self.recent.push(inputs) {
            true => self.of.answer(&self.recent, outputs),
            false => outputs.fill(f64::NAN),
        }
    }
}

/// The sum of so many rows, at least one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum(pub(super) usize);

impl Operation for Sum {
    fn name(&self) -> String {
        format!("sum {}", self.0)
    }

    fn reach(&self) -> Reach {
        Reach::Rows(self.0)
    }

    fn running(&self, inputs: usize) -> Box<dyn Running> {
        Box::new(Windowed { recent: Recent::new(self.0, inputs), of: *self })
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        sums(inputs[0], self.0, &mut outputs[0]);
    }
}

impl OfWindow for Sum {
    fn answer(&self, recent: &Recent, outputs: &mut [f64]) {
        outputs[0] = sum(recent.window(0));
    }
}

/// Sums of the last `n` values at each row; NaN before there are so many.
fn sums(x: &[f64], n: usize, out: &mut [f64]) {
    out.fill(f64::NAN);
    if n == 0 || x.len() < n {
        return;
    }
    // Sums of the blocks of 1, 2, 4 … rows that end at each row; before there are so many, whatever.
    let mut blocks = x.to_vec();
    let (mut length, mut covered) = (1, 0);
    loop {
        if n & length != 0 {
            let block_ends = &blocks[n - 1 - covered..x.len() - covered];
            match covered {
                0 => out[n - 1..].copy_from_slice(block_ends),
                _ => out[n - 1..].iter_mut().zip(block_ends).for_each(|(out, block)| *out += block),
            }
            covered += length;
        }
        if covered == n {
            return;
        }
        // From the end, so that the earlier half is still as it was.
        for row in (length..x.len()).rev() {
            blocks[row] += blocks[row - length];
        }
        length *= 2;
    }
}

/// The same of one window.
fn sum(window: &[f64]) -> f64 {
    fn block(rows: &[f64]) -> f64 {
        match rows {
            [one] => *one,
            _ => {
                let (earlier, later) = rows.split_at(rows.len() / 2);
                block(later) + block(earlier)
            }
        }
    }
    let (mut rest, mut total, mut length) = (window, None, 1);
    while !rest.is_empty() {
        if window.len() & length != 0 {
            let (earlier, last) = rest.split_at(rest.len() - length);
            total = Some(total.map_or_else(|| block(last), |total: f64| total + block(last)));
            rest = earlier;
        }
        length *= 2;
    }
    total.unwrap_or(f64::NAN)
}

/// A window whose values differ by less than this part of their mean does not move.
const STILL: f64 = 1e-14;

/// Sums of powers of deviations that are rounding errors alone are none.
fn still(second: f64, mean: f64, n: usize) -> bool {
    second <= n as f64 * (STILL * mean) * (STILL * mean)
}

/// Mean, and sums of the second to `order`-th powers of the deviations from it, of `n` rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) n: usize,
    /// 2 or 4.
    pub(super) order: usize,
}

impl Operation for Moments {
    fn name(&self) -> String {
        format!("moments {} {}", self.order, self.n)
    }

    fn outputs(&self) -> usize {
        self.order
    }

    fn reach(&self) -> Reach {
        Reach::Rows(self.n)
    }

    fn running(&self, inputs: usize) -> Box<dyn Running> {
        Box::new(Windowed { recent: Recent::new(self.n, inputs), of: *self })
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        let (x, n) = (inputs[0], self.n);
        let Some((mean, powers)) = outputs.split_first_mut() else { return };
        means(x, n, mean);
        powers.iter_mut().for_each(|power| power.copy_from_slice(mean));
        if x.len() < n {
            return;
        }
        powers.iter_mut().for_each(|power| power[n - 1..].fill(0.0));
        for back in (0..n).rev() {
            let values = &x[n - 1 - back..x.len() - back];
            let deviations = values.iter().zip(&mean[n - 1..]).map(|(value, mean)| value - mean);
            match powers {
                [second] => second[n - 1..].iter_mut().zip(deviations).for_each(|(second, d)| *second += d * d),
                [second, third, fourth] => {
                    let sums = second[n - 1..].iter_mut().zip(&mut third[n - 1..]).zip(&mut fourth[n - 1..]);
                    for (((second, third), fourth), d) in sums.zip(deviations) {
                        let squared = d * d;
                        *second += squared;
                        *third += squared * d;
                        *fourth += squared * squared;
                    }
                }
                _ => {}
            }
        }
        for row in n - 1..x.len() {
            if still(powers[0][row], mean[row], n) {
                powers.iter_mut().for_each(|power| power[row] = 0.0);
            }
        }
    }
}

fn means(x: &[f64], n: usize, out: &mut [f64]) {
    sums(x, n, out);
    out.iter_mut().for_each(|sum| *sum /= n as f64);
}

impl OfWindow for Moments {
    fn answer(&self, recent: &Recent, outputs: &mut [f64]) {
        let window = recent.window(0);
        let mean = sum(window) / self.n as f64;
        let (mut second, mut third, mut fourth) = (0.0, 0.0, 0.0);
        for value in window {
            let d = value - mean;
            let squared = d * d;
            second += squared;
            third += squared * d;
            fourth += squared * squared;
        }
        if mean.is_nan() {
            (second, third, fourth) = (mean, mean, mean);
        } else if still(second, mean, self.n) {
            (second, third, fourth) = (0.0, 0.0, 0.0);
        }
        let all = [mean, second, third, fourth];
        outputs.iter_mut().zip(all).for_each(|(output, value)| *output = value);
    }
}

/// Means of two inputs, and sums of products of the deviations from them: `mean x, mean y, xx, yy, xy`.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairMoments(pub(super) usize);

impl Operation for PairMoments {
    fn name(&self) -> String {
        format!("moments of two {}", self.0)
    }

    fn outputs(&self) -> usize {
        5
    }

    fn reach(&self) -> Reach {
        Reach::Rows(self.0)
    }

    fn running(&self, inputs: usize) -> Box<dyn Running> {
        Box::new(Windowed { recent: Recent::new(self.0, inputs), of: *self })
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        let (x, y, n) = (inputs[0], inputs[1], self.0);
        let [mean_x, mean_y, xx, yy, xy] = outputs else { return };
        means(x, n, mean_x);
        means(y, n, mean_y);
        for sums in [&mut *xx, &mut *yy, &mut *xy] {
            sums.fill(f64::NAN);
            sums.iter_mut().skip(n - 1).for_each(|sum| *sum = 0.0);
        }
        if x.len() < n {
            return;
        }
        for back in (0..n).rev() {
            let rows = n - 1 - back..x.len() - back;
            let values = x[rows.clone()].iter().zip(&y[rows]);
            let deviations = values.zip(mean_x[n - 1..].iter().zip(&mean_y[n - 1..]));
            let sums = xx[n - 1..].iter_mut().zip(&mut yy[n - 1..]).zip(&mut xy[n - 1..]);
            for (((xx, yy), xy), ((x, y), (mean_x, mean_y))) in sums.zip(deviations) {
                let (x, y) = (x - mean_x, y - mean_y);
                *xx += x * x;
                *yy += y * y;
                *xy += x * y;
            }
        }
        for row in n - 1..x.len() {
            settle(n, [mean_x[row], mean_y[row]], [&mut xx[row], &mut yy[row], &mut xy[row]]);
        }
    }
}

/// What does not move has no products; where either is undefined, all are.
fn settle(n: usize, [mean_x, mean_y]: [f64; 2], [xx, yy, xy]: [&mut f64; 3]) {
    if mean_x.is_nan() || mean_y.is_nan() {
        (*xx, *yy, *xy) = (f64::NAN, f64::NAN, f64::NAN);
        return;
    }
    if still(*xx, mean_x, n) {
        (*xx, *xy) = (0.0, 0.0);
    }
    if still(*yy, mean_y, n) {
        (*yy, *xy) = (0.0, 0.0);
    }
}

impl OfWindow for PairMoments {
    fn answer(&self, recent: &Recent, outputs: &mut [f64]) {
        let (x, y) = (recent.window(0), recent.window(1));
        let (mean_x, mean_y) = (sum(x) / self.0 as f64, sum(y) / self.0 as f64);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let (x, y) = (x - mean_x, y - mean_y);
            xx += x * x;
            yy += y * y;
            xy += x * y;
        }
        settle(self.0, [mean_x, mean_y], [&mut xx, &mut yy, &mut xy]);
        outputs.copy_from_slice(&[mean_x, mean_y, xx, yy, xy]);
    }
}

/// Any function of whole columns whose rows depend on the last `reach` rows alone, to the last bit.
#[derive(Clone, Copy)]
pub(super) struct Columnwise<F> {
    pub(super) reach: usize,
    pub(super) of: F,
}

impl<F> fmt::Debug for Columnwise<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Columnwise over {}", self.reach)
    }
}

impl<F: Fn(&[&[f64]]) -> Vec<f64> + Copy + Send + Sync + 'static> Operation for Columnwise<F> {
    fn name(&self) -> String {
        name_of::<F>(&format!("columnwise {}", self.reach))
    }

    fn reach(&self) -> Reach {
        Reach::Rows(self.reach)
    }

    fn running(&self, inputs: usize) -> Box<dyn Running> {
        Box::new(Windowed { recent: Recent::new(self.reach, inputs), of: *self })
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        outputs[0].copy_from_slice(&(self.of)(inputs));
    }
}

impl<F: Fn(&[&[f64]]) -> Vec<f64> + Send> OfWindow for Columnwise<F> {
    fn answer(&self, recent: &Recent, outputs: &mut [f64]) {
        let windows: Vec<&[f64]> = (0..recent.columns.len()).map(|input| recent.window(input)).collect();
        outputs[0] = (self.of)(&windows).last().copied().unwrap_or(f64::NAN);
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
