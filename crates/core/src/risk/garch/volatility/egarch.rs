//! Exponential GARCH of any order: the logarithm of the variance is what recurs, so no parameter has a sign to keep.

use super::{Axis, Observed, Process, Recent, dot, sum, weighted_square};

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

    /// The notes are the logarithms of the variances, then the standardised residuals.
    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], notes: &mut Vec<f64>) {
        let (back, n) = (past[0], e.len());
        notes.resize(2 * n, 0.0);
        let (logs, zs) = notes.split_at_mut(n);
        let valid = |log: f64| (log - back).abs() < FAR;
        if (self.p, self.o, self.q) == (1, 1, 1) {
            let &[omega, alpha, gamma, beta] = p else { return };
            let constant = omega - alpha * MEAN_SIZE;
            // Before the first observation there is no news: the constant of its size is given back.
            let (mut log, mut news) = (back, alpha * MEAN_SIZE);
            for (((e, s), note), z) in e.iter().zip(s).zip(logs).zip(zs) {
                log = constant + beta * log + news;
                let of_volatility = (-0.5 * log).exp();
                *z = e * of_volatility;
                news = alpha * z.abs() + gamma * *z;
                *note = log;
                *s = if valid(log) { 1.0 / (of_volatility * of_volatility) } else { f64::NAN };
            }
            return;
        }
        for t in 0..n {
            let lagged = |values: &[f64], lag: usize| t.checked_sub(lag).map(|at| values[at]);
            let log = self.log_variance(p, back, |lag| lagged(zs, lag), |lag| lagged(logs, lag));
            s[t] = if valid(log) { log.exp() } else { f64::NAN };
            logs[t] = log;
            zs[t] = e[t] / s[t].sqrt();
        }
    }

    fn pull_back(
        &self,
        p: &[f64],
        past: &[f64],
        observed: Observed<'_>,
        adjoint: &mut [f64],
        by_e: &mut [f64],
        by_p: &mut [f64],
    ) {
        let (back, n) = (past[0], observed.e.len());
        let (logs, zs) = observed.notes.split_at(n);
        let (alpha, gamma, beta) = (self.alpha(p), self.gamma(p), self.beta(p));
        // By the logarithm of each variance, from the last to the first; by each standardised residual on the way.
        adjoint.iter_mut().zip(observed.s).for_each(|(by_s, s)| *by_s *= s);
        if let ([alpha], [gamma], [beta]) = (alpha, gamma, beta) {
            let mut after = 0.0;
            for (((by_log, z), by_e), s) in adjoint.iter_mut().zip(zs).zip(by_e.iter_mut()).zip(observed.s).rev() {
                let news = alpha * z.abs() + gamma * z;
                let by_z = after * if *z < 0.0 { gamma - alpha } else { gamma + alpha };
                *by_e += by_z / s.sqrt();
                after = *by_log + after * (beta - 0.5 * news);
                *by_log = after;
            }
        } else {
            for t in (0..n).rev() {
                let later = |lag: usize| if t + lag + 1 < n { adjoint[t + lag + 1] } else { 0.0 };
                let sign = if zs[t] < 0.0 { -1.0 } else { 1.0 };
                let by_z = alpha.iter().enumerate().map(|(lag, alpha)| later(lag) * sign * alpha).sum::<f64>()
                    + gamma.iter().enumerate().map(|(lag, gamma)| later(lag) * gamma).sum::<f64>();
                let by_log = beta.iter().enumerate().map(|(lag, beta)| later(lag) * beta).sum::<f64>() - 0.5 * by_z * zs[t];
                adjoint[t] += by_log;
                by_e[t] += by_z / observed.s[t].sqrt();
            }
        }
        by_p[0] = sum(adjoint);
        for lag in 0..self.p.max(self.o) {
            let known = (lag + 1).min(n);
            let (later, zs) = (&adjoint[known..], &zs[..n - known]);
            if lag < self.p {
                by_p[1 + lag] = later.iter().zip(zs).map(|(later, z)| later * (z.abs() - MEAN_SIZE)).sum();
            }
            if lag < self.o {
                by_p[1 + self.p + lag] = dot(later, zs);
            }
        }
        for lag in 0..self.q {
            let known = (lag + 1).min(n);
            let before: f64 = adjoint[..known].iter().sum();
            by_p[1 + self.p + self.o + lag] = dot(&adjoint[known..], &logs[..n - known]) + back * before;
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
