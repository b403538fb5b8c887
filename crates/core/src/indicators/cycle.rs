//! Cycles by the Hilbert transform (Ehlers, *Rocket Science for Traders*, 2001), as TA-Lib computes them.
//!
//! See the [module](super) for warm-up and undefined input.

use super::engine::{kernels, outputs};

outputs! {
    /// In-phase and quadrature component, in the unit of the input.
    Phasor {
        /// In-phase component.
        in_phase,
        /// Quadrature component.
        quadrature,
    }
    /// Sine of the dominant cycle's phase, −1 to 1.
    SineWave {
        /// Sine of the phase.
        sine,
        /// Sine of the phase 45° ahead.
        lead,
    }
}

kernels! {
    /// Period of the dominant cycle, in bars. Look-back 32.
    dominant_period = HT_DCPERIOD(x) -> Vec<f64>;
    /// Phase of the dominant cycle, degrees. Look-back 63.
    dominant_phase = HT_DCPHASE(x) -> Vec<f64>;
    /// Components of the analytic signal. Look-back 32.
    phasor = HT_PHASOR(x) -> Phasor;
    /// Sine and leading sine of the dominant cycle. Look-back 63.
    sine_wave = HT_SINE(x) -> SineWave;
    /// 1 in a trend, 0 in a cycle, and 0 in the look-back of 63.
    trend_mode = HT_TRENDMODE(x) -> Vec<i32>;
}
