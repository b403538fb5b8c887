//! From data to the unit square: ranks, and checks that say what is wrong with a column.

use crate::{Error, Result};

/// Probabilities are not distinguished from 0 and 1 nearer than this.
pub(super) const EDGE: f64 = 1e-10;
/// Fewer rows than this fit nothing.
pub(super) const FEWEST_ROWS: usize = 10;

/// A probability brought to where densities are finite.
#[inline]
pub(super) fn inside(p: f64) -> f64 {
    p.clamp(EDGE, 1.0 - EDGE)
}

/// Pseudo-observations: each value's rank divided by `n + 1`, equal values sharing the mean of their ranks.
///
/// Residuals of a volatility model become margins in this way too.
///
/// ```
/// let u = bellwether::risk::copula::pseudo_observations(&[0.3, -1.2, 0.3, 8.0])?;
/// assert_eq!(u, [0.5, 0.2, 0.5, 0.8]);
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # Errors
/// [`Error::Copula`] where a value is not finite.
pub fn pseudo_observations(values: &[f64]) -> Result<Vec<f64>> {
    if let Some(row) = values.iter().position(|value| !value.is_finite()) {
        return Err(data(format!("row {row} is {}; drop such rows before ranking", values[row])));
    }
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]).then(a.cmp(&b)));
    let denominator = (values.len() + 1) as f64;
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let value = values[order[first] as usize];
        let ties = order[first..].iter().take_while(|&&row| values[row as usize] == value).count();
        let rank = first as f64 + 0.5 * (ties + 1) as f64;
        order[first..first + ties].iter().for_each(|&row| ranks[row as usize] = rank / denominator);
        first += ties;
    }
    Ok(ranks)
}

pub(super) fn data(problem: String) -> Error {
    Error::Copula { what: "data".to_owned(), problem }
}

/// Pairs of probabilities.
pub(super) fn check_pairs(u: &[f64], v: &[f64]) -> Result<()> {
    if u.len() != v.len() {
        return Err(data(format!("{} values of the first variable and {} of the second", u.len(), v.len())));
    }
    let bad = |values: &[f64]| values.iter().position(|p| !(0.0..=1.0).contains(p));
    for (which, values) in [("first", u), ("second", v)] {
        if let Some(row) = bad(values) {
            return Err(data(format!("row {row} of the {which} variable is {}, not a probability", values[row])));
        }
    }
    Ok(())
}

/// Columns to which something may be fitted: of one length, long enough, strictly between 0 and 1, not constant.
pub(super) fn check_columns(columns: &[&[f64]]) -> Result<()> {
    let rows = columns.first().map_or(0, |column| column.len());
    if columns.len() < 2 {
        return Err(data(format!("{} columns; a copula joins two or more", columns.len())));
    }
    if rows < FEWEST_ROWS {
        return Err(data(format!("{rows} rows; a fit needs {FEWEST_ROWS} or more")));
    }
    for (index, column) in columns.iter().enumerate() {
        let number = index + 1;
        if column.len() != rows {
            return Err(data(format!("column {number} has {} rows, the first has {rows}", column.len())));
        }
        if let Some(row) = column.iter().position(|u| !(*u > 0.0 && *u < 1.0)) {
            let problem = format!(
                "row {row} of column {number} is {}, not strictly between 0 and 1; bring values to probabilities first, for instance by their ranks",
                column[row]
            );
            return Err(data(problem));
        }
        if column.iter().all(|u| *u == column[0]) {
            return Err(data(format!("column {number} is constant; it cannot depend on anything")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_ties_and_refuse_gaps() {
        assert_eq!(pseudo_observations(&[2.0, 1.0, 2.0, 2.0]).unwrap(), [0.6, 0.2, 0.6, 0.6]);
        assert_eq!(pseudo_observations(&[0.0, -0.0]).unwrap(), [0.5, 0.5], "both zeros are one value");
        let error = pseudo_observations(&[1.0, f64::NAN]).unwrap_err().to_string();
        assert!(error.contains("row 1 is NaN"), "{error}");
    }

    #[test]
    fn what_is_wrong_with_a_column_is_said() {
        let good: Vec<f64> = (1..=20).map(|i| f64::from(i) / 21.0).collect();
        let constant = vec![0.5; 20];
        let returns = vec![-0.01; 20];
        let problem = |columns: &[&[f64]]| check_columns(columns).unwrap_err().to_string();
        assert!(check_columns(&[&good, &good]).is_ok());
        assert!(problem(&[&good, &constant]).contains("column 2 is constant"));
        assert!(problem(&[&returns, &good]).contains("row 0 of column 1 is -0.01"));
        assert!(problem(&[&good[..5], &good[..5]]).contains("5 rows"));
        assert!(problem(&[&good, &good[1..]]).contains("column 2 has 19 rows"));
    }
}
