//! Rows of extremes, with the ties of TA-Lib's C library up to 0.8.1.
//!
//! The crate `ta-lib` 0.8.3 names the newest of equal values throughout. The C library, by which these outputs are judged,
//! names the newest while the extreme it holds is in the window, and the oldest when that has left and it looks again.

use std::cmp::Ordering;

/// Row of the highest (`wanted` greater) or lowest (less) of the last `period` values, for every row from `period − 1` on.
///
/// `first` is added to every row: the number of undefined values that were cut off before `x`.
pub(super) fn extreme_rows(x: &[f64], period: usize, wanted: Ordering, first: usize, out: &mut [i32]) {
    let better = |a: f64, b: f64| a.partial_cmp(&b) == Some(wanted);
    let mut held: Option<usize> = None;
    for (today, out) in (period - 1..x.len()).zip(out) {
        let oldest = today + 1 - period;
        let row = match held {
            Some(row) if row >= oldest => {
                if x[today] == x[row] || better(x[today], x[row]) {
                    today
                } else {
                    row
                }
            }
            _ => (oldest + 1..=today).fold(oldest, |best, row| if better(x[row], x[best]) { row } else { best }),
        };
        held = Some(row);
        // TA-Lib's own indices are 32 bits wide.
        *out = i32::try_from(first + row).unwrap_or(i32::MAX);
    }
}
