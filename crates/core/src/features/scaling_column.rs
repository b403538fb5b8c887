//! Scaling one column, fitted on training rows.

use serde::{Deserialize, Serialize};

use crate::risk::special::normal::normal_quantile;

/// How a column is brought to the scale that a model reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// As it is.
    Keep,
    /// `(x − mean) / standard deviation` (population): returns, oscillators, spreads.
    #[default]
    ZScore,
    /// `(x − median) / (third − first quartile)`: heavy tails. Quartiles are interpolated linearly.
    Robust,
    /// `Φ⁻¹(rank / (n + 1))`, the rank among the training values, ties at their mean rank: any monotone shape becomes normal.
    /// Between training values the score is interpolated, beyond them it stays at the outermost one.
    RankToNormal,
    /// `ln(1 + x)`: volumes, counts. Undefined at −1 and below.
    Log1p,
    /// `Log1p`, then `ZScore`.
    Log1pZScore,
}

impl Scaling {
    /// As shown in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::ZScore => "z-score",
            Self::Robust => "robust",
            Self::RankToNormal => "rank to normal",
            Self::Log1p => "log",
            Self::Log1pZScore => "log, z-score",
        }
    }

    /// Fewest training values it can be fitted on.
    pub fn least_values(self) -> usize {
        match self {
            Self::Keep | Self::Log1p => 0,
            Self::ZScore | Self::Log1pZScore => 2,
            Self::Robust => 4,
            Self::RankToNormal => 10,
        }
    }
}

/// What is done where a column has no value. A value that is NaN or infinite counts as missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingValues {
    /// It stays NaN: for models that take missing values.
    #[default]
    KeepNull,
    /// The whole row is dropped.
    DropRow,
    /// The median of the training rows stands in, before scaling.
    TrainingMedian,
    /// 0 in the column's own unit stands in, before scaling.
    Zero,
}

impl MissingValues {
    /// As shown in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeepNull => "keep",
            Self::DropRow => "drop row",
            Self::TrainingMedian => "median",
            Self::Zero => "zero",
        }
    }
}

/// What scaling one column learned of its training values; nothing else is needed to scale new ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedColumn {
    /// How it is scaled.
    pub scaling: Scaling,
    /// What is done where it has no value.
    pub missing: MissingValues,
    /// Training values that were there.
    pub values: usize,
    /// Training values that were missing.
    pub absent: usize,
    /// Median of the training values, in the column's own unit; `None` without any.
    pub median: Option<f64>,
    /// The training values (after the logarithm, where there is one) have no spread: all are equal, or more than half of them
    /// for [`Scaling::Robust`]. They are centred and left on their own scale, never divided by 0.
    pub no_spread: bool,
    centre: f64,
    spread: f64,
    /// Distinct training values with their scores, ascending; at most [`FittedColumn::MOST_KNOTS`].
    knots: Vec<(f64, f64)>,
}

impl FittedColumn {
    /// Most points that rank-to-normal keeps; with more distinct values, evenly spaced ones of them.
    pub const MOST_KNOTS: usize = 1001;

    /// Learns from the values of a column at its training rows.
    ///
    /// # Errors
    /// What is wrong, to be completed with the column's name: too few values, or some that have no logarithm.
    pub(super) fn fit(training: impl Iterator<Item = f64>, scaling: Scaling, missing: MissingValues) -> Result<Self, String> {
        let mut absent = 0;
        let mut values: Vec<f64> = Vec::new();
        for value in training {
            if value.is_finite() { values.push(value) } else { absent += 1 }
        }
        values.sort_unstable_by(f64::total_cmp);
        let needed = scaling.least_values().max(usize::from(missing == MissingValues::TrainingMedian));
        if values.len() < needed {
            return Err(format!(
                "has {} values in {} training rows, and {scaling:?} with {missing:?} needs at least {needed}: leave the column out or \
                 train on more rows",
                values.len(),
                values.len() + absent
            ));
        }
        let median = (!values.is_empty()).then(|| quantile(&values, 0.5));
        let logged = matches!(scaling, Scaling::Log1p | Scaling::Log1pZScore);
        if logged {
            if let Some(lowest) = values.first().filter(|lowest| **lowest <= -1.0) {
                return Err(format!("has {lowest} in a training row, and ln(1 + x) needs values above -1: scale it otherwise"));
            }
            values.iter_mut().for_each(|value| *value = value.ln_1p());
        }
        let mut fitted = Self {
            scaling,
            missing,
            values: values.len(),
            absent,
            median,
            no_spread: false,
            centre: 0.0,
            spread: 1.0,
            knots: Vec::new(),
        };
        let equal = values.first() == values.last();
        match scaling {
            Scaling::Keep | Scaling::Log1p => {}
            // Of equal values the mean is the value; summing them would miss it by rounding.
            Scaling::ZScore | Scaling::Log1pZScore if equal => (fitted.centre, fitted.spread) = (values[0], 0.0),
            Scaling::ZScore | Scaling::Log1pZScore => (fitted.centre, fitted.spread) = mean_and_deviation(&values),
            Scaling::Robust => {
                fitted.centre = quantile(&values, 0.5);
                fitted.spread = quantile(&values, 0.75) - quantile(&values, 0.25);
            }
            Scaling::RankToNormal => {
                fitted.knots = scores(&values);
                fitted.no_spread = equal;
            }
        }
        if !(fitted.centre.is_finite() && fitted.spread.is_finite()) {
            return Err("has values so large that their spread is no number: scale it otherwise".to_owned());
        }
        if fitted.spread == 0.0 {
            (fitted.spread, fitted.no_spread) = (1.0, true);
        }
        Ok(fitted)
    }

    /// The scaled value of `x`, its own unit in, the scale's out; NaN where it is missing and [`MissingValues`] keeps it so, or
    /// where it has no logarithm.
    pub fn transform(&self, x: f64) -> f64 {
        let x = match self.missing {
            _ if x.is_finite() => x,
            MissingValues::KeepNull | MissingValues::DropRow => return f64::NAN,
            MissingValues::TrainingMedian => self.median.unwrap_or(f64::NAN),
            MissingValues::Zero => 0.0,
        };
        let logarithm = || if x > -1.0 { x.ln_1p() } else { f64::NAN };
        match self.scaling {
            Scaling::Keep => x,
            Scaling::Log1p => logarithm(),
            Scaling::ZScore | Scaling::Robust => (x - self.centre) / self.spread,
            Scaling::Log1pZScore => (logarithm() - self.centre) / self.spread,
            Scaling::RankToNormal => interpolated(&self.knots, x),
        }
    }

    /// The value whose scaled value is `y`. For rank-to-normal, one between the least and the greatest training value: what lay
    /// beyond them cannot be told again. NaN for NaN.
    pub fn inverse(&self, y: f64) -> f64 {
        match self.scaling {
            Scaling::Keep => y,
            Scaling::Log1p => y.exp_m1(),
            Scaling::ZScore | Scaling::Robust => y * self.spread + self.centre,
            Scaling::Log1pZScore => (y * self.spread + self.centre).exp_m1(),
            Scaling::RankToNormal => {
                let swapped: Vec<(f64, f64)> = self.knots.iter().map(|(value, score)| (*score, *value)).collect();
                interpolated(&swapped, y)
            }
        }
    }
}

/// Mean and population standard deviation, in two passes.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt())
}

/// Quantile of sorted values, interpolated linearly between order statistics (numpy's default).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// Distinct values of a sorted column with the normal score of their mean rank.
fn scores(sorted: &[f64]) -> Vec<(f64, f64)> {
    let n = sorted.len() as f64;
    let mut knots = Vec::new();
    let mut before = 0;
    for same in sorted.chunk_by(|a, b| a == b) {
        let rank = before as f64 + (same.len() as f64 + 1.0) / 2.0;
        knots.push((same[0], normal_quantile(rank / (n + 1.0))));
        before += same.len();
    }
    let (count, most) = (knots.len(), FittedColumn::MOST_KNOTS);
    if count <= most {
        return knots;
    }
    (0..most).map(|knot| knots[knot * (count - 1) / (most - 1)]).collect()
}

/// `y` at `x` on the line through `points`, ascending in both; the outermost `y` beyond them.
fn interpolated(points: &[(f64, f64)], x: f64) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return f64::NAN };
    if x.is_nan() {
        return f64::NAN;
    }
    let above = points.partition_point(|point| point.0 < x);
    if above == 0 {
        return first.1;
    }
    let Some(right) = points.get(above) else { return last.1 };
    let left = points[above - 1];
    if right.0 == x { right.1 } else { left.1 + (right.1 - left.1) * ((x - left.0) / (right.0 - left.0)) }
}
