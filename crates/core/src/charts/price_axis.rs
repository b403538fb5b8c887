//! The vertical axis: which prices are shown and which of them are labelled.

/// A range of prices and the round ones within it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PriceAxis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    decimals: usize,
}

impl PriceAxis {
    /// Covers `low..=high` with a little air, labelled at about `wanted` round prices.
    pub(super) fn covering(low: f64, high: f64, wanted: usize) -> Self {
        let span = (high - low).max(high.abs() * 1e-3);
        let centre = (high + low) / 2.0;
        let (low, high) = (centre - span * 0.54, centre + span * 0.54);
        let step = round_step((high - low) / wanted.max(1) as f64);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let ticks = (first..=last).map(|tick| tick as f64 * step).collect();
        let needed = (0..6).find(|places| is_whole(step * 10f64.powi(*places))).unwrap_or(6) as usize;
        // Prices are read in cents, except where whole dollars say all.
        let decimals = if high < 1000.0 { needed.max(2) } else { needed };
        Self { low, high, ticks, decimals }
    }

    /// A tick as text.
    pub(super) fn tick_label(&self, price: f64) -> String {
        format!("{price:.*}", self.decimals)
    }
}

/// A price as text: cents, or four places below one dollar.
pub(super) fn price_label(price: f64) -> String {
    if price.abs() < 1.0 { format!("{price:.4}") } else { format!("{price:.2}") }
}

/// The smallest of 1, 2, 2.5, 5, 10 times a power of ten that is not below `step`.
pub(crate) fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let scaled = step / power;
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| scaled <= factor + 1e-9).unwrap_or(10.0);
    factor * power
}

fn is_whole(x: f64) -> bool {
    (x - x.round()).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        for (low, high) in [(17.2, 19.9), (0.0512, 0.0601), (499.0, 1200.0), (10.0, 10.0), (0.97, 1.03)] {
            let axis = PriceAxis::covering(low, high, 5);
            assert!(axis.low < low && axis.high > high, "{axis:?}");
            assert!((2..=7).contains(&axis.ticks.len()), "{axis:?}");
            for tick in &axis.ticks {
                assert!((axis.low..=axis.high).contains(tick));
                let read: f64 = axis.tick_label(*tick).parse().unwrap();
                assert!((read - tick).abs() < 1e-9, "{tick} is written {read}");
            }
        }
    }
}
