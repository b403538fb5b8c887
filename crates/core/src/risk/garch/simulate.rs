//! Returns drawn from a model.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use super::{Specification, volatility::Recent};
use crate::Result;

/// Draws thrown away before the first that counts.
const BURN: usize = 500;

/// Returns drawn from a model, with what the model knew about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The returns.
    pub returns: Vec<f64>,
    /// The conditional standard deviation of each.
    pub volatilities: Vec<f64>,
}

impl Specification {
    /// `count` returns at given parameters; the same seed gives the same returns on any machine.
    ///
    /// The draws begin at the variance that forecasts tend to (at one, where there is none), 500 steps before the first return.
    ///
    /// # Errors
    /// [`Error::Fit`](crate::Error::Fit) when the parameters are not the model's.
    pub fn simulate(&self, parameters: &[f64], count: usize, seed: u64) -> Result<Simulated> {
        self.check(parameters)?;
        let process = self.volatility.process()?;
        let (mean, rest) = parameters.split_at(self.mean.names().len());
        let (variance, shape) = rest.split_at(process.names().len());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut shocks = vec![0.0; BURN + count];
        self.distribution.sample(shape, &mut rng, &mut shocks);

        let level = process.unconditional(variance).unwrap_or(1.0);
        // A level that gives the same past however a process states it.
        let past = process.past(&[level.sqrt(); 2]);
        let mut recent = Recent { past, ..Recent::default() };
        let lags = self.mean.lags();
        let mut returns = vec![mean.first().copied().unwrap_or(0.0); lags];
        let mut volatilities = vec![level.sqrt(); lags];
        for shock in shocks {
            let s = process.next(variance, &recent);
            let e = s.sqrt() * shock;
            process.observe(&mut recent, e, s);
            returns.push(self.mean.next(mean, &returns) + e);
            volatilities.push(s.sqrt());
        }
        if let Some(at) = returns.iter().position(|value| !value.is_finite()) {
            return Err(self.problem(format!("at these parameters the simulation leaves the range of a number at step {at}")));
        }
        Ok(Simulated { returns: returns.split_off(lags + BURN), volatilities: volatilities.split_off(lags + BURN) })
    }
}
