//! A vine whose structure follows from the data.

use rayon::prelude::*;

use super::{fit::VineFit, structure::VineStructure};
use crate::{
    Result,
    risk::copula::{
        BivariateFit, Family, SelectConfig, kendall_tau,
        observations::check_columns,
        select::{best, check_config},
    },
};

/// What a tree joins: a variable in the first, an edge of the tree before in the others.
struct Node {
    /// The two variables of the edge; of a single variable, that one twice.
    conditioned: [usize; 2],
    /// What the edge is given, sorted.
    conditioning: Vec<usize>,
    /// Values of either variable given the other and all of `conditioning`.
    values: [Vec<f64>; 2],
    /// The nodes of the tree before that it joins.
    ends: [usize; 2],
}

/// Two nodes that may be joined.
struct Candidate {
    nodes: [usize; 2],
    conditioned: [usize; 2],
    conditioning: Vec<usize>,
    tau: f64,
}

/// An edge that was chosen, with its pair copula for the variables in the order of `conditioned`.
pub(super) struct Edge {
    conditioned: [usize; 2],
    fit: BivariateFit,
}

impl Node {
    fn variables(&self) -> Vec<usize> {
        let mut all = self.conditioning.clone();
        all.extend(self.conditioned);
        all.sort_unstable();
        all.dedup();
        all
    }

    fn values_of(&self, variable: usize) -> &[f64] {
        &self.values[usize::from(self.conditioned[0] != variable)]
    }
}

/// Finds a regular vine: in every tree, edges that span it with the largest sum of |τ|, each with the family that `config` finds best.
///
/// ```
/// use bellwether::risk::copula::{CorrelationMatrix, EllipticalCopula, SelectConfig, select_vine};
///
/// let rows = vec![vec![1.0, 0.7, 0.5], vec![0.7, 1.0, 0.7], vec![0.5, 0.7, 1.0]];
/// let columns = EllipticalCopula::student(CorrelationMatrix::new(rows)?, 4.0)?.simulate(500, 1);
/// let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
/// let fit = select_vine(&columns, &SelectConfig::default())?;
/// assert!(fit.log_likelihood > 250.0 && fit.copula.pairs().len() == 2);
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # Errors
/// As [`fit_vine`](super::fit_vine).
///
/// # References
/// Dissmann, Brechmann, Czado and Kurowicka, Selecting and estimating regular vine copulae and application to financial returns,
/// *Computational Statistics and Data Analysis* 59, 2013.
pub fn select_vine(data: &[&[f64]], config: &SelectConfig) -> Result<VineFit> {
    check_columns(data)?;
    check_config(config)?;
    let mut nodes: Vec<Node> = data
        .iter()
        .enumerate()
        .map(|(variable, column)| Node {
            conditioned: [variable; 2],
            conditioning: Vec::new(),
            values: [column.to_vec(), Vec::new()],
            ends: [variable; 2],
        })
        .collect();
    let mut trees: Vec<Vec<Edge>> = Vec::new();
    while nodes.len() > 1 {
        let chosen = spanning_tree(nodes.len(), candidates(&nodes, trees.is_empty()));
        let last = nodes.len() == 2;
        let joined: Vec<(Edge, Node)> = chosen.into_par_iter().map(|candidate| join(&nodes, candidate, last, config)).collect();
        let (edges, next): (Vec<Edge>, Vec<Node>) = joined.into_iter().unzip();
        trees.push(edges);
        nodes = next;
    }
    let (structure, fits) = arrange(trees);
    VineFit::new(structure, fits, data[0].len())
}

/// All pairs of nodes that may be joined: in the first tree any, later those that share a node of the tree before.
fn candidates(nodes: &[Node], first_tree: bool) -> Vec<Candidate> {
    let share = |a: &Node, b: &Node| first_tree || a.ends.iter().any(|end| b.ends.contains(end));
    let pairs: Vec<[usize; 2]> = (0..nodes.len())
        .flat_map(|i| (i + 1..nodes.len()).map(move |j| [i, j]))
        .filter(|&[i, j]| share(&nodes[i], &nodes[j]))
        .collect();
    pairs
        .into_par_iter()
        .filter_map(|[i, j]| {
            let (of_i, of_j) = (nodes[i].variables(), nodes[j].variables());
            let a = of_i.iter().copied().find(|variable| !of_j.contains(variable))?;
            let b = of_j.iter().copied().find(|variable| !of_i.contains(variable))?;
            let conditioning = of_i.into_iter().filter(|variable| of_j.contains(variable)).collect();
            let tau = kendall_tau(nodes[i].values_of(a), nodes[j].values_of(b));
            Some(Candidate { nodes: [i, j], conditioned: [a, b], conditioning, tau })
        })
        .collect()
}

/// Kruskal's algorithm: the edges of largest |τ| that close no circle.
fn spanning_tree(nodes: usize, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    // Where two are equal the earlier pair wins; an undefined τ comes last.
    let weight = |candidate: &Candidate| if candidate.tau.is_nan() { -1.0 } else { candidate.tau.abs() };
    candidates.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut group: Vec<usize> = (0..nodes).collect();
    candidates.retain(|candidate| {
        let [from, to] = candidate.nodes.map(|node| group[node]);
        if from != to {
            group.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
        from != to
    });
    candidates
}

fn join(nodes: &[Node], candidate: Candidate, last: bool, config: &SelectConfig) -> (Edge, Node) {
    let [first, second] = [0, 1].map(|side| nodes[candidate.nodes[side]].values_of(candidate.conditioned[side]));
    let fit = best(first, second, candidate.tau, config);
    let values = match fit.family {
        _ if last => [Vec::new(), Vec::new()],
        Family::Independence => [first.to_vec(), second.to_vec()],
        _ => {
            let [second_given_first, first_given_second] = fit.copula.conditionals(first, second);
            [first_given_second, second_given_first]
        }
    };
    let Candidate { nodes: ends, conditioned, conditioning, .. } = candidate;
    (Edge { conditioned, fit }, Node { conditioned, conditioning, values, ends })
}

/// Orders the edges into columns: of the one edge of the last tree either variable leads a column, and with the edges of that column
/// taken away, the rest is a vine of one variable less.
fn arrange(mut trees: Vec<Vec<Edge>>) -> (VineStructure, Vec<Vec<BivariateFit>>) {
    let columns = trees.len();
    let mut order = Vec::new();
    let mut partners: Vec<Vec<usize>> = vec![Vec::new(); columns];
    let mut fits: Vec<Vec<BivariateFit>> = (0..columns).map(|_| Vec::new()).collect();
    let mut remaining = None;
    for column in 0..columns {
        let top = columns - 1 - column;
        let leader = trees[top].first().map_or(0, |edge| edge.conditioned[0]);
        order.push(leader);
        for tree in (0..=top).rev() {
            let Some(place) = trees[tree].iter().position(|edge| edge.conditioned.contains(&leader)) else { continue };
            let Edge { conditioned: [a, b], mut fit } = trees[tree].swap_remove(place);
            let partner = if a == leader { b } else { a };
            if a != leader {
                fit = fit.exchanged();
            }
            partners[tree].push(partner);
            fits[tree].push(fit);
            remaining = Some(partner);
        }
    }
    order.extend(remaining);
    (VineStructure::trusted(order, partners), fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::copula::{CorrelationMatrix, EllipticalCopula, PairCopula};

    fn data(rows: usize) -> Vec<Vec<f64>> {
        let loadings = [0.9, 0.8, 0.5, -0.6, 0.3_f64];
        let matrix = (0..5).map(|i| (0..5).map(|j| if i == j { 1.0 } else { loadings[i] * loadings[j] }).collect()).collect();
        EllipticalCopula::student(CorrelationMatrix::new(matrix).unwrap(), 5.0).unwrap().simulate(rows, 11)
    }

    fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
        columns.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn the_arranged_vine_is_the_one_that_was_fitted() {
        let columns = data(400);
        let fit = select_vine(&slices(&columns), &SelectConfig::default()).unwrap();
        let again = fit.copula.log_likelihood(&slices(&columns)).unwrap();
        assert!((fit.log_likelihood - again).abs() < 1e-8 * again.abs(), "{} {again}", fit.log_likelihood);
        let mut order = fit.copula.structure().order().to_vec();
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn independent_columns_have_a_vine_without_parameters() {
        let pair = PairCopula::independence();
        let columns: Vec<Vec<f64>> = (0..2).flat_map(|seed| pair.simulate(300, seed)).collect();
        let config = SelectConfig { criterion: crate::risk::copula::Criterion::Bic, ..SelectConfig::default() };
        let fit = select_vine(&slices(&columns), &config).unwrap();
        assert_eq!((fit.copula.parameter_count(), fit.log_likelihood), (0, 0.0));
    }

    #[test]
    fn columns_in_another_order_give_the_same_likelihood() {
        let columns = data(300);
        let config = SelectConfig { families: vec![Family::Gaussian, Family::Clayton], ..SelectConfig::default() };
        let there = select_vine(&slices(&columns), &config).unwrap();
        let turned: Vec<Vec<f64>> = columns.iter().rev().cloned().collect();
        let back = select_vine(&slices(&turned), &config).unwrap();
        assert!((there.log_likelihood - back.log_likelihood).abs() < 1e-6, "{} {}", there.log_likelihood, back.log_likelihood);
    }
}
