//! Volatility that clusters.

/// Daily variance by GARCH(1,1):
///
/// ```text
/// h[t+1] = ω + α r[t]² + β h[t],   ω = (1 − α − β) σ²
/// ```
/// with `σ` the long-run daily volatility (a fraction of price). `h` is kept below 16 σ², because heavy-tailed innovations
/// would otherwise once in a long while make a market that no test can be read against.
#[derive(Debug, Clone)]
pub(super) struct DailyVolatility {
    long_run: f64,
    variance: f64,
}

const ALPHA: f64 = 0.10;
const BETA: f64 = 0.86;
const CEILING: f64 = 16.0;

impl DailyVolatility {
    /// At its long-run level `sigma`.
    pub(super) fn new(sigma: f64) -> Self {
        Self { long_run: sigma * sigma, variance: sigma * sigma }
    }

    /// Today's volatility.
    pub(super) fn sigma(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Today's volatility over the long-run one.
    pub(super) fn ratio(&self) -> f64 {
        (self.variance / self.long_run).sqrt()
    }

    /// Takes today's return in; `sigma` is then tomorrow's.
    pub(super) fn observe(&mut self, log_return: f64) {
        let next = (1.0 - ALPHA - BETA) * self.long_run + ALPHA * log_return * log_return + BETA * self.variance;
        self.variance = next.min(CEILING * self.long_run);
    }

    /// Keeps today from being wilder than an ordinary day.
    pub(super) fn calm(&mut self) {
        self.variance = self.variance.min(self.long_run);
    }
}
