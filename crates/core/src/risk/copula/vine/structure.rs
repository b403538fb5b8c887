//! Which pairs a vine is made of.

use crate::{Error, Result};

/// The structure of a regular vine of `d` variables.
///
/// Variable `order[e]` leads column `e`, `0 ≤ e < d − 1`. In tree `t` the column's pair joins it with `partners[t][e]`, given
/// `partners[0][e] … partners[t−1][e]`. All of these come after column `e` in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VineStructure {
    order: Vec<usize>,
    partners: Vec<Vec<usize>>,
}

/// Where the second argument of a pair comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The leading variable of that column, given the column's partners so far.
    Leader(usize),
    /// That column's last partner, given its leading variable and the partners before.
    Partner(usize),
}

impl VineStructure {
    /// A C-vine: each tree is a star, around the last of `order` in the first tree, around the last but one in the second.
    ///
    /// # Errors
    /// [`Error::Copula`] unless `order` holds each of 0 … d−1 once, d ≥ 2.
    pub fn c_vine(order: &[usize]) -> Result<Self> {
        let size = order.len();
        Self::by(order, |tree, _| size - 1 - tree)
    }

    /// A D-vine: each tree is a path, along `order` in the first tree.
    ///
    /// # Errors
    /// As [`VineStructure::c_vine`].
    pub fn d_vine(order: &[usize]) -> Result<Self> {
        Self::by(order, |tree, column| column + tree + 1)
    }

    fn by(order: &[usize], place: impl Fn(usize, usize) -> usize) -> Result<Self> {
        let size = order.len();
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if size < 2 || sorted.iter().enumerate().any(|(index, variable)| index != *variable) {
            let problem = format!("the order {order:?} does not hold each of 0 to d−1 once, with d of 2 or more");
            return Err(Error::Copula { what: "vine".to_owned(), problem });
        }
        let columns = |tree: usize| (0..size - 1 - tree).map(|column| order[place(tree, column)]).collect();
        Ok(Self { order: order.to_vec(), partners: (0..size - 1).map(columns).collect() })
    }

    /// Without checks.
    pub(super) fn trusted(order: Vec<usize>, partners: Vec<Vec<usize>>) -> Self {
        Self { order, partners }
    }

    /// Number of variables.
    pub fn size(&self) -> usize {
        self.order.len()
    }

    /// The leading variables of the columns, then the variable that is left.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The partners, tree by tree.
    pub fn partners(&self) -> &[Vec<usize>] {
        &self.partners
    }

    /// The matrix of the structure with variables counted from 1: row `t` holds the partners of tree `t`, then the leading variable of
    /// the column that ends there.
    pub fn matrix(&self) -> Vec<Vec<usize>> {
        let size = self.size();
        let entry = |row: usize, column: usize| match row + column {
            place if place < size - 1 => self.partners[row][column] + 1,
            place if place == size - 1 => self.order[column] + 1,
            _ => 0,
        };
        (0..size).map(|row| (0..size).map(|column| entry(row, column)).collect()).collect()
    }

    /// How the pair of a tree and column reads: `0,3 | 1,2`, with the names of the variables.
    pub fn label(&self, tree: usize, column: usize, names: &[String]) -> String {
        let name = |variable: usize| names.get(variable).cloned().unwrap_or_else(|| variable.to_string());
        let pair = format!("{},{}", name(self.order[column]), name(self.partners[tree][column]));
        let given: Vec<String> = (0..tree).map(|t| name(self.partners[t][column])).collect();
        if given.is_empty() { pair } else { format!("{pair} | {}", given.join(",")) }
    }

    /// Where the second argument of the pair of a tree and column comes from.
    pub(super) fn source(&self, tree: usize, column: usize) -> Source {
        let place = |variable: usize| self.order.iter().position(|&other| other == variable).unwrap_or(0);
        // The column led by whichever of the partners leads first holds the distribution of the last one given the others.
        let places: Vec<usize> = (0..=tree).map(|t| place(self.partners[t][column])).collect();
        let first = places.iter().copied().min().unwrap_or(0);
        if places[tree] == first { Source::Leader(first) } else { Source::Partner(first) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_of_stars_and_paths() {
        let star = VineStructure::c_vine(&[0, 1, 2, 3]).unwrap();
        assert_eq!(star.matrix(), [[4, 4, 4, 4], [3, 3, 3, 0], [2, 2, 0, 0], [1, 0, 0, 0]]);
        let path = VineStructure::d_vine(&[0, 1, 2, 3]).unwrap();
        assert_eq!(path.matrix(), [[2, 3, 4, 4], [3, 4, 3, 0], [4, 2, 0, 0], [1, 0, 0, 0]]);
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(path.label(2, 0, &names), "a,d | b,c");
        assert_eq!(path.source(1, 0), Source::Partner(1));
        assert_eq!(star.source(1, 0), Source::Leader(2));
        assert!(VineStructure::d_vine(&[0, 2]).unwrap_err().to_string().contains("[0, 2]"));
    }
}
