//! Small dense linear algebra: symmetric systems of a handful of unknowns.

/// A square matrix by rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// The inverse by elimination with pivots; none when the matrix is (nearly) singular.
pub(super) fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let n = matrix.len();
    // Rows and columns are brought to a common size first: parameters may differ by many powers of ten.
    let size: Vec<f64> = (0..n).map(|i| matrix[i][i].abs().sqrt()).collect();
    if size.iter().any(|size| !(*size > 0.0 && size.is_finite())) {
        return None;
    }
    let mut rows: Matrix = (0..n)
        .map(|i| {
            let left = (0..n).map(|j| matrix[i][j] / (size[i] * size[j]));
            left.chain((0..n).map(|j| f64::from(u8::from(i == j)))).collect()
        })
        .collect();
    for column in 0..n {
        let pivot = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        if rows[pivot][column].is_nan() || rows[pivot][column].abs() < 1e-13 {
            return None;
        }
        rows.swap(column, pivot);
        let lead = rows[column].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = if at == column { 1.0 - 1.0 / lead[column] } else { row[column] / lead[column] };
            row.iter_mut().zip(&lead).for_each(|(value, lead)| *value -= factor * lead);
        }
    }
    Some((0..n).map(|i| (0..n).map(|j| rows[i][n + j] / (size[i] * size[j])).collect()).collect())
}

/// `a b`.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let columns = b.first().map_or(0, Vec::len);
    a.iter().map(|row| (0..columns).map(|j| row.iter().zip(b).map(|(x, b)| x * b[j]).sum()).collect()).collect()
}

/// `XᵀX` of columns.
pub(super) fn gram(columns: &[Vec<f64>]) -> Matrix {
    columns.iter().map(|a| columns.iter().map(|b| a.iter().zip(b).map(|(a, b)| a * b).sum()).collect()).collect()
}

/// Coefficients of the columns that come closest to `y`; none when the columns depend on each other.
pub(super) fn least_squares(columns: &[Vec<f64>], y: &[f64]) -> Option<Vec<f64>> {
    let inverse = inverse(&gram(columns))?;
    let moments: Vec<f64> = columns.iter().map(|column| column.iter().zip(y).map(|(x, y)| x * y).sum()).collect();
    Some(inverse.iter().map(|row| row.iter().zip(&moments).map(|(a, b)| a * b).sum()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_its_matrix_at_any_scale() {
        let matrix = vec![vec![4e-16, 1e-8, 0.0], vec![1e-8, 3.0, 0.5], vec![0.0, 0.5, 2e9]];
        let identity = product(&matrix, &inverse(&matrix).unwrap());
        let close = |(i, row): (usize, &Vec<f64>)| {
            (0..3).all(|j| (row[j] * (matrix[j][j] / matrix[i][i]).sqrt() - f64::from(u8::from(i == j))).abs() < 1e-10)
        };
        assert!(identity.iter().enumerate().all(close), "{identity:?}");
        assert!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 4.0]]).is_none());
    }

    #[test]
    fn a_line_is_found() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        let found = least_squares(&[vec![1.0; 20], x], &y).unwrap();
        assert!((found[0] - 3.0).abs() < 1e-12 && (found[1] + 0.5).abs() < 1e-12, "{found:?}");
    }
}
