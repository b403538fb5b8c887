//! Relative strength index.

/// Wilder's relative strength index of `close` over `period` bars, 0 to 100.
///
/// ```text
/// gain_t = max(close_t − close_{t−1}, 0),   loss_t = max(close_{t−1} − close_t, 0)
/// G_p, L_p = mean of the first p gains, losses;   G_t = ((p − 1) G_{t−1} + gain_t) / p, likewise L_t
/// RSI_t = 100 · G_t / (G_t + L_t),   0 when G_t + L_t = 0 (no price has moved)
/// ```
/// The first `period` values are NaN, and all of them when there are no more than `period` bars or `period` is 0.
///
/// # References
/// J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978; the definition of TA-Lib's `RSI`, flat prices included.
///
/// ```
/// use bellwether::indicators::relative_strength_index;
/// let rsi = relative_strength_index(&[1.0, 2.0, 3.0, 2.0], 2);
/// assert!(rsi[1].is_nan());
/// assert_eq!(rsi[2], 100.0);
/// assert_eq!(rsi[3], 50.0);
/// ```
pub fn relative_strength_index(close: &[f64], period: usize) -> Vec<f64> {
    let mut out = vec![f64::NAN; close.len()];
    if period == 0 || close.len() <= period {
        return out;
    }
    let p = period as f64;
    let (mut gain, mut loss) = (0.0, 0.0);
    for t in 1..close.len() {
        let change = close[t] - close[t - 1];
        let (up, down) = (change.max(0.0), (-change).max(0.0));
        if t <= period {
            gain += up / p;
            loss += down / p;
        } else {
            gain = (gain * (p - 1.0) + up) / p;
            loss = (loss * (p - 1.0) + down) / p;
        }
        if t >= period {
            let moved = gain + loss;
            out[t] = if moved == 0.0 { 0.0 } else { 100.0 * gain / moved };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bounded_scale_free_and_blind_to_the_future(
            close in prop::collection::vec(1.0_f64..500.0, 16..120), factor in 0.1_f64..50.0, cut in 15_usize..120,
        ) {
            let whole = relative_strength_index(&close, 14);
            let scaled: Vec<f64> = close.iter().map(|x| x * factor).collect();
            let scaled = relative_strength_index(&scaled, 14);
            let cut = cut.min(close.len());
            let prefix = relative_strength_index(&close[..cut], 14);
            for t in 0..close.len() {
                prop_assert_eq!(whole[t].is_nan(), t < 14);
                if t >= 14 {
                    prop_assert!((0.0..=100.0).contains(&whole[t]));
                    prop_assert!((whole[t] - scaled[t]).abs() < 1e-8);
                }
                if t < cut {
                    prop_assert_eq!(whole[t].to_bits(), prefix[t].to_bits());
                }
            }
        }

        #[test]
        fn falls_when_the_price_falls(mut close in prop::collection::vec(50.0_f64..60.0, 20..60)) {
            let before = *relative_strength_index(&close, 14).last().unwrap();
            close.push(close.last().unwrap() - 1.0);
            let after = *relative_strength_index(&close, 14).last().unwrap();
            prop_assert!(after < before || before == 0.0);
        }
    }

    #[test]
    fn too_short_is_all_undefined() {
        assert!(relative_strength_index(&[1.0; 14], 14).iter().all(|x| x.is_nan()));
        assert!(relative_strength_index(&[1.0; 14], 0).iter().all(|x| x.is_nan()));
    }
}
