//! One price for a bar, by TA-Lib's definitions; in USD, without look-back.

use super::engine::{kernels, outputs};

outputs! {
    /// Heikin-Ashi bars, in USD.
    HeikinAshi {
        /// Open.
        open,
        /// High.
        high,
        /// Low.
        low,
        /// Close.
        close,
    }
}

kernels! {
    /// `(open + high + low + close) / 4`.
    average_price = AVGPRICE(open, high, low, close) -> Vec<f64>;
    /// `(high + low) / 2`.
    median_price = MEDPRICE(high, low) -> Vec<f64>;
    /// `(high + low + close) / 3`.
    typical_price = TYPPRICE(high, low, close) -> Vec<f64>;
    /// `(high + low + 2 close) / 4`.
    weighted_close = WCLPRICE(high, low, close) -> Vec<f64>;
    /// Heikin-Ashi bars.
    /// ```text
    /// close' = (open + high + low + close)/4,   open'_t = (open'_{t−1} + close'_{t−1})/2,
    /// high' = max(high, open', close'),   low' = min(low, open', close')
    /// ```
    heikin_ashi = HA(open, high, low, close) -> HeikinAshi;
}
