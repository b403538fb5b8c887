//! GARCH and GJR-GARCH of any order.

use super::{Axis, Observed, Process, Recent, accumulate, accumulate_back, dot, sum};

/// GARCH(p, o, q).
#[derive(Debug, Clone, Copy)]
pub(super) struct Garch {
    pub(super) p: usize,
    pub(super) o: usize,
    pub(super) q: usize,
}

/// A coefficient that must not be negative, and its part of the persistence.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// `α` alone: counts whole.
    Symmetric(usize),
    /// `α` beside a `γ` of the same lag, what a rise adds: counts half.
    Rise(usize),
    /// `α + γ`, what a fall adds: counts half.
    Fall(usize),
    /// `γ` alone: counts half.
    OnlyFall(usize),
    /// `β`: counts whole.
    Variance(usize),
}

impl Garch {
    /// In the order in which they share the persistence.
    fn parts(&self) -> Vec<Part> {
        let news = (0..self.p.max(self.o)).flat_map(|lag| match (lag < self.p, lag < self.o) {
            (true, true) => vec![Part::Rise(lag), Part::Fall(lag)],
            (true, false) => vec![Part::Symmetric(lag)],
            _ => vec![Part::OnlyFall(lag)],
        });
        news.chain((0..self.q).map(Part::Variance)).collect()
    }

    fn alpha<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1..=self.p]
    }

    fn gamma<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1 + self.p..1 + self.p + self.o]
    }

    fn beta<'p>(&self, p: &'p [f64]) -> &'p [f64] {
        &p[1 + self.p + self.o..]
    }

    fn persistence(&self, p: &[f64]) -> f64 {
        self.alpha(p).iter().sum::<f64>() + self.gamma(p).iter().sum::<f64>() / 2.0 + self.beta(p).iter().sum::<f64>()
    }
}

fn fall(e: f64) -> f64 {
    if e < 0.0 { e * e } else { 0.0 }
}

/// What squares of residuals, as `seen`, do to the variances after them: adds the slopes by the residuals, gives that by the factor.
#[inline(always)]
fn news_back(factor: f64, later: &[f64], e: &[f64], by_e: &mut [f64], seen: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let ((later, later_rest), (e, e_rest), (by_e, by_e_rest)) =
        (later.as_chunks::<8>(), e.as_chunks::<8>(), by_e.as_chunks_mut::<8>());
    for ((later, e), by_e) in later.iter().zip(e).zip(by_e) {
        for i in 0..8 {
            let both = later[i] * seen(e[i]);
            sums[i] += both * e[i];
            by_e[i] += 2.0 * factor * both;
        }
    }
    for ((later, e), by_e) in later_rest.iter().zip(e_rest).zip(by_e_rest) {
        let both = later * seen(*e);
        sums[0] += both * e;
        *by_e += 2.0 * factor * both;
    }
    sums.iter().sum()
}

impl Process for Garch {
    fn names(&self) -> Vec<String> {
        let numbered = |name: &'static str, count: usize| (1..=count).map(move |lag| format!("{name}[{lag}]"));
        let omega = std::iter::once("omega".to_owned());
        omega.chain(numbered("alpha", self.p)).chain(numbered("gamma", self.o)).chain(numbered("beta", self.q)).collect()
    }

    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], _: &mut Vec<f64>) {
        let back = past[0];
        s.fill(p[0]);
        // What the residuals add has no order to keep: lag by lag. Then the variances, one after the other.
        for (lag, alpha) in self.alpha(p).iter().enumerate() {
            let known = (lag + 1).min(s.len());
            s[..known].iter_mut().for_each(|s| *s += alpha * back);
            s[known..].iter_mut().zip(e).for_each(|(s, e)| *s += alpha * (e * e));
        }
        for (lag, gamma) in self.gamma(p).iter().enumerate() {
            let known = (lag + 1).min(s.len());
            s[..known].iter_mut().for_each(|s| *s += gamma * 0.5 * back);
            s[known..].iter_mut().zip(e).for_each(|(s, e)| *s += gamma * fall(*e));
        }
        match self.beta(p) {
            [] => {}
            [beta] => accumulate(*beta, back, s),
            betas => {
                for t in 0..s.len() {
                    for (lag, beta) in betas.iter().enumerate() {
                        s[t] += beta * if t > lag { s[t - lag - 1] } else { back };
                    }
                }
            }
        }
    }

    fn pull_back(
        &self,
        p: &[f64],
        past: &[f64],
        Observed { e, s, .. }: Observed<'_>,
        adjoint: &mut [f64],
        by_e: &mut [f64],
        by_p: &mut [f64],
    ) {
        let (back, n) = (past[0], e.len());
        match self.beta(p) {
            [] => {}
            [beta] => accumulate_back(*beta, adjoint),
            betas => {
                for t in (0..n).rev() {
                    for (lag, beta) in betas.iter().enumerate() {
                        if t + lag + 1 < n {
                            adjoint[t] += beta * adjoint[t + lag + 1];
                        }
                    }
                }
            }
        }
        let before = |lag: usize| adjoint[..(lag + 1).min(n)].iter().sum::<f64>();
        by_p[0] = sum(adjoint);
        for (lag, alpha) in self.alpha(p).iter().enumerate() {
            let known = (lag + 1).min(n);
            let slope = news_back(*alpha, &adjoint[known..], &e[..n - known], &mut by_e[..n - known], |e| e);
            by_p[1 + lag] = slope + before(lag) * back;
        }
        for (lag, gamma) in self.gamma(p).iter().enumerate() {
            let known = (lag + 1).min(n);
            let slope = news_back(*gamma, &adjoint[known..], &e[..n - known], &mut by_e[..n - known], |e| e.min(0.0));
            by_p[1 + self.p + lag] = slope + before(lag) * 0.5 * back;
        }
        for lag in 0..self.q {
            let known = (lag + 1).min(n);
            by_p[1 + self.p + self.o + lag] = dot(&adjoint[known..], &s[..n - known]) + before(lag) * back;
        }
    }

    /// `ln(ω / v)`, the persistence, and each part's share of what the parts before it left over.
    fn axes(&self) -> Vec<Axis> {
        let parts = self.parts();
        let mut axes = vec![
            Axis { lower: -30.0, upper: 10_f64.ln(), scale: 0.4 },
            Axis { lower: 0.0, upper: 1.0, scale: if self.q > 0 { 0.015 } else { 0.05 } },
        ];
        axes.extend(parts[1..].iter().map(|_| Axis { lower: 0.0, upper: 1.0, scale: 0.03 }));
        axes
    }

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        let parts = self.parts();
        let leans = if self.o > 0 { vec![0.5, 0.85] } else { vec![0.5] };
        let start = |persistence: f64, news: f64, lean: f64| {
            let weight = |part: &Part| match part {
                Part::Variance(_) => (1.0 - news) / self.q as f64,
                Part::Symmetric(_) | Part::OnlyFall(_) => news,
                Part::Rise(_) => news * (1.0 - lean),
                Part::Fall(_) => news * lean,
            };
            let weights: Vec<f64> = parts.iter().map(weight).collect();
            let mut left: f64 = weights.iter().sum();
            let mut start = vec![f64::ln(1.0 - persistence), persistence];
            for weight in &weights[..weights.len() - 1] {
                start.push(weight / left);
                left -= weight;
            }
            start
        };
        let group = |persistences: &[f64], news: &[f64]| {
            let mut group = Vec::new();
            for persistence in persistences {
                for news in news {
                    group.extend(leans.iter().map(|lean| start(*persistence, *news, *lean)));
                }
            }
            group
        };
        // Volatility that is short-lived, that lasts, and that hardly ever returns.
        vec![group(&[0.5, 0.8], &[0.2, 0.5]), group(&[0.9, 0.98], &[0.05, 0.1]), group(&[0.995], &[0.01, 0.05])]
    }

    fn parameters(&self, x: &[f64], v: f64) -> Vec<f64> {
        let mut p = vec![0.0; 1 + self.p + self.o + self.q];
        p[0] = x[0].exp() * v;
        let (gammas, betas) = (1 + self.p, 1 + self.p + self.o);
        let mut left = x[1];
        let parts = self.parts();
        for (at, part) in parts.iter().enumerate() {
            let share = left * x.get(2 + at).copied().unwrap_or(1.0);
            left -= share;
            match *part {
                Part::Symmetric(lag) => p[1 + lag] = share,
                Part::Rise(lag) => {
                    p[1 + lag] = 2.0 * share;
                    p[gammas + lag] = -2.0 * share;
                }
                Part::Fall(lag) => p[gammas + lag] += 2.0 * share,
                Part::OnlyFall(lag) => p[gammas + lag] = 2.0 * share,
                Part::Variance(lag) => p[betas + lag] = share,
            }
        }
        p
    }

    fn on_axes(&self, x: &[f64], v: f64, by_p: &[f64]) -> Vec<f64> {
        let (gammas, betas) = (1 + self.p, 1 + self.p + self.o);
        let parts = self.parts();
        let by_share = |part: &Part| match *part {
            Part::Symmetric(lag) => by_p[1 + lag],
            Part::Rise(lag) => 2.0 * (by_p[1 + lag] - by_p[gammas + lag]),
            Part::Fall(lag) | Part::OnlyFall(lag) => 2.0 * by_p[gammas + lag],
            Part::Variance(lag) => by_p[betas + lag],
        };
        let mut slopes = vec![0.0; x.len()];
        slopes[0] = by_p[0] * x[0].exp() * v;
        // By what is left for the parts from here on, from the last part, which takes it all, to the first.
        let last = parts.len() - 1;
        let mut by_left = by_share(&parts[last]);
        for at in (0..last).rev() {
            let fraction = x[2 + at];
            let left = x[1] * x[2..2 + at].iter().map(|taken| 1.0 - taken).product::<f64>();
            let here = by_share(&parts[at]);
            slopes[2 + at] = left * (here - by_left);
            by_left = here * fraction + by_left * (1.0 - fraction);
        }
        slopes[1] = by_left;
        slopes
    }

    fn sizes(&self, p: &[f64], v: f64) -> Vec<f64> {
        p.iter().enumerate().map(|(at, value)| if at == 0 { value.max(1e-6 * v) } else { 0.1 }).collect()
    }

    fn complaint(&self, p: &[f64]) -> Option<String> {
        if p[0] < 0.0 {
            return Some(format!("omega is {}, and must not be negative", p[0]));
        }
        let fallen = |lag: usize| p[1..=self.p].get(lag).unwrap_or(&0.0) + self.gamma(p).get(lag).unwrap_or(&0.0);
        if self.alpha(p).iter().chain(self.beta(p)).any(|value| *value < 0.0) || (0..self.o).any(|lag| fallen(lag) < 0.0) {
            return Some("alpha, alpha + gamma and beta must not be negative".to_owned());
        }
        None
    }

    fn edges(&self, p: &[f64]) -> Vec<String> {
        let names = self.names();
        let small = 1e-7;
        let mut edges: Vec<String> = Vec::new();
        for lag in 0..self.p {
            if p[1 + lag] < small {
                edges.push(names[1 + lag].clone());
            }
        }
        for lag in 0..self.o {
            if self.alpha(p).get(lag).unwrap_or(&0.0) + self.gamma(p)[lag] < small {
                edges.push(names[1 + self.p + lag].clone());
            }
        }
        for lag in 0..self.q {
            if self.beta(p)[lag] < small {
                edges.push(names[1 + self.p + self.o + lag].clone());
            }
        }
        if self.persistence(p) > 1.0 - 1e-9 {
            edges.push("persistence".to_owned());
        }
        edges
    }

    fn memory(&self) -> usize {
        self.p.max(self.o).max(self.q)
    }

    fn next(&self, p: &[f64], recent: &Recent) -> f64 {
        self.expected(p, recent, 1).map_or(f64::NAN, |expected| expected[0])
    }

    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>> {
        let back = recent.past[0];
        let mut expected: Vec<f64> = Vec::with_capacity(horizon);
        for step in 0..horizon {
            // A lag within the forecast is an expectation: of the square the variance, of its fall half of it.
            let of = |lag: usize, known: &dyn Fn(usize) -> Option<f64>, share: f64| match lag <= step {
                true => share * expected[step - lag],
                false => known(lag - step).unwrap_or(share * back),
            };
            let square = |lag: usize| recent.residual(lag).map(|e| e * e);
            let mut variance = p[0];
            for (lag, alpha) in self.alpha(p).iter().enumerate() {
                variance += alpha * of(lag + 1, &square, 1.0);
            }
            for (lag, gamma) in self.gamma(p).iter().enumerate() {
                variance += gamma * of(lag + 1, &|lag| recent.residual(lag).map(fall), 0.5);
            }
            for (lag, beta) in self.beta(p).iter().enumerate() {
                variance += beta * of(lag + 1, &|lag| recent.variance(lag), 1.0);
            }
            expected.push(variance);
        }
        Some(expected)
    }

    fn unconditional(&self, p: &[f64]) -> Option<f64> {
        let persistence = self.persistence(p);
        (persistence < 1.0).then(|| p[0] / (1.0 - persistence))
    }
}
