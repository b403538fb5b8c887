//! What depends on the day and the time of day of each bar: session VWAP, relative volume, realised and bipower variation.
//!
//! Every function takes `day`, any number that is the same for the bars of one session and for no others, and where it
//! needs it `minute`, the minute of the day at which the bar starts; [`SessionTimes`] gives both. Rows are in time order.
//! A row is computed from its session so far and from earlier sessions.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::market::new_york;

const MICROS_A_MINUTE: i64 = 60_000_000;
const MINUTES_A_DAY: i64 = 1_440;

/// Exchange-local day and minute of the day of each bar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionTimes {
    /// Days since 1970-01-01, local.
    pub day: Vec<i32>,
    /// Minutes since local midnight.
    pub minute: Vec<u16>,
}

impl SessionTimes {
    /// Of instants, in microseconds since the epoch: New York days and minutes, daylight saving included.
    pub fn new_york(open_at: &[i64]) -> Self {
        let zone = new_york();
        let mut known: Option<(i64, i64)> = None;
        let local = open_at.iter().map(|&at| {
            // Offsets change at full hours only.
            let hour = at.div_euclid(60 * MICROS_A_MINUTE);
            let offset = match known {
                Some((of, offset)) if of == hour => offset,
                _ => Timestamp::from_microsecond(at).map_or(0, |at| i64::from(zone.to_offset(at).seconds())) * 1_000_000,
            };
            known = Some((hour, offset));
            at + offset
        });
        Self::split(local)
    }

    /// Of times that are local already, in microseconds since 1970-01-01 00:00 local.
    pub fn local(times: &[i64]) -> Self {
        Self::split(times.iter().copied())
    }

    /// Some of the rows.
    pub(super) fn rows(&self, rows: std::ops::Range<usize>) -> Self {
        Self { day: self.day[rows.clone()].to_vec(), minute: self.minute[rows].to_vec() }
    }

    fn split(local: impl Iterator<Item = i64>) -> Self {
        let split = |at: i64| {
            let minutes = at.div_euclid(MICROS_A_MINUTE);
            let day = i32::try_from(minutes.div_euclid(MINUTES_A_DAY)).unwrap_or(i32::MIN);
            (day, u16::try_from(minutes.rem_euclid(MINUTES_A_DAY)).unwrap_or(0))
        };
        let (day, minute) = local.map(split).unzip();
        Self { day, minute }
    }
}

/// Running sum of `x` within each session.
fn cumulative(x: impl Iterator<Item = f64>, day: &[i32]) -> Vec<f64> {
    let mut sum = 0.0;
    x.enumerate()
        .map(|(t, value)| {
            if t > 0 && day[t] != day[t - 1] {
                sum = 0.0;
            }
            sum += value;
            sum
        })
        .collect()
}

/// Volume-weighted average `price` of the session so far, in USD; NaN until something has traded in it.
/// ```text
/// VWAP_t = Σ p_i v_i / Σ v_i   over the bars of the session up to t
/// ```
///
/// ```
/// use bellwether::indicators::session::vwap;
/// assert_eq!(vwap(&[10.0, 20.0, 7.0], &[3.0, 1.0, 5.0], &[0, 0, 1]), [10.0, 12.5, 7.0]);
/// ```
pub fn vwap(price: &[f64], volume: &[f64], day: &[i32]) -> Vec<f64> {
    let traded = cumulative(price.iter().zip(volume).map(|(p, v)| p * v), day);
    let volume = cumulative(volume.iter().copied(), day);
    traded.iter().zip(&volume).map(|(pv, v)| pv / v).collect()
}

/// `x` over the mean of `x` at the same minute in all earlier sessions that have a bar there.
fn over_earlier_sessions(x: &[f64], minute: &[u16]) -> Vec<f64> {
    let mut seen: HashMap<u16, (f64, f64)> = HashMap::new();
    x.iter()
        .zip(minute)
        .map(|(&value, &minute)| {
            let (sum, count) = seen.entry(minute).or_default();
            // 0 / 0 where no earlier session has this minute: undefined.
            let ratio = value / (*sum / *count);
            *sum += value;
            *count += 1.0;
            ratio
        })
        .collect()
}

/// Relative volume by time of day: the bar's volume over the mean volume of the same minute in all earlier sessions that
/// have a bar there. A ratio; NaN where there is none. It makes no allowance for half-days or thin history.
pub fn relative_volume(volume: &[f64], minute: &[u16]) -> Vec<f64> {
    over_earlier_sessions(volume, minute)
}

/// Cumulative relative volume by time of day: the session's volume so far over its mean at that minute in all earlier
/// sessions that have a bar there. A ratio; NaN where there is none.
pub fn cumulative_relative_volume(volume: &[f64], day: &[i32], minute: &[u16]) -> Vec<f64> {
    over_earlier_sessions(&cumulative(volume.iter().copied(), day), minute)
}

/// Variation of the session so far, squared log returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Realised {
    /// Number of returns.
    pub count: Vec<f64>,
    /// Realised variance.
    pub variance: Vec<f64>,
    /// Bipower variation, which jumps leave untouched; NaN with fewer than two returns.
    pub bipower: Vec<f64>,
}

/// Minute at which the regular session starts, from which the bins are counted.
const NINE_THIRTY: i32 = 570;

/// Realised variance and bipower variation of each session so far, from the last close in each bin of `step` minutes.
/// ```text
/// p_0 = ln(first open),   p_i = ln(last close of the i-th bin that has one),   r_i = p_i − p_{i−1}
/// RV = Σ r_i²,   BV = π/2 · n/(n − 1) · Σ |r_i| |r_{i−1}|
/// ```
/// Bins start at 09:30 and every `step` minutes; the current bin counts with its close so far, so a session's last row is
/// that of the whole session. NaN throughout when `step` is 0.
///
/// # References
/// O. Barndorff-Nielsen and N. Shephard, *Power and bipower variation with stochastic volatility and jumps*, Journal of
/// Financial Econometrics 2, 2004.
pub fn realised_variation(open: &[f64], close: &[f64], times: &SessionTimes, step: u16) -> Realised {
    let undefined = || vec![f64::NAN; close.len()];
    let mut out = Realised { count: undefined(), variance: undefined(), bipower: undefined() };
    if step == 0 {
        return out;
    }
    let bin_of = |t: usize| (i32::from(times.minute[t]) - NINE_THIRTY).div_euclid(i32::from(step));
    // Of the bins that are complete: sums, number, the newest return, the log price at its end.
    let (mut squares, mut products, mut count, mut newest, mut price) = (0.0, 0.0, 0.0, 0.0_f64, 0.0);
    for t in 0..close.len() {
        if t == 0 || times.day[t] != times.day[t - 1] {
            (squares, products, count, newest, price) = (0.0, 0.0, 0.0, 0.0, open[t].ln());
        } else if bin_of(t) != bin_of(t - 1) {
            let end = close[t - 1].ln();
            let change = end - price;
            squares += change * change;
            products += change.abs() * newest.abs();
            count += 1.0;
            (newest, price) = (change, end);
        }
        let change = close[t].ln() - price;
        let n = count + 1.0;
        out.count[t] = n;
        out.variance[t] = squares + change * change;
        if n >= 2.0 {
            let sum = products + change.abs() * newest.abs();
            out.bipower[t] = std::f64::consts::FRAC_PI_2 * n / (n - 1.0) * sum;
        }
    }
    out
}
