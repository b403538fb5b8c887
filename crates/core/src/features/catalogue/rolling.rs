//! Windows over a column that the indicators do not have.

/// `of` applied to the last `n` values at each row; NaN before there are so many, and where one of them is NaN.
pub(super) fn rolling(x: &[f64], n: usize, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    if n == 0 {
        return out;
    }
    // Rows since the last NaN.
    let mut known = 0;
    for (row, value) in out.iter_mut().enumerate() {
        known = if x[row].is_nan() { 0 } else { known + 1 };
        if known >= n {
            *value = of(&x[row + 1 - n..=row]);
        }
    }
    out
}

/// The same over two columns.
pub(super) fn rolling_pair(x: &[f64], y: &[f64], n: usize, of: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    let mut known = 0;
    for (row, value) in out.iter_mut().enumerate() {
        known = if x[row].is_nan() || y[row].is_nan() { 0 } else { known + 1 };
        if n > 0 && known >= n {
            *value = of(&x[row + 1 - n..=row], &y[row + 1 - n..=row]);
        }
    }
    out
}

/// Arithmetic mean.
pub(super) fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// Sum of products of deviations from the means.
fn co_moment(x: &[f64], y: &[f64]) -> f64 {
    let (of_x, of_y) = (mean(x), mean(y));
    x.iter().zip(y).map(|(x, y)| (x - of_x) * (y - of_y)).sum()
}

/// Sample standard deviation (n − 1).
pub(super) fn deviation(x: &[f64]) -> f64 {
    (co_moment(x, x) / (x.len() as f64 - 1.0)).sqrt()
}

/// Slope of `y` on `x` by least squares; NaN where `x` does not move.
pub(super) fn slope(y: &[f64], x: &[f64]) -> f64 {
    ratio(co_moment(x, y), co_moment(x, x))
}

/// Pearson's correlation; NaN where either does not move.
pub(super) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    ratio(co_moment(x, y), (co_moment(x, x) * co_moment(y, y)).sqrt()).clamp(-1.0, 1.0)
}

/// Third standardised moment, of the population; NaN where nothing moves.
pub(super) fn skewness(x: &[f64]) -> f64 {
    let (second, third) = (moment(x, 2), moment(x, 3));
    ratio(third, second.powf(1.5))
}

/// Fourth standardised moment less 3, of the population; NaN where nothing moves.
pub(super) fn excess_kurtosis(x: &[f64]) -> f64 {
    let second = moment(x, 2);
    ratio(moment(x, 4), second * second) - 3.0
}

fn moment(x: &[f64], power: i32) -> f64 {
    let mean = mean(x);
    x.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / x.len() as f64
}

/// A quotient that is undefined over nothing.
pub(super) fn ratio(over: f64, under: f64) -> f64 {
    if under.abs() > 0.0 { over / under } else { f64::NAN }
}

/// The values of the row before.
pub(super) fn before(x: &[f64]) -> Vec<f64> {
    std::iter::once(f64::NAN).chain(x.iter().copied()).take(x.len()).collect()
}

/// Row by row.
pub(super) fn each(x: &[f64], y: &[f64], of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| of(*x, *y)).collect()
}

/// 100 (x / y − 1).
pub(super) fn percent_off(x: &[f64], y: &[f64]) -> Vec<f64> {
    each(x, y, |x, y| 100.0 * (ratio(x, y) - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_when_full_and_again_after_a_gap() {
        let x = [1.0, 2.0, f64::NAN, 4.0, 6.0, 9.0];
        let means = rolling(&x, 2, mean);
        assert!(means[0].is_nan() && means[2].is_nan() && means[3].is_nan());
        assert_eq!((means[1], means[4], means[5]), (1.5, 5.0, 7.5));
        assert!(rolling(&x, 0, mean).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn moments_of_known_samples() {
        let x = [1.0, 2.0, 3.0, 4.0, 10.0];
        assert!((deviation(&x) - 3.535_533_905_932_737_6).abs() < 1e-12);
        assert!((skewness(&x) - 1.138_419_957_660_675_7).abs() < 1e-9);
        assert!((excess_kurtosis(&x) - -0.212).abs() < 1e-9);
        let y = [2.0, 4.0, 6.0, 8.0, 20.0];
        assert!((slope(&y, &x) - 2.0).abs() < 1e-12 && (correlation(&x, &y) - 1.0).abs() < 1e-12);
        assert!(slope(&y, &[3.0; 5]).is_nan() && skewness(&[2.0; 4]).is_nan());
    }
}
