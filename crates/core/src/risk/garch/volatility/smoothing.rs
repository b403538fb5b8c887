//! Moving averages of squares: the RiskMetrics of 1996 and of 2006. Their forecasts are flat.

use super::{Axis, Observed, Process, Recent, weighted_square};

/// Exponentially weighted moving average.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ewma {
    pub(super) decay: Option<f64>,
}

impl Ewma {
    fn decay(&self, p: &[f64]) -> f64 {
        self.decay.unwrap_or_else(|| p[0])
    }
}

/// Writes `s₀ = back`, `s = decay s₋₁ + (1 − decay) e²₋₁` as `add` takes it.
pub(super) fn average(decay: f64, back: f64, e: &[f64], mut add: impl FnMut(usize, f64)) -> f64 {
    let mut s = back;
    for (t, e) in e.iter().enumerate() {
        add(t, s);
        s = decay * s + (1.0 - decay) * (e * e);
    }
    s
}

/// Slopes by the squares, added to `by_e`; gives those by the decay and by the past.
fn average_back(decay: f64, (e, s): (&[f64], Option<&[f64]>), weight: f64, adjoint: &[f64], by_e: &mut [f64]) -> f64 {
    let (mut after, mut by_decay) = (0.0, 0.0);
    for t in (0..e.len()).rev() {
        by_e[t] += 2.0 * e[t] * (1.0 - decay) * after;
        by_decay += s.map_or(0.0, |s| after * (s[t] - e[t] * e[t]));
        after = weight * adjoint[t] + decay * after;
    }
    by_decay
}

impl Process for Ewma {
    fn names(&self) -> Vec<String> {
        if self.decay.is_some() { Vec::new() } else { vec!["lam".to_owned()] }
    }

    fn variances(&self, p: &[f64], past: &[f64], e: &[f64], s: &mut [f64], _: &mut Vec<f64>) {
        average(self.decay(p), past[0], e, |t, variance| s[t] = variance);
    }

    fn pull_back(
        &self,
        p: &[f64],
        _: &[f64],
        Observed { e, s, .. }: Observed<'_>,
        adjoint: &mut [f64],
        by_e: &mut [f64],
        by_p: &mut [f64],
    ) {
        let by_decay = average_back(self.decay(p), (e, Some(s)), 1.0, adjoint, by_e);
        if let Some(slope) = by_p.first_mut() {
            *slope = by_decay;
        }
    }

    fn axes(&self) -> Vec<Axis> {
        if self.decay.is_some() { Vec::new() } else { vec![Axis { lower: 1e-3, upper: 1.0 - 1e-6, scale: 0.01 }] }
    }

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        let starts = if self.decay.is_some() { vec![Vec::new()] } else { vec![vec![0.8], vec![0.94], vec![0.98]] };
        vec![starts]
    }

    fn parameters(&self, x: &[f64], _: f64) -> Vec<f64> {
        x.to_vec()
    }

    fn on_axes(&self, _: &[f64], _: f64, by_p: &[f64]) -> Vec<f64> {
        by_p.to_vec()
    }

    fn sizes(&self, p: &[f64], _: f64) -> Vec<f64> {
        p.iter().map(|_| 0.01).collect()
    }

    fn complaint(&self, p: &[f64]) -> Option<String> {
        let decay = self.decay(p);
        (!(decay > 0.0 && decay < 1.0)).then(|| format!("lam is {decay}, and must be between 0 and 1"))
    }

    fn edges(&self, p: &[f64]) -> Vec<String> {
        p.iter().filter(|decay| **decay < 2e-3 || **decay > 1.0 - 2e-6).map(|_| "lam".to_owned()).collect()
    }

    fn memory(&self) -> usize {
        1
    }

    fn next(&self, p: &[f64], recent: &Recent) -> f64 {
        match (recent.residual(1), recent.variance(1)) {
            (Some(e), Some(s)) => self.decay(p) * s + (1.0 - self.decay(p)) * (e * e),
            _ => recent.past[0],
        }
    }

    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>> {
        Some(vec![self.next(p, recent); horizon])
    }

    fn unconditional(&self, _: &[f64]) -> Option<f64> {
        None
    }
}

/// Fourteen moving averages of time scales from 4 to about 1,560 days, with weights that fall with the logarithm of the scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct RiskMetrics2006;

/// The time scale at which the weight would be zero.
const LONGEST: f64 = 1560.0;
/// The shortest time scale.
const SHORTEST: f64 = 4.0;
/// Between one time scale and the next.
const RATIO: f64 = std::f64::consts::SQRT_2;
/// Averages.
const COUNT: usize = 14;

/// Weight and decay of each average.
fn averages() -> [(f64, f64); COUNT] {
    let scale = |k: usize| SHORTEST * RATIO.powi(k as i32);
    let weight = |k: usize| 1.0 - scale(k).ln() / LONGEST.ln();
    let total: f64 = (0..COUNT).map(weight).sum();
    std::array::from_fn(|k| (weight(k) / total, (-1.0 / scale(k)).exp()))
}

impl Process for RiskMetrics2006 {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Each average begins at the weighted mean of the squares within the reach of its own decay (99 % of the weight).
    fn past(&self, e: &[f64]) -> Vec<f64> {
        let of = |(k, (_, decay)): (usize, (f64, f64))| {
            let reach = ((0.01_f64.ln() / decay.ln()).floor() as usize).min(e.len()).max(k.max(1));
            let (mut weight, mut weights, mut sum) = (1.0, 0.0, 0.0);
            for residual in e.iter().take(reach) {
                sum += weight * residual * residual;
                weights += weight;
                weight *= decay;
            }
            if weights > 0.0 { sum / weights } else { weighted_square(e) }
        };
        averages().into_iter().enumerate().map(of).collect()
    }

    fn variances(&self, _: &[f64], past: &[f64], e: &[f64], s: &mut [f64], _: &mut Vec<f64>) {
        s.fill(0.0);
        for ((weight, decay), back) in averages().into_iter().zip(past) {
            average(decay, *back, e, |t, variance| s[t] += weight * variance);
        }
    }

    fn pull_back(
        &self,
        _: &[f64],
        _: &[f64],
        Observed { e, .. }: Observed<'_>,
        adjoint: &mut [f64],
        by_e: &mut [f64],
        _: &mut [f64],
    ) {
        for (weight, decay) in averages() {
            average_back(decay, (e, None), weight, adjoint, by_e);
        }
    }

    fn axes(&self) -> Vec<Axis> {
        Vec::new()
    }

    fn starts(&self) -> Vec<Vec<Vec<f64>>> {
        vec![vec![Vec::new()]]
    }

    fn parameters(&self, _: &[f64], _: f64) -> Vec<f64> {
        Vec::new()
    }

    fn on_axes(&self, _: &[f64], _: f64, _: &[f64]) -> Vec<f64> {
        Vec::new()
    }

    fn sizes(&self, _: &[f64], _: f64) -> Vec<f64> {
        Vec::new()
    }

    fn complaint(&self, _: &[f64]) -> Option<String> {
        None
    }

    fn edges(&self, _: &[f64]) -> Vec<String> {
        Vec::new()
    }

    /// The averages as they stand are kept as the past, so no residual need be.
    fn memory(&self) -> usize {
        usize::MAX
    }

    fn next(&self, _: &[f64], recent: &Recent) -> f64 {
        let of = |((weight, decay), back): ((f64, f64), &f64)| weight * average(decay, *back, &recent.residuals, |_, _| {});
        averages().into_iter().zip(&recent.past).map(of).sum()
    }

    fn observe(&self, recent: &mut Recent, e: f64, _: f64) {
        recent.residuals.push(e);
        for ((_, decay), back) in averages().into_iter().zip(&mut recent.past) {
            *back = average(decay, *back, &recent.residuals, |_, _| {});
        }
        recent.residuals.clear();
    }

    fn expected(&self, p: &[f64], recent: &Recent, horizon: usize) -> Option<Vec<f64>> {
        Some(vec![self.next(p, recent); horizon])
    }

    fn unconditional(&self, _: &[f64]) -> Option<f64> {
        None
    }
}
