//! Averages and bands that follow a price, by TA-Lib's definitions.
//!
//! Values are in the unit of the input. `x` is any series, most often the close. See the [module](super) for warm-up,
//! undefined input and parameters outside their range.

use super::engine::{Parameter, kernels, outputs};

/// Kind of moving average, where an indicator lets one choose: TA-Lib's `matype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Average {
    /// [`sma`].
    Simple = 0,
    /// [`ema`].
    Exponential = 1,
    /// [`wma`].
    Weighted = 2,
    /// [`dema`].
    DoubleExponential = 3,
    /// [`tema`].
    TripleExponential = 4,
    /// [`trima`].
    Triangular = 5,
    /// [`kama`].
    Adaptive = 6,
    /// [`t3`] with a volume factor of 0.7.
    T3 = 8,
    /// [`hma`].
    Hull = 9,
    /// [`zlema`].
    ZeroLag = 12,
    /// [`rma`].
    Wilder = 13,
}

impl From<Average> for Parameter {
    fn from(value: Average) -> Self {
        Self::Integer(value as i32)
    }
}

outputs! {
    /// A line with a band on either side, in the unit of the input.
    Bands {
        /// Upper band.
        upper,
        /// The line between.
        middle,
        /// Lower band.
        lower,
    }
    /// MESA adaptive average and the slower one that follows it.
    Mama {
        /// MESA adaptive moving average.
        mama,
        /// Following adaptive moving average.
        fama,
    }
}

kernels! {
    /// Simple moving average, `period` ≥ 1. Look-back `period − 1`.
    /// ```text
    /// SMA_t = (x_{t−n+1} + … + x_t) / n
    /// ```
    /// ```
    /// let average = bellwether::indicators::trend::sma(&[1.0, 2.0, 3.0, 4.0], 3);
    /// assert!(average[1].is_nan());
    /// assert_eq!(average[2..], [2.0, 3.0]);
    /// ```
    sma = SMA(x; period: usize) -> Vec<f64>;
    /// Exponential moving average, seeded with the mean of the first `period` values. Look-back `period − 1`.
    /// ```text
    /// EMA_t = EMA_{t−1} + 2/(n+1) · (x_t − EMA_{t−1})
    /// ```
    ema = EMA(x; period: usize) -> Vec<f64>;
    /// Linearly weighted moving average: the newest value weighs n, the oldest 1. Look-back `period − 1`.
    /// ```text
    /// WMA_t = Σ_{i=1..n} i · x_{t−n+i} / (n(n+1)/2)
    /// ```
    wma = WMA(x; period: usize) -> Vec<f64>;
    /// Double exponential moving average (Mulloy, 1994). Look-back `2(period − 1)`.
    /// ```text
    /// DEMA = 2 EMA(x) − EMA(EMA(x))
    /// ```
    dema = DEMA(x; period: usize) -> Vec<f64>;
    /// Triple exponential moving average (Mulloy, 1994). Look-back `3(period − 1)`.
    /// ```text
    /// TEMA = 3 EMA(x) − 3 EMA²(x) + EMA³(x)
    /// ```
    tema = TEMA(x; period: usize) -> Vec<f64>;
    /// Triangular moving average: a simple average of a simple average. Look-back `period − 1`.
    /// ```text
    /// TRIMA_n = SMA_a(SMA_b(x)),   a + b = n + 1,   a = ⌊n/2⌋ + 1 for even n, (n+1)/2 for odd n
    /// ```
    trima = TRIMA(x; period: usize) -> Vec<f64>;
    /// Adaptive moving average (Kaufman, *Smarter Trading*, 1995). Look-back `period`.
    /// ```text
    /// E = |x_t − x_{t−n}| / Σ |x_i − x_{i−1}|,   c = (E(2/3 − 2/31) + 2/31)²,   K_t = K_{t−1} + c (x_t − K_{t−1})
    /// ```
    kama = KAMA(x; period: usize) -> Vec<f64>;
    /// MESA adaptive moving average (Ehlers, 2001), limits 0.01 to 0.99. Look-back 32.
    mama = MAMA(x; fast_limit: f64, slow_limit: f64) -> Mama;
    /// T3 (Tillson, 1998): six exponential averages combined with a volume factor in 0..=1. Look-back `6(period − 1)`.
    /// ```text
    /// GD = (1 + v) EMA(x) − v EMA(EMA(x)),   T3 = GD(GD(GD(x)))
    /// ```
    t3 = T3(x; period: usize, volume_factor: f64) -> Vec<f64>;
    /// Hull moving average (Hull, 2005).
    /// ```text
    /// HMA = WMA_√n(2 WMA_{n/2}(x) − WMA_n(x))
    /// ```
    hma = HMA(x; period: usize) -> Vec<f64>;
    /// Wilder's running average: an exponential one with weight 1/n, seeded with the first mean. Look-back `period − 1`.
    /// ```text
    /// RMA_t = ((n − 1) RMA_{t−1} + x_t) / n
    /// ```
    rma = RMA(x; period: usize) -> Vec<f64>;
    /// Zero-lag exponential moving average (Ehlers and Way, 2010).
    /// ```text
    /// ZLEMA = EMA(2 x_t − x_{t−k}),   k = ⌊(n − 1)/2⌋
    /// ```
    zlema = ZLEMA(x; period: usize) -> Vec<f64>;
    /// Moving average of the kind asked for.
    moving_average = MA(x; period: usize, kind: Average) -> Vec<f64>;
    /// Simple moving average weighted by volume. Look-back `period − 1`; NaN or infinite where no volume traded.
    /// ```text
    /// VWMA_t = Σ x v / Σ v over n bars
    /// ```
    vwma = VWMA(x, volume; period: usize) -> Vec<f64>;
    /// Hilbert-transform instantaneous trend line (Ehlers, *Rocket Science for Traders*, 2001). Look-back 63.
    ht_trendline = HT_TRENDLINE(x) -> Vec<f64>;
    /// Bollinger bands (Bollinger, 1980s): standard deviation over n, not n − 1. Look-back that of the average.
    /// ```text
    /// middle = MA_n(x),   upper = middle + up · σ_n,   lower = middle − down · σ_n
    /// ```
    bollinger_bands = BBANDS(x; period: usize, up: f64, down: f64, kind: Average) -> Bands;
    /// Acceleration bands (Headley, *Big Trends*, 2002). Look-back `period − 1`.
    /// ```text
    /// upper = SMA(high (1 + 4 (high − low)/(high + low))),   middle = SMA(close),   lower = SMA(low (1 − 4 (high − low)/(high + low)))
    /// ```
    acceleration_bands = ACCBANDS(high, low, close; period: usize) -> Bands;
    /// TA-Lib's Keltner channel, around the average of the *typical* price; [`keltner`](super::channels::keltner) is around the close.
    /// ```text
    /// middle = EMA_n((high + low + close)/3),   upper, lower = middle ± k · ATR_m
    /// ```
    keltner_typical = KC(high, low, close; period: usize, atr_period: usize, multiplier: f64) -> Bands;
    /// Middle of the highest and lowest value of the last `period`. Look-back `period − 1`.
    midpoint = MIDPOINT(x; period: usize) -> Vec<f64>;
    /// Middle of the highest high and lowest low of the last `period` bars. Look-back `period − 1`.
    midprice = MIDPRICE(high, low; period: usize) -> Vec<f64>;
    /// Parabolic stop and reverse (Wilder, 1978), in USD. Look-back 1.
    parabolic_sar = SAR(high, low; acceleration: f64, maximum: f64) -> Vec<f64>;
}
