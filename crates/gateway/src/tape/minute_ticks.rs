//! The trades of a minute, as far as its bar can tell.

use bellwether::market::{Bar, Symbol};

use super::hash::{mix, nth, unit};

const SECOND: i64 = 1_000_000;
/// Trades of a bar that does not count them: one in a hundred shares, between these two.
const UNCOUNTED: (f64, f64) = (4.0, 600.0);
/// No minute has more; a bar that counts more is damaged.
const MOST_TRADES: f64 = 200_000.0;

/// The trades of one bar, each known by its number and none of them stored.
///
/// ```text
/// trades   n = the bar's count; without one a trade per 100 shares, 4 to 600; never fewer than the bar's prices need
/// time     0 for the first, the bar's length less a second for the last, at (k + u) / (n − 1) of that between
/// price    straight lines through open, one extreme, the other extreme and close, in whole cents; all four are met exactly
/// shares   made(k) = k + floor((volume − n) (k − u') / n) until the k-th, made(n) = volume
/// ```
/// `u`, `u'`, which extreme comes first and at which trade each is met follow from a hash of symbol and minute. A trade has at
/// least one share, unless the bar has fewer shares than trades: then each has the same part of them. A bar that a halt cuts
/// short has all its trades before the halt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinuteTicks {
    open_at: i64,
    /// From the first to the last trade, microseconds.
    span: i64,
    /// How many there are; at least one.
    trades: usize,
    volume: f64,
    seed: u64,
    /// (number of the trade, price), in order; those past `knots_used` are not used.
    knots: [(usize, f64); 4],
    knots_used: usize,
}

impl MinuteTicks {
    /// The trades of `bar`, all of them before `end`.
    pub(crate) fn new(symbol: &Symbol, bar: &Bar, end: i64) -> Self {
        let seed = mix(symbol.as_str(), bar.open_at as u64);
        let (first, second) = if seed & 1 == 0 { (bar.high, bar.low) } else { (bar.low, bar.high) };
        let part = |bits: u64| (bits & 0xFFFF) as f64 / 65_535.0;
        let (first_at, second_at) = (0.12 + 0.30 * part(seed >> 16), 0.52 + 0.36 * part(seed >> 32));

        let counted = bar.trades.filter(|trades| *trades >= 1.0).map(f64::round);
        let wanted = counted.unwrap_or_else(|| (bar.volume / 100.0).ceil().clamp(UNCOUNTED.0, UNCOUNTED.1));
        let wanted = wanted.min(MOST_TRADES) as usize;
        let path = match wanted {
            0..=3 => few(bar, [first, second]),
            _ => Path { prices: [bar.open, first, second, bar.close], used: 4 },
        };
        let trades = wanted.max(path.used);
        let mut knots = [(0, bar.open); 4];
        for (knot, price) in path.prices.into_iter().enumerate().take(path.used) {
            // Between those before it and those that must still come.
            let (least, most) = (knot, trades - path.used + knot);
            let at = [0.0, first_at, second_at, 1.0][if knot + 1 == path.used && knot > 0 { 3 } else { knot }];
            let number = ((at * (trades - 1) as f64).round() as usize).clamp(least, most);
            let number = if knot == 0 { 0 } else { number.max(knots[knot - 1].0 + 1) };
            knots[knot] = (number, price);
        }
        let span = (end.min(bar.close_at) - SECOND - bar.open_at).max(0);
        Self { open_at: bar.open_at, span, trades, volume: bar.volume, seed, knots, knots_used: path.used }
    }

    /// When the `k`-th is made, microseconds; not before the one before it.
    pub(crate) fn at(&self, k: usize) -> i64 {
        let last = self.trades - 1;
        if k == 0 {
            self.open_at
        } else if k >= last {
            self.open_at + self.span
        } else {
            let u = unit(nth(self.seed, 2 * k as u64));
            self.open_at + (self.span as f64 * (k as f64 + u) / last as f64) as i64
        }
    }

    /// How many are made until `t`, `t` included.
    pub(crate) fn made_until(&self, t: i64) -> usize {
        if t < self.open_at {
            return 0;
        }
        if t >= self.open_at + self.span {
            return self.trades;
        }
        let passed = (t - self.open_at) as f64 / self.span as f64;
        // Right but for rounding, which the loops mend.
        let mut made = ((passed * (self.trades - 1) as f64) as usize).min(self.trades - 1);
        while made > 1 && self.at(made - 1) > t {
            made -= 1;
        }
        while made < self.trades && self.at(made) <= t {
            made += 1;
        }
        made
    }

    /// Price of the `k`-th.
    pub(crate) fn price(&self, k: usize) -> f64 {
        let knots = &self.knots[..self.knots_used];
        for pair in knots.windows(2) {
            let ((from, start), (until, end)) = (pair[0], pair[1]);
            if k < until {
                let price = start + (end - start) * (k - from) as f64 / (until - from) as f64;
                return super::cents(price).clamp(start.min(end), start.max(end));
            }
        }
        knots[self.knots_used - 1].1
    }

    /// Lowest and highest price of those from `first` until `end`, `end` not included. `None` when there are none.
    pub(crate) fn range(&self, first: usize, end: usize) -> Option<(f64, f64)> {
        let last = end.checked_sub(1).filter(|last| *last >= first)?;
        // Straight lines: no price lies outside its two knots.
        let within = self.knots[..self.knots_used].iter().filter(|(k, _)| (first..end).contains(k)).map(|(_, price)| *price);
        let ends = [self.price(first), self.price(last)];
        Some(within.chain(ends).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), price| (low.min(price), high.max(price))))
    }

    /// Shares of the first `k`.
    pub(crate) fn volume_of(&self, k: usize) -> f64 {
        let n = self.trades as f64;
        if k == 0 {
            0.0
        } else if k >= self.trades {
            self.volume
        } else if self.volume < n {
            self.volume * k as f64 / n
        } else {
            let u = unit(nth(self.seed, 2 * k as u64 + 1));
            k as f64 + ((self.volume - n) * (k as f64 - u) / n).floor()
        }
    }

    /// Shares of the `k`-th.
    pub(crate) fn size(&self, k: usize) -> f64 {
        self.volume_of(k + 1) - self.volume_of(k)
    }

    /// Price times shares of those from `first` until `end`, added up.
    pub(crate) fn turnover(&self, first: usize, end: usize) -> f64 {
        (first..end).map(|k| self.price(k) * self.size(k)).sum()
    }

    /// A number that belongs to the `k`-th and to no other, for what else is to be known of it.
    pub(crate) fn salt(&self, k: usize) -> u64 {
        nth(!self.seed, k as u64)
    }
}

/// The prices that trades have to meet, in order.
struct Path {
    prices: [f64; 4],
    used: usize,
}

/// The path when there may be too few trades for all four: an extreme that is the open or the close needs no trade of its own.
fn few(bar: &Bar, extremes: [f64; 2]) -> Path {
    let mut path = Path { prices: [bar.open; 4], used: 1 };
    let mut meet = |price: f64| {
        path.prices[path.used] = price;
        path.used += 1;
    };
    extremes.into_iter().filter(|price| *price != bar.open && *price != bar.close).for_each(&mut meet);
    if bar.close != bar.open || bar.high != bar.low {
        meet(bar.close);
    }
    path
}

#[cfg(test)]
#[path = "minute_ticks_tests.rs"]
mod tests;
