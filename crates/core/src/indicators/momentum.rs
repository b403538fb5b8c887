//! Momentum and oscillators, by TA-Lib's definitions.
//!
//! `x` is any series, most often the close. See the [module](super) for warm-up, undefined input and parameters outside
//! their range. Wilder's indicators are of *New Concepts in Technical Trading Systems*, 1978.

use super::{
    engine::{Outputs, kernels, outputs},
    trend::Average,
};
use ta_lib::abstract_api::FuncId;

outputs! {
    /// Moving average convergence and divergence, in the unit of the input.
    Macd {
        /// Fast less slow average.
        macd,
        /// Exponential average of `macd`.
        signal,
        /// `macd − signal`.
        histogram,
    }
    /// Stochastic oscillator, 0 to 100.
    Stochastic {
        /// Place of the close in the range.
        k,
        /// Average of `k`.
        d,
    }
    /// Aroon, 0 to 100: how lately the extremes were.
    Aroon {
        /// 100 when the lowest low is now, 0 when it was `period` bars ago.
        down,
        /// 100 when the highest high is now, 0 when it was `period` bars ago.
        up,
    }
    /// Vortex indicator, ratios near 1.
    Vortex {
        /// Upward movement over true range.
        plus,
        /// Downward movement over true range.
        minus,
    }
    /// Elder-ray, in USD.
    ElderRay {
        /// High less the average of the close.
        bull,
        /// Low less the average of the close.
        bear,
    }
}

kernels! {
    /// Wilder's relative strength index, 0 to 100; 0 while no price has moved. Look-back `period`, at least 2.
    /// ```text
    /// RSI = 100 G / (G + L),   G, L = Wilder's averages of gains and of losses
    /// ```
    rsi = RSI(x; period: usize) -> Vec<f64>;
    /// Chande momentum oscillator on Wilder's averages, −100 to 100. Look-back `period`.
    /// ```text
    /// CMO = 100 (G − L) / (G + L)
    /// ```
    cmo = CMO(x; period: usize) -> Vec<f64>;
    /// Chande momentum oscillator on plain sums, as Chande (1994) wrote it. Look-back `period`.
    cmo_unsmoothed = CMOU(x; period: usize) -> Vec<f64>;
    /// Moving average convergence and divergence (Appel, 1979). Look-back `slow + signal − 2`.
    /// ```text
    /// macd = EMA_fast(x) − EMA_slow(x),   signal = EMA_signal(macd),   histogram = macd − signal
    /// ```
    /// Both averages start at the same bar, the fast one from the mean of the values that end there.
    macd = MACD(x; fast: usize, slow: usize, signal: usize) -> Macd;
    /// Absolute price oscillator: fast less slow average. Look-back that of the slow one.
    apo = APO(x; fast: usize, slow: usize, kind: Average) -> Vec<f64>;
    /// Percentage price oscillator: `100 (fast − slow) / slow`. Look-back that of the slow average.
    ppo = PPO(x; fast: usize, slow: usize, kind: Average) -> Vec<f64>;
    /// Difference to the value `period` bars ago. Look-back `period`.
    mom = MOM(x; period: usize) -> Vec<f64>;
    /// Rate of change, percent: `100 (x_t / x_{t−n} − 1)`. Look-back `period`.
    roc = ROC(x; period: usize) -> Vec<f64>;
    /// Rate of change as a fraction: `x_t / x_{t−n} − 1`. Look-back `period`.
    rocp = ROCP(x; period: usize) -> Vec<f64>;
    /// Ratio to the value `period` bars ago. Look-back `period`.
    rocr = ROCR(x; period: usize) -> Vec<f64>;
    /// Rate of change of a triple exponential average, percent. Look-back `3(period − 1) + 1`.
    trix = TRIX(x; period: usize) -> Vec<f64>;
    /// True strength index (Blau, 1991): doubly smoothed change over doubly smoothed absolute change, −100 to 100.
    tsi = TSI(x; first: usize, second: usize) -> Vec<f64>;
    /// Detrended price oscillator: the price against a displaced average, without rows of the future. Look-back `period − 1`.
    dpo = DPO(x; period: usize) -> Vec<f64>;
    /// Kaufman's efficiency ratio, 0 to 1: `|x_t − x_{t−n}| / Σ |x_i − x_{i−1}|`. Look-back `period`.
    efficiency_ratio = ER(x; period: usize) -> Vec<f64>;
    /// Vertical horizontal filter (White, 1991): range of the closes over the way they went. Look-back `period`.
    vhf = VHF(x; period: usize) -> Vec<f64>;
    /// Coppock curve (1962): weighted average of the sum of two rates of change, percent.
    coppock = COPPOCK(x; average: usize, first: usize, second: usize) -> Vec<f64>;
    /// Forecast oscillator: percent by which the close differs from the linear forecast for it. Look-back `period`.
    forecast_oscillator = FOSC(x; period: usize) -> Vec<f64>;
    /// Average directional movement index (Wilder), 0 to 100. Look-back `2 period − 1`.
    adx = ADX(high, low, close; period: usize) -> Vec<f64>;
    /// Mean of ADX now and `period − 1` bars ago. Look-back `3 period − 2`.
    adxr = ADXR(high, low, close; period: usize) -> Vec<f64>;
    /// Directional movement index (Wilder), 0 to 100: `100 |DI⁺ − DI⁻| / (DI⁺ + DI⁻)`. Look-back `period`.
    dx = DX(high, low, close; period: usize) -> Vec<f64>;
    /// Wilder's DI⁺, 0 to 100. Look-back `period`.
    plus_di = PLUS_DI(high, low, close; period: usize) -> Vec<f64>;
    /// Wilder's DI⁻, 0 to 100. Look-back `period`.
    minus_di = MINUS_DI(high, low, close; period: usize) -> Vec<f64>;
    /// Wilder's smoothed DM⁺, in USD. Look-back `period − 1`.
    plus_dm = PLUS_DM(high, low; period: usize) -> Vec<f64>;
    /// Wilder's smoothed DM⁻, in USD. Look-back `period − 1`.
    minus_dm = MINUS_DM(high, low; period: usize) -> Vec<f64>;
    /// Aroon (Chande, 1995). Look-back `period`.
    /// ```text
    /// up = 100 (n − bars since the highest high of n + 1) / n,   down likewise of the lowest low
    /// ```
    aroon = AROON(high, low; period: usize) -> Aroon;
    /// Aroon up less Aroon down, −100 to 100. Look-back `period`.
    aroon_oscillator = AROONOSC(high, low; period: usize) -> Vec<f64>;
    /// Awesome oscillator (Williams): difference of two simple averages of the median price.
    awesome_oscillator = AO(high, low; fast: usize, slow: usize) -> Vec<f64>;
    /// Balance of power: `(close − open) / (high − low)`, 0 for a bar without range. No look-back.
    balance_of_power = BOP(open, high, low, close) -> Vec<f64>;
    /// Commodity channel index (Lambert, 1980). Look-back `period − 1`.
    /// ```text
    /// CCI = (p − SMA_n(p)) / (0.015 · mean |p − SMA_n(p)|),   p = (high + low + close)/3
    /// ```
    cci = CCI(high, low, close; period: usize) -> Vec<f64>;
    /// Williams %R, −100 to 0: `−100 (highest − close) / (highest − lowest)`. Look-back `period − 1`.
    williams_r = WILLR(high, low, close; period: usize) -> Vec<f64>;
    /// Ultimate oscillator (Williams, 1985), 0 to 100. Look-back the longest period.
    ultimate_oscillator = ULTOSC(high, low, close; first: usize, second: usize, third: usize) -> Vec<f64>;
    /// Money flow index, 0 to 100: relative strength of typical price times volume. Look-back `period`.
    mfi = MFI(high, low, close, volume; period: usize) -> Vec<f64>;
    /// Intraday momentum index (Chande), 0 to 100: relative strength of close less open. Look-back `period − 1`.
    intraday_momentum = IMI(open, close; period: usize) -> Vec<f64>;
    /// Average of close less open, in USD (Chande). Look-back `period − 1`.
    qstick = QSTICK(open, close; period: usize) -> Vec<f64>;
    /// Elder-ray (Elder, 1989): high and low against the exponential average of the close.
    elder_ray = ERI(high, low, close; period: usize) -> ElderRay;
    /// Vortex indicator (Botes and Siepman, 2010). Look-back `period`.
    /// ```text
    /// plus = Σ |high_t − low_{t−1}| / Σ TR,   minus = Σ |low_t − high_{t−1}| / Σ TR
    /// ```
    vortex = VORTEX(high, low, close; period: usize) -> Vortex;
}

/// Slow stochastic oscillator (Lane, 1950s) with simple averages.
/// ```text
/// fast = 100 (close − lowest_n) / (highest_n − lowest_n),   k = SMA_slow(fast),   d = SMA_signal(k)
/// ```
/// Look-back `period + slow + signal − 3`.
pub fn stochastic(high: &[f64], low: &[f64], close: &[f64], period: usize, slow: usize, signal: usize) -> Stochastic {
    let simple = Average::Simple;
    let parameters = [period.into(), slow.into(), simple.into(), signal.into(), simple.into()];
    Stochastic::of(FuncId::STOCH, &[high, low, close], &parameters)
}

/// Fast stochastic oscillator with a simple average: `k` unsmoothed, `d = SMA_signal(k)`. Look-back `period + signal − 2`.
pub fn stochastic_fast(high: &[f64], low: &[f64], close: &[f64], period: usize, signal: usize) -> Stochastic {
    let parameters = [period.into(), signal.into(), Average::Simple.into()];
    Stochastic::of(FuncId::STOCHF, &[high, low, close], &parameters)
}

/// Stochastic oscillator of the relative strength index (Chande and Kroll, 1994): where the index lies in its own range
/// over `range` bars, and the simple average of that over `signal`. Look-back `period + range + signal − 2`.
pub fn stochastic_rsi(x: &[f64], period: usize, range: usize, signal: usize) -> Stochastic {
    let parameters = [period.into(), range.into(), signal.into(), Average::Simple.into()];
    Stochastic::of(FuncId::STOCHRSI, &[x], &parameters)
}
