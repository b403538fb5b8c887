//! Rolling statistics, by TA-Lib's definitions.
//!
//! See the [module](super) for warm-up, undefined input and parameters outside their range.

use super::engine::{kernels, outputs};

outputs! {
    /// Lowest and highest value, in the unit of the input.
    Extremes {
        /// Lowest.
        min,
        /// Highest.
        max,
    }
}

kernels! {
    /// Standard deviation over n (not n − 1), times `multiple`. Look-back `period − 1`.
    standard_deviation = STDDEV(x; period: usize, multiple: f64) -> Vec<f64>;
    /// Variance over n (not n − 1). TA-Lib ignores `multiple` here. Look-back `period − 1`.
    variance = VAR(x; period: usize, multiple: f64) -> Vec<f64>;
    /// Mean absolute deviation from the mean. Look-back `period − 1`.
    average_deviation = AVGDEV(x; period: usize) -> Vec<f64>;
    /// Slope of the relative changes of `y` regressed on those of `x`. Look-back `period`.
    beta = BETA(x, y; period: usize) -> Vec<f64>;
    /// Pearson correlation of two series, −1 to 1. Look-back `period − 1`.
    correlation = CORREL(x, y; period: usize) -> Vec<f64>;
    /// End point of the least-squares line through the last `period` values. Look-back `period − 1`.
    linear_regression = LINEARREG(x; period: usize) -> Vec<f64>;
    /// Slope of the least-squares line, in units per bar. Look-back `period − 1`.
    linear_regression_slope = LINEARREG_SLOPE(x; period: usize) -> Vec<f64>;
    /// Slope of the least-squares line as an angle, degrees. Look-back `period − 1`.
    linear_regression_angle = LINEARREG_ANGLE(x; period: usize) -> Vec<f64>;
    /// Value of the least-squares line at the oldest bar of the window. Look-back `period − 1`.
    linear_regression_intercept = LINEARREG_INTERCEPT(x; period: usize) -> Vec<f64>;
    /// The least-squares line continued by one bar. Look-back `period − 1`.
    time_series_forecast = TSF(x; period: usize) -> Vec<f64>;
    /// Percentile (0 to 100) of the last `period` values. Look-back `period − 1`.
    percentile = PERCENTILE(x; period: usize, percentile: f64) -> Vec<f64>;
    /// Percent of the `period` values before that lie below the newest, 0 to 100. Look-back `period`.
    percent_rank = PERCENTRANK(x; period: usize) -> Vec<f64>;
    /// Highest of the last `period` values. Look-back `period − 1`.
    max = MAX(x; period: usize) -> Vec<f64>;
    /// Lowest of the last `period` values. Look-back `period − 1`.
    min = MIN(x; period: usize) -> Vec<f64>;
    /// Lowest and highest of the last `period` values. Look-back `period − 1`.
    min_max = MINMAX(x; period: usize) -> Extremes;
    /// Row of the highest of the last `period` values; 0 in the look-back of `period − 1`.
    max_index = MAXINDEX(x; period: usize) -> Vec<i32>;
    /// Row of the lowest of the last `period` values; 0 in the look-back of `period − 1`.
    min_index = MININDEX(x; period: usize) -> Vec<i32>;
    /// Rows of the lowest and of the highest of the last `period` values; 0 in the look-back of `period − 1`.
    min_max_index = MINMAXINDEX(x; period: usize) -> (Vec<i32>, Vec<i32>);
    /// Sum of the last `period` values. Look-back `period − 1`.
    sum = SUM(x; period: usize) -> Vec<f64>;
}
