//! A minute bar cut into parts of whole seconds along its path, so that the parts add up to it exactly.

use bellwether::market::{Bar, Symbol};

use crate::tape::MinutePath;

const SECOND: i64 = 1_000_000;

/// A minute bar that can be cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinuteParts {
    bar: Bar,
    path: MinutePath,
    /// Seconds from the first to the last trade: the close is reached in the last second.
    span: f64,
}

impl MinuteParts {
    pub(crate) fn new(symbol: &Symbol, bar: Bar) -> Self {
        let span = ((bar.close_at - bar.open_at) / SECOND - 1).max(1) as f64;
        Self { bar, path: MinutePath::new(symbol, &bar), span }
    }

    /// Part of the path that has passed in the second that starts at `at`.
    fn progress(&self, at: i64) -> f64 {
        ((at - self.bar.open_at) / SECOND) as f64 / self.span
    }

    /// Of what the bar has `total` of: what there is before `at`, in whole numbers until the end.
    fn before(&self, total: f64, at: i64) -> f64 {
        if at <= self.bar.open_at {
            0.0
        } else if at >= self.bar.close_at {
            total
        } else {
            (total * self.progress(at - SECOND)).floor().max(total.min(1.0))
        }
    }

    /// The part from `from` until `until`, both whole seconds within the bar.
    pub(crate) fn part(&self, from: i64, until: i64) -> Bar {
        let (open, close) = (self.path.price(self.progress(from)), self.path.price(self.progress(until - SECOND)));
        let (mut low, mut high) = (open.min(close), open.max(close));
        if let Some((lowest, highest)) = self.path.knots_in(self.progress(from), self.progress(until)) {
            (low, high) = (low.min(lowest), high.max(highest));
        }
        let share = |total: f64| self.before(total, until) - self.before(total, from);
        Bar {
            open_at: from,
            close_at: until,
            open,
            high,
            low,
            close,
            volume: share(self.bar.volume),
            vwap: Some((open + high + low + close) / 4.0),
            trades: self.bar.trades.map(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_parts_add_up_to_the_bar() {
        let symbol = Symbol::new("AAPL").unwrap();
        for (seed, (open, close)) in [(10.0, 10.4), (10.0, 9.7), (5.5, 5.5), (812.25, 812.26)].into_iter().enumerate() {
            let open_at = 1_700_000_040_000_000 + seed as i64 * 60 * SECOND;
            let bar = Bar {
                open_at,
                close_at: open_at + 60 * SECOND,
                open,
                high: f64::max(open, close) + 0.13,
                low: f64::min(open, close) - 0.07,
                close,
                volume: 12_347.0,
                vwap: None,
                trades: Some(101.0),
            };
            let cut = MinuteParts::new(&symbol, bar);
            let at = |i: i64| open_at + i * 5 * SECOND;
            let parts: Vec<Bar> = (0..12).map(|i| cut.part(at(i), at(i + 1))).collect();
            assert_eq!(parts[0].open, bar.open);
            assert_eq!(parts[11].close, bar.close);
            assert_eq!(parts.iter().map(|p| p.high).fold(f64::MIN, f64::max), bar.high);
            assert_eq!(parts.iter().map(|p| p.low).fold(f64::MAX, f64::min), bar.low);
            assert_eq!(parts.iter().map(|p| p.volume).sum::<f64>(), bar.volume);
            assert_eq!(parts.iter().filter_map(|p| p.trades).sum::<f64>(), 101.0);
            assert!(parts.iter().all(|p| p.volume > 0.0 && p.volume < bar.volume));
        }
    }
}
