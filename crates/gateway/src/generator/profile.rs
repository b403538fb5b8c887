//! How a day's volume and variance are spread over its minutes.
//!
//! Minutes are counted from 04:00; the regular session begins at [`OPEN`]. The shapes were read off the minute bars of 99
//! large and mid caps in January 2025 (mean share of a day's volume, root mean square return of a minute).

use bellwether::market::TradingDay;

/// 09:30.
pub(super) const OPEN: usize = 330;
/// Shares of a day's variance: overnight jump, pre-market, regular session, post-market.
pub(super) const JUMP: f64 = 0.20;
const PRE_VARIANCE: f64 = 0.12;
pub(super) const REGULAR_VARIANCE: f64 = 0.62;
const POST_VARIANCE: f64 = 0.06;
/// Shares of a day's volume.
const PRE_VOLUME: f64 = 0.011;
const REGULAR_VOLUME: f64 = 0.832;
const AUCTION_VOLUME: f64 = 0.147;
const POST_VOLUME: f64 = 0.010;

/// Relative pre-market and post-market volume, by half hours.
const PRE_SHAPE: [f64; 11] = [6.4, 3.5, 3.1, 3.1, 3.4, 4.6, 8.4, 7.0, 20.0, 19.0, 29.0];
const POST_SHAPE: [f64; 8] = [61.0, 15.0, 7.8, 6.4, 3.0, 2.1, 1.8, 2.3];

/// The minutes of one session day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Profile {
    /// First minute after the regular session; its bar holds the closing auction.
    pub(super) close: usize,
    /// Expected share of the day's volume in each minute; sums to 1.
    pub(super) volume: Vec<f64>,
    /// Share of the day's variance in each minute; with [`JUMP`] it sums to 1.
    pub(super) variance: Vec<f64>,
    /// Share of the day's variance from 04:00 to each minute's start; one more than there are minutes.
    pub(super) variance_before: Vec<f64>,
}

impl Profile {
    pub(super) fn new(day: &TradingDay) -> Self {
        let minutes = |seconds: i64| usize::try_from(seconds / 60).unwrap_or(0);
        let close = minutes(day.close.as_second() - day.pre_open.as_second());
        let length = minutes(day.post_close.as_second() - day.pre_open.as_second());
        Self::with_minutes(close, length)
    }

    fn with_minutes(close: usize, length: usize) -> Self {
        let half_hour = |shape: &[f64], minute: usize| shape[(minute / 30).min(shape.len() - 1)];
        let mut volume: Vec<f64> = Vec::with_capacity(length);
        let mut variance: Vec<f64> = Vec::with_capacity(length);
        for minute in 0..length {
            if minute < OPEN {
                let shape = half_hour(&PRE_SHAPE, minute);
                volume.push(shape);
                variance.push(shape.sqrt());
            } else if minute < close {
                let (since, left) = ((minute - OPEN) as f64, (close - 1 - minute) as f64);
                let opening = if minute == OPEN { 1.9e-2 } else { 0.0 };
                let closing = if left == 0.0 { 1.5e-2 } else { 0.0 };
                volume.push(1.25e-3 + 2.6e-3 * (-since / 60.0).exp() + 1.0e-2 * (-left / 9.0).exp() + opening + closing);
                let sigma = 6.8 + 28.0 * (-since / 8.0).exp() + 10.0 * (-since / 50.0).exp() + 2.0 * (-left / 20.0).exp();
                variance.push(sigma * sigma);
            } else {
                let shape = half_hour(&POST_SHAPE, minute - close);
                volume.push(shape);
                // The auction prints at the last price: it has volume and no variance.
                variance.push(if minute == close { 0.0 } else { shape.sqrt() });
            }
        }
        for (part, shares, variances) in [
            (0..OPEN, PRE_VOLUME, PRE_VARIANCE),
            (OPEN..close, REGULAR_VOLUME, REGULAR_VARIANCE),
            (close..length, POST_VOLUME, POST_VARIANCE),
        ] {
            scale_to(&mut volume[part.clone()], shares);
            scale_to(&mut variance[part], variances);
        }
        volume[close] += AUCTION_VOLUME;
        let mut sum = 0.0;
        let variance_before = std::iter::once(0.0)
            .chain(variance.iter().map(|share| {
                sum += share;
                sum
            }))
            .collect();
        Self { close, volume, variance, variance_before }
    }

    /// Number of minutes from 04:00 to the end of the post-market.
    pub(super) fn len(&self) -> usize {
        self.volume.len()
    }
}

fn scale_to(values: &mut [f64], total: f64) {
    let sum: f64 = values.iter().sum();
    values.iter_mut().for_each(|value| *value *= total / sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_on_whole_and_half_days() {
        for (close, length) in [(720, 960), (540, 780)] {
            let profile = Profile::with_minutes(close, length);
            assert_eq!((profile.len(), profile.variance.len()), (length, length));
            assert!((profile.volume.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!((profile.variance.iter().sum::<f64>() + JUMP - 1.0).abs() < 1e-9);
            assert_eq!(profile.variance[close], 0.0);
        }
    }

    #[test]
    fn regular_volume_is_u_shaped() {
        let profile = Profile::with_minutes(720, 960);
        let mean = |from: usize, until: usize| profile.volume[from..until].iter().sum::<f64>() / (until - from) as f64;
        assert!(mean(330, 360) > 2.0 * mean(510, 540));
        assert!(mean(690, 720) > 2.0 * mean(510, 540));
        assert!(mean(0, 330) < 0.05 * mean(510, 540));
    }
}
