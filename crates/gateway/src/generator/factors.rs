//! What moves all stocks, and what moves the stocks of one sector.

use rand::rngs::StdRng;

use super::{
    days::{Day, Detail},
    profile::{JUMP, REGULAR_VARIANCE},
    random::{HeavyTailed, stream},
    volatility::DailyVolatility,
};

/// The sectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sector {
    Technology,
    Health,
    Energy,
    Financials,
    Industrials,
    Consumer,
    Materials,
}

impl Sector {
    /// All of them, each at the position of its discriminant.
    pub(super) const ALL: [Self; 7] =
        [Self::Technology, Self::Health, Self::Energy, Self::Financials, Self::Industrials, Self::Consumer, Self::Materials];

    fn name(self) -> &'static str {
        match self {
            Self::Technology => "technology",
            Self::Health => "health",
            Self::Energy => "energy",
            Self::Financials => "financials",
            Self::Industrials => "industrials",
            Self::Consumer => "consumer",
            Self::Materials => "materials",
        }
    }
}

/// Long-run daily volatility of the market factor (about 14 % a year) and of a sector's own.
pub(super) const MARKET_SIGMA: f64 = 0.009;
pub(super) const SECTOR_SIGMA: f64 = 0.006;
/// Mean daily log return of the market, about 8 % a year.
const MARKET_DRIFT: f64 = 0.0003;
/// On the session day neither jumps further than this: the planted stories are the only gaps.
const CALM_JUMP: f64 = 0.003;

/// One factor on one day, in log returns.
#[derive(Debug, Clone)]
pub(super) struct FactorDay {
    /// From the last price of the day before to the first of this one. For [`Detail::Daily`]: close to open.
    pub(super) jump: f64,
    /// From open to close, for [`Detail::Daily`].
    pub(super) regular: f64,
    /// Cumulative from 04:00, one more than there are minutes. Empty for [`Detail::Daily`].
    pub(super) path: Vec<f64>,
}

/// The common part of all returns.
#[derive(Debug)]
pub(super) struct Factors {
    pub(super) market: Vec<FactorDay>,
    sectors: Vec<Vec<FactorDay>>,
}

impl Factors {
    /// One factor day for each of `days`.
    pub(super) fn generate(seed: u64, days: &[Day]) -> Self {
        let one = |name: &str, drift: f64, sigma: f64| factor(&mut stream(seed, "factor", name), drift, sigma, days);
        Self {
            market: one("market", MARKET_DRIFT, MARKET_SIGMA),
            sectors: Sector::ALL.iter().map(|sector| one(sector.name(), 0.0, SECTOR_SIGMA)).collect(),
        }
    }

    pub(super) fn sector(&self, sector: Sector) -> &[FactorDay] {
        &self.sectors[sector as usize]
    }
}

fn factor(rng: &mut StdRng, drift: f64, sigma: f64, days: &[Day]) -> Vec<FactorDay> {
    let (daily, minutely) = (HeavyTailed::new(5.0), HeavyTailed::new(6.0));
    let mut volatility = DailyVolatility::new(sigma);
    days.iter()
        .map(|day| {
            if day.detail == Detail::Session {
                volatility.calm();
            }
            let today = volatility.sigma();
            let factor = if day.detail == Detail::Daily {
                FactorDay {
                    jump: drift + today * (1.0 - REGULAR_VARIANCE).sqrt() * daily.draw(rng),
                    regular: today * REGULAR_VARIANCE.sqrt() * daily.draw(rng),
                    path: Vec::new(),
                }
            } else {
                let jump = drift + today * JUMP.sqrt() * daily.draw(rng);
                let jump = if day.detail == Detail::Session { jump.clamp(-CALM_JUMP, CALM_JUMP) } else { jump };
                let mut path = Vec::with_capacity(day.profile.len() + 1);
                let mut level = 0.0;
                path.push(level);
                for variance in &day.profile.variance {
                    level += today * variance.sqrt() * minutely.draw(rng);
                    path.push(level);
                }
                FactorDay { jump, regular: 0.0, path }
            };
            volatility.observe(factor.jump + factor.regular + factor.path.last().copied().unwrap_or(0.0));
            factor
        })
        .collect()
}
