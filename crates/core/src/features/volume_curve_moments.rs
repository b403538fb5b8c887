//! Least squares for the few terms that the next bar's volume is expected from.

/// Number of terms.
pub(super) const TERMS: usize = 5;

/// Sums of products of the terms, and of terms and deviation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    square: [[f64; TERMS]; TERMS],
    cross: [f64; TERMS],
}

impl Moments {
    pub(super) fn add(&mut self, terms: &[f64; TERMS], deviation: f64) {
        for i in 0..TERMS {
            for j in 0..TERMS {
                self.square[i][j] += terms[i] * terms[j];
            }
            self.cross[i] += terms[i] * deviation;
        }
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        for i in 0..TERMS {
            for j in 0..TERMS {
                self.square[i][j] += other.square[i][j];
            }
            self.cross[i] += other.cross[i];
        }
        self
    }

    /// Least-squares coefficients by Cholesky decomposition. A trace of ridge keeps terms that never vary at 0.
    pub(super) fn solve(&self) -> Option<[f64; TERMS]> {
        let mut lower = [[0.0; TERMS]; TERMS];
        for i in 0..TERMS {
            for j in 0..=i {
                let ridge = if i == j { 1e-6 } else { 0.0 };
                let rest = self.square[i][j] + ridge - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
                lower[i][j] = if i == j { (rest > 0.0).then(|| rest.sqrt())? } else { rest / lower[j][j] };
            }
        }
        let mut out = self.cross;
        for i in 0..TERMS {
            out[i] = (out[i] - (0..i).map(|k| lower[i][k] * out[k]).sum::<f64>()) / lower[i][i];
        }
        for i in (0..TERMS).rev() {
            out[i] = (out[i] - (i + 1..TERMS).map(|k| lower[k][i] * out[k]).sum::<f64>()) / lower[i][i];
        }
        Some(out)
    }
}

pub(super) fn inner(a: &[f64; TERMS], b: &[f64; TERMS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
