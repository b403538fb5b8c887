//! The ordinary life of one listing: a year of days, the last of them in minutes.
//!
//! ```text
//! r  = β_m r_market + β_s r_sector + ε,        ε = σ[t] · t_ν / sd(t_ν),   σ[t] by GARCH(1,1)
//! V  = typical · exp(v[t] − var(v)/2) · (σ[t]/σ)^0.7,   v[t] = 0.6 v[t−1] + 0.22 N(0, 1)
//! ```
//! Within a day both are spread by [`Profile`](super::profile::Profile); a minute exists when a Poisson number of trades,
//! with a mean in proportion to its expected volume, is not zero. Prices walk in relative terms and are scaled once at the end, so
//! that the close before the session day is the company's price; only then they are rounded to cents.

use bellwether::market::Bar;
use rand::{Rng, rngs::StdRng};

use super::{
    company::Company,
    days::{Day, Detail},
    factors::{Factors, MARKET_SIGMA, SECTOR_SIGMA},
    minute_bar::{self, Minute, daily_of, settle},
    profile::{JUMP, OPEN, REGULAR_VARIANCE},
    random::{HeavyTailed, busyness, count, normal, stream},
    volatility::DailyVolatility,
};

/// One listing's bars.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) daily: Vec<Bar>,
    pub(super) minutes: Vec<Bar>,
}

const VOLUME_PERSISTENCE: f64 = 0.6;
const VOLUME_SHOCK: f64 = 0.22;
/// On the session day an ordinary stock opens no further than this from its close, in log price.
const CALM_GAP: f64 = 0.020;
/// Sessions before the last close in which a range-bound stock leans on the top of its range.
const COILED: usize = 6;

/// Simulates `days`; the close of day `anchor` is `company.price`.
pub(super) fn simulate(seed: u64, company: &Company, days: &[Day], factors: &Factors, anchor: usize) -> Listing {
    let mut walk = Walk::new(seed, company);
    let mut parts: Vec<Part> = Vec::with_capacity(days.len());
    for (index, day) in days.iter().enumerate() {
        let common = Common { market: index, factors, company };
        walk.lean(index + COILED > anchor);
        parts.push(match day.detail {
            Detail::Daily => Part::Daily(walk.day(day, &common)),
            Detail::Minutes | Detail::Session => Part::Minutes(walk.minutes(day, &common)),
        });
    }
    let span = |day: &Day| (day.trading.open.as_microsecond(), day.trading.close.as_microsecond());
    let anchor_close = match (parts.get(anchor), days.get(anchor).map(span)) {
        (Some(Part::Daily(bar)), _) => bar.close,
        (Some(Part::Minutes(bars)), Some((open, close))) => daily_of(bars, open, close).map_or(1.0, |bar| bar.close),
        _ => 1.0,
    };
    let scale = company.price / anchor_close;
    let mut listing = Listing::default();
    for (part, day) in parts.into_iter().zip(days) {
        match part {
            Part::Daily(bar) => listing.daily.push(settle(bar, scale)),
            Part::Minutes(bars) => {
                let bars: Vec<Bar> = bars.into_iter().map(|bar| settle(bar, scale)).collect();
                let (open, close) = span(day);
                listing.daily.extend(daily_of(&bars, open, close));
                listing.minutes.extend(bars);
            }
        }
    }
    listing
}

enum Part {
    Daily(Bar),
    Minutes(Vec<Bar>),
}

/// Market and sector, as one company feels them on one day.
struct Common<'a> {
    market: usize,
    factors: &'a Factors,
    company: &'a Company,
}

impl Common<'_> {
    fn weigh(&self, of: impl Fn(&super::factors::FactorDay) -> f64) -> f64 {
        let sector = &self.factors.sector(self.company.sector)[self.market];
        self.company.market_beta * of(&self.factors.market[self.market]) + self.company.sector_beta * of(sector)
    }

    /// Cumulative from 04:00 to the start of minute `minute`.
    fn until(&self, minute: usize) -> f64 {
        self.weigh(|day| day.path[minute])
    }
}

/// The state that a listing carries from day to day.
struct Walk<'a> {
    company: &'a Company,
    rng: StdRng,
    daily: HeavyTailed,
    minutely: HeavyTailed,
    volatility: DailyVolatility,
    log_volume: f64,
    /// Log price now, and at the last close.
    level: f64,
    close_level: f64,
    /// Level that a range-bound price returns to.
    home: f64,
}

impl<'a> Walk<'a> {
    fn new(seed: u64, company: &'a Company) -> Self {
        Self {
            company,
            rng: stream(seed, "history", &company.symbol),
            daily: HeavyTailed::new(5.0),
            minutely: HeavyTailed::new(4.0),
            volatility: DailyVolatility::new(company.sigma),
            log_volume: 0.0,
            level: 0.0,
            close_level: 0.0,
            home: 0.0,
        }
    }

    fn lean(&mut self, coiled: bool) {
        self.home = if coiled { 0.02 } else { 0.0 };
    }

    /// Today's volume before anything is known of its price.
    fn volume(&mut self, calm: bool) -> f64 {
        self.log_volume = VOLUME_PERSISTENCE * self.log_volume + VOLUME_SHOCK * normal(&mut self.rng);
        if calm {
            self.log_volume = self.log_volume.clamp(-0.25, 0.25);
        }
        let variance = VOLUME_SHOCK * VOLUME_SHOCK / (1.0 - VOLUME_PERSISTENCE * VOLUME_PERSISTENCE);
        self.company.daily_volume * (self.log_volume - 0.5 * variance).exp() * self.volatility.ratio().powf(0.7)
    }

    fn pull_home(&self) -> f64 {
        if self.company.range_bound { 0.15 * (self.home - self.level) } else { 0.0 }
    }

    /// A day of which only open, close and the extremes are drawn.
    fn day(&mut self, day: &Day, common: &Common<'_>) -> Bar {
        let sigma = self.volatility.sigma();
        let volume = self.volume(false);
        let overnight = sigma * (1.0 - REGULAR_VARIANCE).sqrt() * self.daily.draw(&mut self.rng);
        let shock = self.daily.draw(&mut self.rng);
        let regular = sigma * REGULAR_VARIANCE.sqrt() * shock;
        let open = self.level + overnight + self.pull_home() + common.weigh(|factor| factor.jump);
        self.level = open + regular + common.weigh(|factor| factor.regular);
        self.close_level = self.level;
        self.volatility.observe(overnight + regular);
        // The mean of |shock| is about 0.74: days that move trade more, and the mean stays.
        let volume = (volume * (0.7 + 0.4 * shock.abs().min(6.0))).round().max(1.0);
        let bar = Minute {
            open_at: day.trading.open.as_microsecond(),
            from: open.exp(),
            to: self.level.exp(),
            sigma: self.total_sigma(sigma) * REGULAR_VARIANCE.sqrt(),
            spread: self.company.spread_bps / 1e4,
            trades: (volume / self.company.trade_size).ceil(),
            volume,
        };
        Bar { close_at: day.trading.close.as_microsecond(), ..minute_bar::draw(&bar, &mut self.rng) }
    }

    /// A day minute by minute; only minutes with trades.
    fn minutes(&mut self, day: &Day, common: &Common<'_>) -> Vec<Bar> {
        let profile = &day.profile;
        let calm = day.detail == Detail::Session;
        if calm {
            self.volatility.calm();
        }
        let sigma = self.volatility.sigma();
        let volume = self.volume(calm);
        let start = day.trading.pre_open.as_microsecond();
        let jump = sigma * JUMP.sqrt() * self.daily.draw(&mut self.rng) + self.pull_home();
        let bound = |level: f64, near: f64| if calm { level.clamp(near - CALM_GAP, near + CALM_GAP) } else { level };
        let mut own = jump;
        let mut level = bound(self.level + jump + common.weigh(|factor| factor.jump), self.close_level);
        let mut bars: Vec<Bar> = Vec::with_capacity(profile.len() / 2);
        // Up to where the price has been drawn.
        let mut drawn = 0;
        for minute in 0..profile.len() {
            let expected = volume * profile.volume[minute] * busyness(&mut self.rng, 2);
            let trades = count(&mut self.rng, expected / self.company.trade_size);
            // The opening and the closing auction always trade.
            let auction = minute == OPEN || minute == profile.close;
            if trades == 0.0 && !auction {
                continue;
            }
            let skipped = drawn < minute;
            let mut step = |until: usize, level: f64| {
                let variance = profile.variance_before[until] - profile.variance_before[drawn];
                let shock = sigma * variance.max(0.0).sqrt() * self.minutely.draw(&mut self.rng);
                own += shock;
                let level = level + shock + common.until(until) - common.until(drawn);
                drawn = until;
                level
            };
            let mut from = if skipped { step(minute, level) } else { level };
            if minute <= OPEN {
                from = bound(from, self.close_level);
            }
            level = step(minute + 1, from);
            if minute < OPEN {
                level = bound(level, self.close_level);
            }
            let trades = trades.max(1.0);
            let shares = self.shares(expected, trades);
            if minute == profile.close {
                // The closing auction prints at the official close, which is the last price of the regular session.
                let price = bars.last().map_or(level.exp(), |bar| bar.close);
                level = price.ln();
                self.close_level = level;
                bars.push(flat(start, minute, price, shares, trades));
                continue;
            }
            let bar = Minute {
                open_at: start + minute as i64 * 60_000_000,
                from: from.exp(),
                to: level.exp(),
                sigma: self.total_sigma(sigma) * profile.variance[minute].sqrt(),
                spread: self.company.spread_bps / 1e4,
                trades,
                volume: shares,
            };
            bars.push(minute_bar::draw(&bar, &mut self.rng));
        }
        self.level = level + common.until(profile.len()) - common.until(drawn);
        self.volatility.observe(own);
        bars
    }

    fn shares(&mut self, expected: f64, trades: f64) -> f64 {
        shares(&mut self.rng, expected, trades, self.company.trade_size)
    }

    /// Own, market and sector volatility together.
    fn total_sigma(&self, own: f64) -> f64 {
        let market = self.company.market_beta * MARKET_SIGMA;
        let sector = self.company.sector_beta * SECTOR_SIGMA;
        (own * own + market * market + sector * sector).sqrt()
    }
}

/// Whole shares of `trades` trades when `expected` shares were expected.
pub(super) fn shares(rng: &mut StdRng, expected: f64, trades: f64, trade_size: f64) -> f64 {
    let shares = if trades > 12.0 { expected } else { trades * trade_size * (0.3 + 1.4 * rng.random::<f64>()) };
    shares.round().max(trades)
}

/// A bar of one price.
pub(super) fn flat(start: i64, minute: usize, price: f64, volume: f64, trades: f64) -> Bar {
    let open_at = start + minute as i64 * 60_000_000;
    Bar {
        open_at,
        close_at: open_at + 60_000_000,
        open: price,
        high: price,
        low: price,
        close: price,
        volume,
        vwap: None,
        trades: Some(trades),
    }
}
