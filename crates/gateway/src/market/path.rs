//! A minute bar cut into parts of whole seconds along its trades, so that the parts add up to it exactly.

use bellwether::market::Bar;

use crate::tape::MinuteTicks;

/// A minute bar that can be cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinuteParts {
    bar: Bar,
    ticks: MinuteTicks,
}

impl MinuteParts {
    pub(crate) fn new(bar: Bar, ticks: MinuteTicks) -> Self {
        Self { bar, ticks }
    }

    /// The part from `from` until `until`, both within the bar; without a trade it is flat at the price before it.
    pub(crate) fn part(&self, from: i64, until: i64) -> Bar {
        let Self { bar, ticks } = self;
        let (first, end) = (ticks.made_until(from - 1), ticks.made_until(until - 1));
        let before = ticks.price(first.saturating_sub(1));
        let (low, high) = ticks.range(first, end).unwrap_or((before, before));
        let volume = ticks.volume_of(end) - ticks.volume_of(first);
        Bar {
            open_at: from,
            close_at: until,
            open: if first < end { ticks.price(first) } else { before },
            high,
            low,
            close: ticks.price(end.saturating_sub(1)),
            volume,
            vwap: Some(if volume > 0.0 { ticks.turnover(first, end) / volume } else { before }),
            trades: bar.trades.map(|_| (end - first) as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use bellwether::market::Symbol;

    use super::*;

    const SECOND: i64 = 1_000_000;

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
            let cut = MinuteParts::new(bar, MinuteTicks::new(&symbol, &bar, bar.close_at));
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
