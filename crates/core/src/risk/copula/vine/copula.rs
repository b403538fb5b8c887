//! A vine with its pair copulas: density, Rosenblatt transform, simulation.

use rand::Rng as _;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};

use super::structure::{Source, VineStructure};
use crate::{
    Error, Result,
    risk::copula::{
        Family, PairCopula,
        observations::{check_pairs, inside},
    },
};

/// A vine copula.
#[derive(Debug, Clone)]
pub struct VineCopula {
    structure: VineStructure,
    pairs: Vec<Vec<PairCopula>>,
}

/// Values of every column as trees are worked through: of its leading variable and of its last partner, each given the others.
pub(super) struct Columns {
    leaders: Vec<Vec<f64>>,
    partners: Vec<Vec<f64>>,
}

impl Columns {
    pub(super) fn new(structure: &VineStructure, data: &[&[f64]]) -> Self {
        let leaders = structure.order().iter().map(|&variable| data[variable].to_vec()).collect();
        Self { leaders, partners: vec![Vec::new(); structure.size()] }
    }

    /// The two arguments of a pair.
    pub(super) fn arguments(&self, column: usize, source: Source) -> [&[f64]; 2] {
        let second = match source {
            Source::Leader(other) => &self.leaders[other],
            Source::Partner(other) => &self.partners[other],
        };
        [&self.leaders[column], second]
    }

    /// Goes on to the next tree, in columns from the first to the last: a pair's second argument is of a later column.
    pub(super) fn advance(&mut self, column: usize, source: Source, pair: &PairCopula) {
        let [first, second] = self.arguments(column, source);
        let (leader, partner) = match pair.family() {
            Family::Independence => (first.to_vec(), second.to_vec()),
            _ => {
                let [partner, leader] = pair.conditionals(first, second);
                (leader, partner)
            }
        };
        (self.leaders[column], self.partners[column]) = (leader, partner);
    }
}

impl VineCopula {
    /// The vine with these pair copulas: `pairs[t][e]` joins, in tree `t`, the leading variable of column `e` with its partner.
    ///
    /// # Errors
    /// [`Error::Copula`] unless there is a pair for every tree and column of the structure.
    pub fn new(structure: VineStructure, pairs: Vec<Vec<PairCopula>>) -> Result<Self> {
        let [expected, found]: [Vec<usize>; 2] =
            [structure.partners().iter().map(Vec::len).collect(), pairs.iter().map(Vec::len).collect()];
        if expected != found {
            let problem = format!("trees of {found:?} pair copulas, but the structure has {expected:?}");
            return Err(Error::Copula { what: "vine".to_owned(), problem });
        }
        Ok(Self { structure, pairs })
    }

    /// Which pairs it is made of.
    pub fn structure(&self) -> &VineStructure {
        &self.structure
    }

    /// The pair copulas, tree by tree.
    pub fn pairs(&self) -> &[Vec<PairCopula>] {
        &self.pairs
    }

    /// Number of parameters.
    pub fn parameter_count(&self) -> usize {
        self.pairs.iter().flatten().map(|pair| pair.parameters().len()).sum()
    }

    fn check(&self, data: &[&[f64]]) -> Result<()> {
        let size = self.structure.size();
        if data.len() != size {
            let problem = format!("{} columns, but the vine joins {size} variables", data.len());
            return Err(Error::Copula { what: "data".to_owned(), problem });
        }
        data.iter().try_for_each(|column| check_pairs(data[0], column))
    }

    /// Logarithms of the density, a row each.
    ///
    /// # Errors
    /// [`Error::Copula`] where the columns are not as many as the variables, differ in length or hold something that is not a probability.
    pub fn log_density(&self, data: &[&[f64]]) -> Result<Vec<f64>> {
        self.check(data)?;
        let mut sum = vec![0.0; data[0].len()];
        self.walk(data, |first, second, pair| {
            if pair.family() != Family::Independence {
                sum.iter_mut().zip(pair.log_densities(first, second)).for_each(|(sum, term)| *sum += term);
            }
        });
        Ok(sum)
    }

    /// The sum of [`VineCopula::log_density`]; errors as there.
    pub fn log_likelihood(&self, data: &[&[f64]]) -> Result<f64> {
        Ok(self.log_density(data)?.iter().sum())
    }

    /// Rosenblatt's transform: each variable's probability given those later in the order, independent and uniform where the vine is
    /// the data's copula. A column for each variable; errors as [`VineCopula::log_density`].
    pub fn rosenblatt(&self, data: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
        self.check(data)?;
        let leaders = self.walk(data, |_, _, _| ()).leaders;
        let mut columns = vec![Vec::new(); leaders.len()];
        leaders.into_iter().zip(self.structure.order()).for_each(|(values, &variable)| columns[variable] = values);
        Ok(columns)
    }

    /// Visits all pairs with their arguments, tree by tree.
    fn walk(&self, data: &[&[f64]], mut visit: impl FnMut(&[f64], &[f64], &PairCopula)) -> Columns {
        let mut columns = Columns::new(&self.structure, data);
        for (tree, pairs) in self.pairs.iter().enumerate() {
            for (column, pair) in pairs.iter().enumerate() {
                let source = self.structure.source(tree, column);
                let [first, second] = columns.arguments(column, source);
                visit(first, second, pair);
                columns.advance(column, source, pair);
            }
        }
        columns
    }

    /// `rows` independent draws, a column for each variable; the same for the same seed.
    pub fn simulate(&self, rows: usize, seed: u64) -> Vec<Vec<f64>> {
        let size = self.structure.size();
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let exchanged: Vec<Vec<PairCopula>> =
            self.pairs.iter().map(|tree| tree.iter().map(PairCopula::exchanged).collect()).collect();
        let inverses: Vec<Vec<_>> =
            exchanged.iter().map(|tree| tree.iter().map(PairCopula::conditional_inverse).collect()).collect();
        let sources: Vec<Vec<Source>> =
            (0..size - 1).map(|tree| (0..size - 1 - tree).map(|column| self.structure.source(tree, column)).collect()).collect();
        // By tree and column, as in `Columns`.
        let mut leaders = vec![vec![0.0; size]; size];
        let mut partners = leaders.clone();
        let mut drawn = vec![Vec::with_capacity(rows); size];
        for _ in 0..rows {
            for column in (0..size).rev() {
                let trees = size - 1 - column;
                let second = |tree: usize, leaders: &[Vec<f64>], partners: &[Vec<f64>]| match sources[tree][column] {
                    Source::Leader(other) => leaders[tree][other],
                    Source::Partner(other) => partners[tree][other],
                };
                let mut value = inside(generator.random());
                // Given all partners, the leader is its own draw.
                leaders[trees][column] = value;
                for tree in (0..trees).rev() {
                    value = inside(inverses[tree][column](second(tree, &leaders, &partners), value));
                    leaders[tree][column] = value;
                }
                for tree in 0..trees {
                    let (first, second) = (leaders[tree][column], second(tree, &leaders, &partners));
                    partners[tree + 1][column] = inside(self.pairs[tree][column].h1_at(first, second));
                }
                drawn[self.structure.order()[column]].push(value);
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::copula::{Rotation, kendall_tau};

    fn vine() -> VineCopula {
        let pair = |family, rotation, parameters: &[f64]| PairCopula::new(family, rotation, parameters).unwrap();
        let pairs = vec![
            vec![
                pair(Family::Clayton, Rotation::R0, &[2.0]),
                pair(Family::StudentT, Rotation::R0, &[-0.5, 4.0]),
                pair(Family::Gumbel, Rotation::R270, &[1.5]),
            ],
            vec![pair(Family::Frank, Rotation::R0, &[-3.0]), pair(Family::Clayton, Rotation::R90, &[0.7])],
            vec![PairCopula::independence()],
        ];
        VineCopula::new(VineStructure::d_vine(&[2, 0, 3, 1]).unwrap(), pairs).unwrap()
    }

    #[test]
    fn simulation_is_undone_by_rosenblatts_transform() {
        let vine = vine();
        let drawn = vine.simulate(3_000, 5);
        let columns: Vec<&[f64]> = drawn.iter().map(Vec::as_slice).collect();
        let transformed = vine.rosenblatt(&columns).unwrap();
        for i in 0..4 {
            let mean = transformed[i].iter().sum::<f64>() / 3_000.0;
            assert!((mean - 0.5).abs() < 0.02, "variable {i} is uniform: {mean}");
            for j in 0..i {
                let tau = kendall_tau(&transformed[i], &transformed[j]);
                assert!(tau.abs() < 0.04, "{i} and {j} are independent: {tau}");
            }
        }
        let tau = kendall_tau(columns[2], columns[0]);
        assert!((tau - 0.5).abs() < 0.03, "the first pair is Clayton's: {tau}");
        assert_eq!(vine.simulate(10, 5)[0], drawn[0][..10], "rows follow the seed alone");
    }

    #[test]
    fn a_vine_of_two_is_its_pair() {
        let pair = PairCopula::new(Family::Joe, Rotation::R90, &[1.7]).unwrap();
        let vine = VineCopula::new(VineStructure::d_vine(&[0, 1]).unwrap(), vec![vec![pair.clone()]]).unwrap();
        let [u, v] = pair.simulate(50, 2);
        assert_eq!(vine.log_density(&[&u, &v]).unwrap(), pair.log_density(&u, &v).unwrap());
        assert!(VineCopula::new(VineStructure::d_vine(&[0, 1, 2]).unwrap(), vec![vec![pair]]).is_err());
    }
}
