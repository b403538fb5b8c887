//! Where the price is within a minute, as far as a bar can tell.

use bellwether::market::{Bar, Symbol};

/// A path through a bar: open, one extreme, the other extreme, close, straight lines between them.
///
/// Which extreme comes first and when each is touched follows from a hash of symbol and minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MinutePath {
    /// (part of the bar passed, price), in order of time.
    knots: [(f64, f64); 4],
}

impl MinutePath {
    pub(crate) fn new(symbol: &Symbol, bar: &Bar) -> Self {
        let hash = mix(symbol.as_str(), bar.open_at as u64);
        let (first, second) = if hash & 1 == 0 { (bar.high, bar.low) } else { (bar.low, bar.high) };
        let part = |bits: u64| (bits & 0xFFFF) as f64 / 65_535.0;
        let first_at = 0.12 + 0.30 * part(hash >> 16);
        let second_at = 0.52 + 0.36 * part(hash >> 32);
        Self { knots: [(0.0, bar.open), (first_at, first), (second_at, second), (1.0, bar.close)] }
    }

    /// The price in whole cents when `progress` (0 to 1) of the bar has passed; the four knots are met exactly.
    pub(crate) fn price(&self, progress: f64) -> f64 {
        let [(_, open), .., (_, close)] = self.knots;
        if progress <= 0.0 {
            return open;
        }
        for pair in self.knots.windows(2) {
            let ((from, start), (until, end)) = (pair[0], pair[1]);
            if progress < until {
                let price = start + (end - start) * (progress - from) / (until - from);
                let rounded = (price * 100.0).round() / 100.0;
                return rounded.clamp(start.min(end), start.max(end));
            }
        }
        close
    }

    /// Lowest and highest of the knots with `from <= progress < until`.
    pub(crate) fn knots_in(&self, from: f64, until: f64) -> Option<(f64, f64)> {
        let within = self.knots.iter().filter(|(at, _)| from <= *at && *at < until).map(|(_, price)| (*price, *price));
        within.reduce(|(low, high), (price, _)| (low.min(price), high.max(price)))
    }

    /// Lowest and highest price met until `progress`.
    pub(super) fn range_until(&self, progress: f64) -> (f64, f64) {
        let now = self.price(progress);
        self.knots
            .iter()
            .filter(|(at, _)| *at <= progress)
            .fold((now, now), |(low, high), (_, price)| (low.min(*price), high.max(*price)))
    }
}

/// A 64-bit hash of a text and a number that is the same on every machine and in every version (FNV-1a, then SplitMix64's finish).
pub(crate) fn mix(text: &str, number: u64) -> u64 {
    let fnv = text
        .bytes()
        .chain(number.to_le_bytes())
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    let hash = (fnv ^ (fnv >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}
