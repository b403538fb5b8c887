//! Columns that were computed before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use polars::prelude::DataFrame;

use super::{Feature, Selection, compute::compute_with};
use crate::{
    error::Result,
    market::{Bars, ContentHash, Series},
};

/// Remembers the columns of symbols, so that only what is new is computed: other features over the same bars, or the symbols
/// whose bars have changed.
///
/// Bars are told by a hash of all their numbers, those of the benchmark included; a feature by what computes it, not by its
/// name, so one defined anew under an old name is computed anew. Numbers are the same as without a cache. At most as many
/// bytes are kept as asked for; what was used longest ago goes first.
///
/// ```
/// use bellwether::features::{Catalogue, FeatureCache, Selection, compute};
/// # use bellwether::features::doc_bars;
///
/// let bars = doc_bars();
/// let cache = FeatureCache::with_capacity(64 << 20);
/// let selection = Selection::of(Catalogue::shipped().select("momentum")?);
/// let first = cache.compute(&bars, &selection)?;
/// assert!(cache.compute(&bars, &selection)?.equals_missing(&first));
/// assert!(cache.bytes() > 0);
/// # Ok::<(), bellwether::Error>(())
/// ```
#[derive(Debug)]
pub struct FeatureCache {
    capacity: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: usize,
    /// Counts the uses.
    now: u64,
    symbols: HashMap<ContentHash, Columns>,
}

/// Columns of one symbol's bars.
#[derive(Debug, Default)]
struct Columns {
    used: u64,
    known: Vec<(Feature, Arc<[f64]>)>,
}

impl Columns {
    fn bytes(&self) -> usize {
        self.known.iter().map(|(_, column)| size_of_val(column.as_ref())).sum()
    }
}

impl FeatureCache {
    /// A cache that keeps so many bytes of columns at most.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { capacity: bytes, kept: Mutex::default() }
    }

    /// As [`compute`](super::compute()), from what is remembered where it can be.
    ///
    /// # Errors
    /// As [`compute`](super::compute()).
    pub fn compute(&self, bars: &Bars, selection: &Selection) -> Result<DataFrame> {
        compute_with(bars, selection, Some(self))
    }

    /// Bytes of the columns that are kept.
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing under the lock can panic half-way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The columns of these bars that are remembered, in the order of the features.
    pub(super) fn known(&self, bars: ContentHash, features: &[Feature]) -> Vec<Option<Arc<[f64]>>> {
        let mut kept = self.kept();
        kept.now += 1;
        let now = kept.now;
        let Some(columns) = kept.symbols.get_mut(&bars) else { return vec![None; features.len()] };
        columns.used = now;
        let column = |feature: &Feature| columns.known.iter().find(|(known, _)| known.is(feature));
        features.iter().map(|feature| column(feature).map(|(_, column)| Arc::clone(column))).collect()
    }

    /// Remembers columns of these bars.
    pub(super) fn remember(&self, bars: ContentHash, new: Vec<(Feature, Arc<[f64]>)>) {
        let mut kept = self.kept();
        let now = kept.now;
        let columns = kept.symbols.entry(bars).or_default();
        let before = columns.bytes();
        columns.used = now;
        // Another thread may have been as fast.
        for (feature, column) in new {
            if !columns.known.iter().any(|(known, _)| known.is(&feature)) {
                columns.known.push((feature, column));
            }
        }
        let after = columns.bytes();
        kept.bytes = kept.bytes + after - before;
        while kept.bytes > self.capacity {
            let Some(oldest) = kept.symbols.iter().min_by_key(|(_, columns)| columns.used).map(|(bars, _)| *bars) else { break };
            let gone = kept.symbols.remove(&oldest).map_or(0, |columns| columns.bytes());
            kept.bytes -= gone;
        }
    }
}

/// What tells bars from others: all that features see of them.
pub(super) fn key_of(bars: Series<'_>, benchmark: Option<&[f64]>) -> ContentHash {
    let Series { open_at, close_at, open, high, low, close, volume, vwap, trades } = bars;
    ContentHash::of_columns(&[open_at, close_at], &[open, high, low, close, volume, vwap, trades, benchmark.unwrap_or_default()])
}
