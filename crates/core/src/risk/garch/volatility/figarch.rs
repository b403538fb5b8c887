//! FIGARCH(1, d, 1): shocks die out by a power of time instead of exponentially.

use super::{Axis, Observed, Process, Recent, dot};

/// FIGARCH(1, d, 1) as an ARCH process with many lags.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figarch;

/// Lags kept of the infinitely many.
const LAGS: usize = 1_000;

/// The weights of past squares, and how each changes with `φ`, `d` and `β`.
///
/// ```text
/// δ₁ = d, δⱼ = δⱼ₋₁ (j − 1 − d) / j;  λ₁ = φ − β + d, λⱼ = β λⱼ₋₁ + δⱼ − φ δⱼ₋₁
/// ```
struct Weights {
    lambda: Vec<f64>,
    by: [Vec<f64>; 3],
}

impl Weights {
    fn new(p: &[f64]) -> Self {
        let &[_, phi, d, beta] = p else { unreachable!("four parameters") };
        let mut weights = Self { lambda: vec![phi - beta + d], by: [vec![1.0], vec![1.0], vec![-1.0]] };
        let (mut delta, mut delta_by_d) = (d, 1.0);
        for i in 1..LAGS {
            let factor = (i as f64 - d) / (i as f64 + 1.0);
            let next = factor * delta;
            let next_by_d = factor * delta_by_d - delta / (i as f64 + 1.0);
            let before = i - 1;
            let lambda = weights.lambda[before];
            weights.lambda.push(beta * lambda + (next - phi * delta));
            let [by_phi, by_d, by_beta] = &mut weights.by;
            by_phi.push(beta * by_phi[before] - delta);
            by_d.push(beta * by_d[before] + next_by_d - phi * delta_by_d);
            by_beta.push(beta * by_beta[before] + lambda);
            (delta, delta_by_d) = (next, next_by_d);
        }
        weights
    }

    /// `tails[t]`: the sum of the weights of lags beyond `t`.
    fn tails(&self) -> Vec<f64> {
        let mut tails = vec![0.0; LAGS + 1];
        for lag in (0..LAGS).rev() {
            tails[lag] = tails[lag + 1] + self.lambda[lag];
        }
        tails
    }
}

impl Process for Figarch {
    fn names(&self) -> Vec<String> {
        ["omega", "phi", "d", "beta"].map(str::to_owned).to_vec()
    }

    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], _: &mut Vec<f64>) {
        let weights = Weights::new(p);
        let (tails, n) = (weights.tails(), e.len());
        // Newest first, so that weights and squares run the same way.
        let squares: Vec<f64> = e.iter().rev().map(|e| e * e).collect();
        let level = p[0] / (1.0 - p[3]);
        for (t, s) in s.iter_mut().enumerate() {
            let known = t.min(LAGS);
            *s = level + dot(&weights.lambda[..known], &squares[n - t..n - t + known]) + tails[known] * past[0];
        }
    }

    fn pull_back(
        &self,
        p: &[f64],
        past: &[f64],
        Observed { e, .. }: Observed<'_>,
        adjoint: &mut [f64],
        by_e: &mut [f64],
        by_p: &mut [f64],
    ) {
        let weights = Weights::new(p);
        let n = e.len();
        let total: f64 = adjoint.iter().sum();
        let squares: Vec<f64> = e.iter().map(|e| e * e).collect();
        let mut by_lambda = [0.0; LAGS];
        // A weight of lag j + 1 stands before squares that are known, and before the past's until then.
        let mut before = 0.0;
        for (lag, by_lambda) in by_lambda.iter_mut().enumerate() {
            before += adjoint.get(lag).copied().unwrap_or(0.0);
            let known = (lag + 1).min(n);
            *by_lambda = dot(&adjoint[known..], &squares[..n - known]) + before * past[0];
        }
        for t in 0..n {
            let reach = (n - t - 1).min(LAGS);
            by_e[t] += 2.0 * e[t] * dot(&weights.lambda[..reach], &adjoint[t + 1..t + 1 + reach]);
        }
        let rest = 1.0 - p[3];
        by_p[0] = total / rest;
        for (by_p, by) in by_p[1..].iter_mut().zip(&weights.by) {
            *by_p = dot(&by_lambda, by);
        }
        by_p[3] += total * p[0] / (rest * rest);
    }

    /// `ln(ω / v)`, `2 φ / (1 − d)`, `d`, `β / (φ + d)`: the last three between 0 and 1.
    fn axes(&self) -> Vec<Axis> {
        vec![
            Axis { lower: -30.0, upper: 10_f64.ln(), scale: 0.5 },
            Axis { lower: 0.0, upper: 1.0, scale: 0.25 },
            Axis { lower: 1e-4, upper: 1.0 - 1e-6, scale: 0.1 },
            Axis { lower: 0.0, upper: 1.0, scale: 0.15 },
        ]
    }

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        let start = |d: f64, phi: f64, beta: f64| {
            let mut start = vec![0.0, phi, d, beta];
            let p = self.parameters(&start, 1.0);
            let sum: f64 = Weights::new(&p).lambda.iter().sum();
            start[0] = ((1.0 - p[3]) * (1.0 - sum).max(0.01)).ln();
            start
        };
        let group = |d: f64| [(0.2, 0.2), (0.2, 0.8), (0.8, 0.2), (0.8, 0.8)].map(|(phi, beta)| start(d, phi, beta)).to_vec();
        vec![group(0.15), group(0.45), group(0.75)]
    }

    fn parameters(&self, x: &[f64], v: f64) -> Vec<f64> {
        let d = x[2];
        let phi = x[1] * (1.0 - d) / 2.0;
        vec![x[0].exp() * v, phi, d, x[3] * (phi + d)]
    }

    fn on_axes(&self, x: &[f64], v: f64, by_p: &[f64]) -> Vec<f64> {
        let d = x[2];
        let phi = x[1] * (1.0 - d) / 2.0;
        let by_phi = by_p[1] + by_p[3] * x[3];
        vec![
            by_p[0] * x[0].exp() * v,
            by_phi * (1.0 - d) / 2.0,
            by_p[2] + by_p[3] * x[3] - by_phi * x[1] / 2.0,
            by_p[3] * (phi + d),
        ]
    }

    fn sizes(&self, p: &[f64], v: f64) -> Vec<f64> {
        vec![p[0].max(1e-6 * v), 0.1, 0.1, 0.1]
    }

    fn complaint(&self, p: &[f64]) -> Option<String> {
        let &[omega, phi, d, beta] = p else { return None };
        let slack = 1e-9;
        let fits = omega >= 0.0
            && (0.0..=1.0).contains(&d)
            && (-slack..=(1.0 - d) / 2.0 + slack).contains(&phi)
            && (-slack..=phi + d + slack).contains(&beta)
            && beta < 1.0;
        (!fits)
            .then(|| "these must hold: omega >= 0, 0 <= d <= 1, 0 <= phi <= (1 - d)/2, 0 <= beta <= phi + d, beta < 1".to_owned())
    }

    fn edges(&self, p: &[f64]) -> Vec<String> {
        let &[_, phi, d, beta] = p else { return Vec::new() };
        let small = 1e-7;
        [
            ("phi", phi < small || phi > (1.0 - d) / 2.0 - small),
            ("d", !(2e-4..=1.0 - 2e-6).contains(&d)),
            ("beta", beta < small || beta > phi + d - small),
        ]
        .into_iter()
        .filter(|(_, edge)| *edge)
        .map(|(name, _)| name.to_owned())
        .collect()
    }

    fn memory(&self) -> usize {
        LAGS
    }

    fn next(&self, p: &[f64], recent: &Recent) -> f64 {
        self.expected(p, recent, 1).map_or(f64::NAN, |expected| expected[0])
    }

    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>> {
        let weights = Weights::new(p);
        let tails = weights.tails();
        let level = p[0] / (1.0 - p[3]);
        let mut squares: Vec<f64> = recent.residuals.iter().map(|e| e * e).collect();
        let mut expected = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            let known = squares.len().min(LAGS);
            let newest: f64 = squares.iter().rev().zip(&weights.lambda).map(|(square, lambda)| square * lambda).sum();
            let variance = level + newest + tails[known] * recent.past[0];
            squares.push(variance);
            expected.push(variance);
        }
        Some(expected)
    }

    fn unconditional(&self, p: &[f64]) -> Option<f64> {
        let sum: f64 = Weights::new(p).lambda.iter().sum();
        (sum < 1.0).then(|| p[0] / (1.0 - p[3]) / (1.0 - sum))
    }
}
