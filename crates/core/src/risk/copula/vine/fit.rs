//! The pairs of a vine of given structure, tree by tree.

use rayon::prelude::*;

use super::{
    copula::{Columns, VineCopula},
    structure::VineStructure,
};
use crate::{
    Error, Result,
    risk::copula::{
        BivariateFit, SelectConfig, kendall_tau,
        observations::check_columns,
        select::{best, check_config},
    },
};

/// A vine fitted to data.
#[derive(Debug, Clone)]
pub struct VineFit {
    /// The vine itself.
    pub copula: VineCopula,
    /// How each of its pairs was fitted, in the layout of [`VineCopula::pairs`].
    pub fits: Vec<Vec<BivariateFit>>,
    /// Log-likelihood of the data.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Rows of the data.
    pub rows: usize,
    /// Every pair's search ended because nothing better is near.
    pub converged: bool,
}

impl VineFit {
    pub(super) fn new(structure: VineStructure, fits: Vec<Vec<BivariateFit>>, rows: usize) -> Result<Self> {
        let pairs = fits.iter().map(|tree| tree.iter().map(|fit| fit.copula.clone()).collect()).collect();
        let copula = VineCopula::new(structure, pairs)?;
        let log_likelihood: f64 = fits.iter().flatten().map(|fit| fit.log_likelihood).sum();
        let count = copula.parameter_count() as f64;
        Ok(Self {
            log_likelihood,
            aic: 2.0 * count - 2.0 * log_likelihood,
            bic: count * (rows as f64).ln() - 2.0 * log_likelihood,
            rows,
            converged: fits.iter().flatten().all(|fit| fit.report.converged),
            fits,
            copula,
        })
    }
}

/// Fits the pairs of a vine, each of the family that `config` finds best, one tree after the other.
///
/// ```
/// use bellwether::risk::copula::{
///     CorrelationMatrix, EllipticalCopula, Family, SelectConfig, VineStructure, fit_vine,
/// };
///
/// let rows = vec![vec![1.0, 0.6, 0.5], vec![0.6, 1.0, 0.4], vec![0.5, 0.4, 1.0]];
/// let columns = EllipticalCopula::gaussian(CorrelationMatrix::new(rows)?).simulate(500, 1);
/// let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
/// let gaussian = SelectConfig { families: vec![Family::Gaussian], ..SelectConfig::default() };
/// let fit = fit_vine(&columns, VineStructure::d_vine(&[0, 1, 2])?, &gaussian)?;
/// assert!(fit.converged && fit.copula.parameter_count() == 3);
/// # Ok::<(), bellwether::Error>(())
/// ```
///
/// # Errors
/// [`Error::Copula`] for data as in [`fit()`](crate::risk::copula::fit()), or whose columns are not as many as the structure's variables.
///
/// # References
/// Aas, Czado, Frigessi and Bakken, Pair-copula constructions of multiple dependence, *Insurance: Mathematics and Economics* 44, 2009.
pub fn fit_vine(data: &[&[f64]], structure: VineStructure, config: &SelectConfig) -> Result<VineFit> {
    check_columns(data)?;
    check_config(config)?;
    if data.len() != structure.size() {
        let problem = format!("{} columns, but the structure joins {} variables", data.len(), structure.size());
        return Err(Error::Copula { what: "vine".to_owned(), problem });
    }
    let mut columns = Columns::new(&structure, data);
    let mut fits: Vec<Vec<BivariateFit>> = Vec::new();
    for tree in 0..structure.size() - 1 {
        let sources: Vec<_> = (0..structure.size() - 1 - tree).map(|column| structure.source(tree, column)).collect();
        let found: Vec<BivariateFit> = sources
            .par_iter()
            .enumerate()
            .map(|(column, &source)| {
                let [first, second] = columns.arguments(column, source);
                best(first, second, kendall_tau(first, second), config)
            })
            .collect();
        for (column, (fit, &source)) in found.iter().zip(&sources).enumerate() {
            columns.advance(column, source, &fit.copula);
        }
        fits.push(found);
    }
    VineFit::new(structure, fits, data[0].len())
}
