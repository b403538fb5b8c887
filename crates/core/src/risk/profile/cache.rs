//! Profiles that were made stay, for the day.

use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;

use super::{Profile, ProfileConfig, Profiles, profile, universe::models};
use crate::{
    Result,
    market::{Bars, Series, Symbol},
};

/// Profiles of a day, by symbol: a scan in the morning fits each stock once, however often it asks.
///
/// What is kept is used again only for the same closes at the same times, of the stock and of the benchmarks, and the same
/// settings: a day more, or a close that was corrected, makes a new one. Stocks that cannot be profiled are kept as such. When a day
/// is over, what was kept for it goes.
#[derive(Debug, Default)]
pub struct ProfileCache {
    /// Benchmarks, their closes, and the settings.
    common: Option<blake3::Hash>,
    kept: HashMap<Symbol, (blake3::Hash, Result<Profile, String>)>,
    /// Fits made so far.
    fits: u64,
}

impl ProfileCache {
    /// As [`profiles`](super::profiles()), fitting only what is not kept.
    ///
    /// # Errors
    /// As [`profiles`](super::profiles()).
    pub fn profiles(&mut self, bars: &Bars, benchmarks: &[Symbol], as_of: Timestamp, config: &ProfileConfig) -> Result<Profiles> {
        let common = common(bars, benchmarks, as_of, config);
        if self.common != Some(common) {
            self.kept.clear();
        }
        let symbols: Vec<(&Symbol, Series<'_>, blake3::Hash)> = bars
            .iter()
            .map(|(symbol, series)| {
                let series = series.as_of(as_of);
                (symbol, series, content(&[(symbol, series)], config.window))
            })
            .collect();
        let is_kept = |symbol: &Symbol, hash: &blake3::Hash| self.kept.get(symbol).is_some_and(|(kept, _)| kept == hash);
        let missing: Vec<_> = symbols.iter().filter(|(symbol, _, hash)| !is_kept(symbol, hash)).collect();
        if !missing.is_empty() {
            let models = models(bars, benchmarks, as_of, config)?;
            let made: Vec<Result<Profile, String>> = missing
                .par_iter()
                .map(|(symbol, series, _)| profile(symbol, *series, &models, config).map_err(|error| error.to_string()))
                .collect();
            self.fits += missing.len() as u64;
            for ((symbol, _, hash), outcome) in missing.into_iter().zip(made) {
                self.kept.insert((*symbol).clone(), (*hash, outcome));
            }
        }
        self.common = Some(common);
        let outcomes = symbols.iter().map(|(symbol, ..)| self.kept[*symbol].1.clone()).collect();
        Ok(Profiles::new(as_of, benchmarks, symbols.iter().map(|(symbol, ..)| (*symbol).clone()).collect(), outcomes))
    }

    /// Stocks fitted so far, by this cache.
    pub fn fits(&self) -> u64 {
        self.fits
    }
}

/// What all profiles of a day share.
fn common(bars: &Bars, benchmarks: &[Symbol], as_of: Timestamp, config: &ProfileConfig) -> blake3::Hash {
    let series: Vec<_> = benchmarks.iter().map(|symbol| (symbol, bars.series(symbol.as_str()).as_of(as_of))).collect();
    let mut hasher = blake3::Hasher::new();
    hasher.update(content(&series, config.window).as_bytes());
    hasher.update(format!("{config:?}").as_bytes());
    hasher.finalize()
}

/// Times and closes that a profile is made of.
fn content(series: &[(&Symbol, Series<'_>)], window: usize) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for (symbol, series) in series {
        let first = series.len().saturating_sub(window + 1);
        hasher.update(symbol.as_str().as_bytes());
        series.close_at[first..].iter().for_each(|at| _ = hasher.update(&at.to_le_bytes()));
        series.close[first..].iter().for_each(|close| _ = hasher.update(&close.to_le_bytes()));
    }
    hasher.finalize()
}
