//! The t copula of a pair, fitted: at each number of degrees of freedom the best correlation, and the best of those.

use super::{
    elliptical::student_log_constant,
    newton::{Peak, maximise_correlation},
    scalar::Curve,
};
use crate::risk::{
    optimise::minimise_scalar,
    special::{log_product::LogProduct, student::StudentQuantiles},
};

/// How well the logarithm of the degrees of freedom is found.
const TOLERANCE: f64 = 1e-5;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct StudentPeak {
    pub(super) rho: f64,
    pub(super) degrees: f64,
    pub(super) iterations: u64,
    pub(super) evaluations: u64,
    pub(super) converged: bool,
}

/// At one number of degrees of freedom: `x² + y²` and `xy` of all rows, and what the margins add to the log-likelihood.
struct AtDegrees {
    degrees: f64,
    squares: Vec<f64>,
    products: Vec<f64>,
    margins: f64,
}

impl AtDegrees {
    fn empty(rows: usize) -> Self {
        Self { degrees: f64::NAN, squares: vec![0.0; rows], products: vec![0.0; rows], margins: 0.0 }
    }

    /// From normal scores.
    fn fill(&mut self, degrees: f64, scores: [&[f64]; 2]) {
        let table = StudentQuantiles::new(degrees);
        let mut margins = LogProduct::default();
        let rows = self.squares.iter_mut().zip(&mut self.products).zip(scores[0].iter().zip(scores[1]));
        for ((square, product), (&first, &second)) in rows {
            let (x, y) = (table.at(first), table.at(second));
            let (xx, yy) = (x * x, y * y);
            *square = xx + yy;
            *product = x * y;
            margins.multiply((degrees + xx) * (degrees + yy));
        }
        self.degrees = degrees;
        self.margins = margins.log() - 2.0 * self.squares.len() as f64 * degrees.ln();
    }

    /// The correlation of highest likelihood.
    fn best_correlation(&self, start: f64) -> Peak {
        let (rows, nu) = (self.squares.len() as f64, self.degrees);
        let slopes = |rho: f64| {
            let rest = (1.0 - rho) * (1.0 + rho);
            // Of the logarithms of s = ν(1−ρ²) + x² + y² − 2ρxy.
            let (mut first, mut second) = (0.0, 0.0);
            for (square, product) in self.squares.iter().zip(&self.products) {
                let inverse = 1.0 / (nu * rest + square - 2.0 * rho * product);
                let slope = -2.0 * (nu * rho + product) * inverse;
                first += slope;
                second -= 2.0 * nu * inverse + slope * slope;
            }
            let outer = 0.5 * (nu + 2.0);
            let per_row = [rho / rest, (1.0 + rho * rho) / (rest * rest)];
            // −½ ln(1−ρ²) and + (ν+2)/2 · ln(1−ρ²)
            let weight = rows * (1.0 - (nu + 2.0));
            Curve { value: f64::NAN, first: weight * per_row[0] - outer * first, second: weight * per_row[1] - outer * second }
        };
        maximise_correlation(slopes, start, 1e-6)
    }

    fn log_likelihood(&self, rho: f64) -> f64 {
        let (rows, nu) = (self.squares.len() as f64, self.degrees);
        let base = nu * (1.0 - rho) * (1.0 + rho);
        let mut joint = LogProduct::default();
        for (square, product) in self.squares.iter().zip(&self.products) {
            joint.multiply(base + square - 2.0 * rho * product);
        }
        rows * student_log_constant(rho, nu) + 0.5 * (nu + 1.0) * self.margins
            - 0.5 * (nu + 2.0) * (joint.log() - rows * base.ln())
    }
}

/// Fits to normal scores, starting from a correlation.
pub(super) fn fit(scores: [&[f64]; 2], start: f64, [fewest, most]: [f64; 2]) -> StudentPeak {
    let at = std::cell::RefCell::new((AtDegrees::empty(scores[0].len()), start, 0_u64));
    let profile = |log_degrees: f64| {
        let (at, rho, evaluations) = &mut *at.borrow_mut();
        at.fill(log_degrees.exp().clamp(fewest, most), scores);
        let peak = at.best_correlation(*rho);
        *rho = peak.at;
        *evaluations += peak.iterations;
        (-at.log_likelihood(peak.at), peak)
    };
    let best = minimise_scalar(|x| profile(x).0, [fewest.ln(), most.ln()], TOLERANCE);
    let mut log_degrees = best.at;
    // A search inside never quite reaches its ends.
    for end in [fewest, most] {
        if (log_degrees - end.ln()).abs() < 0.05 && profile(end.ln()).0 <= best.value {
            log_degrees = end.ln();
        }
    }
    let (_, peak) = profile(log_degrees);
    StudentPeak {
        rho: peak.at,
        degrees: log_degrees.exp().clamp(fewest, most),
        iterations: best.iterations,
        evaluations: at.borrow().2,
        converged: best.converged && peak.converged,
    }
}

/// Log-likelihood of normal scores at given parameters.
pub(super) fn log_likelihood(scores: [&[f64]; 2], rho: f64, degrees: f64) -> f64 {
    let mut at = AtDegrees::empty(scores[0].len());
    at.fill(degrees, scores);
    at.log_likelihood(rho)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::copula::elliptical::StudentPair;

    #[test]
    fn the_sum_is_that_of_the_rows() {
        let scores: [Vec<f64>; 2] =
            [0, 5].map(|shift| (0..200).map(|i| ((i * 37 + shift * 11) % 200) as f64 / 40.0 - 2.5).collect());
        let (rho, nu) = (-0.3, 3.7);
        let pair = StudentPair::new(rho, nu);
        let table = StudentQuantiles::new(nu);
        let expected: f64 = scores[0].iter().zip(&scores[1]).map(|(&x, &y)| pair.log_density(table.at(x), table.at(y))).sum();
        let found = log_likelihood([&scores[0], &scores[1]], rho, nu);
        assert!((found - expected).abs() < 1e-10 * expected.abs(), "{found} {expected}");
    }
}
