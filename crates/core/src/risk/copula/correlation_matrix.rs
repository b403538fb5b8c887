//! Correlation matrices: checks, Cholesky factors, and the nearest usable one.

use crate::{Error, Result};

/// A positive definite correlation matrix with its Cholesky factor.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationMatrix {
    rows: Vec<Vec<f64>>,
    /// Lower triangular `L` with `L Lᵀ` the matrix.
    factor: Vec<Vec<f64>>,
    shrinkage: f64,
}

/// Pivots smaller than this mean that one variable all but follows from the others.
const SMALLEST_PIVOT: f64 = 1e-10;

impl CorrelationMatrix {
    /// The matrix with these rows.
    ///
    /// # Errors
    /// [`Error::Copula`] unless it is square, symmetric, has ones on its diagonal and is positive definite.
    pub fn new(rows: Vec<Vec<f64>>) -> Result<Self> {
        let wrong = |problem: String| Err(Error::Copula { what: "correlation matrix".to_owned(), problem });
        let size = rows.len();
        if size < 2 || rows.iter().any(|row| row.len() != size) {
            return wrong(format!(
                "{size} rows of {:?} columns; it must be square",
                rows.iter().map(Vec::len).collect::<Vec<_>>()
            ));
        }
        for (i, row) in rows.iter().enumerate() {
            for (j, &value) in row.iter().enumerate().take(i + 1) {
                let mirrored = rows[j][i];
                let diagonal = i == j && (value - 1.0).abs() > 1e-12;
                if diagonal || (value - mirrored).abs() > 1e-12 || !value.is_finite() {
                    return wrong(format!(
                        "entry ({i}, {j}) is {value}, mirrored {mirrored}; it must be symmetric with ones on the diagonal"
                    ));
                }
            }
        }
        match cholesky(&rows) {
            Some(factor) => Ok(Self { rows, factor, shrinkage: 0.0 }),
            None => wrong("it is not positive definite: some combination of the variables would have no variance".to_owned()),
        }
    }

    /// The matrix, pulled towards independence as little as makes it positive definite.
    ///
    /// Correlations that were estimated pair by pair need not fit together.
    pub(super) fn nearest(rows: Vec<Vec<f64>>) -> Self {
        let shrunk = |weight: f64| -> Vec<Vec<f64>> {
            let entry = |i: usize, j: usize| if i == j { 1.0 } else { (1.0 - weight) * rows[i][j] };
            (0..rows.len()).map(|i| (0..rows.len()).map(|j| entry(i, j)).collect()).collect()
        };
        if let Some(factor) = cholesky(&shrunk(0.0)) {
            return Self { rows, factor, shrinkage: 0.0 };
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if cholesky(&shrunk(middle)).is_some() { high = middle } else { low = middle }
        }
        // A little further, away from where rounding decides.
        let shrinkage = (1.01 * high).min(1.0);
        let rows = shrunk(shrinkage);
        let factor = cholesky(&rows).unwrap_or_else(|| identity(rows.len()));
        Self { rows, factor, shrinkage }
    }

    /// Number of variables.
    pub fn size(&self) -> usize {
        self.rows.len()
    }

    /// Its rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// By which part estimated correlations were pulled towards 0 because they did not fit together; 0 where they did.
    pub fn shrinkage(&self) -> f64 {
        self.shrinkage
    }

    /// Logarithm of the determinant.
    pub(super) fn log_determinant(&self) -> f64 {
        2.0 * self.factor.iter().enumerate().map(|(i, row)| row[i].ln()).sum::<f64>()
    }

    /// `xᵀ P⁻¹ x`, with room for as many numbers.
    pub(super) fn distance(&self, x: &[f64], room: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (i, row) in self.factor.iter().enumerate() {
            let known: f64 = row[..i].iter().zip(&*room).map(|(l, z)| l * z).sum();
            room[i] = (x[i] - known) / row[i];
            sum += room[i] * room[i];
        }
        sum
    }

    /// The rows of `L⁻¹`, each up to its diagonal: what makes correlated variables uncorrelated.
    pub(super) fn whitening(&self) -> Vec<Vec<f64>> {
        let mut inverse: Vec<Vec<f64>> = Vec::with_capacity(self.size());
        for (i, row) in self.factor.iter().enumerate() {
            let entry = |j: usize| {
                let known: f64 = (j..i).map(|k| row[k] * inverse[k][j]).sum();
                (f64::from(u8::from(i == j)) - known) / row[i]
            };
            let next = (0..=i).map(entry).collect();
            inverse.push(next);
        }
        inverse
    }

    /// `L z`
    pub(super) fn correlated(&self, z: &[f64]) -> Vec<f64> {
        self.factor.iter().enumerate().map(|(i, row)| row[..=i].iter().zip(z).map(|(l, z)| l * z).sum()).collect()
    }
}

fn identity(size: usize) -> Vec<Vec<f64>> {
    (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect()
}

fn cholesky(rows: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let size = rows.len();
    let mut factor = vec![vec![0.0; size]; size];
    for i in 0..size {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = rows[i][j] - known;
            if i == j {
                if rest.is_nan() || rest < SMALLEST_PIVOT {
                    return None;
                }
                factor[i][i] = rest.sqrt();
            } else {
                factor[i][j] = rest / factor[j][j];
            }
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(a: f64, b: f64, c: f64) -> Vec<Vec<f64>> {
        vec![vec![1.0, a, b], vec![a, 1.0, c], vec![b, c, 1.0]]
    }

    #[test]
    fn distances_and_determinants() {
        let matrix = CorrelationMatrix::new(vec![vec![1.0, 0.6], vec![0.6, 1.0]]).unwrap();
        assert!((matrix.log_determinant() - 0.64_f64.ln()).abs() < 1e-15);
        let found = matrix.distance(&[1.0, -2.0], &mut [0.0; 2]);
        assert!((found - (1.0 + 4.0 + 2.4) / 0.64).abs() < 1e-12, "{found}");
        let [x, y] = matrix.correlated(&[1.0, 0.5])[..] else { panic!("two values") };
        assert_eq!((x, y), (1.0, 0.6 + 0.8 * 0.5));
        let [first, second] = &matrix.whitening()[..] else { panic!("two rows") };
        assert!((first[0] - 1.0).abs() < 1e-15 && (second[0] + 0.75).abs() < 1e-15 && (second[1] - 1.25).abs() < 1e-15);
    }

    #[test]
    fn what_does_not_fit_together_is_refused_or_shrunk() {
        let impossible = three(0.9, 0.9, -0.9);
        assert!(CorrelationMatrix::new(impossible.clone()).unwrap_err().to_string().contains("positive definite"));
        assert!(CorrelationMatrix::new(vec![vec![1.0, 0.2], vec![0.3, 1.0]]).is_err());
        let near = CorrelationMatrix::nearest(impossible);
        assert!(near.shrinkage() > 0.4 && near.shrinkage() < 0.5, "{}", near.shrinkage());
        assert!(CorrelationMatrix::new(near.rows().to_vec()).is_ok());
        assert_eq!(CorrelationMatrix::nearest(three(0.5, 0.4, 0.3)).shrinkage(), 0.0);
    }
}
