//! The triple barrier: which comes first, the profit, the loss or the end of patience.

use serde::{Deserialize, Serialize};

use super::{Labels, labels::positive_horizon};
use crate::{
    error::{Error, Result},
    market::Series,
};

/// What the distances of the horizontal barriers are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarrierWidth {
    /// Fractions of the entry price: 0.02 is two per cent.
    Fraction,
    /// Multiples of the volatility of one bar at entry, [`ewm_volatility`] with this span.
    EwmVolatility {
        /// Span of the average, bars; 100 is usual for days.
        span: usize,
    },
}

/// The label of a position that reaches the vertical barrier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// 0: neither barrier was reached.
    #[default]
    Zero,
    /// The sign of the return at expiry.
    Sign,
}

/// A barrier that ends a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Barrier {
    /// Above the entry.
    ProfitTake,
    /// Below the entry.
    StopLoss,
    /// The last bar of the horizon.
    Vertical,
}

/// Settings of the triple-barrier label.
///
/// A long position is entered at the close of the row. From the next bar on, the first barrier reached decides:
/// ```text
/// upper = close_t (1 + p w_t),   lower = close_t (1 − s w_t),   w_t = 1 or the volatility at t
/// bar u = t+1 … t+h:  open_u <= lower                 → stop loss at open_u        (a gap through it: worse than the barrier)
///                     open_u >= upper                 → profit take at open_u
///                     low_u <= lower                  → stop loss at lower
///                     high_u >= upper                 → profit take at upper
/// none of them by t+h                                 → vertical, at close_{t+h}
/// ```
/// When one bar holds both barriers and its open neither, the order within the bar is unknown and **the loss counts**: a label
/// must not be better than what could have been had. The label is 1, −1, or what [`Expiry`] says; it is known at `close_at` of
/// bar `u`. NaN where no barrier is reached by the end of the series and the horizon lies beyond it, and where the volatility
/// is not known yet.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `profit_take` | 2 | distance above, in `width`; none: no barrier above | > 0 |
/// | `stop_loss` | 1 | distance below, in `width`; none: no barrier below | > 0 |
/// | `horizon` | 20 | bars until the vertical barrier | >= 1 |
/// | `width` | volatility, span 100 | what distances are counted in | span >= 2 |
/// | `expiry` | zero | the label at the vertical barrier | |
///
/// # References
/// M. López de Prado, *Advances in Financial Machine Learning*, 2018, section 3.4. There barriers are watched on closes; here
/// on highs and lows, as an order in the market would meet them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TripleBarrier {
    /// Distance of the upper barrier, in `width`.
    pub profit_take: Option<f64>,
    /// Distance of the lower barrier, in `width`.
    pub stop_loss: Option<f64>,
    /// Bars until the vertical barrier.
    pub horizon: usize,
    /// What distances are counted in.
    pub width: BarrierWidth,
    /// The label at the vertical barrier.
    pub expiry: Expiry,
}

impl Default for TripleBarrier {
    fn default() -> Self {
        Self {
            profit_take: Some(2.0),
            stop_loss: Some(1.0),
            horizon: 20,
            width: BarrierWidth::EwmVolatility { span: 100 },
            expiry: Expiry::Zero,
        }
    }
}

/// Triple-barrier labels, and how each came about.
#[derive(Debug, Clone, PartialEq)]
pub struct BarrierLabels {
    /// 1, −1 or 0, with the time at which each is known.
    pub labels: Labels,
    /// The barrier reached first; `None` where the label is undefined.
    pub barrier: Vec<Option<Barrier>>,
    /// Return from entry to the price at which the barrier was met, a fraction before costs; NaN where undefined.
    pub exit_return: Vec<f64>,
}

impl TripleBarrier {
    /// Labels every row of `bars`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn label(&self, bars: Series<'_>) -> Result<BarrierLabels> {
        let width = match self.width {
            BarrierWidth::Fraction => vec![1.0; bars.len()],
            BarrierWidth::EwmVolatility { span } => ewm_volatility(bars.close, span)?,
        };
        self.label_with(bars, &width)
    }

    /// [`TripleBarrier::label`] with the width of each row given: a fraction of the price known at the row's close, such as a
    /// forecast volatility. `self.width` is not used. NaN, 0 and less leave the row without a label.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its range, [`Error::Column`] when `width` is not as long as `bars`.
    pub fn label_with(&self, bars: Series<'_>, width: &[f64]) -> Result<BarrierLabels> {
        self.check()?;
        if width.len() != bars.len() {
            return Err(Error::Column {
                table: "bars".to_owned(),
                column: "width".to_owned(),
                problem: format!("has {} rows, expected {}", width.len(), bars.len()),
            });
        }
        let rows = bars.len();
        let mut labels = Labels::undefined(rows);
        let (mut barrier, mut exit_return) = (vec![None; rows], vec![f64::NAN; rows]);
        for (row, &width) in width.iter().enumerate() {
            let Some((reached, by, price)) = self.first_reached(bars, row, width) else { continue };
            let earned = price / bars.close[row] - 1.0;
            let value = match (reached, self.expiry) {
                (Barrier::ProfitTake, _) => 1.0,
                (Barrier::StopLoss, _) => -1.0,
                (Barrier::Vertical, Expiry::Sign) if earned != 0.0 => earned.signum(),
                (Barrier::Vertical, _) => 0.0,
            };
            labels.set(row, value, by, bars);
            (barrier[row], exit_return[row]) = (Some(reached), earned);
        }
        Ok(BarrierLabels { labels, barrier, exit_return })
    }

    /// The barrier that ends a position entered at the close of `row`, the bar it is met in, and the price.
    fn first_reached(&self, bars: Series<'_>, row: usize, width: f64) -> Option<(Barrier, usize, f64)> {
        let entry = bars.close[row];
        if !(width.is_finite() && width > 0.0 && entry.is_finite() && entry > 0.0) {
            return None;
        }
        let upper = self.profit_take.map_or(f64::INFINITY, |distance| entry * (1.0 + distance * width));
        let lower = self.stop_loss.map_or(f64::NEG_INFINITY, |distance| entry * (1.0 - distance * width));
        let last = row.checked_add(self.horizon)?;
        for bar in row + 1..=last.min(bars.len().saturating_sub(1)) {
            let open = bars.open[bar];
            if open <= lower {
                return Some((Barrier::StopLoss, bar, open));
            } else if open >= upper {
                return Some((Barrier::ProfitTake, bar, open));
            } else if bars.low[bar] <= lower {
                return Some((Barrier::StopLoss, bar, lower));
            } else if bars.high[bar] >= upper {
                return Some((Barrier::ProfitTake, bar, upper));
            }
        }
        let price = *bars.close.get(last)?;
        price.is_finite().then_some((Barrier::Vertical, last, price))
    }

    fn check(&self) -> Result<()> {
        positive_horizon(self.horizon)?;
        for (name, distance) in [("profit_take", self.profit_take), ("stop_loss", self.stop_loss)] {
            if let Some(distance) = distance.filter(|distance| !(distance.is_finite() && *distance > 0.0)) {
                let expected = "use a distance above 0 in units of `width`, or leave it out for no such barrier";
                return Err(Error::Setting { name, value: distance.to_string(), expected });
            }
        }
        Ok(())
    }
}

/// Standard deviation of one-bar returns, exponentially weighted: the volatility of one bar as known at each close.
///
/// ```text
/// r_t = close_t / close_{t−1} − 1,   α = 2 / (span + 1),   w_i = (1 − α)^i for the return i bars ago
/// m = Σ w r / Σ w,   σ² = Σ w (r − m)² / Σ w · (Σ w)² / ((Σ w)² − Σ w²)
/// ```
/// A fraction per bar. The first `span` rows are NaN (the row of the `span`-th return is the first with a value); over a return that is no
/// number, the average goes on as if that bar were not there. pandas' `ewm(span=span, min_periods=span, ignore_na=True).std()`.
///
/// # Errors
/// [`Error::Setting`] when `span` is below 2.
///
/// # References
/// M. López de Prado, *Advances in Financial Machine Learning*, 2018, snippet 3.1.
pub fn ewm_volatility(close: &[f64], span: usize) -> Result<Vec<f64>> {
    if span < 2 {
        return Err(Error::Setting { name: "span", value: span.to_string(), expected: "use 2 bars or more; 100 is usual" });
    }
    let keep = 1.0 - 2.0 / (span as f64 + 1.0);
    let mut out = vec![f64::NAN; close.len()];
    let (mut seen, mut weight, mut squares, mut mean, mut spread) = (0_usize, 0.0, 0.0, 0.0, 0.0);
    for t in 1..close.len() {
        let r = close[t] / close[t - 1] - 1.0;
        if r.is_finite() {
            // West's update of a weighted mean and sum of squares: nothing large is subtracted from anything large.
            let before = weight * keep;
            weight = before + 1.0;
            squares = squares * keep * keep + 1.0;
            let step = r - mean;
            spread = spread * keep + before / weight * step * step;
            mean += step / weight;
            seen += 1;
        }
        if seen >= span {
            out[t] = (spread / weight * weight * weight / (weight * weight - squares)).sqrt();
        }
    }
    Ok(out)
}

#[cfg(test)]
#[path = "labels_barriers_tests.rs"]
mod tests;
