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

    /// The logarithm of the first variance's past; then, for each residual, the least and the largest that the logarithm of its variance
    /// may be: a millionth and a million times a moving average of squares. With news that counts the wrong way round the
    /// recursion would leave the range of numbers within a few steps.
    fn past(&self, e: &[f64]) -> Vec<f64> {
        let back = weighted_square(e);
        let least = e.iter().map(|e| e * e).sum::<f64>() / e.len() as f64 / 1e8;
        let most = e.iter().fold(0.0, |most: f64, e| most.max(e * e));
        let mut averages = Vec::with_capacity(e.len());
        super::smoothing::average(0.94, back, e, |_, average| averages.push(average));
        let lower = averages.iter().map(|average| (average / 1e6).max(least).ln());
        let upper = averages.iter().map(|average| (average * 1e6).max(most).ln());
        std::iter::once(back.ln()).chain(lower).chain(upper).collect()
    }

    fn kept<'p>(&self, past: &'p [f64]) -> &'p [f64] {
        &past[..1]
    }

    /// The notes are the logarithms of the variances, the standardised residuals, and the reciprocals of the volatilities.
    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], notes: &mut Vec<f64>) {
        let (back, n) = (past[0], e.len());
        notes.resize(3 * n, 0.0);
        let (logs, rest) = notes.split_at_mut(n);
        let (zs, of_volatilities) = rest.split_at_mut(n);
        let (lower, upper) = past[1..].split_at(n);
        if (self.p, self.o, self.q) == (1, 1, 1) {
            let &[omega, alpha, gamma, beta] = p else { return };
            let constant = omega - alpha * MEAN_SIZE;
            // Before the first observation there is no news: the constant of its size is given back.
            let (mut log, mut news) = (back, alpha * MEAN_SIZE);
            let written = logs.iter_mut().zip(zs).zip(of_volatilities).zip(s);
            for ((((note, z), of_volatility), s), (e, (lower, upper))) in written.zip(e.iter().zip(lower.iter().zip(upper))) {
                // Not `clamp`, which looks at its bounds each time.
                log = (constant + beta * log + news).max(*lower).min(*upper);
                *of_volatility = (-0.5 * log).exp();
                *z = e * *of_volatility;
                news = alpha * z.abs() + gamma * *z;
                *note = log;
                *s = 1.0 / (*of_volatility * *of_volatility);
            }
            return;
        }
        for t in 0..n {
            let lagged = |values: &[f64], lag: usize| t.checked_sub(lag).map(|at| values[at]);
            let log = self.log_variance(p, back, |lag| lagged(zs, lag), |lag| lagged(logs, lag)).clamp(lower[t], upper[t]);
            s[t] = log.exp();
            logs[t] = log;
            of_volatilities[t] = 1.0 / s[t].sqrt();
            zs[t] = e[t] * of_volatilities[t];
        }
    }

    /// Invertibility: `mean ln│β − ½ (α │z│ + γ z)│ < 0`, with the sums over the lags for higher orders. A change of one logarithm is
    /// passed on to the next by that factor; volatility that falls after large returns makes it larger than one.
    ///
    /// # References
    /// Straumann & Mikosch (2006), *Quasi-maximum-likelihood estimation in conditionally heteroscedastic time series*, Annals of
    /// Statistics 34; Wintenberger (2013), *Continuous invertibility and stable QML estimation of the EGARCH(1,1) model*,
    /// Scandinavian Journal of Statistics 40.
    fn growth(&self, p: &[f64], observed: Observed<'_>) -> f64 {
        let [alpha, gamma, beta] = [self.alpha(p), self.gamma(p), self.beta(p)].map(|all| all.iter().sum::<f64>());
        let zs = &observed.notes[observed.e.len()..2 * observed.e.len()];
        let passed_on = |z: &f64| (beta - 0.5 * (alpha * z.abs() + gamma * z)).abs();
        // One logarithm for eight factors.
        zs.chunks(8).map(|zs| zs.iter().map(passed_on).product::<f64>().ln()).sum::<f64>() / zs.len() as f64
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
        let (logs, rest) = observed.notes.split_at(n);
        let (zs, of_volatilities) = rest.split_at(n);
        let (lower, upper) = past[1..].split_at(n);
        // A variance that is held at its least or largest follows no parameter.
        let held = |log: &f64, (lower, upper): (&f64, &f64)| log <= lower || log >= upper;
        let (alpha, gamma, beta) = (self.alpha(p), self.gamma(p), self.beta(p));
        // By the logarithm of each variance, from the last to the first; by each standardised residual on the way.
        adjoint.iter_mut().zip(observed.s).for_each(|(by_s, s)| *by_s *= s);
        if let ([alpha], [gamma], [beta]) = (alpha, gamma, beta) {
            let mut after = 0.0;
            let written = adjoint.iter_mut().zip(by_e.iter_mut());
            let read = zs.iter().zip(of_volatilities).zip(logs.iter().zip(lower.iter().zip(upper)));
            for ((adjoint, by_e), ((z, of_volatility), (log, bounds))) in written.zip(read).rev() {
                let by_size = if *z < 0.0 { gamma - alpha } else { gamma + alpha };
                *by_e += after * by_size * of_volatility;
                let passed_on = *adjoint + after * (beta - 0.5 * by_size * z);
                after = if held(log, bounds) { 0.0 } else { passed_on };
                *adjoint = after;
            }
        } else {
            for t in (0..n).rev() {
                let later = |lag: usize| if t + lag + 1 < n { adjoint[t + lag + 1] } else { 0.0 };
                let sign = if zs[t] < 0.0 { -1.0 } else { 1.0 };
                let by_z = alpha.iter().enumerate().map(|(lag, alpha)| later(lag) * sign * alpha).sum::<f64>()
                    + gamma.iter().enumerate().map(|(lag, gamma)| later(lag) * gamma).sum::<f64>();
                let by_log = beta.iter().enumerate().map(|(lag, beta)| later(lag) * beta).sum::<f64>() - 0.5 * by_z * zs[t];
                adjoint[t] = if held(&logs[t], (&lower[t], &upper[t])) { 0.0 } else { adjoint[t] + by_log };
                by_e[t] += by_z * of_volatilities[t];
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

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        let start = |persistence: f64, size: f64, lean: f64| {
            let mut start = vec![0.0];
            start.extend((0..self.p).map(|_| size / self.p as f64));
            start.extend((0..self.o).map(|_| lean / self.o as f64));
            let mut left = 1.0;
            for _ in 0..self.q {
                let beta = persistence / self.q as f64;
                start.push((beta / left).min(1.0 - 1e-6));
                left -= beta;
            }
            start
        };
        let leans = if self.o > 0 { vec![0.0, -0.1] } else { vec![0.0] };
        let group = |persistences: &[f64], sizes: &[f64]| {
            let mut group = Vec::new();
            for persistence in persistences {
                for size in sizes {
                    group.extend(leans.iter().map(|lean| start(*persistence, *size, *lean)));
                }
            }
            group
        };
        // Short-lived and lasting.
        vec![group(&[0.3, 0.7], &[0.2, 0.4]), group(&[0.9, 0.98], &[0.1, 0.25])]
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
