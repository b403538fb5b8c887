//! Kendall's tau in `n log n`.

/// Kendall's tau-b of two columns of equal length, which corrects for ties; NaN where one of them is constant or holds a NaN.
///
/// ```text
/// τ = (concordant − discordant) / √((n₀ − ties in x)(n₀ − ties in y)),   n₀ = n(n−1)/2
/// ```
///
/// ```
/// let tau = bellwether::risk::copula::kendall_tau(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]);
/// assert_eq!(tau, 2.0 / 3.0);
/// ```
///
/// # References
/// W. R. Knight, A computer method for calculating Kendall's tau with ungrouped data, *JASA* 61, 1966.
pub fn kendall_tau(x: &[f64], y: &[f64]) -> f64 {
    if x.iter().chain(y).any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let rows = x.len().min(y.len());
    // Adding zero makes both zeros one value.
    let mut pairs: Vec<(f64, f64)> = x.iter().zip(y).map(|(x, y)| (x + 0.0, y + 0.0)).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let ties_x = tied_pairs(&pairs, |a, b| a.0 == b.0);
    let ties_both = tied_pairs(&pairs, |a, b| a == b);
    let mut order: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let exchanges = sort_counting(&mut order);
    let ties_y = tied_pairs(&order, |a, b| a == b);
    let all = rows as f64 * (rows as f64 - 1.0) / 2.0;
    let agreement = all - ties_x - ties_y + ties_both - 2.0 * exchanges as f64;
    (agreement / ((all - ties_x) * (all - ties_y)).sqrt()).clamp(-1.0, 1.0)
}

/// Pairs within runs of neighbours that are equal.
fn tied_pairs<T>(sorted: &[T], equal: impl Fn(&T, &T) -> bool) -> f64 {
    sorted.chunk_by(equal).map(|run| run.len() as f64 * (run.len() as f64 - 1.0) / 2.0).sum()
}

/// Sorts by merging; how many pairs of neighbours a bubble sort would have exchanged.
fn sort_counting(values: &mut Vec<f64>) -> u64 {
    /// Runs this short are sorted by insertion.
    const SHORT: usize = 8;
    let rows = values.len();
    let mut exchanges = 0_u64;
    for run in values.chunks_mut(SHORT) {
        for end in 1..run.len() {
            let value = run[end];
            let mut place = end;
            while place > 0 && run[place - 1] > value {
                run[place] = run[place - 1];
                place -= 1;
            }
            run[place] = value;
            exchanges += (end - place) as u64;
        }
    }
    let mut merged = vec![0.0; rows];
    let mut width = SHORT;
    while width < rows {
        for (from, to) in values.chunks(2 * width).zip(merged.chunks_mut(2 * width)) {
            let (left, right) = from.split_at(width.min(from.len()));
            let (mut i, mut j) = (0, 0);
            for slot in to.iter_mut() {
                // Without a branch that depends on the data.
                let take_right = j < right.len() && (i >= left.len() || right[j] < left[i]);
                if take_right {
                    exchanges += (left.len() - i) as u64;
                    *slot = right[j];
                    j += 1;
                } else {
                    *slot = left[i];
                    i += 1;
                }
            }
        }
        std::mem::swap(values, &mut merged);
        width *= 2;
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_definition(x: &[f64], y: &[f64]) -> f64 {
        let sign = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).signum() };
        let (mut agreement, mut x_differs, mut y_differs) = (0.0, 0.0, 0.0);
        for i in 0..x.len() {
            for j in 0..i {
                let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
                agreement += a * b;
                x_differs += a * a;
                y_differs += b * b;
            }
        }
        agreement / f64::sqrt(x_differs * y_differs)
    }

    proptest! {
        #[test]
        fn is_what_its_definition_says(pairs in prop::collection::vec((0..12_i32, 0..15_i32), 2..90)) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).unzip();
            let (found, expected) = (kendall_tau(&x, &y), by_definition(&x, &y));
            prop_assert!(found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
}
