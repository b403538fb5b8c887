//! One number from 1 to 10 for how risky a stock is among others.

use serde::{Deserialize, Serialize};

use super::Profile;

/// What a score is made of; each makes it larger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ingredients {
    /// Forecast volatility, percent a year.
    pub annualized_vol: f64,
    /// Forecast by historical volatility.
    pub vol_ratio: f64,
    /// Lower tail dependence on the first benchmark.
    pub tail_dependence_lower: f64,
    /// Absolute correlation with it: `1 − diversification_benefit`.
    pub market_share: f64,
}

/// Weight of each ingredient.
const WEIGHTS: [f64; 4] = [0.5, 0.2, 0.2, 0.1];

impl Ingredients {
    fn all(&self) -> [f64; 4] {
        [self.annualized_vol, self.vol_ratio, self.tail_dependence_lower, self.market_share]
    }
}

impl From<&Profile> for Ingredients {
    fn from(profile: &Profile) -> Self {
        Self {
            annualized_vol: profile.annualized_vol,
            vol_ratio: profile.vol_ratio,
            tail_dependence_lower: profile.tail_dependence_lower,
            market_share: 1.0 - profile.diversification_benefit,
        }
    }
}

/// Where a stock stands among others.
///
/// ```text
/// standing = Σ weight · F(ingredient)        F: share of the universe below, on a line between its members
/// risk score = 1 + ⌊10 · share of the universe with a lower standing⌋, at most 10
/// ```
///
/// The weights are 0.5 of the annualised volatility, 0.2 of the forecast by the historical volatility, 0.2 of the lower tail
/// dependence, and 0.1 of the absolute correlation. The score never falls when an ingredient rises. On the universe that it is
/// calibrated on, each score is a tenth of the stocks.
///
/// The default serves where there is no universe: round deciles of US stocks in a quiet market, and the standing itself in tenths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreScale {
    /// Values of each ingredient in the universe, ascending.
    ingredients: [Vec<f64>; 4],
    /// Standings of the universe, ascending; empty where the standing counts as it is.
    standings: Vec<f64>,
}

/// Stocks that a calibration needs: below, deciles are a matter of chance.
pub(super) const LEAST: usize = 30;

impl Default for ScoreScale {
    fn default() -> Self {
        Self {
            ingredients: [
                vec![10.0, 16.0, 20.0, 23.0, 27.0, 31.0, 36.0, 43.0, 53.0, 70.0, 150.0],
                vec![0.4, 0.6, 0.7, 0.77, 0.84, 0.9, 0.97, 1.05, 1.2, 1.5, 3.0],
                vec![0.0, 0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25, 0.31, 0.4, 0.7],
                vec![0.0, 0.15, 0.25, 0.32, 0.38, 0.44, 0.5, 0.56, 0.63, 0.72, 1.0],
            ],
            standings: Vec::new(),
        }
    }
}

impl ScoreScale {
    /// The scale of a universe; none with fewer than 30 stocks.
    pub fn calibrated(universe: &[Ingredients]) -> Option<Self> {
        if universe.len() < LEAST {
            return None;
        }
        let sorted = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values
        };
        let ingredients = std::array::from_fn(|at| sorted(universe.iter().map(|ingredients| ingredients.all()[at]).collect()));
        let mut scale = Self { ingredients, standings: Vec::new() };
        scale.standings = sorted(universe.iter().map(|ingredients| scale.standing(ingredients)).collect());
        Some(scale)
    }

    /// Where these ingredients stand, 0 to 1.
    pub fn standing(&self, ingredients: &Ingredients) -> f64 {
        ingredients
            .all()
            .iter()
            .zip(&self.ingredients)
            .zip(WEIGHTS)
            .map(|((value, knots), weight)| weight * share_below(knots, *value))
            .sum()
    }

    /// The score of these ingredients, 1 to 10.
    pub fn score(&self, ingredients: &Ingredients) -> u8 {
        let standing = self.standing(ingredients);
        let tenths = match self.standings.len() {
            0 => (10.0 * standing).floor() as usize,
            count => 10 * self.standings.partition_point(|other| *other < standing) / count,
        };
        1 + tenths.min(9) as u8
    }
}

/// Share of ascending knots below a value, on a line between them.
fn share_below(knots: &[f64], value: f64) -> f64 {
    let last = (knots.len() - 1) as f64;
    let above = knots.partition_point(|knot| *knot < value);
    match above {
        0 => 0.0,
        count if count == knots.len() => 1.0,
        count => {
            let (low, high) = (knots[count - 1], knots[count]);
            ((count - 1) as f64 + (value - low) / (high - low)) / last
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of([annualized_vol, vol_ratio, tail_dependence_lower, market_share]: [f64; 4]) -> Ingredients {
        Ingredients { annualized_vol, vol_ratio, tail_dependence_lower, market_share }
    }

    fn universe(count: usize) -> Vec<Ingredients> {
        let spread = |at: usize, step: usize| (at * step % count) as f64 / count as f64;
        let one = |at| of([10.0 + 90.0 * spread(at, 7), 0.5 + spread(at, 13), 0.5 * spread(at, 17), spread(at, 29)]);
        (0..count).map(one).collect()
    }

    #[test]
    fn scores_of_the_universe_are_deciles() {
        let universe = universe(1_000);
        let scale = ScoreScale::calibrated(&universe).unwrap();
        let mut counts = [0; 10];
        universe.iter().for_each(|stock| counts[usize::from(scale.score(stock)) - 1] += 1);
        // Stocks that stand at the same height share a score.
        assert!(counts.iter().all(|count| (98..=102).contains(count)), "{counts:?}");
        assert!(ScoreScale::calibrated(&universe[..29]).is_none());
    }

    #[test]
    fn no_score_falls_when_an_ingredient_rises() {
        let some = universe(97);
        for scale in [ScoreScale::default(), ScoreScale::calibrated(&some).unwrap()] {
            for stock in &some {
                for at in 0..4 {
                    let mut riskier = stock.all();
                    let mut before = scale.score(stock);
                    for _ in 0..30 {
                        riskier[at] *= 1.1;
                        let now = scale.score(&of(riskier));
                        assert!(now >= before, "{stock:?} {riskier:?}");
                        before = now;
                    }
                }
            }
        }
    }

    #[test]
    fn the_ends_are_one_and_ten() {
        let scale = ScoreScale::default();
        assert_eq!((scale.score(&of([-1.0; 4])), scale.score(&of([1e9; 4]))), (1, 10));
    }
}
