//! How large a position may be.
//!
//! Every rule gives a share of equity; the [`Limits`] then cut it, and the answer says which of them did. What makes no sense is
//! refused: a size that comes out of a wrong sign or a probability above one looks like any other number.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where one would get in, and where out when it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// What the account is worth, in USD.
    pub equity: f64,
    /// Price of a share, in USD.
    pub price: f64,
    /// Price at which the loss is taken: below the price for a long position, above it for a short one. Without a stop the whole
    /// price counts as at risk.
    pub stop: Option<f64>,
}

/// The most that a position may be.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `risk` | 0.02 | share of equity lost when the stop is hit | above 0, to 1 |
/// | `position` | 1.0 | value of the position by equity | above 0, to 10 |
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Share of equity at risk.
    pub risk: f64,
    /// Share of equity invested.
    pub position: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { risk: 0.02, position: 1.0 }
    }
}

/// A rule for sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// `weight = target / forecast`: the position's volatility is the target's share of equity. Both a year's, or both a day's.
    VolatilityTarget {
        /// Volatility of equity that the position shall bring.
        target: f64,
        /// Forecast volatility of the stock.
        forecast: f64,
    },
    /// `fraction · (p − (1 − p) / payoff)` of equity at risk, from a calibrated probability of a gain and the gain by the loss
    /// (Kelly 1956). An edge of zero or less is a size of zero.
    Kelly {
        /// Probability of a gain; calibrated, or the size means nothing.
        probability: f64,
        /// Mean gain divided by mean loss.
        payoff: f64,
        /// Share of the full Kelly bet: a half or a quarter by custom.
        fraction: f64,
    },
    /// A fixed share of equity is lost when the stop is hit.
    FixedFraction {
        /// That share.
        risk: f64,
    },
}

/// What cut a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// [`Limits::risk`].
    Risk,
    /// [`Limits::position`].
    Position,
}

/// A size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Size {
    /// Whole shares, never rounded up; negative when the stop is above the price.
    pub shares: f64,
    /// Value of the position by equity.
    pub weight: f64,
    /// Share of equity lost when the stop is hit, or all that is invested without one.
    pub at_risk: f64,
    /// What cut it, if anything did.
    pub capped_by: Option<Cap>,
}

impl Rule {
    /// The size of a position.
    ///
    /// # Errors
    /// [`Error::Setting`] naming what makes no sense: a price, equity or volatility that is not positive, a stop at the price, a
    /// probability outside 0 to 1, a fixed fraction without a stop.
    pub fn size(&self, entry: &Entry, limits: &Limits) -> Result<Size> {
        let equity = positive("equity", entry.equity)?;
        let price = positive("price", entry.price)?;
        let (risk_cap, position_cap) =
            (within("limits.risk", limits.risk, 1.0)?, within("limits.position", limits.position, 10.0)?);
        let distance = match entry.stop {
            None => price,
            Some(stop) => positive("stop distance", (price - positive("stop", stop)?).abs())?,
        };
        let short = entry.stop.is_some_and(|stop| stop > price);
        // Equity at risk for each unit of weight.
        let exposure = distance / price;
        let wanted = match *self {
            Self::VolatilityTarget { target, forecast } => positive("target", target)? / positive("forecast", forecast)?,
            Self::Kelly { probability, payoff, fraction } => {
                if !(0.0..=1.0).contains(&probability) {
                    return Err(setting("probability", probability, "between 0 and 1"));
                }
                let edge = probability - (1.0 - probability) / positive("payoff", payoff)?;
                within("fraction", fraction, 1.0)? * edge.max(0.0) / exposure
            }
            Self::FixedFraction { risk } => {
                if entry.stop.is_none() {
                    return Err(setting("stop", f64::NAN, "given: a fixed fraction is lost at the stop"));
                }
                within("risk", risk, 1.0)? / exposure
            }
        };
        let caps = [(Cap::Risk, risk_cap / exposure), (Cap::Position, position_cap)];
        let (cap, most) = if caps[0].1 <= caps[1].1 { caps[0] } else { caps[1] };
        let weight = wanted.min(most);
        // A share is bought whole or not; a hair below a whole number is that number.
        let shares = (weight * equity / price * (1.0 + 1e-12)).floor();
        let weight = shares * price / equity;
        Ok(Size {
            shares: if short { -shares } else { shares },
            weight,
            at_risk: weight * exposure,
            capped_by: (wanted > most).then_some(cap),
        })
    }
}

/// A stop whose distance grows with the confidence of a forecast: `tight` daily volatilities at a confidence of 0, `wide` at 1.
///
/// A confident forecast is given room to be right; a weak one is given up early. `side` is 1 for a long position, -1 for a short.
///
/// # Errors
/// [`Error::Setting`] when a number makes no sense, or when the stop would be at or below zero.
pub fn stop_by_confidence(price: f64, daily_volatility: f64, confidence: f64, [tight, wide]: [f64; 2], side: f64) -> Result<f64> {
    let price = positive("price", price)?;
    let volatility = positive("daily volatility", daily_volatility)?;
    if !(0.0..=1.0).contains(&confidence) {
        return Err(setting("confidence", confidence, "between 0 and 1"));
    }
    if side.abs() != 1.0 {
        return Err(setting("side", side, "1 for long, -1 for short"));
    }
    if !(tight > 0.0 && wide >= tight) {
        return Err(setting("stop distances", tight, "positive, the wide one not below the tight one"));
    }
    positive("stop", price * (1.0 - side * volatility * (tight + (wide - tight) * confidence)))
}

fn positive(name: &'static str, value: f64) -> Result<f64> {
    match value > 0.0 && value.is_finite() {
        true => Ok(value),
        false => Err(setting(name, value, "a positive number")),
    }
}

fn within(name: &'static str, value: f64, most: f64) -> Result<f64> {
    match value > 0.0 && value <= most {
        true => Ok(value),
        false => Err(setting(name, value, if most == 1.0 { "above 0 and at most 1" } else { "above 0 and at most 10" })),
    }
}

fn setting(name: &'static str, value: f64, expected: &'static str) -> Error {
    Error::Setting { name, value: value.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Entry = Entry { equity: 100_000.0, price: 50.0, stop: Some(48.0) };

    #[test]
    fn a_fixed_fraction_loses_that_fraction_at_the_stop() {
        let size = Rule::FixedFraction { risk: 0.01 }.size(&ENTRY, &Limits::default()).unwrap();
        assert_eq!((size.shares, size.capped_by), (500.0, None));
        assert!((size.at_risk - 0.01).abs() < 1e-12 && (size.weight - 0.25).abs() < 1e-12, "{size:?}");
        let short = Rule::FixedFraction { risk: 0.01 }.size(&Entry { stop: Some(52.0), ..ENTRY }, &Limits::default()).unwrap();
        assert_eq!(short.shares, -500.0);
    }

    #[test]
    fn kelly_bets_its_edge_and_nothing_without_one() {
        let kelly = |probability, payoff| Rule::Kelly { probability, payoff, fraction: 0.5 };
        let wide = Limits { risk: 1.0, position: 10.0 };
        let size = kelly(0.6, 1.0).size(&ENTRY, &wide).unwrap();
        assert!((size.at_risk - 0.1).abs() < 1e-4, "half of 0.6 - 0.4: {size:?}");
        assert_eq!(kelly(0.4, 1.5).size(&ENTRY, &wide).unwrap().shares, 0.0);
        assert_eq!(kelly(0.3, 1.0).size(&ENTRY, &wide).unwrap().shares, 0.0);
    }

    #[test]
    fn a_volatility_target_without_a_stop_risks_what_it_invests() {
        let rule = Rule::VolatilityTarget { target: 0.1, forecast: 0.4 };
        let size = rule.size(&Entry { stop: None, ..ENTRY }, &Limits::default()).unwrap();
        assert_eq!((size.shares, size.capped_by), (40.0, Some(Cap::Risk)), "2 % of equity");
        let size = rule.size(&ENTRY, &Limits { risk: 0.5, position: 1.0 }).unwrap();
        assert_eq!((size.shares, size.capped_by), (500.0, None), "a quarter of equity");
    }

    #[test]
    fn limits_cut_and_say_so() {
        let all_in = Rule::FixedFraction { risk: 0.5 };
        let size = all_in.size(&ENTRY, &Limits::default()).unwrap();
        assert_eq!((size.shares, size.capped_by), (1_000.0, Some(Cap::Risk)));
        let size = all_in.size(&Entry { stop: Some(49.9), ..ENTRY }, &Limits::default()).unwrap();
        assert_eq!((size.shares, size.capped_by), (2_000.0, Some(Cap::Position)), "no more than equity");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let rule = Rule::FixedFraction { risk: 0.01 };
        let refused = |rule: Rule, entry: Entry| rule.size(&entry, &Limits::default()).unwrap_err().to_string();
        assert!(refused(rule, Entry { equity: 0.0, ..ENTRY }).contains("`equity` is 0"));
        assert!(refused(rule, Entry { price: f64::NAN, ..ENTRY }).contains("`price` is NaN"));
        assert!(refused(rule, Entry { stop: Some(50.0), ..ENTRY }).contains("stop distance"));
        assert!(refused(rule, Entry { stop: None, ..ENTRY }).contains("`stop`"));
        assert!(refused(Rule::FixedFraction { risk: 1.5 }, ENTRY).contains("`risk` is 1.5"));
        assert!(refused(Rule::Kelly { probability: 1.2, payoff: 1.0, fraction: 0.5 }, ENTRY).contains("`probability` is 1.2"));
        assert!(refused(Rule::Kelly { probability: 0.6, payoff: -1.0, fraction: 0.5 }, ENTRY).contains("`payoff` is -1"));
        assert!(refused(Rule::VolatilityTarget { target: 0.1, forecast: 0.0 }, ENTRY).contains("`forecast` is 0"));
        assert!(rule.size(&ENTRY, &Limits { risk: 0.0, position: 1.0 }).is_err());
    }

    #[test]
    fn a_confident_stop_is_wider() {
        let stop = |confidence, side| stop_by_confidence(100.0, 0.02, confidence, [1.0, 3.0], side).unwrap();
        assert!((stop(0.0, 1.0) - 98.0).abs() < 1e-12 && (stop(1.0, 1.0) - 94.0).abs() < 1e-12);
        assert!((stop(0.5, -1.0) - 104.0).abs() < 1e-12);
        assert!(stop_by_confidence(100.0, 0.5, 1.0, [1.0, 3.0], 1.0).is_err(), "below zero");
        assert!(stop_by_confidence(100.0, 0.02, 1.1, [1.0, 3.0], 1.0).is_err());
    }
}
