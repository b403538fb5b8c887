//! Exponential GARCH of any order: the logarithm of the variance is what recurs, so no parameter has a sign to keep.

use super::{Axis, Process, Recent, weighted_square};

/// EGARCH(p, o, q).
#[derive(Debug, Clone, Copy)]
pub(super) struct Egarch {
    pub(super) p: usize,
    pub(super) o: usize,
    pub(super) q: usize,
}

/// `E|z|` of a standard normal, whatever the distribution: so the peers define the model.
const MEAN_SIZE: f64 = 0.797_884_560_802_865_4;

/// Logarithms of variances beyond this, from the start value, are no variances any more.
const FAR: f64 = 600.0;

impl Egarch {
    fn alpha<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1..=self.p]
    }

    fn gamma<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1 + self.p..1 + self.p + self.o]
    }

    fn beta<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1 + self.p + self.o..]
    }

    /// The logarithm of the next variance; `z` and `log` give standardised residuals and logarithms of variances by lag.
    fn log_variance(&self, p: &[f64], back: f64, z: impl Fn(usize) -> Option<f64>, log: impl Fn(usize) -> Option<f64>) -> f64 {
        let mut sum = p[0];
        for (lag, alpha) in self.alpha(p).iter().enumerate() {
            sum += alpha * z(lag + 1).map_or(0.0, |z| z.abs() - MEAN_SIZE);
        }
        for (lag, gamma) in self.gamma(p).iter().enumerate() {
            sum += gamma * z(lag + 1).unwrap_or(0.0);
        }
        for (lag, beta) in self.beta(p).iter().enumerate() {
            sum += beta * log(lag + 1).unwrap_or(back);
        }
        sum
    }
}

impl Process for Egarch {
    fn names(&self) -> Vec<String> {
        super::Garch { p: self.p, o: self.o, q: self.q }.names()
    }

    fn past(&self, e: &[f64]) -> Vec<f64> {
        vec![weighted_square(e).ln()]
    }

    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64]) {
        let back = past[0];
        if (self.p, self.o, self.q) == (1, 1, 1) {
            let &[omega, alpha, gamma, beta] = p else { return };
            let (mut log, mut news) = (back, 0.0);
            let constant = omega - alpha * MEAN_SIZE;
            // Before the first observation there is no news: the constant of its size is given back.
            let mut first = alpha * MEAN_SIZE;
            for (e, s) in e.iter().zip(s) {
                log = (constant + first + news) + beta * log;
                first = 0.0;
                let half = (-0.5 * log).exp();
                let z = e * half;
                news = alpha * z.abs() + gamma * z;
                *s = if (log - back).abs() < FAR { 1.0 / (half * half) } else { f64::NAN };
            }
            return;
        }
        let mut logs = Vec::with_capacity(e.len());
        let mut zs: Vec<f64> = Vec::with_capacity(e.len());
        for t in 0..e.len() {
            let lagged = |values: &[f64], lag: usize| t.checked_sub(lag).map(|at| values[at]);
            let log = self.log_variance(p, back, |lag| lagged(&zs, lag), |lag| lagged(&logs, lag));
            s[t] = if (log - back).abs() < FAR { log.exp() } else { f64::NAN };
            logs.push(log);
            zs.push(e[t] / s[t].sqrt());
        }
    }

    fn pull_back(
        &self,
        p: &[f64],
        past: &[f64],
        (e, s): (&[f64], &[f64]),
        adjoint: &mut [f64],
        by_e: &mut [f64],
        by_p: &mut [f64],
    ) {
        let (back, n) = (past[0], e.len());
        let (alpha, gamma, beta) = (self.alpha(p), self.gamma(p), self.beta(p));
        let of_volatility: Vec<f64> = s.iter().map(|s| 1.0 / s.sqrt()).collect();
        // By the logarithm of each variance, from the last to the first.
        for t in (0..n).rev() {
            let z = e[t] * of_volatility[t];
            let mut by_z = 0.0;
            for (lag, alpha) in alpha.iter().enumerate().take_while(|(lag, _)| t + lag + 1 < n) {
                by_z += adjoint[t + lag + 1] * if z < 0.0 { -alpha } else { *alpha };
            }
            for (lag, gamma) in gamma.iter().enumerate().take_while(|(lag, _)| t + lag + 1 < n) {
                by_z += adjoint[t + lag + 1] * gamma;
            }
            let mut by_log = adjoint[t] * s[t] - 0.5 * by_z * z;
            for (lag, beta) in beta.iter().enumerate().take_while(|(lag, _)| t + lag + 1 < n) {
                by_log += adjoint[t + lag + 1] * beta;
            }
            adjoint[t] = by_log;
            by_e[t] += by_z * of_volatility[t];
        }
        by_p[0] = adjoint.iter().sum();
        for lag in 0..self.p {
            by_p[1 + lag] =
                (lag + 1..n).map(|t| adjoint[t] * ((e[t - lag - 1] * of_volatility[t - lag - 1]).abs() - MEAN_SIZE)).sum();
        }
        for lag in 0..self.o {
            by_p[1 + self.p + lag] = (lag + 1..n).map(|t| adjoint[t] * e[t - lag - 1] * of_volatility[t - lag - 1]).sum();
        }
        if self.q > 0 {
            let logs: Vec<f64> = s.iter().map(|s| s.ln()).collect();
            for lag in 0..self.q {
                let known = (lag + 1).min(n);
                by_p[1 + self.p + self.o + lag] =
                    super::dot(&adjoint[known..], &logs[..n - known]) + back * adjoint[..known].iter().sum::<f64>();
            }
        }
    }

    /// The level that the logarithm tends to less `ln v`, `α`, `γ`, and each `β`'s share of what those before it left of one.
    fn axes(&self) -> Vec<Axis> {
        let news = std::iter::repeat_n(Axis { lower: -5.0, upper: 5.0, scale: 0.04 }, self.p + self.o);
        let variances = std::iter::repeat_n(Axis { lower: 0.0, upper: 1.0 - 1e-6, scale: 0.012 }, self.q);
        std::iter::once(Axis { lower: -15.0, upper: 15.0, scale: 0.25 }).chain(news).chain(variances).collect()
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        let mut starts = Vec::new();
        for persistence in [0.8, 0.95, 0.985] {
            for size in [0.1, 0.25] {
                for lean in if self.o > 0 { vec![0.0, -0.1] } else { vec![0.0] } {
                    let mut start = vec![0.0];
                    start.extend((0..self.p).map(|_| size / self.p as f64));
                    start.extend((0..self.o).map(|_| lean / self.o as f64));
                    let mut left = 1.0;
                    for lag in 0..self.q {
                        let beta = persistence / self.q as f64;
                        start.push((beta / left).min(1.0 - 1e-6));
                        left -= beta;
                        debug_assert!(lag < self.q && left > 0.0);
                    }
                    starts.push(start);
                }
            }
        }
        starts
    }

    fn parameters(&self, x: &[f64], v: f64) -> Vec<f64> {
        let mut p = x.to_vec();
        let mut left = 1.0;
        for share in &mut p[1 + self.p + self.o..] {
            let beta = left * *share;
            left -= beta;
            *share = beta;
        }
        p[0] = (x[0] + v.ln()) * left;
        p
    }

    fn on_axes(&self, x: &[f64], v: f64, by_p: &[f64]) -> Vec<f64> {
        let mut slopes = by_p.to_vec();
        let shares = &x[1 + self.p + self.o..];
        let left: f64 = shares.iter().map(|share| 1.0 - share).product();
        slopes[0] = by_p[0] * left;
        // What is left at the end scales the constant.
        let mut by_left = by_p[0] * (x[0] + v.ln());
        for (lag, share) in shares.iter().enumerate().rev() {
            let at = 1 + self.p + self.o + lag;
            let before: f64 = shares[..lag].iter().map(|share| 1.0 - share).product();
            slopes[at] = before * (by_p[at] - by_left);
            by_left = by_p[at] * share + by_left * (1.0 - share);
        }
        slopes
    }

    fn sizes(&self, p: &[f64], _: f64) -> Vec<f64> {
        p.iter().map(|_| 0.1).collect()
    }

    fn complaint(&self, p: &[f64]) -> Option<String> {
        let persistence: f64 = self.beta(p).iter().sum();
        (persistence.abs() >= 1.0).then(|| format!("the betas add up to {persistence}, which must be less than 1"))
    }

    fn edges(&self, p: &[f64]) -> Vec<String> {
        let names = self.names();
        let mut edges: Vec<String> =
            (0..self.q).filter(|lag| self.beta(p)[*lag] < 1e-7).map(|lag| names[1 + self.p + self.o + lag].clone()).collect();
        if self.beta(p).iter().sum::<f64>() > 1.0 - 2e-6 {
            edges.push("persistence".to_owned());
        }
        edges
    }

    fn memory(&self) -> usize {
        self.p.max(self.o).max(self.q)
    }

    fn next(&self, p: &[f64], recent: &Recent) -> f64 {
        let z = |lag: usize| Some(recent.residual(lag)? / recent.variance(lag)?.sqrt());
        self.log_variance(p, recent.past[0], z, |lag| recent.variance(lag).map(f64::ln)).exp()
    }

    /// Beyond one step the expectation of an exponential of sizes has no closed form (with fat tails it may not even exist).
    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>> {
        (horizon == 1).then(|| vec![self.next(p, recent)])
    }

    fn unconditional(&self, p: &[f64]) -> Option<f64> {
        let persistence: f64 = self.beta(p).iter().sum();
        (persistence < 1.0).then(|| (p[0] / (1.0 - persistence)).exp())
    }
}
